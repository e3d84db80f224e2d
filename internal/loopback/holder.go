package loopback

// Holder is a program that listens on a port.
type Holder struct {
	Address string // where it listens
	Process int    // 0 if it is another user's, or can't be found
	Program string // its name; "" without a Process
	UID     int
}
