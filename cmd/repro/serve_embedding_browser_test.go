package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/film"
	"github.com/swimlab/swimlab/experiments/lab"
)

// filmed makes the film of a query without a browser.
func filmed(t *testing.T, query string) *film.Embedding {
	t.Helper()
	s := &session{worlds: worlds, root: "../..", report: t.TempDir(), results: t.TempDir(), profile: "standard"}
	sweeps, err := s.filmable()
	require.NoError(t, err)
	values, err := url.ParseQuery(query)
	require.NoError(t, err)
	o, err := film.ParseEmbedding(values)
	require.NoError(t, err)
	f, err := film.RecordEmbedding(t.Context(), o, stageOf(datasets.NewStore(""), sweeps))
	require.NoError(t, err)
	return f
}

// What the page predicts is what Go predicts: in a straight line, along a great
// circle, with heights and with adjustments.
func TestThePagePredictsWhatGoPredictsInABrowser(t *testing.T) {
	b := newBrowser(t)
	for _, query := range []string{
		"dataset=synthetic-internet&hosts=40&space=3D&samples=60",
		"dataset=synthetic-internet&hosts=40&space=sphere&radius=80ms&samples=60",
		"dataset=synthetic-internet&hosts=40&space=sphere%2Bheight&radius=120ms&samples=60",
		"experiment=attacks2006/disorder&cell=dataset%3Dsynthetic-internet+share%3D0.1+guards%3Dserf",
	} {
		f := filmed(t, query)
		for _, frame := range []int{0, 100, 239} {
			b.open(fmt.Sprintf("/coordinates?%s&t=%d", query, frame))
			b.until(fmt.Sprintf(`live.moment.at === %d`, frame)) // it has been drawn
			predicted := value[[]float64](b, `Array.from({ length: 40 }, (_, j) => live.moment.predicted(7, j))`)
			measured := value[[]float64](b, `Array.from({ length: 40 }, (_, j) => live.moment.measured(7, j))`)
			for j := range 40 {
				if j != 7 { // how far a node is from itself nobody asks
					require.InDelta(t, f.Predicted(frame, 7, j), predicted[j], 1e-9, "%s, frame %d, to %d", query, frame, j)
				}
				require.Equal(t, f.Measured(frame, 7, j), measured[j])
			}
			assert.InDelta(t, float64(f.Median[frame]), value[float64](b, `live.moment.value(live.scene.film.median)`), 1e-9)
		}
	}
	b.stayedHome()
}

func TestASphereIsDrawnAndTurnsInABrowser(t *testing.T) {
	b := newBrowser(t)
	const query = "dataset=synthetic-internet&hosts=60&space=sphere&radius=100ms&samples=120"
	f := filmed(t, query)
	b.open("/coordinates?" + query + "&t=end&theme=light")
	assert.Contains(t, b.text("#subline"), "60 nodes of synthetic-internet · sphere of 100ms")
	// Most nodes are on the side that is seen first.
	const near = `Array.from(live.scene.depth).filter((d) => d >= 0).length`
	assert.Greater(t, value[int](b, near), 30)
	// Behind the rim the globe dims what it shows: a pixel off the globe is the stage's.
	assert.True(t, value[bool](b, `live.scene.globe.rim > 150`))

	// Its nearest by coordinate is nearest along the globe.
	nearest := 1
	for j := 1; j < 60; j++ {
		if f.Measured(239, 0, j) > 0 && f.Predicted(239, 0, j) < f.Predicted(239, 0, nearest) {
			nearest = j
		}
	}
	b.do(chromedp.Evaluate(`{ const f = document.getElementById("find"); f.value = live.scene.film.places[0].name; f.dispatchEvent(new Event("change")); }`, nil))
	b.until(`document.querySelector("#node table td")?.textContent === ` + fmt.Sprintf("%q", f.Places[nearest].Name))

	// It turns by hand, and the address keeps how.
	yaw := value[float64](b, `live.camera.yaw`)
	b.do(chromedp.KeyEvent("a"), chromedp.KeyEvent("a"))
	assert.InDelta(t, yaw-0.24, value[float64](b, `live.camera.yaw`), 1e-6)
	address := value[string](b, `location.pathname + location.search`)
	for _, part := range []string{"space=sphere", "radius=100ms", "yaw=", "t=end", "theme=light"} {
		assert.Contains(t, address, part)
	}
	b.open(address)
	b.text("#subline")
	assert.InDelta(t, yaw-0.24, value[float64](b, `live.camera.yaw`), 1e-3)

	// It turns by itself, and stops.
	b.do(chromedp.KeyEvent("r"))
	turned := value[float64](b, `live.camera.yaw`)
	b.until(fmt.Sprintf(`live.camera.yaw < %v - 0.05`, turned))
	assert.Contains(t, value[string](b, `location.search`), "turning=true")
	b.do(chromedp.KeyEvent("r"))
	assert.NotContains(t, value[string](b, `location.search`), "turning")
	b.stayedHome()
}

