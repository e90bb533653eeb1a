package live_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// Who has left may come back at any address, at once. So two datagrams of a stranger's
// take a member's name elsewhere; for how long depends on when a name whose holder
// is declared faulty may be had again.
func TestAMemberWhoseNameIsTakenElsewhereGetsItBack(t *testing.T) {
	inWorld(t, 4, nil, func(w *world) {
		stranger := w.net.Listen()
		defer func() { require.NoError(w, stranger.Close()) }()
		victim := w.members[3]
		for _, m := range w.members[:3] {
			p, ok := m.Lookup(victim.Name())
			require.True(w, ok)
			left := wire.Dead{Incarnation: p.Incarnation, Node: []byte(victim.Name()), From: []byte(victim.Name())}
			elsewhere := wire.Alive{Incarnation: p.Incarnation + 1, Node: []byte(victim.Name()), Addr: stranger.Addr(), Vsn: wire.SerfVersions.Bytes()}
			require.NoError(w, stranger.WritePacket(left.Append(nil), m.Addr()))
			time.Sleep(2 * time.Millisecond) // datagrams overtake each other
			require.NoError(w, stranger.WritePacket(elsewhere.Append(nil), m.Addr()))
			time.Sleep(2 * time.Millisecond)
			p, ok = m.Lookup(victim.Name())
			require.True(w, ok)
			require.Equal(w, stranger.Addr(), p.Addr, "taken")
		}
		for _, m := range w.members[:3] {
			w.until(3*time.Minute, func() bool {
				p, ok := m.Lookup(victim.Name())
				return ok && p.Status() == "alive" && p.Addr == victim.Addr()
			}, "%s does not hold %s for alive where it is", m.Name(), victim.Name())
		}
		time.Sleep(time.Minute)
		for _, m := range w.members {
			assert.Equal(w, 4, m.GroupSize(), m.Name())
			for _, other := range w.members {
				assert.Equal(w, "alive", statusOf(m, other.Name()), "%s of %s", other.Name(), m.Name())
			}
		}
	})
}

// Without the time after which a name may be had again, as memberlist comes, the
// victim stays out.
func TestWithoutReclaimATakenNameStaysTaken(t *testing.T) {
	inWorld(t, 4, func(c *live.Config) { c.ReclaimAfter = 0 }, func(w *world) {
		stranger := w.net.Listen()
		defer func() { require.NoError(w, stranger.Close()) }()
		victim := w.members[3]
		for _, m := range w.members[:3] {
			left := wire.Dead{Incarnation: 1, Node: []byte(victim.Name()), From: []byte(victim.Name())}
			elsewhere := wire.Alive{Incarnation: 2, Node: []byte(victim.Name()), Addr: stranger.Addr(), Vsn: wire.SerfVersions.Bytes()}
			require.NoError(w, stranger.WritePacket(left.Append(nil), m.Addr()))
			time.Sleep(2 * time.Millisecond)
			require.NoError(w, stranger.WritePacket(elsewhere.Append(nil), m.Addr()))
		}
		time.Sleep(5 * time.Minute)
		for _, m := range w.members[:3] {
			assert.Equal(w, "failed", statusOf(m, victim.Name()), m.Name())
		}
	})
}

// The end of a member is told for half a minute. One that has not heard of it by
// then, as after a long pause, must be told when it shows that it has not.
func TestOneThatMissedItsOwnEndIsToldOfIt(t *testing.T) {
	inWorld(t, 4, func(c *live.Config) { c.Protocol.PushPullInterval = 2 * time.Minute }, func(w *world) {
		stranger := w.net.Listen()
		defer func() { require.NoError(w, stranger.Close()) }()
		victim := w.members[3]
		victim.SetFaults(live.Faults{LossIn: 1})
		for _, m := range w.members[:3] {
			dead := wire.Dead{Incarnation: 1, Node: []byte(victim.Name()), From: []byte(m.Name())}
			require.NoError(w, stranger.WritePacket(dead.Append(nil), m.Addr()))
		}
		time.Sleep(time.Minute)
		victim.SetFaults(live.Faults{})
		for _, m := range w.members[:3] {
			require.Equal(w, "failed", statusOf(m, victim.Name()))
		}
		for _, m := range w.members[:3] {
			w.believes(m, victim.Name(), "alive", 10*time.Minute)
		}
		w.settled(4)
	})
}

// An announced leave that does not come is not believed in for ever, though its denial
// be lost.
func TestAForgedAnnouncementToLeaveIsForgotten(t *testing.T) {
	inWorld(t, 3, nil, func(w *world) {
		stranger := w.net.Listen()
		defer func() { require.NoError(w, stranger.Close()) }()
		victim := w.members[2]
		intent := wire.AppendUser(nil, (&wire.SerfLeave{LTime: 1 << 20, Node: []byte(victim.Name())}).Append(nil))
		w.members[0].SetFaults(live.Faults{LossOut: 1}) // the victim does not hear of it
		require.NoError(w, stranger.WritePacket(intent, w.members[0].Addr()))
		time.Sleep(10 * time.Millisecond)
		require.Equal(w, "leaving", statusOf(w.members[0], victim.Name()))
		time.Sleep(5 * time.Second) // it is told on no more
		w.members[0].SetFaults(live.Faults{})
		w.believes(w.members[0], victim.Name(), "alive", time.Minute)
	})
}

// Who was declared faulty may come back at another address, and not before the time for that:
// until then it may yet refute at its own, and whoever else has its name is a stranger.
func TestTheNameOfOneThatFailedIsFreeAfterAWhile(t *testing.T) {
	inWorld(t, 3, nil, func(w *world) {
		m, gone := w.members[0], w.members[2]
		stranger := w.net.Listen()
		defer func() { require.NoError(w, stranger.Close()) }()
		require.NoError(w, gone.Shutdown())
		w.believes(m, gone.Name(), "failed", repaired)
		claim := func() (before, after live.Peer) {
			before, _ = m.Lookup(gone.Name())
			elsewhere := wire.Alive{Incarnation: before.Incarnation + 1, Node: []byte(gone.Name()), Addr: stranger.Addr(), Vsn: wire.SerfVersions.Bytes()}
			require.NoError(w, stranger.WritePacket(elsewhere.Append(nil), m.Addr()))
			time.Sleep(2 * time.Millisecond)
			after, _ = m.Lookup(gone.Name())
			return before, after
		}

		before, after := claim()
		assert.Equal(w, before.Addr, after.Addr, "at once")
		assert.Equal(w, "failed", after.Status())
		assert.Equal(w, uint64(1), m.Status().Refused["conflict"])

		time.Sleep(live.LAN("").ReclaimAfter)
		_, after = claim()
		assert.Equal(w, stranger.Addr(), after.Addr)
		assert.Equal(w, "alive", after.Status())
	})
}
