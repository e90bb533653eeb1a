// Command sidebyside runs HashiCorp's memberlist and swim/live in turn on loopback,
// with the same settings, and prints what each costs a member:
//
//	go run ./sidebyside                    # 64 and 128 members
//	go run ./sidebyside -members 512 -quiet 0s -patience 6m   # all joining at once, and no more
//
// Each group is a process of its own with all its members, so that nothing of the
// one falls on the other. Both have memberlist's LAN profile, without compression;
// every member joins through the first, all at once. -doubt 0 takes from ours what
// it has for such storms, and memberlist has not.
//
// The members are started one after the other within a second. memberlist's tickers
// keep the phase in which they are made: members that are started at one moment (-over
// 0s) are all woken at one moment for ever, and the process once for all of them, which
// members on machines of their own are not. What a member costs such a machine is
// measured with -alone.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// figures are what is measured of one group. Times are in seconds.
type figures struct {
	Converged    float64 // from the first join to everybody's knowing everybody; below 0 if it never came to that
	Known        int     // members on the shortest list at that time
	Accused      int     // Confirms at all members until then, all of them false
	CPU          float64 // milliseconds a member and second, while quiet
	Switches     float64 // context switches of the process a member and second, while quiet
	Allocations  float64 // on the heap, a member and second, while quiet
	Memory       float64 // kB a member, heap and stacks, after a collection
	Goroutines   float64 // a member
	Packets      float64 // sent by a member in a second, while quiet
	Bytes        float64
	FirstRemoved float64 // from a crash to the first member's declaring it
	LastRemoved  float64 // to the last one's
}

type settings struct {
	quiet, patience time.Duration
	over            time.Duration
	doubt           int
	profiles        string
	alone           bool
	contact         string // a member in another process, of a group of size
	size            int
}