func TestATrialOfADefinitionIsChosenAndShowsItsNewcomersInABrowser(t *testing.T) {
	b := newBrowser(t)
	b.open("/coordinates?dataset=synthetic-internet&hosts=20&samples=10&t=0")
	b.do(chromedp.Evaluate(`{ const e = document.querySelector("[name=experiment]"); e.value = "vivaldi2004/newcomers"; e.dispatchEvent(new Event("change", { bubbles: true })); }`, nil))
	b.until(`document.documentElement.dataset.state === "ready" && live.scene.film.title === "vivaldi2004/newcomers, step=constant"`)
	b.do(chromedp.Evaluate(`{ const e = document.querySelector("[data-axis=step]"); e.value = "adaptive"; e.dispatchEvent(new Event("change", { bubbles: true })); }`, nil))
	b.until(`document.documentElement.dataset.state === "ready" && live.scene.film.title === "vivaldi2004/newcomers, step=adaptive"`)
	b.scrub("0")
	const there = `live.scene.film.places.filter((_, i) => live.moment.there(i)).length`
	b.until(`live.moment.at === 0`)
	assert.Equal(t, 200, value[int](b, there))
	assert.Empty(t, b.text("#event"))
	assert.Contains(t, b.text("#legend"), "joins later (200)")

	b.do(chromedp.Click("#events button", chromedp.ByQuery))
	b.until(there + ` === 400`)
	assert.Equal(t, "at 1000 s: 200 nodes join", b.text("#event"))
	shocked := b.medianError()
	b.do(chromedp.KeyEvent(kb.End))
	b.until(`live.moment.at === 239`)
	assert.Less(t, b.medianError(), shocked/2)
	assert.Equal(t, "1300 s", b.text("#clock"))

	address := value[string](b, `location.pathname + location.search`)
	b.open(address)
	assert.Equal(t, "vivaldi2004/newcomers, step=adaptive", b.text("#title"))
	assert.Equal(t, "1300 s", b.text("#clock"))
	b.stayedHome()
}

func TestLiarsAndSlowLinksAreMarkedInABrowser(t *testing.T) {
	b := newBrowser(t)
	b.open("/coordinates?experiment=attacks2006/disorder&cell=dataset%3Dsynthetic-internet+share%3D0.2+guards%3Dnone&t=end")
	assert.Equal(t, "pairs of honest nodes", b.text("#judged"))
	assert.Regexp(t, `lies \(\d+\)`, b.text("#legend"))
	assert.Regexp(t, `^at 250 samples a node: \d+ nodes begin to lie: disorder$`, b.text("#event"))
	harmed := b.medianError()
	b.do(chromedp.Click("#events button", chromedp.ByQuery))
	b.until(`live.moment.at < 200`)
	assert.Greater(t, harmed, 2*b.medianError())

	b.open("/coordinates?experiment=vivaldi2004/change&cell=step%3Dadaptive&t=end")
	assert.Contains(t, b.text("#legend"), "behind the link that becomes slower (8)")
	assert.Equal(t, "at 600 s: the uplink of stub 0 is as before", b.text("#event"))
	b.stayedHome()
}

func TestThePageSaysOfWhichExperimentsThereIsNoFilm(t *testing.T) {
	b := newBrowser(t)
	b.do(chromedp.Navigate(b.base+"/coordinates?experiment=vivaldi2004/triangle-inequality"), chromedp.WaitReady(`html[data-state="wrong"]`, chromedp.ByQuery))
	assert.Contains(t, b.text("#notice"), "the trial asks about round trips alone and embeds nothing")
	assert.Contains(t, b.text("#notice"), "There are films of attacks2006/disorder, ")
	assert.NotContains(t, b.text("#notice"), "eigenvalues")
	// A film that was there before does not stay behind the words.
	b.open("/coordinates?dataset=synthetic-internet&hosts=20&samples=10&t=0")
	b.do(chromedp.Evaluate(`{ const f = document.getElementById("controls"); f.elements.hosts.value = "2"; f.elements.hosts.dispatchEvent(new Event("change", { bubbles: true })); f.noValidate = true; f.requestSubmit(); }`, nil))
	b.until(`document.documentElement.dataset.state === "wrong"`)
	assert.Empty(t, b.text("#headline"))
	cannot := value[[]string](b, `[...document.querySelectorAll("[name=experiment] option")].filter((o) => o.disabled).map((o) => o.value)`)
	listed := value[[]string](b, `[...document.querySelectorAll("#cannot li")].map((li) => li.textContent)`)
	require.Len(t, listed, len(cannot))
	why := map[string]string{
		"currey2019/free-coordinates": "the page Membership", "ledlie2007/detours": "embeds nothing",
		"vivaldi2004/eigenvalues": "embeds nothing", "vivaldi2004/triangle-inequality": "embeds nothing",
	}
	for i, id := range cannot {
		reason, known := why[id]
		if !known {
			reason = "is not here" // its datasets
		}
		assert.Contains(t, listed[i], reason, id)
		delete(why, id)
	}
	assert.Empty(t, why)
}

