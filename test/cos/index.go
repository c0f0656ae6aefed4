package cos

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// index is what the writes are. In a folder it is a file, written anew at each change.
type index struct {
	Last    uint64           // number of the latest write
	Objects map[string]*blob // by key
	Uploads map[string]*blob // by upload id
}

const indexFile = "index.json"

// writeName is a write's. What else may lie in the folder isn't touched.
var writeName = regexp.MustCompile(`^[0-9a-f]{16}$`)

// load reads a folder's index, and removes the writes that it doesn't know: a crash left them behind.
func (s *store) load() error {
	text, err := os.ReadFile(s.path(indexFile))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = []byte("{}"), nil
	}
	known := map[string]bool{}
	files, listErr := os.ReadDir(s.folder)
	if err := errors.Join(err, listErr, json.Unmarshal(text, &s.index)); err != nil {
		return err
	}
	for b := range s.every() {
		known[b.Name] = true
	}
	for _, entry := range files {
		if !known[entry.Name()] && writeName.MatchString(entry.Name()) {
			os.Remove(s.path(entry.Name()))
		}
	}
	return nil
}

// every is every write that the index knows.
func (i *index) every() iter.Seq[*blob] {
	all := slices.Concat(slices.Collect(maps.Values(i.Objects)), slices.Collect(maps.Values(i.Uploads)))
	for _, u := range i.Uploads {
		all = slices.AppendSeq(all, maps.Values(u.Parts))
	}
	return slices.Values(all)
}

// change lets do change the index, and removes what it says is gone.
func (s *store) change(do func() (gone []*blob, bad *failure)) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone, bad := do()
	if bad == nil && s.folder != "" {
		if err := s.saveIndex(); err != nil {
			return folderFails(err)
		}
	}
	for _, b := range gone {
		s.remove(b)
	}
	return bad
}

// saveIndex leaves the old one as it is when it fails.
func (s *store) saveIndex() error {
	text, err := json.Marshal(s.index)
	if err == nil {
		err = os.WriteFile(s.path("new"), text, 0o600)
	}
	if err == nil {
		err = os.Rename(s.path("new"), s.path(indexFile))
	}
	return err
}

// next is the name of a write.
func (s *store) next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Last++
	return fmt.Sprintf("%016x", s.Last)
}

// put makes a write the object of a key, or leaves none there if b is nil. With forbid it replaces no other.
func (s *store) put(key string, b *blob, forbid bool) *failure {
	return s.change(func() ([]*blob, *failure) {
		old := s.Objects[key]
		if forbid && old != nil {
			return []*blob{b}, exists()
		}
		if s.Objects[key] = b; b == nil {
			delete(s.Objects, key)
		}
		return []*blob{old}, nil
	})
}

// begin makes a write the beginning of an upload in parts.
func (s *store) begin(b *blob) *failure {
	return s.change(func() ([]*blob, *failure) {
		b.Parts, s.Uploads[b.Upload] = map[int]*blob{}, b
		return nil, nil
	})
}

// addPart gives a part to an upload, in place of an older one of that number.
func (s *store) addPart(id string, number int, b *blob) *failure {
	return s.change(func() ([]*blob, *failure) {
		u := s.Uploads[id]
		if u == nil {
			return []*blob{b}, noSuchUpload()
		}
		old := u.Parts[number]
		u.Parts[number] = b
		return []*blob{old}, nil
	})
}

// end removes an upload of a key, for whoever comes first, and makes whole, if there is one, the object of its key.
// With forbid it replaces no other, and the upload stays.
func (s *store) end(key, id string, whole *blob, forbid bool) *failure {
	return s.change(func() ([]*blob, *failure) {
		u := s.Uploads[id]
		if u == nil || u.Key != key {
			return []*blob{whole}, noSuchUpload()
		}
		if forbid && s.Objects[key] != nil {
			return []*blob{whole}, exists()
		}
		delete(s.Uploads, id)
		gone := append(slices.Collect(maps.Values(u.Parts)), u)
		if whole != nil {
			gone = append(gone, s.Objects[key])
			s.Objects[key] = whole
		}
		return gone, nil
	})
}

// begun is an upload of a key as it is now; nil if there is none.
func (s *store) begun(key, id string) *blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.Uploads[id]
	if u == nil || u.Key != key {
		return nil
	}
	now := *u
	now.Parts = maps.Clone(u.Parts)
	return &now
}

// open is the object of a key with its bytes. Both at once, so that no later write can take the bytes away between.
func (s *store) open(key string) (*blob, io.ReadSeekCloser, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.Objects[key]
	if b == nil {
		return nil, nil, noSuchKey()
	}
	body, err := s.read(b)
	if err != nil {
		return nil, nil, folderFails(err)
	}
	return b, body, nil
}

// isPublic reports whether everybody may read the object of a key.
func (s *store) isPublic(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.Objects[key]
	return b != nil && b.public()
}

// under is every object, or every upload, whose key begins with prefix, in order.
func (s *store) under(prefix string, all map[string]*blob) []*blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Collect(maps.Values(all))
	out = slices.DeleteFunc(out, func(b *blob) bool { return !strings.HasPrefix(b.Key, prefix) })
	slices.SortFunc(out, func(a, b *blob) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Upload, b.Upload))
	})
	return out
}

// used is the bytes of all objects and parts.
func (s *store) used() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b := range s.every() {
		n += b.Size
	}
	return n
}
