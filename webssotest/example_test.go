package webssotest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

// listServers stands for what a tool does: it is given a cloud, and asks it something.
func listServers(ctx context.Context, opts websso.AuthOptions) ([]string, error) {
	client, err := websso.AuthenticatedClient(ctx, opts)
	if err != nil {
		return nil, err
	}
	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: "RegionOne"})
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

// The test of a tool that signs in: twice, and the person is asked once.
func ExampleNewKeystone() {
	var t *testing.T // the test's

	cloud := webssotest.NewKeystone(t)
	for range 2 {
		names, err := listServers(t.Context(), cloud.AuthOptions())
		if err != nil || len(names) != 3 {
			t.Errorf("servers %v, %v", names, err)
		}
	}
	if n := cloud.Browser().Opened(); n != 1 {
		t.Errorf("two runs opened the browser %d times", n)
	}
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

// Somebody who closes the browser at the login page, and a sign-in that takes notice.
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
		// An hour later, as far as Keystone knows.
		cloud.Configure(func(c *webssotest.Config) { c.ClockSkew += c.TokenLifetime })
	}
	fmt.Println("the browser was opened", cloud.Browser().Opened(), "times")
	// Output:
	// the browser was opened 2 times
}
