package sts

import (
	"crypto/sha1"
	"net/http"
	"testing"
	"time"
)

// The vendor's own worked examples, with the example key of its documentation.
const exampleKey = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"

func TestV1KnownAnswer(t *testing.T) {
	params := map[string]string{
		"Action": "DescribeInstances", "InstanceIds.0": "ins-09dx96dg", "Limit": "20", "Nonce": "11886", "Offset": "0",
		"Region": "ap-guangzhou", "SecretId": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Timestamp": "1465185768",
		"Version": "2017-03-12", "Signature": "left out",
	}
	if got := signV1("GET", "cvm.tencentcloudapi.com", params, exampleKey, sha1.New); got != "EliP9YW3pW28FpsEdkXt/+WcGeI=" {
		t.Errorf("got %s", got)
	}
}

func TestTC3KnownAnswers(t *testing.T) {
	for _, tt := range []struct {
		method, query, contentType, body string
		seconds                          int64
		canonical, signature             string
	}{
		{
			"GET", "Limit=10&Offset=0", "application/x-www-form-urlencoded", "", 1539084154,
			"91c9c192c14460df6c1ffc69e34e6c5e90708de2a6d282cccf957dbf1aa7f3a7",
			"5da7a33f6993f0614b047e5df4582db9e9bf4672ba50567dba16c6ccf174c474",
		}, {
			"POST", "", "application/json; charset=utf-8",
			`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`, 1551113065,
			"5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
			"72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
		},
	} {
		header := http.Header{"Content-Type": {tt.contentType}}
		canonical := canonicalTC3(tt.method, tt.query, header, "cvm.tencentcloudapi.com", "content-type;host", tt.body)
		if got := sha256Hex(canonical); got != tt.canonical {
			t.Errorf("%s: canonical request: got %s", tt.method, got)
		}
		if got := signTC3(canonical, "cvm", time.Unix(tt.seconds, 0), exampleKey); got != tt.signature {
			t.Errorf("%s: signature: got %s", tt.method, got)
		}
	}
}
