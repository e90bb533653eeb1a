package lab

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// Nearest returns the known name most like the given one, or "" when none is
// near enough to be what was meant.
func Nearest(name string, known []string) string {
	best, bestDistance := "", max(2, len(name)/3)+1
	for _, k := range known {
		distance := editDistance(name, k)
		if 2*distance > max(len(name), len(k)) { // no more than two words of one length have in common by chance
			distance = bestDistance
		}
		if len(name) > 2 && strings.HasPrefix(k, name) { // "rob" means "robin"
			distance = min(distance, 2)
		}
		if hasWords(k, name) { // "median_error" means "median_relative_error"
			distance = min(distance, 2)
		}
		if strings.HasSuffix(k, "/"+name) { // "fig3a" means "swim2002/fig3a"
			distance = 0
		}
		if distance < bestDistance {
			best, bestDistance = k, distance
		}
	}
	return best
}

// hasWords says that a name has all words of another, which has more than one.
func hasWords(name, wanted string) bool {
	have, words := strings.Split(name, "_"), strings.Split(wanted, "_")
	return len(words) > 1 && !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(have, word) })
}

func didYouMean(name string, known []string) string {
	if near := Nearest(name, known); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// editDistance counts insertions, deletions, substitutions and swaps of two
// letters side by side (Damerau's; no letter is edited twice).
func editDistance(a, b string) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			substitute := row[j-1]
			if a[i-1] != b[j-1] {
				substitute++
			}
			next[j] = min(substitute, row[j]+1, next[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}

// foreignWords are what other tools call a function of the expressions.
var foreignWords = map[string]string{
	"avg": "mean", "average": "mean", "std": "sd", "stddev": "sd", "stdev": "sd", "deviation": "sd",
	"percentile": "quantile", "p99": "quantile", "p95": "quantile", "p90": "quantile", "p50": "median",
	"len": "count", "size": "count", "n": "count", "share": "fraction", "ratio": "fraction", "filter": "where",
	"group": "by", "groupby": "by", "group_by": "by", "ln": "log", "pow": "**", "total": "sum", "trend": "slope",
}

// meantFunction suggests a function of the expressions.
func meantFunction(name string) string {
	if word, known := foreignWords[name]; known {
		return " (did you mean " + word + "?)"
	}
	return didYouMean(name, functionNames())
}

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
