package loopback

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// readTimeout bounds how long a request may take to arrive; half of it is for its header.
var readTimeout = 10 * time.Second

// Serve answers requests on the listeners until the returned function is called. That
// closes every connection at once: a browser keeps silent ones open, for which a
// graceful shutdown would wait. An answer may take up to limit.
func Serve(listeners []net.Listener, h http.Handler, limit time.Duration) (stop func()) {
	cs := &conns{}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readTimeout / 2,
		ReadTimeout:       readTimeout,
		WriteTimeout:      limit,
		// Other programs on localhost leave cookies that browsers send here as well
		// (RFC 6265, section 8.5: cookies are not isolated by port).
		MaxHeaderBytes: 64 << 10,
		ConnContext:    func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
		ErrorLog:       log.New(io.Discard, "", 0),
		// The handler checks who asks, and under which name.
		DisableGeneralOptionsHandler: true,
	}
	server.SetKeepAlivesEnabled(false)
	for _, l := range listeners {
		go func() { _ = server.Serve(listener{Listener: l, conns: cs}) }()
	}
	return func() {
		server.Close()
		closeAll(listeners) // those that the server has not begun to serve
	}
}
