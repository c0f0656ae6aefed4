package credential

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Form is what one upload form may do: put one object, within limits.
type Form struct {
	Bucket      string
	Key         string
	MaxBytes    int64  // of the file; 0 for no limit
	ContentType string // "" for any; image/* for all that begin so
	Start       time.Time
}

// SignedForm is a form's fields. They open what the form says, and hold no key to sign another with.
type SignedForm struct {
	Policy    string // base64
	Algorithm string
	AK        string
	KeyTime   string
	Signature string
	Token     string
	Fields    map[string]string // every field that the form sends before the file, by name
}

// Sign signs an upload form as POST Object of COS checks it: the SHA-1 of the form's policy, with a key that is made of
// the secret key and the form's time. https://cloud.tencent.com/document/product/436/14690
func (c Credential) Sign(f Form) SignedForm {
	out := SignedForm{
		Algorithm: "sha1",
		AK:        c.SecretID,
		Token:     c.Token,
		KeyTime:   unixTimes(f.Start, c.Expires),
	}
	policy := f.policy(out, c.Expires)
	out.Policy = base64.StdEncoding.EncodeToString(policy)
	digest := sha1.Sum(policy)
	out.Signature = hmacSHA1(hmacSHA1(c.SecretKey, out.KeyTime), hex.EncodeToString(digest[:]))
	out.Fields = f.fields(out)
	return out
}

// unixTimes is a signature's time as COS reads it.
func unixTimes(start, end time.Time) string {
	return strconv.FormatInt(start.Unix(), 10) + ";" + strconv.FormatInt(end.Unix(), 10)
}

func hmacSHA1(key, text string) string {
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// fields names what the form sends before the file. The type is there where only one is good; else the client adds the
// file's own.
func (f Form) fields(signed SignedForm) map[string]string {
	fields := map[string]string{
		"key":                   f.Key,
		"success_action_status": "200",
		"policy":                signed.Policy,
		"q-sign-algorithm":      signed.Algorithm,
		"q-ak":                  signed.AK,
		"q-key-time":            signed.KeyTime,
		"q-signature":           signed.Signature,
		"x-cos-security-token":  signed.Token,
	}
	if f.ContentType != "" && !strings.HasSuffix(f.ContentType, "*") {
		fields["Content-Type"] = f.ContentType
	}
	return fields
}

// policy writes the form policy: each condition holds one field of the form.
func (f Form) policy(signed SignedForm, expires time.Time) []byte {
	type equal map[string]string
	conditions := []any{
		equal{"q-sign-algorithm": signed.Algorithm},
		equal{"q-ak": signed.AK},
		equal{"q-sign-time": signed.KeyTime},
		equal{"bucket": f.Bucket},
		equal{"key": f.Key},
	}
	if f.MaxBytes > 0 {
		conditions = append(conditions, []any{"content-length-range", 0, f.MaxBytes})
	}
	if stem, open := bytes.CutSuffix([]byte(f.ContentType), []byte("*")); open {
		conditions = append(conditions, []any{"starts-with", "$Content-Type", string(stem)})
	} else if f.ContentType != "" {
		conditions = append(conditions, equal{"Content-Type": f.ContentType})
	}
	var out bytes.Buffer
	write := json.NewEncoder(&out)
	write.SetEscapeHTML(false)
	write.Encode(struct { // strings and numbers only: it can't fail
		Expiration string `json:"expiration"`
		Conditions []any  `json:"conditions"`
	}{expires.UTC().Format("2006-01-02T15:04:05.000Z"), conditions})
	return bytes.TrimSpace(out.Bytes())
}
