package command_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gophercloud-websso/websso/webssotest"
)

// described is Keystone's description of a token.
type described struct {
	Token struct {
		User    struct{ Name, ID string }
		Project struct{ Name, ID string }
	}
}

// A tokenAPI asks Keystone about tokens for the scripts.
type tokenAPI struct {
	url    string
	client *http.Client
}

func newTokenAPI(getenv func(string) string) *tokenAPI {
	return &tokenAPI{getenv("AUTH_URL") + "/auth/tokens", &http.Client{Transport: &http.Transport{TLSClientConfig: trusting(getenv("BROWSER_CA"))}}}
}

// ask sends a request about a token, authenticated with that token.
func (api *tokenAPI) ask(ctx context.Context, method, token string) (about described, status int, err error) {
	r, err := http.NewRequestWithContext(ctx, method, api.url, http.NoBody)
	if err != nil {
		return about, 0, err
	}
	r.Header.Set("X-Auth-Token", token)
	r.Header.Set("X-Subject-Token", token)
	answer, err := api.client.Do(r)
	if err != nil {
		return about, 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		err = json.NewDecoder(answer.Body).Decode(&about)
	}
	return about, answer.StatusCode, err
}

// tokenIn reads a file that holds nothing but a token.
func tokenIn(ts *testscript.TestScript, file string) string {
	text := ts.ReadFile(file)
	token := strings.TrimSuffix(text, "\n")
	if !regexp.MustCompile(`^gAAAAA[A-Za-z0-9_=-]+$`).MatchString(token) {
		ts.Fatalf("%s: got %q, want a token", file, text)
	}
	return token
}

// alive checks that a file holds nothing but a token, and that Keystone knows it as that
// user's for that project ("-" for an unscoped one). These requests don't count.
func alive(ts *testscript.TestScript, neg bool, args []string) {
	token := tokenIn(ts, args[0])
	about, status, err := newTokenAPI(ts.Getenv).ask(context.Background(), http.MethodGet, token)
	ts.Check(err)
	if neg {
		if status == http.StatusOK {
			ts.Fatalf("the token is valid, want it revoked")
		}
		return
	}
	project := about.Token.Project.Name
	if project == "" {
		project = "-"
	}
	if status != http.StatusOK || about.Token.User.Name != args[1] || project != args[2] {
		ts.Fatalf("got status %d, %+v, want user %s and project %s", status, about, args[1], args[2])
	}
	if k, ok := ts.Value(keystoneKey{}).(*webssotest.Keystone); ok {
		k.ResetRequests()
	}
}

// revoke revokes the token in a file.
func revoke(ts *testscript.TestScript, neg bool, args []string) {
	_, status, err := newTokenAPI(ts.Getenv).ask(context.Background(), http.MethodDelete, tokenIn(ts, args[0]))
	ts.Check(err)
	if neg || status != http.StatusNoContent {
		ts.Fatalf("got status %d, want 204", status)
	}
	if k, ok := ts.Value(keystoneKey{}).(*webssotest.Keystone); ok {
		k.ResetRequests()
	}
}
