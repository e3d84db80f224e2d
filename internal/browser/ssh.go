package browser

import (
	"net"
	"os"
	"strconv"
	"strings"
)

// SSHDestination returns this computer as the user reached it by SSH, or "".
func SSHDestination() string {
	// The addresses and ports of the client and the server (ssh(1), ENVIRONMENT).
	fields := strings.Fields(os.Getenv("SSH_CONNECTION"))
	if len(fields) != 4 {
		return ""
	}
	if user := os.Getenv("USER"); user != "" {
		return user + "@" + fields[2]
	}
	return fields[2]
}

// SSHCommand returns the command that forwards a port on a loopback host of
// destination, run on the computer with the browser. It names both addresses of
// localhost: a plain -L takes one of them alone if another program has the other, and
// says nothing.
func SSHCommand(host string, port int, destination string) string {
	number := strconv.Itoa(port)
	target := ":" + host + ":" + number
	addrs := []string{"127.0.0.1:" + number + target, "'[::1]:" + number + target + "'"}
	if host != "localhost" {
		addrs = []string{"'" + net.JoinHostPort(strings.Trim(host, "[]"), number) + target + "'"}
	}
	return "ssh -N -o ExitOnForwardFailure=yes -L " + strings.Join(addrs, " -L ") + " " + destination
}
