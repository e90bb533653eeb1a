package vivaldi

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Cloud is a population of nodes for simulation, all with one Config. Node i
// behaves exactly as a [Node] would; its state is one short record in a slice
// that holds them all, so that an update touches two cache lines and a million
// nodes in a plane with heights take 32 MB.
//
// A Cloud is not safe for concurrent use.
type Cloud struct {
	kernel kernel
	nodes  int
	stride int
	// state holds node i at i·stride: its Euclidean components, its height and
	// its error estimate.
	state []float64
}

// NewCloud returns so many nodes at the origin. rng is drawn from only to part
// two nodes that lie on one point. The error is a *[ConfigError] when config is
// to blame.
func NewCloud(config Config, nodes int, rng *rand.Rand) (*Cloud, error) {
	k, err := newKernel(config, rng)
	if err != nil {
		return nil, err
	}
	if nodes < 0 {
		return nil, fmt.Errorf("vivaldi: a cloud of %d nodes is not valid; want 0 or more", nodes)
	}
	stride := config.Space.dimensions + 2
	c := &Cloud{kernel: k, nodes: nodes, stride: stride, state: make([]float64, nodes*stride)}
	for i := range nodes {
		node := c.node(i)
		config.Space.start(node)
		if config.Space.height {
			node[stride-2] = seconds(config.InitialHeight)
		}
		node[stride-1] = config.InitialError
	}
	return c, nil
}

// Len is the number of nodes.
func (c *Cloud) Len() int { return c.nodes }

// Update lets node i take one sample: a round trip of rtt, the whole of it, to
// node j. A round trip that cannot be true is refused as by [Node.Update].
// Indices outside 0 to Len−1 panic.
func (c *Cloud) Update(i, j int, rtt time.Duration) error {
	k := &c.kernel
	if rtt <= 0 || rtt > k.maxRTT {
		return rttError(rtt, k.maxRTT)
	}
	d := c.stride - 2
	a, b := c.node(i), c.node(j)
	h, e, v := k.update(a[:d], a[d], a[d+1], b[:d], b[d], b[d+1], seconds(max(rtt, k.minRTT)))
	if v != accepted {
		// Within one cloud every place and estimate is a number of our own
		// making; only two parts that drifted apart can be too far away.
		place := c.Coordinate(j)
		return placeError(&place, duration(k.maxDistance))
	}
	a[d], a[d+1] = h, e
	return nil
}

// Distance is the predicted round-trip time between nodes i and j.
func (c *Cloud) Distance(i, j int) time.Duration { return duration(c.seconds(i, j)) }

// seconds is the predicted round-trip time between nodes i and j, unrounded.
func (c *Cloud) seconds(i, j int) float64 {
	d := c.stride - 2
	a, b := c.node(i), c.node(j)
	return c.kernel.space.span(a[:d], b[:d]) + (a[d] + b[d])
}

// Coordinate is where node i is.
func (c *Cloud) Coordinate(i int) Coordinate {
	d := c.stride - 2
	node := c.node(i)
	place := Coordinate{Dimensions: d, Radius: c.kernel.space.radius, Height: node[d]}
	copy(place.Vec[:], node[:d])
	return place
}

// ErrorEstimate is node i's e_i, the relative error it expects of its predictions.
func (c *Cloud) ErrorEstimate(i int) float64 { return c.node(i)[c.stride-1] }

func (c *Cloud) node(i int) []float64 {
	return c.state[i*c.stride : (i+1)*c.stride : (i+1)*c.stride]
}
