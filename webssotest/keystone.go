package webssotest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud/gophercloud/v2"
)

// What the cloud of every Keystone is called.
const (
	IdentityProvider      = "acme"   // the one that AuthOptions names
	OtherIdentityProvider = "citrus" // knows the same people, as other users of Keystone
	Protocol              = "openid" // both identity providers have "mapped" as well
	Region                = "RegionOne"
)

// Keystone is an identity service with WebSSO, its two identity providers, and a
// compute service, all on 127.0.0.1. Get one from [NewKeystone] or [StartKeystone].
// Its methods may be called from several goroutines at once.
//
// It begins with these people; [Keystone.SetUser] adds to them:
//
//	alice   password "wonderland", projects demo and lab
//	bob     password "builder", projects demo and vault
//	carol   password "singer", no project
//	admin   password "secret", known to Keystone itself and to no identity provider:
//	        for the methods password and application_credential; project demo, and
//	        the system
type Keystone struct {
	url      string // of Keystone, without /v3
	provider string // URL of the identity providers
	port     int    // that sign-ins come back to
	cache    websso.MemoryCache
	terminal Terminal
	journal  journal
	browser  *Browser
	files    *certificates // nil without TLS

	servers  []*http.Server
	handlers sync.WaitGroup
	stop     context.CancelFunc

	mu       sync.Mutex
	closing  bool
	config   Config
	users    map[string]*User // by name
	names    []string         // of the users, in the order they came
	projects []Project
	trusts   map[string]trust
	tokens   map[string]*token
	issued   int // tokens, ever
	flows    map[string]flow
	codes    map[string]session
	sessions map[string]session
	logins   int
	signIns  int
}

// NewKeystone starts a Keystone that is closed when the test ends. Where the test
// failed, what was asked of it and what the person was told go to the test's log.
func NewKeystone(tb testing.TB) *Keystone {
	tb.Helper()
	return begin(tb, StartKeystone)
}

// NewTLSKeystone is [NewKeystone] over HTTPS, with a certificate authority of its
// own: see [Keystone.TLSConfig].
func NewTLSKeystone(tb testing.TB) *Keystone {
	tb.Helper()
	return begin(tb, StartTLSKeystone)
}

func begin(tb testing.TB, start func() (*Keystone, error)) *Keystone {
	tb.Helper()
	k, err := start()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		k.Close()
		if tb.Failed() {
			for _, r := range k.Requests() {
				tb.Log(r)
			}
			tb.Logf("the person was told:\n%s", &k.terminal)
		}
	})
	return k
}

// StartKeystone starts a Keystone for a program that is no test. The caller should
// call Close when finished.
func StartKeystone() (*Keystone, error) {
	return startKeystone(nil)
}

// StartTLSKeystone is [StartKeystone] over HTTPS, with a certificate authority of its
// own.
func StartTLSKeystone() (*Keystone, error) {
	files, err := newCertificates()
	if err != nil {
		return nil, fmt.Errorf("webssotest: %w", err)
	}
	k, err := startKeystone(files)
	if err != nil {
		files.remove()
	}
	return k, err
}

func startKeystone(files *certificates) (*Keystone, error) {
	port, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("webssotest: %w", err)
	}
	k := &Keystone{
		port:     port,
		files:    files,
		users:    make(map[string]*User),
		trusts:   make(map[string]trust),
		tokens:   make(map[string]*token),
		flows:    make(map[string]flow),
		codes:    make(map[string]session),
		sessions: make(map[string]session),
	}
	k.config = Config{
		TokenLifetime:     time.Hour,
		TrustedDashboards: []string{fmt.Sprintf("http://localhost:%d/auth/websso/", port)},
	}
	for _, u := range people() {
		k.SetUser(u)
	}
	ctx, stop := context.WithCancel(context.Background())
	k.stop = stop
	k.url, err = k.listen(ctx, k.identity(), isForBrowsers, k.wantsClientCert)
	if err == nil {
		k.provider, err = k.listen(ctx, k.identityProvider(), func(*http.Request) bool { return true }, func() bool { return false })
	}
	if err != nil {
		k.Close()
		return nil, fmt.Errorf("webssotest: %w", err)
	}
	first := people()[0]
	k.browser = &Browser{User: first.Name, Password: first.Password, TLS: k.TLSConfig(), Code: k.terminal.Code}
	return k, nil
}

