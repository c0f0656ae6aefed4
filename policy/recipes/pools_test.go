package recipes

const keycloakUser = "1f4db6ad-5e75-479c-b289-b8096ec1f4f4"

// typ is that of Keycloak's TokenUtil: Bearer, ID, Refresh, Offline. A service account's claims are a real one's.
var keycloakClaims = claims{
	"iss": "https://keycloak.example.com/realms/example", "sub": keycloakUser, "typ": "Bearer", "azp": "web",
	"iat": in(0),
	"exp": 5 * minute, "jti": "20cda5b8", "sid": "s", "acr": "1", "scope": "openid email profile",
	"realm_access":   claims{"roles": []string{"offline_access", "member"}},
	"email_verified": true, "preferred_username": "alice",
}

var keycloak = provider{
	alg:   "RS256",
	usual: with(keycloakClaims, claims{"aud": []string{"cos-credentials", "account"}}),
	good: []token{
		{what: "access token", want: "users/" + keycloakUser + "/*"},
		{what: "the mapped audience alone", change: claims{"aud": "cos-credentials"},
			want: "users/" + keycloakUser + "/*"},
	},
	bad: []token{
		{what: "ID token", change: claims{"typ": "ID", "aud": "web"}, want: otherAudience},
		{what: "ID token with the mapped audience", change: claims{"typ": "ID"}, want: lacks("typ")},
		{what: "refresh token", alg: "HS512", change: claims{"typ": "Refresh",
			"aud": "https://keycloak.example.com/realms/example"}, want: wrongAlg},
		{what: "offline token with the mapped audience", change: claims{"typ": "Offline"}, want: lacks("typ")},
		{what: "other client", change: claims{"azp": "other"}, want: lacks("azp")},
		{what: "another client's service account", change: claims{"azp": "crawler", "clientId": "crawler",
			"preferred_username": "service-account-crawler"}, want: lacks("azp")},
		{what: "its own service account", change: claims{"clientId": "web",
			"preferred_username": "service-account-web"},
			want: has("preferred_username")},
		{what: "without the mapper", change: claims{"aud": "account"}, want: otherAudience},
		{what: "other realm", change: claims{"iss": "https://keycloak.example.com/realms/master"}, want: noIssuer},
	},
}

var keycloakNoMapper = provider{
	alg:   "RS256",
	usual: with(keycloakClaims, claims{"aud": "account"}),
	good: []token{
		{what: "access token", want: "users/" + keycloakUser + "/*"},
		{what: "access token without aud", change: claims{"aud": nil}, want: "users/" + keycloakUser + "/*"},
	},
	bad: []token{
		{what: "ID token", change: claims{"typ": "ID", "aud": "web"}, want: lacks("typ")},
		{what: "other client", change: claims{"azp": "other"}, want: lacks("azp")},
		{what: "other client, without aud", change: claims{"aud": nil, "azp": "other"},
			want: "the token has no aud, and its audienceClaim azp is none of its audiences"},
		{what: "its own service account", change: claims{"clientId": "web",
			"preferred_username": "service-account-web"},
			want: has("preferred_username")},
		{what: "lightweight token", change: claims{"sub": nil}, want: "the token has no sub, which names the user"},
		{what: "other realm", change: claims{"iss": "https://keycloak.example.com/realms/master"}, want: noIssuer},
	},
}

const (
	cognitoUser   = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
	cognitoClient = "4example1client2id3of4cog5"
	cognitoPool   = "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_EXAMPLE"
)

// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
var cognitoAccess = provider{
	alg: "RS256",
	usual: claims{
		"iss": cognitoPool, "sub": cognitoUser, "client_id": cognitoClient, "token_use": "access", "username": "alice",
		"scope": "openid profile", "iat": in(0), "exp": hour, "auth_time": in(0), "version": 2, "jti": "j",
		"origin_jti":     "o",
		"cognito:groups": []string{"member"},
	},
	good: []token{
		{what: "access token", want: "users/" + cognitoUser + "/*"},
		{what: "access token with an aud, by a trigger", change: claims{"aud": cognitoClient},
			want: "users/" + cognitoUser + "/*"},
	},
	bad: []token{
		{what: "ID token", change: claims{"aud": cognitoClient, "client_id": nil, "token_use": "id", "scope": nil},
			want: lacks("token_use")},
		{what: "other client", change: claims{"client_id": "other"},
			want: "the token has no aud, and its audienceClaim client_id is none of its audiences"},
		{what: "another API's token", change: claims{"aud": "https://api.example.com"}, want: otherAudience},
		{what: "machine", change: claims{"sub": "1machine2client", "client_id": "1machine2client", "username": nil},
			want: "the token has no aud, and its audienceClaim client_id is none of its audiences"},
		{what: "other pool", change: claims{"iss": cognitoPool + "2"}, want: noIssuer},
		{what: "refresh token", raw: encrypted, want: notSegments},
	},
}

