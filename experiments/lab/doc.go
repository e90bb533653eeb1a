// Package lab turns experiment definitions into verdicts, figures and tables.
//
//	experiments/<paper>/<name>.yaml
//	      │ Discover    definition.go document.go validate.go dryrun.go   strict reading, errors with file:line: key
//	      ▼
//	Definition
//	      │ Plan        sweep.go profile.go override.go plan.go           axes multiply into cells, each with its key;
//	      │             units.go wording.go                               units are compared, worlds' errors put as YAML
//	      ▼
//	Plan  ── key = hash(parameters, datasets' checksums, code)            fingerprint.go
//	      │ Run         run.go store.go                                   missing trials only; one file a cell
//	      ▼
//	.repro/results/
//	      │ Load        results.go        or experiments/<paper>/recorded/ ◀── Record   recording.go record.go world.go
//	      ▼
//	Results ── sample.go statistic.go bootstrap.go ◀── expression.go functions.go value.go evaluation.go
//	      │ Evaluate    judge.go kind.go claim.go  figures.go figure_*.go  tables.go  values.go
//	      ▼
//	Outcome
//	      ├ Publish     artifacts.go lock.go readme.go   paper/figures, paper/tables, paper/claims.md, paper/values.*, paper/repro.lock, README.md
//	      ├ Verify      verify.go                        the same, compared instead of written
//	      ├ Site        report.go                        report/
//	      └ Why, Diff   why.go diff.go                   what would run and why; what moved between two locks
//
// A definition says what is asked of which system; a world (package trial) runs
// one trial of it; everything between and after is here. Nothing in this
// package knows a protocol.
//
// Worlds whose trials cannot be repeated run only when the user asks; what they
// observed is recorded beside the definition, and drawn from there.
//
// Three properties hold throughout. The same input gives the same bytes,
// whatever the number of workers. A result is computed once: its name is the
// hash of all that it depends on. And nothing is half-written: files are
// replaced at once, and results are appended in lines that carry a checksum.
package lab
