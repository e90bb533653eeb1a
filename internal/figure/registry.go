package figure

import (
	"fmt"
	"hash/fnv"
	"image/color"
	"slices"
)

// Style is how a protocol or variant looks in every figure.
type Style struct {
	// Key is its name in definitions, Name the one in legends.
	Key, Name string
	Color     color.NRGBA
	Marker    Marker
	// Dash is the pattern of its line in points, nil for a solid line.
	Dash []float64
}

// Hex is the colour as HTML writes it, "#0072b2".
func (s Style) Hex() string { return hex(s.Color) }

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// The palette is that of Okabe and Ito, "Color Universal Design" (2008), whose
// colours stay apart for readers with any common colour vision; its yellow,
// too pale for lines on white, gives way to wine, olive and indigo of Tol's
// "muted" scheme (2021).
var (
	black     = rgb(0x00, 0x00, 0x00)
	orange    = rgb(0xE6, 0x9F, 0x00)
	sky       = rgb(0x56, 0xB4, 0xE9)
	green     = rgb(0x00, 0x9E, 0x73)
	blue      = rgb(0x00, 0x72, 0xB2)
	vermilion = rgb(0xD5, 0x5E, 0x00)
	purple    = rgb(0xCC, 0x79, 0xA7)
	wine      = rgb(0x88, 0x22, 0x55)
	olive     = rgb(0x8A, 0x8A, 0x2B)
	indigo    = rgb(0x33, 0x22, 0x88)
	ink       = rgb(0x22, 0x22, 0x22)
	grey      = rgb(0x77, 0x77, 0x77)
)

// palette and markers are in the order in which they are given away.
var (
	palette = []color.NRGBA{blue, vermilion, green, orange, purple, sky, wine, olive, indigo}
	markers = []Marker{Circle, Square, Triangle, Diamond, InvertedTriangle, Pentagon}
)

func rgb(r, g, b uint8) color.NRGBA { return color.NRGBA{R: r, G: g, B: b, A: 0xFF} }

var (
	dashed     = []float64{5, 2.5}
	dotted     = []float64{1.2, 2.2}
	dashDotted = []float64{6, 2, 1.2, 2}
	longDashed = []float64{9, 3}
)

