// Command function is the credential vendor: an event function of Tencent Cloud SCF (runtime Go1) behind a Function URL or
// an API Gateway trigger. It verifies the caller's token, derives from the login what it may do in COS, and answers with
// a temporary key that opens exactly that.
//
//	gateway event → function/gateway → function/login → policy → function/credential → function/gateway → answer
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

// function is the handler as the runtime library calls it: bytes in, bytes out. The library's typed form would answer an
// event that it can't decode with an error of its own.
type function struct{ *handler }

func (f function) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	id := ""
	if fc, ok := functioncontext.FromContext(ctx); ok {
		id = fc.RequestID
	}
	return f.serve(ctx, id, event).Encode()
}
