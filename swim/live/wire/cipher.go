package wire

import "io"

// Encryption is AES-GCM. A sealed text is a version, a nonce, and the cipher's text
// and tag; the label is authenticated with it.

const (
	paddedVersion = 0 // padded to whole blocks as PKCS #7 has it
	plainVersion  = 1

	nonceBytes = 12
	tagBytes   = 16
	padding    = 16 // at most

	sealOverhead = 1 + nonceBytes + tagBytes
)

// appendSealed encrypts plain, which must not overlap b.
func (e *Envelope) appendSealed(b, plain, associated []byte) ([]byte, error) {
	version := byte(plainVersion)
	if e.PaddedCipher {
		version = paddedVersion
		n := padding - len(plain)%padding
		plain = plain[:len(plain):len(plain)]
		for range n {
			plain = append(plain, byte(n))
		}
	}
	b = append(b, version)
	start := len(b)
	b = append(b, make([]byte, nonceBytes)...)
	nonce := b[start:]
	if _, err := io.ReadFull(e.Nonces, nonce); err != nil {
		return b, err
	}
	return (*e.Keys.keys.Load())[0].aead.Seal(b, nonce, plain, associated), nil
}

// sealedSize is how many bytes appendSealed appends for so many.
func (e *Envelope) sealedSize(plain int) int {
	if e.PaddedCipher {
		plain += padding - plain%padding
	}
	return sealOverhead + plain
}

// appendOpened appends what a sealed text says, trying every key.
func (e *Envelope) appendOpened(b []byte, what string, sealed, associated []byte) ([]byte, error) {
	if len(sealed) < sealOverhead {
		return b, &Error{Truncated, what, "encryption", plural(len(sealed), "byte"), "at least " + decimal(sealOverhead)}
	}
	version := sealed[0]
	if version > plainVersion {
		return b, &Error{Unsupported, what, "encryption version", version, "0 or 1"}
	}
	start := len(b)
	nonce, text := sealed[1:1+nonceBytes], sealed[1+nonceBytes:]
	keys := *e.Keys.keys.Load()
	for i := range keys {
		opened, err := keys[i].aead.Open(b, nonce, text, associated)
		if err != nil {
			continue
		}
		if version == paddedVersion {
			return unpad(opened, start, what)
		}
		return opened, nil
	}
	return b, &Error{NotDecrypted, what, "encryption", "tag", "that of one of " + plural(len(keys), "key")}
}

// unpad takes the padding from what begins at start.
func unpad(b []byte, start int, what string) ([]byte, error) {
	n := 0
	if len(b) > start {
		n = int(b[len(b)-1])
	}
	if n == 0 || n > padding || n > len(b)-start {
		return b[:start], &Error{Malformed, what, "padding", n, "1 to " + decimal(padding)}
	}
	return b[:len(b)-n], nil
}
