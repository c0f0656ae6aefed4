package gateway

import (
	"bufio"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// browserOrigin is how browsers spell the origin of a URL (RFC 6454 section 6.1): in lower case, a host in ASCII,
// without the scheme's own port, without anything behind it. It is "" for what has no such origin, and for null,
// which any sandboxed page sends.
func browserOrigin(item string) string {
	u, err := url.Parse(item)
	if err != nil || u.Scheme == "" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(u.Host, "*, ") {
		return ""
	}
	host, ok := asciiHost(u.Hostname())
	if !ok {
		return ""
	}
	port := u.Port()
	if number, err := strconv.ParseUint(port, 10, 16); err == nil {
		port = strconv.FormatUint(number, 10) // without leading zeros
	} else if port != "" {
		return ""
	}
	switch {
	case port == "", u.Scheme == "https" && port == "443", u.Scheme == "http" && port == "80":
		return u.Scheme + "://" + host
	}
	return u.Scheme + "://" + host + ":" + port
}

// asciiHost spells a host as browsers do: an address shortest, a name in lower case and in ASCII, whatever its script.
func asciiHost(host string) (string, bool) {
	if address, err := netip.ParseAddr(host); err == nil {
		if address.Is4() {
			return address.String(), true
		}
		return "[" + address.WithZone("").String() + "]", true
	}
	// net/http has the table of all scripts, and shows it where it writes a request's Host.
	var sent strings.Builder
	request := http.Request{Host: host, URL: &url.URL{Scheme: "http", Host: host}}
	if request.Write(&sent) != nil {
		return "", false
	}
	read, err := http.ReadRequest(bufio.NewReader(strings.NewReader(sent.String())))
	if err != nil {
		return "", false
	}
	return strings.ToLower(read.Host), true
}
