package gateway

// Response is one HTTP answer. Body is written as JSON; nil is no body.
type Response struct {
	Status int
	Header map[string]string
	Body   any
}

// Credentials is the answer that the COS client SDKs read. It has the shape of the STS SDKs for Node and Python: the
// SDK for Android parses it itself, those for JavaScript, WeChat, Flutter and iOS show how to map it. Times are seconds
// since 1970.
type Credentials struct {
	Credentials Keys     `json:"credentials"`
	StartTime   int64    `json:"startTime"`
	ExpiredTime int64    `json:"expiredTime"`
	Expiration  string   `json:"expiration"` // ExpiredTime, in ISO 8601 and UTC
	RequestID   string   `json:"requestId"`
	Bucket      string   `json:"bucket"`
	Region      string   `json:"region"`
	Grant       string   `json:"grant"`
	Prefix      string   `json:"prefix"`        // the first of Prefixes, without its *
	Prefixes    []string `json:"prefixes"`      // what the key opens
	Key         string   `json:"key,omitempty"` // the key that the function chose

	Pick    string            `json:"pick,omitempty"`    // the element of the login's claim that fills the prefixes
	Domain  string            `json:"domain,omitempty"`  // the bucket's own host name
	Headers map[string]string `json:"headers,omitempty"` // what every upload must send
}

// Form is the answer of /post-policy: the fields of one signed upload form, named as the vendor's samples read them.
// The form sends key, success_action_status, Content-Type, q-sign-algorithm, q-ak, q-key-time, q-signature, policy,
// x-cos-security-token and, last, file. https://cloud.tencent.com/document/product/436/14690
type Form struct {
	Host          string `json:"cosHost"` // without a scheme
	CosKey        string `json:"cosKey"`  // the same as Key
	Bucket        string `json:"bucket"`
	Region        string `json:"region"`
	Key           string `json:"key"`
	Policy        string `json:"policy"` // base64
	Algorithm     string `json:"qSignAlgorithm"`
	AK            string `json:"qAk"`
	KeyTime       string `json:"qKeyTime"`
	Signature     string `json:"qSignature"`
	SecurityToken string `json:"securityToken"`
	StartTime     int64  `json:"startTime"`
	ExpiredTime   int64  `json:"expiredTime"`
	RequestID     string `json:"requestId"`
	Pick          string `json:"pick,omitempty"`
	Domain        string `json:"domain,omitempty"`

	Fields map[string]string `json:"fields"` // every field that the form sends before the file, by name
}

// Links is the answer of /links. The URLs hold no secret key.
type Links struct {
	Links       []Link `json:"links"`
	StartTime   int64  `json:"startTime"`
	ExpiredTime int64  `json:"expiredTime"` // when the links stop working
	RequestID   string `json:"requestId"`
}

// Link reads one object.
type Link struct {
	Key string `json:"key"`
	URL string `json:"url"`
}

// Keys is the temporary key itself.
type Keys struct {
	TmpSecretID  string `json:"tmpSecretId"`
	TmpSecretKey string `json:"tmpSecretKey"`
	SessionToken string `json:"sessionToken"`
}
