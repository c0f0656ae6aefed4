package smoke

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
)

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
