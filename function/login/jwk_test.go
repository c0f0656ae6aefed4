package login

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"
)

func TestParseJWK(t *testing.T) {
	keys := keyring()
	rsaKey, p256, p384, p521 := jwk(keys.rsa.Public()), jwk(keys.p256.Public()), jwk(keys.p384.Public()), jwk(keys.p521.Public())
	ed := jwk(keys.ed25519.Public())
	n := keys.rsa.N.Bytes()
	const unsupported = "its type or curve is not supported"
	const misfit = "its alg does not fit its type and curve, or signs nothing"
	const private = "it holds private or symmetric members"
	for name, c := range map[string]struct {
		key  map[string]any
		want string // the algorithms, or why not
	}{
		"RSA":                    {rsaKey, "RS256 RS384 RS512 PS256 PS384 PS512"},
		"P-256":                  {p256, "ES256"},
		"P-384":                  {p384, "ES384"},
		"P-521":                  {p521, "ES512"},
		"Ed25519":                {ed, "EdDSA"},
		"RSA for one alg":        {with(rsaKey, "alg", "PS384"), "PS384"},
		"EdDSA declared":         {with(ed, "alg", "EdDSA"), "EdDSA"},
		"Ed25519 declared":       {with(ed, "alg", "Ed25519"), "EdDSA"},
		"signing":                {with(rsaKey, "use", "sig"), "RS256 RS384 RS512 PS256 PS384 PS512"},
		"key_ops verify":         {with(p256, "key_ops", []any{"sign", "verify"}), "ES256"},
		"unknown members":        {with(p256, "x5c", []any{"not a certificate"}), "ES256"},
		"wrong thumbprint":       {with(p256, "x5t#S256", "wrong"), "ES256"}, // some issuers publish such
		"leading zero in n":      {with(rsaKey, "n", b64(append([]byte{0}, n...))), "RS256 RS384 RS512 PS256 PS384 PS512"},
		"e is 3":                 {with(rsaKey, "e", "Aw"), "RS256 RS384 RS512 PS256 PS384 PS512"},
		"e is 2^31-1":            {with(rsaKey, "e", b64([]byte{0x7f, 0xff, 0xff, 0xff})), "RS256 RS384 RS512 PS256 PS384 PS512"},
		"no object":              {nil, unsupported},
		"oct":                    {map[string]any{"kty": "oct", "k": b64(keys.secret)}, private},
		"oct without k":          {map[string]any{"kty": "oct"}, unsupported},
		"d":                      {with(rsaKey, "d", "AQAB"), private},
		"dp":                     {with(rsaKey, "dp", nil), private},
		"EC with d":              {with(p256, "d", "AQAB"), private},
		"RSA with k":             {with(rsaKey, "k", "AQAB"), private},
		"encryption":             {with(rsaKey, "use", "enc"), "its use is not sig"},
		"use of another type":    {with(rsaKey, "use", []any{"sig"}), "its use is not sig"},
		"use null":               {with(rsaKey, "use", nil), "its use is not sig"},
		"key_ops encrypt":        {with(rsaKey, "key_ops", []any{"encrypt"}), "its key_ops do not hold verify"},
		"key_ops empty":          {with(rsaKey, "key_ops", []any{}), "its key_ops do not hold verify"},
		"key_ops a string":       {with(rsaKey, "key_ops", "verify"), "its key_ops do not hold verify"},
		"kid a number":           {with(rsaKey, "kid", 1), "its kid is not a string"},
		"alg a number":           {with(rsaKey, "alg", 1), "its alg is not a non-empty string"},
		"alg empty":              {with(rsaKey, "alg", ""), "its alg is not a non-empty string"},
		"use empty":              {with(rsaKey, "use", ""), "its use is not sig"},
		"alg of encryption":      {with(rsaKey, "alg", "RSA-OAEP"), misfit},
		"alg none":               {with(rsaKey, "alg", "none"), misfit},
		"alg HS256":              {with(rsaKey, "alg", "HS256"), misfit},
		"alg of another curve":   {with(p256, "alg", "ES384"), misfit},
		"alg of another type":    {with(p256, "alg", "RS256"), misfit},
		"kty unknown":            {with(rsaKey, "kty", "AKP"), unsupported},
		"kty missing":            {with(rsaKey, "kty", nil), unsupported},
		"kty in lower case":      {with(rsaKey, "kty", "rsa"), unsupported},
		"n missing":              {with(rsaKey, "n", nil), "its n or e is not a number in base64url, or e is too large"},
		"n empty":                {with(rsaKey, "n", ""), "its n or e is not a number in base64url, or e is too large"},
		"n a number":             {with(rsaKey, "n", 5), "its n or e is not a number in base64url, or e is too large"},
		"n with padding":         {with(rsaKey, "n", b64(n)+"="), "its n or e is not a number in base64url, or e is too large"},
		"n with a line break":    {with(rsaKey, "n", b64(n[:30])+"\n"+b64(n[30:])), "its n or e is not a number in base64url, or e is too large"},
		"e is 2^31":              {with(rsaKey, "e", b64([]byte{0x80, 0, 0, 0})), "its n or e is not a number in base64url, or e is too large"},
		"e is 2^64+1":            {with(rsaKey, "e", b64([]byte{1, 0, 0, 0, 0, 0, 0, 0, 1})), "its n or e is not a number in base64url, or e is too large"},
		"e is 0":                 {with(rsaKey, "e", "AA"), "its n or e is not a number in base64url, or e is too large"},
		"e is 1":                 {with(rsaKey, "e", "AQ"), "its RSA exponent is not an odd number from 3 to 2^31-1"},
		"e is even":              {with(rsaKey, "e", b64([]byte{1, 0, 0})), "its RSA exponent is not an odd number from 3 to 2^31-1"},
		"n is even":              {with(rsaKey, "n", b64(flip(n, len(n)*8-1))), "its RSA modulus is even"},
		"1024 bits":              {jwk(keys.rsaSmall.Public()), "its RSA modulus has less than 2048 bits"},
		"2047 bits":              {with(rsaKey, "n", b64(append([]byte{0x7f}, bytes.Repeat([]byte{0xff}, 255)...))), "its RSA modulus has less than 2048 bits"},
		"8193 bits":              {with(rsaKey, "n", b64(append([]byte{1}, bytes.Repeat([]byte{0xff}, 1024)...))), "its RSA modulus has more than 8192 bits"},
		"crv missing":            {with(p256, "crv", nil), unsupported},
		"secp256k1":              {with(p256, "crv", "secp256k1"), unsupported},
		"P-224":                  {with(p256, "crv", "P-224"), unsupported},
		"x short":                {with(p256, "x", b64(make([]byte, 31))), "its x or y has the wrong length"},
		"x with a leading zero":  {with(p256, "x", b64(make([]byte, 33))), "its x or y has the wrong length"},
		"y's first byte in x":    {with(with(p256, "x", b64(append(octets(p256["x"]), octets(p256["y"])[0]))), "y", b64(octets(p256["y"])[1:])), "its x or y has the wrong length"},
		"y missing":              {with(p256, "y", nil), "its x or y has the wrong length"},
		"off the curve":          {with(p256, "x", b64(make([]byte, 32))), "its point is not on the curve"},
		"at infinity":            {with(with(p256, "x", b64(make([]byte, 32))), "y", b64(make([]byte, 32))), "its point is not on the curve"},
		"x and y beyond p":       {with(with(p256, "x", b64(bytes.Repeat([]byte{0xff}, 32))), "y", b64(bytes.Repeat([]byte{0xff}, 32))), "its point is not on the curve"},
		"point of another curve": {with(p384, "crv", "P-256"), "its x or y has the wrong length"},
		"X25519":                 {with(ed, "crv", "X25519"), unsupported},
		"Ed448":                  {with(ed, "crv", "Ed448"), unsupported},
		"Ed25519 short":          {with(ed, "x", b64(make([]byte, 31))), "its x has the wrong length"},
		"Ed25519 missing":        {with(ed, "x", nil), "its x has the wrong length"},
		"Ed25519 not canonical":  {with(ed, "x", b64(append([]byte{0xee}, append(bytes.Repeat([]byte{0xff}, 30), 0x7f)...))), "its Ed25519 point is not in canonical form"},
		"Ed25519, p, other sign": {with(ed, "x", b64(append([]byte{0xed}, bytes.Repeat([]byte{0xff}, 31)...))), "its Ed25519 point is not in canonical form"},
	} {
		got, err := parseJWK(c.key, asymmetric)
		text := strings.Join(got.algorithms, " ")
		var why refusal
		if errors.As(err, &why) {
			text = string(why)
		}
		if text != c.want || (err == nil) != (got.value != nil) {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
	if _, err := parseJWK(p256, []string{"RS256"}); err == nil || err.Error() != "it serves none of the issuer's algorithms" {
		t.Error(err)
	}
	if _, err := parseJWK(with(rsaKey, "alg", "RS512"), []string{"RS256"}); err == nil {
		t.Error("a key for another algorithm is used")
	}
}

// A key of low order verifies a signature that anybody can make: R the neutral element, S zero.
func TestLowOrder(t *testing.T) {
	forged := make([]byte, ed25519.SignatureSize)
	forged[0] = 1
	for _, text := range lowOrder {
		for _, sign := range []byte{0, 0x80} {
			key := must(hex.DecodeString(text))
			key[31] |= sign
			works := false
			for n := 0; n < 500 && !works; n++ { // for an order of 8, one message in eight
				works = ed25519.Verify(key, []byte(strconv.Itoa(n)), forged)
			}
			if !works {
				t.Errorf("%x: no signature can be forged; is it of low order?", key)
			}
			if _, err := inspect(ed25519.PublicKey(key)); err == nil {
				t.Errorf("%x was accepted", key)
			}
		}
	}
}

// ROCA primes are k*M + (65537^a mod M), M the product of the first small primes.
func TestROCA(t *testing.T) {
	product := big.NewInt(1)
	for prime := int64(2); prime <= 701; prime++ {
		if big.NewInt(prime).ProbablyPrime(20) {
			product.Mul(product, big.NewInt(prime))
		}
	}
	factor := func() *big.Int {
		for {
			a, k := must(rand.Int(rand.Reader, product)), must(rand.Int(rand.Reader, big.NewInt(1<<53)))
			p := new(big.Int).Exp(big.NewInt(65537), a, product)
			p.Add(p, k.Add(k, big.NewInt(1<<53)).Mul(k, product))
			if p.ProbablyPrime(10) {
				return p
			}
		}
	}
	weak := new(big.Int).Mul(factor(), factor())
	if weak.BitLen() < 2000 {
		weak.Mul(weak, factor())
	}
	if !isROCA(weak) {
		t.Error("a weak modulus was not recognised")
	}
	if isROCA(keyring().rsa.N) {
		t.Error("a good modulus was")
	}
	if _, err := inspect(&rsa.PublicKey{N: weak, E: 65537}); err == nil {
		t.Error("a weak key was accepted")
	}
}

func TestInspectRefusesOtherKeys(t *testing.T) {
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	for _, key := range []any{nil, []byte("secret"), keyring().rsa, *keyring().rsa.Public().(*rsa.PublicKey), p224.Public(), ed25519.PublicKey(nil)} {
		if _, err := inspect(key); err == nil {
			t.Errorf("%T was accepted", key)
		}
	}
}

func TestParseKeySet(t *testing.T) {
	keys := keyring()
	a, b, c := jwk(keys.rsa.Public(), "kid", "a"), jwk(keys.rsa2.Public(), "kid", "b"), jwk(keys.p256.Public(), "kid", "c")
	for name, test := range map[string]struct {
		text string
		want string // kids, or why not
	}{
		"three":                     {jwks(a, b, c), "a b c"},
		"bad ones left out":         {jwks(a, nil, map[string]any{"kty": "oct", "k": "AQAB"}, with(b, "d", "x"), with(b, "e", "AQ"), with(c, "crv", "P-999"), jwk(keys.rsaSmall.Public()), with(c, "x", 5), c), "a c"},
		"not only objects":          {`{"keys":[1,null,"a",[],` + string(must(json.Marshal(a))) + `]}`, "a"},
		"unknown members":           {`{"issuer":{"x":[1]},"keys":[` + string(must(json.Marshal(with(a, "x5c", []any{strings.Repeat("A", 9000)})))) + `]}`, "a"},
		"twins beside another":      {jwks(a, with(b, "kid", "a"), c), "a a c"},
		"one kid, two types":        {jwks(a, with(c, "kid", "a")), "a a"},
		"one kid, two algorithms":   {jwks(with(a, "alg", "RS256"), with(a, "alg", "PS256")), "a a"},
		"one kid, one for all":      {jwks(with(a, "alg", "RS256"), a), "a a"},
		"one kid, the other unused": {jwks(a, with(with(b, "kid", "a"), "use", "enc")), "a"},
		"no kids, two algorithms":   {jwks(jwk(keys.rsa.Public()), jwk(keys.p256.Public())), " "},
		"no kids":                   {jwks(jwk(keys.rsa.Public()), jwk(keys.rsa2.Public())), "its keys can't be told apart by their kid"},
		"only twins":                {jwks(a, with(b, "kid", "a")), "its keys can't be told apart by their kid"},
		"none usable":               {jwks(with(a, "use", "enc")), "no key in it can be used; of the last: its use is not sig"},
		"empty":                     {`{"keys":[]}`, "no key in it can be used; of the last: it is empty"},
		"error answer":              {`{"error":"unavailable"}`, "it has no array of keys"},
		"keys an object":            {`{"keys":{}}`, "it has no array of keys"},
		"keys null":                 {`{"keys":null}`, "it has no array of keys"},
		"KEYS":                      {`{"KEYS":[]}`, "it has no array of keys"},
		"array":                     {`[]`, "it has no array of keys"},
		"null":                      {`null`, "it has no array of keys"},
		"nothing":                   {``, "it is not strict JSON"},
		"HTML":                      {`<html>`, "it is not strict JSON"},
		"cut off":                   {jwks(a)[:100], "it is not strict JSON"},
		"duplicate members":         {`{"keys":[],"keys":[]}`, "it is not strict JSON"},
		"too many members":          {`{"keys":[` + strings.Repeat("1,", 20000) + `1]}`, "it is not strict JSON"},
	} {
		set, err := parseKeySet([]byte(test.text), asymmetric)
		var ids []string
		for _, key := range set {
			ids = append(ids, key.id)
		}
		got := strings.Join(ids, " ")
		if err != nil {
			got = err.Error()
		}
		if got != test.want || (err == nil) != (set != nil) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestFindKey(t *testing.T) {
	keys := keyring()
	long := strings.Repeat("k", 256)
	set := must(parseKeySet([]byte(jwks(
		jwk(keys.rsa.Public(), "kid", "a"), jwk(keys.rsa2.Public(), "kid", "b", "alg", "RS512"), jwk(keys.p256.Public(), "kid", long),
		jwk(keys.p384.Public()), jwk(keys.ed25519.Public(), "kid", "a"),
	)), asymmetric))
	for _, c := range []struct {
		kid, alg string
		want     any
		known    bool
	}{
		{"a", "RS256", &keys.rsa.PublicKey, true},
		{"a", "EdDSA", keys.ed25519.Public(), true},
		{"a", "ES256", nil, true},
		{"b", "RS512", &keys.rsa2.PublicKey, true},
		{"b", "RS256", nil, true},
		{"c", "RS256", nil, false},
		{long, "ES256", &keys.p256.PublicKey, true},
		{"", "RS256", &keys.rsa.PublicKey, true}, // b declares RS512
		{"", "RS512", nil, true},                 // a and b
		{"", "ES256", &keys.p256.PublicKey, true},
		{"", "ES384", &keys.p384.PublicKey, true},
		{"", "ES512", nil, false},
	} {
		got, known := set.find(joseHeader{alg: c.alg, kid: c.kid})
		equal := string(must(json.Marshal(jwk(got)))) == string(must(json.Marshal(jwk(c.want)))) // {} for nil
		if !equal || known != c.known {
			t.Errorf("find(%.5s, %s) = %T, %v", c.kid, c.alg, got, known)
		}
	}
}

// A key that a set lists twice, the same in every member, is one key.
func TestListedTwice(t *testing.T) {
	keys := keyring()
	a, ed := jwk(keys.rsa.Public(), "kid", "a", "use", "sig"), jwk(keys.ed25519.Public(), "kid", "ed", "alg", "EdDSA")
	set := must(parseKeySet([]byte(jwks(a, a, ed, a, with(ed, "alg", "Ed25519"))), asymmetric))
	if len(set) != 2 {
		t.Errorf("%d keys", len(set))
	}
	for _, h := range []joseHeader{{"RS256", "a"}, {"RS256", ""}, {"EdDSA", "ed"}, {"EdDSA", ""}} {
		if key, _ := set.find(h); key == nil {
			t.Errorf("%v finds no key", h)
		}
	}
	if set := must(parseKeySet([]byte(jwks(a, with(a, "use", "sig"), with(a, "kid", "b"))), asymmetric)); len(set) != 2 {
		t.Errorf("%d keys, where one has two kids", len(set))
	}
}

// Of keys with one kid none is tried where two could be meant, and a newer set may tell them apart. A token without a kid counts
// them like any others: the set, not what is left of it, must hold exactly one for its alg.
func TestTwins(t *testing.T) {
	keys := keyring()
	a, twin := jwk(keys.rsa.Public(), "kid", "a", "alg", "RS256"), jwk(keys.rsa2.Public(), "kid", "a")
	set := must(parseKeySet([]byte(jwks(a, twin, jwk(keys.p256.Public(), "kid", "a"), jwk(keys.rsa2.Public(), "kid", "b", "alg", "RS256"))), asymmetric))
	for _, c := range []struct {
		kid, alg string
		want     any
		known    bool
	}{
		{"a", "RS256", nil, false},
		{"a", "RS384", &keys.rsa2.PublicKey, true}, // only one of the two does it
		{"a", "ES256", &keys.p256.PublicKey, true},
		{"a", "ES384", nil, true},
		{"b", "RS256", &keys.rsa2.PublicKey, true},
		{"", "RS256", nil, true},
		{"", "ES256", &keys.p256.PublicKey, true},
	} {
		got, known := set.find(joseHeader{alg: c.alg, kid: c.kid})
		equal := string(must(json.Marshal(jwk(got)))) == string(must(json.Marshal(jwk(c.want))))
		if !equal || known != c.known {
			t.Errorf("find(%q, %s) = %T, %v", c.kid, c.alg, got, known)
		}
	}
	for name, text := range map[string]string{
		"two": jwks(a, with(twin, "alg", "RS256")), "one, with another member": jwks(a, with(a, "x5t", "x")),
		"four": jwks(a, with(a, "alg", "PS256"), with(twin, "alg", "RS256"), with(twin, "alg", "PS256")),
	} {
		if set, err := parseKeySet([]byte(text), asymmetric); err == nil {
			t.Errorf("%s: no token can name a key, and the set has %d", name, len(set))
		}
	}
}
