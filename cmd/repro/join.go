package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/internal/table"
	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// joining is how a command becomes a member of somebody's group.
type joining struct {
	family, name, bind string
	forLong            time.Duration
	secrets            secrets
	ring               *wire.Keyring
	ringFile           string
}

func (j *joining) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&j.family, "family", "serf", "whose group it is: serf, consul or plain (memberlist alone, as Alertmanager)")
	cmd.Flags().StringVar(&j.name, "name", "", "own name, which nobody else in the group may have (default: repro-HOST-PORT)")
	cmd.Flags().StringVar(&j.bind, "bind", "", `own address, "ip:port" (default: that from which the other is reached, and any port)`)
	j.secrets.flags(cmd)
}

func checkFamily(family string) error {
	if _, err := live.ParseFamily(family); err != nil {
		return fmt.Errorf("--family %q is not valid; want serf, consul or plain", family)
	}
	return nil
}

// joinWithin is how long a group may take to answer.
const joinWithin = 15 * time.Second

// check refuses what cannot be, before anything is sent, and completes the rest.
func (j *joining) check(address string) error {
	if err := checkFor(j.forLong); err != nil {
		return err
	}
	if err := checkFamily(j.family); err != nil {
		return err
	}
	if len(j.name) > live.MaxName {
		return fmt.Errorf("--name: %d bytes are not valid; want at most %d", len(j.name), live.MaxName)
	}
	var err error
	if j.ring, j.ringFile, err = j.secrets.read(); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, strconv.Itoa(live.DefaultPort)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || host == "" {
		return fmt.Errorf("address %q is not valid; want host or host:port, such as 127.0.0.1:7946", address)
	}
	if j.bind == "" {
		// Asking the system for the way sends nothing.
		way, err := net.Dial("udp", net.JoinHostPort(host, port))
		if err != nil {
			return failure{fmt.Errorf("there is no way to %s: %w", address, err)}
		}
		defer way.Close()
		j.bind = netip.AddrPortFrom(way.LocalAddr().(*net.UDPAddr).AddrPort().Addr(), 0).String()
	}
	if _, err := netip.ParseAddrPort(j.bind); err != nil {
		return fmt.Errorf("--bind %q is not valid; want ip:port", j.bind)
	}
	return nil
}

// begin starts the member and has it join, which may take a while: problems is told.
func (j *joining) begin(ctx context.Context, problems io.Writer, address string) (*live.Member, *live.Subscription, error) {
	transport, err := live.Listen(j.bind)
	if err != nil {
		return nil, nil, failure{err}
	}
	name := j.name
	if name == "" {
		name = fmt.Sprintf("repro-%s-%d", hostName(), transport.Addr().Port())
	}
	cfg := live.LAN(name)
	cfg.Transport = transport
	cfg.Family, _ = live.ParseFamily(j.family) // checked
	cfg.Keys, cfg.KeyringFile = j.ring, j.ringFile
	m, err := live.Start(cfg)
	if err != nil {
		return nil, nil, failure{err}
	}
	events, joining := m.Subscribe(4096), m.Subscribe(4096)
	fmt.Fprintf(problems, "joining by way of %s, within %v\n", address, joinWithin)
	within, cancel := context.WithTimeout(ctx, joinWithin)
	defer cancel()
	if _, err := m.Join(within, address); err != nil {
		_ = m.Shutdown()
		if ctx.Err() != nil {
			return nil, nil, errInterrupted
		}
		return nil, nil, failure{fmt.Errorf("%w%s", err, j.hint(err))}
	}
	joining.Close()
	for e := range joining.C {
		if e.Kind == live.NameConflict && e.Member == name {
			_ = m.Shutdown()
			return nil, nil, failure{fmt.Errorf("the name %s is that of a member at %v; want another --name", printable(name), e.Addr)}
		}
	}
	return m, events, nil
}

// hint is what an operator may have meant who cannot join.
func (j *joining) hint(err error) string {
	switch {
	case errors.Is(err, wire.NotDecrypted) && j.ring == nil:
		return "\nThe group encrypts: give its key by REPRO_KEY, --key or --keyring-file."
	case errors.Is(err, wire.NotDecrypted):
		return "\nThe group has another key, or none."
	case errors.Is(err, wire.Incompatible):
		return "\nIs the group of another --family? See `repro join --help`."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "\nNobody listens there."
	}
	return fmt.Sprintf("\nIs this the address of its gossip, whose port is usually %d?", live.DefaultPort)
}

// leave says goodbye, however the command was ended.
func leave(m *live.Member) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := m.Leave(ctx)
	if closed := m.Shutdown(); err == nil {
		err = closed
	}
	if err != nil {
		return failure{err}
	}
	return nil
}

func newJoinCommand() *cobra.Command {
	var j joining
	cmd := &cobra.Command{
		Use:   "join HOST:PORT",
		Short: "Become a member of a running Serf, Consul or memberlist group and watch it",
		Long: `Join the group through one of its members, print who is in it, and then what
happens: who joined, left and failed, and who suspected whom, and why. Ctrl-C, or the
end of --for, leaves the group as a member does that leaves of its own will.

A member is probed and carries others' news: the group's agents count it as one of theirs.
It acks Serf's queries ("serf reachability") and, where the group encrypts (--key or
--keyring-file), changes its keys with the others ("serf keys").`,
		Example: `  repro join 127.0.0.1:7946
  repro join 127.0.0.1:9094 --family plain --for 1m
  REPRO_KEY="$(cat office.key)" repro join 127.0.0.1:7946`,
		Args: exactly(1, "the address of one member, such as 127.0.0.1:7946"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := j.check(args[0]); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			m, events, err := j.begin(cmd.Context(), cmd.ErrOrStderr(), args[0])
			if err != nil {
				return err
			}
			ctx, stop := withEnd(cmd.Context(), j.forLong)
			defer stop()
			fmt.Fprintf(out, "%s is a member at %v, of %d\n", m.Name(), m.Addr(), m.GroupSize())
			if err := printPeers(out, m); err != nil {
				return err
			}
			watchEvents(ctx, out, events)
			fmt.Fprintln(out, "leaving")
			return leave(m)
		},
	}
	j.flags(cmd)
	cmd.Flags().DurationVar(&j.forLong, "for", 0, "leave after so long; 0 stays until Ctrl-C")
	return cmd
}

func printPeers(out io.Writer, m *live.Member) error {
	t := table.Table{ID: "members", Columns: []table.Column{{Name: "member"}, {Name: "address"}, {Name: "status"}, {Name: "incarnation"}, {Name: "tags"}}}
	for _, p := range m.Members() {
		t.Rows = append(t.Rows, []table.Cell{
			table.Text(printable(p.Name)), table.Text(p.Addr.String()), table.Text(p.Status()), table.Number(float64(p.Incarnation)), table.Text(tagsOf(p.Tags)),
		})
	}
	return printTable(out, t, "text")
}

// watchEvents prints what happens until ctx or the member ends.
func watchEvents(ctx context.Context, out io.Writer, events *live.Subscription) {
	for {
		select {
		case <-ctx.Done():
			return
		case e, more := <-events.C:
			if !more {
				return
			}
			fmt.Fprintf(out, "%s  %s\n", time.Now().Format("15:04:05.000"), printable(e.String()))
		}
	}
}
