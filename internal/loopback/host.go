package loopback

import (
	"fmt"
	"net/netip"
	"strings"
)

// Host returns the spelling of a loopback host that stands in a URL: "localhost" for
// an empty one, and IPv6 addresses in brackets. Any other host is an error.
func Host(host string) (string, error) {
	if host == "" || strings.EqualFold(host, "localhost") {
		return "localhost", nil
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if err != nil || !addr.IsLoopback() || addr.Is4In6() || addr.Zone() != "" {
		return "", fmt.Errorf("%q is not a loopback host", host)
	}
	if addr.Is6() {
		return "[" + addr.String() + "]", nil
	}
	return addr.String(), nil
}

// IsHost reports whether host, as it stands in a URL, always means this computer.
// Browsers resolve localhost themselves (RFC 6761, section 6.3).
func IsHost(host string) bool {
	_, err := Host(host)
	return err == nil && host != ""
}
