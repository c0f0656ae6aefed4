package login

import (
	"context"
	"slices"

	"cos-credentials/function/strictjson"
)

// keySetLimits are wide: a set with certificates in it is large, and comes from somebody who is trusted with more.
var keySetLimits = strictjson.Limits{Depth: 16, Members: 20000}

// keySet is the usable part of a JSON Web Key Set (RFC 7517 section 5). It is never empty: nil means that there is none.
type keySet []publicKey

// parseKeySet reads a JSON Web Key Set for an issuer that uses these algorithms. A key that can't be used is left out, and so
// are two that can't be told apart; only a set with nothing left is an error.
func parseKeySet(data []byte, algorithms []string) (keySet, error) {
	value, err := strictjson.Decode(data, keySetLimits)
	if err != nil {
		return nil, refusal("it is not strict JSON")
	}
	document, _ := value.(map[string]any)
	members, ok := document["keys"].([]any)
	if !ok {
		return nil, refusal("it has no array of keys")
	}
	var keys keySet
	why := error(refusal("it is empty"))
	for _, member := range members {
		jwk, _ := member.(map[string]any)
		key, err := parseJWK(jwk, algorithms)
		if err != nil {
			why = err
			continue
		}
		keys = append(keys, key)
	}
	unique := slices.DeleteFunc(slices.Clone(keys), func(a publicKey) bool {
		rivals := 0 // a itself among them
		for _, b := range keys {
			if a.id != "" && a.id == b.id && slices.ContainsFunc(a.algorithms, b.serves) {
				rivals++
			}
		}
		return rivals > 1
	})
	switch {
	case len(keys) == 0:
		return nil, refusal("no key in it can be used; of the last: " + why.Error())
	case len(unique) == 0:
		return nil, refusal("its keys can't be told apart by their kid")
	}
	return unique, nil
}

func (k publicKey) serves(alg string) bool { return slices.Contains(k.algorithms, alg) }

// find returns the one key that may verify a token with this header, or nil. Trying several would let the weakest decide.
// It is known false if a newer set could hold the key: nothing in this one has the token's kid or, if it has none, its alg.
func (s keySet) find(h header) (key any, known bool) {
	for _, candidate := range s {
		if h.kid != "" && candidate.id != h.kid {
			continue
		}
		if !candidate.serves(h.alg) {
			known = known || h.kid != ""
			continue
		}
		if key != nil {
			return nil, true
		}
		key, known = candidate.value, true
	}
	return key, known
}

func noKey() error {
	return invalid("no key, or not exactly one, is known for the token's kid and alg")
}

// key makes a set from the configuration a keySource.
func (s keySet) key(_ context.Context, h header, _ bool) (any, error) {
	if key, _ := s.find(h); key != nil {
		return key, nil
	}
	return nil, noKey()
}

// singleKey is a PEM key or a secret. It has no name, so it serves whatever kid a token has. A closure, because no formatting
// verb looks into one: whatever prints a Verifier, the secret stays out.
type singleKey func(alg string) any // nil for an alg that it doesn't serve

func newSingleKey(k publicKey) singleKey {
	return func(alg string) any {
		if k.serves(alg) {
			return k.value
		}
		return nil
	}
}

func (s singleKey) key(_ context.Context, h header, _ bool) (any, error) {
	if key := s(h.alg); key != nil {
		return key, nil
	}
	return nil, noKey()
}
