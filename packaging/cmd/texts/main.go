// Command texts writes the manual pages of websso, made from the command itself, and the
// licenses of everything that is compiled in. It fails if one is unknown or not allowed.
//
//	go run ./cmd/texts VERSION DATE DIRECTORY
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra/doc"

	"github.com/gophercloud-websso/websso/command"
	"github.com/gophercloud-websso/websso/packaging/bill"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: texts VERSION DATE DIRECTORY")
	}
	modules, err := bill.Modules(context.Background(), "..")
	if err == nil {
		err = os.WriteFile(filepath.Join(os.Args[3], "doc", "NOTICES"), []byte(bill.Notices(modules)), 0o644)
	}
	if err == nil {
		err = writePages(os.Args[1], os.Args[2], filepath.Join(os.Args[3], "man"))
	}
	if err != nil {
		log.Fatalf("texts: %v", err)
	}
}

// files follow the description on the first page, in Markdown.
const files = `

# FILES
**clouds.yaml**
: The clouds. It is looked for in the current directory, in ~/.config/openstack, in
/etc/xdg/openstack and in /etc/openstack; OS\_CLIENT\_CONFIG\_FILE names another.

**~/.cache/gophercloud-websso**
: The cached sign-ins and tokens, which only you can read. XDG\_CACHE\_HOME and --cache-dir
name another directory.
`

// option matches an option as cobra writes it: a paragraph with a line that is indented
// by a tab, for which mandoc warns.
var option = regexp.MustCompile(`(?m)^(?:\.PP\n)?(\\fB-.*)\n\t(.*)$`)

func writePages(version, date, dir string) error {
	day, err := time.Parse(time.DateOnly, date[:min(len(date), len(time.DateOnly))]) // of a time stamp, too
	if err != nil {
		return err
	}
	root := command.New(command.Config{Version: version})
	root.DisableAutoGenTag = true
	for _, c := range append(root.Commands(), root) {
		c.Long = strings.NewReplacer("*", `\*`, "_", `\_`, "<", `\<`).Replace(c.Long)
		if c == root {
			c.Long += files
		} else if !c.IsAvailableCommand() {
			continue
		}
		name := strings.ReplaceAll(c.CommandPath(), " ", "-")
		header := &doc.GenManHeader{Section: "1", Source: "websso " + version, Manual: "User Commands", Date: &day}
		var page strings.Builder
		if err := doc.GenMan(c, header, &page); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		text := option.ReplaceAllString(page.String(), ".TP\n$1\n$2")
		text = strings.NewReplacer("[=false]", "", `=""`, "", "=0s", "", day.Format(`"Jan 2006"`), day.Format(`"`+time.DateOnly+`"`)).Replace(text)
		if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
