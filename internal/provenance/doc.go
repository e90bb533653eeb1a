// Package provenance says where a figure or a table comes from.
//
// Whatever leaves the laboratory carries one [Record]: in the small print of a
// drawing, in the comment lines of a CSV, on the page of the report. The
// record holds nothing that changes when the same results are drawn again, so
// the same results give the same bytes.
package provenance
