package recipes

// The sample claims of https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
var auth0 = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://example.eu.auth0.com/", "aud": []string{"cos-credentials",
			"https://example.eu.auth0.com/userinfo"},
		"sub": "auth0|123456", "azp": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja", "iat": in(0), "exp": day,
		"scope": "openid profile",
	},
	good: []token{
		{what: "access token", want: "users/YXV0aDB8MTIzNDU2/*"},
		{what: "social login", change: claims{"sub": "google-oauth2|42"}, want: "users/Z29vZ2xlLW9hdXRoMnw0Mg/*"},
	},
	bad: []token{
		{what: "ID token", change: claims{"aud": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja", "azp": nil, "scope": nil},
			want: otherAudience},
		{what: "machine of its own client", change: claims{
			"sub": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja@clients", "aud": "cos-credentials", "gty": "client-credentials"},
			want: has("gty")},
		{what: "machine, the other spelling", change: claims{
			"sub": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja@clients", "gty": "client_credentials"}, want: has("gty")},
		{what: "other client", change: claims{"azp": "awZfdIir8YFdGZWkvCejDoUb7SjTDicx"}, want: lacks("azp")},
		{what: "other tenant", change: claims{"iss": "https://other.eu.auth0.com/"}, want: noIssuer},
		{what: "iss without its slash", change: claims{"iss": "https://example.eu.auth0.com"},
			want: noIssuer + ": that of issuer auth0 differs by a final / only"},
		{what: "other API", change: claims{"aud": []string{"https://example.com/health-api"}}, want: otherAudience},
		{what: "no audience was asked for", raw: encrypted, want: notSegments},
	},
}

// oidc-provider's JWT access tokens; the keys are P-384 by default (logto-io/logto, core/src/env-set/oidc.ts).
var logto = provider{
	alg: "ES384",
	usual: claims{
		"iss": "https://example.logto.app/oidc", "aud": "https://cos-credentials.example.com", "sub": "5f3kz9q1w2e3",
		"jti": "1b9d6b", "client_id": "g2w3e4r5t6y7u8i9o0p1a", "iat": in(0), "exp": hour, "scope": "",
	},
	good: []token{{what: "access token", want: "users/5f3kz9q1w2e3/*"}},
	bad: []token{
		{what: "ID token", change: claims{"aud": "g2w3e4r5t6y7u8i9o0p1a", "client_id": nil, "at_hash": "x"},
			want: otherAudience},
		{what: "machine", change: claims{"sub": "m2m0123456789abcdefgh", "client_id": "m2m0123456789abcdefgh"},
			want: lacks("client_id")},
		{what: "other application", change: claims{"client_id": "zzzzzzzzzzzzzzzzzzzzz"}, want: lacks("client_id")},
		{what: "other resource", change: claims{"aud": "https://api.example.com"}, want: otherAudience},
		{what: "other tenant", change: claims{"iss": "https://other.logto.app/oidc"}, want: noIssuer},
		{what: "other algorithm", alg: "RS256", want: wrongAlg},
		{what: "opaque token, as without a resource", raw: "aMzHF8vNoBGTe0Qz_c1YxWmPpL3uO5kI7rXbJd2ZwQy",
			want: notSegments},
	},
}

const (
	entraUser = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb"
	entraAPI  = "00001111-aaaa-2222-bbbb-3333cccc4444"
	entraSPA  = "11112222-bbbb-3333-cccc-4444dddd5555"
)

// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
var entraID = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0", "aud": entraAPI,
		"iat": in(0),
		"sub": "-Xw3bR5nkR0hVq0z6zq2ZbJmN9d0kq0Zx1y2z3A4B5C", "nbf": in(0), "exp": 75 * minute, "aio": "x",
		"azp":    entraSPA,
		"azpacr": "0", "oid": entraUser, "rh": "x", "scp": "access_as_user",
		"tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
		"uti": "x", "ver": "2.0", "preferred_username": "alice@example.com",
	},
	good: []token{{what: "access token", want: "users/" + entraUser + "/*"}},
	bad: []token{
		{what: "application", change: claims{"scp": nil, "roles": []string{"Files.All"}, "azpacr": "1"},
			want: lacks("scp")},
		{what: "ID token of the front end", change: claims{"aud": entraSPA, "scp": nil, "azp": nil},
			want: otherAudience},
		{what: "ID token, if front end and API are one registration", change: claims{"scp": nil}, want: lacks("scp")},
		{what: "other client", change: claims{"azp": "99990000-ffff-eeee-dddd-cccc5555bbbb"}, want: lacks("azp")},
		{what: "other tenant", change: claims{
			"iss": "https://login.microsoftonline.com/ffffeeee-0000-cccc-1111-dddd2222eeee/v2.0"}, want: noIssuer},
		{what: "version 1", change: claims{
			"iss": "https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/", "ver": "1.0"}, want: noIssuer},
		{what: "Microsoft Graph", change: claims{"aud": "00000003-0000-0000-c000-000000000000"}, want: otherAudience},
	},
}

const supabaseUser = "123e4567-e89b-12d3-a456-426614174000"

// https://supabase.com/docs/guides/auth/jwt-fields, and supabase/auth, internal/tokens/service.go
var supabase = provider{
	alg:    "ES256",
	secret: "SUPABASE_JWT_SECRET",
	usual: claims{
		"iss": "https://abcdefghijklmnopqrst.supabase.co/auth/v1", "aud": "authenticated", "sub": supabaseUser,
		"iat": in(0),
		"exp": hour, "role": "authenticated", "aal": "aal1", "session_id": "6f1c0b9e", "email": "a@example.com",
		"phone":        "",
		"is_anonymous": false, "app_metadata": claims{"provider": "email"}, "user_metadata": claims{},
	},
	good: []token{
		{what: "of a signing key", want: "users/" + supabaseUser + "/*"},
		{what: "of the legacy secret", alg: "HS256", want: "users/" + supabaseUser + "/*"},
	},
	bad: []token{
		{what: "anonymous sign-in", change: claims{"is_anonymous": true}, want: lacks("is_anonymous")},
		{what: "anonymous sign-in, legacy secret", alg: "HS256", change: claims{"is_anonymous": true},
			want: lacks("is_anonymous")},
		{what: "is_anonymous as text", change: claims{"is_anonymous": "false"}, want: lacks("is_anonymous")},
		{what: "anon key", alg: "HS256", change: claims{"iss": "supabase", "role": "anon", "sub": nil, "aud": nil,
			"ref": "abcdefghijklmnopqrst"}, want: noIssuer},
		{what: "service_role key", alg: "HS256", change: claims{"iss": "supabase", "role": "service_role",
			"sub": nil, "aud": nil},
			want: noIssuer},
		{what: "other role", change: claims{"role": "inspector"}, want: lacks("role")},
		{what: "ID token for an application", change: claims{"aud": "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
			"role": nil},
			want: otherAudience},
		{what: "other project", change: claims{"iss": "https://zyxwvutsrqponmlkjihg.supabase.co/auth/v1"},
			want: noIssuer},
	},
}

// https://clerk.com/docs/guides/sessions/session-tokens and jwt-templates
var clerk = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://clerk.example.com", "aud": "cos-credentials", "sub": "user_2abcDEF",
		"azp": "https://app.example.com",
		"iat": in(0), "nbf": in(-10), "exp": 10 * minute, "jti": "10db7f531a90cb2faea4",
	},
	good: []token{{what: "of the template", want: "users/user_2abcDEF/*"}},
	bad: []token{
		{what: "session token", change: claims{"aud": nil, "exp": minute, "sid": "sess_1", "sts": "active", "v": 2},
			want: "the token has no aud, and it has no audienceClaim"},
		{what: "another template's", change: claims{"aud": "authenticated"}, want: otherAudience},
		{what: "another page's", change: claims{"azp": "https://evil.example.com"}, want: lacks("azp")},
		{what: "machine", change: claims{"sub": "mch_2abcDEF", "azp": nil}, want: lacks("azp")},
		{what: "development instance", change: claims{"iss": "https://example.clerk.accounts.dev"}, want: noIssuer},
		{what: "a template that lives longer", change: claims{"exp": day},
			want: "exp lies further ahead than maxLifetimeSeconds"},
	},
}
