package smoke

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"cos-credentials/policy"
	"cos-credentials/test/cloud"
	"cos-credentials/test/scf"
)

var binary string

func TestMain(m *testing.M) { os.Exit(scf.RunWith(&binary, m.Run)) }

const (
	secret = "a-secret-that-is-long-enough-for-HS256"
	page   = "https://www.example.com"
)

// reviewed is the access file that smoke goes by.
const reviewed = `
issuers:
  - {name: mini, issuer: mini-program, audiences: [cos-credentials], algorithms: [HS256], secret: "${JWT_SECRET}"}
grants:
  - name: own-files
    bucket: ${COS_BUCKET}
    region: ${COS_REGION}
    allowPrefixes: ["users/{sub}/*"]
    allowActions: [upload, download, list, delete]
`

func lookup(name string) (string, bool) {
	v, ok := map[string]string{
		"JWT_SECRET": secret, "COS_BUCKET": "examplebucket-1250000000", "COS_REGION": "ap-guangzhou",
	}[name]
	return v, ok
}

// scene is a local cloud whose function goes by an access file, and options to use it with the reviewed one.
func scene(t *testing.T, deployed string) (*cloud.Local, Options) {
	t.Helper()
	return sceneOf(t, deployed, reviewed)
}

// sceneOf goes by another access file than the reviewed one.
func sceneOf(t *testing.T, deployed, goesBy string) (*cloud.Local, Options) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "access.yaml")
	if err := os.WriteFile(file, []byte(deployed), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := cloud.Start(t.Context(), cloud.Options{
		Binary: binary, Access: file, Env: map[string]string{"JWT_SECRET": secret, "ALLOW_ORIGINS": page},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(goesBy), Env: lookup})
	if err != nil {
		t.Fatal(err)
	}
	users, forged, err := SignedUsers(access.Issuers[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, Options{
		URL: s.Gateway, Access: access, Origins: page, Users: users, Forge: forged, COSEndpoint: "http://" + s.COSHost,
	}
}

// use runs smoke and returns what it says does not hold.
func use(t *testing.T, o Options) (ok bool, broken, all string) {
	t.Helper()
	var wrong, said strings.Builder
	ok, err := Run(t.Context(), o, func(f Finding) {
		note(f)
		fmt.Fprintf(&said, "%s: %s %s\n", f.State, f.What, f.Saw)
		if f.State == Broken {
			fmt.Fprintf(&wrong, "%s %s\n", f.What, f.Saw)
		}
	})
	if err != nil {
		fmt.Fprintf(&wrong, "error: %v\n", err)
	}
	for _, hidden := range []string{secret, o.Users[0].Token} {
		if strings.Contains(said.String(), hidden) {
			t.Error("a secret or a token is in what smoke says")
		}
	}
	return ok, wrong.String(), said.String()
}

func TestEverythingHolds(t *testing.T) {
	s, o := scene(t, reviewed)
	ok, broken, all := use(t, o)
	if !ok || broken != "" {
		t.Fatalf("%s\nof\n%s", broken, all)
	}
	for _, want := range []string{
		"A page of " + page + " may ask", "A token signed with another secret is refused",
		"The key can write the own file", "The key can't list the folder of a file next door",
		"Nobody reads the file without a key", "The key can't list the whole bucket", "seen: Shortest life",
		"seen: cos:prefix", "seen: Role principal", "seen: ACL statements", "seen: Function URL events",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if left := s.COS.Records(); len(left) == 0 {
		t.Error("COS was not used")
	}

	alone := o // with the token of one user and no secret
	user, err := TokenUser(o.Users[0].Token, o.Access)
	if err != nil {
		t.Fatal(err)
	}
	alone.Users = [2]*User{user}
	if alone.Forge, err = Altered(user.Token); err != nil {
		t.Fatal(err)
	}
	if ok, broken, all := use(t, alone); !ok {
		t.Errorf("with one token: %s\nof\n%s", broken, all)
	}
}

// A file that may be somebody's is not tried: smoke would write over it and delete it.
func TestFilesOfOthersAreLeftAlone(t *testing.T) {
	files := "upload, download, delete]\n    when: {tenant: [acme]}"
	for name, tt := range map[string]struct {
		file, pick string
		real       bool // the token of one user and no secret
	}{
		"a real user's":   {file: "avatars/{sub}.png", real: true},
		"a tenant's":      {file: "tenants/{tenant}/logo.png"},
		"everybody's":     {file: "notice.txt"},
		"a team's":        {file: "teams/{teams[]}/logo.png", pick: "red"},
		"the only team's": {file: "teams/{more[]}/logo.png"},
	} {
		t.Run(name, func(t *testing.T) {
			file := change(t, "users/{sub}/*", tt.file, "upload, download, list, delete]", files)
			s, o := sceneOf(t, file, file)
			var err error
			claims := map[string]any{"tenant": "acme", "teams": []any{"red", "blue"}, "more": []any{"red"}}
			if o.Users, o.Forge, err = SignedUsers(o.Access.Issuers[0], claims); err != nil {
				t.Fatal(err)
			}
			if o.Pick = tt.pick; tt.real {
				o.Users[1] = nil
			}
			if ok, broken, _ := use(t, o); ok || !strings.Contains(broken, "is one file, which smoke would write over") ||
				len(s.COS.Records()) > 0 {
				t.Errorf("%s\n%+v", broken, s.COS.Records())
			}
		})
	}
}

// What a grant opens next door on purpose is no broken promise; what it doesn't open there still is none of its key's.
func TestGrantsThatCoverOthersHold(t *testing.T) {
	const own = "    allowPrefixes: [\"users/{sub}/*\"]\n    allowActions: [upload, download, list, delete]"
	everything := "upload, download, list, delete]\n    when: {tenant: [acme]}"
	for name, tt := range map[string]struct{ file, says, not string }{
		"a common folder is read": {change(t, own, `    allow:
      - {prefixes: ["files/{sub}/*"], actions: [upload, delete]}
      - {prefixes: ["files/*"], actions: [download, list]}`),
			"seen: The key may copy a file from next door", "The key can't read a file next door"},
		"by links, too": {change(t, own, `    keys: false
    allow:
      - {prefixes: ["files/{sub}/*"], actions: [formUpload]}
      - {prefixes: ["files/*"], actions: [download]}`),
			"holds: Who asks for a form for the neighbour's file gets nothing", "a link to the neighbour's file"},
		"a tenant's folder": {change(t, "users/{sub}/*", "{tenant}/*"),
			"holds: The key can't list what begins like the own folder", "The key may"},
		"the whole bucket": {change(t, "users/{sub}/*", "*", "upload, download, list, delete]", everything),
			"seen: The key may list the whole bucket", "The key can't delete a file next door"},
	} {
		t.Run(name, func(t *testing.T) {
			_, o := sceneOf(t, tt.file, tt.file)
			var err error
			o.Users, o.Forge, err = SignedUsers(o.Access.Issuers[0], map[string]any{"tenant": "acme"})
			if err != nil {
				t.Fatal(err)
			}
			ok, broken, all := use(t, o)
			if !ok || !strings.Contains(all, tt.says) || strings.Contains(all, tt.not) {
				t.Errorf("no %q, or %q: %s\nof\n%s", tt.says, tt.not, broken, all)
			}
		})
	}
}

// COS appends to what was appended only; the local one to nothing.
func TestAppendsHold(t *testing.T) {
	file := change(t, "delete]", "delete, name/cos:AppendObject]")
	for status, holds := range map[int]bool{409: true, 403: false} {
		_, o := sceneOf(t, file, file)
		o.COSEndpoint = between(t, o.COSEndpoint, nil, func(x *turn) {
			own := !strings.Contains(x.request.URL.Path, "0/smoke-")
			if x.request.URL.Query().Has("append") && own {
				x.answer.StatusCode = status
			}
		})
		if ok, broken, all := use(t, o); ok != holds || holds != strings.Contains(all, "holds: The key can append") {
			t.Errorf("%d: %s\nof\n%s", status, broken, all)
		}
	}
}

// Whatever smoke leaves behind is named, so that people can take it out.
func TestFilesThatStayAreNamed(t *testing.T) {
	for name, file := range map[string]string{
		"uploads":        change(t, "upload, download, list, delete", "upload, download"),
		"forms":          change(t, "upload, download, list, delete", "formUpload"),
		"forms, no keys": keylessWith(t, "formUpload, delete]"),
		"next door":      change(t, "users/{sub}/*", "drop-*", "list, delete]", "list]\n    when: {tenant: [acme]}"),
		"none":           reviewed,
	} {
		t.Run(name, func(t *testing.T) {
			s, o := sceneOf(t, file, file)
			var err error
			o.Users, o.Forge, err = SignedUsers(o.Access.Issuers[0], map[string]any{"tenant": "acme"})
			if err != nil {
				t.Fatal(err)
			}
			ok, broken, said := use(t, o)
			there := map[string]bool{}
			for _, r := range s.COS.Records() {
				if r.Key != "" && r.Status/100 == 2 {
					there[r.Key] = r.Action != "name/cos:DeleteObject"
				}
			}
			for key, stays := range there {
				if named := strings.Contains(said, "stays: take it out in the console. "+key); named != stays {
					t.Errorf("%s: stays %v, named %v", key, stays, named)
				}
			}
			if !ok || (name == "none") == strings.Contains(said, "stays: take it out") {
				t.Errorf("%s\nof\n%s", broken, said)
			}
		})
	}
}

// Whoever answers at the URL writes some of what is shown.
func TestAnswersAreNotObeyed(t *testing.T) {
	_, o := scene(t, reviewed)
	hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		desc := "\x1b[2J\u009b2J\u202e" + r.Header.Get("Authorization") + "\n✓ All is well."
		json.NewEncoder(w).Encode(map[string]any{"code": 1, "codeDesc": desc, "bucket": desc, "prefixes": []string{desc}})
	}))
	defer hostile.Close()
	o.URL = hostile.URL
	said := 0
	Run(t.Context(), o, func(f Finding) {
		if strings.Contains(f.Saw, "All is well") {
			said++
		}
		if strings.ContainsFunc(f.Saw, func(c rune) bool { return !unicode.IsPrint(c) }) ||
			strings.Contains(f.Saw, o.Users[0].Token) {
			t.Errorf("%+q", f)
		}
	})
	if said == 0 {
		t.Error("nothing of it was shown: this test is wrong")
	}
}

