package handover

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/gophercloud-websso/websso/internal/keystone"
)

// Mark is the variable in which env and exec note what they have set, and what the user
// had before.
const Mark = "WEBSSO_ENV"

// The keys of a mark, which is written as the values of a form.
const (
	markVersion  = "version"
	markKeystone = "keystone" // a hash of its URL, which OS_AUTH_URL need not be
	markSet      = "set "     // and a variable: a hash of the value that was set; the others of the table were removed
	markBefore   = "before "  // and a variable: what the user had, or nothing if it may not be written down
)

// thisVersion is the version of a mark. One of another version is as good as none.
const thisVersion = "3"

// parseMark reads a mark. The result is nil if text is not one.
func parseMark(text string) url.Values {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	mark, queryErr := url.ParseQuery(string(raw))
	if err != nil || queryErr != nil || mark.Get(markVersion) != thisVersion {
		return nil
	}
	return mark
}

// printMark writes a mark in letters that no shell changes.
func printMark(mark url.Values) string {
	return base64.RawURLEncoding.EncodeToString([]byte(mark.Encode()))
}

// hash tells values of a variable apart. It is far too short to find a token by it. That
// of no value is empty.
func hash(name, value string) string {
	if value == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(name + "=" + value))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// hashKeystone is the same for all spellings of a Keystone's URL.
func hashKeystone(authURL string) string {
	if one, err := keystone.ParseEndpoint(authURL); err == nil {
		authURL = one
	}
	return hash("", authURL)
}

// written returns what of a value may be in a mark: all or nothing.
func (v variable) written(value string) string {
	if v.secret || strings.Contains(value, "://") && strings.Contains(value, "@") { // a URL may have a password
		return ""
	}
	return value
}
