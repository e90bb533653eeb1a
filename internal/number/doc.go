// Package number writes numbers for people and for files, always the same way.
//
// Files get [Exact], the shortest text that reads back as the same number;
// pages and legends get [Rounded], a fixed count of significant digits.
package number
