package lab

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/internal/figure"
	"github.com/swimlab/swimlab/internal/provenance"
)

// Drawing is a figure or table with the cells it was drawn from.
type Drawing[T any] struct {
	// Name of the artifact's files without their ending: "swim2002-fig3a".
	Name  string
	What  T
	Cells []int
	// Partial says that a part is missing: good for the report, but not to be
	// committed.
	Partial bool
}

func (f FigureSpec) kind() string {
	if f.Kind == "" {
		return "xy"
	}
	return f.Kind
}

func (f FigureSpec) statistic() string {
	if f.Statistic == "" {
		return "mean"
	}
	return f.Statistic
}

func (f FigureSpec) shows(what string) bool {
	switch {
	case f.Show != nil:
		return slices.Contains(f.Show, what)
	case f.Band != nil:
		return what == "band"
	}
	return what == "interval"
}

// expression is what a line shows at each point: a bare measure goes through
// the figure's statistic.
func (l Line) expression(f FigureSpec) string {
	if f.kind() == "xy" && isName(l.Value) {
		return f.statistic() + "(" + l.Value + ")"
	}
	return l.Value
}

// Figures draws every figure of the experiment that can be drawn from the
// trials that are here. missing says of each other one why not.
func (r *Results) Figures() (drawn []Drawing[figure.Figure], missing map[string]string, err error) {
	missing = map[string]string{}
	for i, spec := range r.Plan.Definition.Figures {
		for _, facet := range r.facets(spec) {
			d, err := r.figure(spec, facet)
			if why, absent := asNotRun(err); absent {
				missing[r.artifactName(spec.Name, facet)] = why
				continue
			}
			if err != nil {
				return nil, nil, r.Plan.Definition.doc.blame(fmt.Sprintf("figures.%d", i), "%v", err)
			}
			drawn = append(drawn, d)
		}
	}
	return drawn, missing, nil
}

// facets lists the levels that a figure is repeated for; nil stands for one
// figure of everything.
func (r *Results) facets(spec FigureSpec) []*Level {
	if spec.Facet == "" {
		return []*Level{nil}
	}
	at, _ := r.Plan.axis(spec.Facet)
	var facets []*Level
	for i := range r.Plan.Axes[at].Levels {
		facets = append(facets, &r.Plan.Axes[at].Levels[i])
	}
	return facets
}

// artifactName names the files of a figure or table: those of swim2002/fig3a
// are swim2002-fig3a, and swim2002-fig3a-spread for spread or fig3a-spread.
func (r *Results) artifactName(name string, facet *Level) string {
	d := r.Plan.Definition
	id := strings.ReplaceAll(d.ID, "/", "-")
	if d.old {
		id += fmt.Sprintf("-v%d", d.Version)
	}
	if own := path.Base(d.ID); name != own {
		id += "-" + strings.TrimPrefix(name, own+"-")
	}
	if facet != nil {
		id += "-" + fileName(facet.Name)
	}
	return id
}

// fileName makes a level's name fit for a file: lower case, digits, dashes.
func fileName(name string) string {
	return strings.Trim(strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.':
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return '-'
	}, name), "-.")
}

// sketch is a figure being drawn.
type sketch struct {
	*Results
	spec   FigureSpec
	fixed  map[string]Level // the facet's level
	cells  []int
	series []figure.Series
}

