package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gophercloud-websso/websso"
)

// doctorLimit bounds the wait for one check, doctorCheckLimit if it asks about tokens.
const (
	doctorLimit      = 8 * time.Second
	doctorCheckLimit = 30 * time.Second
)

func (p *program) doctor() *cobra.Command {
	return p.command("doctor", "find out what keeps a sign-in from working",
		`Looks at the settings of the cloud and where they come from, at Keystone, and
at this computer. It opens no browser and changes no setting. Each line says
what was found and, if it is not right, what to do. Without a cloud it says how
to begin.

Exits with status 1 if it finds a fault. Lines with ! say what to look at if a
sign-in fails nevertheless. --check asks Keystone whether each cached token is
valid, and replaces those that were revoked while the sign-in lasts.

Examples:
  websso doctor --cloud mycloud
  websso doctor --cloud mycloud --check --output json`,
		func(f *pflag.FlagSet) {
			f.Bool("check", false, "check each cached token with Keystone")
			outputFlag(f, "`FORMAT`: text or json")
		},
		func(ctx context.Context, a *app, _ []string) error {
			// A mistake on the command line is none in the set-up.
			if _, err := a.cloudOptions(); err != nil {
				return unusable{err}
			}
			diagnosis := a.diagnose(ctx)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			var err error
			if a.text("output") == "json" {
				err = a.printJSON(diagnosis)
			} else {
				err = a.print(diagnosis.text(layoutOf(a.stdout)))
			}
			if err == nil && diagnosis.Faults > 0 {
				err = errors.New(count(diagnosis.Faults, "fault") + " found")
			}
			return err
		})
}

// diagnose makes all checks, those that wait for something at the same time.
func (a *app) diagnose(ctx context.Context) *diagnosis {
	cloud, err := a.chosenCloud()
	var endpoint string
	if err == nil {
		cloud.opts.Output = io.Discard // what it says is found out here
		endpoint, err = cloud.checkOptions(ctx)
	}
	findings := settingsFindings(a, cloud, err)
	p := patient{app: a, cloud: cloud, endpoint: endpoint}
	if err != nil {
		p.cloud = nil
	}
	var checks []examination
	if p.cloud != nil {
		checks = append(checks, examination{"keystone", doctorLimit, p.keystone})
	}
	checks = append(checks,
		examination{"port", doctorLimit, p.port}, examination{"browser", doctorLimit, p.browser},
		examination{"cache", doctorLimit, p.cache}, examination{"lock", doctorLimit, p.locks})
	if a.text("cache") == cacheKeyring {
		checks = append(checks, examination{"keyring", doctorLimit, p.keyring})
	}
	if p.cloud != nil {
		limit := doctorLimit
		if a.bool("check") {
			limit = doctorCheckLimit
		}
		checks = append(checks, examination{"sign-in", limit, p.signIn})
	}
	return newDiagnosis(append(findings, runChecks(ctx, checks)...))
}

// runChecks runs checks at the same time, and returns what they found in their order. One
// that hangs, such as on a home directory whose server is gone, is a finding itself.
func runChecks(ctx context.Context, checks []examination) []finding {
	results := make([]chan []finding, len(checks))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start := time.Now()
	for i, c := range checks {
		results[i] = make(chan []finding, 1)
		go func() {
			limited, cancel := context.WithTimeout(ctx, c.limit)
			defer cancel()
			results[i] <- c.run(limited)
		}()
	}
	var all []finding
	for i, c := range checks {
		// A check that obeys its context ends on time.
		late := time.NewTimer(c.limit + time.Second - time.Since(start))
		select {
		case found := <-results[i]:
			all = append(all, found...)
		case <-late.C:
			all = append(all, finding{Check: c.name, State: stateFault, Found: fmt.Sprintf("no answer within %s", c.limit), Advice: "look at what it depends on: the network, a disk of another computer"})
		case <-ctx.Done():
		}
		late.Stop()
	}
	return all
}

// checkOptions returns the normalized address of Keystone, or what is wrong with the
// options. It makes no request.
func (c *cloud) checkOptions(ctx context.Context) (endpoint string, err error) {
	opts := c.opts
	opts.NonInteractive, opts.ForceLogin, opts.Cache = true, false, &websso.MemoryCache{}
	client := c.client()
	if err := websso.Authenticate(ctx, client, opts); !errors.Is(err, websso.ErrLoginRequired) {
		return "", c.rename(err)
	}
	return authURL(client), nil
}
