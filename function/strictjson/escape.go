package strictjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

// escape reads one escape sequence, a surrogate pair counting as one, and returns the character that it stands for.
func (p *parser) escape() (rune, bool) {
	start := p.pos
	p.pos++ // the backslash
	c := p.peek()
	p.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return p.unicode(start)
	}
	p.pos = start
	p.fail("unknown escape")
	return 0, false
}

// unicode reads what follows \u, and a second \uXXXX after a high surrogate. start is where the sequence began.
func (p *parser) unicode(start int) (rune, bool) {
	r, ok := p.hex4()
	if ok && utf16.IsSurrogate(r) {
		after := p.pos
		var low rune
		if ok = p.literal(`\u`); ok {
			low, ok = p.hex4()
		}
		r = utf16.DecodeRune(r, low) // U+FFFD unless the two are a high and a low one
		if !ok || r == utf8.RuneError {
			if p.lenient {
				p.pos = after
				return utf8.RuneError, true
			}
			p.pos = start
			p.fail("lone surrogate")
			return 0, false
		}
	}
	switch {
	case !ok:
		p.pos = start
		p.fail("unknown escape")
	case r == utf8.RuneError && !p.lenient:
		p.pos = start
		p.fail("replacement character U+FFFD")
		ok = false
	}
	return r, ok
}

func (p *parser) hex4() (rune, bool) {
	if len(p.text)-p.pos < 4 {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.text[p.pos : p.pos+4]) {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	p.pos += 4
	return r, true
}
