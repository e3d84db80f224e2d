package webssotest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest/internal/certs"
	"github.com/gophercloud-websso/websso/webssotest/internal/freeport"
)

// A Keystone is an identity service with WebSSO, two identity providers and a compute
// service, all on 127.0.0.1. Create one with [NewKeystone], [NewTLSKeystone] or
// [StartKeystone]; the zero value is not usable. It is safe for concurrent use.
//
// These users can sign in; [Keystone.SetUser] adds others:
//
//	alice   password "wonderland", projects demo and lab
//	bob     password "builder", projects demo and vault
//	carol   password "singer", no project
//	admin   password "secret", for the methods password and application_credential
//	        only: no identity provider knows admin; project demo, and the system
type Keystone struct {
	cloud    *cloud
	port     int    // of sign-ins
	release  func() // lets others have the port; nil if there is none
	cache    websso.MemoryCache
	terminal Terminal
	browser  *Browser
	certs    *certs.Set // nil without TLS
	servers  []*http.Server
	stop     context.CancelFunc
}

// NewKeystone starts a Keystone for a test. It is closed when the test ends. If the
// test failed, its log then has the requests to the Keystone and what the user read.
// If the Keystone can't be started, the test fails at once.
func NewKeystone(tb testing.TB) *Keystone {
	tb.Helper()
	k, err := StartKeystone()
	return forTest(tb, k, err)
}

// NewTLSKeystone is [NewKeystone] with HTTPS and a certificate authority of its own:
// see [Keystone.TLSConfig].
func NewTLSKeystone(tb testing.TB) *Keystone {
	tb.Helper()
	set, err := certs.New()
	if err != nil {
		tb.Fatal("webssotest:", err)
	}
	k, err := start(set)
	return forTest(tb, k, err)
}

func forTest(tb testing.TB, k *Keystone, err error) *Keystone {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		k.Close()
		if tb.Failed() {
			for _, r := range k.cloud.journal.list() {
				tb.Log(r)
			}
			tb.Logf("the user read:\n%s", &k.terminal)
		}
	})
	return k
}

// StartKeystone starts a Keystone for a program that is not a test, such as a demo.
// The caller should call Close when finished. It returns an error if the system has no
// free port.
func StartKeystone() (*Keystone, error) { return start(nil) }

func start(set *certs.Set) (*Keystone, error) {
	ctx, stop := context.WithCancel(context.Background())
	k := &Keystone{certs: set, stop: stop, cloud: newCloud(set != nil)}
	if err := k.listen(ctx); err != nil {
		k.Close()
		return nil, fmt.Errorf("webssotest: %w", err)
	}
	user := firstUsers()[0]
	k.browser = &Browser{User: user.Name, Password: user.Password, TLS: k.TLSConfig(), Code: k.terminal.Code}
	return k, nil
}

// listen starts the servers and chooses the port for sign-ins.
func (k *Keystone) listen(ctx context.Context) (err error) {
	c := k.cloud
	c.mu.Lock() // requests of other processes come as soon as there is a server
	defer c.mu.Unlock()
	if k.port, k.release, err = freeport.New(); err != nil {
		return err
	}
	c.config.TrustedDashboards = []string{fmt.Sprintf("http://localhost:%d/auth/websso/", k.port)}
	c.url, err = k.serve(ctx, c.wrap(c.identity(), isForBrowsers), k.wantsClientCert)
	if err != nil {
		return err
	}
	all := func(*http.Request) bool { return true }
	c.provider, err = k.serve(ctx, c.wrap(c.identityProvider(), all), func() bool { return false })
	return err
}

// serve serves handler on a free port and returns its URL.
func (k *Keystone) serve(ctx context.Context, handler http.Handler, wantsClientCert func() bool) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	url := "http://" + l.Addr().String()
	if k.certs != nil {
		url = "https://" + l.Addr().String()
		l = tls.NewListener(l, k.certs.ServerConfig(wantsClientCert))
	}
	s := &http.Server{
		Handler:           handler,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 30 * time.Second,
		// Clients that refuse the certificate are part of some tests.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	k.servers = append(k.servers, s)
	go func() { _ = s.Serve(l) }()
	return url, nil
}

// Close stops the Keystone and closes the tabs of its Browser. It waits for requests
// that are being answered: see [Config].Intercept. Calling it again does nothing.
func (k *Keystone) Close() {
	k.cloud.mu.Lock()
	closed := k.cloud.closing
	k.cloud.closing = true
	k.cloud.mu.Unlock()
	if closed {
		return
	}
	if k.browser != nil {
		k.browser.Close()
	}
	// Close connections before contexts end: no client gets half an answer.
	for _, s := range k.servers {
		s.Close()
	}
	k.stop()
	k.cloud.handlers.Wait()
	if k.release != nil {
		k.release()
	}
	if k.certs != nil {
		k.certs.Remove()
	}
}

// URL returns Keystone's address, without /v3 and without a trailing slash. The same
// Keystone also answers below URL()+"/identity", for tests of clouds that have it on a
// path.
func (k *Keystone) URL() string { return k.cloud.url }