func main() {
	var s settings
	sizes := flag.String("members", "64,128", "group sizes, with commas")
	flag.DurationVar(&s.quiet, "quiet", 30*time.Second, "how long a quiet group is watched; 0 to look at joining alone")
	flag.DurationVar(&s.patience, "patience", 2*time.Minute, "how long a group may take to converge")
	flag.DurationVar(&s.over, "over", time.Second, "over how long the members of a group are started")
	flag.IntVar(&s.doubt, "doubt", -1, "first doubt of our members; below 0 for the default")
	flag.StringVar(&s.profiles, "profiles", "", "directory for profiles of each quiet group: of its processor, and of its heap")
	flag.BoolVar(&s.alone, "alone", false, "measure one member in a process of its own, and the others in another")
	flag.StringVar(&s.contact, "contact", "", "for the program itself: whom a member in a process of its own joins")
	flag.IntVar(&s.size, "size", 0, "for the program itself: how many it is then one of")
	child := flag.String("child", "", "for the program itself: the implementation to run, and print its figures as JSON")
	flag.Parse()
	if s.profiles != "" {
		runtime.MemProfileRate = 1 // every allocation: there are few
	}
	var err error
	if *child != "" {
		err = measureOne(*child, *sizes, s)
	} else {
		err = compare(*sizes, os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sidebyside:", err)
		os.Exit(1)
	}
}

// compare runs both implementations at each size and prints the table.
func compare(sizes string, flags []string) error {
	t := table.NewWriter()
	t.SetOutputMirror(os.Stdout)
	t.AppendHeader(table.Row{"members", "", "converged s", "false Confirms", "CPU ms/s", "switches/s", "allocations/s", "kB", "goroutines", "packets/s", "bytes/s", "crash: first s", "last s"})
	for size := range strings.SplitSeq(sizes, ",") {
		for _, name := range []string{"memberlist", "swimlab"} {
			f, err := runChild(name, append(flags, "-child", name, "-members", size))
			if err != nil {
				return fmt.Errorf("%s with %s members: %w", name, size, err)
			}
			converged := fmt.Sprintf("%.1f", f.Converged)
			if f.Converged < 0 {
				converged = fmt.Sprintf("never (%d known)", f.Known)
			}
			t.AppendRow(table.Row{size, name, converged, f.Accused, decimals(f.CPU, 3), decimals(f.Switches, 1), decimals(f.Allocations, 1), decimals(f.Memory, 0), decimals(f.Goroutines, 1),
				decimals(f.Packets, 2), decimals(f.Bytes, 0), decimals(f.FirstRemoved, 1), decimals(f.LastRemoved, 1)})
		}
		t.AppendSeparator()
	}
	t.Render()
	fmt.Printf("%d cores, %s, %s/%s; per member, but for the times\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// decimals prints a number, and nothing where it was not measured.
func decimals(x float64, digits int) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}

func runChild(name string, flags []string) (figures, error) {
	var f figures
	self, err := os.Executable()
	if err != nil {
		return f, err
	}
	cmd := exec.Command(self, flags...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(out, &f)
}

// member is one member of either implementation.
type member interface {
	join(address string) error
	address() string
	known() int
	sent() (packets, bytes uint64)
	failed() uint64 // how often it has declared another faulty
	stop()
}

// group is the members of one process.
type group struct{ members []member }

var starters = map[string]func(i int, s settings) (member, error){"memberlist": startMemberlist, "swimlab": startLive}

func measureOne(name, size string, s settings) error {
	start, known := starters[name]
	n, err := strconv.Atoi(size)
	if !known || err != nil || n < 2 && s.contact == "" {
		return errors.New("want an implementation, memberlist or swimlab, and 2 members or more")
	}
	if s.contact == "" {
		s.size = n
	}
	if s.alone {
		n--
	}
	g := &group{}
	f := figures{Converged: -1}
	before, routines := memory(), runtime.NumGoroutine()
	for i := range n {
		if s.contact != "" {
			i = s.size - 1 // the others have the names before
		}
		m, err := start(i, s)
		if err != nil {
			return err
		}
		g.members = append(g.members, m)
		time.Sleep(s.over / time.Duration(n))
	}
	began := time.Now()
	contact, joining := g.members[0].address(), g.members[1:]
	if s.contact != "" {
		contact, joining = s.contact, g.members
	}
	for _, m := range joining {
		go m.join(contact) //nolint:errcheck // who did not join is not known
	}
	all := s.size
	if s.alone {
		all--
	}
	for time.Since(began) < s.patience && f.Known < all {
		time.Sleep(50 * time.Millisecond)
		f.Known = g.fewestKnown(all)
	}
	if f.Known == all {
		f.Converged = time.Since(began).Seconds()
	}
	f.Accused = int(g.failed())
	if s.alone && f.Known == all {
		f, err = runChild(name, []string{
			"-child", name, "-members", "1", "-contact", contact, "-size", strconv.Itoa(s.size),
			"-quiet", s.quiet.String(), "-profiles", s.profiles, "-doubt", strconv.Itoa(s.doubt),
		})
		if err != nil {
			return err
		}
	} else if s.quiet > 0 && f.Known == all {
		if err := g.watch(&f, s, name, before, routines); err != nil {
			return err
		}
	}
	for _, m := range g.members {
		m.stop()
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

// watch measures the quiet group, and then the crash of its last member.
func (g *group) watch(f *figures, s settings, name string, before uint64, routines int) error {
	n := float64(len(g.members))
	time.Sleep(15 * time.Second) // the news of joining has died down
	stop, err := profile(s.profiles, fmt.Sprintf("%s-%d", name, len(g.members)))
	if err != nil {
		return err
	}
	p0, b0 := g.sent()
	u0, began := usage(), time.Now()
	time.Sleep(s.quiet)
	u1, each := usage(), 1/(n*time.Since(began).Seconds())
	p1, b1 := g.sent()
	if err := stop(); err != nil {
		return err
	}
	f.CPU = float64((u1.cpu - u0.cpu).Microseconds()) / 1e3 * each
	f.Switches = float64(u1.switches-u0.switches) * each
	f.Allocations = float64(u1.allocations-u0.allocations) * each
	f.Packets, f.Bytes = float64(p1-p0)*each, float64(b1-b0)*each
	f.Goroutines = float64(runtime.NumGoroutine()-routines) / n
	f.Memory = float64(memory()-before) / 1e3 / n

	last := len(g.members) - 1
	if last == 0 {
		return nil // those who would find out are elsewhere
	}
	g.members[last].stop()
	g.members = g.members[:last]
	crashed, failed := time.Now(), g.failed()
	for f.LastRemoved == 0 && time.Since(crashed) < time.Minute {
		time.Sleep(50 * time.Millisecond)
		now := g.failed() - failed
		if now > 0 && f.FirstRemoved == 0 {
			f.FirstRemoved = time.Since(crashed).Seconds()
		}
		if now >= uint64(last) {
			f.LastRemoved = time.Since(crashed).Seconds()
		}
	}
	return nil
}

func (g *group) failed() uint64 {
	total := uint64(0)
	for _, m := range g.members {
		total += m.failed()
	}
	return total
}

// fewestKnown is the length of the shortest list, of a group of so many.
func (g *group) fewestKnown(all int) int {
	fewest := all
	for _, m := range g.members {
		fewest = min(fewest, m.known())
	}
	return fewest
}

func (g *group) sent() (packets, bytes uint64) {
	for _, m := range g.members {
		p, b := m.sent()
		packets, bytes = packets+p, bytes+b
	}
	return packets, bytes
}

func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// used is what the process has used.
type used struct {
	cpu         time.Duration
	switches    int64 // how often it gave up the processor, or was made to
	allocations uint64
}

func usage() used {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it cannot fail for oneself
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return used{time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Nvcsw + u.Nivcsw, m.Mallocs}
}
