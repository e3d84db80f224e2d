package loopbackkeystone_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud-websso/websso/loopbackkeystone"
	"github.com/gophercloud-websso/websso/webssotest"
)

// split returns the address that a server listens on, and the path of its endpoint.
func split(t *testing.T, server *loopbackkeystone.Server) (address, path string) {
	t.Helper()
	u, err := url.Parse(server.URL)
	must(t, err)
	return u.Host, u.Path
}

// raw sends a request as it is written, with the end of what it sends if that is wanted,
// and returns the answer's status, or 0 if there is none, and the rest.
func raw(t *testing.T, address, request string, end bool) (status int, rest string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	if _, err := io.WriteString(conn, request); err != nil {
		return 0, err.Error()
	}
	if end {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	r := bufio.NewReader(conn)
	line, _ := r.ReadString('\n')
	all, _ := io.ReadAll(r)
	var version string
	if _, err := fmt.Sscanf(line, "%s %d", &version, &status); err != nil {
		return 0, line
	}
	return status, string(all)
}

// seenRequest is what came to the real Keystone.
type seenRequest struct {
	method, uri, body, host string
	length                  int64
	header                  http.Header
}

// watch has the Keystone answer 204 to all that comes from now on, and returns it.
func watch(ks *webssotest.Keystone) <-chan seenRequest {
	seen := make(chan seenRequest, 10)
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(*http.Request) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				seen <- seenRequest{r.Method, r.RequestURI, string(body), r.Host, r.ContentLength, r.Header.Clone()}
				w.WriteHeader(http.StatusNoContent)
			})
		}
	})
	return seen
}

// TestNothingElseIsPassedOn has requests that must not get to the real Keystone.
func TestNothingElseIsPassedOn(t *testing.T) {
	ks, server := serving(t)
	address, path := split(t, server)
	seen := watch(ks)
	host := "\r\nHost: " + address + "\r\n"
	for name, request := range map[string]string{
		"a step up":                "GET " + path + "/../admin HTTP/1.1" + host,
		"an encoded step up":       "GET " + path + "/%2e%2e/admin HTTP/1.1" + host,
		"a half encoded step up":   "GET " + path + "/.%2E/admin HTTP/1.1" + host,
		"encoded slashes":          "GET " + path + "/users%2f..%2f..%2fadmin HTTP/1.1" + host,
		"backslashes":              "GET " + path + "/%5c..%5cadmin HTTP/1.1" + host,
		"a step up at the end":     "GET " + path + "/.. HTTP/1.1" + host,
		"a step to itself":         "GET " + path + "/./users HTTP/1.1" + host,
		"no Host":                  "GET " + path + "/users HTTP/1.0\r\n",
		"an empty Host":            "GET " + path + "/users HTTP/1.1\r\nHost:\r\n",
		"two Hosts":                "GET " + path + "/users HTTP/1.1" + host + "Host: evil.example\r\n",
		"a trailing dot":           "GET " + path + "/users HTTP/1.1\r\nHost: " + strings.Replace(address, ":", ".:", 1) + "\r\n",
		"a mapped address":         "GET " + path + "/users HTTP/1.1\r\nHost: " + strings.Replace(address, "127.0.0.1", "[::ffff:127.0.0.1]", 1) + "\r\n",
		"a short address":          "GET " + path + "/users HTTP/1.1\r\nHost: " + strings.Replace(address, "127.0.0.1", "127.1", 1) + "\r\n",
		"no port":                  "GET " + path + "/users HTTP/1.1\r\nHost: 127.0.0.1\r\n",
		"another name in the line": "GET http://evil.example" + path + "/users HTTP/1.1" + host,
		"TRACE":                    "TRACE " + path + "/users HTTP/1.1" + host,
		"CONNECT":                  "CONNECT " + path + "/users HTTP/1.1" + host,
		"CONNECT to a host":        "CONNECT evil.example:443 HTTP/1.1" + host,
		"OPTIONS for all":          "OPTIONS * HTTP/1.1" + host,
		"another version":          "POST " + strings.TrimSuffix(path, "/v3") + "/v2.0/tokens HTTP/1.1" + host + "Content-Length: 2\r\n\r\n{}",
		"another endpoint":         "GET " + path + "x/users HTTP/1.1" + host,
		"an encoded end of line":   "GET " + path + "/users%0d%0aX: HTTP/1.1\r\nHost: x\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			status, rest := raw(t, address, strings.TrimSuffix(request, "\r\n")+"\r\n\r\n", false)
			if status == 0 || status/100 == 2 {
				t.Errorf("got %d %s, want an error", status, rest)
			}
			select {
			case r := <-seen:
				t.Errorf("got %s %s at Keystone, want nothing", r.method, r.uri)
			default:
			}
		})
	}
}

