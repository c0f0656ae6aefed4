package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cos-credentials/function/credential"
	"cos-credentials/function/gateway"
	"cos-credentials/function/login"
	"cos-credentials/function/request"
	"cos-credentials/policy"
)

// kindsIn finds all constants of type Kind in a room's source, whoever adds one.
func kindsIn(t *testing.T, room string) map[string]int {
	t.Helper()
	paths, err := filepath.Glob(room + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	config := types.Config{IgnoreFuncBodies: true, Error: func(error) {}} // what is imported is not looked at
	checked, _ := config.Check(room, set, files, nil)
	found := map[string]int{}
	for _, name := range checked.Scope().Names() {
		if c, ok := checked.Scope().Lookup(name).(*types.Const); ok && c.Type().String() == room+".Kind" {
			value, _ := constant.Int64Val(c.Val())
			found[name] = int(value)
		}
	}
	if len(found) < 4 {
		t.Fatalf("%s has but the kinds %v: are they found?", room, found)
	}
	return found
}

func TestEveryKindOfRefusalIsTold(t *testing.T) {
	kinds := 0
	for room, asKind := range map[string]func(int) any{
		"login":      func(n int) any { return login.Kind(n) },
		"../policy":  func(n int) any { return policy.Kind(n) },
		"credential": func(n int) any { return credential.Kind(n) },
	} {
		for name, n := range kindsIn(t, room) {
			kinds++
			if told := clientErrors[asKind(n)]; told.code == (gateway.Code{}) || told.message == "" {
				t.Errorf("%s.%s has no row, or half of one", room, name)
			}
		}
	}
	if kinds != len(clientErrors) {
		t.Errorf("the rooms have %d kinds of refusal, the table %d", kinds, len(clientErrors))
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		err       error
		otherwise any
		code      gateway.Code
		message   string // its beginning
		after     time.Duration
	}{
		{&login.Error{Kind: login.Expired}, login.Invalid, gateway.TokenExpired, "The login has expired", 0},
		{&login.Error{Kind: login.KeysUnavailable, RetryAfter: time.Second}, login.Invalid, gateway.KeysUnavailable, "Logins can't be checked", time.Second},
		{&login.Error{Kind: 99}, login.Invalid, gateway.TokenInvalid, "The token is not valid", 0},
		{&policy.Refusal{Kind: policy.ScopeTooLarge}, policy.NotEntitled, gateway.ScopeTooLarge, "The scope names", 0},
		{&policy.Refusal{Kind: policy.InvalidRequest}, policy.NotEntitled, gateway.InvalidRequest, "The request can't be read", 0},
		{&policy.Refusal{Kind: policy.InvalidRequest, Message: "Own words."}, policy.NotEntitled, gateway.InvalidRequest, "Own words.", 0},
		{&policy.Refusal{}, policy.NotEntitled, gateway.NotEntitled, "This login may not", 0},
		{&policy.Refusal{Kind: 99, Message: "Own words."}, policy.NotEntitled, gateway.NotEntitled, "This login may not", 0},
		{&request.Error{Message: "Own words."}, policy.InvalidRequest, gateway.InvalidRequest, "Own words.", 0},
		{&credential.Error{Kind: credential.Busy, RetryAfter: time.Second}, credential.Failed, gateway.StsBusy, "Tencent Cloud's STS is busy", time.Second},
		{&credential.Error{}, credential.Failed, gateway.StsFailed, "Tencent Cloud's STS gave no", 0},
		{errors.New("other"), login.Invalid, gateway.TokenInvalid, "The token is not valid", 0},
		{errors.New("other"), credential.Failed, gateway.StsFailed, "Tencent Cloud's STS gave no", 0},
		{errors.New("other"), "no kind", gateway.Code{}, "", 0},
	} {
		got := refused(c.err, c.otherwise)
		if got.Code != c.code || !strings.HasPrefix(got.Message, c.message) || got.RetryAfter != c.after || got.Reason != c.err.Error() {
			t.Errorf("%#v: %+v", c.err, got)
		}
		if status := got.Response("").Status; status < 400 {
			t.Errorf("%#v: status %d", c.err, status)
		}
	}
}

// Only who asks for a form of a wrong type is told about types.
func TestTypesAreToldOfWhereTheyAreWrong(t *testing.T) {
	w := formsWorld(t)
	for body, says := range map[string]string{
		`{"key":"types/alice/a","grant":"two-types"}`: "takes several content types",
		`{"key":"users/alice/a","contentType":"png"}`: "must be one content type",
		`{"key":"users/alice/a","filename":"a"}`:      "both a key and a filename",
		`{"key":"users/alice/a","type":"image/png"}`:  "not known here",
	} {
		_, _, answer := w.ask(t, httpEvent("POST", "/post-policy", newToken(t, nil), body))
		message := fmt.Sprint(answer["message"])
		if answer["codeDesc"] != "InvalidRequest" || !strings.Contains(message, says) ||
			strings.Contains(says, "type") != strings.Contains(message, " content type") {
			t.Errorf("%s: %v", body, answer)
		}
	}
}
