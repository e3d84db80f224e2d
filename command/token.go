package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) token() *cobra.Command {
	return p.command("token", "print a token, and nothing else",
		func(f *pflag.FlagSet) {
			outputFlag(f)
			f.Lookup("output").Usage = "`FORMAT`: text, or json as openstack token issue prints it"
			tokenFlags(f)
		},
		forCloud(func(ctx context.Context, a *app, c *cloud) error {
			t, err := c.signIn(ctx, a.bool("check"))
			if err != nil {
				return err
			}
			if !a.bool("unscoped") {
				c.noteNoProject()
			}
			// The names are those of openstack token issue -f json, and auth_url.
			return a.printAs(struct {
				Expires   time.Time `json:"expires"`
				ID        string    `json:"id"`
				ProjectID string    `json:"project_id,omitempty"`
				UserID    string    `json:"user_id"`
				AuthURL   string    `json:"auth_url"`
			}{t.Expires, t.ID, t.Project.ID, t.User.ID, t.AuthURL}, func() string { return t.ID + "\n" })
		}))
}

// tokenFlags are the options of commands that print a token.
func tokenFlags(f *pflag.FlagSet) {
	f.Bool("unscoped", false, "print the unscoped token, which is for no project")
	validityFlags(f)
}
