package test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cos-credentials/test/cam"
	"cos-credentials/test/replay"
)

// meetingPlaces has one grant for each way in which a claim becomes a folder, in one bucket.
const meetingPlaces = `
issuers:
  - {name: shop, issuer: https://login.example.com/, audiences: [cos-credentials], algorithms: [ES256], jwks: "${LOGIN_KEYS}"}
  - {name: mini, issuer: mini-program, audiences: [cos-credentials], secret: "${JWT_SECRET}"}
grants:
  - {name: plain, issuers: [shop, mini], allowPrefixes: ["plain/{issuer}/{sub}/*"], ` + everyAction + `}
  - {name: home, issuers: [shop], allowPrefixes: ["home/{sub}/*"], ` + everyAction + `}
  - {name: all-homes, issuers: [shop], when: {role: [manager]}, allowPrefixes: ["home/_shared/*"], ` + everyAction + `}
  - {name: avatar, issuers: [shop], allowPrefixes: ["avatars/{sub}.png"], bucket: "${COS_BUCKET}", region: "${COS_REGION}", allowActions: [upload, download]}
  - {name: tenant, issuers: [shop], allowPrefixes: ["tenants/{tenant}/{sub}/*"], ` + everyAction + `}
  - {name: nested, issuers: [shop], allowPrefixes: ["nested/{profile.openid}/*"], ` + everyAction + `}
  - {name: team, issuers: [shop], allowPrefixes: ["team/{teams[]}/*"], ` + everyAction + `}
  - {name: team-hex, issuers: [shop], allowPrefixes: ["team-hex/{teams[]|hex}/*"], ` + everyAction + `}
  - {name: int, issuers: [shop], allowPrefixes: ["int/{id|int}/*"], ` + everyAction + `}
  - {name: base64url, issuers: [shop], allowPrefixes: ["base64url/{sub|base64url}/*"], ` + everyAction + `}
  - {name: hex, issuers: [shop], allowPrefixes: ["hex/{sub|hex}/*"], ` + everyAction + `}
  - {name: sha256, issuers: [shop], allowPrefixes: ["sha256/{sub|sha256}/*"], ` + everyAction + `}
`

const everyAction = `bucket: "${COS_BUCKET}", region: "${COS_REGION}", allowActions: [upload, download, list, delete]`

// identity is a login as a token says it, and the prefix that it must get: "" if it must be refused.
type identity struct {
	grant  string
	claims string // words of a ${TOKEN …}
	want   string
	status int // of the refusal: 403 IdentityNotUsable unless it says otherwise
}

const shopLogin = "alg=ES256 iss=https://login.example.com/ "

// Subjects of one issuer, no two of them the same user. The plain ones can be a folder as they are, the hostile ones can't.
var (
	plainSubjects = []string{
		"alice", "Alice", "ALICE", "alice2", "alice-", "alice_", "alice@", "alice.x", "alice@example.com", "0alice", "a", "b", "ab", "0", "00", "1", "01", "1.0", "1e0",
		"10", "users", "plain", "home", "shop", "mini", "shared", "avatar.png", "alice.png", "YQ", "61", "YWxpY2U", hexOf("alice"), digestOf("alice"), "9007199254740992",
		"9007199254740993", strings.Repeat("a", 127), strings.Repeat("a", 128), "con", "null", "true", "undefined", "constructor",
	}
	hostileSubjects = []string{
		"*", "?", "alice*", "al?ce", "**", "alice/", "/alice", "alice/x", "alice//", "../alice", "..", ".", "./alice", "a..b", "alice.", ".alice", "-alice", "_alice", "_shared", "@alice",
		" ", "alice ", " alice", "ali ce", "alice\t", "alice\n", "alice\r", "alice\x00", "\x00", "alice\x7f", "alice%2Fx", "alice%2fx", "%61lice", "alice%00", "alice%", `alice\x`, `..\alice`,
		"alice$", "${uin}", "$${uin}", "{sub}", "{tenant}", "alice}", "alice;x", "alice:x", "auth0|1", "alice+x", "alice,bob", "alice&b", "alice=b", "alice#", "alice!", "alice~", "(alice)", `"alice"`, "'alice'", "<alice>",
		"аlice", "ａlice", "alıce", "aliсe", "alice\u200b", "\u200balice", "alice\u00ad", "\ufeffalice", "alice\u202e", "jose\u0301", "jos\u00e9", "\u212a", "K\u212a", "ﬁ", "ß", "ss\u0307", "İ", "alice\u2044x", "alice\uff0fx", "alice\u2215x", "alice\u2024", "\uff0e\uff0e", "\u0661", "１", "李", "😀",
		strings.Repeat("a", 129), strings.Repeat("a", 1025),
	}
)

func hexOf(s string) string    { return hex.EncodeToString([]byte(s)) }
func digestOf(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }

