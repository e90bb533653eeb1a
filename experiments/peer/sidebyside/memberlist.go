package main

import (
	"fmt"
	"io"
	"log"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// theirs is a member of HashiCorp's memberlist.
type theirs struct {
	*memberlist.NetTransport
	list           *memberlist.Memberlist
	packets, bytes atomic.Uint64
	removals       atomic.Uint64
}

func startMemberlist(i int, _ settings) (member, error) {
	quietly := log.New(io.Discard, "", 0)
	sockets, err := memberlist.NewNetTransport(&memberlist.NetTransportConfig{BindAddrs: []string{"127.0.0.1"}, Logger: quietly})
	if err != nil {
		return nil, err
	}
	m := &theirs{NetTransport: sockets}
	c := memberlist.DefaultLANConfig()
	c.Name, c.Transport, c.Logger, c.Events = fmt.Sprintf("member-%04d", i), m, quietly, m
	c.BindAddr, c.BindPort = "127.0.0.1", sockets.GetAutoBindPort()
	c.AdvertiseAddr, c.AdvertisePort = c.BindAddr, c.BindPort
	c.EnableCompression = false
	m.list, err = memberlist.Create(c)
	return m, err
}

// WriteTo and WriteToAddress count what the library sends.
func (m *theirs) WriteTo(b []byte, address string) (time.Time, error) {
	m.packets.Add(1)
	m.bytes.Add(uint64(len(b)))
	return m.NetTransport.WriteTo(b, address)
}

func (m *theirs) WriteToAddress(b []byte, a memberlist.Address) (time.Time, error) {
	return m.WriteTo(b, a.Addr)
}

func (m *theirs) NotifyJoin(*memberlist.Node)   {}
func (m *theirs) NotifyUpdate(*memberlist.Node) {}
func (m *theirs) NotifyLeave(*memberlist.Node)  { m.removals.Add(1) }

func (m *theirs) join(address string) error {
	_, err := m.list.Join([]string{address})
	return err
}

func (m *theirs) address() string {
	return "127.0.0.1:" + strconv.Itoa(int(m.list.LocalNode().Port))
}
func (m *theirs) known() int                    { return m.list.NumMembers() }
func (m *theirs) sent() (packets, bytes uint64) { return m.packets.Load(), m.bytes.Load() }
func (m *theirs) failed() uint64                { return m.removals.Load() }
func (m *theirs) stop()                         { m.list.Shutdown() } //nolint:errcheck // the process ends soon
