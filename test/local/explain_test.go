package main

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	item := func(action, prefix string) string {
		return fmt.Sprintf(`{"action":"name/cos:%s","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":%q}`,
			action, prefix)
	}
	var many []string
	for i := range 1000 {
		many = append(many, item("DeleteObject", fmt.Sprintf("users/alice/album/%d.jpg", i)))
	}
	dir := t.TempDir()
	object := save(t, dir, "object.json", `{"scope":[`+item("HeadObject", "users/alice/a")+`]}`+"\n")
	all := save(t, dir, "all.json", "["+strings.Join(many, ",")+"]")
	others := save(t, dir, "others.json", strings.ReplaceAll("["+strings.Join(many, ",")+"]", "alice", "bob"))
	const tenants = "../../events/access/tenants.yaml"
	const shop = "  - {name: shop, issuer: s, audiences: [a], secret: '${S}'}\n\ngrants:"
	both := strings.Replace(string(read(t, app)), "grants:", shop, 1)
	two := save(t, dir, "two.yaml", strings.ReplaceAll(both, "    bucket:", "    issuers: [mini]\n    bucket:"))
	teams := []string{"--claim", `teams:=["red","blue"]`, "--grant", "team"}
	picture := []string{"--key", "pictures/alice/a.png", "--grant", "pictures", "--type"}
	for _, tt := range []struct {
		access string // the shipped one if empty
		args   []string
		status int
		says   []string
		not    string
	}{
		{"", nil, 0, []string{"grant own-files", "30 minutes", "users/alice/*  download (GetObject", "and nothing else",
			`"name/cos:PutObject"`}, ""},
		{tenants, []string{"--claim", "tenant=acme", "--claim", `role:=["manager"]`, "--grant", "tenant-files",
			"--address", "203.0.113.7"}, 0, []string{"grant tenant-files", "15 minutes",
			"tenants/acme/*  list (GetBucket), if secure-transport is true and ip is 203.0.113.7"}, ""},
		{tenants, []string{"--grant", "by-number", "--claim", "role=x"}, 1, []string{"gets no key",
			"grant by-number wants the claim role to be, or to hold, one of [device]\n"}, "tenant-files"},
		{two, []string{"--issuer", "shop"}, 1, []string{"grant own-files is not for logins of issuer shop\n"}, ""},
		{two, []string{"--issuer", "shp"}, 2, []string{`The access file has no issuer "shp": it has mini, shop`}, ""},
		{two, nil, 2, []string{"Name the login's issuer with --issuer: mini, shop"}, ""},
		{"", []string{"--sub", "a/b"}, 1, []string{"gets no key"}, ""},
		{office, teams, 1, []string{"grant team picks from the claim teams, which holds several"}, ""},
		{office, append(teams, "--pick", "green"), 1, []string{"the request picks what the claim teams"}, ""},
		{office, append(teams, "--pick", "blue"), 0, []string{"teams/blue/* desks/alice/*  simple upload",
			"never *  simple upload, form upload", "or if x-cos-grant-read is there"}, "teams/red"},
		{"", []string{"--grant", "nothing"}, 1, []string{"gets no key", "\n  it has own-files\n"}, ""},

		{app, []string{"--scope", "PutObject=users/alice/b", "--scope", "cos:GetObject=/users/alice/a"}, 0,
			[]string{"users/alice/b  simple upload (PutObject)", "users/alice/a  GetObject", `/users/alice/a"`}, "folded"},
		{app, []string{"--scope", "GetBucket="}, 0, []string{"users/alice/*  list (GetBucket)"}, "avatars"},
		{app, []string{"--scope", "[" + item("Restore", "users/alice/a") + "]"}, 0, []string{"PostObjectRestore"}, ""},
		{app, []string{"--scope", "@" + object}, 0, []string{"users/alice/a  HeadObject"}, ""},
		{app, []string{"--scope", "@" + all}, 0,
			[]string{"users/alice/album/*  delete", "The 1000 items are too long for one policy", "folded"}, ""},
		{app, []string{"--scope", "GetObject=users/alice/a", "--scope", "GetObject=users/alice2/a"}, 1,
			[]string{"This login gets no key", `item 2  name/cos:GetObject of "users/alice2/a": an item`,
				"1 of 2 items can be had; grant own-files opens avatars/alice.png users/alice/*"}, "item 1"},
		{app, []string{"--scope", "@" + others}, 1, []string{"item 5  ", "and 995 more", "0 of 1000 items"}, "item 6"},
		{app, []string{"--scope", "@" + all, "--scope", "GetObject=users/alice/a"}, 1, []string{"1 to 1,000 items"}, ""},

		{app, []string{"--filename", "A.JPG"}, 0,
			[]string{"  users/alice/20", ".jpg  simple upload, form upload", "nobody can guess"}, "GetObject"},
		{app, []string{"--filename", strings.Repeat("a", 300)}, 1,
			[]string{"This login gets no key: The body's filename is longer than 255 bytes.\n"}, "PutObject"},
		{app, append(picture, ""), 0, []string{"pictures/alice/a.png  form upload (PostObject)\n",
			"one form with it, for one file of at most 10485760 bytes, of type image/*."}, "simple upload"},
		{app, append(picture, "image/png"), 0, []string{"of type image/png."}, ""},
		{app, append(picture, "text/html"), 1, []string{"a content type was asked for that the grant does not take"}, ""},
		{app, []string{"--filename", "a.png", "--grant", "pictures", "--type", "image/png"}, 0,
			[]string{".png  form upload", "nobody can guess", "of type image/png."}, "simple upload"},
		{app, []string{"--key", "a", "--filename", "b"}, 1, []string{"both a key and a filename"}, ""},

		{app, []string{"--scope", "PutObject"}, 2, []string{"ACTION=PREFIX"}, ""},
		{app, []string{"--scope", "@" + dir + "/none.json"}, 2, []string{"none.json"}, ""},
		{app, []string{"--scope", "[{"}, 2, []string{"array of items"}, ""},
		{app, []string{"--scope", "[]"}, 2, []string{"array of items"}, ""},
	} {
		args := append([]string{"explain", "--sub", "alice", "--access", cmp.Or(tt.access, shipped)}, tt.args...)
		status, out, problems := local(t, args...)
		for _, want := range tt.says {
			if status != tt.status || !strings.Contains(out+problems, want) || tt.not != "" && strings.Contains(out, tt.not) {
				t.Errorf("%.300q: %d, no %q, or %q, in\n%s%s", args, status, want, tt.not, out, problems)
			}
		}
	}
}
