package coordinates

import (
	"maps"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/sim/quantile"
	"github.com/swimlab/swimlab/experiments/trial"
)

// subject is what a measure needs the plan to have.
type subject int

const (
	ofErrors subject = iota
	ofServices
	ofDataCentres
	ofAttacks
)

type measure struct {
	trial.Measure
	of     subject
	values func(r *results) []float64 // nil for a curve
}

// Measures lists what a trial can observe, sorted by name.
func Measures() []trial.Measure {
	var list []trial.Measure
	for _, name := range measureNames() {
		list = append(list, measures[name].Measure)
	}
	return list
}

func measureNames() []string { return slices.Sorted(maps.Keys(measures)) }

const (
	errorOverTime    = "error_over_time"
	errorMsOverTime  = "error_ms_over_time"
	attackedOverTime = "honest_error_over_time"
)

var measures = byName(
	measure{trial.Measure{Name: "median_relative_error", Unit: "1", Doc: "Median over all measured pairs of |predicted-measured|/measured, after the last sample."}, ofErrors,
		func(r *results) []float64 { return []float64{r.relativeError(everybody)} }},
	measure{trial.Measure{Name: "node_median_absolute_error_ms", Unit: "ms", Doc: "Median over nodes of the node's own median of |predicted-measured| to every peer it has a round trip to, after the last sample."}, ofErrors,
		func(r *results) []float64 { return []float64{r.nodeError(everybody)} }},
	measure{trial.Measure{Name: errorOverTime, Unit: "1", Series: true, Doc: "Median relative error over all measured pairs, against the samples that each node has taken."}, ofErrors, nil},
	measure{trial.Measure{Name: errorMsOverTime, Unit: "ms", Series: true, Doc: "Median over nodes of the node's median absolute error, against the samples that each node has taken."}, ofErrors, nil},

	measure{trial.Measure{Name: "stretch", Unit: "1", Doc: "Round trip to the service that the coordinates chose over that to the nearest of the k, one value a request."}, ofServices,
		func(r *results) []float64 { c := r.choices(); return c.stretch(c.coordinates) }},
	measure{trial.Measure{Name: "stretch_random", Unit: "1", Doc: "The same of one chosen at random."}, ofServices,
		func(r *results) []float64 { c := r.choices(); return c.stretch(c.random) }},
	measure{trial.Measure{Name: "stretch_round_robin", Unit: "1", Doc: "The same of the instances by turns."}, ofServices,
		func(r *results) []float64 { c := r.choices(); return c.stretch(c.roundRobin) }},
	measure{trial.Measure{Name: "regret_ms", Unit: "ms", Doc: "Round trip to the service that the coordinates chose less that to the nearest: the mean over requests."}, ofServices,
		func(r *results) []float64 { c := r.choices(); return []float64{mean(c.regret(c.coordinates))} }},
	measure{trial.Measure{Name: "regret_random_ms", Unit: "ms", Doc: "The same of one chosen at random."}, ofServices,
		func(r *results) []float64 { c := r.choices(); return []float64{mean(c.regret(c.random))} }},
	measure{trial.Measure{Name: "regret_round_robin_ms", Unit: "ms", Doc: "The same of the instances by turns."}, ofServices,
		func(r *results) []float64 { c := r.choices(); return []float64{mean(c.regret(c.roundRobin))} }},
	measure{trial.Measure{Name: "nearest_found", Unit: "1", Doc: "The share of requests for which the coordinates chose the nearest service."}, ofServices,
		func(r *results) []float64 { c := r.choices(); return []float64{c.right(c.coordinates)} }},

	measure{trial.Measure{Name: "failover_regret_ms", Unit: "ms", Doc: "Round trip to the data centre that the coordinates rank first, less that to the nearest one: median round trip to its servers, one value a server that asks."}, ofDataCentres,
		func(r *results) []float64 { return r.failovers().regret }},
	measure{trial.Measure{Name: "failover_regret_random_ms", Unit: "ms", Doc: "The same of a data centre drawn at random."}, ofDataCentres,
		func(r *results) []float64 { return r.failovers().regretRandom }},
	measure{trial.Measure{Name: "failover_regret_static_ms", Unit: "ms", Doc: "The same of the first other data centre of one list for all, in the dataset's order."}, ofDataCentres,
		func(r *results) []float64 { return r.failovers().regretStatic }},
	measure{trial.Measure{Name: "rank_agreement", Unit: "1", Doc: "Kendall's tau between the order of the other data centres by coordinates and by round trips, 1 where they are the same: one value a server."}, ofDataCentres,
		func(r *results) []float64 { return r.failovers().agreement }},
	measure{trial.Measure{Name: "rank_agreement_static", Unit: "1", Doc: "The same of the dataset's order."}, ofDataCentres,
		func(r *results) []float64 { return r.failovers().agreementStatic }},
	measure{trial.Measure{Name: "nearest_centre_found", Unit: "1", Doc: "The share of servers for which the coordinates rank the nearest data centre first."}, ofDataCentres,
		func(r *results) []float64 { return []float64{mean(r.failovers().right)} }},

	measure{trial.Measure{Name: "honest_error", Unit: "1", Doc: "Median relative error over the pairs of honest nodes, after the last sample."}, ofAttacks,
		func(r *results) []float64 { return []float64{r.relativeError(r.isHonest)} }},
	measure{trial.Measure{Name: "honest_error_p95", Unit: "1", Doc: "95th percentile of the relative error over the pairs of honest nodes, after the last sample."}, ofAttacks,
		func(r *results) []float64 { return []float64{percentile(r.relativeErrors(r.isHonest), 95)} }},
	measure{trial.Measure{Name: attackedOverTime, Unit: "1", Series: true, Doc: "Median relative error over the pairs of honest nodes, against the samples that each node has taken."}, ofAttacks, nil},
	measure{trial.Measure{Name: "honest_error_ms", Unit: "ms", Doc: "Median over honest nodes of the node's median absolute error to honest peers, after the last sample."}, ofAttacks,
		func(r *results) []float64 { return []float64{r.nodeError(r.isHonest)} }},
	measure{trial.Measure{Name: "displacement_ms", Unit: "ms", Doc: "How far an honest node is from where it was when the attack began, its height included: the median over honest nodes."}, ofAttacks,
		func(r *results) []float64 { return []float64{r.displacement()} }},
	measure{trial.Measure{Name: "victim_stretch", Unit: "1", Doc: "Predicted over true round trip between the victim of an isolation and an honest node: the median over honest nodes."}, ofAttacks,
		func(r *results) []float64 { return []float64{r.victimStretch()} }},
	measure{trial.Measure{Name: "victim_displacement_ms", Unit: "ms", Doc: "How far the victim is from where it was when the attack began, its height included."}, ofAttacks,
		func(r *results) []float64 {
			return []float64{moved(r.before[r.liars.victim], r.nodes[r.liars.victim].Coordinate())}
		}},
	measure{trial.Measure{Name: "refused_honest", Unit: "1", Doc: "The share of samples from honest peers that honest nodes refused since the attack began."}, ofAttacks,
		func(r *results) []float64 { return share(r.refused.honestRefused, r.refused.honest) }},
	measure{trial.Measure{Name: "refused_lies", Unit: "1", Doc: "The share of samples from liars that honest nodes refused since the attack began; nothing without liars. Liars that isolate a victim are honest to others."}, ofAttacks,
		func(r *results) []float64 { return share(r.refused.liesRefused, r.refused.lies) }},
)

