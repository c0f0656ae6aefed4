// Package cloud is the whole round trip on one machine: a login, the function behind a gateway, STS, COS and a page.
//
//	page ──/login──▶ token ──gateway──▶ the real binary ──▶ STS          page ──key──▶ COS
//
// Everything runs in this process and listens on 127.0.0.1, but for the function: that is the real binary, run as the
// platform runs it (package scf).
package cloud

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"cos-credentials/test/cos"
	"cos-credentials/test/sts"
)

// Options says what to start. Binary is needed; the zero value of everything else is the usual local cloud.
type Options struct {
	Binary     string            // the function, as scf.Build makes it
	Env        map[string]string // on top of the function's usual environment
	Access     string            // an access file; the local cloud's own (access.yaml) if empty
	Ports      Ports             // any free ones if zero
	APIGateway bool              // send API Gateway's event instead of a Function URL's
	TimeLimit  time.Duration     // of one invocation; 10 s if 0
	Log        io.Writer         // a line for each request and what the function logs; nowhere if nil
}

// Addresses is where everything is.
type Addresses struct {
	Page        string `json:"page"`        // http://127.0.0.1:8080/
	Login       string `json:"login"`       // POST {"user":"alice"} → {"token":…,"user":…,"expires":…}
	Gateway     string `json:"gateway"`     // the function's URL, without a path
	Credentials string `json:"credentials"` // the same, and /credentials
	COSHost     string `json:"cosHost"`     // 127.0.0.1:8082, one bucket
	STSHost     string `json:"stsHost"`
	Bucket      string `json:"bucket"`
	Region      string `json:"region"`
}

// Local is a running local cloud.
type Local struct {
	Addresses
	STS *sts.STS
	COS *cos.COS

	options  Options
	account  sts.Key
	secret   string // JWT_SECRET, for access files that want one
	dir      string // temporary, for the access file
	login    *login
	pool     *pool
	servers  []*http.Server
	log      *log
	closings []func()
}

// Start starts everything and returns when the function answers. Ports in use are a [PortError], a wrong access file is
// a *strictyaml.Problems.
func Start(ctx context.Context, o Options) (*Local, error) {
	s := &Local{options: o, log: newLog(o.Log), secret: rand.Text() + rand.Text() + rand.Text()}
	if err := s.start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Local) start(ctx context.Context) error {
	if s.options.Binary == "" {
		return errors.New("the local cloud needs the function's binary: build it with scf.Build")
	}
	var err error
	if s.dir, err = os.MkdirTemp("", "cos-credentials-cloud-"); err != nil {
		return err
	}
	listeners, err := s.options.Ports.listen()
	if err != nil {
		return err
	}
	for _, l := range listeners { // closing one twice does no harm
		s.closings = append(s.closings, func() { l.Close() })
	}
	page, gateway := "http://"+listeners[0].Addr().String(), "http://"+listeners[1].Addr().String()
	s.Addresses = Addresses{
		Page: page + "/", Login: page + "/login",
		Gateway: gateway, Credentials: gateway + "/credentials",
		COSHost: listeners[2].Addr().String(), STSHost: listeners[3].Addr().String(),
	}
	if s.login, err = newLogin(page); err != nil {
		return err
	}
	env, access, err := s.environment()
	if err != nil {
		return err
	}
	s.Bucket, s.Region = access.Grants[0].Bucket, access.Grants[0].Region
	s.login.trust(access)

	s.account = sts.NewKey(s.Bucket[strings.LastIndexByte(s.Bucket, '-')+1:]) // BucketName-APPID
	s.STS = &sts.STS{Keys: []sts.Key{s.account}, Roles: []sts.Role{{ARN: RoleARN}}}
	if s.COS, err = cos.New(cos.Options{STS: s.STS, Bucket: s.Bucket, Region: s.Region}); err != nil {
		return err
	}
	s.pool = newPool(&build{s.options.Binary, s.withCloud(env)})
	handlers := []http.Handler{s.page(), s.gateway(), s.log.cos(s.COS), s.STS}
	for i, l := range listeners {
		s.serve(l, handlers[i])
	}
	return s.pool.use(ctx, s.pool.build) // a function that can't start is known at once
}

func (s *Local) serve(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, MaxHeaderBytes: 64 << 10}
	s.servers = append(s.servers, server)
	go server.Serve(l)
}

// RoleARN is the role that the local STS lets its caller assume, for those who set STS_ROLE_ARN.
const RoleARN = "qcs::cam::uin/100000000001:roleName/cos-uploader"

// Reload replaces the function by another build, and reads the access file again. Requests that are under way end with
// the old one. If the new one can't be used the old one stays.
func (s *Local) Reload(ctx context.Context, binary string) error {
	env, access, err := s.environment()
	if err != nil {
		return err
	}
	if g := access.Grants[0]; g.Bucket != s.Bucket || g.Region != s.Region {
		return errors.New("the access file names another bucket or region now: start serve again")
	}
	if err := s.pool.use(ctx, &build{binary, s.withCloud(env)}); err != nil {
		return err
	}
	s.login.trust(access)
	return nil
}

// Close stops everything that Start started.
func (s *Local) Close() {
	for _, server := range s.servers {
		server.Close()
	}
	for _, c := range s.closings {
		c()
	}
	if s.pool != nil {
		s.pool.close()
	}
	s.log.wait()
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}
