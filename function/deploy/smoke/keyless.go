package smoke

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
)

// keyless uses a grant whose keys stay in the function: what a form uploads and what a link opens, and what neither
// does.
func (r *run) keyless(ctx context.Context) error {
	for _, way := range []struct {
		what string
		ask  func(context.Context, asked) (*answer, error)
	}{{"No key comes, as access.yaml says (keys: false).", r.ask}, {"It doesn't come sealed either.", r.askSealed}} {
		got, err := way.ask(ctx, r.keyFor(0))
		if got == nil {
			return err
		}
		r.holds(got.refused(403, 40300), way.what, "%s", got.said())
	}
	own, err := uploadsOf(r.own[0])
	if err != nil {
		return err
	}
	at := placeOf(r.own[0].Prefixes[0], own.kind)
	written := r.may("PostObject", at.key)
	if written {
		if err := r.form(ctx, at, own); err != nil {
			return err
		}
		if err := r.strangers(ctx, at); err != nil {
			return err
		}
	}
	if r.may("GetObject", at.key) {
		if err := r.links(ctx, at, written); err != nil {
			return err
		}
	}
	if err := r.greed(ctx); err != nil || !written {
		return err
	}
	r.stays(at.key)
	return nil
}

// form uploads with one that the function signs for the first user, and tries what else it might open.
func (r *run) form(ctx context.Context, at place, own uploads) error {
	body, _ := json.Marshal(map[string]string{"key": at.key, "contentType": at.kind}) // strings: it can't fail
	path := "/post-policy" + r.query(r.own[0].Pick)
	got, err := r.post(ctx, path, string(body))
	if err != nil {
		return err
	}
	var signed struct{ Fields map[string]string }
	json.Unmarshal(got.body, &signed)
	r.holds(got.status == 200 && signed.Fields["key"] == at.key, "User 1 gets a form for a file of "+at.folder+".",
		"%s", got.said())
	if got.status != 200 {
		return errors.New("without a form there is nothing to go on with: the function's log says why it refused")
	}
	r.holds(!strings.Contains(string(got.body), "tmpSecretKey"), "The form holds no secret key.", "it does")
	r.kept(got)
	if err := r.sealing(ctx, asked{method: "POST", path: path, token: r.Users[0].Token, body: string(body)}); err != nil {
		return err
	}
	for _, try := range []struct {
		what   string
		change map[string]string
	}{
		{"The form can't write a file next door.", map[string]string{"key": fileOf(r.neighbour())}},
		{"The form can't write another file of the own folder.", map[string]string{"key": at.key + "x"}},
		{"The form can't make its file public.", map[string]string{"acl": "public-read"}},
		{"The form can write the own file.", nil},
	} {
		fields := maps.Clone(signed.Fields)
		maps.Copy(fields, try.change)
		sent, err := r.newBucket().upload(ctx, fields, content)
		if err != nil {
			return err
		}
		public := try.change["acl"] != ""
		if public {
			r.denial = sent.String()
		}
		switch {
		case try.change == nil:
			r.holds(sent.done(), try.what, "%s", sent)
		case public && !own.private:
			r.saw(try.what+notPromised, "%s", sent)
		default:
			r.holds(sent.denied(), try.what, "%s", sent)
		}
	}
	return nil
}