// identities are all that try to meet.
func identities() (all []identity) {
	add := func(grant, claims, want string) {
		all = append(all, identity{grant: grant, claims: claims, want: want})
	}
	said := func(claim string, value any) string {
		text, _ := json.Marshal(value)
		return claim + ":=" + string(text) + " "
	}
	for _, sub := range plainSubjects {
		s := shopLogin + said("sub", sub)
		add("plain", s, "plain/shop/"+sub+"/*")
		add("plain", said("sub", sub), "plain/mini/"+sub+"/*") // another issuer's user of that name
		add("home", s, "home/"+sub+"/*")                       // never home/_shared, which another grant names
		add("avatar", s, "avatars/"+sub+".png")
		add("tenant", s+"tenant=acme", "tenants/acme/"+sub+"/*")
		add("tenant", shopLogin+"tenant="+sub+" sub=alice.of", "tenants/"+sub+"/alice.of/*") // a tenant called like a user
		add("nested", s+`profile:={"openid":"`+sub+`","sub":"root"}`, "nested/"+sub+"/*")
		add("team", shopLogin+"sub=root "+said("teams", []string{sub}), "team/"+sub+"/*") // a team called like a user
	}
	for _, sub := range hostileSubjects {
		s := shopLogin + said("sub", sub)
		add("plain", s, "")
		add("home", s, "")
		add("avatar", s, "")
		add("tenant", s+"tenant=acme", "")
		add("tenant", shopLogin+said("tenant", sub)+"sub=alice", "")
		add("team", shopLogin+said("teams", []string{sub}), "")
		add("nested", shopLogin+"profile:="+string(must(json.Marshal(map[string]string{"openid": sub}))), "")
	}
	for _, sub := range append(plainSubjects, hostileSubjects...) { // an encoding takes any of them, if the key isn't too long
		fits := func(folder, text string) string {
			if len(sub) > 1024 || len(folder+"/"+text+"/") > 850 {
				return ""
			}
			return folder + "/" + text + "/*"
		}
		s := shopLogin + said("sub", sub)
		add("base64url", s, fits("base64url", base64.RawURLEncoding.EncodeToString([]byte(sub))))
		add("hex", s, fits("hex", hexOf(sub)))
		add("sha256", s, fits("sha256", digestOf(sub)))
		add("team-hex", shopLogin+said("teams", []string{sub}), fits("team-hex", hexOf(sub)))
	}

	// Numbers. Each has one spelling; none is rounded.
	for _, id := range []string{"0", "1", "10", "100", "9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994", "9223372036854775807", "9223372036854775808", "9999999999999999999"} {
		add("int", shopLogin+"id:="+id, "int/"+id+"/*")
	}
	for _, id := range []string{
		"1.0", "1e0", "1E0", "10e-1", "0.1e1", "1e1", "-1", "-0", "0.0", "1.5", "9007199254740993.0", "1e19", "10000000000000000000", "1e400",
		`"1"`, `"01"`, `"١"`, "true", "null", "[1]", "[]", `{"id":1}`, `""`,
	} {
		add("int", shopLogin+"id:="+id, "")
	}
	add("int", shopLogin+"ID:=1", "")
	add("int", shopLogin, "")

	// Claims that aren't one string.
	for _, value := range []string{`["acme"]`, `["acme","other"]`, `[]`, `{"acme":true}`, "1", "true", "null", `[["acme"]]`} {
		add("tenant", shopLogin+"tenant:="+value, "")
		add("nested", shopLogin+`profile:={"openid":`+value+`}`, "")
		if !strings.HasPrefix(value, `["acme"`) {
			add("team", shopLogin+"teams:="+value, "")
		}
	}
	for _, profile := range []string{`"acme"`, `[{"openid":"acme"}]`, `{"OpenID":"acme"}`, `{"openid ":"acme"}`, `{}`, `{"openid":{"openid":"acme"}}`, "null"} {
		add("nested", shopLogin+"profile:="+profile, "")
	}
	add("nested", shopLogin+"profile.openid=acme", "")
	add("nested", shopLogin+`profile:={"openid":"nora"} profile.openid=root openid=root`, "nested/nora/*") // what looks like the claim isn't it
	add("tenant", shopLogin+"TENANT=acme", "")
	add("plain", "issuer=shop iss=mini-program sub=mallory", "plain/mini/mallory/*") // a claim called issuer is nobody's issuer

	// What isn't one string in two parsers is no token.
	for _, value := range []string{`"a\ud800"`, `"a\ufffd"`, `"\udc00b"`, "5", "true", "null", `["alice"]`, `{}`, `""`} {
		all = append(all, identity{grant: "plain", claims: shopLogin + "sub:=" + value, status: 401})
	}
	return all
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Identities that try to meet go through the real binary: each gets its own prefix to the letter, or nothing; no two get prefixes
// that overlap, and no key opens what is another's.
func TestIdentitiesThatTryToMeet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "access.yaml")
	if err := os.WriteFile(file, []byte(meetingPlaces), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRunner(t)
	jwks := "${JWKS}"
	type key struct {
		prefix, who string
		policy      cam.Policy
	}
	var keys []key
	refused := 0
	for _, id := range identities() {
		event, _ := json.Marshal(map[string]any{
			"httpMethod": "GET", "path": "/", "queryString": map[string]string{"grant": id.grant},
			"headers": map[string]string{"authorization": "Bearer ${TOKEN " + strings.ReplaceAll(id.claims, "${", "$\\u007b") + "}"},
		})
		c := replay.Case{Name: id.grant + " " + id.claims, Access: file, Env: map[string]*string{"LOGIN_KEYS": &jwks}, Event: event, Answer: &replay.Answer{Status: 200, STS: true}}
		if id.want == "" {
			refused++
			c.Answer = &replay.Answer{Status: 403, Code: "IdentityNotUsable", STS: false}
			if id.status == 401 {
				c.Answer = &replay.Answer{Status: 401, Code: "TokenInvalid", STS: false}
			}
		}
		o, err := r.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range o.Differences {
			t.Fatalf("%.120s: %s: want %s, got %s\n%s", c.Name, d.What, d.Want, d.Got, strings.Join(o.Log, "\n"))
		}
		if id.want == "" || o.Status != 200 {
			continue
		}
		var answer struct{ Body string }
		var body struct {
			Prefixes    []string
			Credentials struct{ SessionToken string }
		}
		if json.Unmarshal(o.Response, &answer) != nil || json.Unmarshal([]byte(answer.Body), &body) != nil || len(body.Prefixes) != 1 || body.Prefixes[0] != id.want {
			t.Errorf("%.120s: prefixes %q, want %q", c.Name, body.Prefixes, id.want)
			continue
		}
		grant, err := r.STS.OpenToken(body.Credentials.SessionToken)
		if err != nil {
			t.Fatal(err)
		}
		policy, err := cam.Parse(grant.Policy)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key{id.want, c.Name, policy})
	}
	t.Logf("%d identities got a key, %d were refused", len(keys), refused)
	for _, mine := range keys {
		object := strings.TrimSuffix(mine.prefix, "*")
		if strings.HasSuffix(object, "/") {
			object += "x"
		}
		for _, other := range keys {
			opens := other.policy.Allows(cam.Request{Action: "name/cos:GetObject", Resource: bucketResource + object, Context: friendly})
			if same := mine.prefix == other.prefix; same != opens || same && mine.who != other.who {
				t.Fatalf("%.90s and %.90s: a key for %s opens %s: %v", mine.who, other.who, other.prefix, object, opens)
			}
			if mine.prefix != other.prefix && listable(other.policy, object) {
				t.Fatalf("%.90s and %.90s: a key for %s lists %s", mine.who, other.who, other.prefix, object)
			}
		}
	}
}

