package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/command/internal/doctor"
	"github.com/gophercloud-websso/websso/webssotest"
)

// patientUser has a home directory, and a browser, of their own.
type patientUser struct {
	home, cache string
}

func newPatient(t *testing.T) patientUser {
	t.Helper()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		for _, prefix := range []string{"OS_", "WEBSSO_", "SSH_", "XDG_", "DISPLAY", "WAYLAND_", "TMUX", "SSL_", "DBUS_"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "")
			}
		}
	}
	u := patientUser{home: t.TempDir()}
	u.cache = filepath.Join(u.home, "cached")
	t.Setenv("HOME", u.home)
	t.Setenv("USERPROFILE", u.home)
	t.Setenv("BROWSER", os.Args[0]) // a program that there is; nothing starts it
	t.Setenv("WEBSSO_CACHE_DIR", u.cache)
	t.Setenv("OS_CLOUD", "websso")
	t.Chdir(t.TempDir())
	return u
}

// describe writes a clouds.yaml into the current directory.
func describe(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile("clouds.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// signIn signs in as websso login would.
func (u patientUser) signIn(t *testing.T, k *webssotest.Keystone) *websso.FileCache {
	t.Helper()
	opts := k.AuthOptions()
	cache := websso.NewFileCache(u.cache)
	opts.Cache = cache
	if _, err := websso.AuthenticatedClient(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	return cache
}

// runDoctor returns what doctor finds, and its exit status.
func runDoctor(t *testing.T, args ...string) (*doctor.Diagnosis, int) {
	t.Helper()
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	var stdout bytes.Buffer
	status := run(&stdout, stderr, append([]string{"doctor", "-o", "json"}, args...)...)
	said, _ := os.ReadFile(stderr.Name())
	t.Logf("status %d\n%s%s", status, &stdout, said)
	d := &doctor.Diagnosis{}
	if err := json.Unmarshal(stdout.Bytes(), d); err != nil {
		t.Fatal(err)
	}
	return d, status
}

// TestDoctorReadsAPipe has the clouds.yaml in a pipe, as <(…) in a shell makes it, which
// can be read only once.
func TestDoctorReadsAPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no pipe has a path here")
	}
	u := newPatient(t)
	k := webssotest.NewKeystone(t)
	describe(t, k.CloudsYAML())
	u.signIn(t, k)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString(k.CloudsYAML()); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Setenv("OS_CLIENT_CONFIG_FILE", fmt.Sprintf("/dev/fd/%d", r.Fd()))
	if d, status := runDoctor(t, "--check"); status != 0 || d.Faults != 0 {
		t.Errorf("got status %d and %d faults, want none", status, d.Faults)
	}
}

func TestDoctorOnAGoodSetUp(t *testing.T) {
	u := newPatient(t)
	k := webssotest.NewKeystone(t)
	describe(t, k.CloudsYAML())
	u.signIn(t, k)
	logins := k.Logins()
	d, status := runDoctor(t, "--check")
	if status != 0 || d.Faults != 0 {
		t.Errorf("got status %d and %d faults, want none", status, d.Faults)
	}
	var unsure []string
	for _, f := range d.Checks {
		// http on a loopback address is not told of.
		if f.State != doctor.OK {
			unsure = append(unsure, f.Check)
		}
	}
	if got := strings.Join(unsure, " "); got != "" {
		t.Errorf("got doubts about %q, want none: a sign-in has shown that keystone.conf is right", got)
	}
	if n := k.Logins() - logins; n != 0 {
		t.Errorf("got %d sign-ins, want none", n)
	}
	if entries, _ := filepath.Glob(filepath.Join(u.cache, "*.tmp")); len(entries) > 0 {
		t.Errorf("got %q left in the cache, want nothing", entries)
	}
	// Nothing shows that Keystone trusts another port.
	d, _ = runDoctor(t, "--redirect-port", strconv.Itoa(k.AuthOptions().RedirectPort+1))
	for _, f := range d.Checks {
		if f.Check == "keystone.conf" && f.State != doctor.Unchecked {
			t.Errorf("got %+v for a port that no sign-in came by, want it unchecked", f)
		}
	}
}

// TestLoginRefusesMisspelling wants a misspelled key to be an error before a browser opens:
// the sign-in would be another one than the user described.
func TestLoginRefusesMisspelling(t *testing.T) {
	newPatient(t)
	k := webssotest.NewKeystone(t)
	describe(t, strings.Replace(k.CloudsYAML(), "project_name", "project-nam", 1))
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	status := run(io.Discard, stderr, "login", "--no-browser")
	said, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	if status != 2 || !strings.Contains(string(said), "did you mean project_name?") {
		t.Errorf("got status %d and %q, want %d and the key that was meant", status, said, 2)
	}
	if n := k.Logins(); n != 0 || len(k.Requests()) != 0 {
		t.Errorf("got %d sign-ins and requests %v, want none", n, k.Requests())
	}
}

// TestAddressIsNotShown has a user and a password in the address, which neither doctor
// nor a command with --debug may show.
func TestAddressIsNotShown(t *testing.T) {
	newPatient(t)
	for _, address := range []string{"https://alice:hunter2@127.0.0.1:1/v3", "alice:hunter2@host/v3", "https://alice:hunter2%40host/v3", "https:/alice:hunter2@host"} {
		describe(t, "clouds: {websso: {auth_type: v3websso, protocol: openid, auth_url: '"+address+"', profile: 'https://x'}}")
		for _, variable := range []string{"", address} {
			t.Setenv("OS_AUTH_URL", variable)
			for _, args := range [][]string{{"doctor", "--debug"}, {"token", "--debug"}, {"doctor", "-o", "json"}} {
				var out bytes.Buffer
				run(&out, &out, append(args, "--cloud", "websso")...)
				if said := out.String(); said == "" || strings.Contains(said, "alice") || strings.Contains(said, "hunter2") {
					t.Errorf("%s of %s: got %s, want nothing of the user", args, address, said)
				}
			}
		}
	}
}

// TestDoctorNamesTheFault breaks one thing at a time in a set-up that is good otherwise.
func TestDoctorNamesTheFault(t *testing.T) {
	notKeystone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html>a dashboard</html>"))
	}))
	defer notKeystone.Close()
	tlsServer := httptest.NewTLSServer(http.NotFoundHandler())
	defer tlsServer.Close()
	change := func(old, text string) func(*testing.T, patientUser, *webssotest.Keystone) {
		return func(t *testing.T, _ patientUser, k *webssotest.Keystone) {
			changed := regexp.MustCompile(old).ReplaceAllString(k.CloudsYAML(), text)
			if changed == k.CloudsYAML() {
				t.Fatalf("%q is not in\n%s", old, changed)
			}
			describe(t, changed)
		}
	}
	setenv := func(name, value string) func(*testing.T, patientUser, *webssotest.Keystone) {
		return func(t *testing.T, _ patientUser, _ *webssotest.Keystone) { t.Setenv(name, value) }
	}
	for name, tt := range map[string]struct {
		spoil  func(*testing.T, patientUser, *webssotest.Keystone)
		args   []string
		check  string
		want   string // the finding, and the advice
		status int
	}{
		"nothing is configured": {
			spoil: func(*testing.T, patientUser, *webssotest.Keystone) { _ = os.Remove("clouds.yaml") },
			check: "cloud", want: `^no cloud is described yet. Create the file \S+clouds.yaml`, status: 1,
		},
		"the cloud is in a file that is not read": {
			spoil: func(t *testing.T, u patientUser, _ *webssotest.Keystone) {
				dir := filepath.Join(u.home, ".config", "openstack")
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "clouds.yaml"), []byte("clouds: {prod: {}}"), 0o600); err != nil {
					t.Fatal(err)
				}
			},
			args: []string{"--cloud", "prod"}, check: "file", status: 1,
			want: `\.config[/\\]openstack[/\\]clouds.yaml has a cloud prod too, but is not read, because \S+clouds.yaml comes first: .*OS_CLIENT_CONFIG_FILE`,
		},
		"the file that a variable names is gone": {
			spoil: setenv("OS_CLIENT_CONFIG_FILE", "/no/such/clouds.yaml"),
			check: "cloud", want: `there is no file /no/such/clouds.yaml, which OS_CLIENT_CONFIG_FILE names`, status: 1,
		},
		"a variable hides the file": {
			spoil: func(t *testing.T, _ patientUser, k *webssotest.Keystone) {
				t.Setenv("OS_CLOUD", "")
				t.Setenv("OS_AUTH_URL", k.URL())
				t.Setenv("OS_PROTOCOL", webssotest.Protocol)
			},
			check: "setting", want: `^OS_AUTH_URL or OS_AUTH_TYPE hides the clouds in .*clouds.yaml: unset it, or name one of them with --cloud$`, status: 0,
		},
		"an ID hides a name": {
			spoil: setenv("OS_PROJECT_ID", "0123"),
			check: "setting", want: `^OS_PROJECT_ID \(0123\) hides auth.project_name in clouds.yaml \(demo\): unset it`, status: 0,
		},
		"a key is misspelled": {
			spoil: change("project_name", "project-nam"),
			check: "key", want: `project_nam in clouds.yaml, line \d+, has no effect: did you mean project_name\?`, status: 1,
		},
		"a key is in the wrong place": {
			spoil: change(`( +)auth_url:.*`, "${0}\n${1}cacert: ca.pem"),
			check: "key", want: `auth.cacert in clouds.yaml, line \d+, has no effect below auth: move it beside auth`, status: 1,
		},
		"a key is given twice": {
			spoil: change(`( +)protocol:.*`, "${1}protocol: saml2\n${0}"),
			check: "key", want: `protocol in clouds.yaml, line \d+, has no effect, because it is given again below: remove one of them`, status: 0,
		},
		"a cloud is given twice": {
			spoil: change(`^clouds:\n`, "clouds:\n  websso: {}\n"),
			check: "key", want: `"websso" in clouds.yaml, line 2, has no effect, because it is given again below`, status: 0,
		},
		"no such profile": {
			spoil: change(`( +)protocol:.*`, "${1}profile: nowhere\n${0}"),
			check: "cloud", want: `no clouds-public.yaml has its profile "nowhere": correct it`, status: 0,
		},
		"an ID hides a name in a variable": {
			spoil: func(t *testing.T, u patientUser, k *webssotest.Keystone) {
				change(`project_name: .*`, "project_id: 0123456789abcdef")(t, u, k)
				t.Setenv("OS_PROJECT_NAME", "elsewhere")
			},
			check: "setting", want: `^auth.project_id in clouds.yaml \(0123456789abcdef\) hides OS_PROJECT_NAME \(elsewhere\): unset it if`, status: 0,
		},
		"a variable hides a key": {
			spoil: setenv("OS_PROJECT_NAME", "elsewhere"),
			check: "setting", want: `^OS_PROJECT_NAME \(elsewhere\) hides auth.project_name in clouds.yaml \(demo\): unset it`, status: 0,
		},
		"a variable is misspelled": {
			spoil: func(t *testing.T, _ patientUser, k *webssotest.Keystone) {
				t.Setenv("OS_CLOUD", "")
				t.Setenv("OS_AUTH_URL", k.URL())
				t.Setenv("OS_PROTOCOL", webssotest.Protocol)
				t.Setenv("OS_IDENTIY_PROVIDER", webssotest.IdentityProvider)
				t.Setenv("OS_REDIRECT_PORT", strconv.Itoa(k.AuthOptions().RedirectPort))
			},
			check: "variable", want: `OS_IDENTIY_PROVIDER has no effect: did you mean OS_IDENTITY_PROVIDER\?`, status: 1,
		},
		"the identity provider is unknown": {
			spoil: change(`identity_provider: \S+`, "identity_provider: acmee"),
			check: "provider", want: `^Keystone does not know the identity provider .*: correct identity_provider of cloud .* in .*clouds.yaml$`, status: 1,
		},
		"the protocol is unknown": {
			spoil: change(`protocol: \S+`, "protocol: oidc"),
			check: "provider", want: `^Keystone does not know this protocol.*: correct protocol of cloud .* in .*clouds.yaml`, status: 1,
		},
		"nobody listens at the address": {
			spoil: change(`auth_url: \S+`, `auth_url: http://127.0.0.1:1/v3`),
			check: "keystone", want: `^nothing answers at 127.0.0.1:1 .*: correct auth.auth_url of cloud .* in .*clouds.yaml`, status: 1,
		},
		"the address is a dashboard's": {
			spoil: change(`auth_url: \S+`, `auth_url: `+notKeystone.URL),
			check: "keystone", want: `is not Keystone's address; something else answers there: correct auth.auth_url`, status: 1,
		},
		"https where http is spoken": {
			spoil: change(`auth_url: http:`, `auth_url: https:`),
			check: "keystone", want: `speaks http, not https: correct auth.auth_url`, status: 1,
		},
		"the certificate authority is unknown": {
			spoil: change(`auth_url: \S+`, `auth_url: `+tlsServer.URL),
			check: "keystone", want: `does not trust \(its chain ends at O=Acme Co\): set cacert`, status: 1,
		},
		"Keystone is down behind its proxy": {
			spoil: func(_ *testing.T, _ patientUser, k *webssotest.Keystone) {
				k.Configure(func(c *webssotest.Config) {
					c.Intercept = func(*http.Request) http.Handler { return webssotest.Quirks{}.ForeignHTML(503) }
				})
			},
			check: "keystone", want: `fails: it answered 503 Service Unavailable: try again later`, status: 1,
		},
		"Apache can't reach the identity provider": {
			spoil: func(_ *testing.T, _ patientUser, k *webssotest.Keystone) {
				k.Configure(func(c *webssotest.Config) {
					c.Intercept = func(r *http.Request) http.Handler {
						if strings.HasSuffix(r.URL.Path, "/websso") {
							return webssotest.Quirks{}.ForeignHTML(500)
						}
						return nil
					}
				})
			},
			check: "provider", want: `the web server answered 500 Internal Server Error: .*tell the cloud's operator`, status: 1,
		},
		"the identity provider is unknown behind a guard for every name": {
			spoil: func(t *testing.T, _ patientUser, k *webssotest.Keystone) {
				k.Configure(func(c *webssotest.Config) { c.Quirks.GuardAll = true })
				describe(t, strings.Replace(k.CloudsYAML(), "identity_provider: acme", "identity_provider: acmee", 1))
			},
			check: "provider", want: `^Keystone does not know the identity provider`, status: 1,
		},
		"the clock is wrong": {
			spoil: func(_ *testing.T, _ patientUser, k *webssotest.Keystone) {
				k.Configure(func(c *webssotest.Config) { c.ClockSkew = 7 * time.Minute })
			},
			check: "clock", want: `this computer's clock and Keystone's differ by (7 minutes|6 minutes 59 seconds|7 minutes 1 second): set it`, status: 0,
		},
		"the port is taken": {
			spoil: func(t *testing.T, _ patientUser, k *webssotest.Keystone) {
				l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", k.AuthOptions().RedirectPort))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { l.Close() })
			},
			check: "port", want: `^port \d+ on 127.0.0.1( \(command.test, process \d+\))? is taken: end that program, or .*--redirect-port`, status: 1,
		},
		"BROWSER names nothing": {
			spoil: setenv("BROWSER", "no-such-browser:neither-this %s"),
			check: "browser", want: `^BROWSER names no program that there is: correct or unset BROWSER|no-such-browser`, status: 1,
		},
		"there is no display": {
			spoil: setenv("BROWSER", ""),
			check: "browser", want: `there is no display here, and \$BROWSER is not set`, status: 0,
		},
		"the cache is open to others": {
			spoil: func(t *testing.T, u patientUser, _ *webssotest.Keystone) {
				if err := os.Mkdir(u.cache, 0o755); err != nil {
					t.Fatal(err)
				}
			},
			check: "cache", want: `cached is open to others \(mode 0755\): chmod 700 it, if it should be yours alone$`, status: 1,
		},
		"the cache can't be made": {
			spoil: func(t *testing.T, u patientUser, _ *webssotest.Keystone) {
				if err := os.Symlink("nowhere", u.cache); err != nil {
					t.Skip(err)
				}
			},
			check: "cache", want: `cached is a symbolic link, which is not followed`, status: 1,
		},
		"nothing is kept": {
			spoil: setenv("WEBSSO_CACHE", "memory"),
			check: "cache", want: `^in memory, so each command asks you to sign in`, status: 0,
		},
		"no project is chosen": {
			spoil: change(` +project_name: .*\n`, ""),
			check: "scope", want: `^no project is chosen.*: set project_name and project_domain_name`, status: 0,
		},
		"the cloud signs in with a password": {
			spoil: change(`auth_type: \S+`, "auth_type: password"),
			check: "cloud", want: `auth_type is not v3websso: it is "password"`, status: 1,
		},
		"a file is no YAML": {
			spoil: func(t *testing.T, _ patientUser, _ *webssotest.Keystone) { describe(t, "clouds: [") },
			check: "cloud", want: `clouds.yaml is not valid YAML`, status: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && (strings.Contains(tt.want, "(mode ") || strings.Contains(tt.want, "no display")) {
				t.Skip("Windows has no modes, and always a display")
			}
			if runtime.GOOS != "windows" && strings.Contains(tt.want, "profile") {
				t.Skip("modes tell")
			}
			u := newPatient(t)
			k := webssotest.NewKeystone(t)
			describe(t, k.CloudsYAML())
			tt.spoil(t, u, k)
			d, status := runDoctor(t, tt.args...)
			if status != tt.status {
				t.Errorf("got status %d, want %d", status, tt.status)
			}
			for _, f := range d.Checks {
				line := strings.TrimSuffix(f.Found+": "+f.Advice, ": ")
				if f.Check == tt.check && f.State != doctor.OK && regexp.MustCompile(tt.want).MatchString(line) {
					return
				}
			}
			t.Errorf("got no finding of %s that matches %s", tt.check, tt.want)
		})
	}
}

