package policy

import "fmt"

// Kind says which rule a [Refusal] comes from.
type Kind int

const (
	_                 Kind = iota
	NotEntitled            // no grant matches the login, or not the one that it named
	IdentityNotUsable      // a claim in the prefix is missing or can't be a segment, or the address is needed and unknown
	ScopeNotAllowed        // the request asks for more than the grant gives
	ScopeTooLarge          // what the request asks for doesn't fit into one policy
	InvalidRequest         // the request contradicts itself
)

// Refusal says why an identity gets no key.
type Refusal struct {
	Kind    Kind
	Reason  string // for the operator's log: it names grants, issuers and claims, never a claim's value
	Message string // for the client, a constant text; "" if the kind says it all
}

func (r *Refusal) Error() string { return r.Reason }

func refuse(kind Kind, format string, args ...any) *Refusal {
	return &Refusal{Kind: kind, Reason: fmt.Sprintf(format, args...)}
}

func (r *Refusal) telling(message string) *Refusal {
	r.Message = message
	return r
}
