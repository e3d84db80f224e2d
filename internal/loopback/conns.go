package loopback

import (
	"container/list"
	"context"
	"net"
	"sync"
	"time"
)

const (
	// maxConns is how many connections are held at once.
	maxConns = 2048

	// crowd is the number of connections below which none is dropped. A browser
	// needs a handful.
	crowd = 256

	// grace is how long a connection may take to bring its request when there are
	// more than that. A browser sends it as soon as it is connected.
	grace = 100 * time.Millisecond
)

// conns holds the connections to the listeners. If there are too many, the oldest one
// without a request is dropped, so that those who merely connect keep nobody out.
type conns struct {
	mu      sync.Mutex
	waiting list.List // of *conn, oldest first: without a whole request yet
	served  int
}

// conn is one connection.
type conn struct {
	net.Conn
	all   *conns
	since time.Time

	// Guarded by all.mu.
	place  *list.Element // in all.waiting, or nil
	closed bool
}

// listener adds its connections to conns.
type listener struct {
	net.Listener
	conns *conns
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.conns.add(c), nil
}

func (cs *conns) add(accepted net.Conn) net.Conn {
	c := &conn{Conn: accepted, all: cs, since: time.Now()}
	cs.mu.Lock()
	late := cs.late()
	c.place = cs.waiting.PushBack(c)
	cs.mu.Unlock()
	if late != nil {
		late.Close()
	}
	return c
}

// late returns the connection to drop for a new one, or nil.
func (cs *conns) late() *conn {
	n := cs.waiting.Len() + cs.served
	first := cs.waiting.Front()
	if first == nil || n < crowd {
		return nil
	}
	oldest := first.Value.(*conn)
	if n < maxConns && time.Since(oldest.since) < grace {
		return nil
	}
	return oldest
}

// Close closes the connection and makes room for another.
func (c *conn) Close() error {
	c.all.mu.Lock()
	if !c.closed && !c.leave() {
		c.all.served--
	}
	c.closed = true
	c.all.mu.Unlock()
	return c.Conn.Close()
}

// serve marks that the connection has brought a whole request, so that it is no longer
// one to drop.
func (c *conn) serve() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.leave() {
		c.all.served++
	}
}

// leave reports whether the connection was waiting, which it no longer is.
func (c *conn) leave() bool {
	if c.place == nil {
		return false
	}
	c.all.waiting.Remove(c.place)
	c.place = nil
	return true
}

// connKey is the key of a request's connection in its context.
type connKey struct{}

// Whole marks that the request of ctx was received whole, and returns the user ID of the
// other end if that is a stranger: another user of this computer, or -1 if the peer was gone
// before it could be looked up. A handler calls it once it has read the request's body: a peer
// that never sends a whole request should cost nothing.
func Whole(ctx context.Context) (uid int, stranger bool) {
	c, ok := ctx.Value(connKey{}).(*conn)
	if !ok {
		return 0, false
	}
	c.serve()
	return strangerUID(c.Conn)
}
