package test

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"cos-credentials/test/cos"
	"cos-credentials/test/sts"
)

// Eight users upload 50 files each, all at once; then again with a COS that is unavailable for one request in ten.
func TestEightUsersAtOnce(t *testing.T) {
	t.Parallel()
	const users, files, size = 8, 50, 100_000
	c := newCloud(t)
	for _, day := range []string{"good", "bad"} {
		requests, faults := c.count(day == "bad")
		var uploads sync.WaitGroup
		var all []*goUser
		for i := range users {
			u := newGoUser(t, c, fmt.Sprintf("%s-day-%d", day, i))
			all = append(all, u)
			for f := range files {
				uploads.Go(func() {
					body := bytes.NewReader(content(size, uint64(f)))
					if _, err := u.Object.Put(t.Context(), fmt.Sprintf("%s%02d.bin", u.folder, f), body, nil); err != nil {
						t.Errorf("%s, file %d: %v", u.name, f, err)
					}
				})
			}
		}
		uploads.Wait()
		calls := 0
		for _, u := range all {
			calls += u.calls
			if got := u.list(t); len(got) != files {
				t.Errorf("%s: %d files arrived", u.name, len(got))
			}
			for f := range files {
				if !bytes.Equal(u.read(t, fmt.Sprintf("%02d.bin", f)), content(size, uint64(f))) {
					t.Errorf("%s, file %d: other bytes came back", u.name, f)
				}
			}
		}
		if day == "bad" && faults.Load() < users*files/20 {
			t.Errorf("the bad day had only %d faults", faults.Load())
		}
		t.Logf("a %s day: %d uploads in %d requests, %d answered 503 and sent again; %d calls for credentials", day, users*files, requests.Load(), faults.Load(), calls)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("memory of the local cloud afterwards: %d MB in use, %d MB from the system, for %d MB of objects", m.HeapAlloc>>20, m.Sys>>20, 2*users*files*size>>20)
}

// count counts uploads from now on, and answers one in ten 503 if bad: no object twice, for clients rightly give up in the end.
func (c *localCloud) count(bad bool) (requests, faults *atomic.Int64) {
	requests, faults = new(atomic.Int64), new(atomic.Int64)
	var failed sync.Map
	c.COS.Play(func(r cos.Record) *sts.Fault {
		if r.Action != "name/cos:PutObject" || requests.Add(1)%10 != 0 || !bad {
			return nil
		}
		if _, twice := failed.LoadOrStore(r.Key, true); twice {
			return nil
		}
		faults.Add(1)
		return &sts.Fault{Status: 503, Code: "ServiceUnavailable"}
	})
	return requests, faults
}
