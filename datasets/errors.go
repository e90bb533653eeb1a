package datasets

import (
	"fmt"
	"strings"
)

// ParseError blames one place of a raw file.
type ParseError struct {
	File  string
	Line  int    // from 1; 0 when the file as a whole is to blame
	Where string // the place in the line ("field 4") or in the tree ("data.eu-west-1"); may be empty
	Got   string
	Want  string
}

func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": ")
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	fmt.Fprintf(&b, "%s; want %s", e.Got, e.Want)
	return b.String()
}

// ChecksumError says that a raw file is not the one that was published.
type ChecksumError struct {
	File      string
	Got, Want string // sha256, hex
}

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("%s: sha256 is %s; want %s (the file was changed or cut; remove it and get it again)", e.File, e.Got, e.Want)
}

// MissingError says that a known set is not on this machine, and how to get it.
type MissingError struct {
	Name   string
	Reason string // where it was looked for, and what was wrong there
	How    string // the command that brings it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("dataset %s is not here (%s); get it with: %s", e.Name, e.Reason, e.How)
}

// UnknownError says that no set has this name.
type UnknownError struct {
	Name  string
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no dataset is called %q; want one of %s", e.Name, strings.Join(e.Known, ", "))
}