func (r *Results) figure(spec FigureSpec, facet *Level) (Drawing[figure.Figure], error) {
	s := &sketch{Results: r, spec: spec, fixed: map[string]Level{}}
	where, err := r.Plan.filter(spec.Where)
	if err != nil {
		return Drawing[figure.Figure]{}, err
	}
	if facet != nil {
		where[spec.Facet] = []string{facet.Name}
		s.fixed[spec.Facet] = *facet
	}
	if s.cells = r.Plan.match(r.all(), where); len(s.cells) == 0 {
		return Drawing[figure.Figure]{}, &NotRun{r.Plan.lacks(where)}
	}
	if err := r.need(s.cells); err != nil {
		return Drawing[figure.Figure]{}, err
	}
	if spec.kind() == "map" {
		return s.drawMap(facet)
	}
	draw := map[string]func() error{"xy": s.drawXY, "curve": s.drawCurves, "cdf": s.drawDistributions, "histogram": s.drawHistograms}[spec.kind()]
	for _, part := range []func() error{draw, s.drawReferences, s.drawPublished} {
		if err := part(); err != nil {
			return Drawing[figure.Figure]{}, err
		}
	}
	s.fitLog()
	if !slices.ContainsFunc(s.series, func(drawn figure.Series) bool { return len(drawn.X) > 0 }) {
		return Drawing[figure.Figure]{}, fmt.Errorf("nothing to draw: no trial observed %s; does the run last long enough for it?", s.observed())
	}
	return s.finish(figure.Figure{X: s.xAxis(), Y: s.yAxis(), Series: s.series}, facet)
}

// finish gives a figure its name, its words and where it comes from.
func (s *sketch) finish(what figure.Figure, facet *Level) (Drawing[figure.Figure], error) {
	r, spec := s.Results, s.spec
	name := r.artifactName(spec.Name, facet)
	what.ID, what.Title, what.Caption, what.Provenance = name, spec.Title, r.caption(spec, s.cells), r.provenance(s.cells)
	if what.Title == "" {
		what.Title = r.Plan.Definition.Title
	}
	if facet != nil {
		what.Title += ", " + s.levelText(spec.Facet, *facet)
	}
	if r.Plan.Profile == Smoke {
		what.Watermark = "SMOKE RUN"
	} else if r.Plan.Overridden {
		what.Watermark = "PARAMETERS CHANGED"
	}
	return Drawing[figure.Figure]{Name: name, What: what, Cells: s.cells}, what.Validate()
}

// provenance of what was drawn from some cells. The commit is not part of it:
// a committed file could never hold the commit it stands in.
func (r *Results) provenance(cells []int) provenance.Record {
	p := provenance.Record{
		Experiment: r.Plan.Definition.ID, Version: r.Plan.Definition.Version, Profile: string(r.Plan.Profile),
		Seeds: "1", Key: r.digest(cells),
	}
	if r.Plan.Trials > 1 {
		p.Seeds = fmt.Sprintf("1-%d", r.Plan.Trials)
	}
	return p
}

// caption is the definition's, with what the marks mean.
func (r *Results) caption(spec FigureSpec, cells []int) string {
	parts := []string{}
	if spec.Caption != "" {
		parts = append(parts, strings.TrimSuffix(oneLine(spec.Caption), ".")+".")
	}
	seeds := fmt.Sprintf("%d trials at each point", r.Plan.Trials)
	if r.Plan.Trials == 1 {
		seeds = "One trial at each point"
	}
	distribution := spec.kind() == "cdf" || spec.kind() == "histogram" // which draw every value, and no interval
	if distribution {
		seeds = strings.Replace(seeds, " at each point", " in each cell", 1)
	}
	if spec.kind() == "map" {
		seeds = "Places of the first trial"
	} else if spec.shows("interval") && r.Plan.Trials > 1 && !distribution {
		seeds += "; with 95 % bootstrap intervals of the " + spec.statistic()
	}
	if spec.shows("band") && spec.kind() == "curve" {
		low, high := spec.bandEnds()
		seeds += fmt.Sprintf("; the band holds the trials from quantile %s to %s", formatNumber(low, nil), formatNumber(high, nil))
	}
	parts = append(parts, seeds+".")
	for _, recording := range r.Plan.Recordings() {
		if slices.ContainsFunc(cells, func(i int) bool { return r.Plan.Cells[i].Spec.World == recording.World }) {
			parts = append(parts, recording.World+": "+recording.String()+".")
		}
	}
	for _, p := range spec.Published {
		source := p.Known
		if p.Source != "" {
			source += ", " + oneLine(p.Source)
		}
		parts = append(parts, p.Label+": "+source+".")
	}
	return strings.Join(parts, " ")
}

