// Package live serves the laboratory's live pages: the report, coordinates that
// find their places, and a group of members at work.
//
//	browser ──GET──▶ guard: loopback names only, GET only, nothing from outside
//	                   ├─ /                     pages, scripts and styles, built in
//	                   ├─ /report/              the report's folder
//	                   ├─ /source/              the code the pages speak of
//	                   ├─ /api/catalogue        what there is to choose from, JSON
//	                   └─ /api/film/<kind>?…    a recording; see package film for its form
//
// All that a page shows stands in its address: what its film is of (a trial of a
// definition by its experiment, cell and seed, or the reader's own choices), and
// how it is looked at (the instant, a chosen node, how the picture is turned).
//
// The pages need nothing that is not built in: no other host is ever asked, and
// the browser is told to refuse any attempt. What is drawn, and how, is in
// web/js, one module a concept; there is no build step.
package live
