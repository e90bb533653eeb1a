package figure

import (
	"fmt"
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// mapChart is the interactive form of a map. ECharts has axes that stretch with
// the page, so the option says under "swimlabAspect" what swimlab.fit keeps:
// height over width of the whole. The panels share one plane, each shifted to its
// place in it.
func (f Figure) mapChart(id string, looks []look) (Chart, error) {
	m := f.Map
	sheet := m.sheet(pageWidth)
	// In units of the map: a panel with its air and its title.
	width, height := (sheet.width+panelGap)/sheet.scale, (sheet.height+sheet.title+panelGap)/sheet.scale
	middle := (sheet.x.min + sheet.x.max) / 2
	base := charts.NewLine()
	base.SetGlobalOptions(
		charts.WithInitializationOpts(opts.Initialization{ChartID: id}),
		charts.WithAnimation(false),
		charts.WithTitleOpts(opts.Title{Show: opts.Bool(false)}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(len(f.Series) > 1), Left: "10", Right: "10", Top: "4", Data: legendSamples(looks)}),
		charts.WithGridOpts(opts.Grid{Left: "10", Right: "10", Top: "40", Bottom: "10"}),
		charts.WithTooltipOpts(opts.Tooltip{Trigger: "item", Formatter: script("swimlab.placeTip(%s)", m.Unit)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Show: opts.Bool(false), Min: 0, Max: width * float64(m.Columns)}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Show: opts.Bool(false), Min: -height * float64(sheet.rows), Max: 0}),
	)
	origin := func(i int) (x, y float64) {
		x = (float64(i%m.Columns)+0.5)*width - middle
		y = -height*float64(i/m.Columns) - (height - (panelGap+panelAir)/sheet.scale) - sheet.y.min
		return x, y
	}
	for g, name := range m.groups() {
		part := charts.SingleSeries{
			Name: looks[g].label, Type: types.ChartCustom, Color: hex(looks[g].color), ItemStyle: looks[g].chartItem(),
			Encode: &opts.Encode{X: 0, Y: 1},
		}
		var rows [][]any
		labels := []string{}
		for i, panel := range m.Panels {
			x, y := origin(i)
			for _, at := range panel.Places {
				if at.Group != name {
					continue
				}
				rows = append(rows, []any{x + at.X, y + at.Y, at.Height, at.Name})
				label := ""
				if at.Labelled {
					label = at.Name
				}
				labels = append(labels, label)
			}
		}
		part.Data = rows
		part.RenderItem = script("swimlab.place(%s, %s, %s)", hex(looks[g].color), looks[g].marker.chartCorners(), labels)
		base.MultiSeries = append(base.MultiSeries, part)
	}
	base.MultiSeries = append(base.MultiSeries, m.chartFrames(width, height, sheet))
	base.Validate()
	option := base.JSON()
	option["swimlabAspect"] = math.Round(1e4*height*float64(sheet.rows)/(width*float64(m.Columns))) / 1e4
	text, err := plainScript(option)
	if err != nil {
		return Chart{}, fmt.Errorf("figure %s: %w", f.ID, err)
	}
	return Chart{ID: id, Option: text}, nil
}

// chartCorners is the marker's outline with y downwards, of no corners for a circle.
func (m Marker) chartCorners() [][2]float64 {
	corners := [][2]float64{}
	for _, c := range m.corners() {
		corners = append(corners, [2]float64{math.Round(1e3*c[0]) / 1e3, -math.Round(1e3*c[1]) / 1e3})
	}
	return corners
}

// chartFrames are the panels' frames and titles, and the scale bar in the first.
func (m Map) chartFrames(width, height float64, sheet mapSheet) charts.SingleSeries {
	rows := make([][]any, len(m.Panels))
	titles := make([]string, len(m.Panels))
	gap, title := panelGap/sheet.scale, sheet.title/sheet.scale
	for i, p := range m.Panels {
		left, top := float64(i%m.Columns)*width, -float64(i/m.Columns)*height
		rows[i] = []any{left + gap/2, top - title, left + width - gap/2, top - height + gap}
		titles[i] = p.Title
	}
	bar := scaleBar(sheet.width / 3 / sheet.scale)
	return charts.SingleSeries{
		Type: types.ChartCustom, Data: rows, Encode: &opts.Encode{X: []int{0, 2}, Y: []int{1, 3}},
		RenderItem: script("swimlab.frame(%s, %s, %s)", titles, bar, scaleBarText(bar, m.Unit)),
	}
}
