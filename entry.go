package websso

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gophercloud-websso/websso/internal/keystone"
)

const (
	// entryVersion is the format of an entry. One of another version is a miss.
	entryVersion = 2

	// margin is how much longer a cached token must be valid, so that it does not
	// expire while it is used.
	margin = 2 * time.Minute
)

// entry is one cached value: a line of JSON, and after it the body of Keystone's answer
// as it came. The body is the large part and most runs need none of it, so only its sum
// is checked.
type entry struct {
	Version  int                     `json:"version"`
	For      string                  `json:"for"` // the key, which shows a value under a wrong one
	Token    string                  `json:"token,omitempty"`
	SignIn   string                  `json:"sign_in,omitempty"` // a scoped token's: the sign-in it came from
	Written  time.Time               `json:"written"`
	Received time.Time               `json:"received"`
	Expires  time.Time               `json:"expires"`
	Asked    time.Duration           `json:"asked,omitempty"`    // a sign-in's: how long it was to be valid
	Callback string                  `json:"callback,omitempty"` // a sign-in's: where the browser came back to; "" if it was imported
	Scopes   []gophercloud.AuthScope `json:"scopes,omitempty"`   // a sign-in's: those with an entry
	SignIns  map[string]listing      `json:"sign_ins,omitempty"` // the list's, by key; a sign-in's has itself
	Sum      string                  `json:"sum"`

	body string
}

func newEntry(t keystone.Token) entry {
	return entry{Token: t.ID, Received: t.Received, Expires: t.Expires, body: string(t.Body)}
}

func (e entry) encode() (string, error) {
	e.Version = entryVersion
	e.Sum = hexSum(e.body)
	head, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	return string(head) + "\n" + e.body, nil
}

// decodeEntry parses the value of key. If it is broken in any way, the entry is zero. Of one
// that another version wrote, it has only the version and the list of sign-ins, which all
// versions write alike.
func decodeEntry(key, value string) entry {
	head, body, _ := strings.Cut(value, "\n")
	var e entry
	err := json.Unmarshal([]byte(head), &e)
	switch {
	case e.For != key:
		return entry{}
	case e.Version != entryVersion:
		return entry{Version: e.Version, SignIns: e.SignIns}
	case err != nil || e.Sum != hexSum(body) || e.Token != "" && !keystone.IsToken(e.Token):
		return entry{}
	}
	e.body = body
	return e
}

// usable reports whether the token is worth trying. If its sign-in was found dead, the
// token is gone and only the user's name is left.
func (e entry) usable() bool { return e.Token != "" && e.lasts(margin) }

// lasts reports whether so much of a sign-in's life is left, or half if it never was so long.
func (e entry) lasts(validity time.Duration) bool {
	left := time.Until(e.Expires)
	return left >= validity || e.Asked >= validity && left > time.Since(e.Received)
}

func (e entry) token() keystone.Token {
	return keystone.Token{ID: e.Token, Body: json.RawMessage(e.body), Received: e.Received, Expires: e.Expires, Verified: true}
}

// fingerprint names a sign-in without telling its token.
func fingerprint(token string) string {
	return hexSum("sign-in " + token)[:16]
}

// TLSFiles are the absolute paths of the files with the certificate authorities to trust, the
// client certificate and its key, each empty if there is none.
type TLSFiles struct {
	CACert string `json:"cacert,omitempty"`
	Cert   string `json:"cert,omitempty"`
	Key    string `json:"key,omitempty"`
}

// listing is what the list of all sign-ins has of one: what its key is made of, and what
// Logout needs later.
type listing struct {
	Endpoint         string    `json:"auth_url"`
	IdentityProvider string    `json:"identity_provider,omitempty"`
	Protocol         string    `json:"protocol"`
	Username         string    `json:"username,omitempty"`
	Unverified       bool      `json:"unverified,omitempty"`
	TLSFiles         TLSFiles  `json:"tls_files,omitzero"`
	Listed           time.Time `json:"listed"`
}

// key returns the key of the sign-in. What came over an unverified connection is cached
// apart, because a token from a man in the middle must not serve a run that verifies.
func (l listing) key() string {
	key := keystone.WebSSOAddress(l.Endpoint, l.IdentityProvider, l.Protocol)
	if l.Username != "" {
		key += " username " + url.QueryEscape(l.Username)
	}
	if l.Unverified {
		key += " unverified"
	}
	return key
}
