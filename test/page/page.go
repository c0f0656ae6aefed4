// Package page is the page of the local cloud: plain HTML, one style sheet, one script.
package page

import "embed"

// Files holds the page. Beside it the page loads cos-js-sdk-v5, which npm installs.
//
//go:embed index.html page.css page.js
var Files embed.FS

// Types are its files' types, said here because package mime asks the system, and some systems are wrong.
var Types = map[string]string{
	"index.html": "text/html; charset=utf-8",
	"page.css":   "text/css; charset=utf-8",
	"page.js":    "text/javascript; charset=utf-8",
}
