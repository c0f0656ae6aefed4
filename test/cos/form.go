package cos

import (
	"encoding/base64"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
)

// form is a POST Object as it came in. https://cloud.tencent.com/document/product/436/14690
type form struct {
	fields map[string]string // by name in lower case, without the file
	file   []byte
}

const mostField = 64 << 10 // bytes of a field

func malformed(why string) *failure {
	return fail("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data. (%s)", why)
}

// readForm reads the form; its field key is the request's key then.
func (x *call) readForm() *failure {
	reader, err := x.r.MultipartReader()
	if err != nil {
		return malformed("it is no form")
	}
	x.form = &form{fields: map[string]string{}}
	for {
		part, err := reader.NextRawPart()
		if err != nil {
			return malformed("it has no file")
		}
		name := strings.ToLower(part.FormName())
		if name == "file" {
			return x.readFile(reader, part)
		}
		value, err := io.ReadAll(io.LimitReader(part, mostField+1))
		switch _, twice := x.form.fields[name]; {
		case err != nil || len(value) > mostField:
			return malformed("a field is too long")
		case twice || name == "":
			return malformed("a field has no name, or is there twice")
		}
		x.form.fields[name] = string(value)
	}
}

// readFile reads the file, which must be the last field.
func (x *call) readFile(reader *multipart.Reader, part *multipart.Part) (bad *failure) {
	x.key = strings.ReplaceAll(x.form.fields["key"], "${filename}", part.FileName())
	if x.form.file, bad = x.readAll(part, x.largest); bad != nil {
		return bad
	}
	if _, err := reader.NextRawPart(); err != io.EOF {
		return malformed("file must be its last field")
	}
	return nil
}

// authenticateForm takes the signature of the SDKs, which says nothing about the key and leaves that to the policy of
// the temporary key; or a form policy, which is what is signed then.
func (x *call) authenticateForm() *failure {
	fields := x.form.fields
	policy, byPolicy := fields["policy"]
	authorization, bySignature := fields["signature"]
	switch {
	case byPolicy && bySignature:
		return fail("InvalidArgument", "There is more than one signature.")
	case bySignature:
		return x.authenticateBy(authorization, fields[tokenName])
	case !byPolicy:
		return denied
	}
	var s signature
	if bad := s.take(fields); bad != nil {
		return bad
	}
	document, err := base64.StdEncoding.DecodeString(policy)
	if err != nil {
		return malformed("policy is not base64")
	}
	bad := x.open(s, fields[tokenName], func() *failure {
		if !s.signs(sha1Hex(string(document)), x.grant.TmpSecretKey) {
			return mismatch("it is not the one that the policy and the key give")
		}
		return nil
	})
	if bad != nil {
		return bad
	}
	return x.obey(document)
}

func (x *call) postObject() *failure {
	said, bad := x.described()
	if bad != nil {
		return bad
	}
	status, known := map[string]int{"": http.StatusNoContent, "200": http.StatusOK}[x.form.fields["success_action_status"]]
	if !known || x.form.fields["success_action_redirect"] != "" {
		return notBuilt("another answer than 204 and 200")
	}
	return x.keep(x.written(x.form.file, said), func(*blob) {
		x.w.Header().Set("Location", x.location())
		x.w.WriteHeader(status)
	})
}
