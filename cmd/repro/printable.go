package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// printable is text of strangers', without what could steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

// tagsOf lists tags in order.
func tagsOf(tags map[string]string) string {
	var parts []string
	for k, v := range tags {
		parts = append(parts, fmt.Sprintf("%s=%s", k, v))
	}
	slices.Sort(parts)
	return printable(strings.Join(parts, " "))
}
