package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/urfave/cli/v3"
)

func (a *app) token() *cli.Command {
	return &cli.Command{
		Name:  "token",
		Usage: "print a token, and nothing else",
		Description: `Prints a token for the cloud's project. Where nobody is signed in, your browser
opens first. A kept token is printed without a request.

Examples:
   curl -H "X-Auth-Token: $(websso token --cloud mycloud)" https://...
   websso token --cloud mycloud -o json`,
		Flags: []cli.Flag{
			&cli.StringFlag{
				Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "`FORMAT`: text, or json as from openstack token issue", Local: true,
				Validator: func(format string) error {
					if format != "text" && format != "json" {
						return fmt.Errorf("it is text or json")
					}
					return nil
				},
			},
			unscopedFlag("print the token of the sign-in itself, which is for no project"),
			checkFlag("ask Keystone first: a token that was revoked is replaced"),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			cloud, err := a.cloud(c)
			if err != nil {
				return err
			}
			if c.Bool("unscoped") {
				cloud = cloud.unscoped()
			}
			client, err := cloud.signIn(ctx, c.Bool("check"))
			if err != nil {
				return err
			}
			if c.String("output") != "json" {
				return a.print(client.Token() + "\n")
			}
			text, err := tokenJSON(client)
			if err != nil {
				return err
			}
			return a.print(text)
		},
	}
}

func unscopedFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "unscoped", Usage: usage, HideDefault: true, Local: true}
}

// tokenJSON has the names of openstack token issue -f json, and Keystone's address.
func tokenJSON(client *gophercloud.ProviderClient) (string, error) {
	result, err := described(client)
	if err != nil {
		return "", err
	}
	token, err := result.ExtractToken()
	if err != nil {
		return "", err
	}
	user, err := result.ExtractUser()
	if err != nil {
		return "", err
	}
	said := struct {
		Expires   time.Time `json:"expires"`
		ID        string    `json:"id"`
		ProjectID string    `json:"project_id,omitempty"`
		UserID    string    `json:"user_id"`
		AuthURL   string    `json:"auth_url"`
	}{Expires: token.ExpiresAt, ID: client.Token(), UserID: user.ID, AuthURL: authURL(client)}
	if project, err := result.ExtractProject(); err == nil && project != nil {
		said.ProjectID = project.ID
	}
	text, err := json.MarshalIndent(said, "", "  ")
	return string(text) + "\n", err
}
