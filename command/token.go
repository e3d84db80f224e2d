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
			outputFlag(f, "`FORMAT`: text, or json as openstack token issue prints it")
			f.Bool("unscoped", false, "print the unscoped token, which is for no project")
			validityFlags(f)
		},
		func(ctx context.Context, a *app, _ []string) error {
			c, err := a.chosenCloud()
			if err != nil {
				return err
			}
			if a.bool("unscoped") {
				c = c.unscoped()
			}
			client, err := c.signIn(ctx, a.bool("check"))
			if err != nil {
				return err
			}
			if !a.bool("unscoped") {
				c.noteNoProject()
			}
			token, _, err := describeToken(client)
			if err != nil {
				return err
			}
			// The names are those of openstack token issue -f json, and auth_url.
			return a.printAs(struct {
				Expires   time.Time `json:"expires"`
				ID        string    `json:"id"`
				ProjectID string    `json:"project_id,omitempty"`
				UserID    string    `json:"user_id"`
				AuthURL   string    `json:"auth_url"`
			}{token.ExpiresAt, client.Token(), token.Project.ID, token.User.ID, authURL(client)}, func() string { return client.Token() + "\n" })
		})
}
