package scf

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
)

// Invocation is what the platform sends beside the event.
type Invocation struct {
	RequestID   string
	TimeLimit   time.Duration     // until the deadline; 10 s if 0
	Environment map[string]string // set anew at every invocation, such as the execution role's key
}

// grace is how long after the deadline the platform still waits here before it ends the process.
const grace = 500 * time.Millisecond

// Invoke hands the function one event and returns its answer. An instance that overruns its deadline or panics is
// stopped, as the platform stops it.
func (f *Function) Invoke(ctx context.Context, event []byte, in Invocation) ([]byte, error) {
	f.turn.Lock()
	defer f.turn.Unlock()
	if f.Exited() {
		return nil, f.crash("the function is not running")
	}
	limit := cmp.Or(in.TimeLimit, 10*time.Second)
	deadline := time.Now().Add(limit)
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(grace))
	defer cancel()

	request := &messages.InvokeRequest{
		Payload: event, RequestId: in.RequestID,
		Deadline:     messages.InvokeRequest_Timestamp{Seconds: deadline.Unix(), Nanos: int64(deadline.Nanosecond())},
		Namespace:    "default",
		FunctionName: "cos-credentials", FunctionVersion: "$LATEST",
		MemoryLimitInMb: 128, TimeLimitInMs: int32(limit.Milliseconds()),
		TencentcloudRegion: "ap-guangzhou", TencentcloudAppID: "1250000000", TencentcloudUin: "100000000001",
	}
	env := map[string]string{"SCF_NAMESPACE": "default"}
	maps.Copy(env, in.Environment)
	text, _ := json.Marshal(env)
	request.Environment = string(text)

	var response messages.InvokeResponse
	call := f.rpc.Go("Function.Invoke", request, &response, nil)
	select {
	case <-call.Done:
	case <-ctx.Done():
		f.Stop()
		if time.Now().Before(deadline) {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("the function gave no answer within %s, so it was stopped; its log ends:\n%s",
			limit, f.Log.Tail())
	}
	if call.Error != nil {
		f.Stop()
		return nil, f.crash("the function died: " + call.Error.Error())
	}
	switch e := response.Error; {
	case e == nil:
		return response.Payload, nil
	case e.ShouldExit:
		f.Stop()
		return nil, f.crash("the function panicked: " + e.Message)
	default: // the gateway would show an answer of its own
		return nil, fmt.Errorf("the function returned an invocation error: %s: %s", e.Type, e.Message)
	}
}
