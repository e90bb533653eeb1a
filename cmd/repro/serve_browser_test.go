package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/internal/live"
)

// browser is a tab of a headless Chromium that looks at the live pages of this
// repository, and what went on in it.
type browser struct {
	*testing.T
	tab  context.Context
	base string

	mu       sync.Mutex
	asked    []string // addresses it asked for
	problems []string // errors of its scripts
}

func newBrowser(t *testing.T) *browser {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed; the live pages stay unopened")
	}
	s := &session{worlds: worlds, root: "../..", report: t.TempDir(), results: t.TempDir(), profile: "standard"}
	store, err := datasets.Default()
	require.NoError(t, err)
	pages, err := s.livePages(store)
	require.NoError(t, err)
	server := httptest.NewServer(live.Handler(pages))
	t.Cleanup(server.Close)

	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.WindowSize(1400, 860),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	b := &browser{T: t, tab: tab, base: server.URL}
	chromedp.ListenTarget(tab, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			b.asked = append(b.asked, e.Request.URL)
		case *runtime.EventExceptionThrown:
			b.problems = append(b.problems, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				b.problems = append(b.problems, "console.error")
			}
		}
	})
	if err := chromedp.Run(tab, network.Enable()); err != nil {
		t.Skip("chromium does not start here: ", err)
	}
	return b
}

// do runs actions, which must be over within a minute.
func (b *browser) do(actions ...chromedp.Action) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.tab, time.Minute)
	defer cancel()
	require.NoError(b, chromedp.Run(ctx, actions...))
}

// open loads a page and waits until its film has come.
func (b *browser) open(page string) {
	b.Helper()
	b.do(chromedp.Navigate(b.base+page), chromedp.WaitReady(`html[data-state="ready"]`, chromedp.ByQuery))
}

// text is what a page says. A page says it anew with the next frame that it draws, so
// that one is waited for.
func (b *browser) text(selector string) (text string) {
	b.Helper()
	drawn := `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`
	b.do(chromedp.Evaluate(drawn, nil, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
		chromedp.Text(selector, &text, chromedp.ByQuery))
	return text
}

// at is the position in the film.
func (b *browser) at() (at float64) {
	b.Helper()
	b.do(chromedp.Evaluate(`+document.getElementById("scrub").value`, &at))
	return at
}

// medianError is what the headline of an embedding says, in percent.
func (b *browser) medianError() (percent float64) {
	b.Helper()
	headline := b.text("#headline")
	_, err := fmt.Sscanf(headline, "median error %f %%", &percent)
	require.NoError(b, err, headline)
	return percent
}

func (b *browser) scrub(to string) {
	b.Helper()
	b.do(chromedp.Evaluate(`{ const s = document.getElementById("scrub"); s.value = `+to+`; s.dispatchEvent(new Event("input")); }`, nil))
}

// stayedHome says that nobody but this machine was asked, and that no script failed.
func (b *browser) stayedHome() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Empty(b, b.problems)
	assert.NotEmpty(b, b.asked)
	for _, address := range b.asked {
		u, err := url.Parse(address)
		require.NoError(b, err)
		if u.Scheme != "data" && u.Scheme != "blob" {
			assert.Equal(b, "127.0.0.1", u.Hostname(), address)
		}
	}
}

func TestAnEmbeddingPlaysPausesAndScrubsInABrowser(t *testing.T) {
	b := newBrowser(t)
	b.open("/coordinates?dataset=synthetic-internet&hosts=80&samples=80&t=0")
	assert.Greater(t, b.medianError(), 90.0, "a film begins with everybody at one place")

	b.scrub("s.max")
	end := b.at()
	assert.Equal(t, "80 samples a node", b.text("#clock"))
	assert.Less(t, b.medianError(), 50.0)

	b.scrub("0")
	b.do(chromedp.Click("#play", chromedp.ByQuery))
	assert.Equal(t, "Pause", b.text("#play"))
	require.Eventually(t, func() bool { return b.at() > 0 }, 30*time.Second, 50*time.Millisecond, "it plays")
	b.do(chromedp.Click("#play", chromedp.ByQuery))
	assert.Equal(t, "Play", b.text("#play"))
	stopped := b.at()
	assert.Less(t, stopped, end+1)

	b.do(chromedp.KeyEvent(kb.Home))
	assert.Zero(t, b.at())
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	assert.Equal(t, 1.0, b.at())
	b.do(chromedp.KeyEvent(kb.End))
	assert.Equal(t, end, b.at())
	b.stayedHome()
}

