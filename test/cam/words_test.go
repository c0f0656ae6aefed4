package cam

import "testing"

func TestSummary(t *testing.T) {
	for _, tt := range []struct{ name, policy, want string }{
		{"one statement a purpose", `
			{"effect":"allow","action":["name/cos:PutObject","name/cos:PostObject"],"resource":["qcs::cos:r:uid/1:b-1/users/a/*"]},
			{"effect":"allow","action":["name/cos:InitiateMultipartUpload","name/cos:ListMultipartUploads","name/cos:ListParts","name/cos:UploadPart","name/cos:CompleteMultipartUpload","name/cos:AbortMultipartUpload"],"resource":["qcs::cos:r:uid/1:b-1/users/a/*"]},
			{"effect":"allow","action":["name/cos:GetObject","name/cos:HeadObject","name/cos:OptionsObject"],"resource":["qcs::cos:r:uid/1:b-1/users/a/*"]}`,
			"upload, download users/a/*"},
		{"list", `{"effect":"allow","action":["name/cos:GetBucket"],"resource":["qcs::cos:r:uid/1:b-1/","qcs::cos:r:uid/1:b-1/*"],"condition":{"string_like":{"cos:prefix":["users/a/*","users%2Fa%2F*"]}}}`,
			"list users/a/*"},
		{"conditions", `{"effect":"allow","action":["name/cos:PutObject"],"resource":["qcs::cos:r:uid/1:b-1/a/*"],"condition":{"numeric_less_than_equal":{"cos:content-length":1024},"string_like":{"cos:content-type":["image/*"]}}}`,
			"simple upload a/* if content-length ≤ 1024 and content-type is like image/*"},
		{"two places and a deny", `{"effect":"allow","action":"cos:GetObjectACL","resource":["qcs::cos:r:uid/1:b-1/a/*","*"]},{"effect":"deny","action":"*","resource":"*"}`,
			"GetObjectACL a/* *; never * *"},
		{"denied headers", `{"effect":"allow","action":"cos:PutObject","resource":["qcs::cos:r:uid/1:b-1/a/*"],"condition":{"string_equal_if_exist":{"cos:x-cos-storage-class":"STANDARD"}}},
			{"effect":"deny","action":"cos:PutObject","resource":["qcs::cos:r:uid/1:b-1/*"],"condition":{"string_equal":{"cos:x-cos-acl":"public-read"}}},
			{"effect":"deny","action":"cos:PutObject","resource":["qcs::cos:r:uid/1:b-1/*"],"condition":{"string_like":{"cos:x-cos-grant-read":"*"}}}`,
			"simple upload a/* if x-cos-storage-class is STANDARD, if it is there; never simple upload * with certain x-cos-acl, x-cos-grant-read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(`{"version":"2.0","statement":[` + tt.policy + `]}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Summary(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			sentences := len(p.Statements)
			if tt.name == "denied headers" {
				sentences-- // both are one
			}
			if n := len(p.Sentences()); n != sentences {
				t.Errorf("%d sentences", n)
			}
		})
	}
}
