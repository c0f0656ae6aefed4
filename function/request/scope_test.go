package request

import (
	"fmt"
	"strings"
	"testing"
)

func scopeItem(action, prefix string) string {
	return fmt.Sprintf(`{"action":"name/cos:%s","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":%q}`, action, prefix)
}

func TestScope(t *testing.T) {
	for name, c := range map[string]struct {
		body     string
		prefixes string
		allowed  []string // action key
		denied   []string
	}{
		"one put": {`[` + scopeItem("PutObject", "users/alice/a.txt") + `]`, "users/alice/a.txt",
			[]string{"PutObject users/alice/a.txt"}, []string{"PutObject users/alice/b.txt", "GetObject users/alice/a.txt", "PutObject users/alice/a.txt2"}},
		"in an object": {`{"scope":[` + scopeItem("PutObject", "users/alice/a.txt") + `],"durationSeconds":900}`, "users/alice/a.txt",
			[]string{"PutObject users/alice/a.txt"}, []string{"PutObject users/alice/b.txt"}},
		"leading slash": {`[` + scopeItem("PutObject", "/users/alice/a.txt") + `]`, "users/alice/a.txt", []string{"PutObject users/alice/a.txt"}, nil},
		"prefix":        {`[` + scopeItem("GetObject", "users/alice/sub/*") + `]`, "users/alice/sub/*", []string{"GetObject users/alice/sub/x"}, []string{"GetObject users/alice/x"}},
		"no cross": {`[` + scopeItem("PutObject", "users/alice/a") + `,` + scopeItem("GetObject", "users/alice/b") + `]`, "users/alice/a users/alice/b",
			[]string{"PutObject users/alice/a", "GetObject users/alice/b"}, []string{"PutObject users/alice/b", "GetObject users/alice/a"}},
		"exact object": {`[` + scopeItem("PutObject", "avatars/alice.png") + `]`, "avatars/alice.png", []string{"PutObject avatars/alice.png"}, []string{"PutObject users/alice/a"}},
		"Android names": {`[` + scopeItem("GetObjectBytes", "users/alice/a") + `,` + scopeItem("OptionObject", "users/alice/a") + `,` + scopeItem("ListMultiUploads", "users/alice/a") + `,` + scopeItem("Restore", "users/alice/a") + `]`,
			"users/alice/a", []string{"GetObject users/alice/a", "OptionsObject users/alice/a", "ListMultipartUploads users/alice/a", "PostObjectRestore users/alice/a"}, []string{"HeadObject users/alice/a"}},
		"short form": {`[` + strings.Replace(scopeItem("RestoreObject", "users/alice/a"), "name/cos:", "cos:", 1) + `]`, "users/alice/a", []string{"PostObjectRestore users/alice/a"}, nil},
		"strange names": {`[` + scopeItem("PutObject", "users/alice/a b+c&<d>'\u5c0f{x}.txt") + `]`, "users/alice/a b+c&<d>'\u5c0f{x}.txt",
			[]string{"PutObject users/alice/a b+c&<d>'\u5c0f{x}.txt"}, []string{"PutObject users/alice/a+b+c&<d>'\u5c0f{x}.txt"}},
	} {
		narrowed, err := ask(t, Credentials, c.body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(narrowed.Prefixes, " "); got != c.prefixes {
			t.Errorf("%s: prefixes %s, want %s", name, got, c.prefixes)
		}
		p := document(t, narrowed)
		for _, want := range c.allowed {
			if action, key, _ := strings.Cut(want, " "); !allows(p, action, key) {
				t.Errorf("%s: %s is denied", name, want)
			}
		}
		for _, want := range c.denied {
			if action, key, _ := strings.Cut(want, " "); allows(p, action, key) {
				t.Errorf("%s: %s is allowed", name, want)
			}
		}
	}
}

func TestScopeOfListings(t *testing.T) {
	absent := `{"action":"name/cos:GetBucket","bucket":"examplebucket-1250000000","region":"ap-guangzhou"}`
	for body, want := range map[string]string{
		`[` + scopeItem("GetBucket", "") + `]`:                         "[users/alice/*]",
		`[` + scopeItem("GetBucket", "/") + `]`:                        "[users/alice/*]",
		`[` + absent + `]`:                                             "[users/alice/*]",
		`[` + strings.Replace(absent, `}`, `,"prefix":null}`, 1) + `]`: "[users/alice/*]",
		`[` + scopeItem("GetBucket", "users/alice/2026/") + `]`:        "[users/alice/2026/*]",
		`[` + scopeItem("GetBucket", "users/alice/2026/*") + `]`:       "[users/alice/2026/*]",
		`[` + scopeItem("GetBucket", "users/alice/20") + `]`:           "[users/alice/20*]",
	} {
		if narrowed, err := ask(t, Credentials, body); err != nil || fmt.Sprint(narrowed.Prefixes) != want {
			t.Errorf("%s: %+v, %v, want %s", body, narrowed, err, want)
		}
	}
}

func TestScopeIsRefused(t *testing.T) {
	other := strings.Replace(scopeItem("PutObject", "users/alice/a"), "examplebucket-1250000000", "other-1250000000", 1)
	region := strings.Replace(scopeItem("PutObject", "users/alice/a"), "ap-guangzhou", "ap-beijing", 1)
	many := func(n int) string {
		return `[` + strings.Repeat(scopeItem("DeleteObject", "users/alice/a")+`,`, n-1) + scopeItem("DeleteObject", "users/alice/a") + `]`
	}
	for body, want := range map[string]string{
		`[]`:             "InvalidRequest",
		`{"scope":[]}`:   "InvalidRequest",
		`{"scope":{}}`:   "InvalidRequest",
		`{"scope":null}`: "InvalidRequest",
		`[null]`:         "InvalidRequest",
		`[[]]`:           "InvalidRequest",
		`["x"]`:          "InvalidRequest",
		`[{}]`:           "InvalidRequest",
		many(1001):       "InvalidRequest",
		`[` + strings.Replace(scopeItem("PutObject", "users/alice/a"), `}`, `,"effect":"allow"}`, 1) + `]`:             "InvalidRequest",
		`[{"action":1,"bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":"users/alice/a"}]`:          "InvalidRequest",
		`[{"action":"name/cos:PutObject","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":["a"]}]`: "InvalidRequest",
		`{"scope":[` + scopeItem("PutObject", "users/alice/a") + `],"filename":"a.jpg"}`:                               "InvalidRequest",
		`[` + other + `]`:                                                                                               "ScopeNotAllowed",
		`[` + region + `]`:                                                                                              "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "") + `]`:                                                                          "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "*") + `]`:                                                                         "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/*") + `]`:                                                                   "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice*") + `]`:                                                              "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice") + `]`:                                                               "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice2/a") + `]`:                                                            "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/bob/a") + `]`:                                                               "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice/../bob/a") + `]`:                                                      "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice/./a") + `]`:                                                           "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice//a") + `]`:                                                            "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "//users/alice/a") + `]`:                                                           "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice/a*b") + `]`:                                                           "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice/**") + `]`:                                                            "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice/a?") + `]`:                                                            "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice/${uin}") + `]`:                                                        "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice/%2e%2e/a") + `]`:                                                      "ScopeNotAllowed",
		`[` + scopeItem("PutObject", `users/alice/\a`) + `]`:                                                            "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "users/alice/"+strings.Repeat("x", 840)) + `]`:                                     "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "avatars/alice.png/*") + `]`:                                                       "ScopeNotAllowed",
		`[` + scopeItem("PutObject", "avatars/alice.png*") + `]`:                                                        "ScopeNotAllowed",
		`[` + scopeItem("GetBucket", "avatars/alice.png") + `]`:                                                         "ScopeNotAllowed",
		`[` + scopeItem("GetBucket", "users/") + `]`:                                                                    "ScopeNotAllowed",
		`[` + scopeItem("GetBucket", "users/alice") + `]`:                                                               "ScopeNotAllowed",
		`[` + scopeItem("PutBucket", "users/alice/a") + `]`:                                                             "ScopeNotAllowed",
		`[` + scopeItem("*", "users/alice/a") + `]`:                                                                     "ScopeNotAllowed",
		`[` + scopeItem("putObject", "users/alice/a") + `]`:                                                             "ScopeNotAllowed",
		`[{"action":"","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":"users/alice/a"}]`:          "ScopeNotAllowed",
		`[{"action":"PutObject","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":"users/alice/a"}]`: "ScopeNotAllowed",
		`[` + scopeItem("GetObject", "users/alice/a") + `,` + scopeItem("PutObject", "users/bob/a") + `]`:               "ScopeNotAllowed",
	} {
		if _, err := ask(t, Credentials, body); codeOf(err) != want {
			t.Errorf("%.200s: %v, want %s", body, err, want)
		}
	}
}

func TestLargeScopeIsFolded(t *testing.T) {
	var items []string
	for i := range 500 {
		items = append(items, scopeItem("DeleteObject", fmt.Sprintf("users/alice/album/2026/%04d.jpg", i)))
	}
	items = append(items, scopeItem("GetObject", "users/alice/other/a.jpg"))
	narrowed, err := ask(t, Credentials, `[`+strings.Join(items, ",")+`]`)
	if err != nil || !narrowed.Folded || fmt.Sprint(narrowed.Prefixes) != "[users/alice/album/2026/* users/alice/other/a.jpg]" {
		t.Fatalf("%+v, %v", narrowed, err)
	}
	p := document(t, narrowed)
	if !allows(p, "DeleteObject", "users/alice/album/2026/0499.jpg") || !allows(p, "GetObject", "users/alice/other/a.jpg") ||
		allows(p, "DeleteObject", "users/alice/album/2025/a.jpg") || allows(p, "GetObject", "users/alice/album/2026/0001.jpg") || allows(p, "DeleteObject", "users/alice/other/a.jpg") {
		t.Error("the folded policy opens too much or too little")
	}
}
