// Package figure describes a figure once and draws it everywhere.
//
// A [Figure] says what is shown: axes, series, intervals, origin. It says
// nothing about colours or sizes. Two renderers read the same description:
//
//	           ┌─ gonum/plot ─▶ SVG, PDF   for the paper
//	Figure ────┼─ go-echarts ─▶ Chart      for the interactive report
//	           └──────────────▶ CSV        the data, for everyone else
//
// What a reader learns in one figure holds in all: the registry gives each
// protocol and variant its name, colour, marker and dash once ([StyleOf]), and
// the role of a series decides how it is drawn:
//
//	Measured   ours: a line with its band, points with error bars, bars;
//	           single trials as small translucent points
//	Analytic   a closed form: a dashed line, no marker
//	Published  read from a paper: hollow markers
//	Reference  a level to compare with: a thin dotted grey line
//
// No two series of a figure are told apart by colour alone: dense lines have their
// marker at a few places, closed forms differ in dash, and two measured series of
// one key differ in marker.
//
// The same Figure gives the same bytes, always: nothing is random, no clock is
// read, no map is walked.
package figure
