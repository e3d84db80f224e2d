package webssotest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// compute lists servers and does nothing else.
func (k *Keystone) compute() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /compute/{$}", k.answers(func(w http.ResponseWriter, _ *http.Request) error {
		writeJSON(w, http.StatusOK, object{"versions": []object{k.describeCompute()}})
		return nil
	}))
	mux.HandleFunc("GET /compute/v2.1/{$}", k.answers(func(w http.ResponseWriter, _ *http.Request) error {
		writeJSON(w, http.StatusOK, object{"version": k.describeCompute()})
		return nil
	}))
	mux.HandleFunc("GET /compute/v2.1/servers", k.answers(func(w http.ResponseWriter, r *http.Request) error {
		return k.listServers(w, r, false)
	}))
	mux.HandleFunc("GET /compute/v2.1/servers/detail", k.answers(func(w http.ResponseWriter, r *http.Request) error {
		return k.listServers(w, r, true)
	}))
	mux.HandleFunc("/", k.answers(notFound))
	return mux
}

func (k *Keystone) describeCompute() object {
	return object{
		"id": "v2.1", "status": "CURRENT", "version": "2.90", "min_version": "2.1", "updated": "2013-07-23T11:33:21Z",
		"links": []object{{"rel": "self", "href": k.url + "/compute/v2.1/"}},
	}
}

func (k *Keystone) listServers(w http.ResponseWriter, r *http.Request, detail bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, err := k.caller(r)
	if err != nil || t.scope.project == "" || k.config.ComputeRefuses {
		return errUnauthorized
	}
	i := slices.IndexFunc(k.projects, func(p Project) bool { return p.ID == t.scope.project })
	project := k.projects[i]
	names := project.Servers

	query := r.URL.Query()
	if marker := query.Get("marker"); marker != "" {
		i := slices.IndexFunc(names, func(name string) bool { return serverID(project, name) == marker })
		if i < 0 {
			return failure{http.StatusBadRequest, "marker [" + marker + "] not found"}
		}
		names = names[i+1:]
	}
	limit := len(names)
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return failure{http.StatusBadRequest, "Invalid input for query parameters limit."}
		}
		// 0 means no limit of the client's.
		if n > 0 {
			limit = min(n, limit)
		}
	}

	list := []object{}
	for _, name := range names[:limit] {
		list = append(list, k.server(project, name, detail))
	}
	body := object{"servers": list}
	if limit < len(names) {
		next := url.Values{"limit": {strconv.Itoa(limit)}, "marker": {serverID(project, names[limit-1])}}
		body["servers_links"] = []object{{"rel": "next", "href": k.url + r.URL.Path + "?" + next.Encode()}}
	}
	writeJSON(w, http.StatusOK, body)
	return nil
}

func (k *Keystone) server(p Project, name string, detail bool) object {
	id := serverID(p, name)
	s := object{"id": id, "name": name, "links": []object{{"rel": "self", "href": k.url + "/compute/v2.1/servers/" + id}}}
	if detail {
		s["status"] = "ACTIVE"
		s["tenant_id"] = p.ID
		s["user_id"] = idOf("builder")
		s["created"], s["updated"] = "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"
		s["flavor"] = object{"original_name": "small"}
		s["image"] = ""
		s["metadata"] = object{}
		s["addresses"] = object{}
	}
	return s
}

func serverID(p Project, name string) string { return idOf("server", p.ID, name) }
