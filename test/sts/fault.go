package sts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault is one way in which an answer goes wrong. The zero Fault answers as usual.
type Fault struct {
	Delay  Duration `json:"delay"`  // before anything else
	Hang   bool     `json:"hang"`   // no answer, until the caller gives up
	Code   string   `json:"code"`   // an API error instead of the credential
	Status int      `json:"status"` // this HTTP status
	Body   string   `json:"body"`   // this body
	Cut    bool     `json:"cut"`    // the connection ends half-way through the body
	Reset  bool     `json:"reset"`  // the connection ends before the answer
	Huge   int      `json:"huge"`   // so many bytes of white space before the body
}

// Duration is a time.Duration that reads as people write it in a file: "300ms".
type Duration time.Duration

func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf(`a duration is a string such as "300ms"`)
	}
	v, err := time.ParseDuration(s)
	*d = Duration(v)
	return err
}

// Play answers r with body as the fault has it; the headers are the caller's.
func (f *Fault) Play(w http.ResponseWriter, r *http.Request, body []byte) {
	select {
	case <-time.After(time.Duration(f.Delay)):
	case <-r.Context().Done():
		return
	}
	if f.Hang {
		<-r.Context().Done()
		return
	}
	if f.Reset {
		reset(w)
		return
	}
	if f.Body != "" {
		body = []byte(f.Body)
	}
	if f.Huge > 0 {
		body = append(bytes.Repeat([]byte(" "), f.Huge), body...)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if f.Status != 0 {
		w.WriteHeader(f.Status)
	}
	if f.Cut {
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // net/http's way to end a connection in the middle of an answer
	}
	w.Write(body)
}

// reset closes the connection so that the caller sees a reset, not an orderly end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}
