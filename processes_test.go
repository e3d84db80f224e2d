package websso_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// childVariable holds an order, in JSON, in the environment of a process that a test starts.
const childVariable = "WEBSSO_TEST_SIGN_IN"

// order is what a process is to do.
type order struct {
	Endpoint, Provider, Protocol string
	Scope                        *gophercloud.AuthScope
	Port                         int
	Timeout                      time.Duration
	User, Password               string // without a user, the browser never comes back
	SystemBrowser, Unattended    bool
}

// child carries out the order in the environment and prints a line for each event. The
// user's own cache is used.
func child() {
	var o order
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &o); err != nil {
		fmt.Println("order:", err)
		os.Exit(2)
	}
	opts := websso.AuthOptions{
		IdentityEndpoint: o.Endpoint, IdentityProvider: o.Provider, Protocol: o.Protocol,
		Scope: o.Scope, RedirectPort: o.Port, Timeout: o.Timeout, Unattended: o.Unattended,
		OpenURL: func(url string) error {
			fmt.Println("opened")
			if o.User == "" {
				return nil
			}
			return (&webssotest.Browser{User: o.User, Password: o.Password}).Open(url)
		},
	}
	if o.SystemBrowser {
		opts.OpenURL = nil
	}
	client, err := websso.AuthenticatedClient(context.Background(), opts)
	if err == nil {
		_, err = openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
	}
	if errors.Is(err, websso.ErrTimeout) {
		fmt.Println("timed out")
	}
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("signed in")
}

// process is a child that was started.
type process struct {
	*exec.Cmd
	stdout *bufio.Reader
	output webssotest.Terminal // what the user is told, on standard error
}

// start starts a child in which that user signs in. The variables of env are added to its
// environment.
func start(t testing.TB, env []string, ks *webssotest.Keystone, user string, changes ...func(*websso.AuthOptions)) *process {
	t.Helper()
	p := prepare(t, env, ks, user, changes...)
	must(t, p.Start())
	return p
}

// prepare returns the child of start, not yet started.
func prepare(t testing.TB, env []string, ks *webssotest.Keystone, user string, changes ...func(*websso.AuthOptions)) *process {
	t.Helper()
	opts := ks.AuthOptions()
	for _, change := range changes {
		change(&opts)
	}
	o, err := json.Marshal(order{
		Endpoint: opts.IdentityEndpoint, Provider: opts.IdentityProvider, Protocol: opts.Protocol,
		Scope: opts.Scope, Port: opts.RedirectPort, Timeout: opts.Timeout,
		User: user, Password: browserOf(ks, user).Password, SystemBrowser: opts.OpenURL == nil, Unattended: opts.Unattended,
	})
	must(t, err)
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.Env = append(append(os.Environ(), env...), childVariable+"="+string(o))
	p.Stderr = &p.output
	stdout, err := p.StdoutPipe()
	must(t, err)
	p.stdout = bufio.NewReader(stdout)
	return p
}

// opened waits until the child opens its browser.
func (p *process) opened(t testing.TB) {
	t.Helper()
	if got, _ := p.stdout.ReadString('\n'); got != "opened\n" {
		t.Fatalf("got %q from the process, want that it opens a browser\n%s", got, &p.output)
	}
}

// end waits for the child and returns what it printed from here on.
func (p *process) end() (string, error) {
	rest, _ := io.ReadAll(p.stdout)
	return string(rest), p.Wait()
}

// signedIn waits for all processes, each of which must succeed, and returns how many of
// them opened a browser.
func signedIn(t testing.TB, all ...*process) (opened int) {
	t.Helper()
	for i, p := range all {
		out, err := p.end()
		opened += strings.Count(out, "opened")
		if err != nil || !strings.Contains(out, "signed in") {
			t.Errorf("process %d: got %q, %v; want a sign-in\n%s", i, out, err, &p.output)
		}
	}
	return opened
}

// TestOneBrowserForProcesses starts many processes at once when nothing is cached, two for each
// project: one browser opens, and no token is lost.
func TestOneBrowserForProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ks := webssotest.NewKeystone(t)
	n := 12
	if os.Getenv("WEBSSO_TEST_LONG") != "" {
		n = 50
	}
	manyProjects(ks, n)
	var all []*process
	for i := range 2 * n {
		all = append(all, start(t, cacheIn(dir), ks, "eve", func(o *websso.AuthOptions) {
			o.Scope, o.Timeout = project(fmt.Sprint("p", i/2)), 2*time.Minute
		}))
	}
	if opened := signedIn(t, all...); opened != 1 || ks.Logins() != 1 {
		t.Errorf("got %d browsers and %d logins, want 1 of each", opened, ks.Logins())
	}
	// The look, one about the unscoped token, one that ends the first trip's, and one for
	// each project.
	wantRequests(t, ks, 3+n)
	opts := ks.AuthOptions()
	opts.Cache = websso.NewFileCache(filepath.Join(dir, "gophercloud-websso"))
	if got, err := websso.Status(opts); err != nil || len(got.Scopes) != n {
		t.Errorf("got status %+v, %v; want %d scopes", got, err, n)
	}
}

// TestWaitEndsWithTheOtherSignIn cancels the sign-in that another one in this process
// waits for.
func TestWaitEndsWithTheOtherSignIn(t *testing.T) {
	t.Parallel()
	ks := webssotest.NewKeystone(t)
	a := begin(t, ks)
	b := launch(t.Context(), t, newClient(t, ks), ks.AuthOptions())
	await(t, b.output, `to finish \(this program\)`)
	a.cancel()
	b.want("alice")
}

// TestTwoCloudsOnePort shows that sign-ins to different clouds take turns on one port.
func TestTwoCloudsOnePort(t *testing.T) {
	t.Parallel()
	env := cacheIn(t.TempDir())
	one, two := webssotest.NewKeystone(t), webssotest.NewKeystone(t)
	trust(two, one.AuthOptions().RedirectPort)
	onePort := func(o *websso.AuthOptions) { o.RedirectPort = one.AuthOptions().RedirectPort }
	var all []*process
	for range 3 {
		all = append(all, start(t, env, one, "alice"), start(t, env, two, "bob", onePort))
	}
	signedIn(t, all...)
	wantSignIns(t, one, 1)
	wantSignIns(t, two, 1)
}
