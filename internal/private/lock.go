package private

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
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
)

// ErrLockTimeout means that a lock was not free within the limit.
var ErrLockTimeout = errors.New("timed out")

// turns has each lock a second time, among the goroutines of this process, which need
// not poll for it. It is all there is if the lock file can't be used.
var turns = struct {
	sync.Mutex
	of map[string]*turn // by the path of the lock
}{of: make(map[string]*turn)}

// turn is a lock that goroutines of this process hold or wait for.
type turn struct {
	taken chan struct{} // has room for the holder
	users int           // guarded by turns
}

// Lock is a lock among the goroutines and processes of this user. The kernel releases it
// when the process ends.
type Lock struct {
	// Dir and Name say which lock it is. Its file is in Dir while the lock is held, and
	// stays if the process is killed, so the number of names must be bounded.
	Dir, Name string

	// Limit is how long another process may hold the lock, however many of them come
	// before; ctx bounds the whole wait. Own is how long a goroutine of this process may
	// keep others waiting, if that is longer. After it comes an error that names the holder
	// and wraps ErrLockTimeout.
	Limit, Own time.Duration

	// Waiting, if set, is called once, with who holds the lock, if the wait is long
	// enough to be worth telling.
	Waiting func(holder string)

	// Warn, if set, is called if the lock file can't be used. The lock then works
	// within this process alone.
	Warn func(error)
}

// Take waits for the lock and returns the function that releases it.
func (l Lock) Take(ctx context.Context) (release func(), err error) {
	if l.Waiting == nil {
		l.Waiting = func(string) {}
	}
	notice := time.NewTimer(lockNotice)
	defer notice.Stop()
	endTurn, err := l.takeTurn(ctx, notice.C)
	if err != nil {
		return nil, err
	}
	unlock, err := l.takeFile(ctx, notice.C)
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
		unlock()
		endTurn()
	}, nil
}

// takeTurn waits for the lock among the goroutines of this process.
func (l Lock) takeTurn(ctx context.Context, notice <-chan time.Time) (release func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, max(l.Own, l.Limit), ErrLockTimeout)
	defer cancel()
	t, leave := l.join()
	release = func() {
		<-t.taken
		leave()
	}
	select {
	case t.taken <- struct{}{}: // even if there is no time to wait
		return release, nil
	default:
	}
	for {
		select {
		case t.taken <- struct{}{}:
			return release, nil
		case <-notice:
			l.Waiting("this program")
		case <-ctx.Done():
			leave()
			return nil, l.failed(ctx, "this program")
		}
	}
}

// join returns the lock's turn, which is forgotten when all who joined have left.
func (l Lock) join() (t *turn, leave func()) {
	path := l.path()
	turns.Lock()
	defer turns.Unlock()
	t = turns.of[path]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		turns.of[path] = t
	}
	t.users++
	return t, func() {
		turns.Lock()
		defer turns.Unlock()
		if t.users--; t.users == 0 {
			delete(turns.of, path)
		}
	}
}

func (l Lock) path() string { return filepath.Join(l.Dir, l.Name+lockSuffix) }

// failed returns why there is no time left to wait for holder.
func (l Lock) failed(ctx context.Context, holder string) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, ErrLockTimeout) {
		return cause
	}
	return fmt.Errorf("%s still holds %s; wait for it or end it: %w", holder, l.path(), ErrLockTimeout)
}

// errUnusable marks a lock file that can't be used.
var errUnusable = errors.New("the lock file can't be used")

// takeFile waits for the lock among processes.
func (l Lock) takeFile(ctx context.Context, notice <-chan time.Time) (release func(), err error) {
	root, err := makeDir(l.Dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnusable, err)
	}
	defer func() {
		if err != nil {
			root.Close()
		}
	}()
	limit, poll := time.NewTimer(l.Limit), time.NewTicker(lockPoll)
	defer limit.Stop()
	defer poll.Stop()
	lastTried := time.Now()
	var before holder
	for {
		file, err := tryLock(root, l.Dir, l.Name+lockSuffix)
		switch {
		case file != nil:
			if err := file.Truncate(0); err == nil { // for the messages of those who wait
				_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
			}
			return func() {
				unlock(root, l.Name+lockSuffix, file)
				root.Close()
			}, nil
		case err == nil:
			lastTried = time.Now()
		case !isBusy(err) || time.Since(lastTried) > busyLimit:
			return nil, fmt.Errorf("%w: %w", errUnusable, err)
		}
		if before == (holder{}) {
			before = l.holder(root)
		}
		select {
		case <-poll.C:
		case <-notice:
			l.Waiting(l.holder(root).name)
		case <-limit.C:
			now := l.holder(root)
			if now == before {
				return nil, l.failed(ctx, now.name)
			}
			before = now
			limit.Reset(l.Limit)
		case <-ctx.Done():
			return nil, l.failed(ctx, l.holder(root).name)
		}
	}
}

// isNamed reports whether the file of that name is still the one that was opened.
func isNamed(root *os.Root, name string, file *os.File) bool {
	opened, err := file.Stat()
	now, nowErr := root.Lstat(name)
	return err == nil && nowErr == nil && os.SameFile(now, opened)
}

// holder is who holds a lock, for a message, and since when.
type holder struct {
	name  string
	since time.Time
}

// holder returns the process that holds the lock, as it wrote into the file.
func (l Lock) holder(root *os.Root) holder {
	h := holder{name: "another program"}
	f, info, err := open(root, l.Dir, l.Name+lockSuffix, os.O_RDONLY)
	if err != nil {
		return h
	}
	defer f.Close()
	h.since = info.ModTime()
	content, _ := io.ReadAll(io.LimitReader(f, 32))
	if id, err := strconv.Atoi(strings.TrimSpace(string(content))); err == nil {
		h.name = "process " + strconv.Itoa(id)
		if stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id)); strings.Contains(string(stat), ") T ") {
			h.name = "stopped " + h.name // as by Ctrl-Z; known on Linux alone
		}
	}
	return h
}
