package cos

import (
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
)

// form is a POST Object on its way: the fields before the file, and the file as it comes in.
// https://cloud.tencent.com/document/product/436/14690
type form struct {
	fields map[string]string // by name in lower case
	key    string
	file   *multipart.Part
	rest   *multipart.Reader
	ranges []condition // of the file's size
}

const (
	mostFields = 100
	mostField  = 64 << 10
)

// header is the field that stands for a header.
func (f *form) header(name string) string {
	name = strings.ToLower(name)
	if acl := f.fields["acl"]; acl != "" && name == "x-cos-acl" {
		return acl
	}
	return f.fields[name]
}

func malformed(why string) *failure {
	return fail("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data. (%s)", why)
}

func (x *call) readForm() (*form, *failure) {
	if x.r.ContentLength < 0 {
		return nil, fail("MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	reader, err := x.r.MultipartReader()
	if err != nil {
		return nil, malformed("it is no form")
	}
	f := &form{fields: map[string]string{}, rest: reader}
	for {
		part, err := reader.NextRawPart()
		if err != nil {
			return nil, malformed("it has no file")
		}
		name := strings.ToLower(part.FormName())
		if name == "file" {
			f.file = part
			break
		}
		value, err := io.ReadAll(io.LimitReader(part, mostField+1))
		switch _, twice := f.fields[name]; {
		case err != nil || len(value) > mostField || len(f.fields) == mostFields:
			return nil, malformed("a field is too long, or there are too many")
		case twice || name == "":
			return nil, malformed("a field has no name, or is there twice")
		}
		f.fields[name] = string(value)
	}
	f.key = strings.ReplaceAll(f.fields["key"], "${filename}", f.file.FileName())
	x.record.Key = f.key
	return f, checkKey(f.key)
}

// authenticate takes the signature of the SDKs, which says nothing about the key and leaves that to the policy of the
// temporary key; or a form policy, which is what is signed then.
func (f *form) authenticate(x *call) *failure {
	policy, byPolicy := f.fields["policy"]
	text, bySignature := f.fields["signature"]
	token := f.fields[tokenName]
	switch {
	case byPolicy && bySignature:
		return fail("InvalidArgument", "There is more than one signature.")
	case bySignature:
		s, bad := readSignature(text)
		if bad != nil {
			return bad
		}
		return x.open(s, token, func() *failure { return s.matches(x.r, x.query, x.grant.TmpSecretKey) })
	case !byPolicy:
		return denied()
	}
	var s signature
	if bad := s.take(f.fields); bad != nil {
		return bad
	}
	document, err := base64.StdEncoding.DecodeString(policy)
	if err != nil {
		return malformed("policy is not base64")
	}
	bad := x.open(s, token, func() *failure {
		if !s.signs(sha1Hex(string(document)), x.grant.TmpSecretKey) {
			return mismatch("it is not the one that the policy and the key give")
		}
		return nil
	})
	if bad != nil {
		return bad
	}
	return f.obey(document, x.Bucket, x.now())
}

func (x *call) postObject() *failure {
	f := x.form
	said, bad := describe(f.header, maps.Keys(f.fields))
	if bad != nil {
		return bad
	}
	// Whether COS takes the second from a form isn't known.
	for _, name := range []string{"success_action_redirect", "x-cos-forbid-overwrite"} {
		if f.fields[name] != "" {
			return notBuilt(name)
		}
	}
	sum, bad := contentMD5(f.header("Content-MD5"))
	if bad != nil {
		return bad
	}
	b, bad := x.store.write(blob{Key: f.key, described: said, Stored: x.now()}, f.file, -1, sum)
	if bad != nil {
		return bad
	}
	bad = f.size(b.Size)
	if _, err := f.rest.NextRawPart(); bad == nil && !errors.Is(err, io.EOF) {
		bad = malformed("file must be its last field")
	}
	if bad != nil {
		x.store.remove(b)
		return bad
	}
	return x.keep(b, nil, func() {
		out := x.stored(b)
		x.w.Header().Set("Location", out.Location)
		switch f.fields["success_action_status"] {
		case "200":
			x.w.WriteHeader(http.StatusOK)
		case "201":
			x.xml(http.StatusCreated, "PostResponse", out)
		default:
			x.w.WriteHeader(http.StatusNoContent)
		}
	})
}
