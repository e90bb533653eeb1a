// Package trial is the seam between the lab and the worlds.
//
// The lab turns an experiment's definition into trials; a world runs one trial
// and answers with observations. Neither knows more of the other than what
// stands here:
//
//	definition ──lab──▶ Spec ──World.Run──▶ Observations ──lab──▶ statistics, claims, figures
//
// A Spec is data: the resolved parameters of one trial and its seed. The same
// Spec gives the same Observations, byte for byte, whatever else runs beside
// it, which is why its Key can name a cached result.
package trial