func TestAGroupWithSlowMembersShowsItsFalsePositivesInABrowser(t *testing.T) {
	b := newBrowser(t)
	b.open("/membership")
	b.scrub("s.max")
	headline := b.text("#headline")
	assert.NotEqual(t, "0 false positives so far", headline)
	assert.Contains(t, headline, "false positives so far")
	b.scrub("0")
	assert.Equal(t, "0 false positives so far", b.text("#headline"))
	b.stayedHome()
}

// value is what an expression is in the page.
func value[T any](b *browser, expression string) (v T) {
	b.Helper()
	b.do(chromedp.Evaluate(expression, &v))
	return v
}

// until waits for an expression to become true.
func (b *browser) until(expression string) {
	b.Helper()
	b.do(chromedp.Poll(expression, nil))
}

func TestAnAddressShowsAgainWhatItsPageShowed(t *testing.T) {
	b := newBrowser(t)
	b.open("/coordinates?dataset=synthetic-grid:36&space=2D&neighbours=12&samples=300&t=end")
	assert.Less(t, b.medianError(), 5.0, "a grid fits a plane")
	b.do(chromedp.Evaluate(`{ const f = document.getElementById("find"); f.value = "7"; f.dispatchEvent(new Event("change")); }`, nil))
	b.until(`document.querySelector("#node .name")?.textContent === "7"`)
	assert.Contains(t, b.text("#node"), "Nearest by coordinate")
	address := value[string](b, `location.pathname + location.search`)
	assert.Contains(t, address, "node=7")
	b.open(address)
	b.until(`document.querySelector("#node .name")?.textContent === "7"`)
	assert.Equal(t, "300 samples a node", b.text("#clock"))
	b.stayedHome()
}

func TestAPageSaysWhatIsWrongWithItsAddress(t *testing.T) {
	b := newBrowser(t)
	b.do(chromedp.Navigate(b.base+"/coordinates?hosts=2"), chromedp.WaitReady(`html[data-state="wrong"]`, chromedp.ByQuery))
	assert.Equal(t, `hosts: "2" is not valid; want a whole number from 3 to 1024`, b.text("#notice"))
}

// Going back begins the film again: what is counted there must come out the same.
func TestAnAccusationIsToldAndTheFilmCanBeWoundBackInABrowser(t *testing.T) {
	b := newBrowser(t)
	b.open("/membership?members=32&slow=6&blocked=16s&duration=60s&seed=2&t=59")
	b.do(chromedp.Click("#cases button.fp", chromedp.ByQuery))
	b.until(`document.getElementById("account").textContent.includes("A false positive: no fault had touched it.")`)
	const counts = `[live.ring.group.suspicions, live.ring.group.falsely, live.ring.group.falseViews, live.ring.group.running]`
	wind := func(to string) []float64 {
		b.do(chromedp.Evaluate(`live.player.seek(`+to+`)`, nil))
		b.until(`live.ring.group.at === live.player.at`)
		return value[[]float64](b, counts)
	}
	there := wind("50")
	assert.Equal(t, []float64{0, 0, 0, 32}, wind("0"))
	assert.Equal(t, there, wind("50"))
	assert.Positive(t, there[1], "false positives by then")

	b.open("/membership?experiment=swim2002/fig3a&cell=members%3D8&seed=3&t=end")
	assert.Contains(t, b.text("#subline"), "swim2002/fig3a, members=8")
	assert.Contains(t, b.text("#subline"), "7 running")
	b.stayedHome()
}

// countFrames gathers how long each of 90 frames of the screen took, in ms.
const countFrames = `new Promise(done => {
	const times = []; let last;
	const frame = now => { if (last !== undefined) times.push(now - last); last = now; times.length < 90 ? requestAnimationFrame(frame) : done(times); };
	requestAnimationFrame(frame);
		})`

// A picture has to be smooth with 500 nodes; what this machine makes of it is told,
// and judges nothing.
func TestFramesOfFiveHundredNodesAreCounted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	b := newBrowser(t)
	b.open("/coordinates?dataset=synthetic-internet&hosts=500&samples=60&t=0")
	var frames []float64
	b.do(
		chromedp.Click("#play", chromedp.ByQuery),
		chromedp.Evaluate(countFrames, &frames, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
	)
	require.Len(t, frames, 90)
	slices.Sort(frames)
	cost := value[float64](b, `live.player.cost`)
	t.Logf("drawing the last of them took %.1f ms", cost)
	t.Logf("500 nodes, drawn in software: a frame every %.1f ms (median), %.1f ms (19 of 20)", frames[45], frames[85])
	b.stayedHome()
}
