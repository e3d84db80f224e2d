// Package commandline reads the description that the command websso gives of itself
// when it is built with the tag describe.
package commandline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// A Command is the command websso or one of its subcommands.
type Command struct {
	Name        string
	Aliases     []string
	Usage       string
	UsageText   string `json:"usage_text"`
	Arguments   string
	Description string
	Hidden      bool
	Flags       []Flag
	Commands    []Command
}

// A Flag is an option of a command.
type Flag struct {
	Names      []string
	TakesValue bool `json:"takes_value"`
	Usage      string
	Default    string
	Variables  []string
	Group      string
	Hidden     bool
}

// Spelled returns the names with their hyphens.
func (f Flag) Spelled() []string {
	var spelled []string
	for _, name := range f.Names {
		if len(name) > 1 {
			spelled = append(spelled, "--"+name)
		} else {
			spelled = append(spelled, "-"+name)
		}
	}
	return spelled
}

// Placeholder returns the word that stands for the flag's value, "" if it takes none,
// and the usage without the backquotes that mark that word.
func (f Flag) Placeholder() (word, usage string) {
	before, rest, ok := strings.Cut(f.Usage, "`")
	name, after, closed := strings.Cut(rest, "`")
	if !ok || !closed {
		if f.TakesValue {
			return "VALUE", f.Usage
		}
		return "", f.Usage
	}
	if !f.TakesValue {
		name, usage = "", before+name+after
		return name, usage
	}
	return name, before + name + after
}

// Visible returns the subcommands that the help lists, without the help command.
func (c Command) Visible() []Command {
	var visible []Command
	for _, sub := range c.Commands {
		if !sub.Hidden && sub.Name != "help" {
			visible = append(visible, sub)
		}
	}
	return visible
}

// Load builds the command from the work tree at root and returns its description.
func Load(ctx context.Context, root string) (Command, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "run", "-tags", "describe", "./cmd/websso")
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &stdout, &stderr
	cmd.Env = append(os.Environ(), "GOOS=", "GOARCH=")
	if err := cmd.Run(); err != nil {
		return Command{}, fmt.Errorf("describing the command: %w\n%s", err, &stderr)
	}
	var c Command
	if err := json.Unmarshal(stdout.Bytes(), &c); err != nil {
		return Command{}, fmt.Errorf("describing the command: %w", err)
	}
	return c, nil
}
