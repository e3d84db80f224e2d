package webssotest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/webssotest"
)

// listServers is the tool to test: it signs in to a cloud and asks it something.
func listServers(ctx context.Context, opts websso.AuthOptions) ([]string, error) {
	client, err := websso.AuthenticatedClient(ctx, opts)
	if err != nil {
		return nil, err
	}
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
	if err != nil {
		return nil, err
	}
	pages, err := servers.List(compute, nil).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	list, err := servers.ExtractServers(pages)
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	return names, err
}

// A test runs the tool twice; the user signs in once.
func ExampleNewKeystone() {
	var t *testing.T // the test's

	cloud := webssotest.NewKeystone(t)
	for range 2 {
		names, err := listServers(t.Context(), cloud.AuthOptions())
		if err != nil || len(names) != 3 {
			t.Errorf("got servers %v, error %v; want three", names, err)
		}
	}
	if n := cloud.Browser().Opened(); n != 1 {
		t.Errorf("got %d browser tabs for two runs, want 1", n)
	}
}

// The tool reads a clouds.yaml with package clouds.
func ExampleKeystone_CloudsYAML() {
	cloud, err := webssotest.StartKeystone()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cloud.Close()
	client, eo, err := clouds.NewProviderClient(context.Background(),
		clouds.WithCloudsYAML(strings.NewReader(cloud.CloudsYAML())), clouds.WithCloudName("websso"),
		clouds.WithAuthOptions(cloud.ApplyTo))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.Token() != "", eo.Region, cloud.Browser().Opened())
	// Output:
	// true RegionOne 1
}

func ExampleStartKeystone() {
	cloud, err := webssotest.StartKeystone()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cloud.Close()
	names, err := listServers(context.Background(), cloud.AuthOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(names)
	fmt.Println(cloud.Logins(), "login")
	// Output:
	// [web-1 web-2 database]
	// 1 login
}

// The user closes the browser at the login page, and the tool stops waiting.
func ExampleBrowser() {
	cloud, err := webssotest.StartKeystone()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cloud.Close()
	browser := &webssotest.Browser{
		User: "bob", Password: "builder",
		Before: func(step webssotest.Step, _ *http.Request) error {
			if step == webssotest.StepLogin {
				return errors.New("the user closed the browser")
			}
			return nil
		},
	}
	opts := cloud.AuthOptions()
	ctx, cancel := context.WithCancel(context.Background())
	opts.OpenURL = func(url string) error {
		defer cancel()
		return browser.Open(url)
	}
	_, err = listServers(ctx, opts)
	fmt.Println(err)
	// Output:
	// websso: context canceled
}

// An hour passes for Keystone, and the tool signs in again.
func ExampleKeystone_Configure() {
	cloud, err := webssotest.StartKeystone()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cloud.Close()
	opts := cloud.AuthOptions()
	opts.AllowReauth = true
	for range 2 {
		if _, err := listServers(context.Background(), opts); err != nil {
			fmt.Println(err)
			return
		}
		cloud.Configure(func(c *webssotest.Config) { c.ClockSkew += c.TokenLifetime })
	}
	fmt.Println("the browser was opened", cloud.Browser().Opened(), "times")
	// Output:
	// the browser was opened 2 times
}

// The ingress in front of the compute service has no backend, and the tool sees a 502.
func ExampleConfig_intercept() {
	cloud, err := webssotest.StartKeystone()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cloud.Close()
	if _, err := listServers(context.Background(), cloud.AuthOptions()); err != nil {
		fmt.Println(err)
		return
	}
	cloud.Configure(func(c *webssotest.Config) {
		c.Intercept = func(r *http.Request) http.Handler {
			if strings.HasPrefix(r.URL.Path, "/compute/") {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
			}
			return nil
		}
	})
	_, err = listServers(context.Background(), cloud.AuthOptions())
	fmt.Println(gophercloud.ResponseCodeIs(err, http.StatusBadGateway))
	// Output:
	// true
}
