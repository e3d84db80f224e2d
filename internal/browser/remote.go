package browser

import (
	"net"
	"os"
	"strconv"
	"strings"
)

// Remote is how the user runs a command on this computer from the one with the browser.
type Remote struct {
	Command string // what precedes the command
	Shell   bool   // a shell reads the command once more there
}

// Remote returns how to reach this computer, or false if none is known or needed. Nobody takes
// the variables of SSH into a container: who has them there came by SSH.
func (c Computer) Remote() (Remote, bool) {
	switch {
	case c.isCodespace():
		return Remote{"gh codespace ssh" + c.codespaceName() + " --", true}, true
	case c.SSHDestination() != "":
		return Remote{"ssh " + c.SSHDestination(), true}, true
	case c.engine() != "" && !c.isToolbox():
		user := ""
		// The engine would run it as the user of the image, who need not be this one.
		if uid := os.Getuid(); uid >= 0 {
			user = " -u " + strconv.Itoa(uid)
		}
		return Remote{c.engine() + " exec -i" + user + " " + c.container(), false}, true
	}
	return Remote{}, false
}

func (c Computer) codespaceName() string {
	if name := c.Getenv("CODESPACE_NAME"); isWord(name) {
		return " -c " + name
	}
	return "" // gh asks
}

// ForwardHint says how to bring the browser to port on a loopback host of this computer, with a
// command on a line of its own if there is one. It is "" if the browser is here.
func (c Computer) ForwardHint(host string, port int) string {
	then := "on the computer with the browser, open the address there, and stop it after the sign-in:\n  "
	number := strconv.Itoa(port)
	switch {
	case c.isCodespace():
		return "this is a codespace, so run this " + then + "gh codespace ports forward " + number + ":" + number + c.codespaceName()
	case c.inEditor():
		return "if your editor runs on another computer, let it forward port " + number + " to port " + number +
			" there (in VS Code: the view Ports; in devcontainer.json: \"forwardPorts\": [" + number + "]), and open the address there"
	case c.SSHDestination() != "":
		return "you are connected by SSH, so run this " + then + SSHCommand(host, port, c.SSHDestination())
	case c.engine() != "" && !c.isToolbox():
		return "this is a container, and its host can't reach this address, not even through a published port; start it with --network host, and open the address on the host"
	}
	return ""
}

// Forward is ForwardHint for a page that others might read: it names nobody and no computer.
func (c Computer) Forward(host string, port int) string {
	number := strconv.Itoa(port)
	switch {
	case c.isCodespace():
		return "gh codespace ports forward " + number + ":" + number
	case c.inEditor():
		return "in VS Code, the view Ports does it, or \"forwardPorts\": [" + number + "] in devcontainer.json"
	}
	return SSHCommand(host, port, "HOST")
}

// SSHCommand returns the command that forwards a port on a loopback host of
// destination, run on the computer with the browser. It names both addresses of
// localhost: a plain -L takes one of them alone if another program has the other, and
// says nothing. The quotes are those that every shell takes off, that of Windows too.
func SSHCommand(host string, port int, destination string) string {
	number := strconv.Itoa(port)
	target := ":" + host + ":" + number
	addrs := []string{"127.0.0.1:" + number + target, `"[::1]:` + number + target + `"`}
	if host != "localhost" {
		addrs = []string{`"` + net.JoinHostPort(strings.Trim(host, "[]"), number) + target + `"`}
	}
	return "ssh -N -o ExitOnForwardFailure=yes -L " + strings.Join(addrs, " -L ") + " " + destination
}
