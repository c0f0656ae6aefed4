package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cos-credentials/function/deploy/cli"
	"cos-credentials/test/cloud"
	"cos-credentials/test/repo"
	"cos-credentials/test/scf"
)

const serveHelp = `The whole round trip on this machine: a page with a login, the function behind a gateway, an STS, and
a COS with one bucket. The function is rebuilt when its source or the access file changes. Ctrl-C ends it all.
Everything listens on 127.0.0.1, but for the function's own process: its runtime library listens on every address, as in
the cloud, so a firewall may ask.

The variables of --access come from --env, else from the environment. COS_BUCKET, COS_REGION and JWT_SECRET have
defaults; LOCAL_ISSUER is the page's own login, as in test/cloud/access.yaml. An issuer with a secret can log in on the
page too.
`

func serveCommand(f *flag.FlagSet) cli.Do {
	o := cloud.Options{Env: map[string]string{}}
	f.IntVar(&o.Port, "port", 8080, "the page's `port`; the function and COS have the next two. 0: any free ones")
	f.StringVar(&o.Access, "access", "", "the access `file` to use instead of test/cloud/access.yaml")
	asJSON := f.Bool("json", false, "when all is ready, print one line of JSON with the addresses instead of text")
	f.Func("env", "set `NAME=VALUE` for the function; may be repeated", func(s string) error {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return errors.New("it must look like NAME=VALUE")
		}
		o.Env[name] = value
		return nil
	})
	return func(ctx context.Context, call cli.Call) error {
		if o.Port < 0 || o.Port > 65533 {
			return cli.Wrong("--port must lie between 1 and 65533, or be 0.")
		}
		o.Log = call.Problems
		return serveCloud(ctx, o, *asJSON, call.Out, call.Problems)
	}
}

func serveCloud(ctx context.Context, o cloud.Options, asJSON bool, out, problems io.Writer) error {
	root, err := repo.Root()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "cos-credentials-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	look := func() string { return state(root, o.Access) }
	before := look()
	fmt.Fprintln(problems, building)
	if o.Binary, err = scf.Build(ctx, dir); err != nil {
		return err
	}
	s, err := cloud.Start(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	installPage(ctx, root, problems)
	if asJSON {
		err = json.NewEncoder(out).Encode(s.Addresses)
	} else {
		_, err = fmt.Fprint(out, greeting(s.Addresses))
	}
	if err != nil {
		return err
	}
	follow(ctx, look, before, func() {
		err := rebuild(ctx, s, dir)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			fmt.Fprintf(problems, "%v\nThe function runs on as it was before the change.\n", err)
		default:
			fmt.Fprintln(problems, "Something changed: the function was built anew and has taken over.")
		}
	})
	fmt.Fprintln(problems, "Stopped.")
	return nil
}

// rebuild makes the function anew beside the running binary, which stays if anything is wrong.
func rebuild(ctx context.Context, s *cloud.Local, dir string) error {
	aside, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return err
	}
	binary, err := scf.Build(ctx, aside)
	if err != nil {
		return err
	}
	return s.Reload(ctx, binary)
}

// greeting is what a front-end developer needs.
func greeting(a cloud.Addresses) string {
	return fmt.Sprintf(`
The local cloud is up. Open %[1]s

  the function  %[2]s
  login         %[3]s
  COS           http://%[4]s   (bucket %[5]s in %[6]s)

A key by hand:
  TOKEN=$(curl -s %[3]s -d '{"user":"alice"}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -s %[2]s -H "Authorization: Bearer $TOKEN"

In your own front end:
  credentials      %[2]s, as in the README
  cos-js-sdk-v5    new COS({ Domain: '%[4]s', Protocol: 'http:', getAuthorization: keys.getAuthorization })
  cos-nodejs-sdk   the same
  cos-wx-sdk-v5    new COS({ Domain: 'http://%[4]s', getAuthorization: keys.getAuthorization })
  your pages       another origin than %[1]s must be allowed, as in the cloud:
                   serve --env ALLOW_ORIGINS=http://localhost:5173
  links            name the bucket's host: read them at %[1]sread/…, with the path and query that they have
  failures         on the page, or curl %[1]sfail -d '{"with":"503"}'; 403, 429, hang, and "" for none

Ctrl-C ends it. Requests show here:

`, a.Page, a.Credentials, a.Login, a.COSHost, a.Bucket, a.Region)
}

// installPage brings the page its COS SDK and the client. Everything but the page works without them.
func installPage(ctx context.Context, root string, problems io.Writer) {
	var err error
	if _, missing := os.Stat(filepath.Join(root, cloud.SDK)); missing != nil {
		fmt.Fprintln(problems, "The page needs cos-js-sdk-v5: running npm ci in test/clients, once.")
		err = npmCI(ctx, filepath.Join(root, "test", "clients"))
	}
	client := filepath.Join(root, filepath.FromSlash(cloud.Client))
	err = errors.Join(err, bundleClient(ctx, filepath.Join(root, "function", "client"), filepath.Dir(client), problems))
	if err != nil {
		fmt.Fprintf(problems, "%v\nThe page can't work without it; everything else does.\n", err)
	}
}
