// Package strictjson reads JSON that an attacker may have written so that two parsers read it differently.
//
// encoding/json is lenient where RFC 8259 leaves a choice: of two members with one name the last wins, invalid UTF-8
// and lone surrogates become U+FFFD in silence, and numbers become float64. So two texts can have one value, and two
// users can become one. [Decode] refuses what two parsers may read differently, and keeps numbers as they were written.
// What it accepts, encoding/json accepts too, with the same value.
//
// It is ours because the standard library has nothing stable that is strict: encoding/json/jsontext is, but in Go 1.26
// it is an experiment, which whoever builds the function would have to switch on (GOEXPERIMENT=jsonv2). Once it is no
// experiment, it takes this package's place, but for the limits and the refusal of U+FFFD.
package strictjson

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits bounds what a text may hold, while it is read. The zero value admits no object and no array.
type Limits struct {
	Depth   int // objects and arrays inside each other; {"a":[]} is 2 deep
	Members int // members of all objects and elements of all arrays together
}

// Error says why a text was refused, and where. It never quotes the text.
type Error struct {
	Reason string // a constant phrase
	Offset int    // in bytes from the start
}

func (e *Error) Error() string {
	return "json: " + e.Reason + " at byte " + strconv.Itoa(e.Offset)
}

// Decode reads one JSON text (RFC 8259) and nothing after it. It returns map[string]any, []any, string, [json.Number],
// bool or nil; the error is an [*Error].
//
// Beyond what breaks the grammar it refuses: invalid UTF-8; a byte order mark; a member name that occurs twice in one
// object, however it is escaped; a lone surrogate; U+FFFD, because other parsers write it for what they can't read; and
// more than limits allow.
func Decode(data []byte, limits Limits) (any, error) {
	return decode(data, limits, false)
}

// DecodeLenient is Decode for a text into which bytes may have been copied that are not UTF-8. They stay as they are, a
// lone surrogate becomes U+FFFD, and member names that hold any of these are never the same name.
func DecodeLenient(data []byte, limits Limits) (any, error) {
	return decode(data, limits, true)
}

func decode(data []byte, limits Limits, lenient bool) (any, error) {
	// One copy, of which every string and number is a part: fewer allocations than one for each.
	p := parser{text: string(data), depth: limits.Depth, members: limits.Members, lenient: lenient}
	p.skipSpace()
	value := p.value()
	p.skipSpace()
	if p.reason == "" && p.pos < len(p.text) {
		p.fail("data after the value")
	}
	if p.reason != "" {
		return nil, &Error{Reason: p.reason, Offset: p.at}
	}
	return value, nil
}

// parser is a recursive descent over text. After the first failure reason is set and every function returns at once.
type parser struct {
	text    string
	pos     int
	depth   int // levels that may still be opened
	members int // members and elements that may still be read
	lenient bool
	reason  string
	at      int
}

func (p *parser) fail(reason string) {
	if p.reason == "" {
		p.reason, p.at = reason, p.pos
	}
}

// peek returns the next byte, or 0 at the end; a NUL in the text is no part of any token either.
func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *parser) skipSpace() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) value() any {
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		return p.string()
	case c == '-' || isDigit(c):
		return p.number()
	case c == 't' && p.literal("true"):
		return true
	case c == 'f' && p.literal("false"):
		return false
	case c == 'n' && p.literal("null"):
		return nil
	}
	p.fail("expected a value")
	return nil
}

func (p *parser) literal(word string) bool {
	if len(p.text)-p.pos < len(word) || p.text[p.pos:p.pos+len(word)] != word {
		return false
	}
	p.pos += len(word)
	return true
}

// enter opens an object or an array, leave closes it.
func (p *parser) enter() bool {
	if p.depth <= 0 {
		p.fail("nested too deep")
		return false
	}
	p.depth--
	p.pos++
	p.skipSpace()
	return true
}

func (p *parser) leave() {
	p.depth++
	p.pos++
}

