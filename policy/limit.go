package policy

import (
	"strings"

	"cos-credentials/policy/prefix"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/text"
)

// limits are what a grant says of the objects that its uploads make. Every field has its row in the limit table.
type limits struct {
	maxBytes     int64 // 0: no limit
	contentTypes []string
}

// limit is one way to bound uploads: how the file says it, how a key's policy does, and how an upload form does.
type limit struct {
	field string // in the access file
	read  func(*reader, *limits) func(strictyaml.Node)
	set   func(limits) bool

	carried   func(name string) bool // whose requests carry what is limited, so that COS can check it
	condition func(limits) (operator, key string, values any)
	around    func(name string) bool // what makes objects that the limit can't hold: refused beside it
	remedy    string                 // what to write instead
	serves    string                 // the presets that it is for

	// form writes the limit into an upload form's own policy, which then stands for the condition: COS would hold that to
	// the whole request, in which the file is one part. A limit without it can't be kept by a form, and a form is refused.
	form func(limits, *Form) *Refusal
}

// limitTable is every limit. What reads, checks or writes limits walks it, so that a limit can't be left out anywhere.
// Keys and operators: https://cloud.tencent.com/document/product/436/71306
var limitTable = []limit{
	{
		field:   "maxBytes",
		read:    func(r *reader, l *limits) func(strictyaml.Node) { return r.Number(&l.maxBytes, 1, 5<<40, "bytes") },
		set:     func(l limits) bool { return l.maxBytes > 0 },
		carried: isSingleUpload,
		condition: func(l limits) (string, string, any) {
			return "numeric_less_than_equal", "cos:content-length", l.maxBytes
		},
		around: unboundable,
		remedy: "COS checks each request, not the sum; allow simpleUpload and formUpload instead of upload, or leave maxBytes out",
		serves: "simpleUpload and formUpload",
		form: func(l limits, f *Form) *Refusal {
			f.MaxBytes = l.maxBytes
			return nil
		},
	},
	{
		field:     "contentTypes",
		read:      func(r *reader, l *limits) func(strictyaml.Node) { return r.contentTypes(&l.contentTypes) },
		set:       func(l limits) bool { return len(l.contentTypes) > 0 },
		carried:   carriesType,
		condition: func(l limits) (string, string, any) { return "string_like", "cos:content-type", l.contentTypes },
		around:    func(string) bool { return false },
		serves:    "uploads",
		form:      formType,
	},
}

// binding is the limits that bind an action: a bit for each row of the table.
func (e *Entitlement) binding(name string) (bits uint) {
	for row, l := range limitTable {
		if l.set(e.limits) && l.carried(name) {
			bits |= 1 << row
		}
	}
	return bits
}

// conditions are the grant's own, and those of the limits that bind; but not of those that a form states itself.
func (e *Entitlement) conditions(bits uint) condition {
	c := e.every
	for row, l := range limitTable {
		if bits&(1<<row) != 0 && !e.form {
			operator, key, values := l.condition(e.limits)
			c = c.with(operator, key, values)
		}
	}
	return c
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
	var nodes []strictyaml.Node
	read := r.Nodes(&nodes)
	return func(n strictyaml.Node) {
		read(n)
		for _, one := range nodes {
			r.Matching(new(string), isTypePattern, "a content type in lower case, as in image/png or image/*")(one)
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
