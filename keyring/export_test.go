package keyring

import (
	"context"
	"time"

	"github.com/gophercloud-websso/websso"
)

// Program is a program that uses keyring for its key.
type Program struct{ ring *ring }

// NewProgram returns a program whose lock is one among those that share turn.
func NewProgram(keyring store, turn chan struct{}) Program {
	return Program{&ring{store: keyring, lock: func() (func(), error) {
		select {
		case turn <- struct{}{}:
			return func() { <-turn }, nil
		case <-time.After(limit):
			return nil, context.DeadlineExceeded
		}
	}}}
}

// NewProcess returns a program with the lock of real ones.
func NewProcess(keyring store) Program { return Program{&ring{store: keyring, lock: lock}} }

// NewSystemProgram returns a program with the system's keyring.
func NewSystemProgram() Program { return Program{&ring{store: system{}, lock: lock}} }

// NewCache is NewCache in the program.
func (p Program) NewCache(inner websso.Cache) *Cache { return newCache(inner, p.ring) }
