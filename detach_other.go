//go:build !unix

package websso

import "os/exec"

func detach(*exec.Cmd) {}
