package test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// linkReader reads the local COS by links, which name the bucket's real host: that goes into the Host header, and the
// connection to this machine.
func linkReader(t *testing.T, c *localCloud) func(link string) (status int, body string) {
	return func(link string) (int, string) {
		t.Helper()
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), "GET", link, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host, r.URL.Scheme, r.URL.Host = u.Host, "http", c.COSHost
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
}

// linksOf asks the function for links.
func linksOf(t *testing.T, u *goUser, more string, keys ...string) []string {
	t.Helper()
	named, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	var found struct{ Links []struct{ Key, URL string } }
	status := u.asks(t, "links", `{"keys":`+string(named)+more+`}`, &found)
	if status != 200 || len(found.Links) != len(keys) {
		t.Fatalf("%d: %+v", status, found)
	}
	urls := make([]string, len(keys))
	for i, link := range found.Links {
		if urls[i] = link.URL; link.Key != keys[i] {
			t.Errorf("link %d is for %s, not for %s", i, link.Key, keys[i])
		}
	}
	return urls
}

func TestLinksReadObjects(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	read := linkReader(t, c)
	alice := newGoUser(t, c, "alice")
	names := []string{"a.jpg", "a b+c&d=e;f.jpg", "小明/照片 1.jpg", "'()!~.txt", "deep/er/x"}
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = alice.folder + name
		if _, err := alice.Object.Put(t.Context(), keys[i], strings.NewReader("content of "+name), nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, more := range []string{``, `,"process":"imageMogr2/thumbnail/!50p|imageMogr2/quality/85"`, `,"process":"imageView2/1/w/20%30"`} {
		for i, link := range linksOf(t, alice, more, keys...) {
			if status, body := read(link); status != 200 || body != "content of "+names[i] {
				t.Errorf("%s%s: %d %s", names[i], more, status, body)
			}
		}
	}

	// Changed by one character anywhere behind the host, a link reads nothing; nor does it at another host.
	link := linksOf(t, alice, `,"process":"imageView2/1"`, keys[0])[0]
	begin := strings.Index(link, ".com/") + len(".com/")
	for at := begin; at < len(link); at += 7 {
		changed := link[:at] + otherLinkByte(link[at]) + link[at+1:]
		if strings.EqualFold(changed, link) {
			continue
		}
		if status, body := read(changed); status == 200 {
			t.Errorf("changed at %d (%s): %s", at, link[max(0, at-20):at+1], body)
		}
	}
	for what, changed := range map[string]string{
		"another host":      strings.Replace(link, "examplebucket", "anotherbucket", 1),
		"another operation": strings.Replace(link, "imageView2/1", "imageView2/2", 1),
		"without operation": strings.Replace(link, "imageView2/1&", "", 1),
		"one more":          link + "&acl",
	} {
		if status, _ := read(changed); status == 200 {
			t.Errorf("%s: the link still reads", what)
		}
	}

	// A link reads its object only: the session token in it is worth nothing without the secret key.
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := read(strings.Replace(link, u.EscapedPath(), "/users/alice2/a.jpg", 1)); status == 200 {
		t.Error("the link reads the neighbour's object")
	}

	// A hundred at once.
	many := make([]string, 100)
	for i := range many {
		many[i] = keys[i%len(keys)]
	}
	var all sync.WaitGroup
	for i, link := range linksOf(t, alice, ``, many...) {
		all.Go(func() {
			if status, body := read(link); status != 200 || body != "content of "+names[i%len(names)] {
				t.Error(fmt.Sprint(i, status, body))
			}
		})
	}
	all.Wait()
}

func otherLinkByte(b byte) string {
	if b == 'a' {
		return "b"
	}
	return "a"
}
