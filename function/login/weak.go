package login

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/hex"
	"math/big"

	"cos-credentials/policy/trust"
)

// refusal is a constant phrase that says why a key isn't used.
type refusal string

func (r refusal) Error() string { return string(r) }

// inspect tells the kind of a public key and refuses those that would make a signature worthless. That a point of a
// NIST curve lies on it has been checked by the standard library, which made the key.
func inspect(key any) (trust.Key, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return trust.RSA, inspectRSA(key)
	case *ecdsa.PublicKey:
		switch key.Curve {
		case elliptic.P256():
			return trust.P256, nil
		case elliptic.P384():
			return trust.P384, nil
		case elliptic.P521():
			return trust.P521, nil
		}
	case ed25519.PublicKey:
		return trust.Ed25519, inspectEd25519(key)
	}
	return "", refusal("its type or curve is not supported")
}

func inspectRSA(key *rsa.PublicKey) error {
	switch bits := key.N.BitLen(); {
	case bits < 2048: // RFC 7518 section 3.3
		return refusal("its RSA modulus has less than 2048 bits")
	case bits > 8192: // a verification would take milliseconds
		return refusal("its RSA modulus has more than 8192 bits")
	case key.N.Bit(0) == 0:
		return refusal("its RSA modulus is even")
	case key.E < 3 || key.E%2 == 0 || int64(key.E) >= 1<<31: // e = 1 makes everything its own signature
		return refusal("its RSA exponent is not an odd number from 3 to 2^31-1")
	case isROCA(key.N):
		return refusal("its RSA modulus was made by a faulty chip (ROCA)")
	}
	return nil
}

// isROCA recognises the moduli of CVE-2017-15361, which can be factored: modulo every small prime their factors are
// powers of 65537, and so is n. Of other moduli one in 2^28 is that by chance; its owner makes another key.
func isROCA(n *big.Int) bool {
	for _, prime := range []int64{
		3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
		127, 131, 137, 139, 149, 151, 157, 163, 167,
	} {
		rest := new(big.Int).Mod(n, big.NewInt(prime)).Int64()
		power := int64(1)
		for range prime { // the powers repeat after at most prime - 1
			if power == rest {
				break
			}
			power = power * 65537 % prime
		}
		if power != rest {
			return false
		}
	}
	return true
}

// lowOrder holds the y coordinates of the eight points of Ed25519 whose order divides 8, little endian without the
// sign of x. Under such a key a signature can be made for any message without a private key.
var lowOrder = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
}

func inspectEd25519(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return refusal("its x has the wrong length")
	}
	y := bytes.Clone(key)
	y[31] &= 0x7f
	// RFC 8032 section 5.1.3: y is less than p = 2^255 - 19. Otherwise the points above would have a second spelling.
	if y[0] >= 0xed && y[31] == 0x7f && bytes.Count(y[1:31], []byte{0xff}) == 30 {
		return refusal("its Ed25519 point is not in canonical form")
	}
	for _, low := range lowOrder {
		if hex.EncodeToString(y) == low {
			return refusal("its Ed25519 point has low order")
		}
	}
	return nil
}
