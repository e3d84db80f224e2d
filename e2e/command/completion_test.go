package command_test

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A shell completes lines on a terminal. Its setup loads the completion script, and has
// reportKey write the line as it stands into the file $REPORT, and clear it.
type shell struct {
	name    string
	program string
	args    []string
	rc      string // where the setup goes, below the home directory
	needs   string // a file without which there is no such shell
	setup   string
	expands string // the key to press in place of Tab if Tab also expands what is on the line
	again   bool   // the script is installed in another way; the hostile lines have been tried
}

// reportKey is Ctrl-X P. It is pressed after Tab, so the report comes when all of Tab is done.
const reportKey = "\x18p"

// Lines to complete, each of them with where Tab is pressed: what it makes of some; ones on
// which it must not run anything, nor write anything, and which would leave a trace if they
// were run, a file of the name TRACE or one that they overwrite; and such whose last word zsh
// expands at a Tab of its own accord, before it completes anything. There, the key is one that
// only completes.
var (
	completedLines = linesOf("completed")
	hostileLines   = linesOf("hostile")
	expandable     = linesOf("expandable")

	bashSetup, zshSetup, fishSetup = setupOf("bash"), setupOf("zsh"), setupOf("fish")
)

//go:embed testdata/completion
var completion embed.FS

func setupOf(name string) string {
	text, err := completion.ReadFile("testdata/completion/" + name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// linesOf returns the lines of a file without their end, which is at a Tab or a bar.
func linesOf(name string) []string {
	lines := strings.Split(strings.TrimSuffix(setupOf(name), "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(strings.TrimSuffix(line, "<Tab>"), "|")
	}
	return lines
}

var completingShells = []shell{
	{name: "bash", program: "bash", args: []string{"-i"}, rc: ".bashrc", setup: bashSetup + "source <(websso completion bash)\n"},
	{
		name: "bash, loaded by bash-completion", program: "bash", args: []string{"-i"}, rc: ".bashrc", again: true,
		needs: "/usr/share/bash-completion/bash_completion",
		setup: bashSetup + `
mkdir -p "$XDG_DATA_HOME/bash-completion/completions"
websso completion bash >"$XDG_DATA_HOME/bash-completion/completions/websso"
source /usr/share/bash-completion/bash_completion
`,
	},
	{
		name: "zsh, autoloaded", program: "zsh", args: []string{"-i"}, rc: ".zshrc", again: true, expands: "\x18c",
		setup: `mkdir -p "$HOME/functions"
websso completion zsh >"$HOME/functions/_websso"
fpath=("$HOME/functions" $fpath)
` + zshSetup,
	},
	{
		name: "fish, autoloaded", program: "fish", args: []string{"-i"}, rc: ".config/fish/config.fish", again: true,
		setup: `mkdir -p $HOME/.config/fish/completions
websso completion fish >$HOME/.config/fish/completions/websso.fish
` + fishSetup,
	},
	{
		name: "bash with bash-completion", program: "bash", args: []string{"-i"}, rc: ".bashrc",
		needs: "/usr/share/bash-completion/bash_completion",
		setup: "source /usr/share/bash-completion/bash_completion\n" + bashSetup + "source <(websso completion bash)\n",
	},
	{name: "zsh", program: "zsh", args: []string{"-i"}, rc: ".zshrc", setup: zshSetup + "source <(websso completion zsh)\n", expands: "\x18c"},
	{name: "fish", program: "fish", args: []string{"-i"}, rc: ".config/fish/config.fish", setup: fishSetup + "websso completion fish | source\n"},
}

func TestCompletionInShells(t *testing.T) {
	program := build(t)
	for _, s := range completingShells {
		t.Run(s.name, func(t *testing.T) {
			if _, err := exec.LookPath(s.program); err != nil {
				t.Skip(err)
			}
			if _, err := os.Stat(s.needs); s.needs != "" && err != nil {
				t.Skip(err)
			}
			term := start(t, s, program)
			for _, line := range completedLines {
				line, want, _ := strings.Cut(line, "<Tab>")
				if got := term.complete(line, "\t"); got != want {
					t.Errorf("Tab on %q: got %q, want %q", line, got, want)
				}
			}
			if s.again {
				return
			}
			for _, line := range slices.Concat(hostileLines, expandable) {
				before := snapshot(t, term.dir)
				tab := "\t"
				if s.expands != "" && slices.Contains(expandable, line) {
					tab = s.expands
				}
				_ = term.complete(line, tab)
				_ = term.complete(line, tab+tab)
				if after := snapshot(t, term.dir); after != before {
					t.Fatalf("Tab on %q: the directory changed from\n%sto\n%s", line, before, after)
				}
			}
			term.checkRuns()
		})
	}
}

// terminal is a shell on a pseudo-terminal, in a directory of its own.
type terminal struct {
	t            *testing.T
	dir          string
	report, runs string
	tty          *os.File
	mu           sync.Mutex
	shown        bytes.Buffer
}

func start(t *testing.T, s shell, program string) *terminal {
	t.Helper()
	home, bin := t.TempDir(), t.TempDir()
	term := &terminal{t: t, dir: t.TempDir(), report: filepath.Join(home, "report"), runs: filepath.Join(home, "runs")}
	write := func(path string, mode fs.FileMode, text string) {
		t.Helper()
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(text), mode))
	}
	// Every run of websso leaves its first argument behind.
	write(filepath.Join(bin, "websso"), 0o700, fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$1\" >>%q\nexec %q \"$@\"\n", term.runs, program))
	write(filepath.Join(bin, "destroy-everything"), 0o700, "#!/bin/sh\n: >TRACE\n")
	write(filepath.Join(term.dir, "destroy"), 0o700, "#!/bin/sh\n: >TRACE\n")
	write(filepath.Join(term.dir, "log.txt"), 0o600, "a log\n")
	write(filepath.Join(term.dir, "clouds.yaml"), 0o600, `clouds:
  mycloud: {auth_type: v3websso, auth_url: "https://keystone.example/v3", identity_provider: acme, protocol: openid}
  "a:b": {auth_type: v3websso}
  "it's": {auth_type: v3websso}
  "space d": {auth_type: v3websso}
  "$(touch TRACE)": {auth_type: v3websso}
  "`+"`touch TRACE`"+`": {auth_type: v3websso}
  "x; touch TRACE": {auth_type: v3websso}
`)
	write(filepath.Join(home, s.rc), 0o600, s.setup)
	// If they are not there, fish begins to fill these directories from the manual pages, a
	// while after its first start.
	for _, dir := range []string{filepath.Join(home, "data"), filepath.Join(term.dir, "cache")} {
		write(filepath.Join(dir, "fish", "generated_completions", "none.fish"), 0o600, "")
	}

	cmd := exec.CommandContext(t.Context(), s.program, s.args...)
	cmd.Dir = term.dir
	cmd.Env = []string{
		"HOME=" + home, "ZDOTDIR=" + home, "XDG_CACHE_HOME=" + filepath.Join(term.dir, "cache"), "XDG_CONFIG_HOME=" + filepath.Join(home, ".config"),
		"XDG_DATA_HOME=" + filepath.Join(home, "data"), "REPORT=" + term.report, "TERM=xterm", "LANG=C.UTF-8",
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	must(t, err)
	term.tty = tty
	read := make(chan struct{})
	go func() {
		defer close(read)
		term.read()
	}()
	t.Cleanup(func() {
		tty.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		<-read
	})
	return term
}

// read keeps what the shell shows, and answers fish, which asks the terminal what it is.
func (term *terminal) read() {
	chunk := make([]byte, 4096)
	for {
		n, err := term.tty.Read(chunk)
		if err != nil {
			return
		}
		term.mu.Lock()
		term.shown.Write(chunk[:n])
		term.mu.Unlock()
		if bytes.Contains(chunk[:n], []byte("\x1b[c")) {
			term.press("\x1b[?62c")
		}
	}
}

func (term *terminal) press(keys string) { _, _ = term.tty.WriteString(keys) }

// complete types a line, presses keys, and returns the line that then stands there.
func (term *terminal) complete(line, keys string) string {
	term.t.Helper()
	_ = os.Remove(term.report)
	term.press(line + keys + reportKey)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if text, err := os.ReadFile(term.report); err == nil {
			return string(text)
		}
	}
	term.mu.Lock()
	defer term.mu.Unlock()
	term.t.Fatalf("after Tab on %q the shell does not answer; it shows %q", line, term.shown.String())
	return ""
}

// checkRuns checks that websso was only ever asked for completions.
func (term *terminal) checkRuns() {
	text, err := os.ReadFile(term.runs)
	must(term.t, err)
	asked := 0
	for verb := range strings.Lines(string(text)) {
		switch verb {
		case "__complete\n":
			asked++
		case "completion\n": // the setup
		default:
			term.t.Errorf("websso was run with %q, want only __complete", verb)
		}
	}
	if asked == 0 {
		term.t.Error("websso was never asked, want a question for each Tab")
	}
}

// snapshot describes all that is in a directory.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			fmt.Fprintln(&all, path, info.Mode(), info.Size(), info.ModTime())
		}
		return err
	}))
	return all.String()
}
