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
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/command/internal/doctor"
	"github.com/gophercloud-websso/websso/webssotest"
)

// patient has a home directory, and a browser, of their own, and a clouds.yaml for a cloud.
type patient struct {
	home, cache string
	ks          *webssotest.Keystone
}

func newPatient(t *testing.T, k *webssotest.Keystone) patient {
	t.Helper()
	u := patient{home: t.TempDir(), ks: k}
	u.cache = filepath.Join(u.home, "cached")
	t.Setenv("HOME", u.home)
	t.Setenv("USERPROFILE", u.home)
	t.Setenv("BROWSER", os.Args[0]) // a program that there is; nothing starts it
	t.Setenv("WEBSSO_CACHE_DIR", u.cache)
	t.Setenv("OS_CLOUD", "websso")
	t.Chdir(t.TempDir())
	describe(t, k.CloudsYAML())
	return u
}

// describe writes a clouds.yaml into the current directory.
func describe(t *testing.T, text string) {
	t.Helper()
	must(t, os.WriteFile("clouds.yaml", []byte(text), 0o600))
}

// signIn signs in as websso login would.
func (u patient) signIn(t *testing.T) {
	t.Helper()
	opts := u.ks.AuthOptions()
	opts.Cache = websso.NewFileCache(u.cache)
	_, err := websso.AuthenticatedClient(t.Context(), opts)
	must(t, err)
}

// runDoctor returns what doctor finds, and its exit status.
func runDoctor(t *testing.T, args ...string) (*doctor.Diagnosis, int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := run(&stdout, &stderr, append([]string{"doctor", "-o", "json"}, args...)...)
	t.Logf("status %d\n%s%s", status, &stdout, &stderr)
	d := &doctor.Diagnosis{}
	must(t, json.Unmarshal(stdout.Bytes(), d))
	return d, status
}

// TestDoctorOfASignIn follows a sign-in from before it until its tokens are revoked.
func TestDoctorOfASignIn(t *testing.T) {
	u := newPatient(t, webssotest.NewKeystone(t))
	tokens := func() (said string, unsure bool) {
		d, _ := runDoctor(t, "--check")
		unsure = slices.ContainsFunc(d.Checks, func(f doctor.Finding) bool { return f.State != doctor.OK })
		return found(d, "sign-in") + found(d, "token"), unsure
	}
	if got, _ := tokens(); !strings.Contains(got, "nobody is signed in") {
		t.Errorf("before a sign-in: got %q, want that nobody is signed in", got)
	}
	u.signIn(t)
	// http on a loopback address is no warning, and the sign-in has shown that keystone.conf is right.
	if got, unsure := tokens(); strings.Count(got, ": valid") != 2 || !strings.HasPrefix(got, "alice, until ") || unsure {
		t.Errorf("after a sign-in: got %q and doubts: %t, want alice, two valid tokens and no doubt", got, unsure)
	}
	if runtime.GOOS != "windows" {
		// As <(…) in a shell makes it, a pipe can be read only once.
		for name, text := range map[string]string{
			"OS_CLIENT_CONFIG_FILE": strings.Replace(u.ks.CloudsYAML(), "protocol: openid", "protocol: other", 1),
			"OS_CLIENT_SECURE_FILE": "clouds: {websso: {auth: {protocol: openid}}}",
		} {
			r, w, err := os.Pipe()
			must(t, err)
			defer r.Close()
			_, err = w.WriteString(text)
			must(t, err)
			w.Close()
			t.Setenv(name, fmt.Sprintf("/dev/fd/%d", r.Fd()))
		}
	}
	d, status := runDoctor(t, "--check")
	t.Setenv("OS_CLIENT_CONFIG_FILE", "")
	t.Setenv("OS_CLIENT_SECURE_FILE", "")
	if status != 0 || d.Faults != 0 || u.ks.Logins() != 1 {
		t.Errorf("got status %d, %d faults and %d sign-ins, want none but the one before", status, d.Faults, u.ks.Logins())
	}
	if entries, _ := filepath.Glob(filepath.Join(u.cache, "*.tmp")); len(entries) > 0 {
		t.Errorf("got %q left in the cache, want nothing", entries)
	}
	// Nothing shows that Keystone trusts another port.
	d, _ = runDoctor(t, "--redirect-port", strconv.Itoa(u.ks.AuthOptions().RedirectPort+1))
	if got := found(d, "keystone.conf"); !strings.Contains(got, "only a sign-in shows") {
		t.Errorf("got %q for a port that no sign-in came by, want it unchecked", got)
	}
	u.ks.RevokeAll()
	if got, _ := tokens(); strings.Contains(got, ": valid") || !strings.Contains(got, "the cached sign-in was ended at Keystone") {
		t.Errorf("after all was revoked: got %q, want that a sign-in is needed", got)
	}
}

