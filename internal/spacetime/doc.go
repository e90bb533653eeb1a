// Package spacetime draws space-time diagrams as SVG:
//
//	accuser   accused   helper
//	   │         │         │        time runs downwards; a shaded line is a
//	   ●────────▶│         │        member that can neither send nor read
//	   │         │         │
//	   ●─────────┼────────▶│        an arrow is a message; a dotted tail is
//	   │         │◀────────●        the time it was held back, a cross its loss
//
// Instants keep their order and their labels, not their distances: between two of
// them the axis grows with the logarithm of the time, so that a message's
// microseconds and a suspicion's minute fit one page. The same diagram gives the
// same bytes.
package spacetime
