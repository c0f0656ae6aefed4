package sts

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cos-credentials/test/cam"
)

// wish is what a checked call asks for.
type wish struct {
	name     string // Name or RoleSessionName: what the cloud's audit log will call the user of the key
	policy   string // decoded; empty means all that the role may do
	duration time.Duration
}

// action is what one takes.
type action struct {
	required, optional []string
	user               string // the parameter that names the key's user
	usual, longest     int    // DurationSeconds
	check              func(*STS, call) *apiError
}

var actions = map[string]action{
	"GetFederationToken": {
		required: []string{"Name", "Policy"}, optional: []string{"DurationSeconds"},
		user: "Name", usual: 1800, longest: 129600, check: (*STS).checkFederation,
	},
	"AssumeRole": {
		required: []string{"RoleArn", "RoleSessionName"}, optional: []string{"Policy", "DurationSeconds", "ExternalId"},
		user: "RoleSessionName", usual: 7200, longest: 43200, check: (*STS).checkRole,
	},
}

// formats of the parameters that have one.
var formats = map[string]*regexp.Regexp{
	"Name":            regexp.MustCompile(`^[A-Za-z][A-Za-z-]*$`), // letters, by the documentation; SDKs send hyphens too
	"RoleArn":         regexp.MustCompile(`^qcs::cam::uin/\d+:(role|roleName)/[\w+=,.@/-]+$`),
	"RoleSessionName": regexp.MustCompile(`^[\w+=,.@-]{2,128}$`),
	"ExternalId":      regexp.MustCompile(`^[\w+=,.@:/-]{2,128}$`),
}

var region = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)+$`)

const longestPolicy = 6144

func (s *STS) check(c call) (w wish, bad *apiError) {
	a, known := actions[c.action]
	switch {
	case c.version != "2018-08-13":
		return w, fail("NoSuchVersion", "Version must be 2018-08-13")
	case !region.MatchString(c.region):
		return w, fail("UnsupportedRegion", "Region must be a region's name, such as ap-guangzhou")
	case !known:
		return w, fail("InvalidAction", "this STS knows GetFederationToken and AssumeRole only")
	}
	w.name = c.params[a.user]
	if bad = c.takes(a); bad != nil {
		return w, bad
	}
	if bad = a.check(s, c); bad != nil {
		return w, bad
	}
	if w.duration, bad = c.duration(a.usual, a.longest); bad != nil {
		return w, bad
	}
	if c.params["Policy"] != "" {
		w.policy, bad = c.policy()
	}
	return w, bad
}

// takes checks that the required parameters are there, none but them and the optional ones, and how they look.
func (c call) takes(a action) *apiError {
	for _, name := range a.required {
		if c.params[name] == "" {
			return fail("MissingParameter", "the parameter %s is missing", name)
		}
	}
	for name, v := range c.params {
		if !slices.Contains(a.required, name) && !slices.Contains(a.optional, name) {
			return fail("UnknownParameter", "%s has no parameter %s", c.action, name)
		}
		if format := formats[name]; format != nil && v != "" && !format.MatchString(v) {
			return fail("InvalidParameter.ParamError", "%s must match %s", name, format)
		}
	}
	return nil
}

func (s *STS) checkFederation(c call) *apiError {
	if c.caller.Token != "" {
		return fail("InvalidParameter.AccessKeyNotSupport", "GetFederationToken takes permanent keys only")
	}
	return nil
}

func (s *STS) checkRole(c call) *apiError {
	i := slices.IndexFunc(s.Roles, func(r Role) bool { return r.ARN == c.params["RoleArn"] })
	if i < 0 {
		return fail("ResourceNotFound.RoleNotFound", "there is no such role")
	}
	if s.Roles[i].ExternalID != c.params["ExternalId"] {
		return fail("UnauthorizedOperation", "the role's trust policy wants another ExternalId")
	}
	return nil
}

func (c call) duration(usual, longest int) (time.Duration, *apiError) {
	seconds, given := usual, c.params["DurationSeconds"]
	if given != "" {
		var err error
		if seconds, err = strconv.Atoi(given); err != nil || seconds <= 0 {
			return 0, fail("InvalidParameter.ParamError", "DurationSeconds must be a positive integer")
		}
	}
	if seconds > longest {
		return 0, fail("InvalidParameter.OverTimeError", "DurationSeconds may be %d at most", longest)
	}
	return time.Duration(seconds) * time.Second, nil
}

// policy decodes the policy, which comes URL-encoded whatever the request's own encoding, and checks that the caller may
// hand out what it names.
func (c call) policy() (string, *apiError) {
	document, err := url.QueryUnescape(c.params["Policy"])
	if err != nil || strings.HasPrefix(strings.TrimSpace(c.params["Policy"]), "{") {
		return "", fail("InvalidParameter.StrategyFormatError", "Policy must be URL-encoded")
	}
	if n := cam.Length(document); n > longestPolicy {
		return document, fail("InvalidParameter.PolicyTooLong", "the policy has %d of at most %d characters", n, longestPolicy)
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
	seg := strings.SplitN(resource, ":", 6)
	if account := seg[4]; account != "" && account != "uid/"+c.caller.AppID {
		return fail("InvalidParameter.GrantOtherResource", "[QC_STS] cant grant other resource")
	}
	if seg[2] != "cos" || seg[5] == "*" {
		return nil
	}
	bucket, _, folder := strings.Cut(seg[5], "/")
	if !folder {
		return fail("InvalidParameter.ResouceError", "the resource must be a bucket, a / and a key")
	}
	if !strings.HasSuffix(bucket, "-"+c.caller.AppID) {
		return fail("InvalidParameter.GrantOtherResource", "[QC_STS] cant grant other resource")
	}
	return nil
}
