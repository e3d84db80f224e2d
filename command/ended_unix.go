//go:build unix && !linux

package command

// waitForEnd returns when a process has ended.
func waitForEnd(process int) { pollForEnd(process) }
