package webssotest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// object is one in JSON.
type object map[string]any

// A failure is an answer that says no.
type failure struct {
	status  int
	message string
}

func (f failure) Error() string { return f.message }

// errBroken is a Keystone that fails on its own account, with a page of the web
// server in front of it.
var errBroken = failure{status: http.StatusInternalServerError}

// answers makes a handler of an API of f, whose errors are [failure]s.
func (k *Keystone) answers(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "X-Auth-Token")
		w.Header().Set("X-Openstack-Request-Id", "req-"+idOf(random(16)))
		var no failure
		switch err := f(w, r); {
		case err == nil:
		case errors.As(err, &no) && no != errBroken:
			k.refuse(w, no)
		default:
			writeHTML(w, http.StatusInternalServerError, "Internal Server Error")
		}
	}
}

func (k *Keystone) refuse(w http.ResponseWriter, no failure) {
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Keystone uri=%q", k.url+"/v3"))
	}
	body := object{"code": no.status, "message": no.message, "title": http.StatusText(no.status)}
	if no == errUnsupported {
		body["identity"] = object{"methods": []string{"password", "token", "application_credential", Protocol, "mapped"}}
	}
	writeJSON(w, no.status, object{"error": body})
}

func writeJSON(w http.ResponseWriter, status int, body object) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // only a mistake in this package can cause it
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// writeHTML is for errors that are not the API's own.
func writeHTML(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html>\n<html lang=en>\n<title>%d %s</title>\n<h1>%[2]s</h1>\n", status, title)
}