// TestPassedOnAsItIs has requests that must get to the real Keystone, and how.
func TestPassedOnAsItIs(t *testing.T) {
	ks, server := serving(t)
	address, path := split(t, server)
	seen := watch(ks)
	host := "\r\nHost: " + address + "\r\nX-Auth-Token: theirs\r\n"
	for name, tt := range map[string]struct{ request, method, uri, body string }{
		"a query that Go can't parse": {"GET " + path + "/users?name=a;b&x=%zz HTTP/1.1" + host + "\r\n", "GET", "/v3/users?name=a;b&x=%zz", ""},
		"an empty query":              {"GET " + path + "/users?name= HTTP/1.1" + host + "\r\n", "GET", "/v3/users?name=", ""},
		"dots in a name":              {"GET " + path + "/users/..a../.b HTTP/1.1" + host + "\r\n", "GET", "/v3/users/..a../.b", ""},
		"an absolute address":         {"GET http://" + address + path + "/users HTTP/1.1" + host + "\r\n", "GET", "/v3/users", ""},
		"an encoded name and query":   {"GET " + path + "/users/a%2Fb?name=x%26y HTTP/1.1" + host + "\r\n", "GET", "/v3/users/a%2Fb?name=x%26y", ""},
		"PUT":                         {"PUT " + path + "/users/1 HTTP/1.1" + host + "Content-Length: 2\r\n\r\n{}", "PUT", "/v3/users/1", "{}"},
		"HEAD":                        {"HEAD " + path + "/auth/tokens HTTP/1.1" + host + "\r\n", "HEAD", "/v3/auth/tokens", ""},
		"OPTIONS":                     {"OPTIONS " + path + "/auth/tokens HTTP/1.1" + host + "\r\n", "OPTIONS", "/v3/auth/tokens", ""},
		"DELETE of a token":           {"DELETE " + path + "/auth/tokens HTTP/1.1" + host + "\r\n", "DELETE", "/v3/auth/tokens", ""},
		"a body in chunks":            {"PATCH " + path + "/users/1 HTTP/1.1" + host + "Transfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n2\r\n{}\r\n0\r\nX-Check: 1\r\n\r\n", "PATCH", "/v3/users/1", "{}"},
		"a body that waits":           {"POST " + path + "/ec2tokens HTTP/1.1" + host + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}", "POST", "/v3/ec2tokens", "{}"},
		"an upgrade":                  {"GET " + path + "/users HTTP/1.1" + host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "GET", "/v3/users", ""},
		"a named hop":                 {"GET " + path + "/users HTTP/1.1" + host + "Connection: close, X-Private\r\nX-Private: 1\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n\r\n", "GET", "/v3/users", ""},
		"a second request":            {"GET " + path + "/users HTTP/1.1" + host + "\r\nGET " + path + "/second HTTP/1.1" + host + "\r\n", "GET", "/v3/users", ""},
	} {
		t.Run(name, func(t *testing.T) {
			raw(t, address, tt.request, false)
			select {
			case got := <-seen:
				if got.method != tt.method || got.uri != tt.uri || got.body != tt.body || got.length != int64(len(tt.body)) {
					t.Errorf("got %s %s %q with length %d, want %s %s %q", got.method, got.uri, got.body, got.length, tt.method, tt.uri, tt.body)
				}
				if token := got.header.Get("X-Auth-Token"); token != "theirs" || "http://"+got.host != ks.URL() {
					t.Errorf("got token %q for host %s, want the tool's for Keystone", token, got.host)
				}
				for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via", "Upgrade", "Connection", "Expect", "X-Private", "Trailer"} {
					if value := got.header.Get(name); value != "" {
						t.Errorf("got header %s: %s, want none", name, value)
					}
				}
			case <-time.After(10 * time.Second):
				t.Fatal("got nothing at Keystone, want the request")
			}
			select {
			case got := <-seen:
				t.Errorf("got %s as well, want one request for each connection", got.uri)
			default:
			}
		})
	}
}

