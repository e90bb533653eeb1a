package film

import (
	"context"
	"math"
	"regexp"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/swimlab/swimlab/experiments/sim/picture"
	"github.com/swimlab/swimlab/experiments/sim/quantile"
)

// develop aligns what a camera took and copies it into the film.
func (f *Embedding) develop(c *camera) {
	f.Cast = c.cast
	f.Dimensions, f.HasHeight = c.cast.Space.Dimensions(), c.cast.Space.HasHeight()
	f.Radius = c.cast.Space.Radius().Seconds() * 1e3
	for _, node := range c.cast.Nodes {
		f.Places = append(f.Places, placeOf(node, c.cast.OnEarth))
	}
	f.listSprings()
	f.align(c.frames)
	n := len(f.Places)
	absent, adjusted := false, false
	for _, s := range c.frames {
		f.At = append(f.At, float32(s.when))
		f.Epochs = append(f.Epochs, uint16(s.epoch))
		for i := range n {
			there := uint8(1)
			if !s.has(i) {
				there, absent = 0, true
			}
			f.Joined = append(f.Joined, there)
			adjusted = adjusted || s.adjustments[i] != 0
		}
		for _, x := range s.points {
			f.Coordinates = append(f.Coordinates, float32(x))
		}
		f.Heights = append(f.Heights, s.heights...)
		f.Adjustments = append(f.Adjustments, s.adjustments...)
		f.Estimates = append(f.Estimates, s.estimates...)
	}
	for _, rtts := range c.rtts {
		f.RTT = append(f.RTT, rtts...)
	}
	if !absent {
		f.Joined = nil
	}
	if !adjusted {
		f.Adjustments = nil
	}
}

// cloudZone finds the part of the world in a cloud provider's name of a region:
// the "eu" of eu-west-1.
var cloudZone = regexp.MustCompile(`^([a-z]{2})-[a-z]+-\d$`)

// placeOf names a node's region as its source does, but for two. WonderNetwork's
// "Eurasia" holds half of all hosts and would colour them alike; it is parted here,
// roughly. A cloud provider's regions are told by their names alone.
func placeOf(node picture.Node, onEarth bool) Place {
	p := Place{Name: node.Name, City: node.City, Region: node.Region, Role: node.Role, X: node.X, Y: node.Y}
	p.known = node.Located && (!onEarth || node.X != 0 || node.Y != 0)
	if zone := cloudZone.FindStringSubmatch(node.Name); zone != nil && p.Region == "" {
		p.Region = zone[1]
	}
	if p.Region == "Eurasia" {
		p.Region = "Asia"
		if node.X < 45 && node.Y > 35.5 {
			p.Region = "Europe"
		}
	}
	return p
}

func (f *Embedding) listSprings() {
	for _, peers := range f.Cast.Springs {
		f.Springs = max(f.Springs, len(peers))
	}
	for _, peers := range f.Cast.Springs {
		for k := range f.Springs {
			if k < len(peers) {
				f.Neighbours = append(f.Neighbours, uint16(peers[k]))
			} else {
				f.Neighbours = append(f.Neighbours, noNeighbour)
			}
		}
	}
}

// align turns the last frame to lie as its nodes do on a map, where that is known,
// and every other to lie as the one after it.
func (f *Embedding) align(frames []shot) {
	clouds := make([]cloud, len(frames))
	for i, s := range frames {
		clouds[i] = s.cloud
	}
	last := clouds[len(clouds)-1]
	onMap := func(i int) (x, y float64, ok bool) { p := f.Places[i]; return p.X, p.Y, p.known }
	switch {
	case f.Radius == 0:
		last.centre()
		f.Shares = last.principal()
		f.Oriented = last.orient(onMap)
	case f.Cast.OnEarth:
		f.Oriented = last.orientGlobe(onMap)
	}
	steady(clouds, f.Radius > 0)
}

// there says whether a node is there in a frame.
func (f *Embedding) there(frame, i int) bool {
	return f.Joined == nil || f.Joined[frame*len(f.Places)+i] != 0
}

