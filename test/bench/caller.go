package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/rpc"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
)

// caller sends one request and says whether the answer is good.
type caller interface {
	call() error
	close()
}

// timeLimit is each invocation's.
const timeLimit = 10 * time.Second

// rpcCaller calls as the platform does.
type rpcCaller struct {
	client  *rpc.Client
	event   []byte
	asksSTS bool
}

func (c *rpcCaller) close() { c.client.Close() }

func (c *rpcCaller) call() error {
	deadline := time.Now().Add(timeLimit)
	request := messages.InvokeRequest{
		Payload: c.event, RequestId: "9f1c7d8e-4f57-4d0e-9d7b-0c1d8a5f0b11",
		Deadline:  messages.InvokeRequest_Timestamp{Seconds: deadline.Unix(), Nanos: int64(deadline.Nanosecond())},
		Namespace: "default", FunctionName: "cos-credentials", FunctionVersion: "$LATEST",
		MemoryLimitInMb: 128, TimeLimitInMs: int32(timeLimit.Milliseconds()),
		TencentcloudRegion: "ap-guangzhou", TencentcloudAppID: "1250000000", TencentcloudUin: "100000000001",
		Environment: `{"SCF_NAMESPACE":"default"}`,
	}
	var response messages.InvokeResponse
	if err := c.client.Call("Function.Invoke", &request, &response); err != nil {
		return err
	}
	if response.Error != nil {
		return fmt.Errorf("an invocation error: %s: %s", response.Error.Type, response.Error.Message)
	}
	return good(response.Payload, bytes.Contains(response.Payload, []byte(`"statusCode":200`)), c.asksSTS)
}

// good holds an answer to what a front end needs of it.
func good(answer []byte, ok, asksSTS bool) error {
	if !ok || asksSTS && !bytes.Contains(bytes.ToLower(answer), []byte("tmpsecretid")) {
		return fmt.Errorf("not a good answer: %.300s", answer)
	}
	return nil
}

// event is what a browser's request looks like behind an API Gateway trigger.
func event(token string) []byte {
	return []byte(`{"headerParameters":{},"headers":{"accept":"application/json","accept-encoding":"gzip, deflate, br",` +
		`"accept-language":"zh-CN,zh;q=0.9,en;q=0.8","authorization":"Bearer ` + token + `","connection":"keep-alive","endpoint-timeout":"15",` +
		`"host":"service-abcdefgh-1250000000.gz.apigw.tencentcs.com","origin":"https://app.example.com",` +
		`"user-agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",` +
		`"x-anonymous-consumer":"true","x-qualifier":"$DEFAULT"},"httpMethod":"GET","path":"/sts","pathParameters":{},"queryString":{},` +
		`"queryStringParameters":{},"requestContext":{"httpMethod":"ANY","identity":{},"path":"/sts","serviceId":"service-abcdefgh",` +
		`"sourceIp":"203.0.113.7","stage":"release"},"isBase64Encoded":false}`)
}

// httpCaller calls a server, over one connection.
type httpCaller struct {
	transport *http.Transport
	request   *http.Request
}

func newHTTPCaller(conn net.Conn, address, token string) *httpCaller {
	request, _ := http.NewRequest("GET", "http://"+address+"/sts", nil) // a constant that can be read
	request.Header.Set("Authorization", "Bearer "+token)
	first := make(chan net.Conn, 1)
	first <- conn
	return &httpCaller{request: request, transport: &http.Transport{
		MaxIdleConnsPerHost: 1,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			select {
			case c := <-first:
				return c, nil
			default:
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
		},
	}}
}

func (c *httpCaller) close() { c.transport.CloseIdleConnections() }

func (c *httpCaller) call() error {
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit+time.Second)
	defer cancel()
	response, err := c.transport.RoundTrip(c.request.Clone(ctx))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return good(answer, response.StatusCode == 200, true)
}
