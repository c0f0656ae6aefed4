// Package policy says what a verified login may do in COS, and nothing else.
//
// It reads the access file (access.yaml), which names the trusted issuers and the grants. For one identity it picks a
// grant, fills the grant's prefix templates with the identity's claims, and writes the result as a CAM policy document:
//
//	identity → Grant → Entitlement → CAM document
//
// Everything here is pure: no network, no clock, and of the environment only what the lookup handed to [Load] gives.
// Whatever is missing or doubtful denies. Values are refused, never repaired, because two identities that are repaired
// into one prefix would open each other's files.
package policy

import (
	_ "embed"
	"net/netip"
	"time"

	"cos-credentials/policy/claim"
	"cos-credentials/policy/prefix"
	"cos-credentials/policy/strictyaml"
	"cos-credentials/policy/trust"
)

// DefaultFile is the access file that is built into the function.
//
//go:embed access.yaml
var DefaultFile []byte

// Access is a checked access file. The zero value trusts nobody and grants nothing.
type Access struct {
	Issuers  []trust.Issuer
	Grants   []Grant
	Warnings []strictyaml.Problem // what can be meant, and is worth a second look
}

// Grant is what the logins of some issuers may do. Its prefixes are templates until an identity fills them.
type Grant struct {
	Name       string
	Bucket     string // BucketName-APPID
	Region     string
	Domain     string        // the bucket's own host name; "" for COS's
	Duration   time.Duration // the longest life of a key
	PastLogin  bool          // limitToLogin: false, a key may outlive the login
	SealedOnly bool          // answers only sealed to the client's own key
	KeysStay   bool          // keys: false, no key leaves the function: only forms and links do

	issuers          []strictyaml.Node // names of issuers
	when             []claim.Requirement
	rules            []rule
	actions          []string // that some rule allows
	picked           string   // the claim of {claim[]}, of which a request picks an element; "" for none
	limits           limits
	condition        condition
	pinClientAddress bool
	place            strictyaml.Node
}

// rule allows actions on what its templates open.
type rule struct {
	templates []placed
	actions   []string // CAM names, in the order of the action table
}

// placed is a template and its place in the file.
type placed struct {
	prefix.Template
	place strictyaml.Node
}

// Identity is a verified login: who vouches for it, and what the token says.
type Identity struct {
	Issuer  string         // the issuer's name in the access file
	Claims  map[string]any // as decoded from the token, numbers as json.Number
	Address netip.Addr     // the address that asks; the zero Addr when it is unknown
}
