package replay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// keys are the secrets of one run, so that no token and no key has to live in the repository.
type keys struct {
	secret string // JWT_SECRET
	ec     *ecdsa.PrivateKey
}

const keyID = "replay"

func newKeys() (*keys, error) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &keys{secret: random(48), ec: ec}, err
}

func random(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// set is the public half as a JSON Web Key Set.
func (k *keys) set() string {
	point, err := k.ec.PublicKey.Bytes() // 4, x, y
	if err != nil {
		panic(err) // a P-256 key that was just made has a point
	}
	part := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	return fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-256","kid":%q,"use":"sig","alg":"ES256","x":%q,"y":%q}]}`, keyID, part(point[1:33]), part(point[33:]))
}

// token mints what ${TOKEN …} asks for.
func (m minter) token(p *scanner) (string, error) {
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": "mini-program", "aud": "cos-credentials", "sub": "alice", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	alg, secret := "HS256", "JWT_SECRET"
	for p.skip(); p.rest != "" && p.rest[0] != '}'; p.skip() {
		if omit, ok := strings.CutPrefix(p.rest, "!"); ok {
			p.rest = omit
			delete(claims, p.word())
			continue
		}
		name := p.until("=: }")
		if raw, ok := strings.CutPrefix(p.rest, ":="); ok {
			p.rest = raw
			v, err := p.json()
			if err != nil {
				return "", err
			}
			claims[name] = v
			continue
		}
		text, ok := strings.CutPrefix(p.rest, "=")
		if !ok || name == "" {
			return "", errors.New("a word of TOKEN must be name=text, name:=json or !name")
		}
		p.rest = text
		v, err := p.value()
		if err != nil {
			return "", err
		}
		switch name {
		case "alg":
			alg = v
		case "secret":
			secret = v
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
	return m.sign(alg, secret, claims)
}

func (m minter) sign(alg, secret string, claims jwt.MapClaims) (string, error) {
	var key any
	switch {
	case alg == "none":
		key = jwt.UnsafeAllowNoneSignatureType
	case alg == "ES256":
		key = m.keys.ec
	case strings.HasPrefix(alg, "HS") && secret == "wrong":
		key = []byte(random(32))
	case strings.HasPrefix(alg, "HS") && m.lookup(secret) != "":
		key = []byte(m.lookup(secret))
	case strings.HasPrefix(alg, "HS"):
		return "", fmt.Errorf("the environment has no %s to sign with", secret)
	}
	method := jwt.GetSigningMethod(alg)
	if method == nil || key == nil {
		return "", fmt.Errorf("there is no alg=%s here", alg)
	}
	token := jwt.NewWithClaims(method, claims)
	if alg == "ES256" {
		token.Header["kid"] = keyID
	}
	return token.SignedString(key)
}
