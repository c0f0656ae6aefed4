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

const longestPolicy = 6144

var (
	region      = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)+$`)
	name        = regexp.MustCompile(`^[A-Za-z][A-Za-z-]*$`) // documented as letters; the vendor's SDKs send hyphens too
	roleARN     = regexp.MustCompile(`^qcs::cam::uin/\d+:(role|roleName)/[\w+=,.@/-]+$`)
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,128}$`)
	externalID  = regexp.MustCompile(`^[\w+=,.@:/-]{2,128}$`)
)

func (s *STS) check(c call) (wish, *apiError) {
	if c.version != "2018-08-13" {
		return wish{}, fail("NoSuchVersion", "Version must be 2018-08-13")
	}
	if !region.MatchString(c.region) {
		return wish{}, fail("UnsupportedRegion", "Region must be a region's name, such as ap-guangzhou")
	}
	switch c.action {
	case "GetFederationToken":
		return s.checkFederation(c)
	case "AssumeRole":
		return s.checkRole(c)
	}
	return wish{}, fail("InvalidAction", "this STS knows GetFederationToken and AssumeRole only")
}

func (s *STS) checkFederation(c call) (wish, *apiError) {
	w := wish{name: c.params["Name"]}
	if c.caller.Token != "" {
		return w, fail("InvalidParameter.AccessKeyNotSupport", "GetFederationToken takes permanent keys only")
	}
	if bad := c.takes([]string{"Name", "Policy"}, "DurationSeconds"); bad != nil {
		return w, bad
	}
	if !name.MatchString(w.name) {
		return w, fail("InvalidParameter.ParamError", "Name must be letters")
	}
	longest := 129600
	if c.caller.Root {
		longest = 7200
	}
	var bad *apiError
	if w.duration, bad = c.duration(1800, longest); bad != nil {
		return w, bad
	}
	w.policy, bad = c.policy()
	return w, bad
}

func (s *STS) checkRole(c call) (wish, *apiError) {
	w := wish{name: c.params["RoleSessionName"]}
	if bad := c.takes([]string{"RoleArn", "RoleSessionName"}, "Policy", "DurationSeconds", "ExternalId"); bad != nil {
		return w, bad
	}
	arn, external := c.params["RoleArn"], c.params["ExternalId"]
	switch {
	case !roleARN.MatchString(arn):
		return w, fail("InvalidParameter.ParamError", "RoleArn must be qcs::cam::uin/<uin>:roleName/<name>")
	case !sessionName.MatchString(w.name):
		return w, fail("InvalidParameter.ParamError", "RoleSessionName must be 2 to 128 of letters, digits and _+=,.@-")
	case external != "" && !externalID.MatchString(external):
		return w, fail("InvalidParameter.ParamError", "ExternalId must be 2 to 128 of letters, digits and _+=,.@:/-")
	}
	i := slices.IndexFunc(s.Roles, func(r Role) bool { return r.ARN == arn })
	if i < 0 {
		return w, fail("ResourceNotFound.RoleNotFound", "there is no such role")
	}
	if s.Roles[i].ExternalID != external {
		return w, fail("UnauthorizedOperation", "the role's trust policy wants another ExternalId")
	}
	var bad *apiError
	if w.duration, bad = c.duration(7200, 43200); bad != nil {
		return w, bad
	}
	if c.params["Policy"] != "" {
		w.policy, bad = c.policy()
	}
	return w, bad
}

// takes checks that the required parameters are there, and none but them and the optional ones.
func (c call) takes(required []string, optional ...string) *apiError {
	for _, n := range required {
		if c.params[n] == "" {
			return fail("MissingParameter", "the parameter %s is missing", n)
		}
	}
	for n := range c.params {
		if !slices.Contains(required, n) && !slices.Contains(optional, n) {
			return fail("UnknownParameter", "%s has no parameter %s", c.action, n)
		}
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
		return document, fail("InvalidParameter.PolicyTooLong", "the policy has %d characters; %d is the most", n, longestPolicy)
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
