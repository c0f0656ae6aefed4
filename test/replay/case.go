// Package replay sends gateway events through the real function binary and compares the answers.
//
// A case is one JSON file (see events/). The binary runs as the platform runs it, and calls an STS that checks the
// request's signature and remembers it, so a case can say that a refusal never reached the cloud.
package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cos-credentials/test/sts"
)

// Case is one event and what must come of it.
type Case struct {
	Name   string             // the file's, without .json
	About  string             `json:"about"`
	Env    map[string]*string `json:"env"`    // on top of the usual environment; null removes a variable
	Access string             `json:"access"` // an access file, relative to the case's file; policy/access.yaml, as built in, if empty
	Limit  sts.Duration       `json:"timeLimit"`
	Role   bool               `json:"executionRole"` // the platform delivers the execution role's key with the event
	STS    *sts.Fault         `json:"sts"`           // what goes wrong at STS
	Event  json.RawMessage    `json:"event"`         // as the gateway sends it
	Raw    *string            `json:"raw"`           // instead of event: the payload as text, when it isn't JSON
	Answer *Answer            `json:"answer"`

	dir string
}

// Answer is what a case expects. Whatever it leaves out is not compared. ${KEY} in body and policy is the answer's key,
// and a statement {"private": [actions]} of the policy stands for all those that keep from these actions whatever would
// open an object or give it away.
type Answer struct {
	Status  int                `json:"status"`
	Headers map[string]*string `json:"headers"` // null: must be absent
	Body    json.RawMessage    `json:"body"`    // objects may have more members; "" is an empty body
	Code    string             `json:"code"`    // an error's codeDesc
	Key     string             `json:"key"`     // that the function chose; … stands for the date and what can't be guessed
	Policy  json.RawMessage    `json:"policy"`  // the key's CAM document, exactly; see below
	Form    json.RawMessage    `json:"form"`    // an upload form's conditions beside those of every form, exactly
	Links   []string           `json:"links"`   // without their queries, in their order
	Sealed  bool               `json:"sealed"`  // to the pair of the events; everything else is about what is inside
	Life    int                `json:"life"`    // of the key, in seconds
	Log     json.RawMessage    `json:"log"`     // what the request's line in the log has, beside other members
	STS     any                `json:"sts"`     // false: never asked; true: asked; or the name of the action called
}

// Load reads a case. A file without "event", "raw" and "answer" is itself the event, as saved from the platform's log:
// it is replayed and nothing is compared.
func Load(path string) (Case, error) {
	c := Case{Name: strings.TrimSuffix(filepath.Base(path), ".json"), dir: filepath.Dir(path)}
	text, err := os.ReadFile(path)
	if err == nil {
		err = c.read(text)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return c, err
}

func (c *Case) read(text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return fmt.Errorf("not a JSON object: %w", err)
	}
	if members["event"] == nil && members["raw"] == nil && members["answer"] == nil {
		c.About, c.Event = "an event by itself: nothing is compared", text
		return nil
	}
	err := strict(string(text), c)
	if err == nil && ((c.Event == nil) == (c.Raw == nil) || c.Answer == nil || c.Answer.Status == 0 || c.About == "") {
		err = errors.New(`a case needs "about", either "event" or "raw", and an "answer" with its "status"`)
	}
	return err
}
