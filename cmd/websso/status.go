package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/urfave/cli/v3"

	"github.com/gophercloud-websso/websso"
)

func (a *app) status() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "say who is signed in, and until when",
		Description: `Shows what is kept on this computer, without a request; --check also asks
Keystone whether the sign-in is still good. Ends with status 3 where nobody is
signed in. It never opens a browser.

Example:
   websso status --cloud mycloud`,
		Flags: []cli.Flag{checkFlag("ask Keystone whether the sign-in is still good")},
		Action: func(ctx context.Context, c *cli.Command) error {
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			cloud.opts.NonInteractive = true
			cloud = cloud.unscoped()
			if c.Bool("check") {
				if _, err := cloud.signIn(ctx, true); err != nil {
					return err
				}
			}
			who, err := websso.Status(cloud.opts)
			if err != nil {
				return err
			}
			return a.print(cloud.table(who, c.Bool("check")))
		},
	}
}

func checkFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "check", Usage: usage, HideDefault: true, Local: true}
}

func (c *cloud) table(who *websso.SignIn, checked bool) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name, value string) { fmt.Fprintf(w, "%s\t%s\n", name, printable(value)) }
	if name := os.Getenv("OS_CLOUD"); name != "" {
		row("cloud", name)
	}
	row("keystone", c.opts.IdentityEndpoint)
	row("user", fmt.Sprintf("%s (domain %s, id %s)", who.UserName, who.UserDomain, who.UserID))
	row("identity provider", who.IdentityProvider+", protocol "+who.Protocol)
	row("until", fmt.Sprintf("%s (%s from now)", who.ExpiresAt.Local().Format("2006-01-02 15:04"), time.Until(who.ExpiresAt).Round(time.Minute)))
	if checked {
		row("checked", "Keystone takes it")
	}
	name := "kept tokens"
	for _, scope := range append([]gophercloud.AuthScope{{}}, who.Scopes...) {
		row(name, describe(scope))
		name = ""
	}
	w.Flush()
	return b.String()
}

// describe names a scope.
func describe(s gophercloud.AuthScope) string {
	domain := s.DomainName
	if domain == "" {
		domain = s.DomainID
	}
	switch {
	case s.System:
		return "the system"
	case s.TrustID != "":
		return "trust " + s.TrustID
	case s.ProjectID != "":
		return "project " + s.ProjectID
	case s.ProjectName != "":
		return "project " + s.ProjectName + " in domain " + domain
	case domain != "":
		return "domain " + domain
	}
	return "unscoped"
}
