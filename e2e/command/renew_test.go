package command_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestLongRuns runs testdata/long: commands that outlive two tokens.
func TestLongRuns(t *testing.T) {
	lifetime, err := strconv.Atoi(os.Getenv("WEBSSO_E2E_TOKEN_LIFETIME"))
	if err != nil || os.Getenv("WEBSSO_E2E_KEYSTONE") == "" {
		t.Skip("there is no Keystone here whose tokens end soon; e2e/renew sets one up")
	}
	program := build(t)
	locks := t.TempDir()
	runScripts(t, "testdata/long", func(env *testscript.Env) error {
		env.Setenv("RUN_FOR", (time.Duration(lifetime) * time.Second * 22 / 10).String())
		return atReal(env, program, locks)
	})
}

// keepAsking makes a request each half second for as long as RUN_FOR says, and none of them
// may fail. It prints how many tokens that took.
func keepAsking(identity *gophercloud.ServiceClient) {
	if os.Getenv("RUN_FOR") == "" {
		return
	}
	limit, err := time.ParseDuration(os.Getenv("RUN_FOR"))
	check(err)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	tokens := map[string]bool{}
	for end := time.Now().Add(limit); time.Now().Before(end); <-tick.C {
		_, err := projects.ListAvailable(identity).AllPages(context.Background())
		check(err)
		tokens[identity.Token()] = true
	}
	fmt.Println("tokens", len(tokens))
}

// tryCredential signs in with the application credential in the environment, at
// TRY_AUTH_URL if that is set, and prints the status of the answer.
func tryCredential() {
	url := os.Getenv("OS_AUTH_URL")
	if other := os.Getenv("TRY_AUTH_URL"); other != "" {
		url = other
	}
	request := fmt.Sprintf(`{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":%q,"secret":%q}}}}`,
		os.Getenv("OS_APPLICATION_CREDENTIAL_ID"), os.Getenv("OS_APPLICATION_CREDENTIAL_SECRET"))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/auth/tokens", strings.NewReader(request))
	check(err)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Println("no answer")
		return
	}
	answer.Body.Close()
	fmt.Println(answer.StatusCode, answer.Header.Get("X-Subject-Token") != "")
}
