// Package loopback runs groups of members as processes of their own on
// 127.0.0.0/8: real sockets, real time, real faults. It is the world "loopback",
// and what `repro cluster` shows.
//
//	   one process            lines of JSON            a process each
//	┌───────────────┐  commands: join, block, leave …  ┌──────────────┐
//	│ Cluster       │────────────────────────────────▶│ Serve        │
//	│  └ Process …  │◀────────────────────────────────│  live.Member │⇄ UDP, TCP
//	│ World         │  reports: events, status         └──────────────┘
//	└───────────────┘  signals: KILL, STOP, CONT
//
// # No process is left behind
//
// A member ends when its standard input does, which is when its parent closes it or
// dies; on Linux the kernel kills it with its parent, even one that is stopped.
// Cluster.Close asks first, kills what is left after two seconds, and waits for all.
//
// # Faults
//
// They are the simulator's, by the same keys, but for one_way, per_message and backlog:
//
//	crash             SIGKILL
//	restart, join     a new process, under a new name
//	pause             SIGSTOP, SIGCONT
//	slow              sends and reads wait in the member's shell, its timers go on
//	cpu_exhaustion    with constant times a control group's quota, which a busy process
//	                  beside the member's uses up; with random ones, which no quota
//	                  gives, SIGSTOP and SIGCONT by turns
//	partition, loss   datagrams are dropped in the shells; a partition has no stream
//	                  be opened across it either
//
// # How it differs from the simulator
//
// Time is real, so nothing repeats, and what else the machine does is part of the
// result: it is recorded, never cached. A trial's time 0 is when every member
// knows every other. Latency and loss are made in the members' shells, as
// datagrams leave and come in. What a killed member sent after its last report, at
// most half a second before, is not counted. Bytes are those of the datagrams
// and streams as sent.
//
// # The soak
//
// TestSoak is a group of 64 under all of this at once, and under what nobody honest
// sends. It takes some three minutes; SWIMLAB_SOAK=10m has its chaos last for ten.
package loopback
