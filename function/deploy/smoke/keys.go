package smoke

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// opened is a user's key, as a client would use it.
type opened struct {
	*answer
	bucket *bucket
}

// keys gets one for each user, and asks for more than the login may have.
func (r *run) keys(ctx context.Context) error {
	for i, user := range r.Users {
		if user == nil {
			continue
		}
		want, ask := r.own[i], r.ask
		if want.SealedOnly {
			ask = r.askSealed
		}
		got, err := ask(ctx, r.keyFor(i))
		if err != nil {
			return err
		}
		what := fmt.Sprintf("User %d gets a key for %s and nothing else.", i+1, strings.Join(want.Prefixes, ", "))
		ok := got.status == 200 && got.Bucket == want.Bucket && got.Region == want.Region
		told := got.said()
		if got.Prefixes != nil {
			told += fmt.Sprintf(" for %s of %s (%s)", strings.Join(got.Prefixes, ", "), got.Bucket, got.Region)
		}
		r.holds(ok && got.Credentials.TmpSecretKey != "" && slices.Equal(got.Prefixes, want.Prefixes), what, "%s", told)
		if got.Credentials.TmpSecretKey == "" {
			return errors.New("without a key there is nothing to go on with: the function's log says why it refused; " +
				"after TokenInvalid, see first whether it has the JWT_SECRET that is set here (--stage)")
		}
		r.kept(got)
		b, key := r.newBucket(), got.Credentials
		b.id, b.secret, b.session = key.TmpSecretID, key.TmpSecretKey, key.SessionToken
		r.opened[i] = &opened{got, b}
	}
	if r.opened[1] != nil {
		a, b := r.opened[0].Credentials, r.opened[1].Credentials
		r.holds(a.SessionToken != b.SessionToken && a.TmpSecretKey != b.TmpSecretKey, "Two users get two keys.",
			"both got the same")
	}
	if err := r.sealing(ctx, r.keyFor(0)); err != nil {
		return err
	}
	return r.greed(ctx)
}

// kept looks at how long an answer may be kept, and by whom.
func (r *run) kept(got *answer) {
	control := got.header.Get("Cache-Control")
	r.holds(control == "no-store", "Nothing on the way may keep it.", "Cache-Control is %q", control)
	life, granted := time.Until(time.Unix(got.ExpiredTime, 0)), r.own[0].Duration
	r.holds(life > 0 && life <= granted+time.Minute, "It ends when access.yaml says.",
		"it lives %s, and %s are granted", life.Round(time.Second), granted)
}

// keyFor asks for a user's key.
func (r *run) keyFor(user int) asked {
	path := "/credentials" + r.query(r.own[user].Pick)
	return asked{method: "GET", path: path, token: r.Users[user].Token}
}

// query chooses the grant, and what to pick from it.
func (r *run) query(pick string) string {
	chosen := url.Values{}
	if r.Grant != "" {
		chosen.Set("grant", r.Grant)
	}
	if pick != "" {
		chosen.Set("pick", pick)
	}
	if len(chosen) == 0 {
		return ""
	}
	return "?" + chosen.Encode()
}

// greed asks for what is the neighbour's, by each way there is to ask.
func (r *run) greed(ctx context.Context) error {
	key := fileOf(r.neighbour())
	item := map[string]string{
		"action": "name/cos:PutObject", "bucket": r.own[0].Bucket, "region": r.own[0].Region, "prefix": key,
	}
	scope, _ := json.Marshal([]any{item})
	item["prefix"] = "*"
	everything, _ := json.Marshal([]any{item})
	form, _ := json.Marshal(map[string]string{"key": key})
	link, _ := json.Marshal(map[string][]string{"keys": {key}})
	for _, ask := range []struct {
		what, path string
		body       []byte
		granted    bool
	}{
		{"a key for the neighbour's file", "/credentials", scope, r.may("PutObject", key)},
		{"a key for the whole bucket", "/credentials", everything, r.may("PutObject", "*")},
		{"a form for the neighbour's file", "/post-policy", form, r.may("PostObject", key)},
		{"a link to the neighbour's file", "/links", link, r.may("GetObject", key)},
	} {
		if ask.granted {
			continue
		}
		got, err := r.post(ctx, ask.path+r.query(r.own[0].Pick), string(ask.body))
		if err != nil {
			return err
		}
		r.holds(got.status == 403 && got.Credentials.TmpSecretKey == "" && got.Code != 0,
			"Who asks for "+ask.what+" gets nothing.", "%s", got.said())
	}
	if r.own[0].Pick == "" {
		return nil
	}
	got, err := r.post(ctx, "/credentials"+r.query("smoke-"+rand.Text()), "")
	if err != nil {
		return err
	}
	r.holds(got.refused(403, 40301), "Who picks what the login doesn't have gets nothing.", "%s", got.said())
	return nil
}

// neighbour is what the second user has, or a folder whose name begins like the first user's.
func (r *run) neighbour() string {
	if r.own[1] != nil {
		return r.own[1].Prefixes[0]
	}
	return strings.TrimSuffix(folder(r.own[0].Prefixes[0]), "/") + "0/*"
}

// fileOf is one that a prefix opens.
func fileOf(prefix string) string {
	if stem, found := strings.CutSuffix(prefix, "*"); found {
		return stem + "smoke.txt"
	}
	return prefix
}

// folder is a prefix without its *.
func folder(prefix string) string { return strings.TrimSuffix(prefix, "*") }
