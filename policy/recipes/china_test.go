package recipes

import "strings"

// Reasons that more than one provider's tokens are refused for.
const (
	noIssuer      = "no issuer of this iss is configured"
	otherAudience = "the aud holds none of its audiences"
	wrongAlg      = "the alg is not one of its algorithms"
	badSignature  = "the signature does not match"
	notSegments   = "the token is not three non-empty segments"
)

func lacks(claim string) string {
	return "the claim " + claim + " has none of the values that require wants"
}
func has(claim string) string { return "the claim " + claim + " has a value that refuse names" }

const (
	cloudBaseUser   = "1857366466734235649"
	publishableUser = "anon"
)

// The claims are those of @cloudbase/auth 3.3.3, GetClaimsRes; the publishable key's are a real one's.
var cloudBase = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://ENV-1A2B3C.ap-shanghai.tcb-api.tencentcloudapi.com", "aud": "ENV-1A2B3C", "sub": cloudBaseUser,
		"iat": in(0), "exp": 2 * hour, "scope": "user sso", "project_id": "ENV-1A2B3C", "provider_type": "wx_openid",
		"meta": claims{"wxOpenId": "oABCDEFG", "wxUnionId": ""}, "groups": []string{}, "user_id": cloudBaseUser,
		"user_type": "external", "client_type": "client_user", "is_system_admin": false,
	},
	good: []token{
		{what: "Mini Program login", want: "users/" + cloudBaseUser + "/*"},
		{what: "the other host", change: claims{"iss": "https://ENV-1A2B3C.api.tcloudbasegateway.com"},
			want: "users/" + cloudBaseUser + "/*"},
		{what: "login in a page", change: claims{"provider_type": "phone", "meta": claims{"wxOpenId": ""},
			"scope": "user"},
			want: "users/" + cloudBaseUser + "/*"},
	},
	bad: []token{
		{what: "anonymous login", change: claims{"scope": "anonymous", "provider_type": "anonymous"},
			want: has("scope")},
		{what: "anonymous login, with more scopes", change: claims{"scope": "user anonymous"}, want: has("scope")},
		{what: "publishable key", change: claims{
			"sub": publishableUser, "scope": "anonymous", "exp": 70 * 365 * day,
			"meta": claims{"platform": "PublishableKey"}},
			want: "exp lies further ahead than maxLifetimeSeconds"},
		{what: "publishable key, once it could live on its last day", change: claims{
			"sub": publishableUser, "scope": "anonymous", "iat": -50 * 365 * day},
			want: "exp lies further after iat than maxLifetimeSeconds"},
		{what: "other environment", change: claims{
			"iss": "https://ENV-9Z.ap-shanghai.tcb-api.tencentcloudapi.com", "aud": "ENV-9Z"}, want: noIssuer},
		{what: "other environment's audience", change: claims{"aud": "ENV-9Z"}, want: otherAudience},
		{what: "custom-login ticket", raw: "keyid/@@/eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
			want: "the token holds a character outside A-Z a-z 0-9 - _ ."},
	},
}

var ownBackEnd = provider{
	alg:    "HS256",
	secret: "JWT_SECRET",
	usual:  claims{"iss": "my-back-end", "aud": "cos-credentials", "sub": "42", "iat": in(0), "exp": 2 * hour},
	good: []token{
		{what: "as the recipe signs it", want: "users/42/*"},
		{what: "openid", change: claims{"sub": "oGZUI0egBJY1zhBYw2KhdUfwVJJE"},
			want: "users/oGZUI0egBJY1zhBYw2KhdUfwVJJE/*"},
	},
	bad: []token{
		{what: "no aud", change: claims{"aud": nil}, want: "the token has no aud, and it has no audienceClaim"},
		{what: "a token for another purpose", change: claims{"aud": "password-reset"}, want: otherAudience},
		{what: "no exp", change: claims{"exp": nil}, want: "the token has no exp"},
		{what: "exp in milliseconds", change: claims{"exp": int64(4102444800000)},
			want: "the exp is in milliseconds, and must be in seconds"},
		{what: "a number for sub", change: claims{"sub": 42},
			want: "the sub is a number, and its subject is no integer"},
		{what: "no sub", change: claims{"sub": nil}, want: "the token has no sub, which names the user"},
		{what: "a month", change: claims{"exp": 30 * day}, want: "exp lies further ahead than maxLifetimeSeconds"},
		{what: "other algorithm", alg: "HS512", want: wrongAlg},
		{what: "expired", change: claims{"iat": -3 * hour, "exp": -hour}, want: "exp has passed"},
		{what: "a name that is a path", change: claims{"sub": "a/b"},
			want: "can't stand in a prefix unencoded: a character after the first is none of letters, digits and ._@-; {claim|base64url} takes any string"},
	},
}

