package test

import (
	"errors"
	"flag"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cos-credentials/policy"
	"cos-credentials/test/cam"
)

// Whatever a request asks for: it gets all of it or nothing, nothing beside it, and never more than the grant gives.
func TestScopeIsAnIntersection(t *testing.T) {
	if checks := flag.Lookup("rapid.checks").Value; checks.String() == "100" { // rapid's default
		checks.Set("2000") // three seconds
		defer checks.Set("100")
	}
	var loaded, granted, refused, folded, tooLarge int
	rapid.Check(t, func(t *rapid.T) {
		e, ok := drawEntitlement(t)
		if !ok {
			return
		}
		loaded++
		whole := keyOf(t, e)
		scope, mayHave := drawScope(t, e, whole)
		narrowed, err := e.Narrow(scope)
		if err != nil {
			refused++
			mustBeSilent(t, err)
			if narrowed != nil || mayHave {
				t.Fatalf("%d items, all inside %q, are refused: %v", len(scope), e.Prefixes, err)
			}
			return
		}
		if !mayHave {
			t.Fatalf("an item lies outside %q, and the scope is granted: %+.300v", e.Prefixes, scope)
		}
		if _, err := narrowed.Document(); err != nil {
			tooLarge++
			mustBeSilent(t, err)
			var refusal *policy.Refusal
			if errors.As(err, &refusal); refusal == nil || refusal.Kind != policy.ScopeTooLarge {
				t.Fatalf("no document: %v", err)
			}
			return
		}
		granted++
		key := keyOf(t, narrowed)
		for _, item := range scope {
			mustOpen(t, key, item, whole)
		}
		for _, prefix := range narrowed.Prefixes {
			mustBeOpen(t, key, prefix, scope, e)
		}
		for range 40 {
			r := drawRequest(t, e, scope)
			if !key.Allows(r) {
				continue
			}
			if !whole.Allows(r) {
				t.Fatalf("the narrowed key opens what the grant doesn't: %+v", r)
			}
			if !asks(scope, r, narrowed.Folded, whole) {
				t.Fatalf("the key opens what nobody asked for (folded: %v): %+v", narrowed.Folded, r)
			}
		}
		if narrowed.Folded {
			folded++
		} else {
			mustNotDependOnOrder(t, e, scope, key)
		}
	})
	t.Logf("%d grants; %d scopes granted, %d of them folded; %d refused, %d too large", loaded, granted, folded, refused, tooLarge)
	if loaded >= 1000 && (granted < loaded/4 || refused < loaded/20 || folded < loaded/50) {
		t.Error("the generators draw too little of something: the property was hardly tested")
	}
}

// marked is in every subject and in every key drawn, and must be in no refusal.
const marked = "zq"

func mustBeSilent(t *rapid.T, err error) {
	var refusal *policy.Refusal
	if !errors.As(err, &refusal) || refusal.Reason == "" {
		t.Fatalf("a refusal that is none: %v", err)
	}
	if strings.Contains(err.Error(), marked) {
		t.Fatalf("the reason tells what was asked for: %v", err)
	}
}

