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
)

// TestSignIn is what a person sees: the login form once, then a page that says who
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
		if text := p.outcome(true); !strings.Contains(text, "You are signed in to "+c.endpoint+" as dwho") {
			t.Errorf("the page does not say who signed in to what:\n%s", text)
		}
		a.signedIn("dwho")
		if got, want := c.requests(t, a.agent), []string{"GET /v3/auth/tokens", "POST /v3/auth/tokens"}; !slices.Equal(got, want) {
			t.Errorf("the sign-in asked Keystone %q, want %q", got, want)
		}
		checkServers(t, a.client)

		t.Run("again", func(t *testing.T) {
			agent := newAgent()
			client := c.client(t, agent)
			opts.OpenURL = func(string) error {
				t.Error("a browser was opened")
				return nil
			}
			must(t, websso.Authenticate(t.Context(), client, opts))
			if got := c.requests(t, agent); len(got) > 0 {
				t.Errorf("the second sign-in asked Keystone %q", got)
			}
			checkServers(t, client)
		})
	})
}

// TestRevoked ends a sign-in at the server. The next use finds out, and the person is
// asked once.
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

		opts.Scope, opts.AllowReauth, opts.Output = project("demo"), true, &screen{}
		opened := make(chan string, 10)
		opts.OpenURL = func(url string) error {
			opened <- url
			return nil
		}
		client := c.client(t, newAgent())
		must(t, websso.Authenticate(t.Context(), client, opts))
		c.revoke(t, client.Token(), first.client.Token())

		served := make(chan error, 1)
		go func() { served <- listServers(t, client) }()
		select {
		case url := <-opened:
			// The identity provider still knows the person: there is no form.
			open(t, b, url).outcome(true)
		case err := <-served:
			t.Fatalf("nobody was asked to sign in: %v", err)
		case <-time.After(patience):
			t.Fatal("nobody was asked to sign in")
		}
		select {
		case err := <-served:
			must(t, err)
		case <-time.After(patience):
			t.Fatal("the request that found the token dead does not end")
		}
		if len(opened) > 0 {
			t.Errorf("the browser was opened %d times more", len(opened))
		}
	})
}

// TestUntrustedPort signs in at a port that Keystone does not trust. The browser then
// shows Keystone's error, and only the program can say what to do.
func TestUntrustedPort(t *testing.T) {
	c := realCloud(t)
	inEachEngine(t, func(t *testing.T, e engine) {
		t.Parallel() // what counts is how long it takes
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
			t.Errorf("the time-out does not say what keystone.conf needs: %v", err)
		}
	})
}

// who is whose token a client has.
func who(t *testing.T, client *gophercloud.ProviderClient) string {
	t.Helper()
	result, ok := client.GetAuthResult().(tokens.CreateResult)
	if !ok {
		t.Fatalf("the client has an auth result of type %T", client.GetAuthResult())
	}
	user, err := result.ExtractUser()
	must(t, err)
	return user.Name
}

func checkServers(t *testing.T, client *gophercloud.ProviderClient) {
	t.Helper()
	must(t, listServers(t, client))
}

// listServers asks the compute service, as the catalog names it.
func listServers(t *testing.T, client *gophercloud.ProviderClient) error {
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: "RegionOne"})
	if err != nil {
		return err
	}
	listed, err := servers.ListSimple(compute, servers.ListOpts{}).AllPages(t.Context())
	if err != nil {
		return err
	}
	found, err := servers.ExtractServers(listed)
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0].Name != "server of dwho in demo" {
		return errors.New("the compute service listed " + listed.(servers.ServerPage).PageResult.PrettyPrintJSON())
	}
	return nil
}
