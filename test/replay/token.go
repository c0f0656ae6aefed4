package replay

import (
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"cos-credentials/test/issuer"
)

// keys are the secrets of one run.
type keys struct {
	secret string // JWT_SECRET
	ec     crypto.Signer
	set    string // the public half of ec
}

func newKeys() (k keys, err error) {
	k.secret = rand.Text() + rand.Text() + rand.Text() // 78 bytes: long enough for HS512
	if k.ec, err = issuer.NewKey("ES256"); err != nil {
		return k, err
	}
	k.set, err = issuer.KeySet(k.ec)
	return k, err
}

// minter makes what placeholders stand for; lookup is the case's environment.
type minter struct {
	keys   keys
	lookup func(string) string
}

// token mints what ${TOKEN …} asks for.
func (m minter) token(p *scanner) (string, error) {
	now := time.Now()
	claims := issuer.Claims{
		"iss": "mini-program", "aud": "cos-credentials", "sub": "alice",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	signing := map[string]string{"alg": "HS256", "secret": "JWT_SECRET"}
	for p.cut(""); p.rest != "" && p.rest[0] != '}'; p.cut("") {
		if p.cut("!") {
			delete(claims, p.word())
			continue
		}
		name := p.until("=: }")
		if name != "" && p.cut(":=") {
			v, err := p.json()
			if err != nil {
				return "", err
			}
			claims[name] = v
			continue
		}
		if name == "" || !p.cut("=") {
			return "", errors.New("a word of TOKEN must be name=text, name:=json or !name")
		}
		v, err := p.value()
		if err != nil {
			return "", err
		}
		switch name {
		case "alg", "secret":
			signing[name] = v
		case "exp", "nbf", "iat":
			offset, err := time.ParseDuration(v)
			if err != nil {
				return "", fmt.Errorf("%s must be an offset such as +1h", name)
			}
			claims[name] = now.Add(offset).Unix()
		default:
			claims[name] = v
		}
	}
	return m.sign(signing["alg"], signing["secret"], claims)
}

func (m minter) sign(alg, secret string, claims issuer.Claims) (string, error) {
	var key any
	switch {
	case alg == "ES256":
		key = m.keys.ec
	case strings.HasPrefix(alg, "HS") && secret == "wrong":
		key = []byte(rand.Text() + rand.Text())
	case strings.HasPrefix(alg, "HS"):
		if m.lookup(secret) == "" {
			return "", fmt.Errorf("the environment has no %s to sign with", secret)
		}
		key = []byte(m.lookup(secret))
	}
	return issuer.Sign(alg, key, claims)
}
