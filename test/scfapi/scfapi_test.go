package scfapi

import (
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"cos-credentials/test/scf"
)

type object = map[string]any

// caller calls one API, as the vendor's SDK does.
type caller struct {
	id, key, token, region, version string

	address string
	spoil   func(*http.Request) // changes a request after it was signed
}

func (c caller) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.spoil != nil {
		c.spoil(r)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// call returns the code of the refusal; "" for none.
func (c caller) call(t *testing.T, action string, in object) string {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "http", strings.TrimPrefix(c.address, "http://")
	client := common.NewCommonClient(common.NewTokenCredential(c.id, c.key, c.token), c.region, p)
	client.WithHttpTransport(c)
	request := tchttp.NewCommonRequest("scf", c.version, action)
	if err := request.SetActionParameters(in); err != nil {
		t.Fatal(err)
	}
	err := client.Send(request, tchttp.NewCommonResponse())
	var refused *sdkerrors.TencentCloudSDKError
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if err != nil {
		return refused.Code
	}
	return ""
}

func newCaller(t *testing.T, takes time.Duration) caller {
	t.Helper()
	a := &API{SecretID: "id", SecretKey: "key", Token: "token", Roles: []string{"function-role"}, Takes: takes}
	address, stop, err := a.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return caller{id: "id", key: "key", token: "token", region: "ap-guangzhou", version: "2018-04-16", address: address}
}

// of adds parameters to those that every action has.
func of(more object) object {
	in := object{"FunctionName": "fn"}
	maps.Copy(in, more)
	return in
}

// creation is a request that makes a function, with something else in it.
func creation(t *testing.T, more object) object {
	t.Helper()
	zip, err := scf.Zip([]byte("a program"))
	if err != nil {
		t.Fatal(err)
	}
	in := of(object{
		"Code":    object{"ZipFile": base64.StdEncoding.EncodeToString(zip)},
		"Handler": "main", "Runtime": "Go1", "Type": "Event",
	})
	maps.Copy(in, more)
	return in
}

// What is signed wrong is refused, whatever it asks for.
func TestSignatures(t *testing.T) {
	right := newCaller(t, 0)
	for name, tt := range map[string]struct {
		change func(*caller)
		want   string
	}{
		"right":           {func(*caller) {}, "ResourceNotFound.Function"},
		"another id":      {func(c *caller) { c.id = "other" }, "AuthFailure.SecretIdNotFound"},
		"another key":     {func(c *caller) { c.key = "other" }, "AuthFailure.SignatureFailure"},
		"no token":        {func(c *caller) { c.token = "" }, "AuthFailure.TokenFailure"},
		"another version": {func(c *caller) { c.version = "2020-01-01" }, "NoSuchVersion"},
		"no region":       {func(c *caller) { c.region = "guangzhou" }, "UnsupportedRegion"},
		"an old one": {func(c *caller) {
			c.spoil = func(r *http.Request) { r.Header.Set("X-TC-Timestamp", "1700000000") }
		}, "AuthFailure.SignatureExpire"},
		"another path": {func(c *caller) {
			c.spoil = func(r *http.Request) { r.URL.Path = "/fn" }
		}, "UnsupportedProtocol"},
	} {
		c := right
		tt.change(&c)
		if got := c.call(t, "GetFunction", of(nil)); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// What SCF doesn't take is refused: each of these differs in one thing from what it takes.
func TestParameters(t *testing.T) {
	const variables, url = "InvalidParameterValue.EnvironmentVariables", `{"AuthType":"NONE","NetConfig":{}}`
	variable := func(name, value string) object {
		return object{"Environment": object{"Variables": []object{{"Key": name, "Value": value}}}}
	}
	alias := func(name, version string) object { return object{"Name": name, "FunctionVersion": version} }
	trigger := func(kind, qualifier, desc string) object {
		return object{"TriggerName": "url", "Type": kind, "Qualifier": qualifier, "TriggerDesc": desc}
	}
	c := newCaller(t, 0)
	for _, tt := range []struct {
		action string
		in     object
		want   string
	}{
		{"CreateFunction", creation(t, object{"Code": nil}), "MissingParameter"},
		{"CreateFunction", creation(t, object{"Runtime": "Python3"}), "InvalidParameterValue.Runtime"},
		{"CreateFunction", creation(t, object{"Code": object{"ZipFile": "bm8="}}), "InvalidParameterValue.ZipFile"},
		{"CreateFunction", creation(t, object{"Role": "nobody"}), "ResourceNotFound.Role"},
		{"CreateFunction", creation(t, object{"FunctionName": "1"}), "InvalidParameterValue.FunctionName"},
		{"CreateFunction", creation(t, object{"Memory": 128}), "UnknownParameter"},
		{"PublishVersion", of(object{"Description": "code"}), "ResourceNotFound.Function"},
		{"CreateFunction", creation(t, nil), ""},
		{"CreateFunction", creation(t, nil), "ResourceInUse.Function"},

		{"UpdateFunctionCode", of(object{"Handler": "main"}), "MissingParameter"},
		{"UpdateFunctionConfiguration", of(variable("SCF_X", "y")), variables},
		{"UpdateFunctionConfiguration", of(variable("1X", "y")), variables},
		{"UpdateFunctionConfiguration", of(variable("X", "")), variables},
		{"UpdateFunctionConfiguration", of(variable("X", "y")), ""},
		{"UpdateFunctionConfiguration", of(object{"Role": "nobody"}), "ResourceNotFound.Role"},
		{"UpdateFunctionConfiguration", of(object{"Description": "a; b"}), "InvalidParameterValue.Description"},
		{"PublishVersion", of(nil), "InvalidParameterValue.Description"},
		{"PublishVersion", of(object{"Description": "code 1"}), ""},
		{"GetFunction", of(object{"Qualifier": "2"}), "ResourceNotFound.FunctionVersion"},

		{"UpdateAlias", of(alias("live", "1")), "ResourceNotFound"},
		{"CreateAlias", of(alias("live", "2")), "ResourceNotFound.FunctionVersion"},
		{"CreateAlias", of(alias("live", "1")), ""},
		{"CreateAlias", of(alias("live", "1")), "ResourceInUse"},
		{"GetAlias", of(object{"Name": "dead"}), "ResourceNotFound.Alias"},

		{"UpdateTrigger", of(trigger("http", "live", url)), "ResourceNotFound"},
		{"CreateTrigger", of(trigger("http", "live", "{}")), "InvalidParameterValue.TriggerDesc"},
		{"CreateTrigger", of(trigger("apigw", "live", url)), "InvalidParameterValue.TriggerDesc"},
		{"CreateTrigger", of(trigger("http", "dead", url)), "ResourceNotFound.Qualifier"},
		{"CreateTrigger", of(trigger("http", "live", url)), ""},
		{"CreateTrigger", of(trigger("http", "live", url)), "ResourceInUse"},
		{"DeleteFunction", of(nil), "InvalidAction"},
	} {
		if got := c.call(t, tt.action, tt.in); got != tt.want {
			t.Errorf("%s %v: %q, want %q", tt.action, tt.in, got, tt.want)
		}
	}
}

// A function that isn't Active yet can be looked at, and not changed.
func TestNothingChangesDuringAChange(t *testing.T) {
	c := newCaller(t, time.Hour)
	if got := c.call(t, "CreateFunction", creation(t, nil)); got != "" {
		t.Fatal(got)
	}
	if got := c.call(t, "GetFunction", of(nil)); got != "" {
		t.Error(got)
	}
	for action := range writing {
		if got := c.call(t, action, of(nil)); got != "FailedOperation.FunctionStatusError" {
			t.Errorf("%s: %q", action, got)
		}
	}
}
