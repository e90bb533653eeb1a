package live_test

import (
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
)

// cpu is what this process has used of the processor.
func cpu() time.Duration {
	r := usage()
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func usage() syscall.Rusage {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return r
}

// switches is how often this process gave up the processor, or was made to.
func switches() int64 {
	r := usage()
	return r.Nvcsw + r.Nivcsw
}

// allocations is how many there have been on the heap.
func allocations() uint64 {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.Mallocs
}

// memory is what the heap and the stacks take after a collection.
func memory() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc + s.StackInuse
}

// group starts members on loopback, which all join the first at once, and says how
// long it took until everybody knew everybody.
func group(t testing.TB, n int, configure func(*live.Config)) ([]*live.Member, time.Duration) {
	t.Helper()
	members := make([]*live.Member, n)
	for i := range members {
		cfg := live.LAN(fmt.Sprintf("member-%04d", i))
		cfg.Bind = "127.0.0.1:0"
		if configure != nil {
			configure(&cfg)
		}
		m, err := live.Start(cfg)
		require.NoError(t, err)
		t.Cleanup(func() { _ = m.Shutdown() })
		members[i] = m
	}
	began := time.Now()
	var wg sync.WaitGroup
	for _, m := range members[1:] {
		wg.Go(func() {
			_, err := m.Join(t.Context(), members[0].Addr().String())
			require.NoError(t, err)
		})
	}
	wg.Wait()
	for _, m := range members {
		for m.GroupSize() != n {
			time.Sleep(5 * time.Millisecond)
			if time.Since(began) > 10*time.Minute {
				t.Fatalf("%s knows %d of %d after %v", m.Name(), m.GroupSize(), n, time.Since(began))
			}
		}
	}
	return members, time.Since(began)
}

// What a quiet group costs. Run it with -benchtime 1x: what an earlier run leaves in the
// heap would count in favour of the next.
func BenchmarkQuietGroup(b *testing.B) {
	for _, n := range []int{64, 128, 512} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			const quiet = 10 * time.Second
			before, routines := memory(), runtime.NumGoroutine()
			members, took := group(b, n, func(c *live.Config) { c.Family = live.Plain })
			time.Sleep(15 * time.Second) // the news of joining has died down
			counted := func() (packets, bytes float64) {
				for _, m := range members {
					s := m.Traffic()
					packets += float64(s.PacketsOut)
					bytes += float64(s.BytesOut)
				}
				return packets, bytes
			}
			p0, b0 := counted()
			a0, s0, c0 := allocations(), switches(), cpu()
			began := time.Now()
			time.Sleep(quiet)
			each := 1 / (float64(n) * time.Since(began).Seconds())
			used, switched, allocated := cpu()-c0, switches()-s0, allocations()-a0
			p1, b1 := counted()
			b.ReportMetric(took.Seconds(), "s-to-converge")
			b.ReportMetric(used.Seconds()*1e3*each, "cpu-ms/member/s")
			b.ReportMetric(float64(switched)*each, "switches/member/s")
			b.ReportMetric(float64(allocated)*each, "allocs/member/s")
			b.ReportMetric((p1-p0)*each, "packets/member/s")
			b.ReportMetric((b1-b0)*each, "bytes/member/s")
			b.ReportMetric(float64(memory()-before)/1e3/float64(n), "kB/member")
			b.ReportMetric(float64(runtime.NumGoroutine()-routines)/float64(n), "goroutines/member")
			b.ReportMetric(0, "ns/op")
		})
	}
}
