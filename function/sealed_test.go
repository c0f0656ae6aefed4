package main

import (
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// sealTo makes a client's pair: what it sends, and how it opens what comes back.
func sealTo(t *testing.T) (public string, open func(sealed any) map[string]any) {
	t.Helper()
	private, err := hpke.DHKEM(ecdh.X25519()).GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes()), func(sealed any) map[string]any {
		text, _ := sealed.(string)
		data, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		plaintext, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte("cos-credentials sealed answer 1"), data)
		if err != nil {
			return nil
		}
		var answer map[string]any
		if err := json.Unmarshal(plaintext, &answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func sealedEvent(path, token, to, body string) map[string]any {
	event := httpEvent("POST", path, token, body)
	event["queryString"] = map[string]any{"sealTo": to}
	return event
}

// Every kind of answer can be sealed: the client that asked opens it, and nobody else does.
func TestSealedAnswers(t *testing.T) {
	w := linksWorld(t)
	bodies := map[string]string{"credentials": ``, "post-policy": `{"filename":"a.jpg"}`, "links": `{"keys":["users/alice/x"]}`}
	for _, kind := range answerKinds {
		to, open := sealTo(t)
		_, openOther := sealTo(t)
		status, _, answer := w.ask(t, sealedEvent("/"+kind.paths[0], newToken(t, nil), to, bodies[kind.paths[0]]))
		if status != 200 || len(answer) != 2 || answer["requestId"] == nil {
			t.Fatalf("%s: %d %v", kind.name, status, answer)
		}
		opened := open(answer["sealed"])
		if opened["requestId"] != answer["requestId"] || opened["expiredTime"] == nil {
			t.Errorf("%s: opened to %v", kind.name, opened)
		}
		if openOther(answer["sealed"]) != nil {
			t.Errorf("%s: another client can open it", kind.name)
		}
		if log := w.log.String(); !strings.Contains(log, `"sealed":true`) {
			t.Errorf("%s: the log does not say sealed: %s", kind.name, log)
		}
		w.log.Reset()
	}
}

func TestSealedOnly(t *testing.T) {
	w := linksWorld(t)
	asked := len(w.sts.Records())
	status, _, answer := w.ask(t, httpEvent("POST", "/credentials", newToken(t, nil), `{"grant":"sealed"}`))
	if status != 403 || answer["code"] != float64(40303) || answer["codeDesc"] != "SealRequired" || len(w.sts.Records()) != asked {
		t.Errorf("%d %v", status, answer)
	}
	to, open := sealTo(t)
	_, _, answer = w.ask(t, sealedEvent("/credentials", newToken(t, nil), to, `{"grant":"sealed"}`))
	if prefix := open(answer["sealed"])["prefix"]; prefix != "safes/alice/" {
		t.Errorf("%v", answer)
	}
}

// A key that can't be read gets nothing in clear, and STS isn't asked.
func TestSealToThatCantBeRead(t *testing.T) {
	w := linksWorld(t)
	good, _ := sealTo(t)
	for _, to := range []any{"", "x", good + "A", good + "=", strings.Repeat("A", 43), []any{good, strings.Repeat("B", 43)}, true, map[string]any{}} {
		event := httpEvent("POST", "/credentials", newToken(t, nil), "")
		event["queryString"] = map[string]any{"sealTo": to}
		status, _, answer := w.ask(t, event)
		if status != 400 || answer["codeDesc"] != "InvalidRequest" || len(w.sts.Records()) != 0 {
			t.Errorf("%v: %d %v", to, status, answer)
		}
	}
}

// Errors stay in clear.
func TestErrorsAreNotSealed(t *testing.T) {
	w := linksWorld(t)
	to, _ := sealTo(t)
	_, _, answer := w.ask(t, sealedEvent("/links", newToken(t, nil), to, `{"keys":["users/bob/x"]}`))
	if answer["codeDesc"] != "ScopeNotAllowed" {
		t.Errorf("%v", answer)
	}
}

// If sealing fails, no key goes out, and the log names none.
func TestSealingThatFails(t *testing.T) {
	w := newWorld(t, nil)
	good := answerKinds[0].write
	t.Cleanup(func() { answerKinds[0].write = good })
	answerKinds[0].write = func(parts answerParts) any {
		return map[string]any{"credentials": good(parts), "cannot be written": func() {}}
	}
	to, _ := sealTo(t)
	status, _, answer := w.ask(t, sealedEvent("/credentials", newToken(t, nil), to, ""))
	if status != 500 || answer["codeDesc"] != "Misconfigured" || answer["credentials"] != nil || answer["sealed"] != nil {
		t.Errorf("%d %v", status, answer)
	}
	log := w.log.String()
	if strings.Contains(log, "keyId") || strings.Contains(log, `"sealed"`) || !strings.Contains(log, "stsRequestId") {
		t.Error(log)
	}
}
