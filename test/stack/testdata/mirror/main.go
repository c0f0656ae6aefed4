// Command mirror is a function that answers with the event it got, or fails in the way that the path names.
package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction"
)

func main() { cloudfunction.StartHandler(mirror{}) }

type mirror struct{}

func (mirror) Invoke(_ context.Context, event []byte) ([]byte, error) {
	var request struct {
		Path    string
		Headers map[string]string
		Body    string
	}
	json.Unmarshal(event, &request)
	switch request.Path {
	case "/panic":
		panic("as asked")
	case "/exit":
		os.Exit(3)
	case "/hang":
		time.Sleep(time.Hour)
	case "/slow":
		time.Sleep(200 * time.Millisecond)
	case "/huge":
		return []byte(`{"statusCode":200,"body":"` + strings.Repeat("x", 6<<20) + `"}`), nil
	case "/raw": // the body is the answer
		return []byte(request.Body), nil
	case "/pid":
		return json.Marshal(map[string]any{"pid": os.Getpid()})
	}
	return json.Marshal(map[string]any{"statusCode": 200, "headers": map[string]string{"Content-Type": "application/json"}, "body": string(event)})
}
