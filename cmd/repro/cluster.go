package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/swimlab/swimlab/experiments/loopback"
	"github.com/swimlab/swimlab/internal/table"
)

// maxCluster bounds the processes that one command starts.
const maxCluster = 512

func newClusterCommand() *cobra.Command {
	var members int
	var family string
	var forLong time.Duration
	cmd := &cobra.Command{
		Use:   "cluster",
		Short: "Run a group of real processes on this machine and watch it",
		Long: `Start members on 127.0.0.1, a process each, that join one another and run the
protocol in real time over UDP and TCP. On a terminal a table stays up to date, members
that are not well first; elsewhere a line a second tells how the group is, and the table
comes at the end. The first
member's address is printed: others, such as "serf agent -join" or "repro join", can
join the group.

A member's status is what most members hold it for. Its health is Lifeguard's score of
how much it doubts itself: 0 is well, and a fresh member starts above that and comes
down as its probes are acked. The processes end with this command, however that ends.`,
		Example: `  repro cluster --members 64
  repro cluster --members 8 --for 10s`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if members < 1 || members > maxCluster {
				return fmt.Errorf("--members %d is not valid; want 1 to %d: each is a process", members, maxCluster)
			}
			if err := checkFor(forLong); err != nil {
				return err
			}
			if err := checkFamily(family); err != nil {
				return err
			}
			command, err := loopback.Itself()
			if err != nil {
				return failure{err}
			}
			ctx, stop := withEnd(cmd.Context(), forLong)
			defer stop()
			return watchCluster(ctx, cmd.OutOrStdout(), members, family, command)
		},
	}
	cmd.Flags().IntVar(&members, "members", 8, "how many members")
	cmd.Flags().StringVar(&family, "family", "serf", "whose protocol they speak: serf, consul or plain")
	cmd.Flags().DurationVar(&forLong, "for", 0, "end after so long; 0 runs until Ctrl-C")
	return cmd
}

func checkFor(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("--for %v is not valid; want a time such as 10s, or 0 for no end", d)
	}
	return nil
}

// withEnd is ctx that also ends after d, unless that is 0.
func withEnd(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

// watchCluster runs a cluster until ctx ends. Either end of it is a good one.
func watchCluster(ctx context.Context, out io.Writer, members int, family string, command []string) error {
	view := newClusterView(members)
	c, err := loopback.Start(ctx, loopback.Options{
		Members: members, Command: command, Hear: view.hear,
		Settings: func(i int) loopback.Settings {
			return loopback.Settings{Name: memberName(i), Bind: "127.0.0.1:0", Family: family, Every: time.Second}
		},
	})
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return failure{err}
	}
	defer c.Close()
	for i, p := range c.Members {
		view.rows[i].addr = p.Addr
	}
	began := time.Now()
	if members == 1 {
		fmt.Fprintf(out, "1 process, at %s\n", c.Members[0].Addr)
	} else {
		fmt.Fprintf(out, "%d processes; the first is at %s\n", members, c.Members[0].Addr)
	}
	if err := c.Form(ctx, time.Minute+time.Duration(members)*time.Second); err != nil && ctx.Err() == nil {
		return failure{err}
	} else if err == nil {
		fmt.Fprintf(out, "every member knows every other after %v\n", time.Since(began).Round(10*time.Millisecond))
	}
	live := isTerminal(out)
	lines := 0
	ticks := time.NewTicker(time.Second)
	defer ticks.Stop()
	for {
		summary := view.summary()
		if n := ended(c); n > 0 {
			summary += fmt.Sprintf("; %d of %d processes have ended", n, members)
		}
		if live {
			shown := fitted(view, summary, out)
			fmt.Fprint(out, strings.Repeat(text.CursorUp.Sprint()+text.EraseLine.Sprint(), lines), shown)
			lines = strings.Count(shown, "\n")
		} else {
			fmt.Fprintln(out, summary)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			if !live {
				fmt.Fprint(out, view.table(allColumns))
			}
			return nil
		}
	}
}

// ended is how many of a cluster's processes have.
func ended(c *loopback.Cluster) (n int) {
	for _, p := range c.Members {
		select {
		case <-p.Exited():
			n++
		default:
		}
	}
	return n
}

// fitted is the table and the summary cut to the terminal, so that they can be written
// over: columns that do not fit are left out from the right, and rows that do not are
// counted below it.
func fitted(view *clusterView, summary string, out io.Writer) string {
	width, height := 1<<16, 1<<16
	if f, ok := out.(*os.File); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil {
			width, height = w, h
		}
	}
	columns := allColumns
	shown := view.table(columns)
	for columns > fewestColumns && widthOf(shown) > width {
		columns--
		shown = view.table(columns)
	}
	return fit(shown, summary, width, height)
}

// widthOf is that of a table's first line.
func widthOf(shown string) int {
	line, _, _ := strings.Cut(shown, "\n")
	return text.StringWidthWithoutEscSequences(line)
}

