// Package external runs trials in other people's implementations: any program
// that reads a trial's Spec and writes what it observed is a world.
//
// The two speak in lines of JSON over the program's standard input and output, a
// request and its answer:
//
//	→ {"check": {"world": "theirs", "system": {"protocol": "swim", …}, "measure": ["false_positives"], "seed": 1}}
//	← {}
//	→ {"run": {…}}
//	← {"observations": {"samples": {"false_positives": [3]}}}
//
// An answer may blame a key instead, {"error": {"key": "system.members", "message":
// "5000 is not valid", "want": "at most 4096"}}, where key and want may be left out.
// The sections are those of package trial's Spec. What the program writes to its
// standard error is shown when it fails. It ends when its input does.
//
// A program in Go has [Serve] for its half. [World] is the lab's.
package external
