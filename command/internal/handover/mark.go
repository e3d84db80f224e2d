package handover

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Mark is the variable in which env and exec note what they have set, and what the user
// had before.
const Mark = "WEBSSO_ENV"

// markVersion begins each mark. One of another version is as good as none.
const markVersion = "1"

// mark is what the variable Mark says.
type mark struct {
	keystone string            // a hash of its URL, which OS_AUTH_URL need not be
	set      map[string]string // hashes of the values that were set, by variable; the others of the table were removed
	before   map[string]string // what the user had, without secrets
	lost     []string          // the variables of the secrets that the user had
}

// parseMark reads a mark. The result is nil if text is none.
func parseMark(text string) *mark {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	version, records, ok := strings.Cut(string(raw), "\x00")
	if err != nil || !ok || version != markVersion {
		return nil
	}
	m := &mark{set: make(map[string]string), before: make(map[string]string)}
	for record := range strings.SplitSeq(records, "\x00") {
		if record == "" {
			continue
		}
		name, value, _ := strings.Cut(record[1:], "=")
		switch record[0] {
		case 'k':
			m.keystone = value
		case 's':
			m.set[name] = value
		case 'b':
			m.before[name] = value
		case 'l':
			m.lost = append(m.lost, name)
		}
	}
	return m
}

// String returns the mark in letters that no shell changes.
func (m *mark) String() string {
	records := []string{markVersion, "k=" + m.keystone}
	for _, of := range []struct {
		kind   string
		values map[string]string
	}{{"s", m.set}, {"b", m.before}} {
		for _, name := range slices.Sorted(maps.Keys(of.values)) {
			records = append(records, of.kind+name+"="+of.values[name])
		}
	}
	for _, name := range m.lost {
		records = append(records, "l"+name)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(records, "\x00")))
}

// hash tells values of a variable apart. It is far too short to find a token by it.
func hash(name, value string) string {
	sum := sha256.Sum256([]byte(name + "=" + value))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// hashKeystone is the same for all spellings of a Keystone's URL.
func hashKeystone(authURL string) string {
	if authURL == "" {
		return ""
	}
	u, err := url.Parse(authURL)
	if err != nil {
		return hash("", authURL)
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	path := strings.TrimRight(strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/v3"), "/")
	return hash("", u.Scheme+"://"+host+path)
}

// mayKeep reports whether a value may be in a mark.
func (v variable) mayKeep(value string) bool {
	if v.secret {
		return false
	}
	u, err := url.Parse(value)
	return err != nil || u.User == nil // a URL may have a password
}
