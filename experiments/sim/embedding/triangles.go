package embedding

import (
	"time"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/trial"
)

// triangles are the network's statistics of triangle inequalities.
func (m *matrix) triangles() datasets.Statistics {
	set, err := datasets.FromFunc(m.n, m.at)
	if err != nil {
		panic(err) // load refuses what FromFunc would
	}
	return datasets.Summarize(set)
}

// The grid of triangle_ratio_cdf: 0.5, 0.51, … 2.5. No ratio is below a half.
const (
	ratioFirst   = 50
	ratioSteps   = 200
	ratioPerUnit = 100
)

// triangleRatios is the distribution of longest side over the sum of the others.
func (m *matrix) triangleRatios() trial.Series {
	var counts [ratioSteps + 2]int
	total := 0
	for i := range m.n {
		for j := range i {
			ij := m.at(i, j)
			if ij == 0 {
				continue
			}
			for k := range j {
				ik, jk := m.at(i, k), m.at(j, k)
				if ik == 0 || jk == 0 {
					continue
				}
				longest := max(ij, ik, jk)
				others := ij + ik + jk - longest
				// The first place of the grid that is not below the ratio.
				at := (longest*ratioPerUnit + others - 1) / others
				counts[min(max(at-ratioFirst, 0), ratioSteps+1)]++
				total++
			}
		}
	}
	s := trial.Series{X: make([]float64, ratioSteps+1), Y: make([]float64, ratioSteps+1)}
	below := 0
	for i := range s.X {
		below += counts[i]
		s.X[i], s.Y[i] = float64(ratioFirst+i)/ratioPerUnit, float64(below)/float64(max(total, 1))
	}
	return s
}

// mean of both directions, where a matrix keeps them apart.
func (m *matrix) mean(i, j int) time.Duration {
	there, back := m.at(i, j), m.at(j, i)
	switch {
	case there == 0:
		return back
	case back == 0:
		return there
	}
	return (there + back) / 2
}
