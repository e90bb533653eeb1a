package lab

import (
	"context"
	"fmt"
	"io"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/internal/spacetime"
)

// Picture draws one accusation of a trial of a plan's first cell that can run as
// a space-time diagram into an SVG file, and returns the cell's name and what the
// picture shows. members limits it as in [trial.SpaceTimer].
func (l *Lab) Picture(ctx context.Context, p *Plan, number int, members []int, file string) (cell, title string, err error) {
	world, ok := p.World.(trial.SpaceTimer)
	if !ok {
		return "", "", fmt.Errorf("%s: world %s draws no space-time pictures", p.Definition.Address(), p.World.Name())
	}
	for _, c := range p.Cells {
		if len(c.Missing) > 0 {
			continue
		}
		s, err := world.SpaceTime(ctx, c.trial(number), members)
		if err != nil {
			return "", "", fmt.Errorf("%s, %s, seed %d: %w", p.Definition.Address(), p.Name(c), number, err)
		}
		svg, err := spacetime.SVG(s)
		if err != nil {
			return "", "", err
		}
		return p.Name(c), s.Title, writeFile(file, svg)
	}
	return "", "", fmt.Errorf("%s: %s", p.Definition.Address(), p.Cells[0].missing())
}

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
