// Package report writes the laboratory's report: a folder of plain files that
// any browser reads from disk, with no server and no network.
//
//	report/
//	   index.html              what was asked, counts of verdicts, every experiment, every claim
//	   swim2002/fig3a.html     one page an experiment: question, method, figures, tables, claims
//	   swim2002/fig3a/…        its figures (svg, pdf, csv) and tables (txt, md, csv, html, tex, typ)
//	   style.css  charts.js
//	   assets/echarts.min.js   the chart script, if it was brought
//
// Each page shows its figures as SVG images. Where the chart script loads, from
// the assets folder or from the network, interactive charts take their place;
// where it does not, the images stay and nothing else changes.
//
// A report is built beside its folder and then takes the folder's place, so
// that a reader finds either the old report or the new one, whole.
package report
