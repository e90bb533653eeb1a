package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/internal/table"
	"github.com/swimlab/swimlab/swim/live"
)

// asked is a question and what came of it.
type asked struct {
	live.Question
	answers []live.Answer
	missing []string // those who were asked and have not acked
	members int      // that were asked
}

func newQueryCommand(format func() string) *cobra.Command {
	var j joining
	var q live.Question
	var tags []string
	cmd := &cobra.Command{
		Use:   "query HOST:PORT NAME [PAYLOAD]",
		Short: "Ask the members of a running Serf or Consul group a query, as \"serf query\" does",
		Long: `Join the group through one of its members, wait until the others have heard of it, ask
the query, print acks and answers as they come, and leave.

Everybody acks at once that the query has arrived, unless --no-ack is given, so that a
query that nobody answers tells who can be reached. Of those alive that were asked and
did not ack, the names come last. --tag takes a regular expression that must have a
match in the tag; several filters must all pass.`,
		Example: `  repro query 127.0.0.1:7946 load
  repro query 127.0.0.1:7946 deploy v2 --tag 'role=^(web|api)$' --timeout 10s
  repro query 127.0.0.1:7946 load --node ada --node bert --relay-factor 2 --format json`,
		Args: between(2, 3, "the address of one member and the name of a query, such as 127.0.0.1:7946 load, and at most a payload"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Name = args[1]
			if len(args) > 2 {
				q.Payload = []byte(args[2])
			}
			var err error
			if q.Tags, err = tagFilters(tags); err != nil {
				return err
			}
			if err := q.Validate(); err != nil {
				return err
			}
			if err := j.check(args[0]); err != nil {
				return err
			}
			if j.family == "plain" || j.family == "alertmanager" || j.family == "memberlist" {
				return fmt.Errorf("--family %s is not valid here: its members know no queries; want serf or consul", j.family)
			}
			out := cmd.OutOrStdout()
			if format() != "text" {
				out = io.Discard
			}
			m, _, err := j.begin(cmd.Context(), cmd.ErrOrStderr(), args[0])
			if err != nil {
				return err
			}
			result, err := ask(cmd.Context(), out, m, q)
			if gone := leave(m); err == nil {
				err = gone
			}
			if err != nil {
				return err
			}
			return result.print(cmd.OutOrStdout(), format())
		},
	}
	j.flags(cmd)
	cmd.Flags().StringArrayVar(&q.Nodes, "node", nil, "ask this member; may be repeated (default: all)")
	cmd.Flags().StringArrayVar(&tags, "tag", nil, "ask those whose tag has a match, as role=^web; may be repeated")
	cmd.Flags().BoolVar(&q.NoAcks, "no-ack", false, "do not have everybody say that the query has arrived")
	cmd.Flags().IntVar(&q.Relays, "relay-factor", 0, "through how many other members each answer comes once more")
	cmd.Flags().DurationVar(&q.Timeout, "timeout", 0, "wait for answers so long (default: Serf's, 3.2s in a group of up to 8, 6.4s up to 98)")
	return cmd
}

func tagFilters(texts []string) (map[string]string, error) {
	tags := map[string]string{}
	for _, text := range texts {
		tag, expr, ok := strings.Cut(text, "=")
		if _, twice := tags[tag]; !ok || tag == "" || twice {
			return nil, fmt.Errorf("--tag %q is not valid; want tag=expression, such as role=^web, and each tag once", text)
		}
		tags[tag] = expr
	}
	return tags, nil
}

// ask asks once the group has heard of the member, and gives what has come when the
// question's time is over.
func ask(ctx context.Context, out io.Writer, m *live.Member, q live.Question) (*asked, error) {
	t := time.NewTimer(m.NewsTime())
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		return nil, errInterrupted
	}
	a := &asked{Question: q}
	waits := map[string]bool{}
	for _, p := range m.Members() {
		if p.State.InGroup() && q.Asks(p) {
			a.members++
			waits[p.Name] = true
		}
	}
	answers, err := m.Ask(ctx, q)
	if err != nil {
		return nil, failure{err}
	}
	fmt.Fprintf(out, "%s asks %d of %d members\n", printable(m.Name()), a.members, m.GroupSize())
	for x := range answers {
		a.answers = append(a.answers, x)
		what, text := "answer", "  "+lines(x.Payload)
		if x.Ack {
			what, text = "ack", ""
			delete(waits, x.From)
		}
		fmt.Fprintf(out, "%8v  %-6s  %s%s\n", x.After.Round(100*time.Microsecond), what, printable(x.From), text)
	}
	if !q.NoAcks {
		for _, p := range m.Members() {
			if waits[p.Name] {
				a.missing = append(a.missing, p.Name)
			}
		}
	}
	return a, nil
}

// lines is what somebody answered, its lines under one another.
func lines(payload []byte) string {
	all := strings.Split(strings.TrimRight(string(payload), "\n"), "\n")
	for i := range all {
		all[i] = printable(all[i])
	}
	return strings.Join(all, "\n                    ")
}

// print prints the summary as text, and all of it in other formats.
func (a *asked) print(out io.Writer, format string) error {
	acks := 0
	for _, x := range a.answers {
		if x.Ack {
			acks++
		}
	}
	switch format {
	case "json":
		type answer struct {
			From    string  `json:"from"`
			AfterMs float64 `json:"after_ms"`
			Payload *string `json:"payload,omitempty"`
		}
		all := struct {
			Query   string   `json:"query"`
			Asked   int      `json:"asked"`
			Acks    []answer `json:"acks"`
			Answers []answer `json:"answers"`
			Missing []string `json:"missing"`
		}{Query: a.Name, Asked: a.members, Acks: []answer{}, Answers: []answer{}, Missing: append([]string{}, a.missing...)}
		for _, x := range a.answers {
			after := float64(x.After.Microseconds()) / 1e3
			if x.Ack {
				all.Acks = append(all.Acks, answer{x.From, after, nil})
			} else {
				text := string(x.Payload)
				all.Answers = append(all.Answers, answer{x.From, after, &text})
			}
		}
		return printJSON(out, all)
	case "markdown":
		t := table.Table{ID: "answers", Columns: []table.Column{{Name: "member"}, {Name: "what"}, {Name: "after", Unit: "ms"}, {Name: "payload"}}}
		for _, x := range a.answers {
			what := "answer"
			if x.Ack {
				what = "ack"
			}
			t.Rows = append(t.Rows, []table.Cell{table.Text(printable(x.From)), table.Text(what), table.Fixed(x.After.Seconds()*1000, 1), table.Text(printable(string(x.Payload)))})
		}
		return printTable(out, t, format)
	}
	if !a.NoAcks {
		fmt.Fprintf(out, "%d of %d acked; ", acks, a.members)
	}
	fmt.Fprintf(out, "%d answered\n", len(a.answers)-acks)
	if len(a.missing) > 0 {
		fmt.Fprintf(out, "no ack of %s\n", printable(strings.Join(a.missing, ", ")))
	}
	return nil
}
