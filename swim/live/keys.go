package live

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// Serf changes a group's keys by queries to all: install the new one, use it, remove the
// old one. Keys are in no log and in no error.

// MaxKeys is how many keys a ring takes by queries.
const MaxKeys = 16

var (
	errNotEncrypted = errors.New("this member has no keys: it does not encrypt")
	errInTransition = errors.New("this member sends or accepts what is not encrypted: its keys cannot be asked for or changed")
	errTooManyKeys  = fmt.Errorf("%d keys already; want one to be removed", MaxKeys)
)

// keyQuery does what one of Serf's queries about keys asks for, and gives the answer.
// It may write a file.
func (m *Member) keyQuery(name string, payload []byte) []byte {
	m.changing.Lock()
	defer m.changing.Unlock()
	ring := m.cfg.Keys
	var answer wire.SerfKeyResponse
	err := errNotEncrypted
	switch {
	case ring == nil:
	case m.cfg.AcceptPlain || m.cfg.SendPlain: // or strangers could ask, or hear the answer
		err = errInTransition
	case name == "list-keys":
		for i, key := range ring.Keys() {
			text := []byte(base64.StdEncoding.EncodeToString(key))
			if i == 0 {
				answer.PrimaryKey = text
			}
			answer.Keys = append(answer.Keys, text)
		}
		err = nil
	default:
		err = m.changeKeys(ring, name, payload)
	}
	if answer.Result = err == nil; err != nil {
		answer.Message = []byte(err.Error())
		m.log.Warn("keys", "query", internal+name, "error", err)
	} else if name != "list-keys" {
		m.log.Info("keys", "query", internal+name, "keys", len(ring.Keys()))
	}
	return fitting(&answer)
}

func (m *Member) changeKeys(ring *wire.Keyring, name string, payload []byte) error {
	t, body, err := wire.SplitSerf(payload)
	if err != nil {
		return err
	}
	if t != wire.SerfTypeKeyRequest {
		return fmt.Errorf("the query brings a %v; want a %v", t, wire.SerfTypeKeyRequest)
	}
	var r wire.SerfKeyRequest
	if err := r.Decode(body); err != nil {
		return err
	}
	switch name {
	case "install-key":
		if len(ring.Keys()) >= MaxKeys {
			return errTooManyKeys
		}
		err = ring.Add(r.Key)
	case "use-key":
		err = ring.Use(r.Key)
	case "remove-key":
		err = ring.Remove(r.Key)
	}
	if err == nil && m.cfg.KeyringFile != "" {
		err = SaveKeyring(m.cfg.KeyringFile, ring)
	}
	return err
}

// fitting encodes an answer, with as many keys as there is room for in a response.
func fitting(answer *wire.SerfKeyResponse) []byte {
	const around = 64 + MaxName // what a response has beside its payload, at most
	all := len(answer.Keys)
	for {
		b := answer.Append(nil)
		if len(b) <= maxResponse-around || len(answer.Keys) == 0 {
			return b
		}
		answer.Keys = answer.Keys[:len(answer.Keys)-1]
		answer.Message = fmt.Appendf(nil, "the first %d of %d keys: there is no room for more", len(answer.Keys), all)
	}
}

// LoadKeyring reads a file of keys as Serf's and Consul's agents keep it: a list in JSON
// of the keys in base64, of which the first encrypts.
func LoadKeyring(path string) (*wire.Keyring, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var texts []string
	if err := json.Unmarshal(b, &texts); err != nil { // its errors may cite a key
		return nil, fmt.Errorf("live: %s: %d bytes that are no list of texts in JSON; want such as [\"KEY\", \"KEY\"], the keys in base64", path, len(b))
	}
	keys := make([][]byte, len(texts))
	for i, text := range texts {
		if keys[i], err = wire.ParseKey(text); err != nil {
			return nil, fmt.Errorf("live: %s: key %d: %w", path, i+1, err)
		}
	}
	ring, err := wire.NewKeyring(keys...)
	if err != nil {
		return nil, fmt.Errorf("live: %s: %w", path, err)
	}
	return ring, nil
}

// SaveKeyring writes a file of keys, which its owner alone may read. The file is whole
// at any time.
func SaveKeyring(path string, ring *wire.Keyring) error {
	var texts []string
	for _, key := range ring.Keys() {
		texts = append(texts, base64.StdEncoding.EncodeToString(key))
	}
	b, err := json.MarshalIndent(texts, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
