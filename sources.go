// Package swimlab carries the source code that trials run, so that the repro
// command knows the fingerprint of the very code it was built from. The
// packages below it do the work; README.md has the map.
package swimlab

import "embed"

// Sources holds go.mod and the Go files of every package of this module that
// can influence what a trial observes: the protocols, the worlds, the loaders
// of their data. A package that these import must be listed too.
//
//go:embed go.mod
//go:embed swim/*.go swim/live/wire/*.go lifeguard/*.go vivaldi/*.go
//go:embed datasets/*.go
//go:embed experiments/trial/*.go experiments/sim/*.go experiments/sim/*/*.go
var Sources embed.FS
