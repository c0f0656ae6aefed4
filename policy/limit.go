package policy

import (
	"maps"
	"slices"
	"strings"

	"cos-credentials/policy/prefix"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/text"
)

// limits are what a grant says of the objects that its uploads make. Every field has its row in the limit table. The
// zero value lifts nothing: objects stay private.
type limits struct {
	maxBytes        int64 // 0: no limit
	contentTypes    []string
	anyACL          bool // objectAcl: any
	storageClasses  []string
	forbidOverwrite bool // overwrite: false
}

// limit is one way to bound uploads: how the file says it, how a key's policy does, and how an upload form does.
type limit struct {
	field     string // in the access file
	read      func(*reader, *limits) func(strictyaml.Node)
	set       func(limits) bool
	byDefault bool // it is set where the file says nothing

	carried func(name string) bool // actions whose requests carry what is limited, so that COS can check it
	around  func(name string) bool // actions that make objects which the limit can't hold: refused beside it
	remedy  string                 // what to write instead
	serves  string                 // what it is for, unless it is set by default

	// A key's policy has one of these: a condition of the statements that allow what carries the limit, or statements
	// that deny it, one for each condition.
	allow func(limits) (operator, key string, values any)
	deny  func(limits) []condition

	// A form keeps a limit in one of two ways: the form's own policy states it, and the key's leaves it out, because
	// COS would hold that to the whole request, in which the file is one part; or the key's policy holds for forms
	// too. A limit with neither can't be kept by a form, and a form is refused.
	form     func(limits, *Form) *Refusal
	formsKey bool

	headers map[string]string // what every upload must send, or COS refuses it
}

// limitTable is every limit. What reads, checks or writes limits walks it, so that a limit can't be left out anywhere.
// Keys and operators: https://cloud.tencent.com/document/product/436/71306
var limitTable = []limit{
	{
		field:   "maxBytes",
		read:    func(r *reader, l *limits) func(strictyaml.Node) { return r.Number(&l.maxBytes, 1, 5<<40, "bytes") },
		set:     func(l limits) bool { return l.maxBytes > 0 },
		carried: isSingle,
		around:  func(name string) bool { return isMultipart(name) || makes(name) && !isSingle(name) },
		remedy: "COS checks what one request sends, not the sum of several, nor what is copied; " +
			"allow simpleUpload and formUpload instead of upload, or leave maxBytes out",
		serves: "simpleUpload and formUpload",
		allow: func(l limits) (string, string, any) {
			return "numeric_less_than_equal", "cos:content-length", l.maxBytes
		},
		form: func(l limits, f *Form) *Refusal {
			f.MaxBytes = l.maxBytes
			return nil
		},
	},
	{
		field:   "contentTypes",
		read:    func(r *reader, l *limits) func(strictyaml.Node) { return r.contentTypes(&l.contentTypes) },
		set:     func(l limits) bool { return len(l.contentTypes) > 0 },
		carried: isTyped,
		around:  func(name string) bool { return begins(name) && !isTyped(name) },
		remedy:  "its requests don't say the type of what they make; leave the action or contentTypes out",
		serves:  "uploads",
		allow:   func(l limits) (string, string, any) { return "string_like", "cos:content-type", l.contentTypes },
		form:    formType,
	},
	{
		field:     "objectAcl",
		read:      readObjectACL,
		set:       func(l limits) bool { return !l.anyACL },
		byDefault: true,
		carried:   begins,
		around:    func(name string) bool { return name == cam+"PutObjectACL" },
		remedy:    "it opens objects whose uploads stay private; leave it out, or write objectAcl: any",
		deny:      func(limits) []condition { return publicACLs },
		formsKey:  true,
	},
	{
		field:   "storageClasses",
		read:    func(r *reader, l *limits) func(strictyaml.Node) { return r.storageClasses(&l.storageClasses) },
		set:     func(l limits) bool { return len(l.storageClasses) > 0 },
		carried: isTyped, // what names a type names a class
		around:  func(name string) bool { return begins(name) && !isTyped(name) },
		remedy:  "its storage class can't be held; leave the action or storageClasses out",
		serves:  "uploads",
		allow: func(l limits) (string, string, any) {
			return "string_equal_if_exist", "cos:x-cos-storage-class", l.storageClasses
		},
		formsKey: true,
	},
	{
		field:   "overwrite",
		read:    readOverwrite,
		set:     func(l limits) bool { return l.forbidOverwrite },
		carried: func(name string) bool { return name == cam+"PutObject" || name == cam+"CompleteMultipartUpload" },
		around: func(name string) bool {
			return makes(name) && name != cam+"PutObject" && find(name).effect != inParts
		},
		remedy: "it could replace an object; allow simpleUpload and multipartUpload instead of upload, " +
			"or leave overwrite out",
		serves:  "simpleUpload and multipartUpload",
		allow:   func(limits) (string, string, any) { return "string_equal", "cos:" + forbidOverwrite, "true" },
		headers: map[string]string{forbidOverwrite: "true"},
	},
}

