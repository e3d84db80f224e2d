package websso

import (
	"container/list"
	"context"
	"errors"
	"net"
	"sync"
)

// maxGuests is how many connections are held at once. A browser needs a handful,
// and asks as soon as it has one.
const maxGuests = 256

// errRefused ends a connection before its request is read.
var errRefused = errors.New("refused")

// guests holds the connections to the listeners. When there are too many, the
// oldest that has not brought its request yet has to go, so that those who merely
// connect keep nobody out.
type guests struct {
	// refuse tells whether a connection is another user's.
	refuse func(net.Conn) bool

	mu      sync.Mutex
	waiting list.List // of *guest, oldest first: without a whole request yet
	served  int
}

// guest is one connection.
type guest struct {
	net.Conn
	from *guests

	checked bool // used by the one goroutine that reads

	// Under from.mu.
	place  *list.Element // in from.waiting, or nil
	closed bool
}

// guestList lets a listener's connections in as guests.
type guestList struct {
	net.Listener
	guests *guests
}

func (l guestList) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.guests.admit(conn), nil
}

func (gs *guests) admit(conn net.Conn) net.Conn {
	g := &guest{Conn: conn, from: gs}
	gs.mu.Lock()
	var leaves *guest
	if gs.waiting.Len()+gs.served >= maxGuests {
		leaves = g
		if oldest := gs.waiting.Front(); oldest != nil {
			leaves = oldest.Value.(*guest)
		}
	}
	g.place = gs.waiting.PushBack(g)
	gs.mu.Unlock()
	if leaves != nil {
		leaves.Close()
	}
	return g
}

// Read looks at who is there when there is something to read: by then a peer that
// wants anything is still connected, and one that only connects costs nothing.
func (g *guest) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if n > 0 && !g.checked {
		g.checked = true
		if g.from.refuse(g.Conn) {
			g.Close()
			return 0, errRefused
		}
	}
	return n, err
}

func (g *guest) Close() error {
	gs := g.from
	gs.mu.Lock()
	if !g.closed {
		g.closed = true
		if g.place != nil {
			gs.waiting.Remove(g.place)
			g.place = nil
		} else {
			gs.served--
		}
	}
	gs.mu.Unlock()
	return g.Conn.Close()
}

// serve marks that the guest's whole request is here: it is no longer the one to
// leave.
func (g *guest) serve() {
	gs := g.from
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if g.place != nil {
		gs.waiting.Remove(g.place)
		g.place = nil
		gs.served++
	}
}

// guestKey finds the guest of a request in its context.
type guestKey struct{}

func withGuest(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, guestKey{}, conn)
}

// served marks the guest that ctx belongs to.
func served(ctx context.Context) {
	if g, ok := ctx.Value(guestKey{}).(*guest); ok {
		g.serve()
	}
}
