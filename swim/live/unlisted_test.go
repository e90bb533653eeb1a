package live_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// serveLists answers each exchange of lists with a list of the asker itself and of those
// whom names gives.
func (a *asker) serveLists(exchanges *atomic.Int32, rows func() []wire.Row) {
	go func() {
		for {
			conn, err := a.host.Accept()
			if err != nil {
				return
			}
			in, err := a.env.ReadRequest(conn)
			if err == nil && in.Type == wire.TypePushPull {
				exchanges.Add(1)
				all := append(rows(), wire.Row{Name: []byte(a.name), Addr: a.host.Addr(), Incarnation: 1, Vsn: wire.SerfVersions.Bytes()})
				list := (&wire.PushPullHeader{Nodes: len(all)}).Append(nil)
				for i := range all {
					list = all[i].Append(list)
				}
				answer, err := a.env.AppendAnswer(nil, list)
				assert.NoError(a, err)
				_, err = conn.Write(answer)
				assert.NoError(a, err)
			}
			_ = conn.Close()
		}
	}()
}

// Consul's agents ignore a member of another data centre without a word: they ack its
// pings, and answer with lists that it is not on.
func TestAMemberThatIsIgnoredFindsOut(t *testing.T) {
	inWorld(t, 1, nil, func(w *world) {
		m := w.members[0]
		a := w.asker("agent", wire.Options{})
		var exchanges atomic.Int32
		var lists atomic.Bool
		a.serveLists(&exchanges, func() []wire.Row {
			if !lists.Load() {
				return nil
			}
			return []wire.Row{{Name: []byte("m0"), Addr: m.Addr(), Incarnation: 1, Vsn: wire.SerfVersions.Bytes()}}
		})
		events := m.Subscribe(256)
		unlisted := func() (n int) {
			for len(events.C) > 0 {
				if e := <-events.C; e.Kind == live.Unlisted {
					assert.Equal(w, "m0", e.Member)
					assert.Equal(w, "agent", e.By)
					assert.Equal(w, a.host.Addr(), e.Addr)
					n++
				}
			}
			return n
		}
		_, err := m.Join(w.Context(), a.host.Addr().String())
		require.NoError(w, err)
		assert.Zero(w, unlisted(), "that list was made before")
		w.until(repaired, func() bool { return exchanges.Load() == 2 }, "no second exchange")
		time.Sleep(moment)
		assert.Equal(w, 1, unlisted(), "it had been told")
		assert.Equal(w, 1.0, metric(t, m, "swimlab_unlisted_total"))

		lists.Store(true)
		time.Sleep(5 * time.Minute)
		assert.Greater(w, exchanges.Load(), int32(5))
		assert.Zero(w, unlisted(), "it is listed")
		a.end()
	})
}

// Where each exchange is with another, some lists in a row say it, too.
func TestAMemberThatAllIgnoreFindsOutByTheListsOfSeveral(t *testing.T) {
	inWorld(t, 1, nil, func(w *world) {
		m := w.members[0]
		var exchanges atomic.Int32
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			a := w.asker(name, wire.Options{})
			a.serveLists(&exchanges, func() []wire.Row { return nil })
			a.joins()
			defer a.end()
		}
		w.until(5*time.Minute, func() bool { return exchanges.Load() >= 3 }, "too few exchanges")
		time.Sleep(moment)
		assert.NotZero(w, metric(t, m, "swimlab_unlisted_total"))
	})
}
