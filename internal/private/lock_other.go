//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package private

import (
	"errors"
	"os"
)

// try can't lock files here.
func (Lock) try(*os.Root) (*os.File, error) { return nil, errors.ErrUnsupported }

func unlock(*os.File) {}
