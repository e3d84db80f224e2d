// Command demo shows a whole sign-in without any setup. It starts a cloud of its own,
// signs you in to it through your browser, and lists your projects and servers there.
// Then it does the same again, this time without the browser.
//
//	go run ./examples/demo
//
// With -scripted, or if no browser can be opened, a browser that is part of the program
// signs in. The demo leaves nothing behind, neither a file nor a cloud.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"

	"github.com/adrg/xdg"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/webssotest"
)

func main() {
	scripted := flag.Bool("scripted", false, "sign in with a browser that is part of this program")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "Usage: demo [-scripted]\n\n"+
			"Starts a cloud on this computer, signs you in to it through your browser, lists\n"+
			"your projects and servers, and does the same again without the browser.\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*scripted); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(scripted bool) error {
	// Ctrl-C ends the sign-in.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	cloud, err := webssotest.StartKeystone()
	if err != nil {
		return err
	}
	defer cloud.Close()

	// The lock of a sign-in is in the user's cache directory, so the demo has its own.
	dir, err := os.MkdirTemp("", "websso-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	xdg.CacheHome = dir

	opts := cloud.AuthOptions() // the address, and a port that this cloud trusts
	opts.Cache = &websso.MemoryCache{}
	opts.Output = os.Stderr
	fmt.Println("A cloud is running at", opts.IdentityEndpoint)
	switch {
	case scripted:
		fmt.Println("The scripted browser signs in to it, as alice.")
	case !canOpenBrowser():
		fmt.Println("No browser can be opened here, so the scripted browser signs in to it, as alice.")
	default:
		opts.OpenURL = nil // the user's browser
		opts.Timeout = 0   // the default, which is meant for people
		fmt.Println("Sign in to it as one of these:")
		for _, u := range cloud.Users() {
			if !u.Local {
				fmt.Printf("  %-8s password %s\n", u.Name, u.Password)
			}
		}
	}

	for _, run := range []string{"first", "again"} {
		fmt.Println()
		cloud.ResetRequests()
		before := cloud.SignIns()
		// A tool makes this call each time it runs.
		client, err := websso.AuthenticatedClient(ctx, opts)
		if err != nil {
			return err
		}
		windows, requests := cloud.SignIns()-before, len(cloud.APIRequests())

		if err := show(ctx, client, opts); err != nil {
			return err
		}
		fmt.Printf("%s: %s, %s\n", run, count(windows, "browser window"), count(requests, "Keystone request"))
	}
	return nil
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}

// canOpenBrowser reports whether there is a desktop, or a command that the user chose.
func canOpenBrowser() bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "" || os.Getenv("BROWSER") != ""
}

// show prints who is signed in, and their projects and servers.
func show(ctx context.Context, client *gophercloud.ProviderClient, opts websso.AuthOptions) error {
	who, err := websso.Status(opts)
	if err != nil {
		return err
	}
	fmt.Printf("signed in as %s of %s until %s\n", who.UserName, who.IdentityProvider, who.ExpiresAt.Local().Format("15:04"))

	identity, err := openstack.NewIdentityV3(client, gophercloud.EndpointOpts{})
	if err != nil {
		return err
	}
	page, err := projects.ListAvailable(identity).AllPages(ctx)
	if err != nil {
		return err
	}
	mine, err := projects.ExtractProjects(page)
	if err != nil {
		return err
	}
	var names []string
	for _, p := range mine {
		names = append(names, p.Name)
	}
	fmt.Println("projects:", strings.Join(names, ", "))

	compute, err := openstack.NewComputeV2(client, gophercloud.EndpointOpts{Region: webssotest.Region})
	if err != nil {
		return err
	}
	page, err = servers.List(compute, nil).AllPages(ctx)
	if err != nil {
		return err
	}
	running, err := servers.ExtractServers(page)
	if err != nil {
		return err
	}
	names = nil
	for _, s := range running {
		names = append(names, s.Name)
	}
	fmt.Printf("servers in %s: %s\n", opts.Scope.ProjectName, strings.Join(names, ", "))
	return nil
}
