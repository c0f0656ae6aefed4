// Package recipes has access files for the issuers that people have, each complete, to be copied. Its tests try
// each with
// tokens of that issuer's shape: those that must pass, and those of the same issuer that must not.
package recipes

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cos-credentials/function/login"
	"cos-credentials/policy"
	"cos-credentials/policy/trust"
)

// provider is the tokens of a recipe's issuer.
type provider struct {
	alg       string
	secret    string // the variable that has its secret, if it signs with one
	usual     claims // what they all hold, but for what a token changes
	good, bad []token
}

// token is one of a provider's tokens.
type token struct {
	what   string
	change claims // of what is usual; nil takes a claim away
	alg    string // if it isn't the provider's
	raw    string // the token itself, where it is none that is signed here
	want   string // of a good one, its only prefix; of a bad one, what the log says in the end
}

type claims map[string]any

// all has the table of each recipe.
var all = map[string]provider{
	"auth0":              auth0,
	"authing":            authing,
	"casdoor":            casdoor,
	"clerk":              clerk,
	"cloudbase":          cloudBase,
	"cognito-access":     cognitoAccess,
	"cognito-id":         cognitoID,
	"entra-id":           entraID,
	"firebase":           firebase,
	"github-actions":     gitHubActions,
	"keycloak":           keycloak,
	"keycloak-no-mapper": keycloakNoMapper,
	"logto":              logto,
	"own-back-end":       ownBackEnd,
	"supabase":           supabase,
	"tencent-ciam":       tencentCIAM,
}

// load reads a recipe as the function would, and checks its issuers' keys as far as that can be done without
// asking them.
func load(t *testing.T, name string) *policy.Access {
	t.Helper()
	file, err := os.ReadFile(name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	access, err := policy.Load(policy.Source{Name: name + ".yaml", YAML: file, Env: lookup})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := login.New(access.Issuers, login.Revoked{}, nil); err != nil {
		t.Fatal(err)
	}
	return access
}

// environment is what the recipes read.
var environment = map[string]string{
	"COS_BUCKET":          "examplebucket-1250000000",
	"COS_REGION":          "ap-guangzhou",
	"JWT_SECRET":          strings.Repeat("secret-1", 4),
	"SUPABASE_JWT_SECRET": strings.Repeat("secret-2", 4),
}

func lookup(name string) (string, bool) {
	value, ok := environment[name]
	return value, ok
}

// try has a token verified, and a grant found for it. What refuses it is the reason, as the log has it.
func try(t *testing.T, access *policy.Access, issuers []trust.Issuer, one string) (prefixes []string, reason string) {
	t.Helper()
	verifier, err := login.New(issuers, login.Revoked{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	who, err := verifier.Verify(t.Context(), one)
	if err != nil {
		return nil, err.Error()
	}
	entitled, err := access.Entitle(policy.Identity{Issuer: who.Issuer, Claims: who.Claims}, "", "")
	if err != nil {
		return nil, err.Error()
	}
	return entitled.Prefixes, ""
}

func TestRecipes(t *testing.T) {
	for name, p := range all {
		t.Run(name, func(t *testing.T) {
			access := load(t, name)
			issuers := withOwnKeys(access.Issuers)
			for _, one := range p.good {
				if got, why := try(t, access, issuers, p.sign(t, one)); !slices.Equal(got, []string{one.want}) {
					t.Errorf("%s: opens %q, want %s: %s", one.what, got, one.want, why)
				}
			}
			for _, one := range p.bad {
				got, why := try(t, access, issuers, p.sign(t, one))
				if why == "" || one.want == "" || !strings.HasSuffix(why, one.want) {
					t.Errorf("%s: opens %q: %q, want %q", one.what, got, why, one.want)
				}
			}
		})
	}
}

// Each claim that a recipe requires or refuses keeps a token out that nothing else keeps out.
func TestNothingIsRequiredInVain(t *testing.T) {
	for name, p := range all {
		access := load(t, name)
		lets := func(change func(*trust.Issuer)) bool {
			issuers := withOwnKeys(access.Issuers)
			change(&issuers[0])
			return slices.ContainsFunc(p.bad, func(one token) bool {
				_, why := try(t, access, issuers, p.sign(t, one))
				return why == ""
			})
		}
		for n, q := range access.Issuers[0].Require {
			if !lets(func(i *trust.Issuer) { i.Require = slices.Delete(slices.Clone(i.Require), n, n+1) }) {
				t.Errorf("%s: no bad token passes without require: {%s: …}", name, q.Claim)
			}
		}
		for n, q := range access.Issuers[0].Refuse {
			if !lets(func(i *trust.Issuer) { i.Refuse = slices.Delete(slices.Clone(i.Refuse), n, n+1) }) {
				t.Errorf("%s: no bad token passes without refuse: {%s: …}", name, q.Claim)
			}
		}
	}
}

func TestEveryRecipeHasItsTable(t *testing.T) {
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file, ".yaml"))
	}
	slices.Sort(names)
	if tables := slices.Sorted(maps.Keys(all)); !slices.Equal(names, tables) {
		t.Errorf("recipes %q\ntables  %q", names, tables)
	}
	for name, p := range all {
		if len(p.good) < 1 || len(p.bad) < 2 {
			t.Errorf("%s: %d good tokens and %d bad ones", name, len(p.good), len(p.bad))
		}
	}
}

// What a recipe reads beside the built-in access file's variables is named in its comments: the function must
// be given it.
func TestVariablesAreExplained(t *testing.T) {
	for name := range all {
		file, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(file), "\nissuers:")
		for variable := range environment {
			if strings.HasPrefix(variable, "COS_") || !strings.Contains(string(file), "${"+variable+"}") {
				continue
			}
			if !strings.Contains(head, variable) {
				t.Errorf("%s doesn't explain %s", name, variable)
			}
		}
	}
}
