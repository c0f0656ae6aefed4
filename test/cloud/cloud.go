// Package cloud is the whole round trip on one machine: a login, the function behind a gateway, STS, COS and a page.
//
//	page ──/login──▶ token ──gateway──▶ the real binary ──▶ STS          page ──key──▶ COS
//
// Everything runs in this process and listens on 127.0.0.1, but for the function: that is the real binary, run as the
// platform runs it (package scf).
package cloud

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	Binary string            // the function, as scf.Build makes it
	Env    map[string]string // on top of the function's usual environment
	Access string            // an access file; the local cloud's own (access.yaml) if empty
	Port   int               // the page's; the function and COS have the next two; any free ones if 0
	Log    io.Writer         // a line for each request and what the function logs; nowhere if nil

	Returned func([]byte) // is told all that the function returns, which the platform writes into its log
}

// Addresses is where everything is.
type Addresses struct {
	Page        string `json:"page"`        // http://127.0.0.1:8080/
	Login       string `json:"login"`       // POST {"user":"alice"} → {"token":…}
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

	options   Options
	account   sts.Key
	secret    string // JWT_SECRET, for access files that want one
	dir       string // temporary, for the access file
	login     *login
	failing   failing
	pool      *pool
	log       *log
	listeners []net.Listener
	servers   []*http.Server
}

// RoleARN is the role that the local STS lets its caller assume, for those who set STS_ROLE_ARN.
const RoleARN = "qcs::cam::uin/100000000001:roleName/cos-uploader"

// Start starts everything and returns when the function answers. A wrong access file is a *strictyaml.Problems.
func Start(ctx context.Context, o Options) (*Local, error) {
	s := &Local{
		options: o, secret: rand.Text() + rand.Text() + rand.Text(),
		log: &log{to: cmp.Or[io.Writer](o.Log, io.Discard)},
	}
	if err := s.start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Local) start(ctx context.Context) (err error) {
	if s.dir, err = os.MkdirTemp("", "cos-credentials-cloud-"); err != nil {
		return err
	}
	if err = s.listen(); err != nil {
		return err
	}
	page, gateway := "http://"+s.listeners[0].Addr().String(), "http://"+s.listeners[1].Addr().String()
	s.Addresses = Addresses{
		Page: page + "/", Login: page + "/login", Gateway: gateway, Credentials: gateway + "/credentials",
		COSHost: s.listeners[2].Addr().String(), STSHost: s.listeners[3].Addr().String(),
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
	s.pool = newPool(s.log)
	for i, h := range []http.Handler{s.page(), s.failing.before(s.gateway()), s.log.requests("cos", s.COS), s.STS} {
		server := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, MaxHeaderBytes: 64 << 10}
		s.servers = append(s.servers, server)
		go server.Serve(s.listeners[i])
	}
	return s.pool.use(ctx, &build{s.options.Binary, s.withCloud(env)}) // one that can't start is known at once
}

// listen takes the ports of the page, the function, COS and STS.
func (s *Local) listen() error {
	for i, what := range []string{"the page", "the function", "COS", "STS"} {
		port := s.options.Port
		if port != 0 {
			port += i
		}
		if what == "STS" {
			port = 0
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return fmt.Errorf("%s can't have port %d: %w.\nChoose another with --port, or --port 0 for any free ones",
				what, port, err)
		}
		s.listeners = append(s.listeners, l)
	}
	return nil
}

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
	for _, l := range s.listeners { // closing one twice does no harm
		l.Close()
	}
	if s.pool != nil {
		s.pool.close()
	}
	os.RemoveAll(s.dir)
}
