// Package credential turns a CAM policy document into a temporary key, by asking Tencent Cloud's STS.
//
// [Issuer] is the seam: whoever implements it answers with a key that opens what the document says and nothing else, or
// with an [Error] that says whose fault it is. A call never outlives the invocation that asks for it.
package credential

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	sts "github.com/tencentyun/qcloud-cos-sts-sdk/go"

	"cos-credentials/policy/text"
)

// Issuer hands out temporary keys.
type Issuer interface {
	// Issue asks for a key. The error is an [*Error].
	Issue(ctx context.Context, r Request) (Credential, error)
}

// Request is what a key is asked for.
type Request struct {
	Policy  *sts.CredentialPolicy
	JSON    []byte        // the policy's; without it, no key is kept
	Region  string        // where STS is asked
	Life    time.Duration // whole seconds, not beyond Until
	Full    time.Duration // the life before Until cut it
	Until   time.Time     // when the login ends, if no key may outlive it; else the zero time
	Session string        // names the user in the cloud's audit log; see [SessionName]
}

// Credential is a temporary key. It shows itself in no log and no message.
type Credential struct {
	SecretID  string
	SecretKey string
	Token     string
	Issued    time.Time
	Expires   time.Time
	Life      time.Duration // that was asked for
	RequestID string        // STS's
	Cached    bool          // it was issued for an earlier request of the same user
}

func (c Credential) Format(f fmt.State, _ rune) { f.Write([]byte("[credential]")) }
func (c Credential) LogValue() slog.Value       { return slog.StringValue("[credential]") }

const maxSession = 64

// SessionName names a user as AssumeRole's RoleSessionName takes it ([\w+=,.@_-]{2,64}): subject@issuer; or
// digest@issuer if the subject has other characters, is too long, or looks like a digest itself. Issuer names have no
// @, so no two users share a name. https://cloud.tencent.com/document/api/598/33164
func SessionName(issuer, subject string) string {
	name := subject + "@" + issuer
	if len(name) <= maxSession && text.Only(name, text.Alnum+"+=,.@_-") && !isDigest(subject) {
		return name
	}
	sum := sha256.Sum256([]byte(subject))
	return hex.EncodeToString(sum[:digestBytes]) + "@" + issuer
}

// digestBytes in hex leave room for @ and an issuer's name of 32 characters.
const digestBytes = 15

func isDigest(s string) bool {
	return len(s) == 2*digestBytes && text.Only(s, text.Hex)
}
