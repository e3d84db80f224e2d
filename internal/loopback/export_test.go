package loopback

import "time"

// SetReadTimeout changes how long a request may take to arrive, until restore is called.
func SetReadTimeout(d time.Duration) (restore func()) {
	before := readTimeout
	readTimeout = d
	return func() { readTimeout = before }
}
