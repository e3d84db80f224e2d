// Command manpages writes the manual pages of websso, made from the command itself.
//
//	go run ./cmd/manpages -version 0.1.0 -date 2026-11-24 DIRECTORY
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/gophercloud-websso/websso/packaging/commandline"
	"github.com/gophercloud-websso/websso/packaging/manpage"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("manpages: ")
	version := flag.String("version", "devel", "version of websso that the pages name")
	date := flag.String("date", time.Now().UTC().Format(time.DateOnly), "date that the pages name")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("give the directory to write to")
	}
	if err := write(*version, *date, flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

func write(version, date, dir string) error {
	// A full time stamp, as release tools have it, will do.
	day, err := time.Parse(time.DateOnly, date[:min(len(date), len(time.DateOnly))])
	if err != nil {
		return fmt.Errorf("-date: %w", err)
	}
	book := manpage.Book{
		Command: commandline.Load(),
		Version: version,
		Date:    day,
		Home:    "https://github.com/gophercloud-websso/websso",
		SeeAlso: []string{"openstack(1)", "ssh(1)"},
		Environment: []manpage.File{
			{Path: "BROWSER", Usage: "The command that opens the address, with %s for the address; several are separated by colons."},
			{Path: "NO_COLOR", Usage: "If not empty, messages have no color."},
			{Path: "OS_CLIENT_CONFIG_FILE", Usage: "The clouds.yaml to read, instead of those below FILES."},
			{Path: "XDG_CACHE_HOME", Usage: "The directory above the cached sign-ins, instead of ~/.cache."},
		},
		Files: []manpage.File{
			{Path: "clouds.yaml", Usage: "The clouds, in the current directory, in ~/.config/openstack or in /etc/openstack, whichever comes first."},
			{Path: "~/.cache/gophercloud-websso", Usage: "The cached sign-ins and tokens (on macOS in ~/Library/Caches, on Windows in %LOCALAPPDATA%). Only you can read them. --cache-dir names another directory."},
		},
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range book.Pages() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
