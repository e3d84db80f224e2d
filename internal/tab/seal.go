package tab

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"sync"
	"time"
)

// sealer lets a page carry what only this sign-in can read or make. That is how the
// listener keeps nothing of what is posted to it.
type sealer struct {
	aead    cipher.AEAD
	codeKey []byte
	began   time.Time

	mu   sync.Mutex
	last time.Duration // the last stamp
}

// What is sealed can't stand for anything of another kind.
const (
	sealedToken  = "token"
	sealedTicket = "ticket"
)

func newSealer() (*sealer, error) {
	key := make([]byte, 64)
	rand.Read(key) // never fails
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		return nil, err
	}
	// 96 random bits are enough of a nonce for the few pages of one sign-in, and for
	// the many that a flood could ask for meanwhile (NIST SP 800-38D, section 8.3).
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &sealer{aead: aead, codeKey: key[32:], began: time.Now()}, nil
}

// seal returns text for a page, together with the time.
func (s *sealer) seal(kind, text string) string {
	stamped := binary.BigEndian.AppendUint64(nil, uint64(s.stamp()))
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, append(stamped, text...), []byte(kind)))
}

// stamp returns the time for what is sealed now, later than all before: a clock may stand
// still for milliseconds, and what came before a trip must not look like what came after.
func (s *sealer) stamp() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.now(), s.last+1)
	return s.last
}

// now returns the time since the first moment of this sign-in.
func (s *sealer) now() time.Duration { return time.Since(s.began) }

// open returns what was sealed, and when.
func (s *sealer) open(kind, sealed string) (text string, at time.Duration, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return "", 0, false
	}
	plain, err := s.aead.Open(nil, nil, raw, []byte(kind))
	if err != nil {
		return "", 0, false
	}
	return string(plain[8:]), time.Duration(binary.BigEndian.Uint64(plain)), true
}

// code returns the eight characters that the user carries from the terminal to the page of
// this sealed token alone.
func (s *sealer) code(sealed string) string {
	mac := hmac.New(sha256.New, s.codeKey)
	mac.Write([]byte(sealed))
	text := base32.StdEncoding.EncodeToString(mac.Sum(nil))[:8]
	return text[:4] + "-" + text[4:]
}

// isCode compares what the user entered, in either case, with or without the hyphen.
func (s *sealer) isCode(sealed, typed string) bool {
	plain := strings.NewReplacer("-", "", " ", "").Replace
	return equal(strings.ToUpper(plain(typed)), plain(s.code(sealed)))
}

// equal compares without telling by the time it takes how much is right.
func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
