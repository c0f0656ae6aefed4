package credential

import (
	"strings"
	"testing"
)

// The reason of each code names what an operator must look at.
func TestReasonsFindTheCause(t *testing.T) {
	for code, want := range map[string]struct {
		kind  Kind
		words string
	}{
		"UnsupportedRegion":                   {Misconfigured, "region ap-moon:"},
		"UnsupportedRegion.X":                 {Misconfigured, "STS_REGION"},
		"UnsupportedOperation":                {Misconfigured, "GetFederationToken"},
		"AuthFailure.SignatureExpire":         {Misconfigured, "clock"},
		"AuthFailure.SecretIdNotFound":        {Misconfigured, "STS_SECRET_ID"},
		"FailedOperation.TempKeyNotAllowed":   {Misconfigured, "permanent key"},
		"FailedOperation.CheckMFAError":       {Misconfigured, "second factor"},
		"FailedOperation.MFATypeNotSupported": {Misconfigured, "second factor"},
		"FailedOperation":                     {Failed, "unknown"},
		"FailedOperation.Other":               {Failed, "unknown"},
		"InvalidParameter.OverLimit":          {Busy, "role"},
		"InternalError.DbError":               {Failed, "internal"},
		"":                                    {Failed, "unknown"},
	} {
		e := fromCode(code, "ap-moon", "r1")
		if e.Kind != want.kind || !strings.Contains(e.Reason, want.words) || strings.Contains(e.Reason, "{") {
			t.Errorf("%s: kind %d, %s", code, e.Kind, e.Reason)
		}
	}
}
