package smoke

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"cos-credentials/policy"
)

// may reports whether the access file lets the first user do something with a key, or list what begins like a text.
func (r *run) may(action, on string) bool {
	own := r.own[0]
	_, err := own.Narrow([]policy.Item{{
		Action: "name/cos:" + action, Bucket: own.Bucket, Region: own.Region, Prefix: on,
	}})
	return err == nil
}

// uploads are what the access file says of those of a login, read from the document that it becomes.
type uploads struct {
	kind    string // a content type that may be uploaded
	private bool   // no upload can make its object public
}

func uploadsOf(e *policy.Entitlement) (u uploads, err error) {
	document, err := e.Document()
	if err != nil {
		return u, err
	}
	var read struct {
		Statement []struct {
			Effect    string
			Condition map[string]map[string]any
		}
	}
	if err := json.Unmarshal(document.JSON, &read); err != nil {
		return u, err
	}
	u.kind = "text/plain"
	for _, s := range read.Statement {
		for _, keys := range s.Condition {
			if types, ok := keys["cos:content-type"]; ok {
				first := strings.Trim(fmt.Sprint(types), "[]")
				first, _, _ = strings.Cut(first, " ")
				u.kind = strings.Replace(first, "*", "png", 1)
			}
			_, bound := keys["cos:x-cos-acl"]
			u.private = u.private || bound && s.Effect == "deny"
		}
	}
	return u, nil
}

// placeOf is where to try things in a user's folder; the name can't be one that somebody uses.
func placeOf(prefix, kind string) place {
	p := place{folder: folder(prefix), key: prefix, kind: kind, uploadID: "none"}
	if strings.HasSuffix(prefix, "*") {
		p.key = p.folder + "smoke-" + strings.ToLower(rand.Text()) + ".txt"
	}
	return p
}

// ownFolder does with the first user's key in the first user's folder what the access file allows, and what it doesn't.
func (r *run) ownFolder(ctx context.Context) error {
	own, err := uploadsOf(r.own[0])
	if err != nil {
		return err
	}
	at, b := placeOf(r.own[0].Prefixes[0], own.kind), r.opened[0].bucket
	at.headers = r.opened[0].Headers
	written := false
	for _, v := range verbs {
		op := v.op(at)
		got, err := b.do(ctx, op)
		if err != nil {
			return err
		}
		switch {
		case v.action == "GetBucket":
			r.listing = got.String()
		case v.writes():
			written = written || got.done()
		case v.action == "InitiateMultipartUpload" && got.done():
			at.uploadID = uploadID(got.body)
		}
		if !r.may(v.action, op.on()) {
			r.holds(got.denied(), "The key can't "+v.to("the own file")+", as access.yaml doesn't say so.", "%s", got)
			continue
		}
		ok := got.done() || got.status == 404 && !r.may("PutObject", at.key) // nothing is there to be read
		if v.action == "AppendObject" {
			ok = ok || got.status == http.StatusConflict // it may, but not to what was written in another way
		}
		if v.action == "GetObject" && written {
			ok = ok && string(got.body) == content
		}
		r.holds(ok, "The key can "+v.to("the own file")+".", "%s", got)
		if v.action == "GetObject" && written {
			if err := r.strangers(ctx, at); err != nil {
				return err
			}
			if err := r.links(ctx, at, written); err != nil {
				return err
			}
		}
	}
	if err := r.openUploads(ctx, b, at, own); err != nil {
		return err
	}
	if written {
		r.stays(at.key)
	}
	return nil
}

// stays names a file of smoke's that is there for good, where no key of the grant deletes.
func (r *run) stays(key string) {
	if r.own[0].KeysStay || !r.may("DeleteObject", r.own[0].Prefixes[0]) {
		r.tell(Finding{Left, "No key here can delete, so smoke's own file stays: take it out in the console.", key})
	}
}

// strangers come without any key.
func (r *run) strangers(ctx context.Context, at place) error {
	got, err := r.newBucket().do(ctx, operation{method: "GET", key: at.key})
	if err == nil {
		r.holds(got.denied(), "Nobody reads the file without a key.", "%s: is the bucket private?", got)
	}
	return err
}

const notPromised = " This access file doesn't promise it."

// openUploads tries to upload what everybody could read.
func (r *run) openUploads(ctx context.Context, b *bucket, at place, own uploads) error {
	if !r.may("PutObject", at.key) {
		return nil
	}
	for _, header := range []struct {
		name, value, called string
		unknown             bool // to the policy's condition; COS may answer that it is to it, too
	}{
		{"x-cos-acl", "public-read", "x-cos-acl", false},
		{"x-cos-acl", "PUBLIC-READ", "x-cos-acl, in capitals", true},
		{"x-cos-grant-read", `id="100000000002"`, "x-cos-grant-read", false},
	} {
		op := verbs[0].op(at)
		op.header[header.name] = header.value
		got, err := b.do(ctx, op)
		if err != nil {
			return err
		}
		if header.value == "public-read" {
			r.denial = got.String()
		}
		if _, err := b.do(ctx, operation{method: "DELETE", key: at.key}); err != nil { // at once, if it was possible
			return err
		}
		what := "No upload makes its file public or gives it away (" + header.called + ")."
		if !own.private {
			r.saw(what+notPromised, "%s", got)
			continue
		}
		r.holds(got.denied() || header.unknown && got.status == http.StatusBadRequest, what, "%s", got)
	}
	return nil
}

