// Package cos is a COS bucket on this machine, strict where the real one is: it checks the signature of every request,
// opens the session token that the local STS sealed, and holds the request to the policy in it before it touches an
// object. It keeps the objects in memory.
//
// It is test equipment. What COS's documentation leaves open is refused, and what is not built is NotImplemented, never
// ignored: https://cloud.tencent.com/document/product/436/10111
package cos

import (
	"errors"
	"net"
	"net/http"
	"regexp"
	"time"

	"cos-credentials/test/sts"
)

// Options say what the bucket is, and whose keys open it. All are needed.
type Options struct {
	STS    *sts.STS // whose session tokens open the bucket: it knows no permanent key
	Bucket string   // BucketName-APPID; one port is one bucket, because the SDKs refuse path style
	Region string   // ap-guangzhou
}

// COS is an http.Handler.
type COS struct {
	Options
	appID   string
	now     func() time.Time
	largest int // bytes of an object or a part
	store   *store
	history *history
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*-([0-9]+)$`)

// New makes the bucket, without any object.
func New(o Options) (*COS, error) {
	name := bucketName.FindStringSubmatch(o.Bucket)
	if o.STS == nil || name == nil || o.Region == "" {
		return nil, errors.New("cos: an STS, a Bucket (BucketName-APPID) and a Region are needed")
	}
	empty := &store{objects: map[string]*blob{}, uploads: map[string]*blob{}}
	return &COS{o, name[1], time.Now, 512 << 20, empty, new(history)}, nil
}

// At is the same bucket, objects and records, seen by a clock of its own.
func (c *COS) At(now func() time.Time) *COS {
	other := *c
	other.now = now
	return &other
}

// Serve answers on a free port of 127.0.0.1 until stop is called.
func (c *COS) Serve() (host string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: c}
	go server.Serve(l)
	return l.Addr().String(), func() { server.Close() }, nil
}

// domain is the bucket's host in the cloud.
func (c *COS) domain() string { return c.Bucket + ".cos." + c.Region + ".myqcloud.com" }
