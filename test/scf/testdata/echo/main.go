// Command echo is a function that shows the runtime what it asks for: its environment, a panic, an error, a hang.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction"
	"github.com/tencentyun/scf-go-lib/functioncontext"
)

type handler struct{}

func (handler) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	deadline, _ := ctx.Deadline()
	f, _ := functioncontext.FromContext(ctx)
	fmt.Fprintln(os.Stderr, "event for", f.RequestID)
	switch text := string(event); {
	case text == "panic":
		panic("as asked")
	case text == "error":
		return nil, errors.New("as asked")
	case text == "exit":
		fmt.Print("leaving without a last new line")
		os.Exit(3)
	case text == "hang":
		time.Sleep(time.Hour)
	}
	return json.Marshal(map[string]any{"bytes": len(event), "left": time.Until(deadline).Seconds(), "environ": os.Environ()})
}

func main() {
	if os.Getenv("CRASH") != "" {
		fmt.Fprintln(os.Stderr, "crashing at start")
		os.Exit(2)
	}
	cloudfunction.StartHandler(handler{})
}
