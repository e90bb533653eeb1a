package report_test

import (
	"math"

	"github.com/swimlab/swimlab/internal/figure"
	"github.com/swimlab/swimlab/internal/provenance"
	"github.com/swimlab/swimlab/internal/report"
	"github.com/swimlab/swimlab/internal/table"
)

// example is a site of three experiments with invented results: one
// reproduced with a warning, one not, one not run.
func example() report.Site {
	sizes := []float64{8, 12, 16, 20, 24, 28, 32, 36, 40}
	mean := figure.Series{Name: "mean, 95 % interval", Key: "swim-infection-suspicion", X: sizes}
	for i := range sizes {
		y := 1.58 + 0.1*math.Sin(float64(i))
		mean.Y, mean.Low, mean.High = append(mean.Y, y), append(mean.Low, y-0.12), append(mean.High, y+0.12)
	}
	origin := provenance.Record{Experiment: "swim2002/fig3a", Version: 1, Profile: "smoke", Seeds: "1–3", Key: "5d41402abc4b2a76b9719d911017c592"}
	detection := figure.Figure{
		ID: "swim2002/fig3a", Title: "Time until a crash is first detected",
		Caption: "Mean time from a crash to its first detection with its 95 % bootstrap interval, over the size of the group.",
		X:       figure.Axis{Label: "group size", Unit: "members"}, Y: figure.Axis{Label: "detection time", Unit: "protocol periods"},
		Series: []figure.Series{
			mean,
			{Name: "e/(e−1)", Role: figure.Analytic, X: []float64{8, 40}, Y: []float64{1.582, 1.582}},
			{Name: "SWIM 2002, figure 3(a)", Role: figure.Published, Kind: figure.Points, X: sizes, Y: []float64{1.7, 1.5, 1.6, 1.75, 1.4, 1.6, 1.9, 1.55, 1.6}},
		},
		Watermark: "SMOKE RUN", Provenance: origin,
	}
	bars := figure.Figure{
		ID: "swim2002/fig3a-load", Title: "Messages by group size",
		X: figure.Axis{Label: "group size", Ticks: []figure.Tick{{Value: 0, Label: "small"}, {Value: 1, Label: "large"}}}, Y: figure.Axis{Label: "messages", Unit: "1/member/period"},
		Series: []figure.Series{
			{Name: "measured", Key: "simulation", Kind: figure.Bars, X: []float64{0, 1}, Y: []float64{2, 2.1}, Low: []float64{1.9, 2}, High: []float64{2.1, 2.2}},
			{Name: "published", Role: figure.Published, Kind: figure.Bars, X: []float64{0, 1}, Y: []float64{2, 2}},
		},
		Provenance: origin,
	}
	var cdf figure.Figure
	cdf.ID, cdf.Title = "vivaldi2004/cdf", "Relative error by space"
	cdf.X, cdf.Y = figure.Axis{Label: "relative error", Scale: figure.Log}, figure.Axis{Label: "cumulative fraction of pairs"}
	for i, key := range []string{"vivaldi-2d", "vivaldi-3d", "vivaldi-2d-height"} {
		s := figure.Series{Key: key, Kind: figure.Step}
		for k := 1; k <= 100; k++ {
			p := float64(k) / 100
			s.X, s.Y = append(s.X, (0.5-0.1*float64(i))*math.Pow(p, 1.6)/(1.25-p)), append(s.Y, p)
			s.Low, s.High = append(s.Low, p*0.97), append(s.High, math.Min(1, p*1.03))
		}
		cdf.Series = append(cdf.Series, s)
	}
	return report.Site{
		Title: "swimlab: what holds of SWIM, Lifeguard and Vivaldi",
		Intro: []string{"Each experiment below reruns a figure or a table of a published paper and judges its statements by the numbers that came out."},
		Pages: []report.Page{
			{
				ID: "swim2002/fig3a", Title: "Time until a crash is first detected", Paper: "SWIM (DSN 2002)",
				Question: "Does detection take longer in a larger group?",
				Method:   []string{"One member of a quiet group crashes. We count protocol periods until any other member suspects it.", "Each group size runs with 200 seeds."},
				Figures:  []figure.Figure{detection, bars},
				Pictures: []report.Picture{{
					ID: "swim2002/fig3a-story", Title: "One crash", Caption: "From ping to verdict.", SVG: []byte("<svg/>"),
					Story: []string{"1.000 s: 5 <crashes>.", "    Nobody knows."}, Provenance: origin,
				}},
				Tables: []table.Table{{
					ID: "swim2002/fig3a-values", Title: "Detection time by group size", Caption: "The values behind the figure.",
					Columns: []table.Column{{Name: "group size", Unit: "members"}, {Name: "mean", Unit: "periods"}, {Name: "remark"}},
					Rows:    [][]table.Cell{{table.Number(8), table.Fixed(1.58, 2), table.Text("a < b & c")}, {table.Number(12), table.Fixed(1.664, 2), {}}},
				}},
				Claims: []report.Claim{
					{ID: "mean", Statement: "A crash is first detected after e/(e−1) protocol periods on average", Location: "section 5, figure 3(a)", Known: "analytic", Published: new(1.5819767), Measured: new(1.5931), Low: new(1.571), High: new(1.615), Unit: "periods", Kind: "relative", Tolerance: "5 %", Verdict: report.Reproduced},
					{ID: "flat", Statement: "Detection time does not grow with the group", Location: "section 5", Known: "read", Kind: "trend", Verdict: report.NotReproduced, Reason: "The slope is 0.01 periods a member & its interval excludes <0>."},
				},
				Warnings:   []string{"This is a smoke run: three seeds, no result."},
				Provenance: []provenance.Field{{Name: "profile", Value: "smoke"}, {Name: "key", Value: "5d41402abc4b2a76b9719d911017c592"}},
				Definition: "id: swim2002/fig3a\nversion: 1\ntitle: Time until a crash is first detected\nnote: \"</code><script>alert(1)</script>\"\n",
			},
			{
				ID: "swim2002/fig4", Title: "False detections", Paper: "SWIM (DSN 2002)", Question: "Does suspicion cost time?",
				Claims: []report.Claim{{ID: "rate", Statement: "Suspicion lowers false positives", Verdict: report.NotRun, Reason: "needs the profile standard"}},
			},
			{
				ID: "vivaldi2004/cdf", Title: "Relative error by space", Paper: "Vivaldi (SIGCOMM 2004)", Question: "Does a height vector beat more dimensions?",
				Figures: []figure.Figure{cdf},
			},
		},
		Provenance: []provenance.Field{{Name: "command", Value: "repro all --profile smoke"}},
	}
}
