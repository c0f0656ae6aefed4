package login

import (
	"crypto/rsa"

	"github.com/golang-jwt/jwt/v5"
)

// RFC 7518 section 3.5: the salt of PS* is as long as the hash. golang-jwt takes any length unless told, and can be
// told only for the whole process.
func init() {
	for _, method := range []*jwt.SigningMethodRSAPSS{
		jwt.SigningMethodPS256, jwt.SigningMethodPS384, jwt.SigningMethodPS512,
	} {
		method.VerifyOptions = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
	}
}
