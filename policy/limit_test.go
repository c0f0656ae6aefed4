package policy

import (
	"reflect"
	"slices"
	"testing"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// samples has one value for each limit, as the access file writes it, the actions of the grant that it stands in, and what
// keeps it for a form.
var samples = map[string]struct{ yaml, actions, keeper string }{
	"maxBytes":       {"maxBytes: 1000", "simpleUpload, formUpload", formsOwn},
	"contentTypes":   {"contentTypes: [image/*]", "upload", formsOwn},
	"objectAcl":      {"objectAcl: private", "upload", keys},
	"storageClasses": {"storageClasses: [STANDARD]", "upload", keys},
	"overwrite":      {"overwrite: false", "simpleUpload, multipartUpload", nobody},
}

const (
	formsOwn = "the form's own policy"
	keys     = "the policy of the key behind the form"
	nobody   = "nothing: there is no such form"
)

// Whoever adds a limit gives it a row, and the row says everything: how it is read, written and kept by a form.
func TestEveryLimitHasItsRow(t *testing.T) {
	read := map[string]bool{} // fields of limits
	for _, l := range limitTable {
		got, none := limitsOf(t, l.field, samples[l.field].yaml), limitsOf(t, l.field, "")
		for i := range reflect.TypeFor[limits]().NumField() {
			if !reflect.DeepEqual(field(got, i), field(none, i)) {
				read[reflect.TypeFor[limits]().Field(i).Name] = true
			}
		}
		for _, other := range limitTable {
			if other.set(got) != (other.field == l.field) || other.set(none) {
				t.Errorf("%s: set of %s is wrong", l.field, other.field)
			}
		}
		if l.set(limits{}) != l.byDefault {
			t.Errorf("%s: byDefault is wrong", l.field)
		}
		if l.carried == nil || l.around == nil || (l.serves == "") != l.byDefault || l.remedy == "" ||
			(l.allow == nil) == (l.deny == nil) || l.form != nil && l.formsKey {
			t.Errorf("the row of %s lacks something, or says it twice", l.field)
		}
	}
	for i := range reflect.TypeFor[limits]().NumField() {
		if name := reflect.TypeFor[limits]().Field(i).Name; !read[name] {
			t.Errorf("no row of limitTable reads limits.%s", name)
		}
	}
	if e := (Entitlement{opens: []opening{{cam + "PutObject", []string{"a"}}}}); e.denials() == nil {
		t.Error("without a word of it, objects don't stay private")
	}
}

// limitsOf reads a grant with one limit at most.
func limitsOf(t *testing.T, name, yaml string) limits {
	t.Helper()
	if name != "objectAcl" || yaml == "" {
		yaml += "\n    objectAcl: any" // the one that is set by default
	}
	access, problems := load(t, limitedFile(yaml, samples[name].actions))
	if problems != nil {
		t.Fatal(name, problems)
	}
	return access.Grants[0].limits
}

func field(l limits, i int) any {
	v := reflect.ValueOf(&l).Elem().Field(i)
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem().Interface()
}

func limitedFile(limit, actions string) string {
	return `
issuers: [{name: shop, issuer: shop, audiences: [x], secret: "${SECRET}"}]
grants:
  - name: g
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["users/{sub}/*"]
    allowActions: [` + actions + `, download]
    ` + limit + "\n"
}

// Every limit holds for every kind of document that lets an upload happen: in a condition of each statement whose
// requests carry what is limited, or, of a form, in the form's own policy. What can't keep it is refused.
func TestEveryLimitHoldsForEveryUpload(t *testing.T) {
	const key = "users/42/a.png"
	for _, l := range limitTable {
		access, problems := load(t, limitedFile(samples[l.field].yaml, samples[l.field].actions))
		if problems != nil {
			t.Fatal(problems)
		}
		grant, err := access.Entitle(Identity{Issuer: "shop", Claims: holding("sub", "42")}, "", "")
		if err != nil {
			t.Fatal(err)
		}
		var scope []Item
		for _, o := range grant.opens {
			scope = append(scope, Item{o.action, grant.Bucket, grant.Region, key})
		}
		narrowed, err := grant.Narrow(scope)
		if err != nil {
			t.Fatal(err)
		}
		chosen, err := grant.ForUpload(key)
		if err != nil {
			t.Fatal(err)
		}
		for kind, e := range map[string]*Entitlement{"grant": grant, "scope": narrowed, "chosen key": chosen} {
			if bound := holdsEverywhere(t, kind, l, e); bound == 0 {
				t.Errorf("%s: no statement of the %s is bound", l.field, kind)
			}
		}

		form, stated, err := grant.ForForm(key, "image/png")
		if keeper := samples[l.field].keeper; keeper == nobody || err != nil {
			if keeper != nobody || err == nil {
				t.Errorf("%s: a form is kept to it by %s, and is signed: %v", l.field, keeper, err == nil)
			}
			continue
		} else if keeper == keys && holdsEverywhere(t, "form", l, form) == 0 {
			t.Errorf("%s: no statement of the form's key is bound", l.field)
		}
		want := map[string]Form{
			"maxBytes":       {MaxBytes: 1000, ContentType: "image/png"},
			"contentTypes":   {ContentType: "image/png"},
			"objectAcl":      {ContentType: "image/png"},
			"storageClasses": {ContentType: "image/png"},
		}[l.field]
		if stated != want {
			t.Errorf("%s: the form's own policy says %+v", l.field, stated)
		}
		if _, _, err := grant.ForForm(key, "text/html"); (err == nil) != (l.field != "contentTypes") {
			t.Errorf("%s: a form of another type: %v", l.field, err)
		}
	}
}

// holdsEverywhere counts the statements that a limit binds, and complains of those that it should bind.
func holdsEverywhere(t *testing.T, kind string, l limit, e *Entitlement) (bound int) {
	t.Helper()
	doc, err := e.Document()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range doc.Statement {
		if s.Effect != "allow" || !slices.ContainsFunc(s.Action, l.carried) {
			continue
		}
		bound++
		if l.allow != nil {
			operator, name, values := l.allow(e.limits)
			if !reflect.DeepEqual(condition(s.Condition)[operator][name], values) {
				t.Errorf("%s: the %s lets %v happen without it", l.field, kind, s.Action)
			}
			continue
		}
		for _, c := range l.deny(e.limits) {
			denied := func(d sts.CredentialPolicyStatement) bool {
				left := slices.DeleteFunc(slices.Clone(s.Action), func(name string) bool {
					return !l.carried(name) || slices.Contains(d.Action, name)
				})
				return d.Effect == "deny" && reflect.DeepEqual(condition(d.Condition), c) && len(left) == 0
			}
			if !slices.ContainsFunc(doc.Statement, denied) {
				t.Errorf("%s: the %s does not deny %v with %v", l.field, kind, s.Action, c)
			}
		}
	}
	return bound
}
