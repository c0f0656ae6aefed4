package policy

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"
)

// samples has one value for each limit, as the access file writes it, and the actions of the grant that it stands in.
var samples = map[string]struct{ yaml, actions string }{
	"maxBytes":     {"maxBytes: 1000", "simpleUpload, formUpload"},
	"contentTypes": {"contentTypes: [image/*]", "upload"},
}

// Whoever adds a limit gives it a row, and the row says everything: how it is read, written and kept by a form.
func TestEveryLimitHasItsRow(t *testing.T) {
	var all limits
	fields := map[string]bool{}
	for _, l := range limitTable {
		sample, ok := samples[l.field]
		if !ok {
			t.Errorf("samples has no value for %s", l.field)
			continue
		}
		access, problems := load(t, limitedFile(sample.yaml, sample.actions))
		if problems != nil {
			t.Fatal(problems)
		}
		got := reflect.ValueOf(access.Grants[0].limits)
		for i := range got.NumField() {
			if !got.Field(i).IsZero() {
				fields[got.Type().Field(i).Name] = true
			}
		}
		for _, other := range limitTable {
			if other.set(access.Grants[0].limits) != (other.field == l.field) || other.set(all) {
				t.Errorf("%s: set of %s is wrong", l.field, other.field)
			}
		}
		if l.carried == nil || l.condition == nil || l.around == nil || l.serves == "" {
			t.Errorf("the row of %s lacks something", l.field)
		}
	}
	for i := range reflect.TypeFor[limits]().NumField() {
		if name := reflect.TypeFor[limits]().Field(i).Name; !fields[name] {
			t.Errorf("no row of limitTable reads limits.%s", name)
		}
	}
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

// Every limit holds for every kind of document that lets an upload happen: in a condition of each statement whose requests
// carry what is limited, or, of a form, in the form's own policy. What can't keep it is refused.
func TestEveryLimitHoldsForEveryUpload(t *testing.T) {
	const key = "users/42/a.png"
	for _, l := range limitTable {
		access, problems := load(t, limitedFile(samples[l.field].yaml, samples[l.field].actions))
		if problems != nil {
			t.Fatal(problems)
		}
		grant, err := access.Entitle(Identity{Issuer: "shop", Claims: holding("sub", "42")}, "")
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
		var refusal *Refusal
		switch {
		case errors.As(err, &refusal): // also good
		case err != nil:
			t.Fatal(err)
		case l.form == nil:
			t.Errorf("%s: a form can't keep it, and is signed", l.field)
		case reflect.DeepEqual(stated, Form{}):
			t.Errorf("%s: the form's policy says nothing of it", l.field)
		case form.binding(postObject) == 0:
			t.Errorf("%s: the form forgot it", l.field)
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
	operator, name, values := l.condition(e.limits)
	for _, s := range doc.Statement {
		if !slices.ContainsFunc(s.Action, l.carried) {
			continue
		}
		if !reflect.DeepEqual(conditionOf(s, operator, name), values) {
			t.Errorf("%s: the %s lets %v happen without it", l.field, kind, s.Action)
		}
		bound++
	}
	return bound
}

func conditionOf(s sts.CredentialPolicyStatement, operator, name string) any {
	return condition(s.Condition)[operator][name]
}
