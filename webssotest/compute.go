package webssotest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// compute handles the compute service, which lists servers and does nothing else.
func (c *cloud) compute() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /compute/{$}", c.api(func(w http.ResponseWriter, _ *http.Request) error {
		writeJSON(w, http.StatusOK, object{"versions": []object{c.describeCompute()}})
		return nil
	}))
	mux.HandleFunc("GET /compute/v2.1/{$}", c.api(func(w http.ResponseWriter, _ *http.Request) error {
		writeJSON(w, http.StatusOK, object{"version": c.describeCompute()})
		return nil
	}))
	mux.HandleFunc("GET /compute/v2.1/servers", c.api(func(w http.ResponseWriter, r *http.Request) error {
		return c.listServers(w, r, false)
	}))
	mux.HandleFunc("GET /compute/v2.1/servers/detail", c.api(func(w http.ResponseWriter, r *http.Request) error {
		return c.listServers(w, r, true)
	}))
	mux.HandleFunc("/", c.api(notFound))
	return mux
}

func (c *cloud) describeCompute() object {
	return object{
		"id": "v2.1", "status": "CURRENT", "version": "2.90", "min_version": "2.1", "updated": "2013-07-23T11:33:21Z",
		"links": []object{{"rel": "self", "href": c.url + "/compute/v2.1/"}},
	}
}

func (c *cloud) listServers(w http.ResponseWriter, r *http.Request, detail bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.caller(r)
	if err != nil || t.scope.project == "" || c.config.Quirks.ComputeRefuses {
		return errUnauthorized
	}
	project := c.projectByID(t.scope.project)
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
		if n > 0 { // 0 means no limit
			limit = min(n, limit)
		}
	}

	list := []object{}
	for _, name := range names[:limit] {
		list = append(list, c.describeServer(project, name, detail))
	}
	body := object{"servers": list}
	if limit < len(names) {
		next := url.Values{"limit": {strconv.Itoa(limit)}, "marker": {serverID(project, names[limit-1])}}
		body["servers_links"] = []object{{"rel": "next", "href": c.url + r.URL.Path + "?" + next.Encode()}}
	}
	writeJSON(w, http.StatusOK, body)
	return nil
}

func (c *cloud) describeServer(p *Project, name string, detail bool) object {
	id := serverID(p, name)
	s := object{"id": id, "name": name, "links": []object{{"rel": "self", "href": c.url + "/compute/v2.1/servers/" + id}}}
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

func serverID(p *Project, name string) string { return idOf("server", p.ID, name) }