// countMember is called before room is made for a member or an element.
func (p *parser) countMember() bool {
	if p.members <= 0 {
		p.fail("too many members")
		return false
	}
	p.members--
	return true
}

func (p *parser) object() any {
	if !p.enter() {
		return nil
	}
	members := map[string]any{}
	for p.peek() != '}' || len(members) > 0 { // `}` only closes at once; after a comma it is no name
		if p.peek() != '"' {
			p.fail("expected a member name")
			return nil
		}
		if !p.countMember() {
			return nil
		}
		start := p.pos
		name := p.string()
		_, twice := members[name]
		if twice && p.reason == "" && !(p.lenient && strings.ContainsRune(name, utf8.RuneError)) {
			p.pos = start
			p.fail("member name occurs twice")
		}
		p.skipSpace()
		if p.peek() != ':' {
			p.fail("expected a colon")
		}
		if p.reason != "" {
			return nil
		}
		p.pos++
		p.skipSpace()
		members[name] = p.value()
		if !p.skipComma('}') {
			break
		}
	}
	if p.reason != "" {
		return nil
	}
	p.leave()
	return members
}

func (p *parser) array() any {
	if !p.enter() {
		return nil
	}
	elements := []any{}
	for p.peek() != ']' || len(elements) > 0 {
		if !p.countMember() {
			return nil
		}
		elements = append(elements, p.value())
		if !p.skipComma(']') {
			break
		}
	}
	if p.reason != "" {
		return nil
	}
	p.leave()
	return elements
}

// skipComma steps over a comma. Without one it stands on the closing bracket, or has failed.
func (p *parser) skipComma(closing byte) bool {
	p.skipSpace()
	switch {
	case p.reason != "":
		return false
	case p.peek() == ',':
		p.pos++
		p.skipSpace()
		return true
	case p.peek() != closing:
		p.fail("expected a comma or a closing bracket")
	}
	return false
}

// number keeps the text: "1.0", "1e400" and 9007199254740993 stay what they are.
func (p *parser) number() any {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++ // and no digit may follow: whatever does is refused by who reads on
	} else if !p.digits() {
		return nil
	}
	if p.peek() == '.' {
		p.pos++
		if !p.digits() {
			return nil
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return nil
		}
	}
	return json.Number(p.text[start:p.pos])
}

func (p *parser) digits() bool {
	start := p.pos
	for isDigit(p.peek()) {
		p.pos++
	}
	if p.pos == start {
		p.fail("expected a digit")
		return false
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// string reads a string from its opening to its closing quote. One without escapes is a part of the text.
func (p *parser) string() string {
	p.pos++
	start := p.pos
	var unescaped strings.Builder // what came before start; only with escapes
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			part := p.text[start:p.pos]
			p.pos++
			if unescaped.Len() == 0 {
				return part
			}
			unescaped.WriteString(part)
			return unescaped.String()
		case c == '\\':
			if unescaped.Len() == 0 {
				unescaped.Grow(p.rest(start)) // once, and no more than the text has
			}
			unescaped.WriteString(p.text[start:p.pos])
			r, ok := p.escape()
			if !ok {
				return ""
			}
			unescaped.WriteRune(r)
			start = p.pos
		case c < ' ':
			p.fail("control character in a string")
			return ""
		case c < utf8.RuneSelf:
			p.pos++
		default:
			r, size := utf8.DecodeRuneInString(p.text[p.pos:])
			if r == utf8.RuneError && !p.lenient {
				if size == 1 {
					p.fail("invalid UTF-8")
				} else {
					p.fail("replacement character U+FFFD")
				}
				return ""
			}
			p.pos += size
		}
	}
	p.fail("string without an end")
	return ""
}

// rest is how long the text of a string is from start to its closing quote, escapes and all.
func (p *parser) rest(start int) int {
	at := p.pos
	for at < len(p.text) && p.text[at] != '"' {
		if p.text[at] == '\\' {
			at++
		}
		at++
	}
	return at - start
}