// TestDoctorAtHTTPS checks what doctor says of certificates that are trusted, and that are
// not verified.
func TestDoctorAtHTTPS(t *testing.T) {
	newPatient(t)
	k := webssotest.NewTLSKeystone(t)
	describe(t, k.CloudsYAML())
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, `^trusted, and valid until \d{4}-\d\d-\d\d$`},
		{[]string{"--insecure"}, `^not verified; `},
	} {
		d, status := runDoctor(t, tt.args...)
		if status != 0 {
			t.Errorf("%q: got status %d, want 0", tt.args, status)
		}
		found := ""
		for _, f := range d.Checks {
			if f.Check == "certificate" {
				found = f.Found
			}
		}
		if !regexp.MustCompile(tt.want).MatchString(found) {
			t.Errorf("%q: got %q, want a match of %s", tt.args, found, tt.want)
		}
	}
	k.Configure(func(c *webssotest.Config) { c.Quirks.WantClientCert = true })
	describe(t, regexp.MustCompile(` +(cert|key): .*\n`).ReplaceAllString(k.CloudsYAML(), ""))
	d, _ := runDoctor(t)
	for _, f := range d.Checks {
		if f.Check == "keystone" && strings.Contains(f.Found, "wants a client certificate") {
			return
		}
	}
	t.Error("got no finding about the client certificate")
}

