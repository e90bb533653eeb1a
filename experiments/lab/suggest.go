package lab

import (
	"iter"
	"maps"
	"strings"
)

// Nearest returns the known name most like the given one, or "" when none is
// near enough to be what was meant.
func Nearest(name string, known []string) string {
	best, bestDistance := "", max(2, len(name)/3)+1
	for _, k := range known {
		distance := editDistance(name, k)
		if strings.HasSuffix(k, "/"+name) { // "fig3a" means "swim2002/fig3a"
			distance = 0
		}
		if distance < bestDistance {
			best, bestDistance = k, distance
		}
	}
	return best
}

func didYouMean(name string, known []string) string {
	if near := Nearest(name, known); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// editDistance is Levenshtein's: insertions, deletions and substitutions.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			substitute := diagonal
			if a[i-1] != b[j-1] {
				substitute++
			}
			diagonal = row[j]
			row[j] = min(substitute, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
