// Package virtual runs HashiCorp's memberlist, unmodified, in virtual time: a
// second opinion on what the simulator says of SWIM as it is deployed, from code
// that shares nothing with it.
//
//	trial.Spec ─▶ scenario.go   what of it memberlist can do, and its configuration
//	                 │
//	              group.go      a member is a memberlist; testing/synctest is its clock
//	              schedule.go   crash, leave, join, pause, slow, partition
//	                 │
//	              network.go    the datagrams, through sockets with buffers of bounded size
//	              stream.go     the connections
//	              gate.go       where a slow member's messages wait
//	                 │
//	              listener.go   what the library tells: its events and its log
//	              measures.go ─▶ trial.Observations, as the simulator defines them (package observed)
//
// Time passes only when every goroutine waits, so a trial is over as soon as the
// machine has done its work, and a protocol period is exact. But memberlist draws
// from Go's global random source, which cannot be seeded, and the order in which
// goroutines run is not fixed: a trial is a sample. The seed decides whom the
// faults meet and how long messages take, and cannot make a trial come out twice.
//
// What is not memberlist's own is stated where it is decided:
//
//   - The group forms at the beginning of the trial: members start at random
//     phases of the first protocol period and join through the first (group.go).
//   - A member that is slow or paused stands still where it sends, and where it has
//     received (gate.go). Its timers go on, during a pause too; what they do then
//     shows only when the pause is over.
//   - Handling a datagram takes no time, unless system.peer.read_time says so, and is
//     over before the next one is read (network.go). So what a task can do at the
//     instant of a release it has done before the backlog is read, unless
//     system.peer.resume_time says otherwise.
//   - With system.peer.real_time none of this holds: the trial takes the time it says,
//     and the scheduler decides. That is how virtual time's own doing is told from the
//     library's.
//   - A socket's buffer is as large as Linux makes it by default (network.go).
package virtual