// What a grant doesn't give is not missed: other access files hold as well.
func TestOtherGrantsHold(t *testing.T) {
	for name, file := range map[string]string{
		"sealed only":  change(t, "delete]", "delete]\n    sealedOnly: true"),
		"uploads only": change(t, "upload, download, list, delete", "simpleUpload"),
		"nothing replaced": change(t, "upload, download, list, delete]",
			"simpleUpload, multipartUpload, download]\n    overwrite: false"),
		"rules": change(t, "    allowPrefixes: [\"users/{sub}/*\"]\n    allowActions: [upload, download, list, delete]", `    allow:
      - {prefixes: ["users/{sub}/*"], actions: [upload, list]}
      - {prefixes: ["shown/{sub}/*"], actions: [download]}`),
		"one file each":  change(t, "users/{sub}/*", "avatars/{sub}.png", "list, ", ""),
		"&, < and >":     change(t, "users/{sub}/*", "a<b>&c/{sub}/*"),
		"an audience's":  change(t, "delete]", "delete]\n    when: {aud: [cos-credentials], iss: [mini-program]}"),
		"downloads only": change(t, "upload, download, list, delete", "download"),
		"pictures only":  change(t, "delete]", "delete]\n    contentTypes: [image/*]"),
		"pinned":         change(t, "delete]", "delete]\n    pinClientAddress: true"),
		"a number": change(t, "HS256]", "HS256], subject: {claim: account.id, integer: true}",
			"{sub}", "{account.id|int}"),
		"a number is sub": change(t, "HS256]", "HS256], subject: {claim: uid, integer: true}", "{sub}", "{sub|int}"),
		"another is sub":  change(t, "HS256]", "HS256], subject: {claim: account.name}"),
		"longer folders":  change(t, "users/{sub}/*", "tenants/a/{sub}/files/*"),
		"a short key":     change(t, "delete]", "delete]\n    durationSeconds: 60"),
		"another HS": change(t, "HS256]", "HS256, HS384, HS512]",
			"${JWT_SECRET}", strings.Repeat("0123456789abcdef", 5)),
		"one of two": change(t, "grants:", `grants:
  - name: staff
    when: {role: [staff]}
    bucket: ${COS_BUCKET}
    region: ${COS_REGION}
    allowPrefixes: ["*"]
    allowActions: [list]`),
		"hashed": change(t, "{sub}", "{sub|sha256}"),
	} {
		t.Run(name, func(t *testing.T) {
			_, o := sceneOf(t, file, file)
			if ok, broken, all := use(t, o); !ok {
				t.Errorf("%s\nof\n%s", broken, all)
			}
		})
	}
}