func byName(list ...measure) map[string]measure {
	m := map[string]measure{}
	for _, one := range list {
		m[one.Name] = one
	}
	return m
}

// results is a world whose trial is over, with what several measures share.
type results struct {
	*world
	chosen   *choices
	rankings *failovers
}

func (w *world) observe() trial.Observations {
	r := &results{world: w}
	obs := trial.Observations{Samples: map[string][]float64{}, Events: uint64(w.round) * uint64(w.hosts.n)}
	for _, name := range w.measure {
		if m := measures[name]; !m.Series {
			obs.Samples[name] = m.values(r)
			continue
		}
		if obs.Series == nil {
			obs.Series = map[string]trial.Series{}
		}
		obs.Series[name] = trial.Series{X: w.curves.x, Y: w.curves.y[name]}
	}
	return obs
}

func (r *results) choices() *choices {
	if r.chosen == nil {
		c := r.request()
		r.chosen = &c
	}
	return r.chosen
}

func (r *results) failovers() *failovers {
	if r.rankings == nil {
		f := r.failOver()
		r.rankings = &f
	}
	return r.rankings
}

// curves are errors over time. They are looked at where a quarter more samples have
// been taken, or, to see what an attack does, twenty times evenly; and at the last.
type curves struct {
	next int
	x    []float64
	y    map[string][]float64
}