// forbidOverwrite is the header with which COS answers 409 instead of replacing an object. It has no effect in a bucket
// that has, or ever had, versioning. https://cloud.tencent.com/document/product/436/7749
const forbidOverwrite = "x-cos-forbid-overwrite"

// isSingle tells the uploads of one request.
func isSingle(name string) bool    { return purposeOf(name) == single }
func isMultipart(name string) bool { return purposeOf(name) == multipart }

// isTyped tells the requests that give an object its content type and storage class: single uploads, and of an upload
// in parts the one that begins it or, for an append, each.
func isTyped(name string) bool {
	return isSingle(name) || name == cam+"InitiateMultipartUpload" || name == cam+"AppendObject"
}

// binding is the limits that bind an action by a condition: a bit for each row of the table.
func (e *Entitlement) binding(name string) (bits uint) {
	for row, l := range limitTable {
		if l.allow != nil && l.set(e.limits) && l.carried(name) {
			bits |= 1 << row
		}
	}
	return bits
}

// conditions are the grant's own, and those of the limits that bind; but not of those that a form states itself.
func (e *Entitlement) conditions(bits uint) condition {
	c := e.every
	for row, l := range limitTable {
		if bits&(1<<row) != 0 && (!e.form || l.formsKey) {
			operator, key, values := l.allow(e.limits)
			c = c.with(operator, key, values)
		}
	}
	return c
}

// denials are the conditions under which actions are denied, for each limit that is kept so.
func (e *Entitlement) denials() (all []denial) {
	for _, l := range limitTable {
		if l.deny == nil || !l.set(e.limits) {
			continue
		}
		var d denial
		for _, o := range e.opens {
			if l.carried(o.action) && len(o.prefixes) > 0 {
				d.actions = append(d.actions, o.action)
			}
		}
		if d.actions != nil {
			d.conditions = l.deny(e.limits)
			all = append(all, d)
		}
	}
	return all
}

// denial is actions that are denied under each of the conditions.
type denial struct {
	actions    []string
	conditions []condition
}

// Headers are what every upload with the key must send, or COS refuses it.
func (e *Entitlement) Headers() map[string]string {
	headers := map[string]string{}
	for _, l := range limitTable {
		if l.set(e.limits) && slices.ContainsFunc(e.opens, func(o opening) bool { return l.carried(o.action) }) {
			maps.Copy(headers, l.headers)
		}
	}
	return headers
}

// formType holds a form to the type asked for, if the grant takes it, or to the grant's only pattern.
func formType(l limits, f *Form) *Refusal {
	switch {
	case f.ContentType == "" && len(l.contentTypes) == 1:
		f.ContentType = l.contentTypes[0]
	case f.ContentType == "":
		return refuse(InvalidRequest, "the grant takes several content types, and the request names none").
			telling("This grant takes several content types: name the file's in contentType, as in image/png.")
	case prefix.Cover(l.contentTypes, f.ContentType) == "":
		return refuse(ScopeNotAllowed, "a content type was asked for that the grant does not take")
	}
	return nil
}

// contentTypes reads patterns like image/png and image/*.
func (r *reader) contentTypes(into *[]string) func(strictyaml.Node) {
	return r.listMatching(into, isTypePattern, "a content type in lower case, as in image/png or image/*")
}

// listMatching reads a list of strings of a form.
func (r *reader) listMatching(into *[]string, valid func(string) bool, form string) func(strictyaml.Node) {
	var nodes []strictyaml.Node
	read := r.Nodes(&nodes)
	return func(n strictyaml.Node) {
		read(n)
		for _, one := range nodes {
			r.Matching(new(string), valid, form)(one)
			*into = append(*into, one.Text)
		}
	}
}

func isTypePattern(s string) bool {
	const token = lowerDigit + "!#&^_.+-"
	kind, sub, ok := strings.Cut(s, "/")
	sub, starred := strings.CutSuffix(sub, "*")
	return ok && kind != "" && text.Only(kind, token) && (sub != "" || starred) && text.Only(sub, token)
}

// storageClassNames are the storage classes of COS. https://cloud.tencent.com/document/product/436/33417
var storageClassNames = []string{
	"STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ARCHIVE", "DEEP_ARCHIVE",
	"MAZ_STANDARD", "MAZ_STANDARD_IA", "MAZ_INTELLIGENT_TIERING", "MAZ_ARCHIVE", "MAZ_DEEP_ARCHIVE",
}

// storageClasses reads names of classes.
func (r *reader) storageClasses(into *[]string) func(strictyaml.Node) {
	isClass := func(s string) bool { return slices.Contains(storageClassNames, s) }
	return r.listMatching(into, isClass, "a storage class: choose from "+strings.Join(storageClassNames, ", "))
}
