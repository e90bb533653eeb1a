package figure

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// EChartsVersion is the version of Apache ECharts that charts are written for.
const EChartsVersion = "5.6.0"

// ChartScript is what a page must load, after ECharts and before any chart:
// the shapes that ECharts does not have (bands, bars with intervals, error
// bars) and the text of the tooltip.
//
//go:embed chart.js
var ChartScript string

// Chart is the interactive form of a figure.
type Chart struct {
	// ID names the chart on its page; the same figure has the same ID.
	ID string
	// Option is the JavaScript expression to hand to setOption. It is safe
	// inside a script element and needs ChartScript.
	Option string
}

// Chart returns the figure for go-echarts, in the same colours, markers and
// dashes as the drawn one.
func (f Figure) Chart() (Chart, error) {
	if err := f.Validate(); err != nil {
		return Chart{}, err
	}
	f = f.withDefaults()
	id := "chart-" + strings.NewReplacer("/", "-", ".", "-").Replace(f.ID)
	looks := f.looks()
	if f.Map != nil {
		return f.mapChart(id, looks)
	}
	base := charts.NewLine()
	base.SetGlobalOptions(
		charts.WithInitializationOpts(opts.Initialization{ChartID: id}),
		charts.WithAnimation(false),
		charts.WithTitleOpts(opts.Title{Show: opts.Bool(false)}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(len(f.Series) > 1), Left: "10", Right: "100", Top: "4", Data: legendSamples(looks)}),
		charts.WithGridOpts(opts.Grid{Left: "64", Right: "40", Top: "44", Bottom: "96"}),
		charts.WithTooltipOpts(opts.Tooltip{
			Trigger:   "axis",
			Formatter: script("swimlab.tooltip(%s, %s)", f.X.Title(), f.tickNames()),
		}),
		charts.WithToolboxOpts(opts.Toolbox{Right: "16", Top: "2", Feature: &opts.ToolBoxFeature{
			DataZoom: &opts.ToolBoxFeatureDataZoom{Show: opts.Bool(true), Title: map[string]string{"zoom": "zoom", "back": "undo zoom"}, Icon: zoomIcons},
			Restore:  &opts.ToolBoxFeatureRestore{Show: opts.Bool(true), Title: "reset"},
		}}),
		charts.WithDataZoomOpts(opts.DataZoom{Type: "slider", XAxisIndex: 0, FilterMode: "none"}),
	)
	x, y := f.spans()
	base.SetGlobalOptions(charts.WithXAxisOpts(f.chartX(x)), charts.WithYAxisOpts(f.chartY(y)))
	for i := range f.Series {
		base.MultiSeries = append(base.MultiSeries, f.chartSeries(i, looks[i])...)
	}
	base.Validate()
	parts := base.JSON()
	if values := f.sweptValues(); f.X.Scale == Log && values != nil {
		parts["swimlabTicks"] = values // for swimlab.fit: go-echarts cannot say where an axis has its ticks
	}
	option, err := plainScript(parts)
	if err != nil {
		return Chart{}, fmt.Errorf("figure %s: %w", f.ID, err)
	}
	return Chart{ID: id, Option: option}, nil
}

// zoomIcons are a frame and an arrow back; without them go-echarts would take
// away those that ECharts has.
var zoomIcons = map[string]string{
	"zoom": "path://M0,14h27M14,27V0M32,14H58V58H14V32",
	"back": "path://M22,2L10,14l12,12M10,14H55v44H10v-26",
}

