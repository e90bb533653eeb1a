package figure_test

import (
	"math"
	"math/rand/v2"

	"github.com/swimlab/swimlab/internal/figure"
	"github.com/swimlab/swimlab/internal/provenance"
)

// The examples have the shapes of the papers' figures and invented data.

var origin = provenance.Record{
	Experiment: "example/fig1", Version: 1, Profile: "standard", Seeds: "1–200",
	Key: "5d41402abc4b2a76b9719d911017c592ae3f0e6b",
}

// detection has the shape of SWIM figure 3(a): measured means with a band over
// single trials, a closed form, and published points.
func detection() figure.Figure {
	r := rand.New(rand.NewPCG(1, 2))
	sizes := []float64{8, 12, 16, 20, 24, 28, 32, 36, 40}
	mean := figure.Series{Name: "mean, 95 % interval", Key: "swim-infection-suspicion"}
	trials := figure.Series{Name: "single trials", Key: "swim-infection-suspicion", Kind: figure.Points}
	for _, n := range sizes {
		const count = 60
		sum := 0.0
		for range count {
			v := math.Ceil(r.ExpFloat64()/0.8+0.02) + 0.15*r.Float64() - 0.4
			sum += v
			trials.X, trials.Y = append(trials.X, n), append(trials.Y, v)
		}
		m := sum / count
		mean.X, mean.Y = append(mean.X, n), append(mean.Y, m)
		mean.Low, mean.High = append(mean.Low, m-0.25), append(mean.High, m+0.25)
	}
	return figure.Figure{
		ID: "example/detection", Title: "Time until a crash is first detected",
		Caption: "Mean time from a crash to its first detection, with its 95 % bootstrap interval, over the size of the group.",
		X:       figure.Axis{Label: "group size", Unit: "members"},
		Y:       figure.Axis{Label: "detection time", Unit: "protocol periods"},
		Series: []figure.Series{
			mean, trials,
			{Name: "e/(e−1)", Role: figure.Analytic, X: []float64{8, 40}, Y: []float64{1.582, 1.582}},
			{Name: "SWIM 2002, figure 3(a)", Role: figure.Published, Kind: figure.Points, X: sizes, Y: []float64{1.7, 1.5, 1.6, 1.75, 1.4, 1.6, 1.9, 1.55, 1.6}},
		},
		Provenance: origin,
	}
}