const casdoorUser = "7f1f3f5c-9d2b-4d52-9f7e-0b1c6f1c0b9e"

// The claims are those of Casdoor's object/token_jwt.go and token_oauth.go.
var casdoor = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://casdoor.example.com", "aud": []string{"0123456789abcdef0123"}, "sub": casdoorUser, "iat": in(0),
		"nbf": in(0), "exp": 7 * day, "jti": "admin/0b1c", "owner": "built-in", "name": "alice", "type": "normal-user",
		"tokenType": "access-token", "tag": "", "scope": "openid profile", "azp": "0123456789abcdef0123",
		"provider": "",
	},
	good: []token{
		{what: "access token", want: "users/" + casdoorUser + "/*"},
		{what: "access token of the format JWT-Empty", change: claims{"type": nil, "tag": nil},
			want: "users/" + casdoorUser + "/*"},
	},
	bad: []token{
		{what: "refresh token", change: claims{"tokenType": "refresh-token"}, want: lacks("tokenType")},
		{what: "refresh token of the format JWT-Custom", change: claims{"TokenType": "refresh-token"},
			want: has("TokenType")},
		{what: "the application itself", change: claims{"sub": "app-1", "name": "app-1", "type": "application"},
			want: has("type")},
		{what: "the application itself, format JWT-Empty", change: claims{"sub": "admin/app-1", "type": nil},
			want: "can't stand in a prefix unencoded: a character after the first is none of letters, digits and ._@-; {claim|base64url} takes any string"},
		{what: "other application", change: claims{"aud": []string{"fedcba"}, "azp": "fedcba"}, want: otherAudience},
		{what: "shared, other organisation", change: claims{"aud": []string{"0123456789abcdef0123-org-other"}},
			want: otherAudience},
		{what: "other Casdoor", change: claims{"iss": "https://door.example.org"}, want: noIssuer},
	},
}

const authingUser = "601ad46d0a3d171f611164ce"

// The claims are those of the vendor's page on access and ID tokens.
var authing = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://example.authing.cn/oidc", "aud": "601ad382d02a2ba94cf996c4", "sub": authingUser,
		"jti": "YEeiX17iDgNwHGmAapjSQ", "iat": in(0), "exp": 14 * day, "scope": "openid profile offline_access",
	},
	good: []token{{what: "access token", want: "users/" + authingUser + "/*"}},
	bad: []token{
		{what: "ID token", change: claims{"scope": nil, "jti": nil, "nonce": "n", "at_hash": "x"},
			want: lacks("scope")},
		{what: "programming account", change: claims{"sub": "5f0f2a", "scope": "user-growth:read"},
			want: lacks("scope")},
		{what: "scope that only begins so", change: claims{"scope": "openid-like profile"}, want: lacks("scope")},
		{what: "other application", change: claims{"aud": "601ad382ffffffffffffffff"}, want: otherAudience},
		{what: "other user pool", change: claims{"iss": "https://other.authing.cn/oidc"}, want: noIssuer},
		{what: "a year", change: claims{"exp": 365 * day}, want: "exp lies further ahead than maxLifetimeSeconds"},
	},
}

// The claims are those of the samples of documents 1148/51482 and 51483.
var tencentCIAM = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://example.portal.tencentciam.com", "aud": "TENANT_CLIENT_ID", "sub": "MOCK_USERNAME",
		"iat": in(0),
		"nbf": in(0), "exp": 5 * minute, "scope": []string{"openid"}, "jti": "fbc45d75-ebdc-4365-9e41-5ac5989d7ae2",
	},
	good: []token{{what: "access token", want: "users/MOCK_USERNAME/*"}},
	bad: []token{
		{what: "ID token", change: claims{"scope": nil, "nbf": nil, "azp": "TENANT_CLIENT_ID", "exp": 30 * minute},
			want: lacks("scope")},
		{what: "the application itself", change: claims{"sub": "TENANT_CLIENT_ID",
			"scope": []string{"identity_proofing"}},
			want: lacks("scope")},
		{what: "other application", change: claims{"aud": "OTHER_CLIENT_ID"}, want: otherAudience},
		{what: "other tenant", change: claims{"iss": "https://other.portal.tencentciam.com"}, want: noIssuer},
		{what: "refresh token", raw: strings.Repeat("Ugvo1lO7Se8vvIPrIOwn_eBe0hoi5-", 4), want: notSegments},
	},
}