// Predicted is the round trip in milliseconds that a frame predicts of a pair: as
// [vivaldi.Coordinate.Distance], of what the film holds. The page computes the
// same.
func (f *Embedding) Predicted(frame, i, j int) float64 {
	n := len(f.Places)
	across := f.across(frame*n+i, frame*n+j) + float64(f.Heights[frame*n+i]) + float64(f.Heights[frame*n+j])
	if f.Adjustments != nil {
		if sum := across + float64(f.Adjustments[frame*n+i]) + float64(f.Adjustments[frame*n+j]); sum > 0 {
			return sum
		}
	}
	return across
}

// across is how far apart two places are, heights not counted: in a straight line,
// or on the sphere along the great circle.
func (f *Embedding) across(a, b int) float64 {
	d := f.Dimensions
	p, q := f.Coordinates[a*d:a*d+d], f.Coordinates[b*d:b*d+d]
	if f.Radius > 0 {
		x, y, z, u, v, w := float64(p[0]), float64(p[1]), float64(p[2]), float64(q[0]), float64(q[1]), float64(q[2])
		sine := math.Sqrt((y*w-z*v)*(y*w-z*v) + (z*u-x*w)*(z*u-x*w) + (x*v-y*u)*(x*v-y*u))
		return f.Radius * math.Atan2(sine, x*u+y*v+z*w)
	}
	var sum float64
	for k := range p {
		x := float64(p[k]) - float64(q[k])
		sum += x * x
	}
	return math.Sqrt(sum)
}

// Measured is the round trip of a pair that holds in a frame, in ms; 0 of none.
func (f *Embedding) Measured(frame, i, j int) float64 {
	n := len(f.Places)
	return float64(f.RTT[int(f.Epochs[frame])*n*n+i*n+j])
}

// review computes the errors of every frame, over the measured pairs of nodes that
// are there and judged, frames beside each other.
func (f *Embedding) review(ctx context.Context) error {
	n, frames := len(f.Places), len(f.At)
	f.NodeErrors = make([]float32, frames*n)
	f.Median, f.P90 = make([]float32, frames), make([]float32, frames)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for frame := range frames {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			f.judge(frame)
			return nil
		})
	}
	return group.Wait()
}

// judge computes the errors of one frame.
func (f *Embedding) judge(frame int) {
	n := len(f.Places)
	judged := func(i int) bool { return f.Cast.Judged == nil || f.Cast.Judged[i] }
	missed := make([]float32, n*n) // relative errors by pair; below 0 of none
	all, own := make([]float32, 0, n*n/2), make([]float32, 0, n)
	for i := range n {
		missed[i*n+i] = -1
		for j := range i {
			there, back := &missed[i*n+j], &missed[j*n+i]
			*there, *back = -1, -1
			if !f.there(frame, i) || !f.there(frame, j) {
				continue
			}
			predicted := f.Predicted(frame, i, j)
			if rtt := f.Measured(frame, i, j); rtt > 0 {
				*there = float32(math.Abs(predicted-rtt) / rtt)
			}
			if rtt := f.Measured(frame, j, i); rtt > 0 {
				*back = float32(math.Abs(predicted-rtt) / rtt)
			}
			if !judged(i) || !judged(j) {
				continue
			}
			if *there >= 0 {
				all = append(all, *there)
			}
			if f.Cast.Directed && *back >= 0 {
				all = append(all, *back)
			}
		}
	}
	for i := range n {
		own = own[:0]
		for j := range n {
			if e := missed[i*n+j]; e >= 0 && judged(j) {
				own = append(own, e)
			}
		}
		if len(own) > 0 {
			f.NodeErrors[frame*n+i] = quantile.Median(own)
		}
	}
	if len(all) == 0 { // nobody is there yet
		f.Median[frame], f.P90[frame] = float32(math.NaN()), float32(math.NaN())
		return
	}
	f.Median[frame] = quantile.Median(all)
	f.P90[frame] = quantile.Select(all, int(0.9*float64(len(all)-1)+0.5))
}
