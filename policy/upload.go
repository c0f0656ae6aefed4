package policy

import (
	"slices"
	"strings"

	"cos-credentials/policy/prefix"
	"cos-credentials/policy/text"
)

// UploadFolder is the folder in which the function may choose keys: the first prefix of a whole folder, without its
// *, in which the grant uploads; for a form, in which it does by forms. It must leave room for that many bytes. The
// error is a [*Refusal].
func (e *Entitlement) UploadFolder(form bool, room int) (string, error) {
	at := slices.IndexFunc(e.Prefixes, func(p string) bool {
		return strings.HasSuffix(p, "/*") && slices.ContainsFunc(e.opens, func(o opening) bool {
			uploads := o.action == postObject || !form && isUpload(o.action) && begins(o.action)
			return uploads && slices.Contains(o.prefixes, p)
		})
	})
	if at < 0 {
		return "", refuse(ScopeNotAllowed,
			"a key was to be chosen, and grant %s uploads into no folder: no prefix for that ends in /*", e.Grant)
	}
	folder := strings.TrimSuffix(e.Prefixes[at], "*")
	if len(folder)+room > prefix.MaxKey {
		return "", refuse(IdentityNotUsable,
			"the first folder of grant %s leaves no room for a key of %d bytes", e.Grant, room)
	}
	return folder, nil
}

// ForUpload narrows the entitlement to the upload of one object, in whichever ways the grant allows.
func (e *Entitlement) ForUpload(key string) (*Entitlement, error) {
	var scope []Item
	for _, o := range e.opens {
		if isUpload(o.action) && prefix.Cover(o.prefixes, key) != "" {
			scope = append(scope, Item{o.action, e.Bucket, e.Region, key})
		}
	}
	if scope == nil {
		return nil, refuse(ScopeNotAllowed, "an upload was asked for, and grant %s has no action for it", e.Grant)
	}
	return e.Narrow(scope)
}

// Form is what the signed policy of an upload form says, beside the key's own.
type Form struct {
	MaxBytes    int64  // 0 is no limit
	ContentType string // "" is any, and a final * is any that begins so
}

const postObject = cam + "PostObject"

// Forms says why the grant allows no upload forms, or nothing. The error is a [*Refusal].
func (e *Entitlement) Forms() error {
	if slices.ContainsFunc(e.opens, func(o opening) bool { return o.action == postObject }) {
		return nil
	}
	return refuse(NotEntitled, "a form was asked for, and grant %s has no formUpload", e.Grant)
}

// ForForm narrows the entitlement to one form that uploads one object of a content type, "" for any that the grant
// takes. The limits are the form's own to keep. The error is a [*Refusal].
func (e *Entitlement) ForForm(key, contentType string) (*Entitlement, Form, error) {
	f := Form{ContentType: contentType}
	if err := e.Forms(); err != nil {
		return nil, f, err
	}
	if strings.HasSuffix(key, "*") {
		return nil, f, refuse(ScopeNotAllowed, "a form was asked for that is for more than one key")
	}
	out, err := e.Narrow([]Item{{postObject, e.Bucket, e.Region, key}})
	if err != nil {
		return nil, f, err
	}
	if contentType != "" && !isMediaType(contentType) {
		return nil, f, refuse(InvalidRequest, "a content type was asked for that is none").
			telling("The contentType must be one content type, as in image/png.")
	}
	for _, l := range limitTable {
		switch {
		case !l.set(e.limits):
		case l.formsKey:
		case l.form == nil:
			return nil, f, refuse(NotEntitled, "a form was asked for, and it can't keep the %s of grant %s", l.field, e.Grant)
		default:
			if refusal := l.form(e.limits, &f); refusal != nil {
				return nil, f, refusal
			}
		}
	}
	out.form = true
	return out, f, nil
}

// isMediaType: type/subtype, and a charset at most. Whatever else a header can hold, a comma above all, browsers may
// read as another type than COS compares.
func isMediaType(s string) bool {
	const token = text.Alnum + "!#$&-^_.+" // RFC 6838 section 4.2
	s, charset, parameter := strings.Cut(s, ";")
	if parameter {
		value, ok := strings.CutPrefix(strings.TrimLeft(charset, " "), "charset=")
		if !ok || value == "" || !text.Only(value, token) {
			return false
		}
	}
	kind, sub, ok := strings.Cut(s, "/")
	return ok && kind != "" && sub != "" && text.Only(kind, token) && text.Only(sub, token)
}