// lineCells is one drawn series: its cells, its legend and its style.
type lineCells struct {
	line  Line
	label string
	style string
	only  string // the style of a bundle that all lines share, for a line without one of its own
	fixed map[string]Level
	cells []int
}

// lines multiplies the figure's lines with the levels of its series axes: those
// it names, or every axis that nothing else uses.
func (s *sketch) lines() []lineCells {
	axes := s.seriesAxes()
	all := []lineCells{}
	for _, line := range s.spec.Y {
		fixed := map[string]Level{}
		for name, level := range s.fixed {
			fixed[name] = level
		}
		all = append(all, lineCells{line: line, label: line.Label, style: line.Style, fixed: fixed, cells: s.cells})
	}
	for _, name := range axes {
		at, _ := s.Plan.axis(name)
		var split []lineCells
		for _, l := range all {
			split = append(split, s.split(l, at)...)
		}
		all = split
	}
	for i, l := range all {
		if l.label == "" {
			all[i].label = strings.ReplaceAll(l.line.Value, "_", " ")
		}
		if l.style == "" {
			all[i].style = l.only
		}
		if all[i].style == "" {
			all[i].style = s.defaultStyle(all[i])
		}
	}
	return all
}

// seriesAxes are those that the figure names, or every axis that nothing else uses.
func (s *sketch) seriesAxes() []string {
	if s.spec.Series != nil {
		return s.spec.Series
	}
	var axes []string
	for _, a := range s.Plan.Axes {
		if a.Name != s.spec.X && a.Name != s.spec.Facet {
			axes = append(axes, a.Name)
		}
	}
	return axes
}

