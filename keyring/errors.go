package keyring

import (
	"errors"
	"fmt"
	"strings"
)

var (
	errSlow  = errors.New("no answer")
	errNoBus = errors.New("no D-Bus session")
)

// unusable says what is wrong with the keyring, what follows from it, and what to do.
func unusable(err error) error {
	const then = "sign-ins are cached in memory until this program ends"
	text := err.Error()
	switch {
	case errors.Is(err, errSlow):
		return fmt.Errorf("websso: the keyring gave %w within %s, so %s: unlock it, or use another cache", err, limit, then)
	// What go-keyring says if a prompt was dismissed, or could not be shown.
	case strings.Contains(text, "failed to unlock"):
		return fmt.Errorf("websso: the keyring is locked, so %s: unlock it, or use another cache", then)
	// What D-Bus says if no program provides the Secret Service.
	case errors.Is(err, errNoBus), strings.Contains(text, "not provided by any .service files"):
		return fmt.Errorf("websso: there is no keyring here (%w), so %s: start one, or use another cache", err, then)
	}
	return fmt.Errorf("websso: the keyring can't be used (%w), so %s: unlock it, or use another cache", err, then)
}
