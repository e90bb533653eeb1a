package main

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// secrets are the keys of a group that encrypts. They come from flags or, so that other
// users of the machine do not see them, from the environment; they are never printed.
type secrets struct {
	set *pflag.FlagSet
}

const (
	keyFlag  = "key"
	ringFlag = "keyring-file"
)

func (s *secrets) flags(cmd *cobra.Command) {
	s.set = cmd.Flags()
	s.set.String(keyFlag, "", `the group's key, in base64, as "serf keygen" prints it (or REPRO_KEY)`)
	s.set.String(ringFlag, "", "file of the group's keys, as Serf's and Consul's agents keep it; it is written when the group changes them (or REPRO_KEYRING_FILE)")
}

// read gives the keys, nil for none, and the file that they are kept in, if any.
func (s *secrets) read() (*wire.Keyring, string, error) {
	v := viper.New()
	err := errors.Join(
		v.BindPFlag(keyFlag, s.set.Lookup(keyFlag)), v.BindEnv(keyFlag, "REPRO_KEY"),
		v.BindPFlag(ringFlag, s.set.Lookup(ringFlag)), v.BindEnv(ringFlag, "REPRO_KEYRING_FILE"),
	)
	if err != nil {
		return nil, "", err
	}
	key, file := v.GetString(keyFlag), v.GetString(ringFlag)
	switch {
	case key != "" && file != "":
		return nil, "", fmt.Errorf("--%s and --%s (or REPRO_KEY and REPRO_KEYRING_FILE) are both set; want one of them", keyFlag, ringFlag)
	case key != "":
		ring, err := parseKey(key)
		return ring, "", err
	case file != "":
		ring, err := live.LoadKeyring(file)
		if err != nil {
			return nil, "", fmt.Errorf("--%s: %w", ringFlag, err)
		}
		return ring, file, nil
	}
	return nil, "", nil
}

func parseKey(text string) (*wire.Keyring, error) {
	const want = "want 16, 24 or 32 bytes in base64, as `serf keygen` prints them"
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("--%s: %d characters that are not base64; %s", keyFlag, len(text), want)
	}
	ring, err := wire.NewKeyring(key)
	if err != nil {
		return nil, fmt.Errorf("--%s: %d characters for %d bytes; %s", keyFlag, len(text), len(key), want)
	}
	return ring, nil
}
