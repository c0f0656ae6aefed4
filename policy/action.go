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

// effect is what an action can do to an object, as far as limits care.
type effect int

const (
	unknown effect = iota // this function doesn't know the action, so it may do anything
	reads                 // changes nothing
	removes
	creates // gives an object its content in one request
	inParts // begins, fills or ends an upload in parts
	marks   // changes what is noted of an object, not what is in it
)

// action is one thing that COS can be asked to do.
type action struct {
	name    string // CAM's, without name/cos:
	purpose purpose
	effect  effect
	presets string // which presets hold it
	aliases string // what the COS SDKs call it where that is something else
}

// actionTable is every action that the presets name, in the order in which documents name them, and those beside them
// of which something is known. Source: https://cloud.tencent.com/document/product/436/31923
var actionTable = []action{
	{"PutObject", single, creates, "simpleUpload upload", ""},
	{"PostObject", single, creates, "formUpload upload", ""},
	{"InitiateMultipartUpload", multipart, inParts, "multipartUpload upload", ""},
	{"ListMultipartUploads", multipart, reads, "multipartUpload upload", "ListMultiUploads"},
	{"ListParts", multipart, reads, "multipartUpload upload", ""},
	{"UploadPart", multipart, inParts, "multipartUpload upload", ""},
	{"UploadPartCopy", multipart, inParts, "", ""},
	{"CompleteMultipartUpload", multipart, inParts, "multipartUpload upload", ""},
	{"AbortMultipartUpload", multipart, removes, "multipartUpload upload", ""},
	{"AppendObject", multipart, creates, "", ""},
	{"GetObject", download, reads, "download", "GetObjectBytes"},
	{"HeadObject", download, reads, "download", ""},
	{"OptionsObject", download, reads, "download", "OptionObject"},
	{"PutObjectCopy", other, creates, "", ""},
	{"PutObjectACL", other, marks, "", ""},
	{"GetObjectACL", other, reads, "", ""},
	{"PutObjectTagging", other, marks, "", ""},
	{"GetObjectTagging", other, reads, "", ""},
	{"DeleteObjectTagging", other, marks, "", ""},
	{"PostObjectRestore", other, marks, "", "RestoreObject Restore"},
	{"PutSymlink", other, unknown, "", ""}, // refused always
	{"DeleteObject", remove, removes, "delete", ""},
	{"GetBucket", list, reads, "list", ""},
	{"GetBucketObjectVersions", list, reads, "", "ListBucketVersions"},
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

// find returns an action's row; of an action without one, that it may do anything.
func find(name string) action {
	bare, named := strings.CutPrefix(name, cam)
	for _, a := range actionTable {
		if named && a.name == bare {
			return a
		}
	}
	return action{purpose: other}
}

// Knows reports whether an action, by CAM's name, is one of the action table or of a grant.
func (a *Access) Knows(name string) bool {
	return find(name).name != "" || slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return slices.Contains(g.actions, name)
	})
}

func purposeOf(name string) purpose { return find(name).purpose }
func isList(name string) bool       { return purposeOf(name) == list }

// isUpload tells the actions that bring an object's content from the client.
func isUpload(name string) bool { return purposeOf(name) == single || purposeOf(name) == multipart }

// makes tells the actions that may give an object its content, however many requests that takes.
func makes(name string) bool {
	e := find(name).effect
	return e == creates || e == inParts || e == unknown
}

// begins tells the actions that may bring a new object about with headers of the client's choice: all that make one,
// but of an upload in parts only that which begins it.
func begins(name string) bool {
	return makes(name) && (find(name).effect != inParts || name == cam+"InitiateMultipartUpload")
}

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
		case inOtherCase(n.Text) != "":
			r.Problem(n, "%q is written %s", n.Raw, inOtherCase(n.Text))
		case n.Text == cam+"PutSymlink":
			r.Problem(n, "%q makes a link that can point out of the prefix: leave it out", n.Raw)
		case isBucketWide(n.Text):
			r.Problem(n, "%q works on a whole bucket, and a grant opens prefixes only: "+
				"give it to an operator's own key", n.Raw)
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

// inOtherCase is how the table writes an action that is written with other capitals, or "". CAM minds them, and a limit
// that looks for an action by its name must find it.
func inOtherCase(name string) string {
	for _, a := range actionTable {
		if strings.EqualFold(name, cam+a.name) && name != cam+a.name {
			return cam + a.name
		}
	}
	return ""
}

// isAction: name/cos: and letters, the first a capital.
func isAction(s string) bool {
	name, ok := strings.CutPrefix(s, cam)
	return ok && name != "" && text.Only(name[:1], text.Upper) && text.Only(name, text.Alnum)
}

// isBucketWide tells the actions on a bucket's own resource or on the account from those on objects. The resource
// bucket/* of a grant on everything would match a bucket's own, bucket/, so such actions can't be left to the prefix.
func isBucketWide(name string) bool {
	wide := strings.Contains(name, "Bucket") || strings.HasSuffix(name, "Service")
	return wide && purposeOf(name) == other
}
