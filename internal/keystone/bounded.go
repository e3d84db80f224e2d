package keystone

import (
	"errors"
	"io"
	"net/http"
)

// maxAnswer is the largest answer read: many times the largest catalog seen. Without a
// limit, whoever answers for Keystone could fill the memory.
const maxAnswer = 16 << 20

var errTooLarge = errors.New("the answer is larger than 16 MiB: is this the address of Keystone?")

// bounded is a RoundTripper whose answers end with an error at maxAnswer.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	next := b.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	if err == nil {
		resp.Body = &boundedBody{ReadCloser: resp.Body, left: maxAnswer}
	}
	return resp, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
