package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/command/internal/screen"
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
			a.beside["login"] = c.unsetting() + login
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
		}{credentialVersion, t.ID, t.Expires.UTC().Truncate(time.Second), t.AuthURL, t.Said}, "")
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
	a.onlyOptions = true
	return a.chosenCloud()
}

// unsetting returns the beginning of a line that describes the cloud by options: what keeps
// the user's variables from it, or "" if it is the same cloud with them.
func (c *cloud) unsetting() string {
	a := c.app
	a.env, a.onlyOptions = a.user.Variables(), false
	opts, _ := a.cloudOptions()
	there, err := a.newCloud(opts)
	if err == nil && slices.Equal(there.description(), c.description()) && reflect.DeepEqual(there.opts.Scope, c.opts.Scope) {
		return ""
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(a.env)), func(name string) bool { return !strings.HasPrefix(name, "OS_") })
	return "env -u " + strings.Join(names, " -u ") + " "
}

// printError prints an error as credential does.
func printError(a *app, err error) (said bool) {
	var answer struct {
		Version int `json:"version"`
		Error   struct {
			Status  int      `json:"status"`
			Message string   `json:"message"` // one line
			Advice  []string `json:"advice"`  // command lines
		} `json:"error"`
	}
	answer.Version, answer.Error.Status, answer.Error.Advice = credentialVersion, ExitStatus(err), []string{}
	if told := (advised{}); errors.As(err, &told) {
		answer.Error.Advice = []string{told.run}
		err = told.error
	}
	answer.Error.Message = strings.Join(strings.Fields(screen.Unmarked(err)), " ")
	_ = a.printJSON(answer, "") // if it can't be written, the exit status is all that is left to say
	return true
}
