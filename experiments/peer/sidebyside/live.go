package main

import (
	"context"
	"fmt"

	"github.com/swimlab/swimlab/swim/live"
)

// ours is a member of swim/live.
type ours struct{ *live.Member }

func startLive(i int, s settings) (member, error) {
	c := live.LAN(fmt.Sprintf("member-%04d", i))
	c.Bind, c.Family, c.Compress, c.NoCoordinates = "127.0.0.1:0", live.Plain, false, true
	if s.doubt >= 0 {
		c.FirstDoubt = s.doubt
	}
	m, err := live.Start(c)
	if err != nil {
		return nil, err
	}
	return ours{m}, nil
}

func (m ours) join(address string) error {
	_, err := m.Join(context.Background(), address)
	return err
}

func (m ours) address() string { return m.Addr().String() }
func (m ours) known() int      { return m.GroupSize() }
func (m ours) failed() uint64  { return m.Status().Failed }

func (m ours) sent() (packets, bytes uint64) {
	t := m.Traffic()
	return t.PacketsOut, t.BytesOut
}

func (m ours) stop() { m.Shutdown() } //nolint:errcheck // the process ends soon
