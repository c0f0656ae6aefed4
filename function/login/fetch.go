package login

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cos-credentials/function/strictjson"
)

const maxDocument = 512 << 10 // bytes of a key set or a discovery document

// Dial connects, as [net.Dialer.DialContext] does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// newClient returns a client that asks an issuer and nobody else.
func newClient(dialTLS Dial) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil,  // not even of the environment
			DisableKeepAlives:      true, // a connection dies unseen while the instance is frozen
			DisableCompression:     true, // what is counted is what was sent
			MaxResponseHeaderBytes: 32 << 10,
			// net/http goes on with a connection that nobody waits for any more; these end it soon after the fetch.
			DialContext:         (&net.Dialer{Timeout: FetchTimeout}).DialContext,
			TLSHandshakeTimeout: FetchTimeout,
			DialTLSContext:      dialTLS,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// endpoint is where an issuer's key set is.
type endpoint struct {
	client     *http.Client
	issuer     string // the expected iss; for discovery
	jwksURI    string // "" if discovery tells
	algorithms []string
}

// fetch gets the key set, and how long it is fresh. Its error is a refusal.
func (e *endpoint) fetch(ctx context.Context) (keySet, time.Duration, error) {
	uri := e.jwksURI
	if uri == "" {
		document, _, err := e.get(ctx, configurationURL(e.issuer))
		if err != nil {
			return nil, 0, err
		}
		if uri, err = discover(document, e.issuer); err != nil {
			return nil, 0, err
		}
	}
	document, headers, err := e.get(ctx, uri)
	if err != nil {
		return nil, 0, err
	}
	keys, err := parseKeySet(document, e.algorithms)
	if err != nil {
		return nil, 0, refusal("the issuer's key set was refused: " + err.Error())
	}
	return keys, freshness(headers), nil
}

// configurationURL follows OpenID Connect Discovery 1.0 section 4.
func configurationURL(iss string) string {
	return strings.TrimSuffix(iss, "/") + "/.well-known/openid-configuration"
}

// discover reads jwks_uri from an OpenID configuration, which must be that of the issuer (section 4.3 there):
// another's would let its keys vouch for this one's users.
func discover(document []byte, iss string) (string, error) {
	value, err := strictjson.Decode(document, keySetLimits)
	if err != nil {
		return "", refusal("the issuer's discovery document is not strict JSON")
	}
	configuration, _ := value.(map[string]any)
	if configuration["issuer"] != iss {
		return "", refusal("the discovery document is another issuer's")
	}
	uri, _ := configuration["jwks_uri"].(string)
	if err := checkURL(uri); err != nil {
		return "", refusal("the discovery document's jwks_uri was refused: " + err.Error())
	}
	if overTLS(iss) && !overTLS(uri) { // or an issuer could make the function knock at its own machine's doors
		return "", refusal("the discovery document's jwks_uri is http, and the issuer's is https")
	}
	return uri, nil
}

func (e *endpoint) get(ctx context.Context, uri string) ([]byte, http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, nil, refusal("the issuer's URL can't be asked")
	}
	request.Header.Set("Accept", "application/json")
	response, err := e.client.Do(request)
	if err != nil {
		return nil, nil, unreachable(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, nil, refusal("the issuer answered with a status other than 200")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err != nil {
		return nil, nil, unreachable(err)
	}
	if len(body) > maxDocument {
		return nil, nil, refusal("the issuer's answer is larger than 512 KiB")
	}
	return body, response.Header, nil
}

// unreachable keeps what an operator needs of an error that may quote the answer.
func unreachable(err error) error {
	var verification *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return refusal("the issuer did not answer in time")
	case errors.As(err, &verification):
		return refusal("the issuer's certificate is not trusted")
	}
	return refusal("the issuer can't be reached, or broke off")
}

// freshness is the max-age of a Cache-Control header (RFC 9111 section 5.2.2.1) within bounds. Other directives don't
// matter: within the least of the bounds keys are kept in any case, and beyond it they are asked for again.
func freshness(headers http.Header) time.Duration {
	for directive := range strings.SplitSeq(strings.Join(headers.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		if !strings.EqualFold(name, "max-age") {
			continue
		}
		seconds, err := strconv.Atoi(strings.Trim(value, `"`))
		if err != nil {
			break
		}
		seconds = max(0, min(seconds, int(hardAge/time.Second)))
		return max(leastSoftAge, time.Duration(seconds)*time.Second)
	}
	return softAge
}

// checkURL admits https, and http on this machine; the error says what to write instead.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return refusal("write an absolute https URL")
	case u.Scheme != "https" && !(u.Scheme == "http" && IsLoopback(u.Hostname())):
		return refusal("use https; http is for loopback hosts only")
	case u.User != nil:
		return refusal("leave the user name and password out of the URL")
	case strings.Contains(text, "#"):
		return refusal("leave the fragment out of the URL")
	}
	return nil
}

// overTLS tells the two kinds of URL apart that checkURL admits.
func overTLS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https"
}

// IsLoopback reports whether a host's name or address means this machine, to which http is safe.
func IsLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}
