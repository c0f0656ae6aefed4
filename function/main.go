// Command function is the credential vendor: an event function of Tencent Cloud SCF (runtime Go1) behind a Function URL
// or an API Gateway trigger. It verifies the caller's token, derives from the login what it may do in COS, and answers
// with a temporary key that opens exactly that.
//
// A request goes through the rooms in this order:
//
//	function/gateway     event → request
//	function/login       token → identity
//	function/request     body → what is asked for
//	policy               identity → what it may have; cut down by function/request → CAM document
//	function/credential  CAM document → temporary key
//	function/gateway     answer → event
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/tencentyun/scf-go-lib/cloudfunction"
	"github.com/tencentyun/scf-go-lib/functioncontext"
)

// The garbage collector waits until there is five times what is in use, and runs more often once that is over 24 MiB:
// with a few megabytes in use it would otherwise run all the time, and after a long event hardly at all. The smallest
// instance has 64 MB, of which the program itself takes ten.
const (
	gcPercent   = 400
	memoryLimit = 24 << 20
)

func main() {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	cloudfunction.StartHandler(function{newHandler(os.LookupEnv, os.ReadFile, os.Stdout)})
}

// function is the handler as the runtime library calls it: bytes in, bytes out. With the library's typed form, an event
// that can't be decoded would be answered by the library, with an error of its own.
type function struct{ *handler }

func (f function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	growStack(len(payload))
	id := ""
	if fc, ok := functioncontext.FromContext(ctx); ok {
		id = fc.RequestID
	}
	return f.serve(ctx, id, payload).Encode()
}

// growStack makes the stack as large at once as an answer needs it. The runtime library starts a goroutine for each
// invocation, and its stack would be doubled, copied and adjusted several times on the way down: a fifth of our work
// for an answer from the cache.
//
//go:noinline
func growStack(at int) byte {
	var room [11 << 10]byte
	return room[at%len(room)] // it must be used, or the compiler leaves it out
}