// errorCDF has the shape of Vivaldi's distribution functions, as steps.
func errorCDF() figure.Figure {
	f := figure.Figure{
		ID: "example/cdf", Title: "Relative error by space, over all pairs of hosts; a title long enough that it takes a second line",
		X:          figure.Axis{Label: "relative error", Max: new(1.0)},
		Y:          figure.Axis{Label: "cumulative fraction of pairs", Min: new(0.0), Max: new(1.0)},
		Watermark:  "SMOKE RUN",
		Provenance: origin,
	}
	for i, key := range []string{"vivaldi-2d", "vivaldi-3d", "vivaldi-5d", "vivaldi-2d-height", "vivaldi-3d-height"} {
		s := figure.Series{Key: key, Kind: figure.Step}
		for k := range 101 {
			p := float64(k) / 100
			s.X = append(s.X, (0.5-0.07*float64(i))*math.Pow(p, 1.6)/(1.25-p))
			s.Y = append(s.Y, p)
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// infection is a time series of three variants with bands and closed forms.
func infection() figure.Figure {
	f := figure.Figure{
		ID: "example/infection", Title: "Members that know of a failure",
		X: figure.Axis{Label: "time since detection", Unit: "s"}, Y: figure.Axis{Label: "informed members"},
		Provenance: origin,
	}
	for i, key := range []string{"swim-basic", "swim-infection", "lifeguard"} {
		s := figure.Series{Key: key}
		form := figure.Series{Name: figure.StyleOf(key).Name + ", formula", Key: key, Role: figure.Analytic}
		for k := range 61 {
			x := float64(k) / 4
			y := 128 / (1 + 127*math.Exp(-x*(1.4-0.3*float64(i))))
			s.X, s.Y = append(s.X, x), append(s.Y, y*(1+0.02*math.Sin(x*3)))
			s.Low, s.High = append(s.Low, y*0.88), append(s.High, math.Min(y*1.12, 128))
			form.X, form.Y = append(form.X, x), append(form.Y, y)
		}
		f.Series = append(f.Series, s)
		if i == 1 {
			f.Series = append(f.Series, form)
		}
	}
	f.Series = append(f.Series, figure.Series{Name: "whole group", Role: figure.Reference, X: []float64{0, 15}, Y: []float64{128, 128}})
	return f
}

// scaling is log-log, with error bars.
func scaling() figure.Figure {
	sizes := []float64{10, 32, 100, 320, 1000, 3200, 10000, 100000, 1000000}
	points := func(key string, a, b float64) figure.Series {
		s := figure.Series{Key: key, Kind: figure.Points}
		for _, n := range sizes {
			y := a * math.Pow(n, b)
			s.X, s.Y, s.Low, s.High = append(s.X, n), append(s.Y, y), append(s.Low, y*0.7), append(s.High, y*1.5)
		}
		return s
	}
	line := figure.Series{Name: "O(n)", Role: figure.Analytic, X: []float64{10, 1e6}, Y: []float64{0.002, 200}}
	other := figure.Series{Name: "O(√n)", Role: figure.Analytic, X: []float64{10, 1e6}, Y: []float64{0.004, 4}}
	return figure.Figure{
		ID: "example/scaling", Title: "False positives against group size",
		X:          figure.Axis{Label: "group size", Unit: "members", Scale: figure.Log},
		Y:          figure.Axis{Label: "false positives", Unit: "1/member/h", Scale: figure.Log},
		Series:     []figure.Series{points("swim", 0.0002, 1), points("lifeguard", 0.0001, 0.8), points("memberlist", 0.001, 0.6), line, other},
		Provenance: origin,
	}
}

// configurations has bars over names, as Lifeguard's tables could be drawn.
func configurations() figure.Figure {
	x := []float64{0, 1, 2, 3, 4}
	return figure.Figure{
		ID: "example/configurations", Title: "False positives by configuration",
		X: figure.Axis{Label: "configuration", Ticks: []figure.Tick{
			{Value: 0, Label: "SWIM"}, {Value: 1, Label: "LHA-Probe"}, {Value: 2, Label: "LHA-Suspicion"}, {Value: 3, Label: "Buddy System"}, {Value: 4, Label: "Lifeguard"},
		}},
		Y: figure.Axis{Label: "false positives", Unit: "% of SWIM"},
		Series: []figure.Series{
			{Name: "simulation", Key: "simulation", Kind: figure.Bars, X: x, Y: []float64{100, 62, 45, 98, 2}, Low: []float64{90, 52, 40, 90, 1}, High: []float64{110, 72, 50, 106, 3}},
			{Name: "loopback", Key: "loopback", Kind: figure.Bars, X: x, Y: []float64{97, 66, 41, 102, 3}},
			{Name: "Lifeguard 2018, table IV", Key: "published", Role: figure.Published, Kind: figure.Bars, X: x, Y: []float64{100, 67.5, 34.1, 97.5, 1.53}},
		},
		Provenance: origin,
	}
}

// placements is two maps of hosts with heights.
func placements() figure.Figure {
	r := rand.New(rand.NewPCG(3, 4))
	m := &figure.Map{Columns: 2, Unit: "ms"}
	for _, title := range []string{"after 1 s", "after 300 s"} {
		p := figure.Panel{Title: title}
		for i := range 40 {
			at := figure.Place{Name: "host " + string(rune('a'+i%26)), Group: []string{"Europe", "Asia", "Atlantis"}[i%3], X: 80 * r.NormFloat64(), Y: 50 * r.NormFloat64(), Labelled: i%8 == 0}
			at.Height = 10 * r.ExpFloat64()
			p.Places = append(p.Places, at)
		}
		m.Panels = append(m.Panels, p)
	}
	return figure.Figure{ID: "example/placements", Title: "Where hosts come to lie", Caption: "Bars are heights.", Map: m, Watermark: "SMOKE RUN", Provenance: origin}
}

func examples() []figure.Figure {
	return []figure.Figure{detection(), errorCDF(), infection(), scaling(), configurations(), placements()}
}
