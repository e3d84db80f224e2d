package command

import (
	"strconv"

	"github.com/spf13/pflag"

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

// computer is where this runs, with the browser that the user or the program has set. No
// clouds.yaml sets one: a file that somebody else wrote must not run a command.
func (a *app) computer() browser.Computer {
	here := browser.Here()
	f := a.flags.Lookup("browser")
	option := ""
	if f != nil && f.Changed && !isSwitch(f) {
		option = f.Value.String()
	}
	switch {
	case option != "":
		here.Browser, here.Setting = option, "--browser"
	case f != nil && a.env[browserVariable] != "":
		here.Browser, here.Setting = a.env[browserVariable], browserVariable
	default:
		here.Browser, here.Setting = a.config.Browser, a.cmd.Root().Name()+"'s own browser"
	}
	return here
}

// browserVariable stands for --browser, also beside logout's, which need not have a value.
const browserVariable = "WEBSSO_BROWSER"

// isSwitch reports whether an option with an optional value has none.
func isSwitch(f *pflag.Flag) bool {
	_, err := strconv.ParseBool(f.Value.String())
	return err == nil && f.NoOptDefVal != ""
}
