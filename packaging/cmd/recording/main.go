// Command recording runs websso in a terminal, against a Keystone of its own and with a
// scripted browser, and draws what it shows: docs/terminal-*.svg. Of the last page it
// takes pictures: docs/signed-in-*.png.
//
//	packaging/record
//
// The ports 443 and 9990 have to be free, openstackclient and Chromium installed.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"

	"github.com/gophercloud-websso/websso/packaging/terminal"
	"github.com/gophercloud-websso/websso/webssotest"
)

const (
	columns = 80
	title   = "Terminal: websso login opens the browser and says who is signed in; websso status shows until when; websso exec runs openstackclient"

	prompt    = "\x1b[32m$\x1b[0m "
	typing    = 45 * time.Millisecond
	pause     = 900 * time.Millisecond // before a command, and at the most anywhere
	atBrowser = 2 * time.Second        // what a sign-in takes here
)

var commands = [][]string{
	{"websso", "login", "--cloud", "mycloud"},
	{"websso", "status", "--cloud", "mycloud"},
	{"websso", "exec", "--cloud", "mycloud", "--", "openstack", "catalog", "list", "-c", "Name", "-c", "Type"},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("recording: ")
	if os.Getenv("RECORDING_CA") != "" {
		browse(os.Args[len(os.Args)-1])
		return
	}
	program := flag.String("websso", "", "the command")
	dir := flag.String("to", ".", "where the pictures go")
	flag.Parse()
	if err := record(*program, *dir); err != nil {
		log.Fatal(err)
	}
}

// browse is the browser that the recorded command opens.
func browse(url string) {
	time.Sleep(atBrowser)
	roots := x509.NewCertPool()
	if text, err := os.ReadFile(os.Getenv("RECORDING_CA")); err == nil {
		roots.AppendCertsFromPEM(text)
	}
	b := &webssotest.Browser{User: "alice", Password: "wonderland", TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	if err := b.Open(url); err != nil {
		log.Fatal(err)
	}
	if _, err := b.Result(); err != nil {
		log.Fatal(err)
	}
}

func record(program, dir string) error {
	s, err := setUp()
	if err != nil {
		return err
	}
	defer s.tearDown()
	if err := s.film(program, dir); err != nil {
		return err
	}
	return s.photograph(dir)
}

// film records the commands in a terminal.
func (s *stage) film(program, dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	env := []string{
		"HOME=" + s.dir, "TERM=xterm-256color", "LANG=C.UTF-8", "BROWSER=" + self, "RECORDING_CA=" + s.caFile(),
		"PATH=" + filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
	r := &recorder{screen: &terminal.Screen{Columns: columns}}
	r.show(prompt, pause)
	for i, c := range commands {
		for _, letter := range strings.Join(c, " ") {
			r.show(string(letter), typing)
		}
		r.show("\r\n", pause)
		if err := r.run(s.dir, env, c); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(c, " "), err)
		}
		if i < len(commands)-1 {
			r.show("\r\n"+prompt, pause)
		}
	}
	for name, theme := range map[string]terminal.Theme{"light": terminal.Light, "dark": terminal.Dark} {
		picture := terminal.SVG(title, columns, r.frames, theme)
		if err := os.WriteFile(filepath.Join(dir, "terminal-"+name+".svg"), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A recorder keeps each state of a screen, and when it came about in the film.
type recorder struct {
	mu     sync.Mutex
	screen *terminal.Screen
	frames []terminal.Frame
	clock  time.Duration
	last   time.Time
}

// show writes text after some time of the film.
func (r *recorder) show(text string, after time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock += after
	_, _ = r.screen.Write([]byte(text))
	r.frames = append(r.frames, terminal.Frame{At: r.clock, Rows: r.screen.Rows()})
}

// Write is what the command writes. Waiting is cut short.
func (r *recorder) Write(p []byte) (int, error) {
	now := time.Now()
	passed := min(now.Sub(r.last), pause)
	r.last = now
	r.show(string(p), passed)
	return len(p), nil
}

func (r *recorder) run(dir string, env, command []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	path, err := lookPath(command[0], env)
	if err != nil {
		return err
	}
	cmd.Path, cmd.Err, cmd.Dir, cmd.Env = path, nil, dir, env
	r.last = time.Now()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: columns})
	if err != nil {
		return err
	}
	defer terminal.Close()
	// (On Linux, reading fails when the last process at the terminal has ended.)
	_, _ = io.Copy(r, terminal)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, r.screen)
	}
	return nil
}

func lookPath(name string, env []string) (string, error) {
	for _, variable := range env {
		if path, ok := strings.CutPrefix(variable, "PATH="); ok {
			for _, dir := range filepath.SplitList(path) {
				if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
					return filepath.Join(dir, name), nil
				}
			}
		}
	}
	return "", errors.New("no " + name)
}
