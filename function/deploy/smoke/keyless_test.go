package smoke

import (
	"cmp"
	"strings"
	"testing"
)

// keyless is the reviewed file with a grant that hands out forms and links only.
func keyless(t *testing.T, more ...string) string {
	t.Helper()
	return keylessWith(t, "formUpload, download]", more...)
}

func keylessWith(t *testing.T, actions string, more ...string) string {
	t.Helper()
	return change(t, append([]string{"upload, download, list, delete]", actions + "\n    keys: false"}, more...)...)
}

func TestKeylessGrantsHold(t *testing.T) {
	for name, tt := range map[string]struct {
		file string
		says []string
		not  string
	}{
		"forms and links": {keyless(t), []string{
			"holds: No key comes", "holds: It doesn't come sealed", "holds: The form can write the own file",
			"holds: The form can't write a file next door", "holds: Whoever has the link reads the file",
			"holds: Who asks for a link to the neighbour's file gets nothing",
			"holds: Who asks for a form for the neighbour's file gets nothing", "skipped: No key here can delete",
		}, "The key can"},
		"sealed": {keylessWith(t, "formUpload, download]\n    sealedOnly: true"), []string{
			"holds: Nothing comes in clear", "holds: The form can write the own file", "holds: Whoever has the link reads",
		}, ""},
		"forms only": {keylessWith(t, "formUpload]\n    contentTypes: [image/*]"),
			[]string{"holds: The form can write the own file"}, "A link to the own file is signed"},
		"links only": {keylessWith(t, "download]"),
			[]string{"holds: Whoever has the link reads the file"}, "gets a form"},
		"open to all": {keylessWith(t, "formUpload]\n    objectAcl: any"),
			[]string{"seen: The form can't make its file public. This access file doesn't promise it"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, o := sceneOf(t, tt.file, tt.file)
			ok, broken, all := use(t, o)
			for _, want := range tt.says {
				if !ok || !strings.Contains(all, want) || tt.not != "" && strings.Contains(all, tt.not) {
					t.Errorf("no %q, or %q: %s\nof\n%s", want, tt.not, broken, all)
				}
			}
		})
	}
}

func TestBrokenKeylessProtectionsAreNoticed(t *testing.T) {
	for _, tt := range []struct {
		name, goesBy, deployed, says string // the files are keyless(t) if they aren't named
		broken, cos                  func(*turn)
	}{
		{name: "a key leaves", deployed: reviewed, says: "No key comes, as access.yaml says"},
		{name: "a key leaves sealed", deployed: change(t, "delete]", "delete]\n    sealedOnly: true"),
			says: "It doesn't come sealed either"},
		{name: "forms in clear", goesBy: keylessWith(t, "formUpload, download]\n    sealedOnly: true"),
			says: "Nothing comes in clear"},
		{name: "a link next door", deployed: keyless(t, "{sub}/*\"]", "*\"]\n    when: {iss: [mini-program]}"),
			says: "Who asks for a link to the neighbour's file"},
		{name: "a form that writes anything", says: "The form can't write a file next door", cos: func(x *turn) {
			if x.request.Method == "POST" {
				x.answer.StatusCode = 200
			}
		}},
		{name: "a bucket that takes no forms", says: "The form can write the own file", cos: func(x *turn) {
			if x.request.Method == "POST" {
				x.answer.StatusCode = 403
			}
		}},
		{name: "a form with a key in it", says: "The form holds no secret key", broken: func(x *turn) {
			x.body = []byte(strings.Replace(string(x.body), `{"cosHost"`, `{"tmpSecretKey":"x","cosHost"`, 1))
		}},
		{name: "a link that opens more", says: "The link opens no other file", cos: func(x *turn) {
			if strings.HasSuffix(x.request.URL.Path, ".txtx") {
				x.answer.StatusCode = 200
			}
		}},
		{name: "a bucket that everybody reads", says: "Nobody reads the file without a key", cos: func(x *turn) {
			if x.request.URL.RawQuery == "" && x.request.Method == "GET" {
				x.answer.StatusCode = 200
			}
		}},
		{name: "forms that live on", says: "It ends when access.yaml says", broken: func(x *turn) {
			x.body = []byte(strings.Replace(string(x.body), `"expiredTime":`, `"expiredTime":9`, 1))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, o := sceneOf(t, cmp.Or(tt.deployed, keyless(t)), cmp.Or(tt.goesBy, keyless(t)))
			if tt.broken != nil {
				o.URL = between(t, o.URL, nil, tt.broken)
			}
			if tt.cos != nil {
				o.COSEndpoint = between(t, o.COSEndpoint, nil, tt.cos)
			}
			if ok, broken, all := use(t, o); ok || !strings.Contains(broken, tt.says) {
				t.Errorf("smoke says only %q\nof\n%s", broken, all)
			}
		})
	}
}
