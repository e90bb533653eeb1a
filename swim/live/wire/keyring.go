package wire

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"slices"
	"sync"
	"sync/atomic"
)

// Keyring is the keys of an encrypted group. The first encrypts, and all are tried to
// decrypt, so that a key can be changed while the group runs: add the new one
// everywhere, then use it everywhere, then remove the old one everywhere. It may
// be changed while it is in use.
type Keyring struct {
	mu   sync.Mutex // one change at a time
	keys atomic.Pointer[[]key]
}

type key struct {
	secret []byte
	aead   cipher.AEAD
}

// NewKeyring makes a ring of keys of 16, 24 or 32 bytes; the first encrypts.
func NewKeyring(keys ...[]byte) (*Keyring, error) {
	k := &Keyring{}
	k.keys.Store(new([]key))
	for _, secret := range keys {
		if err := k.Add(secret); err != nil {
			return nil, err
		}
	}
	if len(keys) == 0 {
		return nil, &Error{Malformed, "keyring", "", "no key", "one at least"}
	}
	return k, nil
}

// ParseKey reads a key as Serf's and Consul's users have it: in base64.
func ParseKey(s string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, &Error{Malformed, "key", "", err, "base64 of 16, 24 or 32 bytes"}
	}
	return b, checkKey(b)
}

func checkKey(b []byte) error {
	switch len(b) {
	case 16, 24, 32:
		return nil
	}
	return &Error{Malformed, "key", "", plural(len(b), "byte"), "16, 24 or 32"}
}

// Add appends a key to the ring, if it is not there.
func (k *Keyring) Add(secret []byte) error {
	if err := checkKey(secret); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := *k.keys.Load()
	if find(keys, secret) >= 0 {
		return nil
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	keys = append(slices.Clip(keys), key{slices.Clone(secret), aead})
	k.keys.Store(&keys)
	return nil
}

// Use has a key of the ring encrypt from now on.
func (k *Keyring) Use(secret []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := slices.Clone(*k.keys.Load())
	i := find(keys, secret)
	if i < 0 {
		return &Error{Malformed, "keyring", "", "another key", "one that was added"}
	}
	keys[0], keys[i] = keys[i], keys[0]
	k.keys.Store(&keys)
	return nil
}

// Remove takes a key from the ring; the one that encrypts must stay.
func (k *Keyring) Remove(secret []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := *k.keys.Load()
	switch i := find(keys, secret); {
	case i == 0:
		return &Error{Malformed, "keyring", "", "the key that encrypts", "another to remove"}
	case i > 0:
		keys = slices.Delete(slices.Clone(keys), i, i+1)
		k.keys.Store(&keys)
	}
	return nil
}

// Keys gives copies of the keys; the first encrypts.
func (k *Keyring) Keys() [][]byte {
	var secrets [][]byte
	for _, key := range *k.keys.Load() {
		secrets = append(secrets, slices.Clone(key.secret))
	}
	return secrets
}

func find(keys []key, secret []byte) int {
	return slices.IndexFunc(keys, func(k key) bool { return bytes.Equal(k.secret, secret) })
}