// inside says what the contract says: the whole grant's own policy, asked about a key that no template names.
func inside(whole cam.Policy, item policy.Item) bool {
	action, prefix := canonicalAction(item.Action), strings.TrimPrefix(item.Prefix, "/")
	body, wildcard := strings.CutSuffix(prefix, "*")
	if lists(action) && prefix == "" {
		return opened(whole, action) != nil
	}
	if prefix == "" || len(body) > 850 || strings.HasPrefix(prefix, "/") || strings.Contains(prefix, "//") || strings.ContainsAny(body, "*?$%\\\n\x00\x7f\u0085\uFFFD") {
		return false
	}
	for segment := range strings.SplitSeq(body, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	if lists(action) {
		return mayList(whole, action, body)
	}
	if wildcard {
		body += "a key that no template names"
	}
	return whole.Allows(cam.Request{Action: action, Resource: bucketResource + body, Context: friendly})
}

// mayList asks about either form of cos:prefix, and wants one answer.
func mayList(key cam.Policy, action, prefix string) bool {
	context := map[string][]string{"cos:prefix": {prefix}}
	for k, v := range friendly {
		context[k] = v
	}
	request := cam.Request{Action: action, Resource: bucketResource, Context: context}
	key.Prefix = cam.RawPrefix
	raw := key.Allows(request)
	key.Prefix = cam.EncodedPrefix
	return raw && key.Allows(request)
}

// mustOpen fails unless the key does what an item asks for.
func mustOpen(t *rapid.T, key cam.Policy, item policy.Item, whole cam.Policy) {
	action, prefix := canonicalAction(item.Action), strings.TrimPrefix(item.Prefix, "/")
	body, wildcard := strings.CutSuffix(prefix, "*")
	switch {
	case lists(action) && prefix == "":
		for _, own := range opened(whole, action) {
			if strings.Contains(own, "%") {
				continue // the other form of one that is there too
			}
			if folder, ok := strings.CutSuffix(own, "*"); ok && !mayList(key, action, folder) {
				t.Fatalf("%+v doesn't list %q", item, own)
			}
		}
	case lists(action):
		if !mayList(key, action, body) || !mayList(key, action, body+"x") {
			t.Fatalf("%+v can't be listed", item)
		}
	default:
		objects := []string{body}
		if wildcard {
			objects = []string{body + "x", body + "x/y"}
		}
		for _, object := range objects {
			if !key.Allows(cam.Request{Action: action, Resource: bucketResource + object, Context: friendly}) {
				t.Fatalf("%+v doesn't open %q", item, object)
			}
		}
	}
}

// mustBeOpen holds the answer's prefixes to the key: they are what it opens, and folding makes whole folders.
func mustBeOpen(t *rapid.T, key cam.Policy, prefix string, scope []policy.Item, e *policy.Entitlement) {
	body, wildcard := strings.CutSuffix(prefix, "*")
	object := body
	if wildcard {
		object += "x"
	}
	opens := slices.ContainsFunc(actionNames, func(names []string) bool {
		action := "name/cos:" + names[0]
		return lists(action) && wildcard && mayList(key, action, body) || key.Allows(cam.Request{Action: action, Resource: bucketResource + object, Context: friendly})
	})
	if !opens {
		t.Fatalf("the answer names %q, and the key opens nothing of it", prefix)
	}
	asked := slices.ContainsFunc(scope, func(item policy.Item) bool {
		p := strings.TrimPrefix(item.Prefix, "/")
		return p == prefix || lists(canonicalAction(item.Action)) && p+"*" == prefix
	})
	if !asked && !strings.HasSuffix(prefix, "/*") && !slices.Contains(e.Prefixes, prefix) {
		t.Fatalf("%q is neither asked for nor a folder", prefix)
	}
}

// asks reports whether some item asks for what the request does; if keys were folded, whether it lies in the folder that
// two items of the action, under one prefix of the grant, have in common.
func asks(scope []policy.Item, r cam.Request, folded bool, whole cam.Policy) bool {
	object := strings.TrimPrefix(r.Resource, bucketResource)
	if lists(r.Action) {
		object = r.Context["cos:prefix"][0]
	}
	folders := map[string][]string{} // by prefix of the grant: what is asked for under it
	for _, item := range scope {
		prefix := strings.TrimPrefix(item.Prefix, "/")
		body, wildcard := strings.CutSuffix(prefix, "*")
		switch {
		case canonicalAction(item.Action) != r.Action:
			continue
		case prefix == "", object == body, (wildcard || lists(r.Action)) && strings.HasPrefix(object, body):
			return true
		}
		prefixes := opened(whole, r.Action)
		under := slices.IndexFunc(prefixes, func(p string) bool {
			stem, wildcard := strings.CutSuffix(p, "*")
			return prefix == p || wildcard && strings.HasPrefix(prefix, stem)
		})
		folders[prefixes[under]] = append(folders[prefixes[under]], body)
	}
	for under, bodies := range folders {
		if folded && len(bodies) > 1 && strings.HasPrefix(object, commonFolder(bodies, strings.TrimSuffix(under, "*"))) {
			return true
		}
	}
	return false
}

// opened is the prefixes on which a policy allows an action, in its order.
func opened(whole cam.Policy, action string) (prefixes []string) {
	for _, s := range whole.Statements {
		if s.Deny || !slices.Contains(s.Actions, action) {
			continue
		}
		if !lists(action) {
			for _, resource := range s.Resources {
				prefixes = append(prefixes, strings.TrimPrefix(resource, bucketResource))
			}
			continue
		}
		at := slices.IndexFunc(s.Conditions, func(c cam.Condition) bool { return c.Key == "cos:prefix" })
		if at < 0 {
			return []string{"*"}
		}
		prefixes = append(prefixes, s.Conditions[at].Values...)
	}
	return prefixes
}

// commonFolder is the longest beginning that all keys share and that ends in a slash, or is the grant's own.
func commonFolder(keys []string, least string) string {
	folder := least
	for i := len(least); i < len(keys[0]); i++ {
		if begin := keys[0][:i+1]; begin[i] == '/' && !slices.ContainsFunc(keys, func(k string) bool { return !strings.HasPrefix(k, begin) }) {
			folder = begin
		}
	}
	return folder
}

// mustNotDependOnOrder: a document is the cache's key.
func mustNotDependOnOrder(t *rapid.T, e *policy.Entitlement, scope []policy.Item, key cam.Policy) {
	turned := slices.Clone(scope)
	slices.Reverse(turned)
	again, err := e.Narrow(turned)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := asJSON(key), asJSON(keyOf(t, again)); a != b {
		t.Fatalf("the order of the scope changes the policy:\n%s\n%s", a, b)
	}
}
