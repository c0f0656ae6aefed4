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

// minter makes what placeholders stand for.
type minter struct {
	keys keys
	env  map[string]string // the case's
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
		typed := p.cut(":=")
		if name == "" || !typed && !p.cut("=") {
			return "", errors.New("a word of TOKEN must be name=text, name:=json or !name")
		}
		v, err := p.value(typed)
		text, _ := v.(string)
		switch {
		case err != nil:
			return "", err
		case name == "alg" || name == "secret":
			signing[name] = text
		case !typed && (name == "exp" || name == "nbf" || name == "iat"):
			offset, err := time.ParseDuration(text)
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
	var key any = m.keys.ec
	if strings.HasPrefix(alg, "HS") {
		text := m.env[secret]
		if secret == "wrong" {
			text = rand.Text() + rand.Text()
		}
		if text == "" {
			return "", fmt.Errorf("the environment has no %s to sign with", secret)
		}
		key = []byte(text)
	}
	return issuer.Sign(alg, key, claims)
}