// chartSeries returns what stands for series i: the series itself, from which
// the legend takes its sample, and what shows the interval. Both carry the same
// name, so that the legend switches them together.
func (f Figure) chartSeries(i int, l look) []charts.SingleSeries {
	s := f.Series[i]
	part := charts.SingleSeries{Name: l.label, Color: hex(l.color), ItemStyle: l.chartItem(), Data: s.chartRows()}
	interval := charts.SingleSeries{Name: l.label, Color: hex(l.color), ItemStyle: l.chartItem(), Type: types.ChartCustom}
	if s.hasInterval() {
		interval.Data = rowsOf(s.X, s.Low, s.High)
		interval.Encode = &opts.Encode{X: 0, Y: []int{1, 2}}
	}
	switch s.Kind {
	case Points:
		part.Type = types.ChartScatter
		part.Symbol = l.marker.chartSymbol()
		part.SymbolSize = symbolScale * l.radius
		if l.alpha < 1 { // single trials would crowd the tooltip
			part.Data = rowsOf(s.X, s.Y)
		}
		interval.RenderItem = script("swimlab.whiskers(%s)", hex(l.color))
	case Bars:
		place, count := 0, 0
		for k, other := range f.Series {
			if other.Kind == Bars {
				if k < i {
					place++
				}
				count++
			}
		}
		part.Type = types.ChartCustom
		part.RenderItem = script("swimlab.bar(%s, %s, %s, %s, %s)", hex(l.color), l.hollow, f.barSlot(), place, count)
		part.Encode = &opts.Encode{X: 0, Y: 1}
		if s.hasInterval() {
			part.Encode.Y = []int{1, 2, 3}
		}
		return []charts.SingleSeries{part}
	default:
		part.Type = types.ChartLine
		part.LineStyle = &opts.LineStyle{Color: hex(l.color), Width: float32(pixelsPerPoint * l.width), Type: l.chartDash()}
		part.Symbol, part.ShowSymbol = "none", opts.Bool(false)
		if l.radius > 0 {
			part.Symbol, part.ShowSymbol = l.marker.chartSymbol(), opts.Bool(true)
			part.SymbolSize = symbolScale * l.radius
		}
		if l.sparse > 0 {
			every := max(1, len(s.X)/waymarks)
			part.SymbolSize = script("swimlab.waymarks(%s, %s, %s)", symbolScale*l.radius, every, int(l.sparse*float64(every)))
		}
		if s.Kind == Step {
			part.Step = "end"
		}
		if s.Cumulative && len(s.X) > 0 { // a row of two, which the tooltip passes over
			rows := s.chartRows()
			part.Data = append([][]any{{s.X[0], 0}}, rows...)
		}
		interval.RenderItem = script("swimlab.band(%s, %s, %s)", hex(l.color), bandAlpha, s.Kind == Step)
	}
	if !s.hasInterval() {
		return []charts.SingleSeries{part}
	}
	return []charts.SingleSeries{part, interval}
}

// legendSamples lists the legend's entries. ECharts puts a circle on the sample
// of a line whether or not the line has markers, so lines without bring their
// own sample.
func legendSamples(looks []look) []map[string]string {
	samples := make([]map[string]string, 0, len(looks))
	for _, l := range looks {
		sample := map[string]string{"name": l.label}
		switch {
		case l.width == 0 && l.radius > 0:
			sample["icon"] = l.marker.chartSymbol()
		case l.width > 0 && l.radius == 0:
			switch l.chartDash() {
			case "solid":
				sample["icon"] = "path://M0,0h24v2h-24z"
			case "dashed":
				sample["icon"] = "path://M0,0h6v2h-6zM9,0h6v2h-6zM18,0h6v2h-6z"
			case "dotted":
				sample["icon"] = "path://M0,0h2v2h-2zM5,0h2v2h-2zM10,0h2v2h-2zM15,0h2v2h-2zM20,0h2v2h-2z"
			}
		}
		samples = append(samples, sample)
	}
	return samples
}

// Sizes that the drawn figure has in points, in the pixels of a chart; a symbol
// is given by its diameter.
const (
	pixelsPerPoint = 4.0 / 3
	symbolScale    = 2 * pixelsPerPoint
)

// waymarks is about how many markers a dense line has.
const waymarks = 7

// chartItem fills the markers, or leaves them hollow.
func (l look) chartItem() *opts.ItemStyle {
	if l.hollow {
		return &opts.ItemStyle{Color: "#ffffff", BorderColor: hex(l.color), BorderWidth: 1.5}
	}
	return &opts.ItemStyle{Color: hex(l.color), Opacity: opts.Float(float32(l.alpha))}
}

// chartDash is the nearest of the dashes that go-echarts can say.
func (l look) chartDash() string {
	switch {
	case l.dash == nil:
		return "solid"
	case l.dash[0] < 2:
		return "dotted"
	}
	return "dashed"
}

// chartSymbol is the marker as a path, whose shape ECharts keeps in the legend,
// too; it stretches the symbols that it has names for.
func (m Marker) chartSymbol() string {
	corners := m.corners()
	if m == Circle {
		return "circle"
	}
	var b strings.Builder
	b.WriteString("path://")
	for i, c := range corners {
		op := "L"
		if i == 0 {
			op = "M"
		}
		b.WriteString(op + strconv.FormatFloat(c[0], 'f', 3, 64) + "," + strconv.FormatFloat(-c[1], 'f', 3, 64))
	}
	return b.String() + "Z"
}