// Templates that would let two users meet never get so far: the function is misconfigured, and says where.
func TestTemplatesThatMeetAreRefusedAtStart(t *testing.T) {
	r := newRunner(t)
	for name, prefixes := range map[string]string{
		"a user called admin":               `"users/{sub}/*", "users/admin/*"`,
		"a user called like another":        `"users/{sub}/*", "users/{nick}/*"`,
		"a tenant called like a user":       `"{sub}/*", "{tenant}/*"`,
		"a user called like a number":       `"users/{sub}/*", "users/{id|int}/*"`,
		"a user called like an encoding":    `"users/{sub}/*", "users/{sub|hex}/*"`,
		"an encoding that is a word":        `"users/{sub|base64url}/*", "users/YWRtaW4/*"`,
		"a digest that is somebody's":       `"users/{sub|sha256}/*", "users/` + digestOf("alice") + `/*"`,
		"a name that begins with another":   `"users/{sub}*"`,
		"a name before a hyphen":            `"users/{sub}-*"`,
		"two claims in a segment":           `"users/{tenant}-{sub}/*"`,
		"everybody's folder without a when": `"users/*"`,
	} {
		file := filepath.Join(t.TempDir(), "access.yaml")
		text := fmt.Sprintf("issuers:\n  - {name: mini, issuer: mini-program, audiences: [cos-credentials], secret: \"${JWT_SECRET}\"}\ngrants:\n  - {name: g, allowPrefixes: [%s], %s}\n", prefixes, everyAction)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := r.Run(t.Context(), replay.Case{
			Name: name, Access: file, Event: json.RawMessage(`{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer ${TOKEN}"}}`),
			Answer: &replay.Answer{Status: 500, Code: "Misconfigured", STS: false},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range o.Differences {
			t.Errorf("%s: %s: want %s, got %s", name, d.What, d.Want, d.Got)
		}
		if log := strings.Join(o.Log, "\n"); !strings.Contains(log, "access.yaml:4") {
			t.Errorf("%s: the log doesn't say where: %s", name, log)
		}
	}
}
