package tab

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gophercloud-websso/websso/internal/loopback"
	"github.com/gophercloud-websso/websso/internal/terminal"
)

// refuseStranger hangs up on another user of this computer.
func (t *Tab) refuseStranger(ctx context.Context) {
	uid, stranger := loopback.Whole(ctx)
	switch {
	case !stranger:
		return
	case uid < 0: // the other end has closed
	case t.User == 0:
		t.tellOnce(fmt.Sprintf("refused a connection of user %d, because this program runs as root: run it as that user, or as root through sudo", uid))
	default:
		t.tellOnce(fmt.Sprintf("refused a connection of another user of this computer (user %d); only you (user %d) can sign in here", uid, t.User))
	}
	panic(http.ErrAbortHandler)
}

// rightHost keeps out names that an attacker's DNS points here, and sends the other
// names of this computer to the one whose sessionStorage has the secret.
func (t *Tab) rightHost(w http.ResponseWriter, r *http.Request) bool {
	own := &url.URL{Host: strings.TrimPrefix(t.origin(), "http://")}
	asked := &url.URL{Host: strings.ToLower(r.Host)}
	port := asked.Port()
	if port == "" {
		port = "80" // a browser leaves out the port that its scheme implies
	}
	// A name that no attacker's DNS made up is that of an editor that shows this port. The
	// answers tell an attacker nothing.
	otherName := r.Host == "" || !loopback.IsHost(asked.Hostname()) || isForwarded(r)
	switch {
	case otherName && (r.Method != http.MethodGet || !metadata(r, "", "", "document")):
		http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
	case otherName:
		t.misdirected(w, "Wrong address", "Your browser came here under another name")
	case port != own.Port():
		t.misdirected(w, "Wrong port", "Your browser came through port "+terminal.Printable(port))
	case asked.Hostname() != own.Hostname():
		http.Redirect(w, r, t.origin()+r.URL.EscapedPath(), http.StatusTemporaryRedirect)
	default:
		return true
	}
	return false
}

func (t *Tab) misdirected(w http.ResponseWriter, title, came string) {
	t.outcomePage(w, http.StatusMisdirectedRequest, Outcome{
		Title: title,
		Text: came + ", but the cloud sends you back to " + t.origin() + " on the computer with the browser. Open the address there that your program printed, and forward port " +
			strconv.Itoa(t.Port) + " to that computer under its own number:",
		Copy: t.Forward,
	})
}

// isForwarded reports whether a proxy replaced another name by this computer's own, as
// GitHub's does for codespaces.
func isForwarded(r *http.Request) bool {
	name, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Host"), ",")
	name = strings.ToLower(strings.TrimSpace(name))
	return name != "" && !loopback.IsHost((&url.URL{Host: name}).Hostname())
}
