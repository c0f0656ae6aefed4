package sts

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
)

// Grant is what a session token stands for.
type Grant struct {
	Action       string // that issued it
	Name         string // of the user, as the caller said
	AppID        string
	Policy       string // the CAM document; empty means all that the role may do
	TmpSecretID  string
	TmpSecretKey string `json:"-"` // follows from the id, so the token needn't carry it
	Issued       int64
	Expires      int64
}

// ErrExpired is OpenToken's error for a token that was good once; the Grant comes with it.
var ErrExpired = errors.New("the session token has expired")

var encoding = base64.RawURLEncoding

func (s *STS) issue(c call, w wish, requestID string) *credentials {
	now := s.now()
	g := Grant{
		Action: c.action, Name: w.name, AppID: c.caller.AppID, Policy: w.policy,
		TmpSecretID: "AKID" + randomText(), Issued: now.Unix(), Expires: now.Add(w.duration).Unix(),
	}
	var out credentials
	out.Credentials.Token = s.sealed(g)
	out.Credentials.TmpSecretId = g.TmpSecretID
	out.Credentials.TmpSecretKey = s.secretKey(g.TmpSecretID)
	out.ExpiredTime = g.Expires
	out.Expiration = time.Unix(g.Expires, 0).UTC().Format(time.RFC3339)
	out.RequestId = requestID
	return &out
}

// OpenToken reads a session token that this STS issued.
func (s *STS) OpenToken(token string) (Grant, error) {
	text, mac, ok := strings.Cut(token, ".")
	if !ok || !sameText(mac, s.mac("token", text)) {
		return Grant{}, errors.New("the session token is not one of this STS")
	}
	packed, err := encoding.DecodeString(text)
	if err != nil {
		return Grant{}, err
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return Grant{}, err
	}
	var g Grant
	if err := json.Unmarshal(plain, &g); err != nil {
		return Grant{}, err
	}
	g.TmpSecretKey = s.secretKey(g.TmpSecretID)
	if s.now().Unix() >= g.Expires {
		return g, ErrExpired
	}
	return g, nil
}

// sealed packs a grant: real tokens have at most 4,096 bytes, whatever the policy's length.
func (s *STS) sealed(g Grant) string {
	plain, _ := json.Marshal(g)
	var packed bytes.Buffer
	z, _ := flate.NewWriter(&packed, flate.BestCompression)
	z.Write(plain)
	z.Close()
	text := encoding.EncodeToString(packed.Bytes())
	return text + "." + s.mac("token", text)
}

func (s *STS) secretKey(id string) string { return s.mac("key", id)[:32] }

// mac is bound to a purpose, so that nobody can get a token signed by asking for a key.
func (s *STS) mac(purpose, text string) string {
	s.mu.Lock()
	if s.seal == nil {
		s.seal = make([]byte, 32)
		rand.Read(s.seal)
	}
	seal := s.seal
	s.mu.Unlock()
	return encoding.EncodeToString(hmacSHA256(seal, purpose+"\x00"+text))
}

func randomText() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
