package smoke

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"strings"
)

// links reads the own file by a link that holds no key, if it was written.
func (r *run) links(ctx context.Context, at place, written bool) error {
	wish, _ := json.Marshal(map[string]any{"keys": []string{at.key}}) // strings: it can't fail
	got, err := r.post(ctx, "/links"+r.query(r.own[0].Pick), string(wish))
	if err != nil {
		return err
	}
	var signed struct{ Links []struct{ Key, URL string } }
	json.Unmarshal(got.body, &signed)
	r.holds(got.status == 200 && len(signed.Links) == 1, "A link to the own file is signed.", "%s", got.said())
	if len(signed.Links) != 1 {
		return nil
	}
	link := signed.Links[0].URL
	leaks := strings.Contains(string(got.body), "tmpSecretKey") ||
		r.opened[0] != nil && strings.Contains(link, url.QueryEscape(r.opened[0].Credentials.TmpSecretKey))
	r.holds(!leaks, "The link holds no secret key.", "it does")
	read, err := r.follow(ctx, link)
	if err != nil {
		return err
	}
	reads := read.done() && string(read.body) == content || !written && read.status == 404
	r.holds(reads, "Whoever has the link reads the file.", "%s", read)
	elsewhere, err := r.follow(ctx, strings.Replace(link, "?", "x?", 1))
	if err != nil {
		return err
	}
	r.holds(elsewhere.denied(), "The link opens no other file.", "%s", elsewhere)
	return nil
}

// follow opens a link as a browser would.
func (r *run) follow(ctx context.Context, link string) (*outcome, error) {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" {
		return &outcome{code: "(the link is no https URL)"}, nil
	}
	nobody := &bucket{http: r.http, base: cmp.Or(r.COSEndpoint, "https://"+u.Host), host: u.Host}
	return nobody.send(ctx, "GET", u.EscapedPath()+"?"+u.RawQuery, nil, "")
}
