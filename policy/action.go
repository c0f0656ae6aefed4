package policy

import (
	"slices"
	"strings"

	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/text"
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

// action is one thing that COS can be asked to do.
type action struct {
	name    string // CAM's, without name/cos:
	purpose purpose
	presets string // which presets hold it
	aliases string // what the COS SDKs call it where that is something else
}

// actionTable is every action that the presets name, in the order in which documents name them, and a few beside them
// that need a place of their own. Source: https://cloud.tencent.com/document/product/436/31923
var actionTable = []action{
	{"PutObject", single, "simpleUpload upload", ""},
	{"PostObject", single, "formUpload upload", ""},
	{"InitiateMultipartUpload", multipart, "multipartUpload upload", ""},
	{"ListMultipartUploads", multipart, "multipartUpload upload", "ListMultiUploads"},
	{"ListParts", multipart, "multipartUpload upload", ""},
	{"UploadPart", multipart, "multipartUpload upload", ""},
	{"UploadPartCopy", multipart, "", ""},
	{"CompleteMultipartUpload", multipart, "multipartUpload upload", ""},
	{"AbortMultipartUpload", multipart, "multipartUpload upload", ""},
	{"AppendObject", multipart, "", ""},
	{"GetObject", download, "download", "GetObjectBytes"},
	{"HeadObject", download, "download", ""},
	{"OptionsObject", download, "download", "OptionObject"},
	{"DeleteObject", remove, "delete", ""},
	{"GetBucket", list, "list", ""},
	{"GetBucketObjectVersions", list, "", "ListBucketVersions"},
	{"PostObjectRestore", other, "", "RestoreObject Restore"},
}

const cam = "name/cos:"

// Presets lists the names that stand for several actions.
func Presets() (names []string) {
	for _, a := range actionTable {
		for _, preset := range strings.Fields(a.presets) {
			if !slices.Contains(names, preset) {
				names = append(names, preset)
			}
		}
	}
	return names
}

// Preset lists the CAM names of a preset's actions, in the order of the action table; none if there is no such preset.
func Preset(name string) (actions []string) {
	for _, a := range actionTable {
		if slices.Contains(strings.Fields(a.presets), name) {
			actions = append(actions, cam+a.name)
		}
	}
	return actions
}

func purposeOf(name string) purpose {
	bare, named := strings.CutPrefix(name, cam)
	for _, a := range actionTable {
		if named && a.name == bare {
			return a.purpose
		}
	}
	return other
}

func isSingleUpload(name string) bool { return purposeOf(name) == single }
func isList(name string) bool         { return purposeOf(name) == list }

// carriesType tells the requests that give an object its content type: single uploads, and of an upload in parts the one
// that begins it or, for an append, each.
func carriesType(name string) bool {
	return isSingleUpload(name) || name == cam+"InitiateMultipartUpload" || name == cam+"AppendObject"
}

// unboundable actions add to an object request by request, so no limit of one request bounds it.
func unboundable(name string) bool { return purposeOf(name) == multipart }

// actions reads presets and CAM names into CAM names: each once, in the table's order.
func (r *reader) actions(from []strictyaml.Node) []string {
	var named []string
	presets := strings.Join(Presets(), ", ")
	for _, n := range from {
		preset := Preset(n.Text)
		switch {
		case preset != nil:
			named = append(named, preset...)
		case strings.Contains(n.Text, "*"):
			r.Problem(n, "%q is a wildcard: name each action, or a preset (%s)", n.Raw, presets)
		case !isAction(n.Text):
			r.Problem(n, "%q is neither a preset (%s) nor a CAM action, as in name/cos:PutObject", n.Raw, presets)
		case canonical(n.Text) != n.Text:
			r.Problem(n, "%q is what an SDK calls it, and CAM knows %s: write that", n.Raw, canonical(n.Text))
		case isBucketWide(n.Text):
			r.Problem(n, "%q works on a whole bucket, and a grant opens prefixes only: give it to an operator's own key", n.Raw)
		default:
			named = append(named, n.Text)
		}
	}
	return inOrder(named)
}

// inOrder names each action once: those of the table in its order, then the others as they come.
func inOrder(named []string) (out []string) {
	for _, a := range actionTable {
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

// canonical brings an action that a client names to CAM's name. It says nothing of whether there is such an action.
func canonical(name string) string {
	short, ok := strings.CutPrefix(name, cam)
	if !ok {
		if short, ok = strings.CutPrefix(name, "cos:"); !ok {
			return name
		}
	}
	for _, a := range actionTable {
		if slices.Contains(strings.Fields(a.aliases), short) {
			return cam + a.name
		}
	}
	return cam + short
}

// isAction: name/cos: and letters, the first a capital.
func isAction(s string) bool {
	name, ok := strings.CutPrefix(s, cam)
	return ok && name != "" && text.Only(name[:1], text.Upper) && text.Only(name, text.Alnum)
}

// isBucketWide tells the actions on a bucket's own resource or on the account from those on objects. The resource
// bucket/* of a grant on everything would match a bucket's own, bucket/, so such actions can't be left to the prefix.
func isBucketWide(name string) bool {
	return purposeOf(name) == other && (strings.Contains(name, "Bucket") || strings.HasSuffix(name, "Service"))
}
