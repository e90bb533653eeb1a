package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// FetchOptions change how a set is fetched. The zero value fetches from the origin.
type FetchOptions struct {
	// Client sends the requests; nil is [http.DefaultClient].
	Client *http.Client
	// BaseURL replaces the origin's address, for mirrors: the files' remote
	// paths are found under it.
	BaseURL string
	// Progress is told after each file how many of the set's files are here.
	// It is called by one goroutine at a time.
	Progress func(done, total int)
}

const (
	fetchers     = 4        // enough for hundreds of small files, polite to the origin
	largestFetch = 64 << 20 // bytes of one file
)

// Fetch downloads a set from its pinned origin into the store's cache. Files
// land, each with its checksum proven, in a staging directory that becomes the
// set's when it is whole; a fetch that was cut short goes on where it stopped.
func (s *Store) Fetch(ctx context.Context, name string, o FetchOptions) error {
	set, err := s.Dataset(name)
	switch {
	case err != nil:
		return err
	case set.Kind != KindFetched:
		return fmt.Errorf("dataset %s is %s and cannot be fetched; want a set of kind fetched", set.Name, set.Kind)
	case set.Name != name:
		return fmt.Errorf("dataset %q cannot be fetched in part; want %s", name, set.Name)
	case s.cache == "":
		return errors.New("no cache directory is known to fetch to; want HOME or XDG_CACHE_HOME to be set")
	}
	return s.fetch(ctx, set, o)
}

func (s *Store) fetch(ctx context.Context, set Dataset, o FetchOptions) error {
	final := filepath.Join(s.cache, set.Name)
	staging := filepath.Join(s.cache, ".fetch-"+set.Name)
	if o.Client == nil {
		o.Client = http.DefaultClient
	}
	if o.BaseURL == "" {
		o.BaseURL = set.Origin.URL
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan fileSum)
	var mu sync.Mutex
	done := 0
	var wg sync.WaitGroup
	for range fetchers {
		wg.Go(func() {
			for sum := range work {
				if err := s.fetchFile(ctx, set, sum, []string{staging, final}, staging, o); err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				done++
				if o.Progress != nil {
					o.Progress(done, len(set.sums))
				}
				mu.Unlock()
			}
		})
	}
feed:
	for _, sum := range set.sums {
		select {
		case work <- sum:
		case <-ctx.Done():
			break feed
		}
	}
	close(work)
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("dataset %s: %w", set.Name, err)
	}
	if err := writeFile(filepath.Join(staging, sumsFile), formatSums(set.sums)); err != nil {
		return err
	}
	if err := replaceDir(staging, final); err != nil {
		return err
	}
	s.forget(set.Name)
	return nil
}

// fetchFile brings one file into staging, from one of the directories here when
// it is there and right, or from the network.
func (s *Store) fetchFile(ctx context.Context, set Dataset, sum fileSum, here []string, staging string, o FetchOptions) error {
	target := filepath.Join(staging, filepath.FromSlash(sum.path))
	for _, dir := range here {
		name, data, err := sum.read(dir)
		if err != nil {
			continue
		}
		if name == target {
			return nil
		}
		return writeFile(target, data)
	}
	remote, err := set.remote(sum.path)
	if err != nil {
		return err
	}
	address := strings.TrimSuffix(o.BaseURL, "/") + (&url.URL{Path: "/" + remote}).EscapedPath()
	data, err := download(ctx, o.Client, address)
	if err != nil {
		return err
	}
	if got := sha256Hex(data); got != sum.sha256 {
		return &ChecksumError{File: address, Got: got, Want: sum.sha256}
	}
	return writeFile(target, data)
}

func download(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: the server answers %s; want 200 OK", address, response.Status)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, largestFetch+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if len(data) > largestFetch {
		return nil, fmt.Errorf("%s: is larger than %d MB; want a dataset's file", address, largestFetch>>20)
	}
	return data, nil
}

// forget drops what is known of a set, so that the next call looks anew.
func (s *Store) forget(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.present)
	clear(s.digests)
	for name := range s.opened {
		if name == base || strings.HasPrefix(name, base+":") {
			delete(s.opened, name)
		}
	}
}

// writeFile writes a file that is either absent or whole, making its directory.
func writeFile(name string, data []byte) (err error) {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".partial-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// replaceDir makes staging the directory called final, whatever final was.
func replaceDir(staging, final string) error {
	old := final + ".old"
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(final, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(staging, final); err != nil {
		return err
	}
	return os.RemoveAll(old)
}
