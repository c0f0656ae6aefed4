package request

import (
	"cmp"
	"time"

	"cos-credentials/policy"
)

// Narrowed is what of an entitlement a request gets.
type Narrowed struct {
	*policy.Entitlement
	Key       string      // the one that the function chose, or that a form is for
	Form      policy.Form // the limits of a form
	Downloads Downloads   // what links are for
}

// Downloads is what signed links read, and for how long.
type Downloads struct {
	Keys    []string
	Process string // an operation on images; "" for none
	Life    time.Duration
}

// Narrow cuts an entitlement down to what is asked for. now dates a key that the function chooses. The error is a
// [*policy.Refusal].
func (a Asked) Narrow(entitled *policy.Entitlement, now time.Time) (Narrowed, error) {
	if a.bucket != "" && a.bucket != entitled.Bucket || a.region != "" && a.region != entitled.Region {
		return Narrowed{}, &policy.Refusal{
			Kind:   policy.ScopeNotAllowed,
			Reason: "bucket or region of the request differ from those of grant " + entitled.Grant,
		}
	}
	return a.kind.narrow(a, entitled, now)
}

func (a Asked) narrowCredentials(entitled *policy.Entitlement, now time.Time) (n Narrowed, err error) {
	n.Entitlement = entitled
	switch {
	case a.filename != "":
		if n.Key, err = chosenKey(entitled, false, a.filename, now); err == nil {
			n.Entitlement, err = entitled.ForUpload(n.Key)
		}
	case a.Scope != nil:
		n.Entitlement, err = entitled.Narrow(a.Scope)
	}
	return n, err
}

func (a Asked) narrowForm(entitled *policy.Entitlement, now time.Time) (n Narrowed, err error) {
	if err := entitled.Forms(); err != nil {
		return n, err
	}
	key := a.key
	if a.filename != "" {
		if key, err = chosenKey(entitled, true, a.filename, now); err != nil {
			return n, err
		}
	}
	if n.Entitlement, n.Form, err = entitled.ForForm(key, a.contentType); err != nil {
		return n, err
	}
	n.Key = n.Prefix() // without the leading slash that the request's may have
	return n, nil
}

func (a Asked) narrowLinks(entitled *policy.Entitlement, _ time.Time) (n Narrowed, err error) {
	if n.Entitlement, n.Downloads.Keys, err = entitled.ForDownloads(a.keys); err != nil {
		return n, err
	}
	if a.expires > entitled.Duration {
		return n, &policy.Refusal{
			Kind:   policy.ScopeNotAllowed,
			Reason: "links were asked for that live longer than the durationSeconds of grant " + entitled.Grant,
		}
	}
	n.Downloads.Process, n.Downloads.Life = a.process, cmp.Or(a.expires, entitled.Duration)
	return n, nil
}