// nextDoor tries everything with the first user's key in the second user's folder, where the second has left a file and
// begun an upload, and in the bucket as a whole.
func (r *run) nextDoor(ctx context.Context) error {
	own, err := uploadsOf(r.own[0])
	if err != nil {
		return err
	}
	at, b := placeOf(r.neighbour(), own.kind), r.opened[0].bucket
	at.headers = r.opened[0].Headers
	written := false
	if r.opened[1] != nil {
		theirs := r.opened[1].bucket
		for _, v := range verbs {
			if v.action != "PutObject" && v.action != "InitiateMultipartUpload" ||
				!r.may(v.action, r.own[0].Prefixes[0]) {
				continue
			}
			got, err := theirs.do(ctx, v.op(at))
			if err != nil {
				return err
			}
			written = written || v.writes() && got.done()
			r.holds(got.done(), "User 2 can "+v.to("a file next door")+".", "%s", got)
			if id := uploadID(got.body); id != "" {
				at.uploadID = id
			}
		}
		defer func() {
			theirs.do(ctx, operation{method: "DELETE", key: at.key, query: map[string]string{"uploadId": at.uploadID}})
			theirs.do(ctx, operation{method: "DELETE", key: at.key})
		}()
	}
	for _, v := range verbs {
		op := v.op(at)
		got, err := b.do(ctx, op)
		if err != nil {
			return err
		}
		written = written || v.writes() && got.done()
		r.outside(v.to("a file next door"), r.may(v.action, op.on()), got)
	}
	if written {
		r.stays(at.key)
	}
	return r.around(ctx, b, at)
}

// outside tells what came of what the key should not do, unless the access file says that it may.
func (r *run) outside(what string, granted bool, got *outcome) {
	if granted {
		r.saw("The key may "+what+", as access.yaml says", "%s", got)
		return
	}
	r.holds(got.denied(), "The key can't "+what+".", "%s", got)
}

// deletion names a key where several may be named.
func deletion(key string) operation {
	var body strings.Builder
	body.WriteString("<Delete><Object><Key>")
	xml.EscapeText(&body, []byte(key)) // into memory: it can't fail
	body.WriteString("</Key></Object></Delete>")
	sum := md5.Sum([]byte(body.String()))
	return operation{
		method: "POST", query: map[string]string{"delete": ""}, body: body.String(),
		header: map[string]string{"Content-MD5": base64.StdEncoding.EncodeToString(sum[:])},
	}
}

// around tries the ways that lead past a folder's name.
func (r *run) around(ctx context.Context, b *bucket, at place) error {
	own := placeOf(r.own[0].Prefixes[0], at.kind)
	own.headers = at.headers
	there, err := b.do(ctx, verbs[0].op(own)) // so that there is something to copy, if the key may write
	if err != nil {
		return err
	}
	if there.done() {
		defer b.do(ctx, operation{method: "DELETE", key: own.key})
		r.stays(own.key)
	}
	source := func(key string) map[string]string { return map[string]string{"x-cos-copy-source": b.host + "/" + key} }
	beginning := strings.TrimSuffix(own.folder, "/")
	copies := func(from, to string) bool { return r.may("GetObject", from) && r.may("PutObject", to) }
	for _, try := range []struct {
		what    string
		granted bool
		op      operation
	}{
		{"copy a file from next door", copies(at.key, own.key), operation{
			method: "PUT", key: own.key, header: source(at.key),
		}},
		{"copy a file to next door", copies(own.key, at.key), operation{
			method: "PUT", key: at.key, header: source(own.key),
		}},
		{"finish an upload in parts next door", r.may("CompleteMultipartUpload", at.key), operation{
			method: "POST", key: at.key, query: map[string]string{"uploadId": at.uploadID},
			body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
		}},
		{"delete a file next door among others", r.may("DeleteObject", at.key), deletion(at.key)},
		{"list the whole bucket", r.may("GetBucket", "*"), operation{method: "GET"}},
		{"list the bucket's folders", r.may("GetBucket", "*"), operation{
			method: "GET", query: map[string]string{"delimiter": "/"},
		}},
		{"list what begins like the own folder", r.may("GetBucket", beginning+"*"), operation{
			method: "GET", query: map[string]string{"prefix": beginning},
		}},
		{"list everybody's uploads in parts", r.may("ListMultipartUploads", "*"), operation{
			method: "GET", query: map[string]string{"uploads": ""},
		}},
		{"read who may use the bucket", false, operation{method: "GET", query: map[string]string{"acl": ""}}},
		{"read the bucket's policy", false, operation{method: "GET", query: map[string]string{"policy": ""}}},
	} {
		got, err := b.do(ctx, try.op)
		if err != nil {
			return err
		}
		r.outside(try.what, try.granted, got)
	}
	return nil
}
