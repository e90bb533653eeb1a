package live_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// replies are all that came of a question: the acks and the answers by whom they are.
type replies struct {
	acks    []string
	answers map[string]string
	took    time.Duration
}

func asksOf(t testing.TB, ctx context.Context, m *live.Member, q live.Question) replies {
	t.Helper()
	began := time.Now()
	c, err := m.Ask(ctx, q)
	require.NoError(t, err)
	h := replies{answers: map[string]string{}}
	for a := range c {
		if a.Ack {
			assert.NotContains(t, h.acks, a.From, "each acks once")
			h.acks = append(h.acks, a.From)
			continue
		}
		assert.NotContains(t, h.answers, a.From, "each answers once")
		h.answers[a.From] = string(a.Payload)
	}
	slices.Sort(h.acks)
	h.took = time.Since(began)
	return h
}

// answering has the members answer but m1, which knows no query.
func answering(c *live.Config) {
	name := c.Name
	if name == "m1" {
		return
	}
	c.Queries = func(ctx context.Context, q live.UserQuery) ([]byte, error) {
		switch q.Name {
		case "slow":
			<-ctx.Done()
			return []byte("too late"), nil
		case "broken":
			return nil, errors.New("no answer")
		}
		return []byte(name + " to " + q.From + ": " + string(q.Payload)), nil
	}
}

// A group of four: what is sent to three at a time reaches all.
func TestAMemberAsksAllOrSome(t *testing.T) {
	inWorld(t, 4, answering, func(w *world) {
		m := w.members[0]
		time.Sleep(m.NewsTime())
		everybody := []string{"m0", "m1", "m2", "m3"}
		for _, c := range []struct {
			what    string
			q       live.Question
			acks    []string
			answers []string
		}{
			{"all", live.Question{}, everybody, []string{"m0", "m2", "m3"}},
			{"without acks", live.Question{NoAcks: true}, nil, []string{"m0", "m2", "m3"}},
			{"answers through others, too", live.Question{Relays: 3}, everybody, []string{"m0", "m2", "m3"}},
			{"by name", live.Question{Nodes: []string{"m1", "m3", "nobody"}}, []string{"m1", "m3"}, []string{"m3"}},
			{"by tag", live.Question{Tags: map[string]string{"dc": "1$"}}, []string{"m1", "m3"}, []string{"m3"}},
			{"by name and tag", live.Question{Nodes: []string{"m0", "m1"}, Tags: map[string]string{"dc": "0", "role": "^$"}}, []string{"m0"}, []string{"m0"}},
			{"nobody", live.Question{Nodes: []string{"nobody"}}, nil, nil},
		} {
			c.q.Name, c.q.Payload = "who", []byte("now")
			h := asksOf(t, w.Context(), m, c.q)
			assert.Equal(w, c.acks, h.acks, c.what)
			answers := map[string]string{}
			for _, name := range c.answers {
				answers[name] = name + " to m0: now"
			}
			assert.Equal(w, answers, h.answers, c.what)
			assert.Equal(w, 3200*time.Millisecond, h.took, "%s: Serf's time for a group of four", c.what)
			for _, p := range m.Members() {
				assert.Equal(w, !c.q.NoAcks && slices.Contains(c.acks, p.Name) || c.q.NoAcks, c.q.Asks(p), "%s: %s", c.what, p.Name)
			}
		}
		h := asksOf(t, w.Context(), m, live.Question{Name: "broken", Timeout: time.Minute})
		assert.Len(w, h.acks, 4)
		assert.Empty(w, h.answers)
		assert.Equal(w, time.Minute, h.took)
		assert.Zero(w, m.Status().Refused["unsolicited"])
		assert.NotZero(w, metric(t, m, "swimlab_question_answers_total"))
	})
}

func TestAQuestionEnds(t *testing.T) {
	inWorld(t, 3, answering, func(w *world) {
		m := w.members[0]
		time.Sleep(m.NewsTime())
		h := asksOf(t, w.Context(), m, live.Question{Name: "slow", Timeout: time.Second})
		assert.Len(w, h.acks, 3)
		assert.Empty(w, h.answers, "what comes too late is none")
		assert.Equal(w, time.Second, h.took)

		ctx, cancel := context.WithTimeout(w.Context(), 2*time.Second)
		defer cancel()
		assert.Equal(w, 2*time.Second, asksOf(t, ctx, m, live.Question{Name: "slow", Timeout: time.Minute}).took)

		c, err := m.Ask(w.Context(), live.Question{Name: "slow", Timeout: time.Minute})
		require.NoError(w, err)
		require.NoError(w, m.Shutdown())
		for range c { // it is closed
		}
		_, err = m.Ask(w.Context(), live.Question{Name: "slow"})
		assert.Error(w, err)
	})
}