// registry is in the order in which legends and documentation list it.
// Variants that papers compare in one figure differ in colour and marker.
var registry = []Style{
	{"swim-basic", "SWIM, multicast", vermilion, Square, nil},
	{"swim-infection", "SWIM, infection", sky, Diamond, nil},
	{"swim-infection-suspicion", "SWIM, infection + suspicion", blue, Circle, nil},
	{"swim", "SWIM", blue, Circle, nil},

	{"lha-probe", "LHA-Probe", orange, Triangle, nil},
	{"lha-suspicion", "LHA-Suspicion", purple, Square, nil},
	{"buddy", "Buddy System", sky, InvertedTriangle, nil},
	{"lifeguard", "Lifeguard", green, Diamond, nil},

	{"vivaldi-2d", "Vivaldi 2D", vermilion, Square, nil},
	{"vivaldi-3d", "Vivaldi 3D", orange, Triangle, nil},
	{"vivaldi-5d", "Vivaldi 5D", purple, InvertedTriangle, nil},
	{"vivaldi-2d-height", "Vivaldi 2D + height", blue, Circle, nil},
	{"vivaldi-3d-height", "Vivaldi 3D + height", green, Diamond, nil},
	{"vivaldi-sphere", "Vivaldi on a sphere", sky, Pentagon, nil},
	{"vivaldi", "Vivaldi", blue, Circle, nil},

	{"memberlist", "memberlist", wine, Pentagon, dashDotted},
	{"memberlist-real-time", "memberlist in real time", purple, Diamond, dotted},
	{"serf", "Serf coordinates", wine, Pentagon, dashDotted},
	{"rapid", "Rapid", indigo, Triangle, longDashed},

	// Levels of a constant that is swept, from the smallest to the largest.
	{"level-1", "smallest", sky, Circle, nil},
	{"level-2", "second level", blue, Square, nil},
	{"level-3", "third level", green, Triangle, nil},
	{"level-4", "fourth level", orange, Diamond, nil},
	{"level-5", "fifth level", vermilion, InvertedTriangle, nil},
	{"level-6", "sixth level", wine, Pentagon, nil},
	{"level-7", "seventh level", purple, InvertedTriangle, nil},

	{"gnp", "GNP", orange, Square, nil},
	{"gnp-random", "GNP, random landmarks", purple, Triangle, nil},
	{"best", "direct optimisation", ink, Diamond, nil},
	{"best-relative", "direct optimisation, relative", green, Pentagon, nil},

	{"synthetic-internet", "synthetic Internet", sky, Circle, nil},
	{"planetlab490", "PlanetLab-490", blue, Square, nil},
	{"wondernetwork242", "WonderNetwork-242", vermilion, Triangle, nil},
	{"aws2025", "AWS-2025", orange, Diamond, nil},
	{"seattle99", "Seattle-99", purple, InvertedTriangle, nil},
	{"king1740", "King-1740", green, Pentagon, nil},

	{"africa", "Africa", olive, InvertedTriangle, nil},
	{"asia", "Asia", vermilion, Diamond, nil},
	{"eurasia", "Eurasia", blue, Circle, nil},
	{"europe", "Europe", blue, Circle, nil},
	{"north-america", "North America", green, Square, nil},
	{"oceania", "Oceania", purple, Pentagon, nil},
	{"south-america", "South America", orange, Triangle, nil},
	{"stable", "there from the start", blue, Circle, nil},
	{"newcomer", "joined later", vermilion, Triangle, nil},
	{"grid", "grid", blue, Circle, nil},
	{"places", "region not known", grey, Circle, nil},

	{"pattern-random", "any peer, at random", blue, Circle, nil},
	{"pattern-round-robin", "all peers, shuffled", green, Diamond, dashed},
	{"pattern-sweep", "all peers, one circle", orange, Triangle, dotted},
	{"pattern-fixed", "a few fixed peers", purple, InvertedTriangle, nil},
	{"pattern-ring", "ring", vermilion, Square, nil},
	{"pattern-tree", "tree", wine, Pentagon, dashDotted},

	{"by-coordinates", "by coordinates", blue, Circle, nil},
	{"by-chance", "at random", vermilion, Square, nil},
	{"by-turns", "round-robin", orange, Triangle, dotted},
	{"by-list", "static list", orange, Triangle, dotted},

	{"guard-none", "no guard", vermilion, Square, nil},
	{"guard-bound", "1 s at most", orange, Triangle, dashed},
	{"guard-step", "short steps", purple, InvertedTriangle, nil},
	{"guard-outlier", "outliers refused", green, Diamond, nil},
	{"guard-all", "all guards", blue, Circle, nil},

	{"simulation", "simulation", blue, Circle, nil},
	{"loopback", "loopback", olive, Pentagon, longDashed},

	{"analytic", "analytic", ink, Circle, dashed},
	{"published", "published", black, Circle, nil},
	{"reference", "reference", grey, Circle, dotted},
}

// Keys lists the registered keys in the registry's order.
func Keys() []string {
	keys := make([]string, len(registry))
	for i, s := range registry {
		keys[i] = s.Key
	}
	return keys
}

// StyleOf returns the style of key. A key that nobody registered gets a style
// computed from its letters, so that it too looks the same in every figure.
func StyleOf(key string) Style {
	if i := slices.IndexFunc(registry, func(s Style) bool { return s.Key == key }); i >= 0 {
		return registry[i]
	}
	dashes := [][]float64{nil, longDashed, dashDotted}
	h := fnv.New32a()
	h.Write([]byte(key))
	n := int(h.Sum32())
	return Style{
		Key: key, Name: key,
		Color:  palette[n%len(palette)],
		Marker: markers[n/len(palette)%len(markers)],
		Dash:   dashes[n/len(palette)/len(markers)%len(dashes)],
	}
}
