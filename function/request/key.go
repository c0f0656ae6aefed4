package request

import (
	"crypto/rand"
	"strings"
	"time"

	"cos-credentials/policy"
	"cos-credentials/policy/text"
)

const (
	maxExtension = 16                                                // bytes
	maxName      = len("2006/01/02/") + 26 + len(".") + maxExtension // bytes; rand.Text has 26
)

// chosenKey makes a key for a file that is to be uploaded, as in users/42/2026/11/23/….jpg: in the entitlement's folder
// for uploads (or for forms), dated for people who look for it, and with 128 random bits, so that nobody can guess it.
// The error is a [*policy.Refusal].
func chosenKey(entitled *policy.Entitlement, form bool, filename string, now time.Time) (string, error) {
	folder, err := entitled.UploadFolder(form, maxName)
	if err != nil {
		return "", err
	}
	return folder + now.UTC().Format("2006/01/02/") + strings.ToLower(rand.Text()) + extension(filename), nil
}

// extension is all that is kept of a file's name: .jpg of A.JPG, and nothing if it isn't plain.
func extension(filename string) string {
	dot := strings.LastIndexByte(filename, '.')
	if dot < 0 {
		return ""
	}
	suffix := filename[dot+1:]
	plain := text.Only(suffix, text.Alnum) // before lower-casing: the Kelvin sign would become a k
	if suffix == "" || len(suffix) > maxExtension || !plain {
		return ""
	}
	return "." + strings.ToLower(suffix)
}
