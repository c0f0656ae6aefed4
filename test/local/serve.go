package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cos-credentials/test/cloud"
	"cos-credentials/test/repo"
	"cos-credentials/test/scf"
)

const serveHelp = `Usage: go run ./test/local serve [--port N] [--access FILE] [--env NAME=VALUE …] [--json]

The whole round trip on this machine: a page with a login, the function behind a gateway, an STS, and a COS with one bucket.
The function is rebuilt when its source or the access file changes. Ctrl-C ends it all. Everything listens on 127.0.0.1,
but for the function's own process: its runtime library listens on every address, as in the cloud, so a firewall may ask.

The variables of --access come from --env, else from the environment. COS_BUCKET, COS_REGION and JWT_SECRET have defaults;
LOCAL_ISSUER is the page's own login, as in test/cloud/access.yaml. An issuer with a secret can log in on the page too.
`

func serveCommand(ctx context.Context, args []string, out, problems io.Writer) error {
	f := newOptions("serve", serveHelp, problems)
	port := f.Int("port", 8080, "the page's port; the function has the next `number`, and COS the one after. 0: any free ones")
	access := f.String("access", "", "the access `file` to use instead of test/cloud/access.yaml")
	apiGateway := f.Bool("api-gateway", false, "send the function API Gateway's events instead of a Function URL's")
	asJSON := f.Bool("json", false, "when all is ready, print one line of JSON with the addresses instead of text")
	env := map[string]string{}
	f.Func("env", "set `NAME=VALUE` for the function; may be repeated", func(s string) error {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return errors.New("it must look like NAME=VALUE")
		}
		env[name] = value
		return nil
	})
	if err := f.parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return f.wrong("serve takes no argument")
	}
	ports := cloud.Ports{}
	if *port != 0 {
		if *port < 1 || *port > 65533 {
			return f.wrong("--port must lie between 1 and 65533, or be 0")
		}
		ports = cloud.Ports{Page: *port, Gateway: *port + 1, COS: *port + 2}
	}
	root, err := repo.Root()
	if err != nil {
		return err
	}
	ctx, stop := withParent(ctx)
	defer stop()
	dir, err := os.MkdirTemp("", "cos-credentials-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sources := newSources(root, *access)
	fmt.Fprintln(problems, building)
	binary, err := scf.Build(ctx, dir)
	if err != nil {
		return err
	}
	s, err := cloud.Start(ctx, cloud.Options{
		Binary: binary, Env: env, Access: *access, Ports: ports, APIGateway: *apiGateway, Log: problems,
	})
	var taken *cloud.PortError
	if errors.As(err, &taken) {
		return fmt.Errorf("%w.\nserve uses ports %d to %d: start it with another --port, or with --port 0 for any free ones", err, *port, *port+2)
	}
	if err != nil {
		return err
	}
	defer s.Close()
	installSDK(ctx, root, problems)
	if *asJSON {
		if err := json.NewEncoder(out).Encode(s.Addresses); err != nil {
			return err
		}
	} else {
		fmt.Fprint(out, greeting(s.Addresses))
	}
	sources.follow(ctx, func() { binary = rebuild(ctx, s, dir, binary, problems) })
	fmt.Fprintln(problems, "Stopped.")
	return nil
}

// rebuild makes the function anew beside the running binary, which stays if anything is wrong, and returns the one that
// runs then.
func rebuild(ctx context.Context, s *cloud.Local, dir, running string, problems io.Writer) string {
	aside, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		fmt.Fprintln(problems, err)
		return running
	}
	binary, err := scf.Build(ctx, aside)
	if err == nil {
		err = s.Reload(ctx, binary)
	}
	if err != nil {
		os.RemoveAll(aside)
		if ctx.Err() == nil {
			fmt.Fprintf(problems, "%v\nThe function runs on as it was before the change.\n", err)
		}
		return running
	}
	os.Remove(running) // events that it still handles don't mind, and on a system that does it stays until the end
	fmt.Fprintln(problems, "Something changed: the function was built anew and has taken over.")
	return binary
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
  cos-js-sdk-v5    new COS({ Domain: '%[4]s', Protocol: 'http:', getAuthorization })
  cos-nodejs-sdk   the same
  cos-wx-sdk-v5    new COS({ Domain: 'http://%[4]s', getAuthorization })
  pages may come from any http://localhost or http://127.0.0.1 port

Ctrl-C ends it. Requests show here:

`, a.Page, a.Credentials, a.Login, a.COSHost, a.Bucket, a.Region)
}

// installSDK brings the page its COS SDK. Everything but the page works without it.
func installSDK(ctx context.Context, root string, problems io.Writer) {
	if _, err := os.Stat(filepath.Join(root, cloud.SDK)); err == nil {
		return
	}
	fmt.Fprintln(problems, "The page needs cos-js-sdk-v5: running npm ci in test/clients, once.")
	if err := npmCI(ctx, filepath.Join(root, "test", "clients")); err != nil {
		fmt.Fprintf(problems, "%v\nThe page can't work without it; everything else does.\n", err)
	}
}
