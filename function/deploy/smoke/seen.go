package smoke

import (
	"context"
	"time"
)

const noKey = "not tried: no key of this grant leaves the function"

// seen tells what the vendor's documentation doesn't, and this account has just shown.
func (r *run) seen(ctx context.Context) error {
	if r.Role {
		r.saw("Role principal", "the execution role could assume STS_ROLE_ARN: its trust names the right principal")
	} else {
		r.saw("Role principal", "not tried: this function signs with a permanent key")
	}
	if r.own[0].KeysStay {
		r.saw("cos:prefix", noKey)
	} else if r.may("GetBucket", r.own[0].Prefixes[0]) {
		r.saw("cos:prefix", "a listing of the own folder: %s; the policy names the prefix raw and URL-encoded, so "+
			"one of the two is what COS compares", r.listing)
	} else {
		r.saw("cos:prefix", "a listing of the own folder: %s; this grant lists nothing", r.listing)
	}
	if r.denial == "" {
		r.denial = "not tried: this grant uploads nothing"
	}
	r.saw("ACL statements", "an upload with x-cos-acl: public-read: %s; one without it: as told above", r.denial)

	preflight, err := r.ask(ctx, asked{method: "OPTIONS", path: "/credentials", header: map[string]string{
		"Access-Control-Request-Method": "POST",
	}})
	if err != nil {
		return err
	}
	by := "by something before it: CORS is not the function's then"
	if preflight.status == 204 && preflight.header.Get("Access-Control-Max-Age") == "600" {
		by = "by the function itself"
	}
	if r.own[0].KeysStay {
		r.saw("Function URL events", "a preflight is answered %s; a POST's body and a path below / arrive, or no form and "+
			"no link had come", by)
		r.saw("Shortest life", noKey)
		return nil
	}
	short, err := r.post(ctx, "/credentials"+r.query(r.own[0].Pick), `{"durationSeconds":60}`)
	if err != nil {
		return err
	}
	r.saw("Function URL events", "a preflight is answered %s; a POST's body arrives (%d); a path below / arrives",
		by, short.status)
	if short.status != 200 {
		r.saw("Shortest life", "asked for 60 s, %s", short.said())
		return nil
	}
	left := time.Until(time.Unix(short.ExpiredTime, 0)).Round(time.Second)
	r.saw("Shortest life", "asked for 60 s, STS gave a key that ends in %s", left)
	return nil
}
