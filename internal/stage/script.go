package stage

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

// Play plays the stories in testdata, each of which is a script with the outcome
// below each command. `go test -run Scenarios -rewrite` writes the outcomes anew,
// to be read before they are believed. Member i begins its first protocol period
// at i·100 ms, every message takes 5 ms.
//
//	new members=3 [preset=paper|deployed|fixed] [period=1s] [timeout=200ms] [k=1]
//	    [alpha=3] [suspicion=false] [news=multicast|none] [stay-when-excluded]
//	    [max-updates=6] [gossip=200ms] [push-pull=30s] [policy=…] [seed=1]
//	run 2s                         let time pass; shows what members conclude
//	trace on|off                   shows the messages too; "-x" is a lost one,
//	                               "=>" goes over a stream
//	drop from=0 to=1 [kind=ack] [count=1]    either end may be left out
//	block 2                        cut a member off, both ways
//	heal                           undo every drop and block
//	pause 2, resume 2              stop a member; its messages wait for it
//	hold 2, release 2              keep its messages back while its clock goes on
//	crash 2
//	leave 1
//	join via=0                     the newcomer gets the next number
//	views                          what each member believes of the others
//
// What preset=paper does not give is the paper's, with a period of 1 s and a ping
// time-out of 200 ms. A policy is made by name; policies is nil where there are none.
func Play(t *testing.T, policies func(name string, cfg swim.Config) (func() swim.Policy, error)) {
	scripts, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			var c *Cluster
			datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
				if d.Cmd == "new" {
					c = begin(t, d, policies)
					return ""
				}
				if c == nil {
					d.Fatalf(t, `the first command must be "new"`)
				}
				return act(t, d, c)
			})
		})
	}
}

func begin(t *testing.T, d *datadriven.TestData, policies func(string, swim.Config) (func() swim.Policy, error)) *Cluster {
	s := Setting{Config: swim.Paper(), Stagger: 100 * time.Millisecond, Latency: 5 * time.Millisecond, Seed: 1}
	cfg, policy := &s.Config, ""
	cfg.ProtocolPeriod, cfg.PingTimeout = time.Second, 200*time.Millisecond
	if preset, ok := d.Arg("preset"); ok {
		switch v := preset.SingleVal(t); v {
		case "paper":
		case "deployed":
			*cfg = swim.Deployed()
		case "fixed":
			*cfg = swim.Fixed()
		default:
			d.Fatalf(t, "preset=%s; want paper, deployed or fixed", v)
		}
	}
	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "preset": // above: the others change it
		case "members":
			arg.Scan(t, 0, &s.Members)
		case "seed":
			arg.Scan(t, 0, &s.Seed)
		case "period":
			cfg.ProtocolPeriod = duration(t, d, arg.SingleVal(t))
		case "timeout":
			cfg.PingTimeout = duration(t, d, arg.SingleVal(t))
		case "gossip":
			cfg.GossipInterval = duration(t, d, arg.SingleVal(t))
		case "push-pull":
			cfg.PushPullInterval = duration(t, d, arg.SingleVal(t))
		case "k":
			arg.Scan(t, 0, &cfg.PingReqMembers)
		case "max-updates":
			arg.Scan(t, 0, &cfg.MaxUpdates)
		case "alpha":
			a, err := strconv.ParseFloat(arg.SingleVal(t), 64)
			require.NoError(t, err)
			cfg.SuspicionMult = a
		case "suspicion":
			arg.Scan(t, 0, &cfg.Suspicion)
		case "stay-when-excluded":
			cfg.StopWhenExcluded = false
		case "news":
			switch v := arg.SingleVal(t); v {
			case "multicast":
				cfg.Dissemination = swim.Multicast
			case "none":
				cfg.Dissemination = swim.NoDissemination
			default:
				d.Fatalf(t, "news=%s; want multicast or none", v)
			}
		case "policy":
			policy = arg.SingleVal(t)
		default:
			d.Fatalf(t, "new does not take %q", arg.Key)
		}
	}
	if err := cfg.Validate(); err != nil {
		d.Fatalf(t, "%v", err)
	}
	if policy != "" {
		if policies == nil {
			d.Fatalf(t, "policy=%s; there are none here", policy)
		}
		p, err := policies(policy, *cfg)
		if err != nil {
			d.Fatalf(t, "policy=%s; %v", policy, err)
		}
		s.Policy = p
	}
	return New(s)
}

func act(t *testing.T, d *datadriven.TestData, c *Cluster) string {
	switch d.Cmd {
	case "run":
		c.Run(duration(t, d, word(t, d)))
	case "trace":
		c.Tracing = word(t, d) == "on"
	case "drop":
		from, to, kind, count := swim.Nobody, swim.Nobody, swim.Kind(0), -1
		for _, arg := range d.CmdArgs {
			switch arg.Key {
			case "from":
				from = id(t, d, c, arg.SingleVal(t))
			case "to":
				to = id(t, d, c, arg.SingleVal(t))
			case "kind":
				kind = kindNamed(t, d, arg.SingleVal(t))
			case "count":
				arg.Scan(t, 0, &count)
			default:
				d.Fatalf(t, "drop does not take %q", arg.Key)
			}
		}
		c.Drop(from, to, kind, count)
	case "block":
		c.Block(id(t, d, c, word(t, d)))
	case "heal":
		c.Heal()
	case "crash":
		c.Crash(id(t, d, c, word(t, d)))
	case "pause":
		c.Pause(id(t, d, c, word(t, d)))
	case "resume":
		c.Resume(id(t, d, c, word(t, d)))
	case "hold":
		c.Hold(id(t, d, c, word(t, d)))
	case "release":
		c.Release(id(t, d, c, word(t, d)))
	case "leave":
		c.Leave(id(t, d, c, word(t, d)))
	case "join":
		via, ok := d.Arg("via")
		if !ok {
			d.Fatalf(t, "join needs via=")
		}
		c.Join(id(t, d, c, via.SingleVal(t)))
	case "views":
		return c.Views()
	default:
		d.Fatalf(t, "unknown command %q", d.Cmd)
	}
	return c.Read()
}

// word is the one bare argument of a command.
func word(t *testing.T, d *datadriven.TestData) string {
	if len(d.CmdArgs) != 1 || len(d.CmdArgs[0].Vals) > 0 {
		d.Fatalf(t, "%s takes one word", d.Cmd)
	}
	return d.CmdArgs[0].Key
}

func duration(t *testing.T, d *datadriven.TestData, s string) time.Duration {
	x, err := time.ParseDuration(s)
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	return x
}

func id(t *testing.T, d *datadriven.TestData, c *Cluster, s string) swim.ID {
	i, err := strconv.Atoi(s)
	if err != nil || i < 0 || i >= len(c.Members) {
		d.Fatalf(t, "%q is not a member; want 0 to %d", s, len(c.Members)-1)
	}
	return swim.ID(i)
}

func kindNamed(t *testing.T, d *datadriven.TestData, s string) swim.Kind {
	for k := swim.Ping; k <= swim.SyncReply; k++ {
		if fmt.Sprint(k) == s {
			return k
		}
	}
	d.Fatalf(t, "unknown kind of message %q", s)
	return 0
}
