package policy_test

import (
	"encoding/json"
	"fmt"
	"log"

	"cos-credentials/policy"
)

// show prints the policy document that a login gets from an access file.
func show(grants, issuer string, claims map[string]any) {
	access, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(`
issuers:
  - name: shop
    issuer: https://login.example.com/
    audiences: [cos-credentials]
    discovery: true
grants:` + grants)})
	if err != nil {
		log.Fatal(err)
	}
	entitlement, err := access.Entitle(policy.Identity{Issuer: issuer, Claims: claims}, "", "")
	if err != nil {
		log.Fatal(err)
	}
	document, err := entitlement.Document()
	if err != nil {
		log.Fatal(err)
	}
	text, _ := json.MarshalIndent(document, "", "  ")
	fmt.Println(string(text))
}

// Each user uploads into a folder of their own, in one request or in several. No upload opens or gives away its object:
// each header that would is denied by itself.
func ExampleEntitlement_Document_upload() {
	show(`
  - name: own-files
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["users/{sub}/*"]
    allowActions: [simpleUpload]
`, "shop", map[string]any{"sub": "42"})
	// Output:
	// {
	//   "version": "2.0",
	//   "statement": [
	//     {
	//       "action": [
	//         "name/cos:PutObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/users/42/*"
	//       ]
	//     },
	//     {
	//       "action": [
	//         "name/cos:PutObject"
	//       ],
	//       "effect": "deny",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"
	//       ],
	//       "condition": {
	//         "string_equal": {
	//           "cos:x-cos-acl": [
	//             "public-read",
	//             "public-read-write",
	//             "authenticated-read",
	//             "bucket-owner-read",
	//             "bucket-owner-full-control"
	//           ]
	//         }
	//       }
	//     },
	//     {
	//       "action": [
	//         "name/cos:PutObject"
	//       ],
	//       "effect": "deny",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"
	//       ],
	//       "condition": {
	//         "string_like": {
	//           "cos:x-cos-grant-read": "*"
	//         }
	//       }
	//     },
	//     {
	//       "action": [
	//         "name/cos:PutObject"
	//       ],
	//       "effect": "deny",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"
	//       ],
	//       "condition": {
	//         "string_like": {
	//           "cos:x-cos-grant-write": "*"
	//         }
	//       }
	//     },
	//     {
	//       "action": [
	//         "name/cos:PutObject"
	//       ],
	//       "effect": "deny",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"
	//       ],
	//       "condition": {
	//         "string_like": {
	//           "cos:x-cos-grant-read-acp": "*"
	//         }
	//       }
	//     },
	//     {
	//       "action": [
	//         "name/cos:PutObject"
	//       ],
	//       "effect": "deny",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"
	//       ],
	//       "condition": {
	//         "string_like": {
	//           "cos:x-cos-grant-write-acp": "*"
	//         }
	//       }
	//     },
	//     {
	//       "action": [
	//         "name/cos:PutObject"
	//       ],
	//       "effect": "deny",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"
	//       ],
	//       "condition": {
	//         "string_like": {
	//           "cos:x-cos-grant-full-control": "*"
	//         }
	//       }
	//     }
	//   ]
	// }
}

// Everybody reads the common folder, and writes in their own: rights that differ by prefix are rules.
func ExampleEntitlement_Document_rules() {
	show(`
  - name: office
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allow:
      - {prefixes: ["files/{sub}/*"], actions: [delete]}
      - {prefixes: ["files/*"], actions: ["name/cos:GetObject"]}
`, "shop", map[string]any{"sub": "42"})
	// Output:
	// {
	//   "version": "2.0",
	//   "statement": [
	//     {
	//       "action": [
	//         "name/cos:GetObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/files/*"
	//       ]
	//     },
	//     {
	//       "action": [
	//         "name/cos:DeleteObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/files/42/*"
	//       ]
	//     }
	//   ]
	// }
}

// A listing is not held by the keys that it opens but by the prefix that it asks for, written in both forms in which
// COS may compare it.
func ExampleEntitlement_Document_downloadAndList() {
	show(`
  - name: own-files
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["users/{sub}/*"]
    allowActions: [download, list]
`, "shop", map[string]any{"sub": "42"})
	// Output:
	// {
	//   "version": "2.0",
	//   "statement": [
	//     {
	//       "action": [
	//         "name/cos:GetObject",
	//         "name/cos:HeadObject",
	//         "name/cos:OptionsObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/users/42/*"
	//       ]
	//     },
	//     {
	//       "action": [
	//         "name/cos:GetBucket"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/",
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"
	//       ],
	//       "condition": {
	//         "string_like": {
	//           "cos:prefix": [
	//             "users/42/*",
	//             "users%2F42%2F*"
	//           ]
	//         }
	//       }
	//     }
	//   ]
	// }
}

