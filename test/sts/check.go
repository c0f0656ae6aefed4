package sts

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"cos-credentials/test/cam"
)

// forms are how the values of parameters look. One that may be left out may also be empty.
type forms map[string]*regexp.Regexp

// action is what one takes.
type action struct {
	forms          forms
	user           string // the parameter that names the key's user
	usual, longest int    // DurationSeconds
}

var (
	something  = regexp.MustCompile(`.`)
	anything   = regexp.MustCompile(``)
	duration   = regexp.MustCompile(`^([1-9]\d{0,8})?$`)
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)+$`)

	// https://cloud.tencent.com/document/api/1312/48195 and /48197
	actions = map[string]action{
		"GetFederationToken": {
			forms: forms{"Name": something, "Policy": something, "DurationSeconds": duration},
			user:  "Name", usual: 1800, longest: 129600,
		},
		"AssumeRole": {
			forms: forms{
				"RoleArn":         regexp.MustCompile(`^qcs::cam::uin/\d+:(role|roleName)/[\w+=,.@/-]+$`),
				"RoleSessionName": regexp.MustCompile(`^[\w+=,.@-]{2,128}$`),
				"ExternalId":      regexp.MustCompile(`^([\w+=,.@:/-]{2,128})?$`),
				"Policy":          anything, "DurationSeconds": duration,
			},
			user: "RoleSessionName", usual: 7200, longest: 43200,
		},
	}
)

// check judges the call, and returns what is granted: all but the key.
func (s *STS) check(c call) (g Grant, bad *apiError) {
	a, known := actions[c.action]
	switch {
	case !regionName.MatchString(c.region):
		return g, fail("UnsupportedRegion", "Region must be a region's name, such as ap-guangzhou")
	case !known:
		return g, fail("InvalidAction", "this STS knows GetFederationToken and AssumeRole only")
	}
	if bad = c.fits(a.forms); bad != nil {
		return g, bad
	}
	if bad = s.allows(c); bad != nil {
		return g, bad
	}
	life := a.usual
	if given := c.params["DurationSeconds"]; given != "" {
		life, _ = strconv.Atoi(given)
	}
	if life > a.longest {
		return g, fail("InvalidParameter.OverTimeError", "DurationSeconds may be %d at most", a.longest)
	}
	g = Grant{Action: c.action, Name: c.params[a.user], AppID: c.caller.AppID, Expires: s.now().Unix() + int64(life)}
	g.Policy, bad = c.policy()
	return g, bad
}

// fits checks that every parameter of the action has its form, and that there is no other.
func (c call) fits(all forms) *apiError {
	for name, form := range all {
		switch v := c.params[name]; {
		case form.MatchString(v):
		case v == "":
			return fail("MissingParameter", "the parameter %s is missing", name)
		default:
			return fail("InvalidParameter.ParamError", "%s must match %s", name, form)
		}
	}
	for name := range c.params {
		if all[name] == nil {
			return fail("UnknownParameter", "%s has no parameter %s", c.action, name)
		}
	}
	return nil
}

// allows checks that the caller may call this.
func (s *STS) allows(c call) *apiError {
	if c.action == "GetFederationToken" {
		if c.caller.Token != "" {
			return fail("InvalidParameter.AccessKeyNotSupport", "GetFederationToken takes permanent keys only")
		}
		return nil
	}
	for _, known := range s.Roles {
		switch {
		case known.ARN != c.params["RoleArn"]:
		case known.ExternalID != c.params["ExternalId"]:
			return fail("UnauthorizedOperation", "the role's trust policy wants another ExternalId")
		default:
			return nil
		}
	}
	return fail("ResourceNotFound.RoleNotFound", "there is no such role")
}

// policy decodes the policy, which comes URL-encoded whatever the request's own encoding, and checks that the caller
// may hand out what it names.
func (c call) policy() (string, *apiError) {
	if c.params["Policy"] == "" {
		return "", nil
	}
	document, err := url.QueryUnescape(c.params["Policy"])
	if err != nil || strings.HasPrefix(c.params["Policy"], "{") {
		return "", fail("InvalidParameter.StrategyFormatError", "Policy must be URL-encoded")
	}
	const longest = 6144
	if n := cam.Length(document); n > longest {
		return document, fail("InvalidParameter.PolicyTooLong", "the policy has %d of at most %d characters", n, longest)
	}
	policy, err := cam.Parse(document)
	if err != nil {
		return document, fail("InvalidParameter.StrategyFormatError", "%s", err)
	}
	for _, statement := range policy.Statements {
		for _, r := range statement.Resources {
			if bad := c.owns(r); bad != nil {
				return document, bad
			}
		}
	}
	return document, nil
}

// owns checks that a COS resource is the caller's, by its account and by the APPID in the bucket's name.
func (c call) owns(resource string) *apiError {
	if resource == "*" {
		return nil
	}
	part := strings.SplitN(resource, ":", 6)
	bucket, _, folder := strings.Cut(part[5], "/")
	switch {
	case part[4] != "uid/"+c.caller.AppID || folder && !strings.HasSuffix(bucket, "-"+c.caller.AppID):
		return fail("InvalidParameter.GrantOtherResource", "[QC_STS] cant grant other resource")
	case !folder:
		return fail("InvalidParameter.ResouceError", "the resource must be a bucket, a / and a key")
	}
	return nil
}
