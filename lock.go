package websso

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a waiter looks whether a lock that another process holds is
// free: the kernel has no queue that a context could leave.
const lockPoll = 25 * time.Millisecond

// lockNotice is when a waiter says that it waits: shorter waits are for a look into
// the cache, not for a person.
const lockNotice = 300 * time.Millisecond

// inProcess holds each lock once more among the goroutines of this process, where
// they need not poll, and where there is no folder for lock files it is all there is.
var inProcess sync.Map // lock name: chan struct{}

// errWaited is the cause of a context whose wait for a lock took too long.
var errWaited = errors.New("waited long enough")

// lock takes the lock of that name, for goroutines and processes of this user, and
// returns what releases it. It is released by the kernel, too, when the process
// ends in whatever way.
//
// It waits for at most limit, which is ErrTimeout, and calls waiting once, with who
// holds the lock, if that is worth telling. A lock file that can't be had is told to
// warn, and the lock is then one among goroutines alone.
func lock(ctx context.Context, name string, limit time.Duration, waiting func(holder string), warn func(error)) (release func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errWaited)
	defer cancel()
	notice := time.NewTimer(lockNotice)
	defer notice.Stop()

	// With its path: the user's cache directory is another one after xdg.Reload.
	path := filepath.Join(defaultDir(), name+".lock")
	slot, _ := inProcess.LoadOrStore(path, make(chan struct{}, 1))
	turn := slot.(chan struct{})
	for taken := false; !taken; {
		select {
		case turn <- struct{}{}:
			taken = true
		case <-notice.C:
			waiting("this program")
		case <-ctx.Done():
			return nil, lockError(ctx, path, "this program")
		}
	}
	defer func() {
		if err != nil {
			<-turn
		}
	}()

	file, err := lockFile(path)
	if err != nil {
		warn(fmt.Errorf("websso: other programs are not waited for: %w", err))
		return func() { <-turn }, nil
	}
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		held, err := file.TryLock()
		if err != nil {
			warn(fmt.Errorf("websso: other programs are not waited for: %w", err))
			return func() { <-turn }, nil
		}
		if held {
			break
		}
		select {
		case <-poll.C:
		case <-notice.C:
			waiting(lockHolder(path))
		case <-ctx.Done():
			return nil, lockError(ctx, path, lockHolder(path))
		}
	}
	// For those who wait, and only for their messages. (On Windows the lock keeps
	// it from being read; they then wait for "another program".)
	_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())), 0o600)
	return func() {
		_ = os.Truncate(path, 0)
		_ = file.Close()
		<-turn
	}, nil
}

// lockFile makes the file below a folder that is the user's alone.
func lockFile(path string) (*flock.Flock, error) {
	dir := filepath.Dir(path)
	if err := makePrivate(dir); err != nil {
		return nil, err
	}
	root, err := openPrivate(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return flock.New(path, flock.SetPermissions(0o600)), nil
}

// lockHolder names the process that wrote itself into a lock file.
func lockHolder(path string) string {
	content, err := os.ReadFile(path)
	if pid, convErr := strconv.Atoi(strings.TrimSpace(string(content))); err == nil && convErr == nil {
		return "process " + strconv.Itoa(pid)
	}
	return "another program"
}

func lockError(ctx context.Context, path, holder string) error {
	if cause := context.Cause(ctx); !errors.Is(cause, errWaited) {
		return fmt.Errorf("websso: %w", cause)
	}
	return fmt.Errorf("websso: %s has not finished its sign-in; end it, or see who holds %s: %w", holder, path, ErrTimeout)
}
