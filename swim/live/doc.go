// Package live is the SWIM core among real members: over UDP and TCP, in real time,
// in memberlist's protocol, so that agents of Serf, Consul and Alertmanager take it
// for one of theirs. It is the same [swim.Node], with the same Lifeguard and
// Vivaldi, that the simulator runs.
//
//	           ┌──────────────────────────── Member ────────────────────────────┐
//	datagrams  │ receive.go     guard.go        ┌───────────┐         send.go   │ datagrams
//	──────────▶│ read ─▶ wire ─▶ who is it? ───▶│ swim.Node │─▶ wire ─▶ faults ─│──────────▶
//	           │           what may it have?    │ lifeguard │                   │
//	streams    │ stream.go   directory.go       │ vivaldi   │─▶ stream.go       │ streams
//	◀─────────▶│ ping, lists   names, addresses └───────────┘   join.go         │◀─────────▶
//	           │                                  ▲       │ events              │
//	           │ member.go    one timer ──────────┘       ▼                     │
//	           │                   event.go  metrics.go  discover.go            │
//	           └────────────────────────────────────────────────────────────────┘
//
// # Use
//
// Begin with a profile, [LAN], [WAN] or [Local], which is a [Config] to be changed
// at will; [Start] the member and [Member.Join] the others. [Member.Subscribe]
// delivers what happens, [Member.Find] finds members by tags, health and nearness,
// [Member.Ask] asks them something, [Member.WriteMetrics] is for Prometheus. [Member.Leave] says goodbye,
// [Member.Shutdown] ends.
//
// The [Family] must be that of the group: its members refuse one that speaks other
// versions, and one that they did not refuse would spoil their exchange of lists.
//
// # Among Serf's agents
//
// In the families of Serf and Consul a member does what Serf expects of each: it acks
// queries (serf reachability), answers those of users by [Config.Queries], says who has a
// name that two claim, changes its keys when all do (serf keys), sends answers on for
// others, and passes events and queries on, each once. [Member.Ask] asks queries of its
// own, with filters, acks and relays. It is tested among Serf's agents, over IPv4 and IPv6, plain and encrypted, among Consul's,
// plain and encrypted, and among Alertmanagers.
//
// # Among Consul's agents
//
// A member of Consul's LAN pool need not have tags: it is then a member like others,
// probed, listed by consul members as of unknown type, and not in the catalog. With a
// client's tags (role=node, dc, id, vsn, vsn_min, vsn_max, build) the catalog has it, and
// its check serfHealth follows the detector's verdicts; when it leaves it is struck off.
// consul keyring changes its keys, and consul event reaches it, with "consul:event:"
// before the event's name. consul rtt does not know it: agents tell the servers their
// coordinates by RPC, which is not spoken here.
//
// Consul's agents ignore whoever has a client's tags with another data centre's name,
// until that is put right. They do not say so: [Member.Join] succeeds, they answer pings,
// and only their lists, or their logs, show that they do not know the member. It finds out
// by their lists, after one or two exchanges of them ([Unlisted]). The agent
// whose id a member has ignores it, too; the others take it in, and that agent cannot
// join any more while it is there. The tag role=consul is for servers: the leader makes whoever has
// it a peer in Raft.
//
// # What it takes
//
// A member has two goroutines and a timer however large its group is, and one
// goroutine for each stream while that lasts. Whoever holds the lock gives the core
// one input; nothing that may wait is done under it.
//
// What costs is to be woken, several times as much as what is then done. A member of a
// quiet group is woken three times in a protocol period, for its probe, for the
// ack, and for another's ping, and not for rounds of gossip that have nothing to
// send ([swim.Node.Rest]) nor for time-outs of probes that were acked. It then
// allocates nothing, but for exchanges of lists.
//
// A peer is a row of 80 bytes, its name and metadata in one piece beside it, and a
// place of 4 bytes in a table by names. A member's own memory is some 4 kB for itself,
// 8 for its stacks, and a buffer for one datagram of usual size. What a burst of news
// takes is given back within ten seconds of its end.
//
// # What it makes of itself
//
// A member that is woken late has not been reading either, and what would clear the
// others may lie unread: it reads first, and doubts its own health ([Lateness]).
//
// # Strangers
//
// In a group without keys anybody may say anything. What a stranger can have a
// member do is bounded ([Limits]): how many names it keeps, how large what it reads
// may be and become, how many streams it serves and for how long they may be
// silent, how many pings it answers and passes on. It sends nothing to an address
// that merely stands in a packet: indirect pings are for and to members only, where
// the list has them, and a stranger's ping is answered at the machine that it came
// from. The same goes for answers to queries and for what is relayed. Whoever a stranger
// says is a member is written to as one, until the probes of it have failed.
// Accusations count as independent only by members. What is refused is counted, by why.
//
// What no bound helps against: an accusation with the highest incarnation cannot be
// refuted, and names of nobody, sixty of them, make a small group's detector eight
// times as slow until they are found out, since each failed probe of them makes a
// member doubt itself. memberlist is open to both. Keys are the remedy. That a target has
// never acked is no excuse for the failed probe, here as in memberlist: a member that is
// slow from its start has no other targets, and would never doubt itself.
//
// # Where memberlist is not followed
//
//   - A row of a list with versions that are not understood is passed over by
//     itself; memberlist refuses the whole list, so that one odd member stops
//     every exchange of its group.
//   - Datagrams bear no checksum of their own beside UDP's.
//   - Whose suspicion is found in a list is said to be nobody's, an empty From,
//     unless [swim.Config].LaunderSuspicions is set.
//   - Nacks are sent at 80 % of the ping time-out.
//   - The ack to a ping that tells of a suspicion bears its refutation, and such a
//     ping other news, too ([swim.Config].AnswerFirst and LoneSuspicion are off).
//   - Queries are answered, and answers relayed, to members alone, at the address that
//     the list has; Serf writes to any that a packet names. So one that has not been
//     heard of yet gets no answer, and an answer goes on through 5 others at the most.
//   - A tag's expression in a query must be of moderate size.
//   - Keys are not told or changed while plain packets are accepted or sent.
//   - A logical time far ahead of one's own is a forgery; an intent that there is no
//     room to pass on is not taken in.
//   - Serf's past events, which come with a list, are not looked at.
//   - Who has gone is remembered for a day and not for half a minute, so that stale
//     news does not bring it back.
//   - Who was declared faulty may come back at another address after half a minute,
//     as in Consul; memberlist's default is never.
//
// # Tests
//
// [Network] is a network in memory. Under testing/synctest whole groups run in
// virtual time; the tests of this package do.
package live
