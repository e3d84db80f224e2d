//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package private

import (
	"errors"
	"os"
)

// tryLock can't lock files here.
func tryLock(*os.Root, string, string) (*os.File, error) { return nil, errors.ErrUnsupported }

func unlock(*os.Root, string, *os.File) {}
