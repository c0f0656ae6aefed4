package request

import (
	"net/url"
	"strings"

	"cos-credentials/policy/text"
)

const (
	maxLinks   = 100
	maxProcess = 512 // bytes
)

// operations are how an operation on images may begin. https://cloud.tencent.com/document/product/460/36540
var operations = []string{"imageMogr2/", "imageView2/"}

func (a *Asked) readKeys(name string, value any) error {
	items, ok := value.([]any)
	if !ok || len(items) < 1 || len(items) > maxLinks {
		return unreadable("The body's " + name + " must be an array of 1 to 100 strings.")
	}
	for _, item := range items {
		key, _ := item.(string)
		if key == "" {
			return unreadable("One of the body's " + name + " is no string, or is empty.")
		}
		a.keys = append(a.keys, key)
	}
	return nil
}

// readProcess takes an operation that COS applies to an image. It stands in the URL as it is, so it holds nothing that
// could end it there.
func (a *Asked) readProcess(name string, value any) error {
	operation, _ := value.(string)
	known := false
	for _, beginning := range operations {
		known = known || strings.HasPrefix(operation, beginning)
	}
	_, err := url.PathUnescape(operation)
	if !known || err != nil || len(operation) > maxProcess || !text.Only(operation, text.Alnum+"/!@|:.,_%-") {
		return unreadable("The body's " + name + " must be an image operation, imageMogr2/… or imageView2/…, " +
			"of letters, digits and /!@|:.,_%-.")
	}
	a.process = operation
	return nil
}
