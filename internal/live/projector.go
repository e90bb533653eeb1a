package live

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

// projector makes films, one at a time, and keeps the latest few: a page that is
// loaded again, or shared, need not wait.
type projector struct {
	make func(ctx context.Context, query url.Values) ([]byte, error)
	turn chan struct{} // holds a token while nobody makes a film
	kept []reel        // the latest last; for whoever has the token
}

type reel struct {
	query string
	film  []byte
}

// keptFilms bounds memory: a film of the largest size has tens of megabytes.
const keptFilms = 4

func newProjector(make_ func(context.Context, url.Values) ([]byte, error)) *projector {
	p := &projector{make: make_, turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	return p
}

func (p *projector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	film, err := p.film(r.Context(), r.URL.Query())
	if err != nil {
		refuseFilm(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store") // it depends on the code that runs
	_, _ = w.Write(film)
}

func (p *projector) film(ctx context.Context, query url.Values) ([]byte, error) {
	name := query.Encode()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.turn:
	}
	defer func() { p.turn <- struct{}{} }()
	for _, r := range p.kept {
		if r.query == name {
			return r.film, nil
		}
	}
	film, err := p.make(ctx, query)
	if err != nil {
		return nil, err
	}
	p.kept = append(p.kept, reel{name, film})
	if len(p.kept) > keptFilms {
		p.kept = slices.Delete(p.kept, 0, 1)
	}
	return film, nil
}
