package cam

import "testing"

func TestSummary(t *testing.T) {
	const object, listing = "qcs::cos:r:uid/1:b-1/", `"qcs::cos:r:uid/1:b-1/","qcs::cos:r:uid/1:b-1/*"`
	for statements, want := range map[string]string{
		`{"effect":"allow","action":["name/cos:PutObject","name/cos:PostObject"],"resource":"` + object + `users/a/*"},
		 {"effect":"allow","action":["name/cos:InitiateMultipartUpload","name/cos:ListMultipartUploads","name/cos:ListParts",
			"name/cos:UploadPart","name/cos:CompleteMultipartUpload","name/cos:AbortMultipartUpload"],
			"resource":"` + object + `users/a/*"},
		 {"effect":"allow","action":["name/cos:GetObject","name/cos:HeadObject","name/cos:OptionsObject"],
			"resource":"` + object + `users/a/*"}`: "upload, download users/a/*",
		`{"effect":"allow","action":["name/cos:GetBucket"],"resource":[` + listing + `],
			"condition":{"string_like":{"cos:prefix":["users/a/*","users%2Fa%2F*"]}}}`: "list users/a/*",
		`{"effect":"allow","action":["name/cos:PutObject"],"resource":"` + object + `a/*","condition":
			{"numeric_less_than_equal":{"cos:content-length":1024},"string_like":{"cos:content-type":["image/*"]}}}`: //
		"simple upload a/* if content-length ≤ 1024 and content-type is like image/*",
		`{"effect":"allow","action":"cos:GetObjectACL","resource":["` + object + `a/*","*"]},
		 {"effect":"deny","action":"*","resource":"*"}`: "GetObjectACL a/* *; * * (denied)",
	} {
		p := parse(t, statements)
		if got := p.Summary(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if n := len(p.Sentences()); n != len(p.Statements) {
			t.Errorf("%d sentences", n)
		}
	}
}
