package gateway

import (
	"bytes"

	"cos-credentials/function/strictjson"
)

// skimOrigin finds the origin of an event that is refused unread, so that its page can read the refusal: "" unless
// there is exactly one, in the one member headers.
func skimOrigin(event []byte) string {
	origin, err := strictjson.DecodeLenient(onlyMember(onlyMember(event, "headers"), "origin"), eventLimits)
	if err != nil {
		return ""
	}
	return onlyValue(map[string]any{"origin": origin}, "origin")
}

// onlyMember is the value of an object's one member of this name, in whatever case; nil if there is none, or more than
// one. It looks for where members end and keeps nothing, so that a long event costs no memory. It does not hold the
// text to the grammar: what it finds is for no more than to say which page may read a refusal.
func onlyMember(object []byte, wanted string) (value []byte) {
	var name []byte // of the member that it is in
	var begin, found int
	depth := 0
	for at := 0; at < len(object); at++ {
		switch object[at] {
		case '"':
			text := object[at+1 : stringEnd(object, at)]
			if at += len(text) + 1; depth == 1 && name == nil {
				name = text
			}
		case ':':
			if depth == 1 {
				begin = at + 1
			}
		case '{', '[':
			depth++
		case ',', '}', ']':
			if depth == 1 {
				if bytes.IndexByte(name, '\\') >= 0 {
					return nil // whatever it spells
				}
				if bytes.EqualFold(name, []byte(wanted)) {
					value = object[begin:at]
					found++
				}
				name = nil
			}
			if object[at] != ',' {
				depth--
			}
		}
	}
	if found != 1 || depth != 0 {
		return nil
	}
	return value
}

// stringEnd is where the string that begins at a quote has its other one, or the text's end.
func stringEnd(text []byte, at int) int {
	for at++; at < len(text) && text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at, len(text))
}
