package cos

import (
	"errors"

	"cos-credentials/test/cam"
	"cos-credentials/test/sts"
)

const tokenName = "x-cos-security-token"

// authenticate finds out whose key signed the request, and what that key may do.
func (x *call) authenticate() *failure {
	if x.form != nil {
		return x.form.authenticate(x)
	}
	sign, token, bad := x.signature()
	if bad != nil {
		return bad
	}
	return x.open(sign, token, func() *failure { return sign.matches(x.r, x.query, x.grant.TmpSecretKey) })
}

// signature is in the Authorization header, or in the URL: in one place, or it wouldn't be known which one counts.
func (x *call) signature() (s signature, token string, _ *failure) {
	inHeader, merged := x.r.Header.Values("Authorization"), x.query["sign"]
	_, inURL := x.query["q-signature"]
	switch {
	case len(inHeader) > 1 || len(inHeader) == 1 && (inURL || merged != "") || inURL && merged != "":
		return s, "", fail("InvalidArgument", "There is more than one signature.")
	case len(inHeader) == 0 && !inURL && merged == "":
		return s, "", denied()
	}
	token, again := x.r.Header.Get(tokenName), x.query[tokenName]
	switch {
	case len(x.r.Header.Values(tokenName)) > 1 || token != "" && again != "" && token != again:
		return s, "", fail("InvalidArgument", "There is more than one session token.")
	case token == "":
		token = again
	}
	var bad *failure
	switch {
	case len(inHeader) == 1:
		s, bad = readSignature(inHeader[0])
	case merged != "":
		s, bad = readSignature(merged)
	default:
		s, bad = newSignature(x.query)
	}
	return s, token, bad
}

// open turns the token into its grant. The key itself is never sent: matches proves that the caller has it.
func (x *call) open(s signature, token string, matches func() *failure) *failure {
	x.record.SecretID = s.secretID
	unknown := fail("InvalidAccessKeyId", "The access key Id you provided does not exist in our records")
	if token == "" {
		return unknown // a permanent key, then; and this bucket knows none
	}
	grant, err := x.STS.OpenToken(token)
	if err != nil && !errors.Is(err, sts.ErrExpired) {
		return fail("AccessDenied", "The session token is not valid.")
	}
	if grant.TmpSecretID != s.secretID {
		return unknown
	}
	x.grant, x.record.User = grant, grant.Name
	if bad := matches(); bad != nil {
		return bad
	}
	now := x.Now()
	if bad := s.inTime(now); bad != nil {
		return bad
	}
	if now.Unix() >= grant.Expires { // by this bucket's clock, which may not be the STS's
		return fail("AccessDenied", "The temporary key has expired.")
	}
	if grant.AppID != x.appID {
		return denied() // another account's
	}
	// A token without a policy has all the rights of a role, which nobody here knows.
	if x.policy, err = cam.Parse(grant.Policy); err != nil {
		return fail("AccessDenied", "The policy of the key can't be evaluated.")
	}
	x.policy.Prefix = x.prefixForm
	return nil
}
