package login

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// parsePEM reads the one public key of a PEM text. Of a certificate the key alone counts: that its issuer is
// configured here is what makes it trusted, and for how long.
func parsePEM(text string) (any, error) {
	text = strings.TrimSpace(text)
	block, rest := pem.Decode([]byte(text))
	switch {
	case block == nil || !strings.HasPrefix(text, "-----BEGIN ") || len(block.Headers) > 0:
		return nil, refusal("write one PEM block, from its BEGIN line to its END line")
	case len(rest) > 0:
		return nil, refusal("write one PEM block and nothing else")
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, refusal("this is a private key: take it out, replace it, and write the public key")
	}
	var key any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	default:
		return nil, refusal("write a block of type PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE")
	}
	if err != nil || key == nil {
		return nil, refusal("what is between BEGIN and END is not a public key; copy it again")
	}
	return key, nil
}
