package policy

import (
	"slices"
	"strings"
)

// UploadFolder is the folder in which the function may choose keys: the first prefix of a whole folder, without its *. It
// must leave room for that many bytes. The error is a [*Refusal].
func (e *Entitlement) UploadFolder(room int) (string, error) {
	for _, p := range e.Prefixes {
		if !strings.HasSuffix(p, "/*") {
			continue
		}
		folder := strings.TrimSuffix(p, "*")
		if len(folder)+room > maxKey {
			return "", refuse(IdentityNotUsable, "the first folder of grant %s leaves no room for a key of %d bytes", e.Grant, room)
		}
		return folder, nil
	}
	return "", refuse(ScopeNotAllowed, "a key was to be chosen, and grant %s opens no folder: no prefix of it ends in /*", e.Grant)
}

// ForUpload narrows the entitlement to the upload of one object, in whichever ways the grant allows.
func (e *Entitlement) ForUpload(key string) (*Entitlement, error) {
	var scope []Item
	for _, o := range e.opens {
		if p := purposeOf(o.action); p == single || p == multipart {
			scope = append(scope, Item{o.action, e.Bucket, e.Region, key})
		}
	}
	if scope == nil {
		return nil, refuse(ScopeNotAllowed, "an upload was asked for, and grant %s has no action for it", e.Grant)
	}
	return e.Narrow(scope)
}

const postObject = cam + "PostObject"

// Forms says why the grant allows no upload forms, or nothing. The error is a [*Refusal].
func (e *Entitlement) Forms() error {
	if slices.ContainsFunc(e.opens, func(o opening) bool { return o.action == postObject }) {
		return nil
	}
	return refuse(NotEntitled, "a form was asked for, and grant %s has no formUpload", e.Grant)
}

// ForForm narrows the entitlement to one form that uploads one object. The limits on size and type are the form's own to
// keep, whose policy is signed: COS would hold the key's conditions to the whole request, in which the file is one part.
func (e *Entitlement) ForForm(key string) (*Entitlement, error) {
	if err := e.Forms(); err != nil {
		return nil, err
	}
	if strings.HasSuffix(key, "*") {
		return nil, refuse(ScopeNotAllowed, "a form was asked for that is for more than one key")
	}
	out, err := e.Narrow([]Item{{postObject, e.Bucket, e.Region, key}})
	if err != nil {
		return nil, err
	}
	out.limits = limits{every: e.limits.every}
	return out, nil
}

// MaxBytes is how large an uploaded file may be; 0 is no limit.
func (e *Entitlement) MaxBytes() int64 { return e.limits.maxBytes }

// FormType is the content type that a form must send: the one asked for, if the grant takes it, or the grant's only
// pattern. "" is any type, and a final * any that begins so. The error is a [*Refusal].
func (e *Entitlement) FormType(asked string) (string, error) {
	allowed := e.limits.contentTypes
	switch {
	case asked == "" && len(allowed) == 0:
		return "", nil
	case asked == "" && len(allowed) == 1:
		return allowed[0], nil
	case asked != "" && !isMediaType(asked):
		return "", refuse(InvalidRequest, "a content type was asked for that is none")
	case asked == "":
		return "", refuse(InvalidRequest, "grant %s takes several content types, and the request names none", e.Grant)
	case len(allowed) > 0 && cover(allowed, asked) == "":
		return "", refuse(ScopeNotAllowed, "a content type was asked for that grant %s does not take", e.Grant)
	}
	return asked, nil
}

// isMediaType: type/subtype, and a charset at most. Whatever else a header can hold, a comma above all, browsers may read
// as another type than COS compares.
func isMediaType(s string) bool {
	s, charset, parameter := strings.Cut(s, ";")
	if parameter {
		value, ok := strings.CutPrefix(strings.TrimLeft(charset, " "), "charset=")
		if !ok || value == "" || !only(value, typeByte) {
			return false
		}
	}
	kind, sub, ok := strings.Cut(s, "/")
	return ok && kind != "" && sub != "" && only(kind, typeByte) && only(sub, typeByte)
}

// typeByte: the characters of RFC 6838 section 4.2.
func typeByte(c byte) bool { return alnum(c) || strings.IndexByte("!#$&-^_.+", c) >= 0 }