// TestDoctorChecksTokens compares what --check says of tokens that live and of some that
// were revoked.
func TestDoctorChecksTokens(t *testing.T) {
	u := newPatient(t)
	k := webssotest.NewKeystone(t)
	describe(t, k.CloudsYAML())
	tokens := func() (all []string) {
		d, _ := runDoctor(t, "--check")
		for _, f := range d.Checks {
			if f.Check == "token" || f.Check == "sign-in" {
				all = append(all, f.Found)
			}
		}
		return all
	}
	if got := strings.Join(tokens(), "\n"); !strings.Contains(got, "nobody is signed in") {
		t.Errorf("before a sign-in: got %q, want that nobody is signed in", got)
	}
	u.signIn(t, k)
	if got := strings.Join(tokens(), "\n"); strings.Count(got, ": valid") != 2 || !strings.HasPrefix(got, "alice, until ") {
		t.Errorf("after a sign-in: got %q, want alice and two valid tokens", got)
	}
	k.RevokeAll()
	if got := strings.Join(tokens(), "\n"); strings.Contains(got, ": valid") || !strings.Contains(got, "the cached sign-in was ended at Keystone") {
		t.Errorf("after all was revoked: got %q, want that a sign-in is needed", got)
	}
}

// TestLogoutAllSaysOnce has a sign-in in the cache that another version made.
func TestLogoutAllSaysOnce(t *testing.T) {
	u := newPatient(t)
	k := webssotest.NewKeystone(t)
	describe(t, k.CloudsYAML())
	u.signIn(t, k)
	files, _ := filepath.Glob(filepath.Join(u.cache, "*"))
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, regexp.MustCompile(`^\{"version":\d+`).ReplaceAll(text, []byte(`{"version":99`)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	status := run(io.Discard, &said, "logout", "--all")
	if n := strings.Count(said.String(), "another version of websso"); status != 1 || n != 1 {
		t.Errorf("got status %d and\n%swant 1 and one line", status, &said)
	}
}
