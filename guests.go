package websso

import (
	"container/list"
	"context"
	"net"
	"sync"
	"time"
)

const (
	// maxGuests is how many connections are held at once.
	maxGuests = 2048

	// crowd is how many are no reason to hurry anyone; a browser needs a handful.
	crowd = 256

	// grace is how long each may take to bring its request in a crowd. A browser asks
	// as soon as it is connected.
	grace = 100 * time.Millisecond
)

// guests holds the connections to the listeners. When there are too many, the oldest
// that has not brought its request has to go, so that those who merely connect keep
// nobody out.
type guests struct {
	mu      sync.Mutex
	waiting list.List // of *guest, oldest first: without a whole request yet
	served  int
}

// guest is one connection.
type guest struct {
	net.Conn
	from  *guests
	since time.Time

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
	g := &guest{Conn: conn, from: gs, since: time.Now()}
	gs.mu.Lock()
	late := gs.late()
	g.place = gs.waiting.PushBack(g)
	gs.mu.Unlock()
	if late != nil {
		late.Close()
	}
	return g
}

// late is who has to go when another comes, or nil.
func (gs *guests) late() *guest {
	n := gs.waiting.Len() + gs.served
	first := gs.waiting.Front()
	if first == nil || n < crowd {
		return nil
	}
	oldest := first.Value.(*guest)
	if n < maxGuests && time.Since(oldest.since) < grace {
		return nil
	}
	return oldest
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

// guestOf is the connection that a request came by.
func guestOf(ctx context.Context) *guest {
	g, _ := ctx.Value(guestKey{}).(*guest)
	return g
}
