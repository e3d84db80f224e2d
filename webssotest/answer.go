package webssotest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// object is a JSON object.
type object map[string]any

// A failure is an error of an API.
type failure struct {
	status  int
	message string
}

func (f failure) Error() string { return f.message }

// Keystone's errors about tokens, users and scopes. A project that doesn't exist and a
// project on which the user has no role get the same answer.
var (
	errUnauthorized = failure{http.StatusUnauthorized, "The request you have made requires authentication."}
	errUnsupported  = failure{http.StatusUnauthorized, "Attempted to authenticate with an unsupported method."}
	errNoToken      = failure{http.StatusNotFound, "No token in the request"}
	errUnrecognized = failure{http.StatusNotFound, "Could not recognize Fernet token"}
	errDead         = failure{http.StatusNotFound, "Failed to validate token"}
	errScope        = failure{http.StatusBadRequest, "Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope."}
)

// errBroken is answered with the web server's own page, as when Keystone crashes.
var errBroken = failure{status: http.StatusInternalServerError}

// writeFailure writes an error as Keystone does. endpoint is Keystone's URL, with /v3.
func writeFailure(w http.ResponseWriter, err error, endpoint string) {
	var f failure
	if !errors.As(err, &f) || f == errBroken {
		writeHTML(w, http.StatusInternalServerError)
		return
	}
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Keystone uri=%q", endpoint))
	}
	body := object{"code": f.status, "message": f.message, "title": http.StatusText(f.status)}
	if f == errUnsupported {
		body["identity"] = object{"methods": []string{"password", "token", "application_credential", Protocol, otherProtocol}}
	}
	writeJSON(w, f.status, object{"error": body})
}

func writeJSON(w http.ResponseWriter, status int, body object) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // a mistake in this package
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// writeHTML writes a page of the web server in front of an API.
func writeHTML(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html>\n<html lang=en>\n<title>%d %s</title>\n<h1>%[2]s</h1>\n", status, http.StatusText(status))
}

func notFound(w http.ResponseWriter, _ *http.Request) error {
	writeHTML(w, http.StatusNotFound)
	return nil
}

func notAllowed(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusMethodNotAllowed, object{"message": "The method is not allowed for the requested URL."})
	return nil
}

func foreign(status int, write http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="ingress"`)
		}
		write(w, r)
	})
}