// split cuts one line up by an axis. An axis with one level left adds nothing
// to the legend.
func (s *sketch) split(l lineCells, at int) []lineCells {
	axis := s.Plan.Axes[at]
	var parts []lineCells
	for _, level := range axis.Levels {
		cells := s.Plan.match(l.cells, map[string][]string{axis.Name: {level.Name}})
		if len(cells) == 0 {
			continue
		}
		part := lineCells{line: l.line, label: l.label, style: l.style, only: l.only, cells: cells, fixed: map[string]Level{axis.Name: level}}
		for name, fixed := range l.fixed {
			part.fixed[name] = fixed
		}
		if level.Style != "" {
			part.style = level.Style
		}
		if part.style == "" {
			part.style = axis.levelStyle(level)
		}
		label := level.Label
		if level.Value != nil {
			label = s.levelName(axis.Name, level)
		}
		if part.label == "" || len(s.spec.Y) == 1 && part.label == l.line.Label { // the axis says what a single line is
			part.label = label
		} else {
			part.label += ", " + label
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		parts[0].label = l.label
		if parts[0].style != l.style && len(axis.Levels) > 0 && axis.Levels[0].Value == nil {
			parts[0].only = parts[0].style
		}
		parts[0].style = l.style
	}
	return parts
}

// levelName is how a legend writes a plain value, with its axis where the value
// alone would not tell.
func (s *sketch) levelName(axis string, level Level) string {
	if text := s.levelText(axis, level); text != level.Label {
		return text
	}
	return strings.ReplaceAll(axis, "_", " ") + " " + level.Label
}

// duration is a plain value such as 2048ms.
var duration = regexp.MustCompile(`^([0-9.]+)(us|ms|s|m|h)$`)

// levelText is how a figure writes a level: as its definition says, a dataset by
// the name that the drawings' registry has for it, else by its label.
func (s *sketch) levelText(axis string, level Level) string {
	if form, ok := s.spec.Levels[axis]; ok && level.Value != nil {
		return strings.ReplaceAll(form, "{}", level.Label)
	}
	if level.Value != nil && slices.Contains(figure.Keys(), level.Name) {
		return figure.StyleOf(level.Name).Name
	}
	if level.Value != nil {
		return duration.ReplaceAllString(level.Label, "$1 $2")
	}
	return level.Label
}

// levelStyle is the style of a plain value: its own where the registry knows it,
// else one by its place among the axis's values. Empty where there are too many.
func (a Axis) levelStyle(level Level) string {
	const shades = 6 // level-1 to level-6
	if level.Value != nil && slices.Contains(figure.Keys(), level.Name) {
		return level.Name
	}
	n := len(a.Levels)
	if level.Value == nil || n < 2 || n > shades {
		return ""
	}
	at := slices.IndexFunc(a.Levels, func(l Level) bool { return l.Name == level.Name })
	return fmt.Sprintf("level-%d", 1+at*(shades-1)/(n-1))
}

// defaultStyle is the protocol's where there is one line of it, and else a
// style of the line's own.
func (s *sketch) defaultStyle(l lineCells) string {
	if len(s.spec.Y) == 1 && len(l.cells) == len(s.cells) {
		protocol, _ := s.Plan.Cells[l.cells[0]].Spec.System["protocol"].(string)
		return protocol
	}
	return strings.ToLower(l.label)
}

func (s *sketch) xAxis() figure.Axis {
	a := s.axis(s.spec.XAxis, "", "")
	switch s.spec.kind() {
	case "xy":
		if a.Label == "" {
			a.Label = strings.ReplaceAll(s.spec.X, "_", " ")
		}
		a.Ticks = s.ticks()
	case "cdf", "histogram":
		a = s.axis(s.spec.XAxis, strings.ReplaceAll(s.firstMeasure(), "_", " "), s.Plan.Units[s.firstMeasure()])
	}
	return a
}

func (s *sketch) yAxis() figure.Axis {
	switch s.spec.kind() {
	case "cdf":
		a := s.axis(s.spec.YAxis, "Cumulative fraction", "")
		zero, one := 0.0, 1.0
		if a.Min == nil && a.Max == nil && a.Scale == figure.Linear {
			a.Min, a.Max = &zero, &one
		}
		return a
	case "histogram":
		return s.axis(s.spec.YAxis, "Fraction", "")
	}
	unit := ""
	if isName(s.spec.Y[0].Value) {
		unit = s.Plan.Units[s.spec.Y[0].Value]
	}
	return s.axis(s.spec.YAxis, strings.ReplaceAll(s.firstMeasure(), "_", " "), unit)
}

func (s *sketch) axis(spec AxisSpec, label, unit string) figure.Axis {
	a := figure.Axis{Label: spec.Label, Unit: spec.Unit, Scale: figure.Scale(spec.Scale), Min: spec.Min, Max: spec.Max}
	if a.Label == "" {
		a.Label = label
	}
	if a.Unit == "" {
		a.Unit = unit
	}
	if a.Scale == "" {
		a.Scale = figure.Linear
	}
	return a
}

// firstMeasure is the measure that the first line is about.
func (s *sketch) firstMeasure() string {
	value := s.spec.Y[0].Value
	if isName(value) {
		return value
	}
	for _, name := range s.Plan.Definition.Measure {
		if strings.Contains(value, name) {
			return name
		}
	}
	return value
}

// ticks name the levels of an x axis that has no numbers.
func (s *sketch) ticks() []figure.Tick {
	at, _ := s.Plan.axis(s.spec.X)
	var ticks []figure.Tick
	for i, level := range s.Plan.Axes[at].Levels {
		if _, numeric := level.Number(); numeric {
			return nil
		}
		ticks = append(ticks, figure.Tick{Value: float64(i), Label: s.levelText(s.spec.X, level)})
	}
	return ticks
}

// abscissa is where a level stands on the x axis.
func (s *sketch) abscissa(level Level, i int) float64 {
	if x, ok := level.Number(); ok {
		return x
	}
	return float64(i)
}

// span is the range of all x drawn so far, for closed forms.
func (s *sketch) span() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, series := range s.series {
		for _, x := range series.X {
			low, high = min(low, x), max(high, x)
		}
	}
	if m := s.spec.XAxis.Min; m != nil {
		low = *m
	}
	if m := s.spec.XAxis.Max; m != nil {
		high = *m
	}
	return low, high
}

// observed names what the figure draws.
func (s *sketch) observed() string {
	names := make([]string, len(s.spec.Y))
	for i, line := range s.spec.Y {
		names[i] = line.Value
	}
	return strings.Join(names, " or ")
}
