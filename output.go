package websso

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// output is where the person reads. Handlers of several connections write to it.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

func newOutput(w io.Writer) *output {
	if w == nil {
		w = os.Stderr
	}
	return &output{w: w}
}

// say writes lines, each marked as this package's. A person who can't be reached
// is no reason to fail.
func (o *output) say(format string, args ...any) {
	text := "websso: " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\nwebsso: ") + "\n"
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = io.WriteString(o.w, text)
}

// warner shows what is wrong with a cache, once: in this call, and for a FileCache
// in the program.
func (o *output) warner(cache Cache) func(error) {
	var once sync.Once
	return func(err error) {
		once.Do(func() {
			if files, ok := cache.(*FileCache); ok && !files.firstReport(err) {
				return
			}
			o.say("%s", strings.TrimPrefix(err.Error(), "websso: "))
		})
	}
}
