package cos

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
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

func (f *form) header(name string) string {
	if strings.EqualFold(name, "x-cos-acl") && f.fields["acl"] != "" {
		return f.fields["acl"]
	}
	return f.fields[strings.ToLower(name)]
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
	_, policy := f.fields["policy"]
	text, header := f.fields["signature"]
	token := f.fields[tokenName]
	switch {
	case policy && header:
		return fail("InvalidArgument", "There is more than one signature.")
	case header:
		s, bad := readSignature(text)
		if bad != nil {
			return bad
		}
		return x.open(s, token, func() *failure { return s.matches(x.r, x.query, x.grant.TmpSecretKey) })
	case !policy:
		return denied()
	}
	s := signature{secretID: f.fields["q-ak"], keyTime: f.fields["q-key-time"], value: f.fields["q-signature"]}
	if f.fields["q-sign-algorithm"] != "sha1" {
		return fail("InvalidArgument", "q-sign-algorithm must be sha1.")
	}
	if bad := s.readTimes(); bad != nil {
		return bad
	}
	document, err := base64.StdEncoding.DecodeString(f.fields["policy"])
	if err != nil {
		return malformed("policy is not base64")
	}
	bad := x.open(s, token, func() *failure {
		want := hmacSHA1(s.key(x.grant.TmpSecretKey), sha1Hex(string(document)))
		if !hmac.Equal([]byte(want), []byte(s.value)) {
			return fail("SignatureDoesNotMatch", "The Signature you specified is invalid. (it is not the one that the policy and the key give)")
		}
		return nil
	})
	if bad != nil {
		return bad
	}
	return f.obey(document, x.Bucket, x.Now())
}

type postResult struct {
	XMLName  xml.Name `xml:"PostResponse"`
	Location string
	Bucket   string
	Key      string
	ETag     string
}

func (x *call) postObject() *failure {
	f := x.form
	names := make([]string, 0, len(f.fields))
	for name := range f.fields {
		names = append(names, name)
	}
	header, bad := described(f.header, names)
	if bad != nil {
		return bad
	}
	redirect, bad := f.redirect()
	if bad != nil {
		return bad
	}
	sum, bad := contentMD5(f.header("Content-MD5"))
	if bad != nil {
		return bad
	}
	b, bad := x.store.write(blob{Key: f.key, Header: header, Stored: x.Now()}, f.file, -1, sum)
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
	x.store.put(b)
	x.sums(b)
	location := x.location(f.key)
	if redirect != nil {
		query := redirect.Query()
		query.Set("bucket", x.Bucket)
		query.Set("key", f.key)
		query.Set("etag", quoted(b.ETag))
		redirect.RawQuery = query.Encode()
		x.w.Header().Set("Location", redirect.String())
		x.w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	x.w.Header().Set("Location", location)
	switch f.fields["success_action_status"] {
	case "200":
		x.w.WriteHeader(http.StatusOK)
	case "201":
		x.xml(http.StatusCreated, postResult{Location: location, Bucket: x.Bucket, Key: f.key, ETag: quoted(b.ETag)})
	default:
		x.w.WriteHeader(http.StatusNoContent)
	}
	return nil
}

func (f *form) redirect() (*url.URL, *failure) {
	text := f.fields["success_action_redirect"]
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fail("InvalidArgument", "success_action_redirect must be a URL.")
	}
	return u, nil
}
