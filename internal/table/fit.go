package table

import (
	"strings"
	"unicode"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// narrowest is what a column is narrowed to at most.
const narrowest = 6

// Fit narrows the widest columns of a framed table until its lines are no longer
// than width, or no column can give way. cells are the texts of all rows, the
// head among them; the result is each column's width.
func Fit(cells [][]string, width int) []int {
	if len(cells) == 0 {
		return nil
	}
	widths, words := measure(cells)
	total := framed(widths)
	// Between words first, then within them.
	for _, least := range []func(i int) int{
		func(i int) int { return max(words[i], narrowest) },
		func(int) int { return narrowest },
	} {
		for ; total > width; total-- {
			widest := -1
			for i, w := range widths {
				if w > least(i) && (widest < 0 || w > widths[widest]) {
					widest = i
				}
			}
			if widest < 0 {
				break
			}
			widths[widest]--
		}
	}
	return widths
}

// measure returns the longest line and the longest word of each column.
func measure(cells [][]string) (widths, words []int) {
	widths, words = make([]int, len(cells[0])), make([]int, len(cells[0]))
	for _, row := range cells {
		for i, c := range row {
			widths[i] = max(widths[i], text.LongestLineLen(c))
			for _, word := range strings.Fields(c) {
				words[i] = max(words[i], text.LongestLineLen(word))
			}
		}
	}
	return widths, words
}

// framed is the length of a line of columns in their frame, with a space on each
// side of a cell.
func framed(widths []int) int {
	total := 3*len(widths) + 1
	for _, w := range widths {
		total += w
	}
	return total
}

// texts are all cells as they are shown, the head among them.
func (t Table) texts() [][]string {
	cells := [][]string{make([]string, len(t.Columns))}
	for i, c := range t.Columns {
		cells[0][i] = c.Title()
	}
	for _, row := range t.Rows {
		texts := make([]string, len(row))
		for i, c := range row {
			texts[i] = c.shown
		}
		cells = append(cells, texts)
	}
	return cells
}

// Wrap breaks s into lines of a width: between words, within a long word after a
// sign such as the slash of a path, or where nothing else is left, anywhere. It
// is a go-pretty WidthEnforcer.
func Wrap(s string, width int) string {
	var out []string
	for _, line := range strings.Split(s, "\n") {
		var words []string
		for _, word := range strings.Split(line, " ") {
			words = append(words, strings.Join(pieces(word, width), "\n"))
		}
		// WrapSoft fills its lines up with blanks.
		for _, wrapped := range strings.Split(text.WrapSoft(strings.Join(words, " "), width), "\n") {
			out = append(out, strings.TrimRight(wrapped, " "))
		}
	}
	return strings.Join(out, "\n")
}

// pieces cuts a word that is longer than width. Escape sequences, which colour a
// word, have no length; such words stay whole.
func pieces(word string, width int) []string {
	runes := []rune(word)
	if len(runes) <= width || strings.ContainsRune(word, '\x1b') {
		return []string{word}
	}
	var cut []string
	for len(runes) > width {
		at := width
		for i := width; i > width/3; i-- {
			if before := runes[i-1]; !unicode.IsLetter(before) && !unicode.IsDigit(before) {
				at = i
				break
			}
		}
		cut, runes = append(cut, string(runes[:at])), runes[at:]
	}
	return append(cut, string(runes))
}

// TextIn is the table as Text has it, with its lines no longer than width as far
// as that goes; a width of 0 has no limit.
func (t Table) TextIn(width int) (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	return t.text(width), nil
}

// narrow sets the columns' widths.
func (t Table) narrow(w pretty.Writer, width int) {
	configs := t.configs()
	for i, width := range Fit(t.texts(), width) {
		configs[i].WidthMax, configs[i].WidthMaxEnforcer = width, Wrap
	}
	w.SetColumnConfigs(configs)
}
