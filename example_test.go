package websso_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
)

// exampleCloud starts a Keystone for an example. A real program does not set the fields that
// come from it.
func exampleCloud() (endpoint string, opts websso.AuthOptions, done func()) {
	keystone, err := webssotest.StartKeystone()
	if err != nil {
		log.Fatal(err)
	}
	return keystone.URL(), keystone.AuthOptions(), keystone.Close
}

// A program with a window, or with a log in JSON, shows each step of a sign-in by itself.
func ExampleAuthOptions_progress() {
	endpoint, cloud, done := exampleCloud()
	defer done()

	lines := json.NewEncoder(os.Stdout)
	_, err := websso.AuthenticatedClient(context.Background(), websso.AuthOptions{
		IdentityEndpoint: endpoint,
		IdentityProvider: "acme",
		Protocol:         "openid",

		Output: io.Discard,
		Progress: func(e websso.Event) {
			e.URL, e.Until = "", time.Time{} // they differ each time
			_ = lines.Encode(e)
		},

		RedirectPort: cloud.RedirectPort, Cache: cloud.Cache, OpenURL: cloud.OpenURL,
	})
	fmt.Println(err)
	// Output:
	// {"step":"open"}
	// {"step":"browser"}
	// {"step":"signed-in","user":"alice"}
	// <nil>
}

func ExampleAuthenticatedClient() {
	endpoint, cloud, done := exampleCloud()
	defer done()

	client, err := websso.AuthenticatedClient(context.Background(), websso.AuthOptions{
		IdentityEndpoint: endpoint,
		IdentityProvider: "acme",
		Protocol:         "openid",
		Scope:            &gophercloud.AuthScope{ProjectName: "demo", DomainName: "Default"},

		RedirectPort: cloud.RedirectPort, Cache: cloud.Cache, OpenURL: cloud.OpenURL, Output: cloud.Output,
	})
	if err != nil {
		log.Fatal(err)
	}
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: "RegionOne"})
	if err != nil {
		log.Fatal(err)
	}
	pages, err := servers.List(compute, nil).AllPages(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	list, err := servers.ExtractServers(pages)
	for _, server := range list {
		fmt.Println(server.Name)
	}
	fmt.Println(err)
	// Unordered output:
	// web-1
	// web-2
	// database
	// <nil>
}

// A client of your own: its transport and user agent are used for every request.
func ExampleAuthenticate() {
	endpoint, opts, done := exampleCloud()
	defer done()

	client, err := openstack.NewClient(endpoint)
	if err != nil {
		log.Fatal(err)
	}
	client.HTTPClient.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment}
	client.UserAgent.Prepend("mytool/1.0")
	if err := websso.Authenticate(context.Background(), client, opts); err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in:", client.Token() != "")
	// Output: signed in: true
}

// The errors that a program can tell apart.
func ExampleAuthenticate_errors() {
	_, opts, done := exampleCloud()
	defer done()

	opts.NonInteractive = true
	_, err := websso.AuthenticatedClient(context.Background(), opts)
	switch {
	case errors.Is(err, websso.ErrLoginRequired):
		fmt.Println("run this once at a terminal first")
	case errors.Is(err, websso.ErrScope):
		fmt.Println("pick another project:", err)
	case errors.Is(err, websso.ErrTimeout), errors.Is(err, websso.ErrPortInUse):
		fmt.Println("try again:", err)
	}
	// Output: run this once at a terminal first
}

func ExampleStatus() {
	_, opts, done := exampleCloud()
	defer done()
	if _, err := websso.AuthenticatedClient(context.Background(), opts); err != nil {
		log.Fatal(err)
	}

	who, err := websso.Status(opts)
	if errors.Is(err, websso.ErrLoginRequired) {
		fmt.Println("nobody is signed in")
		return
	}
	fmt.Printf("%s, through %s\n", who.UserName, who.IdentityProvider)
	// Output: alice, through acme
}

func ExampleLogout() {
	_, opts, done := exampleCloud()
	defer done()
	client, err := websso.AuthenticatedClient(context.Background(), opts)
	if err != nil {
		log.Fatal(err)
	}

	if err := websso.Logout(context.Background(), client, opts); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	_, err = websso.Status(opts)
	fmt.Println(errors.Is(err, websso.ErrLoginRequired))
	// Output: true
}