// found returns what was found by one check.
func found(d *doctor.Diagnosis, check string) (all string) {
	for _, f := range d.Checks {
		if f.Check == check {
			all += f.Found + "\n"
		}
	}
	return all
}

// TestLoginRefusesMisspelling wants a misspelled key to be an error before a browser opens:
// the sign-in would be another one than the user described.
func TestLoginRefusesMisspelling(t *testing.T) {
	k := webssotest.NewKeystone(t)
	newPatient(t, k)
	describe(t, strings.Replace(k.CloudsYAML(), "project_name", "project-nam", 1))
	var said bytes.Buffer
	if status := run(io.Discard, &said, "login", "--no-browser"); status != 2 || !strings.Contains(said.String(), "did you mean project_name?") {
		t.Errorf("got status %d and %q, want 2 and the key that was meant", status, &said)
	}
	if n := k.Logins(); n != 0 || len(k.Requests()) != 0 {
		t.Errorf("got %d sign-ins and requests %v, want none", n, k.Requests())
	}
}

// TestAddressIsNotShown has a user and a password in the address, which neither doctor
// nor a command with --debug may show.
func TestAddressIsNotShown(t *testing.T) {
	newPatient(t, webssotest.NewKeystone(t))
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
	type spoil func(*testing.T, patient)
	change := func(old, text string) spoil {
		return func(t *testing.T, u patient) {
			changed := regexp.MustCompile(old).ReplaceAllString(u.ks.CloudsYAML(), text)
			if changed == u.ks.CloudsYAML() {
				t.Fatalf("%q is not in\n%s", old, changed)
			}
			describe(t, changed)
		}
	}
	setenv := func(name, value string) spoil {
		return func(t *testing.T, _ patient) { t.Setenv(name, value) }
	}
	keystone := func(change func(*webssotest.Config)) spoil {
		return func(_ *testing.T, u patient) { u.ks.Configure(change) }
	}
	inVariables := func(t *testing.T, u patient) {
		t.Setenv("OS_CLOUD", "")
		t.Setenv("OS_AUTH_URL", u.ks.URL())
		t.Setenv("OS_PROTOCOL", webssotest.Protocol)
	}
	both := func(one, other spoil) spoil {
		return func(t *testing.T, u patient) { one(t, u); other(t, u) }
	}
	for name, tt := range map[string]struct {
		spoil  spoil
		status int
		check  string
		want   string // the finding, and the advice
	}{
		"the cloud is in a file that is not read": {
			func(t *testing.T, u patient) {
				t.Setenv("OS_CLOUD", "prod")
				dir := filepath.Join(u.home, ".config", "openstack")
				must(t, os.MkdirAll(dir, 0o700))
				must(t, os.WriteFile(filepath.Join(dir, "clouds.yaml"), []byte("clouds: {prod: {}}"), 0o600))
			},
			1, "file", `\.config[/\\]openstack[/\\]clouds.yaml has a cloud prod too, but is not read, because \S+clouds.yaml comes first: .*OS_CLIENT_CONFIG_FILE`,
		},
		"the only cloud is in another file, too": {
			both(change(`(?s)  password:.*`, ""), func(t *testing.T, u patient) {
				t.Setenv("OS_CLOUD", "")
				dir := filepath.Join(u.home, ".config", "openstack")
				must(t, os.MkdirAll(dir, 0o700))
				must(t, os.WriteFile(filepath.Join(dir, "clouds.yaml"), []byte("clouds: {websso: {}}"), 0o600))
			}),
			0, "file", `has a cloud websso too, but is not read`,
		},
		"OS_CLOUD names no cloud": {setenv("OS_CLOUD", "webso"), 1, "cloud", `^OS_CLOUD: no cloud "webso" in .* Did you mean websso\?$`},
		"a region is not in the list": {
			both(change(`region_name: .*`, "region_name: [A, B]"), setenv("OS_REGION_NAME", "C")),
			1, "cloud", `^OS_REGION_NAME asks for region "C", but .* has only "A", "B"`,
		},
		"a password's variables hide the file": {
			both(setenv("OS_CLOUD", ""), setenv("OS_AUTH_TYPE", "password")),
			1, "cloud", `it is "password"\. As OS_AUTH_URL or OS_AUTH_TYPE is set, no cloud of clouds.yaml is used. To use one, unset it, and name the cloud with --cloud: `,
		},
		"an option's variable is misspelled": {setenv("WEBSSO_TIMOUT", "1m"), 0, "variable", `^WEBSSO_TIMOUT has no effect: did you mean WEBSSO_TIMEOUT\?`},
		"a variable hides the file":          {inVariables, 0, "setting", `^OS_AUTH_URL or OS_AUTH_TYPE hides the clouds in .*clouds.yaml: unset it, and name one of them with --cloud$`},
		"an ID hides a name":                 {setenv("OS_PROJECT_ID", "0123"), 0, "setting", `^OS_PROJECT_ID \(0123\) hides auth.project_name in clouds.yaml \(demo\): unset it`},
		"an ID hides a name in a variable": {
			both(change(`project_name: .*`, "project_id: 0123456789abcdef"), setenv("OS_PROJECT_NAME", "elsewhere")),
			0, "setting", `^auth.project_id in clouds.yaml \(0123456789abcdef\) hides OS_PROJECT_NAME \(elsewhere\): unset it if`,
		},
		"a variable hides a key": {setenv("OS_PROJECT_NAME", "elsewhere"), 0, "setting", `^OS_PROJECT_NAME \(elsewhere\) hides auth.project_name in clouds.yaml \(demo\): unset it`},
		"a variable is misspelled": {
			both(inVariables, setenv("OS_IDENTIY_PROVIDER", webssotest.IdentityProvider)),
			1, "variable", `OS_IDENTIY_PROVIDER has no effect: did you mean OS_IDENTITY_PROVIDER\?`,
		},
		"a key is in the wrong place": {
			change(`( +)auth_url:.*`, "${0}\n${1}cacert: ca.pem"),
			1, "key", `auth.cacert in clouds.yaml, line \d+, has no effect below auth: move it beside auth`,
		},
		"a key is given twice": {
			change(`( +)protocol:.*`, "${1}protocol: saml2\n${0}"),
			0, "key", `protocol in clouds.yaml, line \d+, has no effect, because it is given again below: remove one of them`,
		},
		"a cloud is given twice":               {change(`^clouds:\n`, "clouds:\n  websso: {}\n"), 0, "key", `"websso" in clouds.yaml, line 2, has no effect, because it is given again below`},
		"no such profile":                      {change(`( +)protocol:.*`, "${1}profile: nowhere\n${0}"), 0, "cloud", `no clouds-public.yaml has its profile "nowhere": correct it`},
		"the address is a dashboard's":         {change(`auth_url: \S+`, `auth_url: `+notKeystone.URL), 1, "keystone", `is not Keystone's address; something else answers there: correct auth.auth_url`},
		"https where http is spoken":           {change(`auth_url: http:`, `auth_url: https:`), 1, "keystone", `speaks http, not https: correct auth.auth_url`},
		"the certificate authority is unknown": {change(`auth_url: \S+`, `auth_url: `+tlsServer.URL), 1, "keystone", `does not trust \(its chain ends at O=Acme Co\): set cacert`},
		"Keystone is down behind its proxy": {
			keystone(func(c *webssotest.Config) {
				c.Intercept = func(*http.Request) http.Handler { return webssotest.Quirks{}.ForeignHTML(503) }
			}),
			1, "keystone", `fails: it answered 503 Service Unavailable: try again later`,
		},
		"Apache can't reach the identity provider": {
			keystone(func(c *webssotest.Config) {
				c.Intercept = func(r *http.Request) http.Handler {
					if strings.HasSuffix(r.URL.Path, "/websso") {
						return webssotest.Quirks{}.ForeignHTML(500)
					}
					return nil
				}
			}),
			1, "provider", `the web server answered 500 Internal Server Error: .*tell the cloud's operator`,
		},
		"the identity provider is unknown behind a guard for every name": {
			both(keystone(func(c *webssotest.Config) { c.Quirks.GuardAll = true }), change("identity_provider: acme", "identity_provider: acmee")),
			1, "provider", `^Keystone does not know the identity provider`,
		},
		"the clock is wrong": {
			keystone(func(c *webssotest.Config) { c.ClockSkew = 7 * time.Minute }),
			0, "clock", `this computer's clock and Keystone's differ by (7 minutes|6 minutes 59 seconds|7 minutes 1 second): set it`,
		},
		"the port is taken": {
			func(t *testing.T, u patient) {
				l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", u.ks.AuthOptions().RedirectPort))
				must(t, err)
				t.Cleanup(func() { l.Close() })
			},
			1, "port", `^port \d+ on 127.0.0.1( \(command.test, process \d+\))? is taken: end that program, or .*--redirect-port`,
		},
		"the cache can't be made": {
			func(t *testing.T, u patient) {
				if err := os.Symlink("nowhere", u.cache); err != nil {
					t.Skip(err)
				}
			},
			1, "cache", `cached is a symbolic link, which is not followed`,
		},
		"there is no display":                {setenv("BROWSER", ""), 0, "browser", `there is no display here, and \$BROWSER is not set`},
		"nothing is kept":                    {setenv("WEBSSO_CACHE", "memory"), 0, "cache", `^in memory, so each command asks you to sign in`},
		"no project is chosen":               {change(` +project_name: .*\n`, ""), 0, "scope", `^no project is chosen.*: set project_name and project_domain_name`},
		"the cloud signs in with a password": {change(`auth_type: \S+`, "auth_type: password"), 1, "cloud", `auth_type is not v3websso: it is "password"`},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && (strings.Contains(tt.want, "no display") || strings.Contains(tt.want, "symbolic link")) {
				t.Skip("Windows always has a display, and Wine makes no links to what is not there")
			}
			u := newPatient(t, webssotest.NewKeystone(t))
			tt.spoil(t, u)
			d, status := runDoctor(t)
			if status != tt.status {
				t.Errorf("got status %d, want %d", status, tt.status)
			}
			if all := fmt.Sprint(d.Checks); strings.Contains(all, "()") {
				t.Errorf("got a finding about nothing: %s", all)
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
	k := webssotest.NewTLSKeystone(t)
	newPatient(t, k)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, `^trusted, and valid until \d{4}-\d\d-\d\d\n$`},
		{[]string{"--insecure"}, `^not verified; `},
	} {
		d, status := runDoctor(t, tt.args...)
		if status != 0 {
			t.Errorf("%q: got status %d, want 0", tt.args, status)
		}
		if got := found(d, "certificate"); !regexp.MustCompile(tt.want).MatchString(got) {
			t.Errorf("%q: got %q, want a match of %s", tt.args, got, tt.want)
		}
	}
	k.Configure(func(c *webssotest.Config) { c.Quirks.WantClientCert = true })
	describe(t, regexp.MustCompile(` +(cert|key): .*\n`).ReplaceAllString(k.CloudsYAML(), ""))
	d, _ := runDoctor(t)
	if got := found(d, "keystone"); !strings.Contains(got, "wants a client certificate") {
		t.Errorf("got %q, want a finding about the client certificate", got)
	}
}

