package roots

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
)

// bundle is root certificates that have not been parsed, in DER, by the DER of their subject's name.
type bundle map[string][][]byte

var (
	begin = []byte("-----BEGIN CERTIFICATE-----")
	end   = []byte("-----END CERTIFICATE-----")
)

// scan finds the certificates of a file in PEM (RFC 7468). encoding/pem would take four times as long: it looks for any
// kind of block, with headers or without. What can't be read is left out.
func scan(text []byte) bundle {
	all := bundle{}
	for {
		before, rest, found := bytes.Cut(text, begin)
		if !found {
			return all
		}
		text = rest
		if len(before) > 0 && before[len(before)-1] != '\n' {
			continue // it is struck out: only what begins a line counts
		}
		var body []byte
		body, text, _ = bytes.Cut(text, end)
		der := make([]byte, base64.StdEncoding.DecodedLen(len(body)))
		n, err := base64.StdEncoding.Decode(der, body) // it skips the ends of lines
		if err != nil {
			continue
		}
		name := string(subjectOf(der[:n]))
		all[name] = append(all[name], der[:n])
	}
}

// subjectOf finds the subject's name in a certificate (RFC 5280 section 4.1): it follows the version, the serial
// number, the algorithm, the issuer and the validity. What is no certificate has some name or none, and whoever asks
// for that name finds that it can't be parsed.
func subjectOf(certificate []byte) []byte {
	_, content, _ := element(certificate)
	_, toBeSigned, _ := element(content)
	version, _, rest := element(toBeSigned)
	if len(version) == 0 || version[0] != 0xa0 { // the first version is left out
		rest = toBeSigned
	}
	for range 4 {
		_, _, rest = element(rest)
	}
	subject, _, _ := element(rest)
	return subject
}

// element is the first element of a text in DER (X.690 section 8.1), what is in it, and what follows it; nothing if
// the text is no DER.
func element(der []byte) (whole, content, rest []byte) {
	if len(der) < 2 {
		return nil, nil, nil
	}
	header, size := 2, int(der[1])
	if long := size - 0x80; long >= 0 { // so many bytes have the length
		if long < 1 || long > 3 || len(der) < 2+long {
			return nil, nil, nil
		}
		header, size = 2+long, 0
		for _, b := range der[2:header] {
			size = size<<8 | int(b)
		}
	}
	if size > len(der)-header {
		return nil, nil, nil
	}
	return der[:header+size], der[header : header+size], der[header+size:]
}

// take parses the certificates that bear the name of one in the chain or of its issuer, and gives them away.
func (b bundle) take(chain []*x509.Certificate) (roots []*x509.Certificate) {
	for _, c := range chain {
		for _, name := range []string{string(c.RawSubject), string(c.RawIssuer)} {
			for _, der := range b[name] {
				if root, err := x509.ParseCertificate(der); err == nil {
					roots = append(roots, root)
				}
			}
			delete(b, name)
		}
	}
	return roots
}
