package clouds_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/clouds"
)

// meaning is the result of reading a cloud, in terms that openstacksdk and this package
// share.
type meaning struct {
	AuthURL          string                 `json:"auth_url,omitempty"`
	IdentityProvider string                 `json:"identity_provider,omitempty"`
	Protocol         string                 `json:"protocol,omitempty"`
	RedirectHost     string                 `json:"redirect_host,omitempty"`
	RedirectPort     int                    `json:"redirect_port,omitempty"`
	LoginTimeout     float64                `json:"login_timeout,omitempty"`
	Username         string                 `json:"username,omitempty"`
	Scope            *gophercloud.AuthScope `json:"scope,omitempty"`
	Region           string                 `json:"region,omitempty"`
	Interface        string                 `json:"interface,omitempty"`
	Unverified       bool                   `json:"unverified,omitempty"`
	CACert           bool                   `json:"cacert,omitempty"`
	Cert             bool                   `json:"cert,omitempty"`
	Error            string                 `json:"error,omitempty"`
}

// TestOpenstacksdk compares this package with Debian's openstacksdk and openstackclient,
// whose answers for the same files and variables testdata/openstacksdk.py has recorded.
// If this package deliberately differs, the case has its own answer and the reason.
func TestOpenstacksdk(t *testing.T) {
	var cases []struct {
		Name, File, Secure, Cloud string
		Env                       map[string]string
		Openstacksdk              meaning
		Here                      *meaning
		Why                       string
	}
	text, err := os.ReadFile("testdata/cases.json")
	must(t, err)
	must(t, json.Unmarshal(text, &cases))
	testdata, err := filepath.Abs("testdata")
	must(t, err)
	pem := newPEM(t)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			dir := cleanEnv(t, c.Env)
			for name, file := range map[string]string{"clouds.yaml": c.File, "secure.yaml": c.Secure, "clouds-public.yaml": "clouds-public.yaml"} {
				if file != "" {
					writeFile(t, filepath.Join(dir, name), readFile(t, filepath.Join(testdata, file)))
				}
			}
			pem.write(t, dir)

			want := c.Openstacksdk
			if c.Here != nil {
				if c.Why == "" || reflect.DeepEqual(want, *c.Here) {
					t.Error("got an answer that is the same, or no reason for it")
				}
				want = *c.Here
			}
			got, err := parse(clouds.WithCloudName(c.Cloud))
			if want.Error != "" {
				if err == nil {
					t.Fatalf("got %+v, want an error, as openstacksdk has: %s", got, want.Error)
				}
				if !strings.HasPrefix(err.Error(), "websso: ") {
					t.Errorf("got %q, want the prefix websso", err)
				}
				return
			}
			must(t, err)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %s\nwant %s", show(got), show(want))
			}
		})
	}
}

func parse(opts ...clouds.ParseOption) (meaning, error) {
	ao, eo, tlsConfig, err := clouds.Parse(opts...)
	if err != nil {
		return meaning{}, err
	}
	return meaning{
		AuthURL:          ao.IdentityEndpoint,
		IdentityProvider: ao.IdentityProvider,
		Protocol:         ao.Protocol,
		RedirectHost:     ao.RedirectHost,
		RedirectPort:     ao.RedirectPort,
		LoginTimeout:     ao.Timeout.Seconds(),
		Username:         ao.Username,
		Scope:            ao.Scope,
		Region:           eo.Region,
		Interface:        string(eo.Availability),
		Unverified:       tlsConfig.InsecureSkipVerify,
		CACert:           tlsConfig.RootCAs != nil,
		Cert:             len(tlsConfig.Certificates) > 0,
	}, nil
}

func show(m meaning) string {
	text, _ := json.Marshal(m)
	return string(text)
}
