package clouds_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/clouds"
)

// hostile has what a terminal obeys and what makes a text read as another.
const hostile = "\x1b[2J\u009b31m\u202egnp.\u2066x\u200b\r\n\x07\x7f"

func checkPrintable(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
		for _, r := range text {
			if !unicode.IsPrint(r) {
				t.Errorf("got %q, want no %U", text, r)
				break
			}
		}
		if n := utf8.RuneCountInString(text); n > 3000 {
			t.Errorf("got an error of %d characters: %.100s", n, text)
		}
	}
}

// TestHostileAnswers signs in with a password at servers that answer with control
// characters, or without end.
func TestHostileAnswers(t *testing.T) {
	for name, answer := range map[string]struct {
		status              int
		header, value, body string
	}{
		"502":                           {http.StatusBadGateway, "", "", hostile + strings.Repeat("long", 10_000)},
		"JSON":                          {http.StatusForbidden, "Content-Type", "application/json", `{"error": {"message": "` + hostile + `"}}`},
		"redirect":                      {http.StatusFound, "Location", "http://\u009b\u202e.invalid/" + strings.Repeat("x", 5000), ""},
		"a token with the wrong status": {http.StatusAccepted, "X-Subject-Token", "gAAAAA-secret", ""},
		"not JSON":                      {http.StatusCreated, "X-Subject-Token", "gAAAAA-secret", hostile},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(answer.header, answer.value)
				w.WriteHeader(answer.status)
				fmt.Fprint(w, answer.body)
			}))
			defer s.Close()
			cleanEnv(t, nil)
			_, _, err := clouds.NewProviderClient(t.Context(), clouds.WithCloudName("acme"), clouds.WithCloudsYAML(strings.NewReader(
				fmt.Sprintf("clouds: {acme: {auth: {auth_url: '%s/v3', username: u, password: hunter2, user_domain_name: d}}}", s.URL))))
			checkPrintable(t, err)
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "secret") || strings.Contains(text, "hunter2") {
				t.Errorf("got %s, want no secret", text)
			}
			if name == "502" {
				checkError(t, err, `clouds.yaml: cloud "acme"`, "502 Bad Gateway", `\x1b[2J`)
				var code gophercloud.ErrUnexpectedResponseCode
				if !errors.As(err, &code) || code.Actual != http.StatusBadGateway {
					t.Errorf("got %#v, want gophercloud's error in it", err)
				}
			}
		})
	}
}

// TestHostileSettings has control characters in everything that an error names.
func TestHostileSettings(t *testing.T) {
	long := strings.Repeat("a", 100_000)
	yaml := fmt.Sprintf("%q", hostile+long)
	for name, file := range map[string]string{
		"another cloud":   fmt.Sprintf("clouds: {%s: {}, %q: {}}", yaml, hostile),
		"cloud is a text": fmt.Sprintf("clouds: {acme: %s}", yaml),
		"auth_type":       fmt.Sprintf("clouds: {acme: {auth_type: %s, auth: {auth_url: 'http://127.0.0.1:1'}}}", yaml),
		"host":            fmt.Sprintf("clouds: {acme: {auth: {auth_url: %q, username: u, password: p, user_domain_name: d}}}", "http://\u009b\u202e.invalid/"),
		"URL":             fmt.Sprintf("clouds: {acme: {auth: {auth_url: %s, username: u, password: p, user_domain_name: d}}}", yaml),
		"path of the URL": fmt.Sprintf("clouds: {acme: {auth: {auth_url: %q, username: u, password: p, user_domain_name: d}}}", "http://127.0.0.1:1/\u009b"+long),
		"cacert":          acme(fmt.Sprintf("    cacert: %s\n", yaml)),
		"short cacert":    acme(fmt.Sprintf("    cacert: %q\n", "/\u009b\u202e/ca.pem")),
		"cert and key":    acme(fmt.Sprintf("    cert: %s\n    key: %s\n", yaml, yaml)),
		"regions":         acme(fmt.Sprintf("    regions: [%q, %q]\n", hostile, "b"+long)),
		"region's values": acme(fmt.Sprintf("    regions: [{name: %s, values: x}]\n", yaml)),
		"profile":         fmt.Sprintf("clouds: {acme: {auth_type: v3websso, profile: %s}}", yaml),
		"template":        acme(fmt.Sprintf("    auth: {auth_url: %q}\n", "{"+hostile+"}")),
		"port":            acme(fmt.Sprintf("    redirect_port: %s\n", yaml)),
		"system_scope":    acme(fmt.Sprintf("    system_scope: %s\n", yaml)),
		"not YAML":        "\u202e: [" + long,
		"a key":           "clouds: {acme: {\"" + long + "\u202e\": *x}}",
	} {
		t.Run(name, func(t *testing.T) {
			cleanEnv(t, map[string]string{"OS_REGION_NAME": hostile + long})
			if name == "region's values" {
				os.Unsetenv("OS_REGION_NAME")
			}
			_, _, err := clouds.NewProviderClient(t.Context(), clouds.WithCloudName("acme"), clouds.WithCloudsYAML(strings.NewReader(file)))
			checkPrintable(t, err)
			_, _, _, err = clouds.Parse(clouds.WithCloudName("acme"), clouds.WithCloudsYAML(strings.NewReader(file)))
			checkPrintable(t, err)
		})
	}
	for _, vars := range []map[string]string{
		{"OS_CLOUD": hostile + long},
		{"OS_AUTH_TYPE": hostile + long, "OS_AUTH_URL": "http://127.0.0.1:1"},
		{"OS_AUTH_URL": hostile + long, "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_DOMAIN_NAME": "d"},
		{"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": "http://x", "OS_PROTOCOL": "openid", "OS_CACERT": hostile + long},
		{"OS_AUTH_TYPE": "v3websso", "OS_AUTH_URL": "http://x", "OS_PROTOCOL": "openid", "OS_REDIRECT_PORT": hostile + long},
	} {
		cleanEnv(t, vars)
		_, _, err := clouds.NewProviderClient(t.Context(), clouds.WithCloudsYAML(strings.NewReader("clouds: {acme: {}, b: {}}")))
		checkPrintable(t, err)
	}
}

// TestHostilePaths has files in a directory with a hostile name.
func TestHostilePaths(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the file system may refuse such names")
	}
	dir := cleanEnv(t, nil)
	sub := filepath.Join(dir, "\x1b[2J\u009b\u202e\n\xff")
	for file, text := range map[string]string{"clouds.yaml": "clouds: {acme: {auth_type: v3websso, profile: p}}", "secure.yaml": "clouds: {acme: {key: k}}", "clouds-public.yaml": "{"} {
		writeFile(t, filepath.Join(sub, file), text)
	}
	t.Chdir(sub)
	check := func(err error) {
		t.Helper()
		checkPrintable(t, err)
		if want := dir + "/" + `\x1b[2J\u009b\u202e\x0a\xff/`; !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
	_, err := parse(clouds.WithCloudName("acme"))
	check(err)
	_, err = parse(clouds.WithCloudName("b"))
	check(err)
	writeFile(t, "clouds.yaml", "{")
	_, err = clouds.Names()
	check(err)
	must(t, os.Remove("clouds.yaml"))
	must(t, os.Remove("secure.yaml"))
	_, err = parse(clouds.WithCloudName("acme"))
	check(err)
	_, err = clouds.Names()
	check(err)
	_, _, err = clouds.NewProviderClient(t.Context(), clouds.WithLocations(filepath.Join(sub, "no.yaml")), clouds.WithCloudName("x"))
	check(err)
}
