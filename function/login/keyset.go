package login

import (
	"context"
	"reflect"
	"slices"

	"cos-credentials/function/strictjson"
)

// keySetLimits are wide: a set with certificates in it is large, and comes from somebody who is trusted with more.
var keySetLimits = strictjson.Limits{Depth: 16, Members: 20000}

// keySet is the usable part of a JSON Web Key Set (RFC 7517 section 5). It is never empty: nil means that there is
// none.
type keySet []publicKey

// parseKeySet reads a JSON Web Key Set for an issuer that uses these algorithms. A key that can't be used is left out;
// only a set in which no token could find its key is an error.
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
	var listed []map[string]any // the members of each
	why := error(refusal("it is empty"))
	for _, member := range members {
		jwk, _ := member.(map[string]any)
		key, err := parseJWK(jwk, algorithms)
		if err != nil {
			why = err
			continue
		}
		twice := func(other map[string]any) bool { return other["kid"] == jwk["kid"] && reflect.DeepEqual(other, jwk) }
		if slices.ContainsFunc(listed, twice) {
			continue // the same in every member, it is one key
		}
		keys, listed = append(keys, key), append(listed, jwk)
	}
	switch {
	case len(keys) == 0:
		return nil, refusal("no key in it can be used; of the last: " + why.Error())
	case !slices.ContainsFunc(keys, keys.tells):
		return nil, refusal("its keys can't be told apart by their kid")
	}
	return keys, nil
}

// tells reports whether a token can name this key and no other.
func (s keySet) tells(k publicKey) bool {
	return slices.ContainsFunc(k.algorithms, func(alg string) bool {
		key, _ := s.find(joseHeader{alg: alg, kid: k.id})
		return key != nil
	})
}

func (k publicKey) serves(alg string) bool { return slices.Contains(k.algorithms, alg) }

// find returns the one key that may verify a token with this header, or nil. Trying several would let the weakest
// decide. It is known false if a newer set could hold the key: none of this one has the token's kid, or two do that
// can't be told apart; or the token has no kid, and none serves its alg.
func (s keySet) find(h joseHeader) (key any, known bool) {
	for _, candidate := range s {
		if h.kid != "" && candidate.id != h.kid {
			continue
		}
		if !candidate.serves(h.alg) {
			known = known || h.kid != ""
			continue
		}
		if key != nil {
			return nil, h.kid == ""
		}
		key, known = candidate.value, true
	}
	return key, known
}

func noKey() error {
	return invalid("no key, or not exactly one, is known for the token's kid and alg")
}

// candidates makes a set from the configuration a keySource.
func (s keySet) candidates(_ context.Context, h joseHeader, _ bool) ([]any, error) {
	if key, _ := s.find(h); key != nil {
		return []any{key}, nil
	}
	return nil, noKey()
}
