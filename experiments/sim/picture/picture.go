// Package picture is what the worlds of package sim let be seen of an embedding
// under way, for those who show it moving.
//
//	world ──Begin──▶ Cast:  the nodes, whom each samples, what will happen
//	      ──Wants?─▶ after each sample
//	      ──Look───▶ Frame: where everybody is, and what the round trips are now
//
// Nothing here is a measure, and watching changes nothing: a trial that is watched
// takes the same samples and ends as it would alone.
package picture

import (
	"strconv"
	"time"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/vivaldi"
)

// Watcher looks at a trial.
type Watcher interface {
	// Begin is called once, before anything happens.
	Begin(Cast)
	// Wants says whether to look now. It is asked before the first sample, after
	// each, whenever the clock moves on, and with the cast's End at the end.
	Wants(at float64) bool
	// Look is shown what Wants asked for. An error ends the trial and is returned.
	Look(Frame) error
}

// Cast is who takes part in a trial, and what will become of them.
type Cast struct {
	// Space is where the nodes look for their places.
	Space vivaldi.Space
	Nodes []Node
	// OnEarth says that the nodes' X and Y are degrees east and north; otherwise
	// they are milliseconds on a plane.
	OnEarth bool
	// Directed says that the round trips of a pair's two directions are two.
	Directed bool
	// Springs are whom each node may ever sample.
	Springs [][]int
	// Judged are the nodes whose pairs the trial's errors are of; nil for all.
	Judged []bool
	// Clock is what the trial's time is counted in: "samples a node", "s" or
	// "frames". End is when the trial is over.
	Clock string
	End   float64
	// Events are what happens to the network or to some nodes, by time.
	Events []Event
}

// Node is one node.
type Node struct {
	Name, City, Region string
	X, Y               float64
	Located            bool // X and Y are known
	// Role is what sets it apart from others: "newcomer", "slow link", "liar" or
	// "victim"; "" of others.
	Role string
}

// Event is something that happens at one instant.
type Event struct {
	At   float64 `json:"at"`
	What string  `json:"what"`
}

// Frame is an embedding at one instant. What it refers to is the world's, and
// holds until Look returns.
type Frame struct {
	At float64
	// Joined says who is there; nil when all are.
	Joined []bool
	// Place is where a node is: that by which round trips are predicted.
	Place func(i int) vivaldi.Coordinate
	// Estimate is what a node believes of its error.
	Estimate func(i int) float64
	// RTT is the round trip that i would measure to j now, 0 where there is none,
	// and Predicted what their places predict.
	RTT, Predicted func(i, j int) time.Duration
}

// located is a matrix that knows its nodes' names and places, as [datasets.Matrix]
// does.
type located interface {
	Name(i int) string
	Location(i int) (datasets.Location, bool)
}

// Nodes are the hosts of a dataset, as far as it tells of them.
func Nodes(rtts interface{ Len() int }) []Node {
	nodes := make([]Node, rtts.Len())
	told, ok := rtts.(located)
	for i := range nodes {
		nodes[i].Name = strconv.Itoa(i)
		if !ok {
			continue
		}
		nodes[i].Name = told.Name(i)
		if at, known := told.Location(i); known {
			nodes[i] = Node{Name: nodes[i].Name, City: at.City, Region: at.Region, X: at.Longitude, Y: at.Latitude, Located: true}
		}
	}
	return nodes
}
