package main

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"cos-credentials/function/credential"
	"cos-credentials/function/login"
)

// keys prepares the caller of STS: with a permanent key if there is one, else with the execution role's.
func (e *environment) keys() credential.Issuer {
	id, key, role := e.signer()
	external := e.variable("STS_EXTERNAL_ID", "")
	host, scheme := e.endpoint()
	perSecond := e.loginRate()
	cached := e.variable("STS_CACHE", "on")
	if cached != "on" && cached != "off" {
		e.problem("STS_CACHE: it must be on or off")
	}
	if len(e.problems) > 0 {
		return nil // nobody is called with a configuration that is wrong
	}
	var issuer credential.Issuer
	if id != "" {
		issuer = credential.NewPermanentKey(credential.PermanentKey{
			SecretID:   id,
			SecretKey:  key,
			RoleARN:    role,
			ExternalID: external,
			Host:       host,
			Scheme:     scheme,
			DialTLS:    e.roots.Dialer(credential.DialTimeout),
		})
	} else {
		issuer = credential.NewExecutionRole(credential.ExecutionRole{
			RoleARN:    role,
			ExternalID: external,
			Host:       host,
			Scheme:     scheme,
			DialTLS:    e.roots.Dialer(credential.DialTimeout),
			Env:        e.lookup,
		})
	}
	if perSecond > 0 {
		issuer = credential.NewRate(issuer, perSecond)
	}
	issuer = credential.NewRetry(issuer)
	if cached == "on" {
		issuer = credential.NewCache(issuer)
	}
	return issuer
}

// signer reads whose key asks STS, and which role it assumes.
func (e *environment) signer() (id, key, role string) {
	id, key, role = e.variable("STS_SECRET_ID", ""), e.variable("STS_SECRET_KEY", ""), e.variable("STS_ROLE_ARN", "")
	switch {
	case id != "" && key != "", id == "" && key == "" && role != "":
	case id != "" || key != "":
		e.problem("STS_SECRET_ID and STS_SECRET_KEY: one of the two is not set, and a key has both")
	default:
		e.problem("STS_SECRET_ID and STS_SECRET_KEY are not set, and neither is STS_ROLE_ARN: " +
			"give the function the key of a sub-account that may call sts:GetFederationToken, " +
			"or the role that its execution role may assume")
	}
	if role != "" && !isRole(role) {
		e.problem("STS_ROLE_ARN: it must look like qcs::cam::uin/100000000001:roleName/cos-uploader")
	}
	for _, name := range []string{"STS_SECRET_ID", "STS_SECRET_KEY"} {
		if v := e.variable(name, ""); v != strings.TrimSpace(v) {
			e.problem("%s: it begins or ends with white space, which no key of Tencent Cloud has: copy it again", name)
		}
	}
	return id, key, role
}

// isRole: qcs::cam::uin/100000000001:roleName/cos-uploader, or with the role's number, :role/4611686018427397919.
func isRole(arn string) bool {
	rest, known := strings.CutPrefix(arn, "qcs::cam::uin/")
	account, role, _ := strings.Cut(rest, ":role")
	_, name, _ := strings.Cut(role, "/")
	return known && account != "" && name != "" && !strings.ContainsFunc(arn, unicode.IsSpace)
}

// loginRate is how many calls of STS a second one user may cause; 0 for any.
func (e *environment) loginRate() int {
	text := e.variable("LOGIN_RATE", "5")
	if text == "off" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text || n < 1 || n > 1000 {
		e.problem("LOGIN_RATE: it must be off, or how many calls of STS a second, in digits, from 1 to 1000, as in 5")
	}
	return n
}

// endpoint is where STS is.
func (e *environment) endpoint() (host, scheme string) {
	host, scheme = e.variable("STS_HOST", "sts.tencentcloudapi.com"), e.variable("STS_SCHEME", "https")
	name, ok := hostname(host)
	if !ok {
		e.problem("STS_HOST: it must be a host's name, with a port if need be, and no scheme or path, " +
			"as in sts.internal.tencentcloudapi.com")
	}
	switch {
	case scheme == "https":
	case scheme != "http":
		e.problem("STS_SCHEME: it must be https, or http for a loopback STS_HOST")
	case ok && !login.IsLoopback(name):
		e.problem("STS_SCHEME: http is for a loopback STS_HOST only: the answer holds keys")
	}
	return host, scheme
}

// hostname reads host or host:port.
func hostname(hostport string) (string, bool) {
	u, err := url.Parse("https://" + hostport)
	if err != nil || u.Host != hostport || u.Hostname() == "" || u.User != nil {
		return "", false
	}
	return u.Hostname(), true
}