// TestAnswersAsTheyAre has answers that a proxy could spoil.
func TestAnswersAsTheyAre(t *testing.T) { // reads the standard logger
	var logged bytes.Buffer
	log.SetOutput(&logged)
	defer log.SetOutput(io.Discard)
	ks := webssotest.NewKeystone(t)
	server := start(t, ks)
	address, path := split(t, server)
	var handler http.HandlerFunc
	ks.Configure(func(c *webssotest.Config) {
		c.Intercept = func(*http.Request) http.Handler { return handler }
	})
	get := "GET " + path + "/users HTTP/1.1\r\nHost: " + address + "\r\nAccept-Encoding: gzip\r\n"
	const large = 1 << 20
	to := func(status int, location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(status)
		}
	}
	host := strings.TrimPrefix(ks.URL(), "http://")
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		status  int
		want    string
	}{
		"compressed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, "as it came")
		}, 200, "\r\n\r\nas it came"},
		"large": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(large))
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, strings.Repeat("a", large))
		}, 418, strings.Repeat("a", large)},
		"a header":                    {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Openstack-Request-Id", "req-1") }, 200, "X-Openstack-Request-Id: req-1"},
		"something new is elsewhere":  {to(201, "https://other.example/thing"), 201, "Location: https://other.example/thing"},
		"elsewhere in the endpoint":   {to(302, ks.URL()+"/v3/users/1"), 302, "Location: " + server.URL + "/users/1\r\n"},
		"a path and a query":          {to(302, "/v3/users/2?x=1"), 302, "Location: " + server.URL + "/users/2?x=1\r\n"},
		"the host in capitals":        {to(303, "http://"+strings.ToUpper(host)+"/v3/users/2"), 303, "Location: " + server.URL + "/users/2\r\n"},
		"a step out of the endpoint":  {to(302, ks.URL()+"/v3/%2e%2e/admin"), 502, "is not followed"},
		"out of the endpoint":         {to(302, ks.URL()+"/other"), 502, "is not followed"},
		"another scheme":              {to(302, "gopher://"+host+"/v3/users"), 502, "is not followed"},
		"another host":                {to(302, "https://evil.example/v3/users"), 502, "is not followed"},
		"another host by this scheme": {to(302, "//evil.example/v3/users"), 502, "is not followed"},
		"another host with a user":    {to(302, "http://"+host+"@evil.example/v3/"), 502, "is not followed"},
		"a switch of protocols": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		}, 502, "error"},
		"an end in the middle": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, 0, ""},
	} {
		handler = tt.handler
		status, rest := raw(t, address, get+"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", false)
		if status != tt.status || !strings.Contains(rest, tt.want) {
			t.Errorf("%s: got %d %.300s, want %d and %.300q", name, status, rest, tt.status, tt.want)
		}
	}
	if logged.Len() > 0 {
		t.Errorf("got %q in the program's log, want nothing", logged.String())
	}
}

// TestNoCatalog has a tool that asks for a token without its catalog.
func TestNoCatalog(t *testing.T) {
	_, server := serving(t)
	for query, want := range map[string]bool{"": true, "?nocatalog": false, "?nocatalog=1": false, "?catalog": true} {
		status, body, header := send(t, http.MethodPost, server.URL+"/auth/tokens"+query, credential(server.ID, server.Secret), nil)
		var said struct {
			Token struct {
				User    struct{ Name string }
				Catalog json.RawMessage
			}
		}
		must(t, json.Unmarshal([]byte(body), &said))
		if got := said.Token.Catalog != nil; status != http.StatusCreated || got != want || said.Token.User.Name == "" || header.Get("X-Subject-Token") == "" {
			t.Errorf("%q: got %d with a catalog %t, want %t", query, status, got, want)
		}
	}
}

// TestUnknownPathReadsNothing has somebody who sends much to a path that is not the
// server's.
func TestUnknownPathReadsNothing(t *testing.T) {
	_, server := serving(t)
	address, _ := split(t, server)
	// The answer comes although the body doesn't.
	status, _ := raw(t, address, "POST /x/v3/auth/tokens HTTP/1.1\r\nHost: "+address+"\r\nContent-Length: 4000000\r\n\r\n{", false)
	if status != http.StatusNotFound {
		t.Errorf("got %d, want 404", status)
	}
}

// TestBodyThatDoesNotArrive has bodies that stop in the middle.
func TestBodyThatDoesNotArrive(t *testing.T) {
	_, server := serving(t)
	address, path := split(t, server)
	head := "POST " + path + "/auth/tokens HTTP/1.1\r\nHost: " + address + "\r\n"
	for name, tt := range map[string]struct {
		request string
		end     bool // of what the tool sends
		status  int
	}{
		"cut off":       {head + "Content-Length: 10\r\n\r\n{", true, http.StatusBadRequest},
		"broken chunks": {head + "Transfer-Encoding: chunked\r\n\r\nno number\r\n", false, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, rest := raw(t, address, tt.request, tt.end)
			if status != tt.status {
				t.Errorf("got %d %s, want %d", status, rest, tt.status)
			}
		})
	}
}
