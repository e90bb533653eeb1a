package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/internal/live"
)

func site(t *testing.T) (live.Config, *atomic.Int32) {
	var made atomic.Int32
	return live.Config{
		Report:    filepath.Join(t.TempDir(), "report"),
		Sources:   fstest.MapFS{"vivaldi/doc.go": {Data: []byte("package vivaldi")}},
		Catalogue: func() (any, error) { return []string{"a"}, nil },
		Films: map[string]func(context.Context, url.Values) ([]byte, error){
			"embedding": func(_ context.Context, query url.Values) ([]byte, error) {
				made.Add(1)
				switch query.Get("hosts") {
				case "2":
					return nil, &trial.KeyError{Key: "hosts", Got: 2, Want: "3 or more"}
				case "3":
					return nil, errors.New("the disk is full")
				}
				return []byte("film of " + query.Encode()), nil
			},
		},
	}, &made
}

// ask sends a request as a browser on this machine would, changed by change.
func ask(c live.Config, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Host = "127.0.0.1:8080"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	live.Handler(c).ServeHTTP(w, r)
	return w
}

func TestOnlyLoopbackAddressesAreListenedOn(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":8080", "[::]:0", "192.168.1.2:80", "example.org:80", "localhost.example.org:80"} {
		_, err := live.Listen(addr)
		require.ErrorContains(t, err, `--addr "`+addr+`"`)
		assert.ErrorContains(t, err, "loopback")
	}
	_, err := live.Listen("8080")
	assert.ErrorContains(t, err, "want a loopback address and a port")
	for _, addr := range []string{"127.0.0.1:0", "127.3.2.1:0", "localhost:0"} {
		l, err := live.Listen(addr)
		require.NoError(t, err)
		assert.True(t, l.Addr().(*net.TCPAddr).IP.IsLoopback())
		require.NoError(t, l.Close())
	}
}

func TestRequestsUnderForeignNamesAreRefused(t *testing.T) {
	c, made := site(t)
	for _, host := range []string{"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1:8080", ""} {
		w := ask(c, "/api/film/embedding", func(r *http.Request) { r.Host = host })
		assert.Equal(t, http.StatusForbidden, w.Code, host)
		assert.Contains(t, w.Body.String(), `"key":"Host"`)
	}
	for _, host := range []string{"localhost:8080", "127.0.0.1", "[::1]:8080", "[::1]", "127.9.9.9:1"} {
		assert.Equal(t, http.StatusOK, ask(c, "/", func(r *http.Request) { r.Host = host }).Code, host)
	}
	w := ask(c, "/api/film/embedding", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	assert.Equal(t, http.StatusForbidden, w.Code)
	assert.Zero(t, made.Load(), "nothing was computed for them")
}

func TestNothingButReadingIsAllowed(t *testing.T) {
	c, _ := site(t)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		w := ask(c, "/api/catalogue", func(r *http.Request) { r.Method = method })
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
		assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	}
}

func TestBadInputNamesTheKey(t *testing.T) {
	c, _ := site(t)
	w := ask(c, "/api/film/embedding?hosts=2", nil)
	assert.Equal(t, http.StatusBadRequest, w.Code)
	var answer struct{ Error, Key string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
	assert.Equal(t, "hosts", answer.Key)
	assert.Equal(t, "hosts: 2 is not valid; want 3 or more", answer.Error)
	w = ask(c, "/api/film/embedding?hosts=3", nil)
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.JSONEq(t, `{"error": "the disk is full"}`, w.Body.String())
}

func TestAFilmIsMadeOnceAndKept(t *testing.T) {
	c, made := site(t)
	h := live.Handler(c)
	get := func(query string) string {
		r := httptest.NewRequest(http.MethodGet, "/api/film/embedding?"+query, nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Body.String()
	}
	assert.Equal(t, "film of a=1&b=2", get("a=1&b=2"))
	assert.Equal(t, "film of a=1&b=2", get("b=2&a=1"))
	assert.EqualValues(t, 1, made.Load())
	for _, other := range []string{"a=2", "a=3", "a=4", "a=5"} {
		get(other)
	}
	get("a=1&b=2")
	assert.EqualValues(t, 6, made.Load(), "the oldest was let go")
}

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	c, _ := site(t)
	for _, page := range []string{"/", "/coordinates", "/membership", "/report/"} {
		w := ask(c, page, nil)
		assert.Contains(t, w.Header().Get("Content-Type"), "text/html", page)
		assert.NotRegexp(t, `(src|href)="(https?:)?//`, w.Body.String(), page)
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'", page)
	}
	assert.Equal(t, http.StatusNotFound, ask(c, "/nowhere", nil).Code)
	assert.Equal(t, http.StatusNotFound, ask(c, "/js/nothing.js", nil).Code)
	assert.Contains(t, ask(c, "/js/film.js", nil).Header().Get("Content-Type"), "javascript")
	assert.Equal(t, "package vivaldi", ask(c, "/source/vivaldi/doc.go", nil).Body.String())
	assert.NotEqual(t, http.StatusOK, ask(c, "/source/../server.go", nil).Code)
}

func TestTheReportIsServedOnceThereIsOne(t *testing.T) {
	c, _ := site(t)
	w := ask(c, "/report/", nil)
	assert.Equal(t, http.StatusNotFound, w.Code)
	assert.Contains(t, w.Body.String(), "repro all")
	require.NoError(t, os.MkdirAll(filepath.Join(c.Report, "swim2002"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(c.Report, "index.html"), []byte("all claims"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(c.Report, "swim2002", "fig3a.html"), []byte("one page"), 0o644))
	assert.Equal(t, "all claims", ask(c, "/report/", nil).Body.String())
	page := ask(c, "/report/swim2002/fig3a.html", nil)
	assert.Equal(t, "one page", page.Body.String())
	assert.NotContains(t, page.Header().Get("Content-Security-Policy"), "http", "no other host, charts or not")
	secret := filepath.Join(filepath.Dir(c.Report), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("secret"), 0o644))
	require.NoError(t, os.Symlink(secret, filepath.Join(c.Report, "way-out")))
	assert.NotContains(t, ask(c, "/report/way-out", nil).Body.String(), "secret")
}

func TestServingEndsWithItsContext(t *testing.T) {
	c, _ := site(t)
	c.Films["embedding"] = func(ctx context.Context, _ url.Values) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	l, err := live.Listen("127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- live.Serve(ctx, l, live.Handler(c)) }()
	base := "http://" + l.Addr().String()
	response, err := http.Get(base + "/api/catalogue")
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.JSONEq(t, `["a"]`, string(body))
	go func() {
		if response, err := http.Get(base + "/api/film/embedding"); err == nil {
			response.Body.Close()
		}
	}()
	time.Sleep(50 * time.Millisecond) // the film is probably under way; if not, nothing is missed
	stop()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("still serving")
	}
}
