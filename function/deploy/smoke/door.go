package smoke

import (
	"context"
	"strings"
)

const stranger = "https://not-yours.example.net"

// door looks at who is answered at all.
func (r *run) door(ctx context.Context) error {
	if err := r.cors(ctx); err != nil {
		return err
	}
	none, err := r.ask(ctx, asked{method: "GET", path: "/credentials"})
	if err != nil {
		return err
	}
	challenged := strings.HasPrefix(none.header.Get("WWW-Authenticate"), "Bearer")
	r.holds(none.refused(401, 40100) && challenged, "Nobody gets a key without a token.", "%s", none.said())
	for _, forged := range r.Forge {
		got, err := r.ask(ctx, asked{method: "GET", path: "/credentials", token: forged.Token})
		if err != nil {
			return err
		}
		refused := got.status == 401 && got.Code > 40100 && got.Code <= 40199 && got.Credentials.TmpSecretKey == ""
		r.holds(refused, forged.What+" is refused.", "%s", got.said())
	}
	return nil
}

// cors asks as pages of each origin would, and as one of another would.
func (r *run) cors(ctx context.Context) error {
	ask := func(origin string) (preflight, plain *answer, err error) {
		wish := map[string]string{
			"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization",
		}
		preflight, err = r.ask(ctx, asked{method: "OPTIONS", path: "/credentials", origin: origin, header: wish})
		if err != nil {
			return nil, nil, err
		}
		plain, err = r.ask(ctx, asked{method: "GET", path: "/credentials", origin: origin})
		return preflight, plain, err
	}
	const allow = "Access-Control-Allow-Origin"
	for _, origin := range strings.Split(r.Origins, ",") {
		if origin = strings.TrimSpace(origin); origin == "" {
			continue
		}
		page, want := origin, origin
		if origin == "*" {
			page = "https://any.example.com"
		}
		preflight, plain, err := ask(page)
		if err != nil {
			return err
		}
		headers := strings.ToLower(preflight.header.Get("Access-Control-Allow-Headers"))
		allowed := preflight.header.Get(allow)
		r.holds(preflight.status == 204 && allowed == want && strings.Contains(headers, "authorization"),
			"A page of "+origin+" may ask (preflight).",
			"the preflight answered %d, %s %q, headers %q", preflight.status, allow, allowed, headers)
		r.holds(plain.header.Get(allow) == want, "A page of "+origin+" may read the answer, a refusal too.",
			"%s is %q", allow, plain.header.Get(allow))
	}
	if strings.TrimSpace(r.Origins) == "*" {
		return nil
	}
	preflight, plain, err := ask(stranger)
	if err != nil {
		return err
	}
	for _, got := range []*answer{preflight, plain} {
		if value := got.header.Get(allow); value != "" {
			r.holds(false, "A page of another origin reads nothing.", "for %s, %s is %q", stranger, allow, value)
			return nil
		}
	}
	r.holds(plain.header.Get("Access-Control-Allow-Credentials") == "", "A page of another origin reads nothing.",
		"Access-Control-Allow-Credentials is sent")
	return nil
}
