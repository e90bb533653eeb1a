package wire_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

func TestMembersOfOneFamilyAgreeAndOfTwoDoNot(t *testing.T) {
	check := func(all ...wire.Versions) error {
		var a wire.Agreement
		for _, v := range all {
			a.Add(v)
		}
		for _, v := range all {
			if err := a.Check("m", v); err != nil {
				return err
			}
		}
		return nil
	}
	require.NoError(t, check(wire.SerfVersions, wire.SerfVersions))
	require.NoError(t, check(wire.SerfVersions, wire.ConsulVersions))
	require.NoError(t, check(wire.MemberlistVersions, wire.MemberlistVersions))
	require.NoError(t, check())

	err := check(wire.SerfVersions, wire.MemberlistVersions)
	require.ErrorIs(t, err, wire.Incompatible)
	require.ErrorContains(t, err, "delegate protocol version: incompatible: 5; want 2 to 0")
	err = check(wire.SerfVersions, wire.ParseVersions([]byte{1, 5, 2}))
	require.ErrorContains(t, err, "member m")

	later := wire.SerfVersions
	later.PMin = 3
	require.ErrorContains(t, check(wire.SerfVersions, later), "protocol version: incompatible: 2; want 3 to 5")
}

func TestWhatAMemberCanDoIsReadFromItsHighestVersion(t *testing.T) {
	assert.Equal(t, wire.SerfVersions, wire.ParseVersions(wire.SerfVersions.Bytes()))
	assert.Equal(t, wire.Versions{}, wire.ParseVersions(nil))
	assert.True(t, wire.SerfVersions.UnderstandsCRC())
	old := wire.Versions{PMin: 1, PMax: 2, PCur: 2}
	assert.True(t, old.Valid())
	assert.False(t, old.UnderstandsStreamPing())
	assert.False(t, old.UnderstandsNack())
	assert.False(t, wire.Versions{}.Valid())
	assert.False(t, wire.Versions{PMin: 3, PMax: 2}.Valid())
}
