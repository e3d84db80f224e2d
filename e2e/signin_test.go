package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/e2e/browsers"
	"github.com/gophercloud-websso/websso/webssotest"
)

// TestSignIn checks what a user sees: the login form once, then a page that says who
// signed in, and a program that works.
func TestSignIn(t *testing.T) {
	c := realCloud(t)
	serveCompute(t, c)
	inEachEngine(t, func(t *testing.T, e engine) {
		b := e.browser(t, browsers.Options{})
		opts := c.options()
		a := c.begin(t, opts)
		p := open(t, b, a.url)
		p.logIn("dwho")
		if text := p.outcome(true); !strings.Contains(text, "You are signed in") || !strings.Contains(text, "keystone.websso.test") || !strings.Contains(text, "dwho") {
			t.Errorf("got page\n%s\nwant it to say who signed in to what", text)
		}
		a.signedIn("dwho")
		if got := c.asked(t, a.agent); !slices.Equal(got, oneSignIn) {
			t.Errorf("got requests %q, want %q", got, oneSignIn)
		}
		checkServer(t, a.client, "dwho")

		t.Run("again", func(t *testing.T) {
			agent := newAgent()
			client := c.client(t, agent)
			opts.OpenURL = func(string) error {
				t.Error("got an opened browser, want none")
				return nil
			}
			must(t, websso.Authenticate(t.Context(), client, opts))
			if got := c.requests(t, agent); len(got) > 0 {
				t.Errorf("got requests %q for the second sign-in, want none", got)
			}
			checkServer(t, client, "dwho")
		})
	})
}

// TestRevoked revokes a sign-in at the server. The next request notices, and the
// browser opens once.
func TestRevoked(t *testing.T) {
	c := realCloud(t)
	serveCompute(t, c)
	inEachEngine(t, func(t *testing.T, e engine) {
		b := e.browser(t, browsers.Options{})
		opts := c.options()
		opts.Scope = nil
		first := c.begin(t, opts)
		p := open(t, b, first.url)
		p.logIn("dwho")
		first.signedIn("dwho")

		shown := new(webssotest.Terminal)
		opts.Scope, opts.AllowReauth, opts.Output = project("demo"), true, shown
		opened := make(chan string, 10)
		opts.OpenURL = func(url string) error {
			opened <- url
			return nil
		}
		client := c.client(t, newAgent())
		must(t, websso.Authenticate(t.Context(), client, opts))
		c.revoke(t, client.Token(), first.client.Token())

		served := make(chan error, 1)
		go func() {
			_, err := server(t, client)
			served <- err
		}()
		// The identity provider remembers the user and shows no form.
		open(t, b, opens(t, opened, served, shown)).outcome(true)
		must(t, ends(t, served, shown))
		checkServer(t, client, "dwho")
		if len(opened) > 0 {
			t.Errorf("got %d more opened browsers, want none", len(opened))
		}
	})
}

// TestUntrustedPort signs in with a port that Keystone does not trust. The browser then
// shows Keystone's error, and only the program can tell the user what to do.
func TestUntrustedPort(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		t.Parallel() // each waits for its time-out
		b := e.browser(t, browsers.Options{})
		port := e.untrusted
		opts := c.options()
		opts.RedirectPort, opts.Timeout = port, 15*time.Second
		a := c.begin(t, opts)
		p := open(t, b, a.url)
		p.logIn("dwho")
		p.wait(`location.host === "keystone.websso.test" && document.body.innerText.includes("401")`)
		err := a.end()
		if !errors.Is(err, websso.ErrTimeout) || !strings.Contains(err.Error(), fmt.Sprintf("\n  trusted_dashboard = http://localhost:%d/auth/websso/\n", port)) {
			t.Errorf("got %v, want ErrTimeout with the line that keystone.conf needs", err)
		}
	})
}

// who returns the name of the user whose token a client has.
func who(t *testing.T, client *gophercloud.ProviderClient) string {
	t.Helper()
	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		t.Fatalf("got auth result of type %T, want tokens.CreateResult", client.GetAuthResult())
	}
	user, err := result.ExtractUser()
	must(t, err)
	return user.Name
}

// checkServer checks that the compute service lists the one server that a user has in demo.
func checkServer(t *testing.T, client *gophercloud.ProviderClient, user string) {
	t.Helper()
	got, err := server(t, client)
	must(t, err)
	if want := "server of " + user + " in demo"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// server asks the compute service that the catalog names for its one server.
func server(t *testing.T, client *gophercloud.ProviderClient) (string, error) {
	t.Helper()
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: "RegionOne"})
	if err != nil {
		return "", err
	}
	listed, err := servers.ListSimple(compute, servers.ListOpts{}).AllPages(t.Context())
	if err != nil {
		return "", err
	}
	found, err := servers.ExtractServers(listed)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("got %d servers, want 1", len(found))
	}
	if err != nil {
		return "", err
	}
	return found[0].Name, nil
}
