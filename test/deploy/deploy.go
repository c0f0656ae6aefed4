// Package deploy reads serverless.yml, so that tests hold it, and the Terraform module, to the code and to what the
// hosted `scf` component knows. What stands there in comments, ready to be used, is held to them as well.
package deploy

import (
	"os"
	"path/filepath"
	"regexp"

	"cos-credentials/function/deploy/serverless"
	"cos-credentials/test/repo"
)

var commented = regexp.MustCompile(`(?m)^( *)# ( *(?:- )?[A-Za-z_]+:(?: .*)?)$`) // YAML that is commented out

// Text is serverless.yml as it stands, and with all in use that is commented out.
func Text() (text, everything string, err error) {
	root, err := repo.Root()
	if err != nil {
		return "", "", err
	}
	content, err := os.ReadFile(filepath.Join(root, "serverless.yml"))
	return string(content), commented.ReplaceAllString(string(content), "$1$2"), err
}

// Fill reads a text of serverless.yml with each variable holding its own name, and more behind it.
func Fill(text, more string) *serverless.File {
	return serverless.Read([]byte(text), "", func(name string) (string, bool) { return name + more, true })
}
