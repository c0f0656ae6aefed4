// Package page is the page of the local cloud: plain HTML, one style sheet, one script.
package page

import (
	"embed"
	"mime"
)

// Files holds the page. Beside it the page loads cos-js-sdk-v5, which npm installs, and the client.
//
//go:embed index.html page.css page.js
var Files embed.FS

// Package mime asks the system for a script's type, and some systems are wrong.
func init() {
	for _, extension := range []string{".js", ".mjs"} {
		mime.AddExtensionType(extension, "text/javascript; charset=utf-8")
	}
}
