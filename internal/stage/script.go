package swim_test

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

// TestScenarios plays the stories in testdata. Each file is a script with the
// outcome below each command; `go test -run Scenarios -rewrite` writes the
// outcomes anew, to be read before they are believed. Member i begins its first
// protocol period at i·100 ms, every message takes 5 ms.
//
//	new members=3 [period=1s] [timeout=200ms] [k=1] [suspicion=false]
//	    [news=multicast|none] [stay-when-excluded] [seed=1]
//	run 2s                         let time pass; shows what members conclude
//	trace on|off                   shows the messages too; "-x" is a lost one
//	drop from=0 to=1 [kind=ack] [count=1]    either end may be left out
//	block 2                        cut a member off, both ways
//	heal                           undo every drop and block
//	pause 2, resume 2              hold a member up; its messages wait for it
//	crash 2
//	leave 1
//	join via=0                     the newcomer gets the next number
//	views                          what each member believes of the others
func TestScenarios(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			var c *cluster
			datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
				if d.Cmd == "new" {
					c = newScenario(t, d)
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

func newScenario(t *testing.T, d *datadriven.TestData) *cluster {
	cfg := swim.Paper()
	cfg.ProtocolPeriod, cfg.PingTimeout = time.Second, 200*time.Millisecond
	members, seed := 0, uint64(1)
	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "members":
			arg.Scan(t, 0, &members)
		case "seed":
			arg.Scan(t, 0, &seed)
		case "period":
			cfg.ProtocolPeriod = duration(t, d, arg.SingleVal(t))
		case "timeout":
			cfg.PingTimeout = duration(t, d, arg.SingleVal(t))
		case "k":
			arg.Scan(t, 0, &cfg.PingReqMembers)
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
		default:
			d.Fatalf(t, "new does not take %q", arg.Key)
		}
	}
	if err := cfg.Validate(); err != nil {
		d.Fatalf(t, "%v", err)
	}
	return newCluster(cfg, members, 100*time.Millisecond, 5*time.Millisecond, seed)
}

func act(t *testing.T, d *datadriven.TestData, c *cluster) string {
	switch d.Cmd {
	case "run":
		c.run(duration(t, d, word(t, d)))
	case "trace":
		c.tracing = word(t, d) == "on"
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
		c.drop(from, to, kind, count)
	case "block":
		c.block(id(t, d, c, word(t, d)))
	case "heal":
		c.heal()
	case "crash":
		c.crash(id(t, d, c, word(t, d)))
	case "pause":
		c.pause(id(t, d, c, word(t, d)))
	case "resume":
		c.resume(id(t, d, c, word(t, d)))
	case "leave":
		c.leave(id(t, d, c, word(t, d)))
	case "join":
		via, ok := d.Arg("via")
		if !ok {
			d.Fatalf(t, "join needs via=")
		}
		c.join(id(t, d, c, via.SingleVal(t)))
	case "views":
		return c.views()
	default:
		d.Fatalf(t, "unknown command %q", d.Cmd)
	}
	return c.read()
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

func id(t *testing.T, d *datadriven.TestData, c *cluster, s string) swim.ID {
	i, err := strconv.Atoi(s)
	if err != nil || i < 0 || i >= len(c.members) {
		d.Fatalf(t, "%q is not a member; want 0 to %d", s, len(c.members)-1)
	}
	return swim.ID(i)
}

func kindNamed(t *testing.T, d *datadriven.TestData, s string) swim.Kind {
	for k := swim.Ping; k <= swim.Welcome; k++ {
		if fmt.Sprint(k) == s {
			return k
		}
	}
	d.Fatalf(t, "unknown kind of message %q", s)
	return 0
}
