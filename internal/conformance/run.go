package conformance

import "testing"

// Run runs the suite. Each check gets its own Cloud, whose catalog must lead to a
// compute service that answers.
func Run(t *testing.T, newCloud func(*testing.T) *Cloud) {
	for name, check := range map[string]func(*testing.T, *Cloud){
		"answers":                          answers,
		"what an answer about a token has": tokens,
		"the browser's errors":             refusals,

		"sign-in, second run, other project, no scope, refused scope, new sign-in, sign-out": signIns,
		"sign-in by protocol alone":           signInByProtocol,
		"after a revocation, one new sign-in": revokedSignIn,
	} {
		t.Run(name, func(t *testing.T) { check(t, newCloud(t)) })
	}
}
