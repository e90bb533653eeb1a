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
// # How it differs from the simulator
//
// Time is real, so nothing repeats, and what else the machine does is part of the
// result: it is recorded, never cached. A trial's time 0 is when every member
// knows every other. Latency and loss are made in the members' shells, as
// datagrams leave and come in. What a killed member sent after its last report, at
// most half a second before, is not counted. Bytes are those of the datagrams
// and streams as sent.
package loopback
