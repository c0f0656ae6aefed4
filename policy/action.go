package policy

import (
	"slices"
	"strings"
)

// purpose groups the actions that share a statement. A condition that an action doesn't carry makes COS refuse it, so
// actions with different conditions never stand together.
type purpose int

const (
	single    purpose = iota // one request uploads one object
	multipart                // several requests do
	download
	other // named in full by the access file
	remove
	list // checked by the prefix that a request lists, not by an object's key
	purposes
)

// actions is every action that the presets name, in the order in which documents name them, and a few beside them that
// need a place of their own. Source: https://cloud.tencent.com/document/product/436/31923
var actions = []struct {
	name    string
	purpose purpose
	presets string // which presets hold it
}{
	{"PutObject", single, "simpleUpload upload"},
	{"PostObject", single, "formUpload upload"},
	{"InitiateMultipartUpload", multipart, "multipartUpload upload"},
	{"ListMultipartUploads", multipart, "multipartUpload upload"},
	{"ListParts", multipart, "multipartUpload upload"},
	{"UploadPart", multipart, "multipartUpload upload"},
	{"UploadPartCopy", multipart, ""},
	{"CompleteMultipartUpload", multipart, "multipartUpload upload"},
	{"AbortMultipartUpload", multipart, "multipartUpload upload"},
	{"AppendObject", multipart, ""},
	{"GetObject", download, "download"},
	{"HeadObject", download, "download"},
	{"OptionsObject", download, "download"},
	{"DeleteObject", remove, "delete"},
	{"GetBucket", list, "list"},
	{"GetBucketObjectVersions", list, ""},
}

var presets = []string{"simpleUpload", "formUpload", "multipartUpload", "upload", "download", "list", "delete"}

const cam = "name/cos:"

func purposeOf(action string) purpose {
	for _, a := range actions {
		if cam+a.name == action {
			return a.purpose
		}
	}
	return other
}

func isSingleUpload(action string) bool { return purposeOf(action) == single }
func isList(action string) bool         { return purposeOf(action) == list }

// carriesType tells the requests that give an object its content type: single uploads, and of an upload in parts the one
// that begins it or, for an append, each.
func carriesType(action string) bool {
	return isSingleUpload(action) || action == cam+"InitiateMultipartUpload" || action == cam+"AppendObject"
}

// unboundable actions add to an object request by request, so no limit of one request bounds it.
func unboundable(action string) bool { return purposeOf(action) == multipart }

// actions reads presets and CAM names into CAM names: each once, known ones in the table's order and then the others.
func (r *reader) actions(from []located) []string {
	var named []string
	for _, l := range from {
		switch {
		case slices.Contains(presets, l.text):
			for _, a := range actions {
				if slices.Contains(strings.Fields(a.presets), l.text) {
					named = append(named, cam+a.name)
				}
			}
		case strings.Contains(l.text, "*"):
			r.problem(l.line, l.path, "%q is a wildcard: name each action, or a preset (%s)", l.raw, strings.Join(presets, ", "))
		case !isAction(l.text):
			r.problem(l.line, l.path, "%q is neither a preset (%s) nor a CAM action, as in name/cos:PutObject", l.raw, strings.Join(presets, ", "))
		case canonical(l.text) != l.text:
			r.problem(l.line, l.path, "%q is what an SDK calls it, and CAM knows %s: write that", l.raw, canonical(l.text))
		case isBucketWide(l.text):
			r.problem(l.line, l.path, "%q works on a whole bucket, and a grant opens prefixes only: give it to an operator's own key", l.raw)
		default:
			named = append(named, l.text)
		}
	}
	var out []string
	for _, a := range actions {
		if slices.Contains(named, cam+a.name) {
			out = append(out, cam+a.name)
		}
	}
	for _, name := range named {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// aliases are what the COS SDKs call actions that CAM calls otherwise: Android sends its classes' names, the others RestoreObject.
var aliases = map[string]string{
	"RestoreObject":      "PostObjectRestore",
	"Restore":            "PostObjectRestore",
	"OptionObject":       "OptionsObject",
	"GetObjectBytes":     "GetObject",
	"ListMultiUploads":   "ListMultipartUploads",
	"ListBucketVersions": "GetBucketObjectVersions",
}

// canonical brings an action that a client names to CAM's name. It says nothing of whether there is such an action.
func canonical(action string) string {
	name, ok := strings.CutPrefix(action, cam)
	if !ok {
		if name, ok = strings.CutPrefix(action, "cos:"); !ok {
			return action
		}
	}
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	return cam + name
}

// isAction: name/cos: and letters, the first a capital.
func isAction(s string) bool {
	name, ok := strings.CutPrefix(s, cam)
	return ok && name != "" && name[0] >= 'A' && name[0] <= 'Z' && only(name, func(c byte) bool { return alnum(c) })
}

// isBucketWide tells the actions on a bucket's own resource or on the account from those on objects. The resource
// bucket/* of a grant on everything would match a bucket's own, bucket/, so such actions can't be left to the prefix.
func isBucketWide(action string) bool {
	return purposeOf(action) == other && (strings.Contains(action, "Bucket") || strings.HasSuffix(action, "Service"))
}
