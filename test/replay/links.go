package replay

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"cos-credentials/test/sts"
)

// links is the answer of /links.
type links struct {
	Links                  []struct{ Key, URL string }
	StartTime, ExpiredTime int64
	RequestID              string
}

// links reads the answer as links; it is some if there is one.
func (r response) links() (l links, ok bool) {
	json.Unmarshal([]byte(r.Body), &l)
	return l, r.StatusCode == 200 && len(l.Links) > 0
}

// token is the session token that signed them.
func (l links) token() string {
	u, err := url.Parse(l.Links[0].URL)
	if err != nil {
		return ""
	}
	return u.Query().Get("x-cos-security-token")
}

// addresses are the links without their queries.
func (l links) addresses() (all []string) {
	for _, link := range l.Links {
		address, _, _ := strings.Cut(link.URL, "?")
		all = append(all, address)
	}
	return all
}

func (o *Outcome) conformLinks(r response, id string) {
	var l links
	if !o.reads(r.Body, &l, "body", "the contract's links") {
		return
	}
	o.backdated(l.StartTime)
	o.equal("requestId", id, l.RequestID)
	for _, link := range l.Links {
		u, err := url.Parse(link.URL)
		ok := err == nil && u.Scheme == "https" && u.Path == "/"+link.Key
		o.expect(ok, "link", "https, and the path of its key "+link.Key, link.URL)
		if ok {
			o.equal("q-key-time", fmt.Sprintf("%d;%d", l.StartTime, l.ExpiredTime), u.Query().Get("q-key-time"))
		}
	}
}

// openLinks holds them to the key that signed them, whose secret stays where it was.
func (o *Outcome) openLinks(l links, grant sts.Grant, body string) {
	o.expect(!strings.Contains(body, grant.TmpSecretKey), "body", "no secret key in it", body)
	o.expect(l.ExpiredTime <= grant.Expires,
		"expiredTime", fmt.Sprint("at most ", grant.Expires), fmt.Sprint(l.ExpiredTime))
	for _, link := range l.Links {
		o.expect(strings.Contains(link.URL, "q-ak="+grant.TmpSecretID), "link", "the key's id", link.URL)
	}
	o.Opens = fmt.Sprintf("%d links, by a key that opens %s", len(l.Links), o.Opens)
}

// compareLinks compares where they lead, in their order.
func (o *Outcome) compareLinks(r response) {
	l, _ := r.links()
	want := o.Case.Answer.Links
	o.expect(slices.Equal(want, l.addresses()), "links", strings.Join(want, " "), strings.Join(l.addresses(), " "))
}
