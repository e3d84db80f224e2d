package main

import (
	"context"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/urfave/cli/v3"
)

func (a *app) token() *cli.Command {
	return &cli.Command{
		Name:  "token",
		Usage: "print a token, and nothing else",
		Description: `Prints a token for the cloud's project. If you are not signed in, your browser
opens first. A cached token is printed without asking Keystone.

Examples:
   curl -H "X-Auth-Token: $(websso token --cloud mycloud)" https://...
   websso token --cloud mycloud -o json`,
		Flags: []cli.Flag{
			outputFlag("`FORMAT`: text, or json as openstack token issue prints it"),
			unscopedFlag("print the unscoped token, which is for no project"),
			checkFlag(replaceRevoked),
			minValidityFlag(),
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
			if !c.Bool("unscoped") {
				cloud.noteNoProject()
			}
			if c.String("output") != "json" {
				return a.print(client.Token() + "\n")
			}
			token, err := describeToken(client)
			if err != nil {
				return err
			}
			return a.printJSON(token)
		},
	}
}

// issuedToken has the names of openstack token issue -f json, and auth_url.
type issuedToken struct {
	Expires   time.Time `json:"expires"`
	ID        string    `json:"id"`
	ProjectID string    `json:"project_id,omitempty"`
	UserID    string    `json:"user_id"`
	AuthURL   string    `json:"auth_url"`
}

func describeToken(client *gophercloud.ProviderClient) (issuedToken, error) {
	result, err := authResult(client)
	if err != nil {
		return issuedToken{}, err
	}
	token, err := result.ExtractToken()
	if err != nil {
		return issuedToken{}, err
	}
	user, err := result.ExtractUser()
	if err != nil {
		return issuedToken{}, err
	}
	issued := issuedToken{Expires: token.ExpiresAt, ID: client.Token(), UserID: user.ID, AuthURL: authURL(client)}
	if project, err := result.ExtractProject(); err == nil && project != nil {
		issued.ProjectID = project.ID
	}
	return issued, nil
}
