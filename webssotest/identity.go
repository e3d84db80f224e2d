package webssotest

import (
	"net/http"
	"strings"
)

// identity is Keystone's own handler.
func (k *Keystone) identity() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", k.answers(k.versions))
	for _, path := range []string{"/v3", "/v3/{$}"} {
		mux.HandleFunc("GET "+path, k.answers(k.version))
	}
	mux.HandleFunc("POST /v3/auth/tokens", k.answers(k.createToken))
	mux.HandleFunc("GET /v3/auth/tokens", k.answers(k.showToken))
	mux.HandleFunc("DELETE /v3/auth/tokens", k.answers(k.deleteToken))
	mux.HandleFunc("GET /v3/auth/projects", k.answers(k.listProjects))
	mux.HandleFunc("GET /v3/auth/catalog", k.answers(k.showCatalog))
	mux.HandleFunc("GET /v3/auth/OS-FEDERATION/websso/{protocol}", k.answers(k.webSSO))
	mux.HandleFunc("GET /v3/auth/OS-FEDERATION/identity_providers/{idp}/protocols/{protocol}/websso", k.answers(k.webSSO))
	mux.HandleFunc("GET "+comeBackPath, k.comeBack)
	mux.Handle("/compute/", k.compute())
	for _, path := range []string{"/{$}", "/v3", "/v3/{$}", "/v3/auth/tokens", "/v3/auth/projects", "/v3/auth/catalog"} {
		mux.HandleFunc(path, k.answers(notAllowed))
	}
	mux.HandleFunc("/", k.answers(notFound))

	prefixed := http.NewServeMux()
	prefixed.Handle("/identity/", http.StripPrefix("/identity", mux))
	prefixed.Handle("/", mux)
	return prefixed
}

func notAllowed(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusMethodNotAllowed, object{"message": "The method is not allowed for the requested URL."})
	return nil
}

func notFound(w http.ResponseWriter, _ *http.Request) error {
	writeHTML(w, http.StatusNotFound, "Not Found")
	return nil
}

// base is the URL that the client has for Keystone.
func (k *Keystone) base(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/identity/") {
		return k.url + "/identity"
	}
	return k.url
}

func (k *Keystone) versions(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusMultipleChoices, object{"versions": object{"values": []object{k.describe(r)}}})
	return nil
}

func (k *Keystone) version(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, http.StatusOK, object{"version": k.describe(r)})
	return nil
}

func (k *Keystone) describe(r *http.Request) object {
	return object{
		"id":      "v3.14",
		"status":  "stable",
		"updated": "2020-04-07T00:00:00Z",
		"links":   []object{{"rel": "self", "href": k.base(r) + "/v3/"}},
		"media-types": []object{{
			"base": "application/json", "type": "application/vnd.openstack.identity-v3+json",
		}},
	}
}
