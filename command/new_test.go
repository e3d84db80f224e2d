package command_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/clouds"
	"github.com/gophercloud-websso/websso/command"
	"github.com/gophercloud-websso/websso/webssotest"
)

// A company has a cloud and a tool for it, into which the command comes in one of three
// ways: as the tool itself, as a group of commands, or command by command.
type company struct {
	name, way string
	cloud     *webssotest.Keystone
	stdin     string
}

func (c company) tool() *cobra.Command {
	config := command.Config{
		Name: c.name, Version: "7.0", CloudsYAML: []byte(strings.Replace(c.cloud.CloudsYAML(), "  websso:", "  paris:", 1)), Cloud: "paris", OmitFlags: []string{"debug", "output", "shell"},
		Options: func() []clouds.ParseOption {
			return []clouds.ParseOption{clouds.WithAuthOptions(c.cloud.ApplyTo), clouds.WithAuthOptions(func(o *websso.AuthOptions) { o.CloudName = "Acme of Paris" })}
		},
	}
	if c.way == "alone" {
		return command.New(config)
	}
	root := &cobra.Command{Use: c.name, SilenceUsage: true}
	root.PersistentFlags().StringP("organization", "s", "", "")
	root.PersistentFlags().StringP("output", "o", "table", "")
	root.PersistentFlags().CountP("debug", "d", "")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		cmd.SetContext(context.WithValue(cmd.Context(), company{}, "ran"))
		return nil
	}
	if c.way == "group" {
		config.Name = "cloud"
		root.AddCommand(command.New(config))
	} else {
		root.AddCommand(command.New(config).Commands()...)
	}
	return root
}

// run runs a line of the tool, in which @ stands for what comes before the command.
func (c company) run(ctx context.Context, line string) (status int, stdout, stderr string) {
	group := ""
	if c.way == "group" {
		group = "cloud "
	}
	var out, errs bytes.Buffer
	root := c.tool()
	root.SetArgs(strings.Fields(strings.Replace(line, "@", group, 1)))
	root.SetIn(strings.NewReader(c.stdin))
	root.SetOut(&out)
	root.SetErr(&errs)
	status = command.ExitStatus(root.ExecuteContext(ctx))
	return status, out.String(), errs.String()
}

// otherName matches the name of the command websso, but not of the cloud or the auth_type.
var otherName = regexp.MustCompile(`(^|[^-\w"])websso\b`)

// TestCompanies works with several tools at once, each with its own cloud.
func TestCompanies(t *testing.T) {
	for _, way := range []string{"alone", "group", "one by one"} {
		for i := range 2 {
			t.Run(fmt.Sprint(way, i), func(t *testing.T) {
				t.Parallel()
				k := webssotest.NewKeystone(t)
				name := fmt.Sprintf("acme%d", i)
				c := company{name, way, k, ""}
				path := name
				if way == "group" {
					path += " cloud"
				}
				for _, tt := range []struct {
					line           string
					status         int
					stdout, stderr string // parts of it; "-" for nothing
				}{
					{"@status", 3, "-", "nobody is signed in"},
					{"@status", 3, "-", "Run:"},
					{"@login", 0, "-", name + ": this is paris, project \"demo\" in domain \"Default\". Try:\n" + name + ":   " + path + " exec -- openstack server list\n"},
					{"@login --cloud paris", 0, "-", name + ": already signed in to " + strings.TrimPrefix(k.URL(), "http://")},
					{"@token --unscoped", 0, "gAAAA", "-"},
					{"@--cloud paris token", 0, "gAAAA", "-"},
					{"--cloud paris @token", 0, "gAAAA", "-"},
					{"@token --project-name=lab", 0, "gAAAA", "-"},
					{"@token --project-name nothing --debug", 4, "-", "nothing"},
					{"@token --cloud password", 2, "-", "auth_type is not v3websso"},
					{"@token extra", 2, "-", path + " token takes no arguments"},
					{"@token --min-validity x", 2, "-", `invalid --min-validity "x"`},
					{"@token -s", 2, "-", "-s"},
					{"@frob", -1, "-", "frob"},
					{"@env", 0, "OS_TOKEN", "-"},
					{"@env --help", 0, `eval "$(` + path + ` env --cloud mycloud)"`, "-"},
					{"@--help", 0, map[bool]string{false: path + " login opens your browser", true: "Usage:"}[way == "one by one"], "-"},
					{"@login --help", 0, name + " help " + strings.TrimPrefix(path+" options", name+" "), "-"},
					{"help @options", 0, "Exit status:", "-"},
					{"@version", 0, name + " version 7.0 (", "-"},
					{"@export", 0, `"token":`, "-"},
					{"@import", 0, "-", "-"},
					{"@logout", 0, "-", name + ": signed out of"},
				} {
					if strings.Contains(tt.line, "--debug") && way == "alone" {
						continue // OmitFlags: there is no such option
					}
					status, stdout, stderr := c.run(t.Context(), tt.line)
					c.stdin = stdout // of the next line, as import reads what export prints
					if tt.status >= 0 && status != tt.status || tt.status < 0 && status == 0 {
						t.Errorf("%s: got status %d, want %d\n%s", tt.line, status, tt.status, stderr)
					}
					for _, part := range []struct{ got, want string }{{stdout, tt.stdout}, {stderr, tt.stderr}} {
						if part.want == "-" && part.got != "" || part.want != "-" && !strings.Contains(part.got, part.want) {
							t.Errorf("%s: got %q, want %q", tt.line, part.got, part.want)
						}
						if otherName.MatchString(part.got) {
							t.Errorf("%s: got another program's name: %q", tt.line, part.got)
						}
					}
				}
				if n := k.Logins(); n != 1 {
					t.Errorf("got %d sign-ins, want one", n)
				}
			})
		}
	}
}

// TestCanceled cancels the context of the program, which is not a signal for us.
func TestCanceled(t *testing.T) {
	t.Parallel()
	k := webssotest.NewKeystone(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, way := range []string{"alone", "group"} {
		if status, _, stderr := (company{"acme", way, k, ""}).run(ctx, "@login"); status != 1 || !strings.Contains(stderr, "context canceled") {
			t.Errorf("%s: got status %d and %q, want 1", way, status, stderr)
		}
	}
}
