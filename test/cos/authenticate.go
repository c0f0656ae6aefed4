package cos

import (
	"errors"
	"slices"

	"cos-credentials/test/cam"
	"cos-credentials/test/sts"
)

const tokenName = "x-cos-security-token"

// authenticate finds out whose key signed the request, and what that key may do.
func (x *call) authenticate() *failure {
	if x.form != nil {
		return x.authenticateForm()
	}
	texts := x.signatures()
	tokens := slices.Clone(x.r.Header.Values(tokenName))
	if inURL, ok := x.query[tokenName]; ok {
		tokens = append(tokens, inURL)
	}
	tokens = slices.Compact(tokens)
	switch {
	case len(texts) == 0:
		x.anonymous = true
		return nil
	case len(texts) > 1 || len(tokens) > 1: // it wouldn't be known which one counts
		return fail("InvalidArgument", "There is more than one signature or session token.")
	}
	return x.authenticateBy(texts[0], append(tokens, "")[0])
}

// authenticateBy takes a signature of the request itself.
func (x *call) authenticateBy(authorization, token string) *failure {
	s, bad := readSignature(authorization)
	if bad != nil {
		return bad
	}
	return x.open(s, token, func() *failure { return s.matches(x.r, x.query, x.grant.TmpSecretKey) })
}

// signatures are the texts of those in the Authorization header and in the URL.
func (x *call) signatures() []string {
	texts := slices.Clone(x.r.Header.Values("Authorization"))
	if _, inURL := x.query["q-signature"]; inURL {
		joined := ""
		for _, name := range signatureFields {
			if value, ok := x.query[name]; ok {
				joined += "&" + name + "=" + value
			}
		}
		texts = append(texts, joined[1:])
	}
	return texts
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
	now := x.now().Unix()
	if bad := s.inTime(now); bad != nil {
		return bad
	}
	if now >= grant.Expires { // by this bucket's clock, which may not be the STS's
		return fail("AccessDenied", "The temporary key has expired.")
	}
	if grant.AppID != x.appID {
		return denied // another account's
	}
	// A token without a policy has all the rights of a role, which nobody here knows.
	if x.policy, err = cam.Parse(grant.Policy); err != nil {
		return fail("AccessDenied", "The policy of the key can't be evaluated.")
	}
	x.policy.Prefix = cam.EncodedPrefix // as the documentation has it
	return nil
}
