package e2e_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// serveEvil serves the hostile site under both of its names until the test ends.
func serveEvil(t *testing.T, handler http.Handler) {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(env(t, "EVIL_CERT"), env(t, "EVIL_KEY"))
	must(t, err)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", env(t, "EVIL_LISTEN"))
	must(t, err)
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close()
	server.Listener = listener
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	t.Cleanup(server.Close)
}
