package command

import (
	"github.com/gophercloud-websso/websso/internal/browser"
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
