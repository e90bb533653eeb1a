package live

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

//go:embed web
var web embed.FS

// Config says what the pages show.
type Config struct {
	// Report is the folder of the report, which need not exist.
	Report string
	// Sources is the code that the pages speak of.
	Sources fs.FS
	// Catalogue lists what there is to choose from; it is sent as JSON.
	Catalogue func() (any, error)
	// Films makes films of each kind from the query of an address. Errors that
	// are a *trial.KeyError are the asker's.
	Films map[string]func(ctx context.Context, query url.Values) ([]byte, error)
}

// Handler is the whole site.
func Handler(c Config) http.Handler {
	mux := http.NewServeMux()
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the folder is built in
	}
	mux.Handle("GET /", pages(files))
	mux.Handle("GET /report/", report(c.Report))
	mux.Handle("GET /source/", http.StripPrefix("/source/", sources(c.Sources)))
	mux.HandleFunc("GET /api/catalogue", func(w http.ResponseWriter, r *http.Request) {
		list, err := c.Catalogue()
		if err != nil {
			refuse(w, http.StatusInternalServerError, "", err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(list)
	})
	for kind, make := range c.Films {
		mux.Handle("GET /api/film/"+kind, newProjector(make))
	}
	return guard(mux)
}

// pages serves the built-in files; a page's address has no .html.
func pages(files fs.FS) http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		name := r.URL.Path
		switch {
		case name == "/":
		case path.Ext(name) == "":
			name += ".html"
			if _, err := fs.Stat(files, name[1:]); err != nil {
				http.NotFound(w, r)
				return
			}
			http.ServeFileFS(w, r, files, name[1:])
			return
		}
		server.ServeHTTP(w, r)
	})
}

// report serves the report's folder. Its pages carry styles and chart options of
// their own; that nothing is loaded from another host holds for them too.
func report(dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		root, err := os.OpenRoot(dir)
		if err == nil {
			defer root.Close()
			_, err = root.Stat("index.html")
		}
		if err != nil {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusNotFound)
			page, _ := web.ReadFile("web/noreport.html")
			_, _ = w.Write(page)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self' data: 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
		http.StripPrefix("/report/", http.FileServerFS(root.FS())).ServeHTTP(w, r)
	})
}

// sources shows code as text.
func sources(code fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := fs.ReadFile(code, path.Clean(r.URL.Path))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(text)
	})
}

// refuse answers with an error that names the key to blame.
func refuse(w http.ResponseWriter, status int, key string, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Error string `json:"error"`
		Key   string `json:"key,omitempty"`
	}{err.Error(), key})
}

// refuseFilm says why there is no film.
func refuseFilm(w http.ResponseWriter, err error) {
	var key *trial.KeyError
	if errors.As(err, &key) {
		refuse(w, http.StatusBadRequest, key.Key, err)
		return
	}
	refuse(w, http.StatusInternalServerError, "", err)
}

// Serve answers requests until ctx ends, and then lets those under way finish
// for a moment.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	requests, stop := context.WithCancel(context.Background())
	defer stop()
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("the live pages are no longer served: %w", err)
	case <-ctx.Done():
	}
	stop() // a film under way has nobody left to see it
	patience, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return server.Close()
	}
	return nil
}