// Whoever answers what was not asked, or is nobody, is not heard.
func TestAnswersOfNobodyAreNotTaken(t *testing.T) {
	inWorld(t, 2, nil, func(w *world) {
		a := w.asker("asker", wire.Options{})
		defer a.end()
		a.joins()
		m := w.members[0]
		c, err := m.Ask(w.Context(), live.Question{Name: "who", Timeout: 2 * time.Second})
		require.NoError(w, err)
		time.Sleep(time.Second)
		query := a.heardQuery()
		answer := func(from string, id uint32) {
			r := wire.SerfQueryResponse{LTime: query.LTime, ID: id, From: []byte(from), Payload: []byte("x")}
			a.send(m, wire.AppendUser(nil, r.Append(nil)))
		}
		answer("asker", query.ID)
		answer("asker", query.ID)
		answer("asker", query.ID+1)
		answer("nobody", query.ID)
		var answers []string
		for x := range c {
			if !x.Ack {
				answers = append(answers, x.From+": "+string(x.Payload))
			}
		}
		assert.Equal(w, []string{"asker: x"}, answers)
		refused := m.Status().Refused
		assert.Equal(w, uint64(1), refused["unsolicited"])
		assert.Equal(w, uint64(1), refused["unknown_member"])
		answer("asker", query.ID)
		time.Sleep(moment)
		assert.Equal(w, uint64(2), m.Status().Refused["unsolicited"], "it is over")
	})
}

// heardQuery is the query that came last.
func (a *asker) heardQuery() (q wire.SerfQuery) {
	a.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	require.NotEmpty(a, a.queries)
	require.NoError(a, q.Decode(a.queries[len(a.queries)-1]))
	return q
}

func TestQuestionsThatCannotBeAreRefused(t *testing.T) {
	inWorld(t, 1, nil, func(w *world) {
		for want, q := range map[string]live.Question{
			"without a name":                    {},
			"are Serf's own":                    {Name: "_serf_ping"},
			"through 256 others":                {Name: "q", Relays: 256},
			"time-out of -1s":                   {Name: "q", Timeout: -time.Second},
			"tag dc: error parsing regexp":      {Name: "q", Tags: map[string]string{"dc": "d("}},
			"with its filters; want at most 10": {Name: "q", Payload: make([]byte, 1000)},
		} {
			_, err := w.members[0].Ask(w.Context(), q)
			assert.ErrorContains(w, err, want)
		}
		h := asksOf(t, w.Context(), w.members[0], live.Question{Name: "q"})
		assert.Equal(w, []string{"m0"}, h.acks, "who is alone asks itself")
	})
	inWorld(t, 1, func(c *live.Config) { c.Family, c.Tags = live.Plain, nil }, func(w *world) {
		_, err := w.members[0].Ask(w.Context(), live.Question{Name: "q"})
		assert.ErrorContains(w, err, "plain family ask nothing")
	})
}

// Serf's agents, of which one runs a program for an answer, are asked by one of ours.
func TestAMemberAsksSerfsAgents(t *testing.T) {
	p := program(t, "SERF", "serf")
	s0 := serf(t, p, "s0", nil, "-event-handler=query:load=echo one of $SERF_SELF_NAME; cat")
	s1 := serf(t, p, "s1", s0)
	m := member(t, live.LAN("ours"))
	cfg := live.LAN("other")
	cfg.Queries = func(_ context.Context, q live.UserQuery) ([]byte, error) { return []byte("two for " + q.From), nil }
	other := member(t, cfg)
	for _, x := range []*live.Member{m, other} {
		_, err := x.Join(within(t, repaired), s0.gossip)
		require.NoError(t, err)
	}
	for _, x := range []*live.Member{m, other} {
		for _, s := range []*agent{s0, s1} {
			s.sees(x.Name(), "alive", repaired)
			believes(t, x, s.name, "alive", repaired)
		}
	}
	believes(t, other, "ours", "alive", repaired)

	// What is wanted comes within the query's time unless the machine is too busy.
	gets := func(q live.Question, acks []string, answers map[string]string) {
		t.Helper()
		var h replies
		for range 10 {
			q.Timeout = 3 * time.Second
			h = asksOf(t, t.Context(), m, q)
			for from := range h.answers {
				h.answers[from] = strings.TrimSpace(h.answers[from])
			}
			if slices.Equal(h.acks, acks) && len(h.answers) == len(answers) {
				break
			}
		}
		assert.Equal(t, acks, h.acks, "%v", q)
		assert.Equal(t, answers, h.answers, "%v", q)
	}
	all, load := []string{"other", "ours", "s0", "s1"}, map[string]string{"s0": "one of s0\nnow", "other": "two for ours"}
	gets(live.Question{Name: "load", Payload: []byte("now\n")}, all, load)
	gets(live.Question{Name: "load", Payload: []byte("now\n"), Relays: 2}, all, load)
	gets(live.Question{Name: "load", NoAcks: true, Payload: []byte("now\n")}, nil, load)
	gets(live.Question{Name: "ping", Nodes: []string{"s1", "other"}}, []string{"other", "s1"}, map[string]string{"other": "two for ours"})
	gets(live.Question{Name: "ping", Tags: map[string]string{"role": "^s[0-9]$"}}, []string{"s0", "s1"}, map[string]string{})
}
