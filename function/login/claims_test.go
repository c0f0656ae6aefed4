package login

import "testing"

// What was read once is read again unless the bytes are the same, and an error leaves nothing behind.
func TestClaimSetIsReadAgain(t *testing.T) {
	var claims claimSet
	for range 2 {
		if err := claims.UnmarshalJSON([]byte(claimsWith("sub", "5"))); err == nil || claims.all != nil {
			t.Fatal(err, claims.all)
		}
	}
	for _, sub := range []string{"alice", "bob", "bob"} {
		if err := claims.UnmarshalJSON([]byte(claimsWith("sub", `"`+sub+`"`))); err != nil || claims.subject != sub {
			t.Fatal(err, claims.subject)
		}
	}
	if err := claims.UnmarshalJSON([]byte(`{}`)); err == nil {
		t.Error("accepted")
	}
}
