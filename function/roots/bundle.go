package roots

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
)

// bundle is root certificates that have not been parsed, in DER, by the DER of their subject's name.
type bundle map[string][][]byte

// named is a certificate (RFC 5280 section 4.1) up to its name.
type named struct {
	ToBeSigned struct {
		Version                                      int `asn1:"optional,explicit,default:0,tag:0"`
		Serial, Algorithm, Issuer, Validity, Subject asn1.RawValue
	}
}

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
		var certificate named
		if _, err := asn1.Unmarshal(der[:n], &certificate); err != nil {
			continue
		}
		name := string(certificate.ToBeSigned.Subject.FullBytes)
		all[name] = append(all[name], der[:n])
	}
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
