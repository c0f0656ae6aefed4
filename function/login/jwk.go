package login

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
	"slices"
	"strings"

	"cos-credentials/policy/trust"
)

// publicKey is a key that has passed every check.
type publicKey struct {
	id         string   // the JWK's kid; "" if it has none
	algorithms []string // those of the issuer that it serves
	value      any
}

// privateMembers are the parts of a JWK that nobody but its owner may know (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1). A
// key that was published with them is everybody's.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// parseJWK reads one public JSON Web Key (RFC 7517 section 4) for an issuer that uses these algorithms. Unknown members
// are ignored, x5c among them: the key counts, and a certificate for it proves nothing more.
func parseJWK(members map[string]any, algorithms []string) (publicKey, error) {
	for _, name := range privateMembers {
		if _, present := members[name]; present {
			return publicKey{}, refusal("it holds private or symmetric members")
		}
	}
	if _, ok := optionalString(members, "use", func(use string) bool { return use == "sig" }); !ok {
		return publicKey{}, refusal("its use is not sig")
	}
	if operations, present := members["key_ops"]; present && !holds(operations, "verify") {
		return publicKey{}, refusal("its key_ops do not hold verify")
	}
	id, ok := optionalString(members, "kid", anyString)
	if !ok {
		return publicKey{}, refusal("its kid is not a string")
	}
	declared, ok := optionalString(members, "alg", func(alg string) bool { return alg != "" })
	if !ok {
		return publicKey{}, refusal("its alg is not a non-empty string")
	}
	if declared != "" {
		declared = trust.Canonical(declared)
		members["alg"] = declared // so that a key that is listed under both names is one
	}
	key, err := keyOf(members)
	if err != nil {
		return publicKey{}, err
	}
	kind, err := inspect(key)
	if err != nil {
		return publicKey{}, err
	}
	if algorithm, _ := trust.Find(declared); declared != "" && algorithm.Key != kind {
		return publicKey{}, refusal("its alg does not fit its type and curve, or signs nothing")
	}
	if declared != "" {
		algorithms = slices.DeleteFunc(slices.Clone(algorithms), func(alg string) bool { return alg != declared })
	}
	if algorithms = trust.Served(kind, algorithms); len(algorithms) == 0 {
		return publicKey{}, refusal("it serves none of the issuer's algorithms")
	}
	return publicKey{id: id, algorithms: algorithms, value: key}, nil
}

// keyOf builds the key from its numbers.
func keyOf(members map[string]any) (any, error) {
	kty, _ := members["kty"].(string)
	crv, _ := members["crv"].(string)
	switch kty {
	case "RSA":
		n, okN := number(members["n"])
		e, okE := number(members["e"])
		if !okN || !okE || e.BitLen() > 31 {
			return nil, refusal("its n or e is not a number in base64url, or e is too large")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case "EC":
		curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[crv]
		if curve == nil {
			return nil, refusal("its type or curve is not supported")
		}
		size := (curve.Params().BitSize + 7) / 8
		x, y := octets(members["x"]), octets(members["y"])
		if len(x) != size || len(y) != size { // RFC 7518 section 6.2.1.2: the full size of a coordinate
			return nil, refusal("its x or y has the wrong length")
		}
		key, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
		if err != nil {
			return nil, refusal("its point is not on the curve")
		}
		return key, nil
	case "OKP":
		if crv != "Ed25519" {
			return nil, refusal("its type or curve is not supported")
		}
		return ed25519.PublicKey(octets(members["x"])), nil
	}
	return nil, refusal("its type or curve is not supported")
}

// octets decodes a base64url member, or returns nil.
func octets(member any) []byte {
	text, _ := member.(string)
	data, err := base64url.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which the decoder skips
		return nil
	}
	return data
}

// number decodes a positive Base64urlUInt (RFC 7518 section 2). Leading zeros are forbidden there, common, and
// harmless.
func number(member any) (*big.Int, bool) {
	n := new(big.Int).SetBytes(octets(member))
	return n, n.Sign() > 0
}

func holds(array any, text string) bool {
	elements, _ := array.([]any)
	return slices.Contains(elements, any(text))
}
