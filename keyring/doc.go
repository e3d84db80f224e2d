// Package keyring encrypts cached sign-ins with a key that is in the system's
// keyring: the Secret Service (GNOME Keyring, KWallet, KeePassXC) on Linux and the
// BSDs, the Keychain on macOS, Credential Manager on Windows.
//
//	opts.Cache = keyring.NewCache(websso.NewFileCache(""))
//
// Only the key is in the keyring. The sign-ins stay in the Cache that this one
// wraps, because keyrings are made for passwords: Credential Manager takes 2,560
// bytes, and the catalog of a large cloud is a hundred times that.
//
// This protects what leaves the computer without the keyring: a disk, a backup, a
// home directory that other computers share. It does not protect against other
// programs of the same user, since any of them can ask the keyring for the key.
//
// # When the keyring can't be used
//
// A keyring can be locked, absent or slow, and over SSH it usually is one of these.
// It never stops a sign-in: after 3 seconds at most, sign-ins are cached in memory
// until the program ends, and the user reads once what to do about it. Nothing is
// written in the clear.
package keyring