// AuthOptions returns options that are ready to use: alice signs in to the project
// demo with the Keystone's own [Browser]. The port is free on both loopback addresses
// and the Keystone trusts it. Cache, browser and port are the same for each call, so
// that a second sign-in finds the tokens of the first. The cache is in memory, and
// Output is [Keystone.Terminal].
//
// With HTTPS the client needs [Keystone.TLSConfig].
func (k *Keystone) AuthOptions() websso.AuthOptions {
	return websso.AuthOptions{
		IdentityEndpoint: k.URL() + "/v3",
		IdentityProvider: IdentityProvider,
		Protocol:         Protocol,
		Scope:            &gophercloud.AuthScope{ProjectName: "demo", DomainName: defaultDomain},
		RedirectPort:     k.port,
		Timeout:          30 * time.Second,
		Cache:            &k.cache,
		OpenURL:          k.browser.Open,
		Output:           &k.terminal,
	}
}

// ApplyTo sets the fields of opts for which a clouds.yaml has no keys to those of
// AuthOptions: Cache, OpenURL, Output and Timeout. Without it, a tool that reads
// [Keystone.CloudsYAML] opens the real browser and uses the cache of the user who runs
// the test. It fits clouds.WithAuthOptions.
func (k *Keystone) ApplyTo(opts *websso.AuthOptions) {
	from := k.AuthOptions()
	opts.Cache, opts.OpenURL, opts.Output, opts.Timeout = from.Cache, from.OpenURL, from.Output, from.Timeout
}

// Browser returns the browser of AuthOptions: a test can change its fields before a
// sign-in.
func (k *Keystone) Browser() *Browser { return k.browser }

// Terminal returns the Output of AuthOptions: what the user reads.
func (k *Keystone) Terminal() *Terminal { return &k.terminal }

// CloudsYAML returns a clouds.yaml with three clouds: "websso" is the one of
// AuthOptions, "password" and "application_credential" sign in as admin with those
// methods. With HTTPS, it names the files of [Keystone.TLSFiles].
//
// A test of a tool that takes options of package clouds gives it both the file and
// [Keystone.ApplyTo]:
//
//	clouds.WithCloudsYAML(strings.NewReader(cloud.CloudsYAML())),
//	clouds.WithCloudName("websso"),
//	clouds.WithAuthOptions(cloud.ApplyTo),
func (k *Keystone) CloudsYAML() string {
	var tls strings.Builder
	if k.certs != nil {
		fmt.Fprintf(&tls, "    cacert: %q\n", k.certs.CA)
		if k.wantsClientCert() {
			fmt.Fprintf(&tls, "    cert: %q\n    key: %q\n", k.certs.Cert, k.certs.Key)
		}
	}
	cloud := func(name, authType, options, auth string) string {
		return fmt.Sprintf("  %s:\n    auth_type: %s\n    region_name: %s\n%s%s    auth:\n      auth_url: %s/v3\n%s",
			name, authType, Region, &tls, options, k.URL(), auth)
	}
	const project = "      project_name: demo\n      project_domain_name: " + defaultDomain + "\n"
	k.cloud.mu.Lock()
	admin := *k.cloud.users["admin"]
	k.cloud.mu.Unlock()
	return "clouds:\n" +
		cloud("websso", "v3websso",
			fmt.Sprintf("    identity_provider: %s\n    protocol: %s\n    redirect_port: %d\n", IdentityProvider, Protocol, k.port),
			project) +
		cloud("password", "password", "",
			fmt.Sprintf("      username: %s\n      password: %s\n      user_domain_name: %s\n", admin.Name, admin.Password, defaultDomain)+project) +
		cloud("application_credential", "v3applicationcredential", "",
			fmt.Sprintf("      application_credential_id: %s\n      application_credential_secret: %s\n", credentialID, credentialSecret))
}

// TLSConfig returns the configuration of a client that trusts the Keystone; it has a
// client certificate too. Without HTTPS it is nil. The caller owns it.
func (k *Keystone) TLSConfig() *tls.Config {
	if k.certs == nil {
		return nil
	}
	return k.certs.ClientConfig()
}

// TLSFiles returns the paths of PEM files with the certificate authority, and with a
// client certificate and its key. Close removes them. Without HTTPS the
// paths are empty.
func (k *Keystone) TLSFiles() (ca, cert, key string) {
	if k.certs == nil {
		return "", "", ""
	}
	return k.certs.CA, k.certs.Cert, k.certs.Key
}

func (k *Keystone) wantsClientCert() bool { return k.cloud.configured().Quirks.WantClientCert }

// Configure changes how the Keystone behaves, from the next request on. It calls
// change once, with the current configuration; change must not call methods of k.
func (k *Keystone) Configure(change func(*Config)) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	k.cloud.config.TrustedDashboards = slices.Clone(k.cloud.config.TrustedDashboards)
	change(&k.cloud.config)
}
