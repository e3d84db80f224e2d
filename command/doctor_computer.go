package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gophercloud-websso/websso"
	"github.com/gophercloud-websso/websso/internal/browser"
	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/private"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// lockDir is where the locks are, whatever the cache.
func lockDir() string { return private.CacheDir("gophercloud-websso") }

// redirect returns the host and port that the browser comes back to.
func (p patient) redirect() (host string, port int) {
	if p.cloud != nil {
		return p.cloud.redirect()
	}
	return "localhost", websso.DefaultRedirectPort
}

// port tries to listen as a sign-in does.
func (p patient) port(ctx context.Context) []finding {
	host, port := p.redirect()
	f := finding{Check: "port", State: stateOK}
	listeners, err := loopback.Listen(ctx, host, port)
	var addresses []string
	for _, l := range listeners {
		name, _, _ := strings.Cut(strings.Trim(l.Addr().String(), "["), "]")
		addresses = append(addresses, strings.TrimSuffix(name, ":"+strconv.Itoa(port)))
		l.Close()
	}
	switch {
	case err == nil:
		f.Found = fmt.Sprintf("%d is free on %s", port, strings.Join(addresses, " and "))
		if host == "localhost" && len(addresses) == 1 {
			f.Found += ", the only loopback address of this computer"
		}
	case errors.Is(err, loopback.ErrInUse):
		f = portHeld(err, port)
	case errors.Is(err, fs.ErrPermission):
		f.State, f.Found = stateFault, fmt.Sprintf("you may not listen on %d", port)
		f.Advice = "use one above 1023 that Keystone trusts, with --redirect-port"
	default:
		f.State, f.Found = stateFault, fmt.Sprintf("can't listen on %d (%s)", port, terminal.Printable(err.Error()))
	}
	return []finding{f}
}

// portHeld says who has the port.
func portHeld(err error, port int) finding {
	f := finding{Check: "port", State: stateFault, Found: oneLine(err) + " is taken"}
	f.Advice = "end that program, or choose another port that Keystone trusts with --redirect-port"
	var who []string
	for _, h := range loopback.Holders(port) {
		name := "another program of yours"
		if h.Process != 0 {
			name = fmt.Sprintf("%s (process %d)", terminal.Printable(h.Program), h.Process)
		} else if u, err := user.LookupId(strconv.Itoa(h.UID)); err == nil && h.UID != currentUID() {
			name = "a program of the user " + u.Username
		}
		if !slices.Contains(who, name) {
			who = append(who, name)
		}
		if isSigningIn(h.Process, port) {
			f.State, f.Found = stateWarning, fmt.Sprintf("a sign-in is going on at %d: %s", port, name)
			f.Advice = "finish it in the browser, or end it"
			return f
		}
	}
	switch {
	case len(who) > 0:
		f.Found += " by " + strings.Join(who, " and ")
	case runtime.GOOS == "darwin":
		f.Advice, f.Copy = f.Advice+". This tells who has it", fmt.Sprintf("lsof -nP -iTCP:%d -sTCP:LISTEN", port)
	case runtime.GOOS == "windows":
		f.Advice, f.Copy = f.Advice+". This tells who has it", fmt.Sprintf("netstat -ano | findstr :%d", port)
	}
	return f
}

func currentUID() int {
	u, err := user.Current()
	if err != nil {
		return -1
	}
	id, err := strconv.Atoi(u.Uid)
	if err != nil {
		return -1
	}
	return id
}

// isSigningIn reports whether a process holds the lock for sign-ins on a port.
func isSigningIn(process, port int) bool {
	return process != 0 && slices.ContainsFunc(private.Held(lockDir()), func(h private.Holder) bool {
		return h.Process == process && h.Name == "signin-"+strconv.Itoa(port)
	})
}

// browser says what a sign-in would open, and where.
func (p patient) browser(context.Context) []finding {
	here := browser.Here()
	f := finding{Check: "browser", State: stateOK}
	program, err := here.Find()
	switch {
	case p.app.bool("no-browser"):
		f.Found = "none is opened, because of --no-browser or WEBSSO_NO_BROWSER; the address is printed"
	case p.app.bool("non-interactive"):
		f.State, f.Found = stateWarning, "none may be opened, because of --non-interactive or WEBSSO_NON_INTERACTIVE"
		f.Advice = "sign in without it"
	case errors.Is(err, browser.ErrNoProgram):
		f.State, f.Found, f.Advice = stateFault, oneLine(err), "correct or unset BROWSER"
	case err != nil:
		f.State, f.Found, f.Advice = stateWarning, oneLine(err), "the address is printed, to be opened by hand"
	default:
		f.Found = program
	}
	host, port := p.redirect()
	if bring := here.Bring(host, port); bring != "" && f.State == stateWarning {
		advice, command, _ := strings.Cut(bring, ":\n")
		f.Advice, f.Copy = advice, strings.TrimSpace(command)
	} else if place := here.Place(); place != "" && f.State != stateFault {
		f.Found += "; this is " + place
	}
	return []finding{f}
}

