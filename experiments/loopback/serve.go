package loopback

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/swimlab/swimlab/swim/live"
)

// Serve is a member's process: it reads [Settings] from in, runs the member, obeys
// every [Command], and writes a [Report] a line to out. It returns when in ends.
func Serve(in io.Reader, out io.Writer) error {
	commands := json.NewDecoder(bufio.NewReader(in))
	s := &server{out: json.NewEncoder(out), seen: map[string]string{}}
	var settings Settings
	if err := commands.Decode(&settings); err != nil {
		return fmt.Errorf("the settings are not valid: %w", err)
	}
	cfg, err := settings.config()
	if err == nil {
		s.began = time.Now()
		s.member, err = live.Start(cfg)
	}
	if err != nil {
		s.report(Report{Error: err.Error()})
		return err
	}
	defer s.member.Shutdown() //nolint:errcheck // the process ends
	s.member.SetFaults(settings.Faults.live())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	events := s.member.Subscribe(4096)
	s.events = events
	s.report(Report{Ready: s.member.Addr().String()}) // before anything else, such as an event of this very moment
	go s.tell(events)
	if settings.Every > 0 {
		go s.reportEvery(ctx, settings.Every)
	}
	for {
		var c Command
		if err := commands.Decode(&c); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("a command is not valid: %w", err)
		}
		s.obey(ctx, c)
	}
}

// server is a member and the way back to its parent.
type server struct {
	member *live.Member
	events *live.Subscription
	began  time.Time

	mu   sync.Mutex // guards what follows
	out  *json.Encoder
	seen map[string]string // the status of others, as last reported
}

func (s *server) report(r Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.out.Encode(r) // a parent that does not listen has ended, and so will this process
}

func (s *server) tell(events *live.Subscription) {
	for e := range events.C {
		s.report(Report{Event: &Event{At: s.began.Add(e.At).UnixNano(), Kind: e.Kind.String(), Member: e.Member, By: e.By, Text: e.String()}})
	}
}

func (s *server) reportEvery(ctx context.Context, every time.Duration) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			s.reportStatus()
		}
	}
}

func (s *server) obey(ctx context.Context, c Command) {
	switch {
	case c.Join != "":
		go func() {
			ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
			defer cancel()
			if _, err := s.member.Join(ctx, c.Join); err != nil {
				s.report(Report{Error: err.Error()})
			}
		}()
	case c.Leave:
		go func() {
			if err := s.member.Leave(ctx); err == nil {
				s.reportStatus()
				s.report(Report{Left: true})
			}
		}()
	case c.Blocks != nil:
		go s.block(ctx, *c.Blocks)
	case c.Faults != nil:
		s.member.SetFaults(c.Faults.live())
	case c.Status:
		s.reportStatus()
	case c.Collect:
		debug.FreeOSMemory()
		s.reportStatusAs(Status{Collected: true})
	}
}

// block blocks the member's messages by turns. Each is counted from the start, so that
// late timers do not add up.
func (s *server) block(ctx context.Context, b Blocks) {
	start := time.Unix(0, b.Start)
	until := func(d time.Duration) bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(time.Until(start.Add(d))):
			return true
		}
	}
	for at := time.Duration(0); at < b.For && until(at); at += b.Blocked + b.Normal {
		s.member.Block()
		if !until(min(at+b.Blocked, b.For)) {
			return
		}
		s.member.Unblock()
	}
}

func (s *server) reportStatus() { s.reportStatusAs(Status{}) }

// reportStatusAs fills in a status and reports it.
func (s *server) reportStatusAs(report Status) {
	status, traffic := s.member.Status(), s.member.Traffic()
	r := &report
	// A stream bears a message there and one back, counted where it comes in.
	r.Messages, r.Bytes = traffic.PacketsOut+2*traffic.StreamsIn, traffic.BytesOut+traffic.StreamBytesOut
	r.At, r.Health, r.Incarnation = time.Now().UnixNano(), status.Health, status.Incarnation
	r.Suspected, r.FalsePositives, r.Late = status.Suspected, status.FalsePositives, status.Late
	r.CoordinateError, r.Dropped, r.Changed = status.CoordinateError, s.events.Dropped(), map[string]string{}
	for _, n := range status.Refused {
		r.Refused += n
	}
	r.CPU, r.Memory = usage()
	r.Heap, r.Routines = heap(), runtime.NumGoroutine()
	peers := s.member.Members()
	var rtts []time.Duration
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range peers {
		if p.State.InGroup() {
			r.Known++
		}
		if p.RTT > 0 {
			rtts = append(rtts, p.RTT)
		}
		if is := p.Status(); s.seen[p.Name] != is {
			s.seen[p.Name], r.Changed[p.Name] = is, is
		}
	}
	if len(rtts) > 0 {
		slices.Sort(rtts)
		r.RTT = rtts[len(rtts)/2]
	}
	_ = s.out.Encode(Report{Status: r}) // see report
}

// heap is what objects take, those included that are garbage and not yet collected.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func (f Faults) live() live.Faults {
	faults := live.Faults{LossOut: f.LossOut, LossIn: f.LossIn, Delay: f.Delay, Jitter: f.Jitter}
	if len(f.Cut) > 0 {
		cut := map[netip.AddrPort]bool{}
		for _, address := range f.Cut {
			if a, err := netip.ParseAddrPort(address); err == nil {
				cut[a] = true
			}
		}
		faults.Cut, faults.CutStreams = func(a netip.AddrPort) bool { return cut[a] }, true
	}
	return faults
}

func (s Settings) config() (live.Config, error) {
	cfg := live.Local(s.Name)
	cfg.Bind, cfg.Seed = s.Bind, s.Seed
	family, err := live.ParseFamily(s.Family)
	if err != nil {
		return cfg, err
	}
	cfg.Family = family
	const around = 8 // the encoding of a tag, without its value
	switch {
	case family == live.Plain:
		cfg.Meta = make([]byte, s.Meta)
	case s.Meta > around:
		cfg.Tags = map[string]string{"pad": strings.Repeat("x", s.Meta-around)}
	}
	if s.Protocol != nil {
		cfg.Protocol = *s.Protocol
		late := s.Protocol.PingTimeout / 2 // as in every profile
		cfg.Lateness.After, cfg.Lateness.Drain = late, late
	}
	if s.Lifeguard != nil {
		cfg.Lifeguard = *s.Lifeguard
	}
	if s.PacketBytes > 0 {
		cfg.PacketBytes = s.PacketBytes
	}
	if s.StreamTimeout > 0 {
		cfg.StreamTimeout = s.StreamTimeout
	}
	if s.MaxNames > 0 {
		cfg.Limits.Members = s.MaxNames
	}
	if s.ReclaimAfter > 0 {
		cfg.ReclaimAfter = s.ReclaimAfter
	}
	if s.AsPublished {
		cfg.FirstDoubt, cfg.Lateness = 0, live.Lateness{}
	}
	return cfg, nil
}
