package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/command/internal/screen"
	"github.com/gophercloud-websso/websso/internal/cloudconf"
)

// credentialVersion is the version of what credential prints. It changes if a key does or
// goes, not if one is added: readers refuse another number.
const credentialVersion = 1

func (p *program) credential() *cobra.Command {
	c := p.command("credential", "sign programs in, for plugins like keystoneauth's", tokenFlags, func(ctx context.Context, a *app, _ []string) error {
		c, err := a.cloudOfOptions()
		if err != nil {
			return unusable(err)
		}
		t, err := c.signIn(ctx, a.bool("check"))
		if login := a.beside["login"]; login != "" && errors.Is(err, websso.ErrLoginRequired) {
			return advised{err, login + " " + words(c.description())}
		}
		if err != nil {
			return err
		}
		return a.printJSON(struct {
			Version int             `json:"version"`
			ID      string          `json:"id"`
			Expires time.Time       `json:"expires"`
			AuthURL string          `json:"auth_url"`
			Token   json.RawMessage `json:"token"` // Keystone's own words
		}{credentialVersion, t.ID, t.Expires, t.AuthURL, t.Said}, "")
	})
	p.tell[c] = printError
	return c
}

// cloudOfOptions returns the cloud that the options describe, and nothing else.
func (a *app) cloudOfOptions() (*cloud, error) {
	for _, name := range []string{"cloud", "region", "interface"} {
		if a.isSet(name) {
			return nil, fmt.Errorf("%s takes no --%s: only its other options describe the cloud", a.cmd.CommandPath(), name)
		}
	}
	for _, name := range []string{"auth-url", "protocol"} {
		if a.text(name) == "" {
			return nil, fmt.Errorf("%s needs --%s", a.cmd.CommandPath(), name)
		}
	}
	a.forget()
	a.env["OS_AUTH_TYPE"] = cloudconf.AuthType
	c, err := a.chosenCloud()
	if err != nil {
		return nil, err
	}
	if a.bool("unscoped") {
		c = c.unscoped()
	}
	return c, nil
}

// printError prints an error as credential does.
func printError(a *app, err error) (said bool) {
	type failure struct {
		Status  int      `json:"status"`
		Message string   `json:"message"` // one line
		Advice  []string `json:"advice"`  // command lines
	}
	f := failure{Status: ExitStatus(err), Advice: []string{}}
	if told := (advised{}); errors.As(err, &told) {
		f.Advice = append(f.Advice, told.run)
		err = told.error
	}
	f.Message = strings.Join(strings.Fields(screen.Unmarked(err)), " ")
	// If this can't be written, the exit status is all that is left to say.
	_ = a.printJSON(struct {
		Version int     `json:"version"`
		Error   failure `json:"error"`
	}{credentialVersion, f}, "")
	return true
}
