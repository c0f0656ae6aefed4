package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

var wide = Limits{Depth: 64, Members: 1 << 16}

func TestDecodeAccepts(t *testing.T) {
	for text, want := range map[string]any{
		`null`:                     nil,
		" \t\r\n true \n":          true,
		`false`:                    false,
		`""`:                       "",
		`"a"`:                      "a",
		`"\u0061\"\\\/\b\f\n\r\t"`: "a\"\\/\b\f\n\r\t",
		`"\u0000"`:                 "\x00",
		`"\ud83d\ude00"`:           "😀",
		`"\uD83D\uDE00x"`:          "😀x",
		`"😀é中"`:                    "😀é中",
		"\"\x7f\"":                 "\x7f",
		`"\uFFFE\uFFFF"`:           "\uFFFE\uFFFF",
		`0`:                        json.Number("0"),
		`-0`:                       json.Number("-0"),
		`-0.10e+007`:               json.Number("-0.10e+007"),
		`1E400`:                    json.Number("1E400"),
		`9007199254740993`:         json.Number("9007199254740993"),
		`{}`:                       map[string]any{},
		`[ ]`:                      []any{},
		`[1 , "b",null]`:           []any{json.Number("1"), "b", nil},
		`{"a" : {"a":[{}]}, "":1}`: map[string]any{"a": map[string]any{"a": []any{map[string]any{}}}, "": json.Number("1")},
		`{"sub":"a","SUB":"b"}`:    map[string]any{"sub": "a", "SUB": "b"},
	} {
		got, err := Decode([]byte(text), wide)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Decode(%q) = %#v, %v; want %#v", text, got, err, want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		text, reason string
		offset       int
	}{
		{"", "expected a value", 0},
		{"  ", "expected a value", 2},
		{"\xef\xbb\xbf{}", "expected a value", 0}, // byte order mark
		{"\x00", "expected a value", 0},
		{"nul", "expected a value", 0},
		{"True", "expected a value", 0},
		{"NaN", "expected a value", 0},
		{"Infinity", "expected a value", 0},
		{"'a'", "expected a value", 0},
		{"// a\n1", "expected a value", 0},
		{"\u00a01", "expected a value", 0}, // white space, but not JSON's
		{"1 1", "data after the value", 2},
		{"{}\x00", "data after the value", 2},
		{"{}{}", "data after the value", 2},
		{"nullx", "data after the value", 4},
		{"01", "data after the value", 1},
		{"-", "expected a digit", 1},
		{"+1", "expected a value", 0},
		{".5", "expected a value", 0},
		{"1.", "expected a digit", 2},
		{"1.e1", "expected a digit", 2},
		{"1e", "expected a digit", 2},
		{"1e+", "expected a digit", 3},
		{"-a", "expected a digit", 1},
		{"0x10", "data after the value", 1},
		{"-01", "data after the value", 2},
		{"[", "expected a value", 1},
		{"[1", "expected a comma or a closing bracket", 2},
		{"[1,]", "expected a value", 3},
		{"[,1]", "expected a value", 1},
		{"[1}", "expected a comma or a closing bracket", 2},
		{"[1 2]", "expected a comma or a closing bracket", 3},
		{"]", "expected a value", 0},
		{"{", "expected a member name", 1},
		{"{,}", "expected a member name", 1},
		{"{a:1}", "expected a member name", 1},
		{"{1:1}", "expected a member name", 1},
		{`{"a"}`, "expected a colon", 4},
		{`{"a":}`, "expected a value", 5},
		{`{"a":1`, "expected a comma or a closing bracket", 6},
		{`{"a":1,}`, "expected a member name", 7},
		{`{"a":1]`, "expected a comma or a closing bracket", 6},
		{`{"a":1 "b":2}`, "expected a comma or a closing bracket", 7},
		{`{"a":1,"a":1}`, "member name occurs twice", 7},
		{`{"sub":1,"\u0073ub":1}`, "member name occurs twice", 9},
		{`[{"b":{"a":[],"x":0,"a":1}}]`, "member name occurs twice", 20},
		{`{"":1,"":2}`, "member name occurs twice", 6},
		{`"`, "string without an end", 1},
		{`"a`, "string without an end", 2},
		{`"\"`, "string without an end", 3},
		{"\"\n\"", "control character in a string", 1},
		{"\"a\x00\"", "control character in a string", 2},
		{"\"\x1f\"", "control character in a string", 1},
		{`"\x41"`, "unknown escape", 1},
		{`"\`, "unknown escape", 1},
		{`"\U0041"`, "unknown escape", 1},
		{`"\u00g1"`, "unknown escape", 1},
		{`"\u004`, "unknown escape", 1},
		{`"\u+041"`, "unknown escape", 1},
		{`"a\ud800"`, "lone surrogate", 2},
		{`"\ud800x"`, "lone surrogate", 1},
		{`"\ud800\n"`, "lone surrogate", 1},
		{`"\ud800\ud800"`, "lone surrogate", 1},
		{`"\ud800\u0041"`, "lone surrogate", 1},
		{`"\ud800\u00"`, "lone surrogate", 1},
		{`"\udc00\ud800"`, "lone surrogate", 1},
		{`{"\udead":1}`, "lone surrogate", 2},
		{`"\ufffd"`, "replacement character U+FFFD", 1},
		{`"\uFFFD"`, "replacement character U+FFFD", 1},
		{"\"\ufffd\"", "replacement character U+FFFD", 1},
		{"\"\xff\"", "invalid UTF-8", 1},
		{"\"\xc0\xaf\"", "invalid UTF-8", 1},     // overlong
		{"\"\xed\xa0\x80\"", "invalid UTF-8", 1}, // a surrogate in UTF-8
		{"\"\xf4\x90\x80\x80\"", "invalid UTF-8", 1},
		{"\"\xe4\xb8\"", "invalid UTF-8", 1},
		{"{\"\xff\":1}", "invalid UTF-8", 2},
	} {
		got, err := Decode([]byte(c.text), wide)
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.reason || e.Offset != c.offset || got != nil {
			t.Errorf("Decode(%q) = %#v, %v; want %q at %d", c.text, got, err, c.reason, c.offset)
		}
	}
}

func TestDecodeLimits(t *testing.T) {
	for _, c := range []struct {
		text   string
		limits Limits
		reason string
	}{
		{`"scalar"`, Limits{}, ""},
		{`{}`, Limits{}, "nested too deep"},
		{`[]`, Limits{Depth: -1}, "nested too deep"},
		{`{"a":1}`, Limits{Depth: 1}, "too many members"},
		{`{"a":1}`, Limits{Depth: 1, Members: 1}, ""},
		{`{"a":[[]]}`, Limits{Depth: 3, Members: 2}, ""},
		{`{"a":[[]]}`, Limits{Depth: 2, Members: 2}, "nested too deep"},
		{`[[],[],[[]]]`, Limits{Depth: 3, Members: 4}, ""}, // a closed level may be opened again
		{`[{"a":1},{"b":2}]`, Limits{Depth: 2, Members: 4}, ""},
		{`[{"a":1},{"b":2}]`, Limits{Depth: 2, Members: 3}, "too many members"},
		{`[1,2,3]`, Limits{Depth: 1, Members: 2}, "too many members"},
	} {
		_, err := Decode([]byte(c.text), c.limits)
		var e *Error
		if c.reason == "" && err != nil || c.reason != "" && (!errors.As(err, &e) || e.Reason != c.reason) {
			t.Errorf("Decode(%s, %+v): %v; want %q", c.text, c.limits, err, c.reason)
		}
	}
}

// Bytes that are not UTF-8 stay what they are, and refuse nobody; all else is as strict as ever.
func TestDecodeLenient(t *testing.T) {
	for text, want := range map[string]any{
		"\"a\xff\"":                            "a\xff",
		"\"\ufffd\"":                           "\ufffd",
		`"\ufffd"`:                             "\ufffd",
		`"\ud800x"`:                            "\ufffdx",
		`"\ud800\n"`:                           "\ufffd\n",
		`"\ud800\ud83d\ude00"`:                 "\ufffd\U0001f600",
		`"\udc00"`:                             "\ufffd",
		"{\"a\xff\":1,\"a\xff\":2}":            map[string]any{"a\xff": json.Number("2")},
		`{"\ud800":1,"\ud801":2}`:              map[string]any{"\ufffd": json.Number("2")},
		`"\u0041\u00e9\\\"\/\b\f\n\r\t plain"`: "A\u00e9\\\"/\b\f\n\r\t plain",
	} {
		got, err := DecodeLenient([]byte(text), wide)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `"\ud800\uZZZZ"`, `"\u00g1"`, "\"\n\"", "\xff", `[1`} {
		if got, err := DecodeLenient([]byte(text), wide); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// A hostile text costs no more than its own size: limits apply before room is made.
func TestDecodeHostileSize(t *testing.T) {
	for name, text := range map[string]string{
		"array":  "[" + strings.Repeat("1,", 1<<20),
		"object": `{"a":` + strings.Repeat(`{"a":`, 1<<20),
		"depth":  strings.Repeat("[", 1<<20),
	} {
		data := []byte(text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(data, Limits{Depth: 8, Members: 100})
		runtime.ReadMemStats(&after)
		if extra := int64(after.TotalAlloc-before.TotalAlloc) - int64(len(data)); err == nil || extra > 64<<10 {
			t.Errorf("%s: %v, %d bytes beside the text", name, err, extra)
		}
	}
}

// The caller's buffer may be used again.
func TestDecodeCopies(t *testing.T) {
	data := []byte(`{"a":"b"}`)
	got, err := Decode(data, wide)
	clear(data)
	if want := map[string]any{"a": "b"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestErrorNeverQuotes(t *testing.T) {
	_, err := Decode([]byte(`{"topsecret":1,"topsecret":2}`), wide)
	if got, want := err.Error(), "json: member name occurs twice at byte 15"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzDecode: what Decode accepts, encoding/json accepts with the same value; what is refused beyond the grammar is
// refused for one of the listed reasons.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"iss":"a","aud":["b"],"exp":1.5e3,"x":{"y":[true,false,null]}}`, `{"a":1,"\u0061":2}`, `"\ud83d\ude00"`, `"\ud83d"`,
		"\"\xff\"", `[[[[[[[[[[1]]]]]]]]]]`, `-0.0e-0 `, "\ufeff1", `"\ufffd"`, `1 2`, `"` + "\x01" + `"`, `{"A":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	beyondGrammar := map[string]bool{
		"member name occurs twice": true, "lone surrogate": true, "replacement character U+FFFD": true, "invalid UTF-8": true,
		"nested too deep": true, "too many members": true,
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Decode(data, Limits{Depth: 8, Members: 100})
		loose, errLoose := DecodeLenient(data, Limits{Depth: 8, Members: 100})
		var theirs any
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		lenient := json.Valid(data) && decoder.Decode(&theirs) == nil
		var e *Error
		switch {
		case err == nil && !lenient:
			t.Fatalf("accepted what encoding/json refuses: %q", data)
		case err == nil && !reflect.DeepEqual(got, theirs):
			t.Fatalf("%q: %#v, encoding/json: %#v", data, got, theirs)
		case err == nil && !reflect.DeepEqual(got, loose):
			t.Fatalf("%q: %#v, leniently %#v", data, got, loose)
		case errLoose == nil && !lenient:
			t.Fatalf("read leniently what encoding/json refuses: %q", data)
		case err == nil && !utf8.Valid(data):
			t.Fatalf("accepted invalid UTF-8: %q", data)
		case err != nil && !errors.As(err, &e):
			t.Fatalf("error of type %T", err)
		case err != nil && (e.Offset < 0 || e.Offset > len(data)):
			t.Fatalf("offset %d of %d", e.Offset, len(data))
		case err != nil && lenient && !beyondGrammar[e.Reason]:
			t.Fatalf("refused valid JSON %q: %v", data, err)
		}
	})
}

func BenchmarkDecodeClaims(b *testing.B) {
	claims := []byte(`{"iss":"https://login.example.com/","sub":"user-42","aud":["cos-credentials"],"exp":1700003600,` +
		`"iat":1700000000,"nbf":1700000000,"jti":"6f1c0b9e","role":["member","staff"],"profile":{"openid":"o-42","name":"\u674e"}}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(claims)))
	for b.Loop() {
		if _, err := Decode(claims, Limits{Depth: 8, Members: 100}); err != nil {
			b.Fatal(err)
		}
	}
}