// listen serves handler on a port of its own and returns its URL.
func (k *Keystone) listen(ctx context.Context, handler http.Handler, browser func(*http.Request) bool, wantsClientCert func() bool) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	url := "http://" + l.Addr().String()
	if k.files != nil {
		url = "https://" + l.Addr().String()
		l = tls.NewListener(l, k.files.server(wantsClientCert))
	}
	s := &http.Server{
		Handler:           k.recorded(handler, browser),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 30 * time.Second,
		// A client that refuses the certificate is what some tests are about.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	k.servers = append(k.servers, s)
	go func() { _ = s.Serve(l) }()
	return url, nil
}

// Close ends the Keystone and the tabs of its Browser, and waits for its handlers: a
// handler of [Config].Intercept must return when its request's context is done.
func (k *Keystone) Close() {
	k.mu.Lock()
	closed := k.closing
	k.closing = true
	k.mu.Unlock()
	if closed {
		return
	}
	if k.browser != nil {
		k.browser.Close()
	}
	// In this order no handler that waits for its context still has somebody to answer.
	for _, s := range k.servers {
		s.Close()
	}
	k.stop()
	k.handlers.Wait()
	if k.files != nil {
		k.files.remove()
	}
}

// URL is the address of Keystone, without /v3 and without a trailing slash. The same
// Keystone also answers below URL()+"/identity", for clouds that have it on a path.
func (k *Keystone) URL() string { return k.url }

// AuthOptions are ready to use: alice signs in to the project demo with the Keystone's
// own [Browser]. The port is free on both loopback addresses and Keystone trusts it;
// cache, browser and port are the same each time. Over HTTPS the caller's client needs
// [Keystone.TLSConfig].
func (k *Keystone) AuthOptions() websso.AuthOptions {
	return websso.AuthOptions{
		IdentityEndpoint: k.url + "/v3",
		IdentityProvider: IdentityProvider,
		Protocol:         Protocol,
		Scope:            &gophercloud.AuthScope{ProjectName: "demo", DomainName: "Default"},
		RedirectPort:     k.port,
		Timeout:          30 * time.Second,
		Cache:            &k.cache,
		OpenURL:          k.browser.Open,
		Output:           &k.terminal,
	}
}

// Browser is the browser of AuthOptions. Change its fields before it opens anything.
func (k *Keystone) Browser() *Browser { return k.browser }

// Terminal is the Output of AuthOptions.
func (k *Keystone) Terminal() *Terminal { return &k.terminal }

// CloudsYAML is a clouds.yaml with three clouds: "websso" for what AuthOptions say,
// and "password" and "application_credential" for what admin can do with these.
func (k *Keystone) CloudsYAML() string {
	var tls strings.Builder
	if k.files != nil {
		fmt.Fprintf(&tls, "    cacert: %q\n", k.files.ca)
		if k.wantsClientCert() {
			fmt.Fprintf(&tls, "    cert: %q\n    key: %q\n", k.files.cert, k.files.key)
		}
	}
	cloud := func(name, authType, options, auth string) string {
		return fmt.Sprintf("  %s:\n    auth_type: %s\n    region_name: %s\n%s%s    auth:\n      auth_url: %s/v3\n%s",
			name, authType, Region, &tls, options, k.url, auth)
	}
	const project = "      project_name: demo\n      project_domain_name: Default\n"
	admin := k.user("admin")
	return "clouds:\n" +
		cloud("websso", "v3websso",
			fmt.Sprintf("    identity_provider: %s\n    protocol: %s\n    redirect_port: %d\n", IdentityProvider, Protocol, k.port),
			project) +
		cloud("password", "password", "",
			fmt.Sprintf("      username: %s\n      password: %s\n      user_domain_name: %s\n", admin.Name, admin.Password, admin.Domain)+project) +
		cloud("application_credential", "v3applicationcredential", "",
			fmt.Sprintf("      application_credential_id: %s\n      application_credential_secret: %s\n", CredentialID, CredentialSecret))
}

// TLSConfig is what a client needs to trust the Keystone; it holds a client
// certificate too. It is nil without TLS. The caller owns it.
func (k *Keystone) TLSConfig() *tls.Config {
	if k.files == nil {
		return nil
	}
	return k.files.client()
}

// TLSFiles are the paths of PEM files for clients that want files: the certificate
// authority, and a client certificate with its key. They are there until Close, and
// empty without TLS.
func (k *Keystone) TLSFiles() (ca, cert, key string) {
	if k.files == nil {
		return "", "", ""
	}
	return k.files.ca, k.files.cert, k.files.key
}
