package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Syntax documents the placeholders; it is printed with every mistake in one.
const Syntax = `Placeholders in a case's event, raw payload and environment:
  ${TOKEN sub=alice exp=+1h}   a login token, signed when the case is replayed. Without a word it is a good one:
                               iss=mini-program aud=cos-credentials sub=alice iat=+0s exp=+1h alg=HS256
      exp= nbf= iat=           are offsets from now (-5m, +1h30m)
      alg=                     HS256, HS384, HS512, ES256 (with the key of ${JWKS}) or none
      secret=NAME              signs with the environment variable NAME (else JWT_SECRET); secret=wrong with another
      claim=text  claim:=json  any other claim, or a time as a bare number: role=member, age:=7, exp:=9999999999
      claim="with spaces"      text in quotes is a JSON string
      !claim                   leaves one out
  ${JWKS}                      the public key set of this run, for tokens with alg=ES256
  ${REPEAT 3000 text}          text (or "text in quotes"), 3000 times
  ${LIST 1000 json}            a JSON value 1000 times, with commas between; # in it counts 1, 2, 3, …
  $${                          a literal ${`

// text replaces the placeholders of one string.
func (m minter) text(s string) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		if !found {
			out.WriteString(s)
			return out.String(), nil
		}
		if literal, ok := strings.CutSuffix(before, "$"); ok {
			out.WriteString(literal + "${")
			s = rest
			continue
		}
		p := &scanner{rest}
		value, err := m.placeholder(p)
		if err != nil {
			return "", fmt.Errorf("%w in ${%.60s\n\n%s", err, rest, Syntax)
		}
		out.WriteString(before + value)
		s = p.rest
	}
}

// placeholder reads one, from just behind its ${ to its }.
func (m minter) placeholder(p *scanner) (value string, err error) {
	switch name := p.word(); name {
	case "TOKEN":
		value, err = m.token(p)
	case "JWKS":
		value = m.keys.set
	case "REPEAT", "LIST":
		value, err = p.times(name == "LIST")
	default:
		err = fmt.Errorf("there is no placeholder %q", name)
	}
	if err == nil && !p.cut("}") {
		err = errors.New("} is missing")
	}
	return value, err
}

// scanner reads the words of a placeholder.
type scanner struct{ rest string }

// cut takes a prefix away, after spaces.
func (p *scanner) cut(prefix string) (ok bool) {
	p.rest, ok = strings.CutPrefix(strings.TrimLeft(p.rest, " "), prefix)
	return ok
}

// word reads up to a space or the end.
func (p *scanner) word() string {
	p.cut("")
	return p.until(" }")
}

func (p *scanner) until(stop string) string {
	end := strings.IndexAny(p.rest, stop)
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

// times reads a count and what to write as often.
func (p *scanner) times(list bool) (string, error) {
	n, err := strconv.Atoi(p.word())
	if err != nil || n < 0 || n > 10_000_000 {
		return "", errors.New("a count from 0 to 10000000 is missing")
	}
	v, err := p.value(list)
	if text, ok := v.(string); err != nil || ok && !list {
		return strings.Repeat(text, n), err
	}
	values := make([]string, n)
	for i := range values {
		values[i] = strings.ReplaceAll(fmt.Sprintf("%s", v), "#", strconv.Itoa(i+1))
	}
	return strings.Join(values, ","), nil
}

// value reads a JSON value as it is written, or text: a word, or a JSON string.
func (p *scanner) value(typed bool) (any, error) {
	if p.cut(""); !typed && !strings.HasPrefix(p.rest, `"`) {
		return p.word(), nil
	}
	d := json.NewDecoder(strings.NewReader(p.rest))
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("a JSON value can't be read (%w)", err)
	}
	p.rest = p.rest[d.InputOffset():]
	if typed {
		return raw, nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err
}

var jsonString = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// event replaces the placeholders in the strings of a JSON text and leaves every other byte as it is: what a gateway
// sent, odd spelling and doubled members included, is what the function must get.
func (m minter) event(text []byte) (out []byte, err error) {
	out = jsonString.ReplaceAllFunc(text, func(raw []byte) []byte {
		if err != nil || !strings.Contains(string(raw), "${") {
			return raw
		}
		var s string
		if err = json.Unmarshal(raw, &s); err != nil {
			return nil
		}
		if s, err = m.text(s); err != nil {
			return nil
		}
		filled, _ := json.Marshal(s)
		return filled
	})
	return out, err
}
