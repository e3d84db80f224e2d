//go:build unix && !linux

package main

// waitForEnd returns when a process has ended.
func waitForEnd(process int) { pollForEnd(process) }
