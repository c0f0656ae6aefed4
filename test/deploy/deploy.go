// Package deploy has serverless.yml as it comes, so that tests hold it, and the Terraform module, to the code and to
// what the hosted `scf` component knows. What stands there in comments, ready to be used, is held to them as well.
package deploy

import (
	_ "embed"
	"regexp"

	"cos-credentials/function/deploy/serverless"
)

// Shipped is the text that tests go by: serverless.yml in the root is its user's to change.
//
//go:embed shipped.yml
var Shipped string

var commented = regexp.MustCompile(`(?m)^( *)# ( *(?:- )?[A-Za-z_]+:(?: .*)?)$`) // YAML that is commented out

// Everything is Shipped with all in use that is commented out.
var Everything = commented.ReplaceAllString(Shipped, "$1$2")

// Fill reads a text of serverless.yml with each variable holding its own name, and more behind it.
func Fill(text, more string) *serverless.File {
	return serverless.Read([]byte(text), "", func(name string) (string, bool) { return name + more, true })
}
