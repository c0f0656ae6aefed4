package sts

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"time"
)

// Grant is what a session token stands for.
type Grant struct {
	Action       string // that issued it
	Name         string // Name or RoleSessionName: what the cloud's audit log will call the user of the key
	AppID        string
	Policy       string // the CAM document; empty means all that the role may do
	TmpSecretID  string
	TmpSecretKey string
	Expires      int64 // seconds since 1970
}

// ErrExpired is OpenToken's error for a token that was good once; the Grant comes with it.
var ErrExpired = errors.New("the session token has expired")

// issue makes a key, and a token that is as long as real ones are.
func (s *STS) issue(g Grant, requestID string) *credentials {
	random := make([]byte, 384)
	rand.Read(random)
	token, key := base64.RawURLEncoding.EncodeToString(random), NewKey(g.AppID)
	g.TmpSecretID, g.TmpSecretKey = key.SecretID, key.SecretKey
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grants == nil {
		s.grants = map[string]Grant{}
	}
	s.grants[token] = g
	end := time.Unix(g.Expires, 0).UTC().Format(time.RFC3339)
	out := &credentials{ExpiredTime: g.Expires, Expiration: end, RequestId: requestID}
	out.Credentials.Token, out.Credentials.TmpSecretId, out.Credentials.TmpSecretKey = token, key.SecretID, key.SecretKey
	return out
}

// OpenToken finds what a session token that this STS issued stands for.
func (s *STS) OpenToken(token string) (Grant, error) {
	s.mu.Lock()
	g, ok := s.grants[token]
	s.mu.Unlock()
	switch {
	case !ok:
		return g, errors.New("the session token is not one of this STS")
	case s.now().Unix() >= g.Expires:
		return g, ErrExpired
	}
	return g, nil
}