// Every definition of the papers on coordinates can be chosen, or says why not.
func TestEveryDefinitionOfCoordinatesCanBeChosen(t *testing.T) {
	s := &session{worlds: worlds, root: "../..", report: t.TempDir(), results: t.TempDir(), profile: "standard"}
	_, definitions, err := s.open()
	require.NoError(t, err)
	sweeps, err := s.filmable()
	require.NoError(t, err)
	_, embeddings := entries(datasets.NewStore(""), sweeps)
	var listed []string
	for _, e := range embeddings {
		listed = append(listed, e.ID)
	}
	for _, d := range lab.Current(definitions) {
		family, _, _ := strings.Cut(d.ID, "/")
		if slices.Contains([]string{"vivaldi2004", "ledlie2007", "attacks2006", "currey2019"}, family) {
			assert.Contains(t, listed, d.ID)
		}
	}
	assert.True(t, slices.IsSorted(listed))
	at := slices.Index(listed, "vivaldi2004/landmarks")
	method := embeddings[at].Axes[1]
	assert.Equal(t, "method", method.Name)
	assert.NotContains(t, method.Cannot, "vivaldi")
	assert.Equal(t, "system.method: direct is not valid; want vivaldi in a film", method.Cannot["best"])
	assert.Contains(t, embeddings[at].Axes[0].Cannot["king1740"], "king1740 is not here")
}

// What a page's stories tell is a trial that there is.
func TestStoriesAreOfTrialsThatThereAre(t *testing.T) {
	b := newBrowser(t)
	s := &session{worlds: worlds, root: "../..", report: t.TempDir(), results: t.TempDir(), profile: "standard"}
	sweeps, err := s.filmable()
	require.NoError(t, err)
	b.open("/coordinates?dataset=synthetic-internet&hosts=20&samples=10&t=0")
	stories := value[[]string](b, `[...document.querySelectorAll("#story option")].map((o) => o.value).filter(Boolean)`)
	require.NotEmpty(t, stories)
	for _, story := range stories {
		values, err := url.ParseQuery(story)
		require.NoError(t, err)
		o, err := film.ParseEmbedding(values)
		require.NoError(t, err, story)
		if o.Experiment != "" {
			spec, err := resolve(sweeps, o.Experiment, o.Cell, 1)
			require.NoError(t, err, story)
			assert.NoError(t, film.CheckEmbedding(spec), story)
		}
	}
	b.do(chromedp.Evaluate(`{ const s = document.getElementById("story"); s.value = [...s.options].find((o) => o.value.includes("change")).value; s.dispatchEvent(new Event("change", { bubbles: true })); }`, nil))
	b.until(`document.documentElement.dataset.state === "ready" && live.scene.film.title === "vivaldi2004/change, step=adaptive"`)
	b.stayedHome()
}

// A globe has to be as smooth as a plane.
func TestFramesOfAGlobeWithFiveHundredNodesAreCounted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	b.open("/coordinates?dataset=synthetic-internet:500&hosts=500&samples=60&space=sphere&t=0")
	require.Equal(t, 500, value[int](b, `live.moment.n`))
	var frames []float64
	b.do(
		chromedp.Click("#play", chromedp.ByQuery),
		chromedp.Evaluate(countFrames, &frames, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
	)
	slices.Sort(frames)
	t.Logf("drawing the last of them took %.1f ms", value[float64](b, `live.player.cost`))
	t.Logf("500 nodes on a globe, drawn in software: a frame every %.1f ms (median), %.1f ms (19 of 20)", frames[45], frames[85])
	b.stayedHome()
}