// A prefix without a * is one object.
func ExampleEntitlement_Document_oneObject() {
	show(`
  - name: own-avatar
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["avatars/{sub}.png"]
    allowActions: [download, delete]
`, "shop", map[string]any{"sub": "42"})
	// Output:
	// {
	//   "version": "2.0",
	//   "statement": [
	//     {
	//       "action": [
	//         "name/cos:GetObject",
	//         "name/cos:HeadObject",
	//         "name/cos:OptionsObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/avatars/42.png"
	//       ]
	//     },
	//     {
	//       "action": [
	//         "name/cos:DeleteObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/avatars/42.png"
	//       ]
	//     }
	//   ]
	// }
}

// Two claims, each in a segment of its own. A sub may hold any text if it is encoded.
func ExampleEntitlement_Document_tenantAndUser() {
	show(`
  - name: own-files
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["{tenant}/{sub|base64url}/*"]
    allowActions: ["name/cos:GetObject"]
`, "shop", map[string]any{"tenant": "acme", "sub": "auth0|42"})
	// Output:
	// {
	//   "version": "2.0",
	//   "statement": [
	//     {
	//       "action": [
	//         "name/cos:GetObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/acme/YXV0aDB8NDI/*"
	//       ]
	//     }
	//   ]
	// }
}

// Limits bind the uploads, condition binds everything. objectAcl, which is left out here for shortness, is private
// else.
func ExampleEntitlement_Document_conditions() {
	show(`
  - name: own-pictures
    bucket: examplebucket-1250000000
    region: ap-guangzhou
    allowPrefixes: ["pictures/{sub}/*"]
    allowActions: [simpleUpload, formUpload, download]
    maxBytes: 10485760
    contentTypes: [image/*]
    objectAcl: any
    condition:
      ip_equal: {qcs:ip: [10.0.0.0/8]}
      bool_equal: {cos:secure-transport: true}
`, "shop", map[string]any{"sub": "42"})
	// Output:
	// {
	//   "version": "2.0",
	//   "statement": [
	//     {
	//       "action": [
	//         "name/cos:PutObject",
	//         "name/cos:PostObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/pictures/42/*"
	//       ],
	//       "condition": {
	//         "bool_equal": {
	//           "cos:secure-transport": true
	//         },
	//         "ip_equal": {
	//           "qcs:ip": [
	//             "10.0.0.0/8"
	//           ]
	//         },
	//         "numeric_less_than_equal": {
	//           "cos:content-length": 10485760
	//         },
	//         "string_like": {
	//           "cos:content-type": [
	//             "image/*"
	//           ]
	//         }
	//       }
	//     },
	//     {
	//       "action": [
	//         "name/cos:GetObject",
	//         "name/cos:HeadObject",
	//         "name/cos:OptionsObject"
	//       ],
	//       "effect": "allow",
	//       "resource": [
	//         "qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/pictures/42/*"
	//       ],
	//       "condition": {
	//         "bool_equal": {
	//           "cos:secure-transport": true
	//         },
	//         "ip_equal": {
	//           "qcs:ip": [
	//             "10.0.0.0/8"
	//           ]
	//         }
	//       }
	//     }
	//   ]
	// }
}

// A file that is wrong is reported with all that is wrong with it, each with its line.
func ExampleLoad_problems() {
	_, err := policy.Load(policy.Source{Name: "access.yaml", YAML: []byte(`issuers:
  - name: shop
    issuer: https://login.example.com/
    audiences: [cos-credentials]
    discovery: true
grants:
  - name: own-files
    bucket: examplebucket
    region: ap-guangzhou
    allowPrefixes: ["users/{sub}*"]
    allowActions: [upload]
    maxBytes: 10485760
`)})
	fmt.Println(err)
	// Output:
	// access.yaml:8: grants[0].bucket: "examplebucket" is not a bucket's full name, BucketName-APPID, as in examplebucket-1250000000
	// access.yaml:10: grants[0].allowPrefixes[0]: "users/{sub}*" would open the folders of users whose name begins with another's: end it in /*
	// access.yaml:12: grants[0].maxBytes: can't bound name/cos:InitiateMultipartUpload, name/cos:ListMultipartUploads, name/cos:ListParts, name/cos:UploadPart, name/cos:CompleteMultipartUpload, name/cos:AbortMultipartUpload: COS checks what one request sends, not the sum of several, nor what is copied; allow simpleUpload and formUpload instead of upload, or leave maxBytes out
}
