package handover_test

import (
	_ "embed"
	"encoding/base64"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud-websso/websso/command/internal/handover"
)

// What tools are handed is an interface: those that read these variables are not ours.
const wantToken = `
OS_AUTH_URL=https://one/v3
OS_AUTH_TYPE=v3token
OS_TOKEN=gAAAAA
OS_PROJECT_ID=id-demo
OS_IDENTITY_API_VERSION=3
` + wantOfBoth

const wantRenewing = `
OS_AUTH_URL=http://127.0.0.1:4711/X/v3
OS_AUTH_TYPE=v3applicationcredential
OS_APPLICATION_CREDENTIAL_ID=i
OS_APPLICATION_CREDENTIAL_SECRET=s
OS_IDENTITY_API_VERSION=3
` + wantOfBoth

const wantOfBoth = `OS_REGION_NAME=south
OS_INTERFACE=internal
OS_ENDPOINT_TYPE=internal
OS_CACERT=/ca.pem
OS_CERT=/cert.pem
OS_KEY=/key.pem
OS_INSECURE=true
OS_CLIENT_CONFIG_FILE=/run/clouds.yaml
OS_CLIENT_SECURE_FILE=/run/secure.yaml
`

// removed are the variables that no tool finds: of keystoneauth 5's plugins and of others.
//
//go:embed testdata/removed
var removed string

func TestHanded(t *testing.T) {
	t.Parallel()
	token := demo
	token.CACert, token.Cert, token.Key, token.Insecure = "/ca.pem", "/cert.pem", "/key.pem", true
	renewing := token
	renewing.Token, renewing.ProjectID = "", ""
	renewing.Renewing = handover.Renewing{URL: "http://127.0.0.1:4711/X/v3", ID: "i", Secret: "s"}
	for _, test := range []struct {
		cloud handover.Cloud
		want  string
		also  string // removed in place of what the credential is
	}{
		{token, wantToken, ""},
		{renewing, wantRenewing, "OS_TOKEN OS_PROJECT_ID"},
	} {
		// Whatever is there before is set anew or removed.
		var before []string
		for _, name := range strings.Fields(removed + " " + test.also) {
			before = append(before, name+"=before")
		}
		before = append(before, "OS_UNRELATED=stays", "OS_REDIRECT_PORT=9990")
		changes := handover.Read(before, false).HandOver(test.cloud, "/run")
		got := "\n"
		for _, c := range changes {
			if c.Value != "" && c.Name != handover.Mark {
				got += c.Name + "=" + filepath.ToSlash(c.Value) + "\n"
			}
		}
		if got != test.want {
			t.Errorf("got%swant%s", got, test.want)
		}
		after := handover.Apply(before, changes)
		for _, entry := range after {
			if strings.HasSuffix(entry, "=before") {
				t.Errorf("%s stays, want it removed", entry)
			}
			if name, value, _ := strings.Cut(entry, "="); name == handover.Mark && strings.Contains(value, "gAAAAA") {
				t.Error("the token is in the mark")
			}
		}
		if got, want := len(after), strings.Count(test.want, "\n")-1+1+2; got != want {
			t.Errorf("got %d variables, want %d", got, want)
		}
	}
}

// TestScopes hands over each kind of scope.
func TestScopes(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]handover.Cloud{
		"OS_DOMAIN_ID=d":      {DomainID: "d"},
		"OS_TRUST_ID=t":       {TrustID: "t"},
		"OS_SYSTEM_SCOPE=all": {System: true},
	} {
		for _, change := range handover.Read([]string{"OS_PROJECT_ID=x", "OS_DOMAIN_ID=x", "OS_TRUST_ID=x", "OS_SYSTEM_SCOPE=x"}, false).HandOver(c, "") {
			name, value, _ := strings.Cut(want, "=")
			if isScope := strings.HasSuffix(change.Name, "_ID") || change.Name == "OS_SYSTEM_SCOPE"; isScope && change.Name != name && change.Value != "" {
				t.Errorf("%s: got %+v too", want, change)
			} else if change.Name == name && change.Value != value {
				t.Errorf("%s: got %+v", want, change)
			}
		}
	}
}

// TestWithoutMark reads a token that came along with ssh or docker. If a cloud is named, the
// token is not for that.
func TestWithoutMark(t *testing.T) {
	t.Parallel()
	came := []string{
		"OS_AUTH_URL=https://two/v3", "OS_AUTH_TYPE=v3token", "OS_TOKEN=gAAAAA", "OS_PROJECT_ID=p", "OS_INSECURE=true", "OS_REGION_NAME=r", "OS_CACERT=/ca",
		"OS_CLIENT_CONFIG_FILE=/run/user/0/gophercloud-websso-exec/X/clouds.yaml", "OS_REDIRECT_PORT=9991",
	}
	for name, test := range map[string]struct {
		environ []string
		named   bool
		want    int // variables
	}{
		"no cloud is named":      {came, false, len(came)},
		"a cloud is named":       {came, true, 1},
		"a mark of another kind": {append([]string{"WEBSSO_ENV=MgBhYmM"}, came...), true, 1},
		"a mark that is none":    {append([]string{"WEBSSO_ENV=1"}, came...), true, 1},
		"the user's password":    {[]string{"OS_AUTH_URL=https://two/v3", "OS_AUTH_TYPE=password", "OS_PASSWORD=p"}, true, 3},
		"the user's files":       {[]string{"OS_AUTH_TYPE=v3token", "OS_TOKEN=t", "OS_CLIENT_CONFIG_FILE=/home/me/clouds.yaml"}, true, 1},
	} {
		if got := handover.Read(test.environ, test.named).Variables(); len(got) != test.want {
			t.Errorf("%s: got %v, want %d variables", name, got, test.want)
		}
	}
}

// TestPasswordInURL keeps no password in the mark, not even one that makes a URL invalid.
func TestPasswordInURL(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"https://u:secret@swift/v1", "https://u:secret%@swift/v1", "https://u:secret@swift/v1\r"} {
		before := []string{"OS_STORAGE_URL=" + value, "OS_CACERT=/home//bob@example.com/ca.pem"}
		after := handover.Apply(before, handover.Read(before, false).HandOver(demo, ""))
		if _, lost := handover.Read(after, false).Undo(); !slices.Equal(lost, []string{"OS_STORAGE_URL"}) {
			t.Errorf("%q: got %q lost, want OS_STORAGE_URL", value, lost)
		}
	}
}

// TestMadeUpMark reads a mark of somebody else, as from the .env file of a repository. It
// does not turn off the verification of certificates where nobody looks for that.
func TestMadeUpMark(t *testing.T) {
	t.Parallel()
	text := url.Values{"version": {"3"}, "before OS_REGION_NAME": {"r"}, "before OS_INSECURE": {"true"}, "before OS_TOKEN": {"t"}}.Encode()
	got := handover.Read([]string{handover.Mark + "=" + base64.RawURLEncoding.EncodeToString([]byte(text))}, false).Variables()
	if want := map[string]string{"OS_REGION_NAME": "r"}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
