// Package request reads what a request asks for beyond its token, and narrows what its login may have to exactly that:
//
//	body → Asked;  Asked + policy.Entitlement → Narrowed
//
// A request can only narrow. Nothing that it says opens anything that the entitlement doesn't.
package request

import (
	"time"

	"cos-credentials/policy"
)

// Kind is one kind of answer, as far as the request for it goes.
type Kind struct {
	members       []string           // what its body may have; each has a reader in [readers]
	takesArray    bool               // whether a body that is an array is a scope
	contradiction func(Asked) string // says what a request can't have together or must not lack, or nothing
	narrow        func(Asked, *policy.Entitlement, time.Time) (Narrowed, error)
}

// Credentials asks for a temporary key: for all that the login may have, for a scope, or for one upload.
var Credentials = &Kind{
	members:       []string{"grant", "pick", "durationSeconds", "bucket", "region", "scope", "filename"},
	takesArray:    true, // as the COS SDKs send it
	contradiction: Asked.credentialsContradiction,
	narrow:        Asked.narrowCredentials,
}

// Form asks for one signed upload form.
var Form = &Kind{
	members:       []string{"grant", "pick", "durationSeconds", "bucket", "region", "filename", "key", "contentType"},
	contradiction: Asked.formContradiction,
	narrow:        Asked.narrowForm,
}

// Links asks for signed links to read objects.
var Links = &Kind{
	members:       []string{"grant", "pick", "bucket", "region", "keys", "expires", "process"},
	contradiction: Asked.linksContradiction,
	narrow:        Asked.narrowLinks,
}

// Asked is what a request says beyond its token.
type Asked struct {
	Choice
	Life  time.Duration // 0 for the grant's
	Scope []policy.Item // nil for all of the grant

	kind        *Kind
	bucket      string        // "" for the grant's, which it must equal
	region      string        // likewise
	filename    string        // the function chooses a key; "" if it need not
	key         string        // of a form
	contentType string        // of a form
	keys        []string      // of links
	expires     time.Duration // of links; 0 for the grant's duration
	process     string        // of links
}

func (a Asked) credentialsContradiction() string {
	if a.filename != "" && a.Scope != nil {
		return "The body has both a scope and a filename: a key that the function chooses is the whole scope."
	}
	return ""
}

func (a Asked) formContradiction() string {
	switch {
	case a.filename != "" && a.key != "":
		return "The body has both a key and a filename: keep the key, or let the function choose one."
	case a.filename == "" && a.key == "":
		return "The body must name a filename, for a key that the function chooses, or a key."
	}
	return ""
}

func (a Asked) linksContradiction() string {
	if a.keys == nil {
		return "The body must name the keys of the objects, an array of 1 to 100 strings."
	}
	return ""
}

// Error says why a request can't be read. It quotes nothing of it.
type Error struct {
	Message string // for the client's developer: what is wrong, and what to send instead
}

func (e *Error) Error() string { return e.Message }

func unreadable(message string) error { return &Error{message} }