func (c *curves) look(w *world) {
	if w.round < c.next && w.round != w.run.Samples {
		return
	}
	c.next = max(w.round+1, w.round*5/4)
	if w.run.AttackAfter > 0 {
		c.next = w.round + max(1, w.run.Samples/20)
	}
	c.x = append(c.x, float64(w.round))
	for _, name := range w.measure {
		var y float64
		switch name {
		case errorOverTime:
			y = w.relativeError(everybody)
		case errorMsOverTime:
			y = w.nodeError(everybody)
		case attackedOverTime:
			y = w.relativeError(w.isHonest)
		default:
			continue
		}
		if c.y == nil {
			c.y = map[string][]float64{}
		}
		c.y[name] = append(c.y[name], y)
	}
}

func everybody(int) bool { return true }

// relativeError is the median of relativeErrors.
func (w *world) relativeError(keep func(i int) bool) float64 {
	return quantile.Median(w.relativeErrors(keep))
}

// relativeErrors are |predicted−measured|/measured over the pairs of the nodes to
// keep.
func (w *world) relativeErrors(keep func(i int) bool) []float64 {
	var errs []float64
	w.hosts.pairs(keep, func(i, j int, rtt time.Duration) {
		errs = append(errs, float64((w.distance(i, j)-rtt).Abs())/float64(rtt))
	})
	return errs
}

// nodeError is the median over the nodes to keep of each one's median absolute
// error in ms, to those among them.
func (w *world) nodeError(keep func(i int) bool) float64 {
	errs := make([][]float64, w.hosts.n)
	w.hosts.pairs(keep, func(i, j int, rtt time.Duration) {
		e := inMs((w.distance(i, j) - rtt).Abs())
		errs[i], errs[j] = append(errs[i], e), append(errs[j], e)
	})
	var medians []float64
	for _, own := range errs {
		if len(own) > 0 {
			medians = append(medians, quantile.Median(own))
		}
	}
	return quantile.Median(medians)
}

func (w *world) displacement() float64 {
	var far []float64
	for i, node := range w.nodes {
		if w.isHonest(i) {
			far = append(far, moved(w.before[i], node.Coordinate()))
		}
	}
	return quantile.Median(far)
}

func (w *world) victimStretch() float64 {
	var ratios []float64
	for j := range w.nodes {
		if rtt := w.hosts.at(w.liars.victim, j); rtt > 0 && w.isHonest(j) {
			ratios = append(ratios, float64(w.distance(w.liars.victim, j))/float64(rtt))
		}
	}
	return quantile.Median(ratios)
}

// share of the whole, or nothing where there is no whole.
func share(part, whole int) []float64 {
	if whole == 0 {
		return []float64{}
	}
	return []float64{float64(part) / float64(whole)}
}

// percentile is the least of values, not empty, that p percent of them do not
// exceed. It sorts them.
func percentile(values []float64, p int) float64 {
	slices.Sort(values)
	return values[(len(values)*p+99)/100-1]
}
