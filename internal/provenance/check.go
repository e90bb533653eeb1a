package provenance

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var wellFormedID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$`)

// CheckID says whether id can name a figure, a table or a page: it becomes part
// of file names and of addresses.
func CheckID(id string) error {
	if !wellFormedID.MatchString(id) || strings.Contains(id, "..") {
		return fmt.Errorf(`id %q is not valid; want lower-case letters, digits, "-", "_" and ".", parted by "/", such as "swim2002/fig3a"`, id)
	}
	return nil
}

// CheckLine refuses text that would leave its line, steer a terminal or be no
// XML.
func CheckLine(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("is not valid UTF-8")
	}
	if strings.IndexFunc(s, unicode.IsControl) >= 0 {
		return errors.New("has a control character; want one line of plain text")
	}
	return nil
}

// OneLine folds a paragraph into one line.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
