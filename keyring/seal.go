package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

const (
	keySize = 32 // AES-256

	// sealedMark begins a sealed value. After it come the name of the key and the
	// ciphertext, all of it text, for a Cache that can't keep anything else.
	sealedMark = "sealed 1 "
)

// Strict, so that no bit of a sealed value can be changed without being noticed.
var encoding = base64.RawStdEncoding.Strict()

// key is what values are sealed with.
type key struct {
	secret []byte
	name   string // says which key it is, and nothing about its secret
	aead   cipher.AEAD
}

func newKey() *key {
	secret := make([]byte, keySize)
	rand.Read(secret) // never fails
	return keyOf(secret)
}

// keyOf returns the key with that secret, or nil if it is none.
func keyOf(secret []byte) *key {
	block, err := aes.NewCipher(secret)
	if err != nil || len(secret) != keySize {
		return nil
	}
	// 96 random bits are a nonce for 2^32 values (NIST SP 800-38D, 8.3): more than
	// a user signs in to.
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(append([]byte("name of a websso key "), secret...))
	return &key{secret: secret, name: hex.EncodeToString(sum[:8]), aead: aead}
}

// parseKey reads what the keyring holds. What is no key is nil.
func parseKey(text string) *key {
	secret, err := encoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return keyOf(secret)
}

func (k *key) String() string { return encoding.EncodeToString(k.secret) }

// seal encrypts the value of an entry. The entry's key is authenticated with it, so that
// the value can't be moved to another entry.
func (k *key) seal(entry, value string) string {
	head := sealedMark + k.name + " "
	return head + encoding.EncodeToString(k.aead.Seal(nil, nil, []byte(value), []byte(head+entry)))
}

// open is the reverse of seal.
func (k *key) open(entry, sealed string) (value string, ok bool) {
	name, ciphertext, ok := split(sealed)
	if !ok || name != k.name {
		return "", false
	}
	raw, err := encoding.DecodeString(ciphertext)
	if err != nil {
		return "", false
	}
	plain, err := k.aead.Open(nil, nil, raw, []byte(sealedMark+name+" "+entry))
	return string(plain), err == nil
}

// split finds the name of the key in a sealed value.
func split(sealed string) (name, ciphertext string, ok bool) {
	if sealed, ok = strings.CutPrefix(sealed, sealedMark); !ok {
		return "", "", false
	}
	return strings.Cut(sealed, " ")
}
