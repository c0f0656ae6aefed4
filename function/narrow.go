package main

import (
	"crypto/rand"
	"strings"
	"time"

	"cos-credentials/policy"
)

// narrowed is what of an entitlement a request gets.
type narrowed struct {
	*policy.Entitlement
	key         string // the one that the function chose, or that a form is for
	maxBytes    int64  // of a form
	contentType string // of a form
}

// narrow cuts an entitlement down to what is asked for. The error is a *policy.Refusal.
func (a asked) narrow(e *policy.Entitlement, to resource, now time.Time) (n narrowed, err error) {
	if a.bucket != "" && a.bucket != e.Bucket || a.region != "" && a.region != e.Region {
		return n, &policy.Refusal{Kind: policy.ScopeNotAllowed, Reason: "bucket or region of the request differ from those of grant " + e.Grant}
	}
	if to == postPolicy {
		if err := e.Forms(); err != nil {
			return n, err
		}
	}
	key := a.key
	if a.filename != "" {
		folder, err := e.UploadFolder(maxChosen)
		if err != nil {
			return n, err
		}
		key = chooseKey(folder, a.filename, now)
	}
	n.Entitlement = e
	switch {
	case to == postPolicy:
		var form policy.Form
		n.Entitlement, form, err = e.ForForm(key, a.contentType)
		n.maxBytes, n.contentType = form.MaxBytes, form.ContentType
	case key != "":
		n.Entitlement, err = e.ForUpload(key)
	case a.scope != nil:
		n.Entitlement, err = e.Narrow(a.scope)
	}
	if err == nil && key != "" {
		n.key = n.Prefix()
	}
	return n, err
}

const (
	maxFilename  = 255 // bytes
	maxExtension = 16
	maxChosen    = len("2006/01/02/") + 26 + len(".") + maxExtension // bytes that are put behind a folder; rand.Text has 26
)

// chooseKey makes a key that nobody can guess (128 bits), dated for people who look for it: users/42/2026/11/23/….jpg. Of
// the file's name only a plain extension is kept.
func chooseKey(folder, filename string, now time.Time) string {
	return folder + now.UTC().Format("2006/01/02/") + strings.ToLower(rand.Text()) + extension(filename)
}

func extension(filename string) string {
	at := strings.LastIndexByte(filename, '.')
	if at < 0 {
		return ""
	}
	ext := filename[at+1:]
	plain := strings.Trim(ext, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	if ext == "" || len(ext) > maxExtension || !plain { // before lower-casing: the Kelvin sign would become a k
		return ""
	}
	return "." + strings.ToLower(ext)
}
