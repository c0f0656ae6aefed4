package smoke

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"strings"
)

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
