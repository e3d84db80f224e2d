package websso_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adrg/xdg"
	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
)

// childVariable holds what a process of the test's is to do.
const childVariable = "WEBSSO_TEST_SIGN_IN"

// child signs in with the user's own cache, in a process of its own, and prints how
// that went.
func child() {
	var o struct {
		Endpoint, Provider, Protocol string
		Scope                        *gophercloud.AuthScope
		Port                         int
		Timeout                      time.Duration
		User, Password               string
		SystemBrowser                bool
	}
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &o); err != nil {
		fmt.Println("order:", err)
		os.Exit(2)
	}
	opts := websso.AuthOptions{
		IdentityEndpoint: o.Endpoint, IdentityProvider: o.Provider, Protocol: o.Protocol,
		Scope: o.Scope, RedirectPort: o.Port, Timeout: o.Timeout,
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
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("signed in")
}

// process is a child that runs.
type process struct {
	*exec.Cmd
	out    *bufio.Reader
	stderr bytes.Buffer
}

// start runs a child as user, or as nobody who ever comes back.
func start(t testing.TB, ks *webssotest.Keystone, user string, changes ...func(*websso.AuthOptions)) *process {
	t.Helper()
	opts := ks.AuthOptions()
	for _, change := range changes {
		change(&opts)
	}
	o, err := json.Marshal(map[string]any{
		"Endpoint": opts.IdentityEndpoint, "Provider": opts.IdentityProvider, "Protocol": opts.Protocol,
		"Scope": opts.Scope, "Port": opts.RedirectPort, "Timeout": opts.Timeout,
		"User": user, "Password": browserOf(ks, user).Password, "SystemBrowser": opts.OpenURL == nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.Env = append(os.Environ(), childVariable+"="+string(o))
	p.Stderr = &p.stderr
	r, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(r)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// line is the next one that the child prints.
func (p *process) line() string {
	s, _ := p.out.ReadString('\n')
	return strings.TrimSpace(s)
}

// end waits for the child and returns all that it printed from here on.
func (p *process) end() (string, error) {
	rest, _ := io.ReadAll(p.out)
	return string(rest), p.Wait()
}

// ownCache gives the test, and the processes it starts, a cache directory.
func ownCache(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	return filepath.Join(dir, "gophercloud-websso")
}

// TestOneBrowserForProcesses starts many at once, cold.
func TestOneBrowserForProcesses(t *testing.T) {
	ownCache(t)
	ks := webssotest.NewKeystone(t)
	var all []*process
	for i := range 20 {
		all = append(all, start(t, ks, "alice", func(o *websso.AuthOptions) {
			if i%2 == 0 {
				o.Scope = project("lab")
			}
		}))
	}
	opened := 0
	for i, p := range all {
		out, err := p.end()
		opened += strings.Count(out, "opened")
		if err != nil || !strings.Contains(out, "signed in") {
			t.Errorf("process %d: %v %s %s", i, err, out, &p.stderr)
		}
	}
	if opened != 1 || ks.Logins() != 1 {
		t.Errorf("%d browsers, %d logins", opened, ks.Logins())
	}
	// One about the token, and one for each project: not one for each process.
	if n := ks.APIRequests(); len(n) != 3 {
		t.Errorf("%d requests to Keystone: %v", len(n), n)
	}
}

func TestOneBrowserForGoroutines(t *testing.T) {
	for name, cache := range map[string]websso.Cache{"memory": &websso.MemoryCache{}, "files": nil, "nowhere": websso.NewFileCache("/proc/self/nowhere")} {
		t.Run(name, func(t *testing.T) {
			ownCache(t)
			ks := webssotest.NewKeystone(t)
			var wg sync.WaitGroup
			for range 30 {
				wg.Go(func() {
					opts := ks.AuthOptions()
					opts.Cache = cache
					client := newClient(t, ks)
					if err := websso.Authenticate(t.Context(), client, opts); err != nil {
						t.Error(err)
						return
					}
					if _, err := serverNames(t, client); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := ks.SignIns(); n != 1 {
				t.Errorf("%d sign-ins", n)
			}
		})
	}
}

func TestHolderCancelled(t *testing.T) {
	ownCache(t)
	ks := webssotest.NewKeystone(t)
	a := begin(t, ks)
	var out transcript
	opts := ks.AuthOptions()
	opts.Output = &out
	done := make(chan error, 1)
	go func() { done <- websso.Authenticate(t.Context(), newClient(t, ks), opts) }()
	out.await(t, `to finish \(this program\)`)
	a.cancel()
	select {
	case err := <-done:
		must(t, err)
	case <-time.After(limit):
		t.Fatal("still waiting")
	}
}

func TestWaiterHonoursContext(t *testing.T) {
	ownCache(t)
	ks := webssotest.NewKeystone(t)
	begin(t, ks)
	ctx, cancel := context.WithCancel(t.Context())
	var out transcript
	opts := ks.AuthOptions()
	opts.Output = &out
	done := make(chan error, 1)
	go func() { done <- websso.Authenticate(ctx, newClient(t, ks), opts) }()
	out.await(t, "waiting up to")
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	case <-time.After(limit):
		t.Fatal("still waiting")
	}
}

// Two clouds on one port take turns.
func TestTwoCloudsOnePort(t *testing.T) {
	ownCache(t)
	one, two := webssotest.NewKeystone(t), webssotest.NewKeystone(t)
	trust(two, one.AuthOptions().RedirectPort)
	onePort := func(o *websso.AuthOptions) { o.RedirectPort = one.AuthOptions().RedirectPort }
	var all []*process
	for range 3 {
		all = append(all, start(t, one, "alice"), start(t, two, "bob", onePort))
	}
	for _, p := range all {
		if out, err := p.end(); err != nil {
			t.Errorf("%v %s %s", err, out, &p.stderr)
		}
	}
	if one.SignIns() != 1 || two.SignIns() != 1 {
		t.Errorf("%d and %d sign-ins", one.SignIns(), two.SignIns())
	}
}

// Those who keep scopes at the same time lose none of them.
func TestNoScopeIsLost(t *testing.T) {
	ownCache(t)
	ks := webssotest.NewKeystone(t)
	n := 25
	if os.Getenv("WEBSSO_TEST_LONG") != "" {
		n = 100
	}
	user := webssotest.User{Name: "eve", Password: "x"}
	for i := range n {
		user.Projects = append(user.Projects, webssotest.Project{Name: fmt.Sprint("p", i)})
	}
	ks.SetUser(user)
	var all []*process
	for i := range n {
		all = append(all, start(t, ks, "eve", func(o *websso.AuthOptions) { o.Scope = project(fmt.Sprint("p", i)) }))
	}
	for _, p := range all {
		if out, err := p.end(); err != nil {
			t.Errorf("%v %s %s", err, out, &p.stderr)
		}
	}
	opts := ks.AuthOptions()
	opts.Cache = nil
	status, err := websso.Status(opts)
	if err != nil || len(status.Scopes) != n {
		t.Errorf("status %+v, %v", status, err)
	}
	if n := ks.SignIns(); n != 1 {
		t.Errorf("%d sign-ins", n)
	}
}
