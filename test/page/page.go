// Package page is the page of the local cloud: plain HTML, one style sheet, one script.
package page

import "embed"

// Files holds the page. Beside it the page loads cos-js-sdk-v5, which npm installs.
//
//go:embed index.html page.css page.js
var Files embed.FS

// Names are the files beside index.html.
var Names = []string{"page.css", "page.js"}
