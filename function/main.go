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

	"github.com/tencentyun/scf-go-lib/cloudfunction"
	"github.com/tencentyun/scf-go-lib/functioncontext"
)

func main() {
	cloudfunction.StartHandler(function{newHandler(os.LookupEnv, os.ReadFile, os.Stdout)})
}

// function is the handler as the runtime library calls it: bytes in, bytes out. With the library's typed form, an event
// that can't be decoded would be answered by the library, with an error of its own.
type function struct{ *handler }

func (f function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	id := ""
	if fc, ok := functioncontext.FromContext(ctx); ok {
		id = fc.RequestID
	}
	return f.serve(ctx, id, payload).Encode()
}
