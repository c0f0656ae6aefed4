package smoke

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/policy"
	"cos-credentials/policy/trust"
)

// tokenLife is how long the users are logged in.
const tokenLife = 10 * time.Minute

// SignedUsers makes two users of an issuer whose secret is known, and tokens that are wrong. The second's name begins
// like the first's: whoever compares only beginnings lets the first in to the second.
func SignedUsers(issuer trust.Issuer, claims map[string]any) (users [2]*User, forged []Forged, err error) {
	secret := issuer.Secrets[0]
	for i, subject := range subjects(issuer) {
		user := &User{Issuer: issuer.Name, Claims: map[string]any{
			"iss": issuer.Spellings[0], "aud": issuer.Audiences[0],
		}}
		maps.Copy(user.Claims, claims)
		cli.Claims(user.Claims).Put(cmp.Or(issuer.Subject.Claim, trust.DefaultSubject), subject)
		if user.Token, err = sign(issuer, secret, user.Claims, nil); err != nil {
			return users, nil, err
		}
		users[i] = user
	}
	now := time.Now()
	for _, f := range []struct {
		what   string
		secret []byte
		change map[string]any
	}{
		{"A token signed with another secret", []byte(rand.Text() + rand.Text() + rand.Text()), nil},
		{"A token that has expired", secret, map[string]any{
			"exp": now.Add(-time.Hour).Unix(), "iat": now.Add(-2 * time.Hour).Unix(),
		}},
		{"A token of another issuer", secret, map[string]any{"iss": "https://not-yours.example.net/"}},
		{"A token for another audience", secret, map[string]any{"aud": "not-yours"}},
		{"A token that never ends", secret, map[string]any{"exp": nil}},
		{"A token that lives for years", secret, map[string]any{"exp": now.Add(9e4 * time.Hour).Unix()}},
	} {
		token, err := sign(issuer, f.secret, users[0].Claims, f.change)
		if err != nil {
			return users, nil, err
		}
		forged = append(forged, Forged{f.what, token})
	}
	altered, err := Altered(users[0].Token)
	return users, append(forged, altered...), err
}

// subjects are the names of the two.
func subjects(issuer trust.Issuer) [2]any {
	if issuer.Subject.Integer {
		number := fmt.Sprint(time.Now().UnixNano())[:17]
		return [2]any{json.Number(number), json.Number(number + "0")}
	}
	name := "smoke-" + strings.ToLower(rand.Text()[:10])
	return [2]any{name, name + "0"}
}

// sign makes a token; a change of nil takes a claim out.
func sign(issuer trust.Issuer, secret []byte, claims, change map[string]any) (string, error) {
	now := time.Now()
	all := jwt.MapClaims{"iat": now.Unix(), "exp": now.Add(min(tokenLife, issuer.MaxLifetime)).Unix()}
	maps.Copy(all, claims)
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	at := slices.IndexFunc(issuer.Algorithms, func(name string) bool { return strings.HasPrefix(name, "HS") })
	return jwt.NewWithClaims(jwt.GetSigningMethod(issuer.Algorithms[at]), all).SignedString(secret)
}

// TokenUser reads whose a token is; the function alone can say whether it is genuine.
func TokenUser(token string, access *policy.Access) (*User, error) {
	user := &User{Token: token, Claims: map[string]any{}}
	d := jwt.NewParser(jwt.WithJSONNumber())
	if _, _, err := d.ParseUnverified(token, jwt.MapClaims(user.Claims)); err != nil {
		return nil, errors.New("the token can't be read: give the JWT alone, as it stands behind Bearer")
	}
	for _, i := range access.Issuers {
		if iss, _ := user.Claims["iss"].(string); slices.Contains(i.Spellings, iss) {
			user.Issuer = i.Name
			return user, nil
		}
	}
	return nil, errors.New("the token's issuer is none of the access file's")
}

// Altered are copies of a genuine token with something changed and the signature kept, or without one.
func Altered(token string) ([]Forged, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("a token has three parts")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("the token can't be read: %w", err)
	}
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, fmt.Errorf("the token can't be read: %w", err)
	}
	claims["sub"] = json.RawMessage(`"somebody-else"`)
	other, err := json.Marshal(claims)
	if err != nil {
		return nil, err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return []Forged{
		{"A token with another user's name in it", parts[0] + "." + encode(other) + "." + parts[2]},
		{"A token without a signature (alg none)", encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."},
		{"A token whose signature is cut off", parts[0] + "." + parts[1] + "."},
	}, nil
}