// change returns the reviewed file with something else in it.
func change(t *testing.T, pairs ...string) string {
	t.Helper()
	out := strings.NewReplacer(pairs...).Replace(reviewed)
	if out == reviewed {
		t.Fatal("nothing was changed")
	}
	return out
}

// Each protection by itself is broken in what is deployed, or between it and smoke.
func TestEveryBrokenProtectionIsNoticed(t *testing.T) {
	valid := func(o Options) string { return o.Users[0].Token }
	for _, tt := range []struct {
		name   string
		access string                                      // what is deployed instead
		goesBy string                                      // what was reviewed instead
		broken func(Options) (request, answer func(*turn)) // what stands between
		cos    func(*turn)                                 // what stands before COS
		says   string
	}{
		{name: "keys for everybody's folder", says: "The key can't read a file next door",
			access: change(t, `"users/{sub}/*"]`, "\"users/*\"]\n    when: {iss: [mini-program]}")},
		{name: "another folder", says: "User 1 gets a key for users/", access: change(t, "users/{sub}", "user/{sub}")},
		{name: "too few actions", says: "The key can delete the own file", access: change(t, ", delete", "")},
		{name: "a function that answers *", says: "A page of another origin reads nothing",
			broken: func(Options) (_, _ func(*turn)) {
				return nil, func(x *turn) { x.header().Set("Access-Control-Allow-Origin", "*") }
			}},
		{name: "any origin is echoed", says: "A page of another origin reads nothing",
			broken: func(Options) (_, _ func(*turn)) {
				return nil, func(x *turn) {
					x.header().Set("Access-Control-Allow-Origin", x.request.Header.Get("Origin"))
				}
			}},
		{name: "no CORS", says: "A page of " + page + " may ask", broken: func(Options) (_, _ func(*turn)) {
			return nil, func(x *turn) { x.header().Del("Access-Control-Allow-Origin") }
		}},
		{name: "no CORS on refusals", says: "may read the answer, a refusal too",
			broken: func(Options) (_, _ func(*turn)) {
				return nil, func(x *turn) {
					if x.answer.StatusCode >= 400 {
						x.header().Del("Access-Control-Allow-Origin")
					}
				}
			}},
		{name: "no token is needed", says: "Nobody gets a key without a token",
			broken: func(o Options) (_, _ func(*turn)) {
				return func(x *turn) {
					if x.request.Header.Get("Authorization") == "" && x.request.Method != "OPTIONS" {
						x.request.Header.Set("Authorization", "Bearer "+valid(o))
					}
				}, nil
			}},
		{name: "tokens are kept by caches", says: "Nothing on the way may keep it",
			broken: func(Options) (_, _ func(*turn)) {
				return nil, func(x *turn) { x.header().Del("Cache-Control") }
			}},
		{name: "one key for all", says: "Two users get two keys",
			broken: func(o Options) (_, _ func(*turn)) {
				var first []byte
				return nil, func(x *turn) {
					if strings.Contains(string(x.body), "tmpSecretKey") {
						if first == nil {
							first = x.body
						}
						x.body = first
					}
				}
			}},
		{name: "keys that live on", says: "It ends when access.yaml says",
			broken: func(Options) (_, _ func(*turn)) {
				return nil, func(x *turn) { x.set("expiredTime", 4e9) }
			}},
		{name: "a scope for the neighbour", says: "Who asks for a key for the neighbour's file",
			broken: func(Options) (_, _ func(*turn)) {
				return func(x *turn) {
					if strings.Contains(string(x.body), "PutObject") {
						x.body = []byte("{}")
					}
				}, nil
			}},
		{name: "a form for the neighbour", says: "Who asks for a form",
			broken: func(Options) (_, _ func(*turn)) {
				return func(x *turn) {
					if x.request.URL.Path == "/post-policy" {
						x.request.URL.Path, x.body = "/credentials", nil
					}
				}, nil
			}},
		{name: "answers in clear", says: "comes sealed", broken: func(Options) (_, _ func(*turn)) {
			return func(x *turn) { x.request.URL.RawQuery = "" }, nil
		}},
		{name: "links to the neighbour's file", says: "Who asks for a link", broken: func(o Options) (_, _ func(*turn)) {
			return func(x *turn) {
				if x.request.URL.Path == "/links" {
					own := o.Users[0].Claims["sub"].(string)
					x.body = []byte(strings.Replace(string(x.body), own+"0/", own+"/", 1))
				}
			}, nil
		}},
		{name: "a link with a key in it", says: "The link holds no secret key", broken: func(Options) (_, _ func(*turn)) {
			return nil, func(x *turn) {
				x.body = []byte(strings.Replace(string(x.body), `{"links"`, `{"tmpSecretKey":"x","links"`, 1))
			}
		}},
		{name: "more than was reviewed", says: "The key can't delete the own file, as access.yaml doesn't say so",
			goesBy: change(t, "upload, download, list, delete", "simpleUpload")},
		{name: "writing where only reading was reviewed", says: "The key can't write the own file",
			goesBy: change(t, "upload, download, list, delete", "download")},
		{name: "no links", says: "A link to the own file is signed", broken: func(Options) (_, _ func(*turn)) {
			return func(x *turn) { x.request.URL.Path = strings.TrimSuffix(x.request.URL.Path, "/links") }, nil
		}},
		{name: "a link that opens nothing", says: "Whoever has the link reads the file", cos: func(x *turn) {
			if x.request.URL.Query().Has("x-cos-security-token") {
				x.answer.StatusCode = 403
			}
		}},
		{name: "a link that opens more", says: "The link opens no other file", cos: func(x *turn) {
			if strings.HasSuffix(x.request.URL.Path, ".txtx") {
				x.answer.StatusCode = 200
			}
		}},
		{name: "public uploads", says: "No upload makes its file public or gives it away (x-cos-acl)", cos: func(x *turn) {
			if x.request.Header.Get("X-Cos-Acl") != "" && x.request.URL.RawQuery == "" {
				x.answer.StatusCode = 200
			}
		}},
		{name: "a bucket that everybody reads", says: "Nobody reads the file without a key", cos: func(x *turn) {
			if x.request.Header.Get("Authorization") == "" {
				x.answer.StatusCode = 200
			}
		}},
		{name: "a COS that evaluates nothing", says: "next door", cos: func(x *turn) { x.answer.StatusCode = 200 }},
		{name: "whole listings", says: "The key can't list the whole bucket", cos: func(x *turn) {
			if x.request.URL.Path == "/" && x.request.URL.RawQuery == "" {
				x.answer.StatusCode = 200
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, file := range []*string{&tt.access, &tt.goesBy} {
				if *file == "" {
					*file = reviewed
				}
			}
			_, o := sceneOf(t, tt.access, tt.goesBy)
			if tt.broken != nil {
				request, answer := tt.broken(o)
				o.URL = between(t, o.URL, request, answer)
			}
			if tt.cos != nil {
				o.COSEndpoint = between(t, o.COSEndpoint, nil, tt.cos)
			}
			ok, broken, all := use(t, o)
			if ok || !strings.Contains(broken, tt.says) {
				t.Errorf("smoke says only %q\nof\n%s", broken, all)
			}
		})
	}
}

// Every token that must be refused is noticed when it isn't.
func TestEveryForgedTokenIsNoticed(t *testing.T) {
	_, o := scene(t, reviewed)
	for _, forged := range o.Forge {
		broken := o
		broken.URL = between(t, o.URL, func(x *turn) {
			if x.request.Header.Get("Authorization") == "Bearer "+forged.Token {
				x.request.Header.Set("Authorization", "Bearer "+o.Users[0].Token)
			}
		}, nil)
		if ok, said, _ := use(t, broken); ok || !strings.Contains(said, forged.What) {
			t.Errorf("%s: smoke says only %q", forged.What, said)
		}
	}
}

// turn is a request and its answer on the way through something that breaks one of them.
type turn struct {
	request *http.Request
	answer  *http.Response
	body    []byte
}

func (x *turn) header() http.Header { return x.answer.Header }

// set changes a member of the answer, if it is a key.
func (x *turn) set(name string, value any) {
	var all map[string]any
	if json.Unmarshal(x.body, &all) == nil && all["credentials"] != nil {
		all[name] = value
		x.body, _ = json.Marshal(all)
	}
}

// between stands before an address and changes requests and answers.
func between(t *testing.T, address string, request, answer func(*turn)) string {
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(to)
			p.Out.Host = p.In.Host // it is signed
			if request != nil {
				x := &turn{request: p.Out}
				if p.Out.Body != nil {
					x.body, _ = io.ReadAll(p.Out.Body)
				}
				request(x)
				p.Out.Body, p.Out.ContentLength = io.NopCloser(bytes.NewReader(x.body)), int64(len(x.body))
				if len(x.body) == 0 {
					p.Out.Body = http.NoBody
				}
			}
		},
		ModifyResponse: func(r *http.Response) error {
			if answer == nil {
				return nil
			}
			body, err := io.ReadAll(r.Body)
			x := &turn{request: r.Request, answer: r, body: body}
			answer(x)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(x.body)), int64(len(x.body))
			r.Header.Set("Content-Length", fmt.Sprint(len(x.body)))
			return err
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}