// chartRows are the points with their intervals: x, y, low, high; the tooltip
// reads rows of four.
func (s Series) chartRows() [][]any {
	rows := make([][]any, len(s.X))
	for i := range rows {
		rows[i] = []any{s.X[i], s.Y[i], nil, nil}
		if s.hasInterval() {
			rows[i][2], rows[i][3] = s.Low[i], s.High[i]
		}
	}
	return rows
}

func rowsOf(columns ...[]float64) [][]any {
	rows := make([][]any, len(columns[0]))
	for i := range rows {
		for _, c := range columns {
			rows[i] = append(rows[i], c[i])
		}
	}
	return rows
}

func (f Figure) chartX(r span) opts.XAxis {
	axis := opts.XAxis{
		Type: chartScale(f.X.Scale), Name: f.X.Title(), NameLocation: "middle", NameGap: 28,
		Scale: opts.Bool(r.min != 0), AxisLine: &opts.AxisLine{OnZero: opts.Bool(false)},
		AxisLabel: &opts.AxisLabel{HideOverlap: opts.Bool(true)}, SplitLine: paleLine(),
	}
	axis.Min, axis.Max = f.X.chartRange(r)
	if f.X.Ticks != nil {
		axis.MinInterval, axis.MaxInterval = f.barSlot(), f.barSlot()
		axis.AxisLabel.Formatter = script("swimlab.names(%s)", f.tickNames())
		axis.SplitLine = &opts.SplitLine{Show: opts.Bool(false)}
		axis.Min, axis.Max = r.min, r.max
	}
	return axis
}

func (f Figure) chartY(r span) opts.YAxis {
	axis := opts.YAxis{
		Type: chartScale(f.Y.Scale), Name: f.Y.Title(), NameLocation: "middle", NameGap: 46,
		Scale: opts.Bool(r.min != 0), AxisLine: &opts.AxisLine{Show: opts.Bool(true), OnZero: opts.Bool(false)},
		AxisLabel: &opts.AxisLabel{HideOverlap: opts.Bool(true)}, SplitLine: paleLine(),
	}
	axis.Min, axis.Max = f.Y.chartRange(r)
	return axis
}

func chartScale(s Scale) string {
	if s == Log {
		return "log"
	}
	return "value"
}

// chartRange fixes only the ends that the figure fixes, and zero: ECharts
// rounds the others to whole ticks.
func (a Axis) chartRange(r span) (low, high any) {
	if a.Min != nil || (a.Scale == Linear && r.min == 0) {
		low = r.min
	}
	if a.Max != nil {
		high = r.max
	}
	return low, high
}

func paleLine() *opts.SplitLine {
	return &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: hex(gridColor)}}
}

// tickNames are the x axis's named ticks as pairs of value and name.
func (f Figure) tickNames() [][]any {
	names := make([][]any, 0, len(f.X.Ticks))
	for _, t := range f.X.Ticks {
		names = append(names, []any{t.Value, t.Label})
	}
	return names
}

// scriptMark encloses JavaScript in an option's value. No text of a valid
// figure has a control character, so none can pass for script.
const scriptMark = "\x00"

// script is JavaScript with its arguments as literals, safe in a script element.
func script(format string, args ...any) types.FuncStr {
	literals := make([]any, len(args))
	for i, a := range args {
		text, err := json.Marshal(a)
		if err != nil {
			panic(err) // numbers of a valid figure and plain texts have a literal
		}
		literals[i] = string(text)
	}
	return types.FuncStr(scriptMark + fmt.Sprintf(format, literals...) + scriptMark)
}

var markedScript = regexp.MustCompile(`"\\u0000(?:[^"\\]|\\.)*"`)

// plainScript writes option as JSON, with what script made as bare JavaScript.
// go-echarts' own renderer does not escape what could end a script element.
func plainScript(option map[string]any) (string, error) {
	text, err := json.Marshal(option)
	if err != nil {
		return "", err
	}
	bare := markedScript.ReplaceAllFunc(text, func(quoted []byte) []byte {
		var s string
		if err = json.Unmarshal(quoted, &s); err != nil {
			return quoted
		}
		return []byte(strings.Trim(s, scriptMark))
	})
	return string(bytes.TrimSpace(bare)), err
}
