package private

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	lockSuffix = ".lock"

	// lockPoll is how often a waiter tries to take a lock that another process
	// holds: the kernel has no queue that a context could leave.
	lockPoll = 25 * time.Millisecond

	// lockNotice is after how long a waiter says that it waits.
	lockNotice = 300 * time.Millisecond

	// lockAge is how old a lock file is when a process that was killed must have
	// left it.
	lockAge = 24 * time.Hour
)

// ErrLockTimeout means that a lock was not free within the limit.
var ErrLockTimeout = errors.New("timed out")

// held has each lock a second time, among the goroutines of this process, which need
// not poll for it. It is all there is if the lock file can't be used.
var held sync.Map // path: chan struct{}

// Lock takes a lock among the goroutines and processes of this user, and returns the
// function that releases it. The kernel releases it as well when the process ends.
type Lock struct {
	Dir, Name string

	// Limit is how long to wait for another process, and Own for a goroutine of this
	// one, if that is longer. After it comes an error that names the holder and wraps
	// ErrLockTimeout.
	Limit, Own time.Duration

	// PerHolder lets Limit begin anew when another process has got the lock meanwhile. It
	// then bounds how long one of them may hold the lock, however many come before.
	PerHolder bool

	// Waiting, if set, is called once, with who holds the lock, if the wait is long
	// enough to be worth telling.
	Waiting func(holder string)

	// Warn, if set, is called if the lock file can't be used. The lock then works
	// within this process alone.
	Warn func(error)
}

// Take waits for the lock.
func (l Lock) Take(ctx context.Context) (release func(), err error) {
	notice := time.NewTimer(lockNotice)
	defer notice.Stop()
	endTurn, err := l.takeTurn(ctx, notice.C)
	if err != nil {
		return nil, err
	}
	file, err := l.takeFile(ctx, notice.C)
	switch {
	case errors.Is(err, errUnusable):
		if l.Warn != nil {
			l.Warn(fmt.Errorf("can't coordinate with other programs, so two sign-ins may run at once: %w", err))
		}
		return endTurn, nil
	case err != nil:
		endTurn()
		return nil, err
	}
	return func() {
		file.release()
		endTurn()
	}, nil
}

// takeTurn waits for the lock among the goroutines of this process.
func (l Lock) takeTurn(ctx context.Context, notice <-chan time.Time) (release func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, max(l.Own, l.Limit), ErrLockTimeout)
	defer cancel()
	slot, _ := held.LoadOrStore(l.path(), make(chan struct{}, 1))
	turn := slot.(chan struct{})
	release = func() { <-turn }
	select {
	case turn <- struct{}{}: // even if there is no time to wait
		return release, nil
	default:
	}
	for {
		select {
		case turn <- struct{}{}:
			return release, nil
		case <-notice:
			l.waiting("this program")
		case <-ctx.Done():
			return nil, l.failed(ctx, "this program")
		}
	}
}

func (l Lock) path() string { return filepath.Join(l.Dir, l.Name+lockSuffix) }

func (l Lock) waiting(holder string) {
	if l.Waiting != nil {
		l.Waiting(holder)
	}
}

func (l Lock) failed(ctx context.Context, holder string) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ErrLockTimeout) {
		return cause
	}
	return l.timedOut(holder)
}

func (l Lock) timedOut(holder string) error {
	return fmt.Errorf("%s still holds %s; wait for it or end it: %w", holder, l.path(), ErrLockTimeout)
}

// errUnusable marks a lock file that can't be used.
var errUnusable = errors.New("the lock file can't be used")

// takeFile waits for the lock among processes.
func (l Lock) takeFile(ctx context.Context, notice <-chan time.Time) (*lockFile, error) {
	limit := time.NewTimer(l.Limit)
	defer limit.Stop()
	if err := makeDir(l.Dir); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnusable, err)
	}
	root, err := openDir(l.Dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnusable, err)
	}
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	lastTried := time.Now()
	var before *Holder
	for {
		file, err := l.try(root)
		if file != nil {
			removeOldLocks(root, l.Dir)
			return file, nil
		}
		if err == nil {
			lastTried = time.Now()
		} else if !isBusy(err) || time.Since(lastTried) > busyLimit {
			root.Close()
			return nil, fmt.Errorf("%w: %w", errUnusable, err)
		}
		if before == nil {
			holder := l.holder(root)
			before = &holder
		}
		select {
		case <-poll.C:
		case <-notice:
			l.waiting(l.holder(root).String())
		case <-limit.C:
			now := l.holder(root)
			if l.PerHolder && now != *before {
				*before = now
				limit.Reset(l.Limit)
				continue
			}
			root.Close()
			return nil, l.timedOut(now.String())
		case <-ctx.Done():
			err = l.failed(ctx, l.holder(root).String())
			root.Close()
			return nil, err
		}
	}
}

// release releases the lock.
func (f *lockFile) release() {
	f.end()
	f.root.Close()
}

// holder returns what the process that holds the lock wrote into its file.
func (l Lock) holder(root *os.Root) Holder {
	h := Holder{Name: l.Name}
	h.Process, h.Since = writerOf(root, l.Dir, l.Name+lockSuffix)
	return h
}

// removeOldLocks removes the lock files that killed processes left.
func removeOldLocks(root *os.Root, dir string) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return
	}
	for _, e := range entries {
		name, isLock := strings.CutSuffix(e.Name(), lockSuffix)
		if !isLock {
			continue
		}
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < lockAge {
			continue
		}
		if file, err := (Lock{Dir: dir, Name: name}).try(root); err == nil && file != nil {
			file.end()
		}
	}
}