func fit(shown, summary string, width, height int) string {
	lines := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
	if most := max(height-3, 1); len(lines) > most {
		hidden := len(lines) - most
		lines = append(lines[:most:most], fmt.Sprintf("… and %d more", hidden-1)) // the last was the border
	}
	lines = append(lines, summary)
	for i, line := range lines {
		lines[i] = text.Trim(line, width)
	}
	return strings.Join(lines, "\n") + "\n"
}

func memberName(i int) string { return fmt.Sprintf("member-%02d", i) }

// clusterView is what the members of a cluster last told.
type clusterView struct {
	mu   sync.Mutex
	rows []clusterRow
}

type clusterRow struct {
	addr   string
	status loopback.Status
	load   float64           // share of a processor, between the last two reports
	sees   map[string]string // others' status, by name
}

func newClusterView(members int) *clusterView {
	v := &clusterView{rows: make([]clusterRow, members)}
	for i := range v.rows {
		v.rows[i].sees = map[string]string{}
	}
	return v
}

func (v *clusterView) hear(member int, r loopback.Report) {
	if r.Status == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	row, before := &v.rows[member], v.rows[member].status
	row.status = *r.Status
	if passed := r.Status.At - before.At; before.At > 0 && passed > int64(100*time.Millisecond) {
		row.load = float64(r.Status.CPU-before.CPU) / float64(passed)
	}
	for name, is := range r.Status.Changed {
		row.sees[name] = is
	}
}

// majority is what most members hold one for; of as many, the worst.
func (v *clusterView) majority(name string) string {
	votes := map[string]int{}
	for _, row := range v.rows {
		if is := row.sees[name]; is != "" {
			votes[is]++
		}
	}
	found := "unknown"
	for _, is := range []string{"failed", "left", "leaving", "suspect", "alive"} {
		if votes[is] > votes[found] {
			found = is
		}
	}
	return found
}

// The table has so many columns, and on a narrow terminal no fewer than those that say how
// each member is.
const (
	allColumns    = 11
	fewestColumns = 3
)

// table shows each member, in the first columns of all.
func (v *clusterView) table(columns int) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := table.Table{ID: "cluster", Columns: []table.Column{
		{Name: "member"}, {Name: "address"}, {Name: "status"}, {Name: "health"}, {Name: "false positives"}, {Name: "suspicions"}, {Name: "incarnation"},
		{Name: "RTT", Unit: "ms"}, {Name: "coordinate error", Unit: "%"}, {Name: "CPU", Unit: "%"}, {Name: "memory", Unit: "MB"},
	}}
	for _, i := range v.troubledFirst() {
		row := v.rows[i]
		s := row.status
		rtt, off := table.Cell{}, table.Cell{}
		if s.RTT > 0 {
			rtt = table.Fixed(s.RTT.Seconds()*1000, 2)
		}
		if s.CoordinateError > 0 && !math.IsInf(s.CoordinateError, 0) {
			off = table.Fixed(100*s.CoordinateError, 0)
		}
		t.Rows = append(t.Rows, []table.Cell{
			table.Text(memberName(i)), table.Text(row.addr), table.Text(v.majority(memberName(i))), table.Number(float64(s.Health)), table.Number(float64(s.FalsePositives)),
			table.Number(float64(s.Suspected)), table.Number(float64(s.Incarnation)), rtt, off,
			table.Fixed(100*row.load, 1), table.Fixed(float64(s.Memory)/1e6, 1),
		})
	}
	t.Columns = t.Columns[:columns]
	for i, row := range t.Rows {
		t.Rows[i] = row[:columns]
	}
	shown, err := t.Text()
	if err != nil {
		return err.Error() + "\n"
	}
	return shown
}

// troubledFirst orders the members: those that are not well before those that are.
func (v *clusterView) troubledFirst() []int {
	var troubled, well []int
	for i := range v.rows {
		if is := v.majority(memberName(i)); is != "alive" {
			troubled = append(troubled, i)
		} else {
			well = append(well, i)
		}
	}
	return append(troubled, well...)
}

// summary is the group in a line.
func (v *clusterView) summary() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	votes := map[string]int{}
	var suspicions, falsePositives, memory uint64
	load, worst := 0.0, 0
	for i, row := range v.rows {
		votes[v.majority(memberName(i))]++
		suspicions += row.status.Suspected
		falsePositives += row.status.FalsePositives
		load += row.load
		memory += row.status.Memory
		worst = max(worst, row.status.Health)
	}
	var states []string
	for _, is := range []string{"alive", "suspect", "leaving", "left", "failed", "unknown"} {
		if votes[is] > 0 {
			states = append(states, fmt.Sprintf("%d %s", votes[is], is))
		}
	}
	return fmt.Sprintf("%s; worst health score %d; %d suspicions, %d false positives; CPU %.1f %%, memory %.0f MB in all",
		cmp.Or(strings.Join(states, ", "), "nobody"), worst, suspicions, falsePositives, 100*load, float64(memory)/1e6)
}

// hostName is this machine's, or a word for it.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "here"
	}
	return name
}
