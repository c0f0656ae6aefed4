package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

// api calls SCF in one region. https://cloud.tencent.com/document/api/583/17235
type api struct {
	client *common.Client
	hide   func(string) string
	dry    func(action string, in object) error // takes a call that would change something, in place of SCF; nil for SCF
}

// newAPI signs with the deployer's key. The endpoint is SCF's own, or one of this machine, for tests.
func newAPI(d *description, endpoint string, dry func(string, object) error) *api {
	p := profile.NewClientProfile()
	p.HttpProfile.ReqTimeout = 300 // s: 7 MB go up
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "https", "scf.tencentcloudapi.com"
	if u, err := url.Parse(endpoint); err == nil && endpoint != "" {
		p.HttpProfile.Scheme, p.HttpProfile.Endpoint = u.Scheme, u.Host
	}
	client := common.NewCommonClient(common.NewTokenCredential(d.key.id, d.key.key, d.key.token), d.Inputs.Region, p)
	client.WithHttpTransport(straight{http.DefaultTransport})
	return &api{client, secretsOf(d.variables(), d.key).hide, dry}
}

// straight follows no redirect: what is sent holds secrets, and is for SCF only.
type straight struct{ http.RoundTripper }

func (s straight) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(r)
	if err == nil && answer.StatusCode/100 == 3 {
		answer.Body.Close()
		return nil, errors.New("SCF answered with a redirect")
	}
	return answer, err
}

// object is an action's parameters.
type object = map[string]any

// apiError is a call that failed. It is printed with what to do next.
type apiError struct {
	action, code, message string
}

const mayNot = "Give the deployer QcloudSCFFullAccess, and cam:PassRole on the execution role."

// next says what to do about an error, by the beginning of its code.
var next = []struct{ code, what string }{
	{"AuthFailure.SignatureExpire", "Set this machine's clock."},
	{"AuthFailure.UnauthorizedOperation", mayNot},
	{"AuthFailure", "Look at TENCENT_SECRET_ID and TENCENT_SECRET_KEY (and TENCENT_TOKEN, if it is a temporary key)."},
	{"UnauthorizedOperation", mayNot},
	{"ResourceNotFound.Role", "CAM knows no execution role of this name, or its trust doesn't name scf.qcloud.com."},
	{"UnsupportedRegion", "SCF is not in this region: name another one as inputs.region in serverless.yml."},
	{"LimitExceeded", "The account or the function has as many of these as it may: delete old ones in the console."},
	{"ResourceInUse", "Somebody else changes this function just now: run the command again."},
	{"FailedOperation", "Run the command again; if it stays, look at the function in the console."},
	{"InternalError", "Run the command again."},
	{"ClientError", "SCF can't be reached, or the connection broke. Run the command again: it mends what this left."},
	{"RequestLimitExceeded", "SCF throttles this account: run the command again in a minute."},
}

func (e *apiError) Error() string {
	out := fmt.Sprintf("%s was refused: %s: %s", e.action, e.code, e.message)
	for _, one := range next {
		if strings.HasPrefix(e.code, one.code) {
			return out + "\n" + one.what
		}
	}
	return out
}

// isMissing reports whether an error says that there is no such function, alias or version.
func isMissing(err error) bool {
	var refused *apiError
	return errors.As(err, &refused) && strings.HasPrefix(refused.code, "ResourceNotFound")
}

// reads reports whether a call changes nothing.
func reads(action string) bool {
	return strings.HasPrefix(action, "Get") || strings.HasPrefix(action, "List")
}

// call sends one request, again if SCF throttles, and reads the answer into a struct.
func (a *api) call(ctx context.Context, action string, in object, into any) error {
	if a.dry != nil && !reads(action) {
		return a.dry(action, shown(in))
	}
	request := tchttp.NewCommonRequest("scf", "2018-04-16", action)
	request.SetActionParameters(in)
	request.SetContext(ctx)
	for wait := time.Second / 2; ; wait *= 2 {
		answer := tchttp.NewCommonResponse()
		err := a.client.Send(request, answer)
		if err == nil {
			return json.Unmarshal(answer.GetBody(), &struct{ Response any }{into})
		}
		refused := a.refused(action, err)
		if !strings.HasPrefix(refused.code, "RequestLimitExceeded") || wait > 8*time.Second {
			return refused
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (a *api) refused(action string, err error) *apiError {
	out := &apiError{action, "ClientError", a.hide(err.Error())}
	var said *tcerrors.TencentCloudSDKError
	if errors.As(err, &said) {
		out.code, out.message = a.hide(said.Code), a.hide(said.Message)
	}
	var cause *url.Error
	if errors.As(err, &cause) {
		out.message = a.hide(cause.Err.Error())
	}
	return out
}

// shown is a call's parameters without secrets and the program.
func shown(in object) object {
	told := object{}
	for name, value := range in {
		switch name {
		case "Environment":
			variables := []object{}
			for _, one := range value.(object)["Variables"].([]object) {
				if !slices.Contains(public, one["Key"].(string)) {
					one = object{"Key": one["Key"], "Value": "[hidden]"}
				}
				variables = append(variables, one)
			}
			value = object{"Variables": variables}
		case "Code":
			text := value.(object)["ZipFile"].(string)
			value = object{"ZipFile": fmt.Sprintf("[%d bytes in base64]", base64.StdEncoding.DecodedLen(len(text)))}
		}
		told[name] = value
	}
	return told
}

// sleep waits, or returns an error when the command is interrupted.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