// TestLogoutAllSaysOnce has a sign-in in the cache that another version made, of a cloud that
// then leaves clouds.yaml.
func TestLogoutAllSaysOnce(t *testing.T) {
	u := newPatient(t, webssotest.NewKeystone(t))
	u.signIn(t)
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
	for range 2 {
		var said bytes.Buffer
		status := run(io.Discard, &said, "logout", "--all")
		if n := strings.Count(said.String(), "\n"); status != 1 || n != 1 || !strings.Contains(said.String(), "another version of websso") {
			t.Errorf("got status %d and\n%swant 1 and one line", status, &said)
		}
		describe(t, "clouds: {}\n")
	}
}

// TestDoctorOfProgram has a program with clouds of its own. No file can take their place.
func TestDoctorOfProgram(t *testing.T) {
	t.Chdir(t.TempDir())
	file := []byte("clouds: {paris: {auth_type: v3websso, auth: {auth_url: http://127.0.0.1:9, protocol: openid}}}")
	must(t, os.WriteFile("clouds.yaml", file, 0o600))
	var out bytes.Buffer
	root := New(Config{Name: "acme", CloudsYAML: file})
	root.SetArgs([]string{"doctor"})
	root.SetOut(&out)
	root.SetErr(io.Discard)
	_ = root.Execute() // nothing listens there
	if !strings.Contains(out.String(), "paris") || strings.Contains(out.String(), "is not read") {
		t.Errorf("got\n%s\nwant nothing about the file", &out)
	}
}
