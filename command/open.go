package command

import (
	"cmp"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/browser"
	"github.com/gophercloud-websso/websso/internal/loopback"
)

// open shows the address of a sign-in to the user. If it can't, it says how the user's
// sign-in, or their browser, gets here.
func (c *cloud) open(url string) error {
	here := c.app.computer()
	if !c.app.bool("no-browser") {
		err := here.Open(url)
		if err != nil {
			c.offerTravel(here, "no browser opens here. Run")
		}
		return err
	}
	travel := "run"
	if hint := here.Bring(c.redirect()); hint != "" {
		c.app.screen.Say("%s", hint)
		travel = "or run"
	}
	c.offerTravel(here, travel)
	return nil
}

// redirect returns the host and port that the browser comes back to.
func (c *cloud) redirect() (host string, port int) {
	host, err := loopback.Host(c.opts.RedirectHost)
	if err != nil {
		host = "localhost" // the library has refused it
	}
	return host, cmp.Or(c.opts.RedirectPort, websso.DefaultRedirectPort)
}

// computer is where this runs, with the browser that the program brings.
func (a *app) computer() browser.Computer {
	here := browser.Here()
	if getenv := here.Getenv; a.browser != "" {
		here.Getenv = func(name string) string {
			if name == "BROWSER" {
				return a.browser
			}
			return getenv(name)
		}
	}
	return here
}
