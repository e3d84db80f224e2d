package private

import (
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

const lockSuffix = ".lock"

// Holder is what holds a lock.
type Holder struct {
	Process int       // 0 if it is not known
	Since   time.Time // when the lock was taken
}

// String names the process, for a message.
func (h Holder) String() string {
	if h.Process != 0 {
		return "process " + strconv.Itoa(h.Process)
	}
	return "another program"
}

// holderOf returns what the process that holds a lock wrote into its file.
func holderOf(root *os.Root, dir, name string) Holder {
	var h Holder
	f, info, err := open(root, dir, name+lockSuffix, os.O_RDONLY)
	if err != nil {
		return h
	}
	defer f.Close()
	h.Since = info.ModTime()
	if content, err := io.ReadAll(io.LimitReader(f, 32)); err == nil {
		h.Process, _ = strconv.Atoi(strings.TrimSpace(string(content)))
	}
	return h
}

// sign writes this process's ID into a lock file, for the messages of those who wait.
func sign(file *os.File) {
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
}