// cache says where sign-ins are cached, and whether that works.
func (p patient) cache(context.Context) []finding {
	f := finding{Check: "cache", State: stateOK}
	if p.app.text("cache") == cacheMemory {
		f.State, f.Found, f.Advice = stateWarning, "in memory, so each command asks you to sign in", "leave out --cache memory and WEBSSO_CACHE"
		return []finding{f}
	}
	dir, err := cacheDir(p.app.text("cache-dir"))
	if err != nil {
		return []finding{faultOf("cache", err)}
	}
	all := []finding{dirFinding("cache", cmp.Or(dir, lockDir()))}
	if dir != "" && dir != lockDir() {
		// Sign-ins can do without locks, but not one at a time.
		if locks := dirFinding("lock", lockDir()); locks.State != stateOK {
			locks.State = stateWarning
			all = append(all, locks)
		}
	}
	return all
}

func dirFinding(check, dir string) finding {
	f := finding{Check: check, State: stateOK}
	files, err := private.Examine(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Found = dir + " will be made by the first sign-in"
	case err != nil:
		f.State, f.Found = stateFault, oneLine(err)
		if !strings.Contains(f.Found, dir) {
			f.Found = dir + " can't be used (" + f.Found + ")"
		}
		if system := syscall.Errno(0); errors.As(err, &system) {
			f.Advice = "make it a directory that you alone can read and write, or choose another with --cache-dir"
		}
	case runtime.GOOS == "windows" && !inProfile(dir):
		f.State, f.Found = stateWarning, dir+" is outside of your profile, so that other users of this computer may be able to read it"
		f.Advice = "choose a directory in your profile with --cache-dir, or leave it out"
	default:
		f.Found = fmt.Sprintf("%s is yours alone (%s)", dir, count(files, "file"))
	}
	return f
}

// inProfile reports whether dir is in the user's profile, whose access rules keep other
// users out.
func inProfile(dir string) bool {
	home, _ := os.UserHomeDir()
	local, _ := os.UserCacheDir()
	for _, top := range []string{home, local} {
		if top == "" {
			continue
		}
		if path, err := filepath.Rel(strings.ToLower(top), strings.ToLower(dir)); err == nil && filepath.IsLocal(path) {
			return true
		}
	}
	return false
}

// locks says which program others would wait for.
func (p patient) locks(context.Context) []finding {
	_, port := p.redirect()
	var all []finding
	for _, h := range private.Held(lockDir()) {
		if h.Name != "signin-"+strconv.Itoa(port) && h.Name != "renewal-"+strconv.Itoa(port) {
			continue
		}
		who := "another program"
		if h.Process != 0 {
			who = terminal.Printable(processName(h.Process))
		}
		f := finding{Check: "lock", State: stateWarning, Found: fmt.Sprintf("%s is signing in on port %d", who, port)}
		if !h.Since.IsZero() {
			f.Found += " since " + terminal.Clock(h.Since)
		}
		f.Advice = "finish that sign-in, or end the program; others wait for it"
		all = append(all, f)
	}
	if len(all) == 0 {
		all = append(all, finding{Check: "lock", State: stateOK, Found: fmt.Sprintf("no other sign-in is going on at port %d", port)})
	}
	return all
}

// keyring asks the keyring.
func (p patient) keyring(context.Context) []finding {
	encrypted, ok := newCache(cacheKeyring, "").(keyringCache)
	if !ok {
		return nil
	}
	if err := encrypted.Check(); err != nil {
		return []finding{faultOf("keyring", orInFiles(err))}
	}
	return []finding{{Check: "keyring", State: stateOK, Found: "it answers"}}
}

// shortLeft is how little is left of a sign-in that is told of.
const shortLeft = 10 * time.Minute

// signIn says who is signed in and, if asked, which tokens Keystone still knows.
func (p patient) signIn(ctx context.Context) []finding {
	c := p.cloud
	f := finding{Check: "sign-in", State: stateOK}
	login := "websso login"
	if c.name != "" {
		login += " --cloud " + c.name
	}
	_, before := websso.Status(c.opts)
	r, err := c.report(ctx, p.app.bool("check"))
	switch {
	case errors.Is(err, websso.ErrLoginRequired) && before == nil:
		f.State, f.Found, f.Advice = stateWarning, "the cached sign-in was ended at Keystone", "sign in with "+login
		return []finding{f}
	case errors.Is(err, websso.ErrLoginRequired):
		f.Found = "nobody is signed in; sign in with: " + login
		return []finding{f}
	case err != nil:
		return []finding{faultOf("sign-in", err)}
	}
	f.Found = fmt.Sprintf("%s, until %s (in %s)", r.User, terminal.Clock(*r.Expires), timeLeft(*r.Expires))
	if r.Username != "" {
		f.Found += ", with the label " + r.Username
	}
	if time.Until(*r.Expires) < shortLeft {
		f.State, f.Advice = stateWarning, login+" --force gives a new one"
	}
	all := []finding{f}
	if !p.app.bool("check") {
		return all
	}
	for _, t := range r.Tokens {
		token := finding{Check: "token", State: stateOK, Found: t.name + ": valid"}
		switch t.State {
		case stateReplaced:
			token.Found = t.name + ": was revoked, and has been replaced"
		case stateRefused:
			token.State, token.Found = stateWarning, t.name+": was revoked; you have no role there any more"
			token.Advice = "websso projects lists yours"
		}
		all = append(all, token)
	}
	return all
}
