package main

import (
	"fmt"
	"io"
	"sync/atomic"
)

// app is what all commands share.
type app struct {
	stdout io.Writer
	screen *screen

	noBrowser bool // the user opens the address
	debugging bool
	requests  atomic.Int32 // to Keystone, while debugging

	atExit func(status int) // if not nil, called last
}

// print writes a result.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