var cognitoID = provider{
	alg: "RS256",
	usual: claims{
		"iss": cognitoPool, "sub": cognitoUser, "aud": cognitoClient, "token_use": "id", "cognito:username": "alice",
		"iat": in(0), "exp": hour, "auth_time": in(0), "jti": "j", "custom:tenant": "acme", "email_verified": true,
	},
	good: []token{{what: "ID token", want: "acme/" + cognitoUser + "/*"}},
	bad: []token{
		{what: "access token", change: claims{"aud": nil, "client_id": cognitoClient, "token_use": "access"},
			want: "the token has no aud, and it has no audienceClaim"},
		{what: "access token with an aud, by a trigger", change: claims{"token_use": "access"},
			want: lacks("token_use")},
		{what: "other client", change: claims{"aud": "other"}, want: otherAudience},
		{what: "other pool", change: claims{"iss": cognitoPool + "2"}, want: noIssuer},
		{what: "user without a tenant", change: claims{"custom:tenant": nil}, want: "is not in the token"},
	},
}

const firebaseUser = "x2MwVkYpQ3aZbC4dE5fG6hI7jK8l"

// https://firebase.google.com/docs/reference/admin/node/firebase-admin.auth.decodedidtoken
var firebase = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://securetoken.google.com/example-project", "aud": "example-project", "sub": firebaseUser,
		"user_id": firebaseUser, "auth_time": in(0), "iat": in(0), "exp": hour, "email": "a@example.com",
		"email_verified": false, "firebase": claims{"sign_in_provider": "password", "identities": claims{}},
	},
	good: []token{
		{what: "password", want: "users/" + firebaseUser + "/*"},
		{what: "phone", change: claims{"firebase": claims{"sign_in_provider": "phone"}},
			want: "users/" + firebaseUser + "/*"},
	},
	bad: []token{
		{what: "anonymous", change: claims{"provider_id": "anonymous",
			"firebase": claims{"sign_in_provider": "anonymous"}},
			want: lacks("firebase.sign_in_provider")},
		{what: "a login that isn't named", change: claims{"firebase": claims{"sign_in_provider": "facebook.com"}},
			want: lacks("firebase.sign_in_provider")},
		{what: "session cookie", change: claims{"iss": "https://session.firebase.google.com/example-project"},
			want: noIssuer},
		{what: "custom token", change: claims{"iss": "firebase-adminsdk@example-project.iam.gserviceaccount.com",
			"aud": "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"},
			want: noIssuer},
		{what: "other project", change: claims{"iss": "https://securetoken.google.com/other", "aud": "other"},
			want: noIssuer},
		{what: "other project's audience", change: claims{"aud": "other"}, want: otherAudience},
	},
}

// https://docs.github.com/en/actions/reference/security/oidc, with the sample of github/actions-oidc-debugger
var gitHubActions = provider{
	alg: "RS256",
	usual: claims{
		"iss": "https://token.actions.githubusercontent.com", "aud": "cos-credentials", "iat": in(0),
		"nbf": -5 * minute,
		"sub": "repo:github/octo-app:ref:refs/heads/main", "exp": 6 * hour, "ref": "refs/heads/main",
		"ref_type":      "branch",
		"ref_protected": "true", "repository": "github/octo-app", "repository_id": "123456789",
		"repository_owner":    "github",
		"repository_owner_id": "9919", "event_name": "push", "actor": "alice", "jti": "4a576b35",
		"runner_environment": "x",
	},
	good: []token{{what: "push to main", want: "ci/123456789/*"}},
	bad: []token{
		{what: "somebody else's repository", change: claims{"repository_owner": "evil", "repository_owner_id": "666"},
			want: lacks("repository_owner_id")},
		{what: "the owner's name, taken by somebody else", change: claims{"repository_owner_id": "667"},
			want: lacks("repository_owner_id")},
		{what: "pull request", change: claims{"event_name": "pull_request", "ref": "refs/pull/27/merge"},
			want: has("event_name")},
		{what: "pull request's target", change: claims{"event_name": "pull_request_target"}, want: has("event_name")},
		{what: "other branch", change: claims{"ref": "refs/heads/wip"},
			want: "no issuers and when of a grant match it"},
		{what: "the default audience", change: claims{"aud": "https://github.com/github"}, want: otherAudience},
	},
}

// with is a copy of claims with more.
func with(usual, more claims) claims {
	out := claims{}
	for _, some := range []claims{usual, more} {
		for name, value := range some {
			out[name] = value
		}
	}
	return out
}
