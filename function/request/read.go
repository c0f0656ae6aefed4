package request

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cos-credentials/function/strictjson"
	"cos-credentials/policy"
	"cos-credentials/policy/text"
)

const (
	maxItems    = 1000 // of a scope
	maxFilename = 255  // bytes
)

// bodyLimits are far above what a request has any use for: a scope of 1,000 items has 5,000 elements and members.
var bodyLimits = strictjson.Limits{Depth: 8, Members: 10000}

// readers are all members that a body can have; which of them it may have depends on the kind of answer. A reader is
// told its member's name for its messages.
var readers = map[string]func(asked *Asked, name string, value any) error{
	"grant":           readChoice(func(a *Asked) *string { return &a.Grant }),
	"pick":            readChoice(func(a *Asked) *string { return &a.Pick }),
	"durationSeconds": readSeconds(func(a *Asked) *time.Duration { return &a.Life }),
	"bucket":          readText(func(a *Asked) *string { return &a.bucket }),
	"region":          readText(func(a *Asked) *string { return &a.region }),
	"scope":           (*Asked).readScope,
	"filename":        (*Asked).readFilename,
	"key":             readText(func(a *Asked) *string { return &a.key }),
	"contentType":     readText(func(a *Asked) *string { return &a.contentType }),
	"keys":            (*Asked).readKeys,
	"expires":         readSeconds(func(a *Asked) *time.Duration { return &a.expires }),
	"process":         (*Asked).readProcess,
}

// BodyOnly names the members that have no place in a query, where they would be dropped in silence. The rest are a
// grant, which may stand there too, and what the SDKs' samples send along.
var BodyOnly = slices.DeleteFunc(slices.Sorted(maps.Keys(readers)), func(name string) bool {
	return slices.Contains([]string{"grant", "pick", "bucket", "region"}, name)
})

// Choice is what a request's query can say as well as its body: "" for nothing.
type Choice struct {
	Grant string
	Pick  string
}

// Read reads a request for one kind of answer: what its query chooses, and its body, which is strict JSON or empty. The
// error is an [*Error].
func Read(kind *Kind, query Choice, body []byte) (Asked, error) {
	asked := Asked{kind: kind, Choice: query}
	if len(body) > 0 {
		if err := asked.readBody(body); err != nil {
			return Asked{}, err
		}
	}
	if why := kind.contradiction(asked); why != "" {
		return Asked{}, unreadable(why)
	}
	return asked, nil
}

func (a *Asked) readBody(body []byte) error {
	value, err := strictjson.Decode(body, bodyLimits)
	if err != nil {
		return unreadable("The body is not strict JSON: " + strings.TrimPrefix(err.Error(), "json: ") + ".")
	}
	if _, ok := value.([]any); ok && a.kind.takesArray {
		return a.readScope("scope", value)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return unreadable("The body must be a JSON object.")
	}
	for name := range object {
		if !slices.Contains(a.kind.members, name) {
			known := strings.Join(a.kind.members, ", ")
			return unreadable("The body has a member that is not known here: it may have " + known + ".")
		}
	}
	for _, name := range a.kind.members {
		if value, there := object[name]; there {
			if err := readers[name](a, name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// readText makes the reader of a member that is a string.
func readText(field func(*Asked) *string) func(*Asked, string, any) error {
	return func(asked *Asked, name string, value any) error {
		found, _ := value.(string)
		if found == "" {
			return unreadable("The body's " + name + " must be a string that is not empty.")
		}
		*field(asked) = found
		return nil
	}
}

// readChoice makes the reader of a member that the query can have too.
func readChoice(field func(*Asked) *string) func(*Asked, string, any) error {
	return func(asked *Asked, name string, value any) error {
		before := *field(asked)
		err := readText(field)(asked, name, value)
		if err == nil && before != "" && before != *field(asked) {
			return unreadable("The query and the body name different " + name + "s: name one.")
		}
		return err
	}
}

func (a *Asked) readFilename(name string, value any) error {
	err := readText(func(a *Asked) *string { return &a.filename })(a, name, value)
	if err == nil && len(a.filename) > maxFilename {
		return unreadable("The body's filename is longer than 255 bytes.")
	}
	return err
}

// readSeconds makes the reader of a member that is a life.
func readSeconds(field func(*Asked) *time.Duration) func(*Asked, string, any) error {
	return func(asked *Asked, name string, value any) error {
		if _, quoted := value.(string); quoted {
			return unreadable("The body's " + name + " must be a number, without quotes.")
		}
		number, _ := value.(json.Number)
		digits := string(number)
		if digits == "" || !text.Only(digits, text.Digits) {
			return unreadable("The body's " + name + " must be a whole number of seconds, in digits.")
		}
		const years = 1 << 30 // of seconds: longer than any grant's, and short enough for a Duration
		seconds := years
		if n, err := strconv.Atoi(digits); err == nil {
			seconds = min(n, years)
		}
		life := time.Duration(seconds) * time.Second
		if life < policy.MinDuration {
			return unreadable("The body's " + name + " must be at least 60.")
		}
		*field(asked) = life
		return nil
	}
}

// readScope reads the scope protocol of the COS SDKs: an array of {action, bucket, region, prefix}.
func (a *Asked) readScope(name string, value any) error {
	items, ok := value.([]any)
	if !ok {
		return unreadable("The body's " + name + " must be an array.")
	}
	if len(items) < 1 || len(items) > maxItems {
		return unreadable("A scope has 1 to 1,000 items.")
	}
	a.Scope = make([]policy.Item, len(items))
	for i, item := range items {
		if err := readItem(&a.Scope[i], item); err != nil {
			return err
		}
	}
	return nil
}

// readItem takes an item's four members; only the prefix may be absent or null.
func readItem(item *policy.Item, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return unreadable("An item of the scope is not a JSON object.")
	}
	known := 0
	for _, member := range []struct {
		name string
		text *string
	}{
		{"action", &item.Action},
		{"bucket", &item.Bucket},
		{"region", &item.Region},
		{"prefix", &item.Prefix},
	} {
		value, there := object[member.name]
		if *member.text, ok = value.(string); !ok && (member.name != "prefix" || value != nil) {
			return unreadable("An item of the scope has no " + member.name + ", or one that is no string.")
		}
		if there {
			known++
		}
	}
	if known < len(object) {
		return unreadable("An item of the scope has a member that is not known here: " +
			"it has action, bucket, region and prefix.")
	}
	return nil
}
