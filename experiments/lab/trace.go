package lab

import (
	"context"
	"fmt"
	"io"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Trace tells one trial of a plan's first cell that can run, and returns the
// cell's name.
func (l *Lab) Trace(ctx context.Context, p *Plan, number int, options trial.TraceOptions, w io.Writer) (cell string, err error) {
	tracer, ok := p.World.(trial.Tracer)
	if !ok {
		return "", fmt.Errorf("%s: world %s keeps no trace", p.Definition.Address(), p.World.Name())
	}
	for _, c := range p.Cells {
		if len(c.Missing) == 0 {
			return p.Name(c), tracer.Trace(ctx, c.trial(number), options, w)
		}
	}
	return "", fmt.Errorf("%s: %s", p.Definition.Address(), p.Cells[0].missing())
}
