package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExplainWhatIsAskedFor(t *testing.T) {
	item := func(action, prefix string) string {
		return fmt.Sprintf(`{"action":"name/cos:%s","bucket":"examplebucket-1250000000","region":"ap-guangzhou","prefix":%q}`, action, prefix)
	}
	dir := t.TempDir()
	save := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "@" + path
	}
	var many []string
	for i := range 1000 {
		many = append(many, item("DeleteObject", fmt.Sprintf("users/alice/album/%d.jpg", i)))
	}
	for _, tt := range []struct {
		about  string
		args   []string
		status int
		says   []string
		not    string
	}{
		{"one item", []string{"--scope", "PutObject=users/alice/a.jpg"}, 0, []string{"users/alice/a.jpg  simple upload (PutObject)\nand nothing else", `/users/alice/a.jpg"`}, "GetObject"},
		{"two", []string{"--scope", "name/cos:PutObject=users/alice/b", "--scope", "cos:GetObject=/users/alice/a"}, 0, []string{"users/alice/b  simple upload", "users/alice/a  GetObject"}, "folded"},
		{"a listing of all", []string{"--scope", "GetBucket="}, 0, []string{"users/alice/*  list (GetBucket)"}, "avatars"},
		{"an array", []string{"--scope", "[" + item("Restore", "users/alice/a") + "]"}, 0, []string{"PostObjectRestore"}, ""},
		{"a file", []string{"--scope", save("object.json", `{"scope":[`+item("HeadObject", "users/alice/a")+`]}`+"\n")}, 0, []string{"users/alice/a  HeadObject"}, ""},
		{"too many keys", []string{"--scope", save("many.json", "["+strings.Join(many, ",")+"]")}, 0, []string{"users/alice/album/*  delete", "The 1000 items are too long for one policy", "folded"}, ""},
		{"no prefix", []string{"--scope", `[{"action":"name/cos:GetBucket","bucket":"examplebucket-1250000000","region":"ap-guangzhou"}]`}, 0, []string{"users/alice/*  list"}, ""},
		{"another's", []string{"--scope", "GetObject=users/alice/a", "--scope", "GetObject=users/alice2/a"}, 1,
			[]string{"This login gets no key", `item 2  name/cos:GetObject of "users/alice2/a": an item of the scope lies outside`, "1 of 2 items can be had; grant own-files opens avatars/alice.png users/alice/*"}, "item 1"},
		{"many of another's", []string{"--scope", save("bad.json", strings.ReplaceAll("["+strings.Join(many, ",")+"]", "alice", "bob"))}, 1, []string{"item 5  ", "and 995 more", "0 of 1000 items"}, "item 6"},
		{"another bucket", []string{"--scope", strings.Replace("["+item("GetObject", "users/alice/a")+"]", "examplebucket", "otherbucket", 1)}, 1, []string{"is for another bucket or region"}, ""},
		{"a filename", []string{"--filename", "A.JPG"}, 0, []string{"  users/alice/20", ".jpg  simple upload, form upload", "nobody can guess"}, "GetObject"},
		{"a long filename", []string{"--filename", strings.Repeat("a", 296) + ".jpg"}, 1, []string{"This login gets no key: The body's filename is longer than 255 bytes.\n"}, "PutObject"},
		{"no folder for it", []string{"--filename", "a.jpg", "--grant", "avatar"}, 1, []string{"no prefix of it ends in /*"}, ""},
		{"a form", []string{"--key", "pictures/alice/a.png", "--grant", "pictures"}, 0, []string{"pictures/alice/a.png  form upload (PostObject)\n", "one form with it, for one file of at most 10485760 bytes, of type image/*."}, "simple upload"},
		{"a form of a type", []string{"--key", "pictures/alice/a.png", "--grant", "pictures", "--type", "image/png"}, 0, []string{"of type image/png."}, ""},
		{"a form of another type", []string{"--key", "pictures/alice/a.png", "--grant", "pictures", "--type", "text/html"}, 1, []string{"a content type was asked for that the grant does not take"}, ""},
		{"a form with a filename", []string{"--filename", "a.png", "--grant", "pictures", "--type", "image/png"}, 0, []string{".png  form upload", "nobody can guess", "of type image/png."}, "simple upload"},
		{"a form of no type", []string{"--key", "pictures/alice/a.png", "--grant", "pictures", "--type", "png"}, 1, []string{"content type was asked for that is none"}, ""},
		{"no forms", []string{"--key", "invoices/alice/a", "--grant", "invoices"}, 1, []string{"has no formUpload"}, ""},
		{"a form for all", []string{"--key", "users/alice/*"}, 1, []string{"for more than one key"}, ""},

		{"two ways at once", []string{"--key", "a", "--filename", "b"}, 1, []string{"both a key and a filename"}, ""},
		{"another two", []string{"--scope", "GetObject=users/alice/a", "--filename", "b"}, 1, []string{"both a scope and a filename"}, ""},
		{"a scope of a form", []string{"--scope", "GetObject=users/alice/a", "--key", "b"}, 1, []string{"not known here: it may have grant,"}, ""},
		{"a type of nothing", []string{"--type", "image/png"}, 1, []string{"must name a filename", "or a key"}, ""},
		{"an unknown member", []string{"--scope", strings.Replace("["+item("PutObject", "a")+"]", "{", `{"effect":"allow",`, 1)}, 1, []string{"An item of the scope has a member that is not known here"}, ""},
		{"no bucket", []string{"--scope", `[{"action":"name/cos:PutObject","region":"ap-guangzhou"}]`}, 1, []string{"An item of the scope has no bucket"}, ""},
		{"1,001 items", []string{"--scope", save("all.json", "["+strings.Join(many, ",")+"]"), "--scope", "GetObject=users/alice/a"}, 1, []string{"1 to 1,000 items"}, ""},

		{"no prefix at all", []string{"--scope", "PutObject"}, 2, []string{"ACTION=PREFIX"}, ""},
		{"no such file", []string{"--scope", "@" + dir + "/none.json"}, 2, []string{"none.json"}, ""},
		{"cut off", []string{"--scope", "[{"}, 2, []string{"json: "}, ""},
		{"two prefixes", []string{"--scope", strings.Replace("["+item("PutObject", "a")+"]", "{", `{"prefix":"b",`, 1)}, 2, []string{"json: "}, ""},
		{"nothing", []string{"--scope", "[]"}, 2, []string{"array of items"}, ""},
	} {
		args := append([]string{"explain", "--sub", "alice", "--access", "../../events/access/app.yaml"}, tt.args...)
		status, out, problems := local(t, args...)
		if status != tt.status {
			t.Errorf("%s: %d\n%s%s", tt.about, status, out, problems)
		}
		for _, want := range tt.says {
			if !strings.Contains(out+problems, want) {
				t.Errorf("%s: no %q in\n%s%s", tt.about, want, out, problems)
			}
		}
		if tt.not != "" && strings.Contains(out, tt.not) {
			t.Errorf("%s: %q in\n%s", tt.about, tt.not, out)
		}
	}
}
