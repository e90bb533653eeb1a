package notebook

import (
	"fmt"
	"strings"
)

// command is one GoNB line of a cell: "%args -n 3" has Name "args" and Args
// [-n 3]. The line that begins main, "%%" or "%main", has Name "main".
type command struct {
	Name string
	Args []string
	Line int // in the cell, from 1
}

// ignored are commands that prepare GoNB's own module or its editor help.
// Here a cell is built inside the module, where there is nothing to prepare.
var ignored = map[string]bool{"autoget": true, "noautoget": true, "goworkfix": true, "track": true, "untrack": true}

// understood are the commands that change what a cell's program is.
var understood = map[string]bool{"main": true, "args": true, "exec": true, "env": true, "rm": true, "reset": true}

// splitCommands separates a cell's Go from its commands. The Go keeps its
// line numbers: a command leaves an empty line behind, and the line that
// begins main leaves main's opening.
func splitCommands(cell string) (code []string, commands []command, err error) {
	code = strings.Split(cell, "\n")
	for i := 0; i < len(code); i++ {
		line := strings.TrimPrefix(code[i], "//gonb:")
		if strings.HasPrefix(line, "package ") {
			code[i] = "" // GoNB names the package itself
			continue
		}
		if line == "" || line[0] != '%' && line[0] != '!' {
			continue
		}
		first := i
		code[i] = ""
		for strings.HasSuffix(line, `\`) && i+1 < len(code) {
			i++
			line = strings.TrimSuffix(line, `\`) + " " + code[i]
			code[i] = ""
		}
		c, keep, err := parseCommand(line)
		if err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", first+1, err)
		}
		if !keep {
			continue
		}
		c.Line = first + 1
		commands = append(commands, c)
		switch c.Name {
		case "main":
			code[first] = "func main() { flag.Parse();"
			code = append(code, "}")
		case "exec":
			if len(c.Args) == 0 {
				return nil, nil, fmt.Errorf("line %d: %%exec names no function", first+1)
			}
			code[first] = "func main() { flag.Parse(); " + c.Args[0] + "() }"
		}
	}
	return code, commands, nil
}

func parseCommand(line string) (c command, keep bool, err error) {
	if line[0] == '!' {
		if strings.HasPrefix(line, "!*go ") {
			return c, false, nil // go mod edit, go get: about GoNB's own module
		}
		return c, false, fmt.Errorf("%q runs a shell, which a run without Jupyter does not", line)
	}
	fields := splitQuoted(line[1:])
	if len(fields) == 0 {
		return c, false, nil
	}
	name := fields[0]
	switch name {
	case "%":
		name = "main"
	case "remove":
		name = "rm"
	}
	switch {
	case ignored[name]:
		return c, false, nil
	case understood[name]:
		return command{Name: name, Args: fields[1:]}, true, nil
	}
	return c, false, fmt.Errorf("%%%s is not run without Jupyter; want one of %%%%, %%main, %%exec, %%args, %%env, %%rm, %%reset", name)
}

// splitQuoted splits at spaces outside double quotes; inside them a backslash
// quotes the next character.
func splitQuoted(s string) []string {
	var fields []string
	var field strings.Builder
	begun, quoted := false, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case !quoted && (c == ' ' || c == '\t'):
			if begun {
				fields = append(fields, field.String())
				field.Reset()
				begun = false
			}
			continue
		case c == '"':
			quoted = !quoted
			begun = true
			continue
		case quoted && c == '\\' && i+1 < len(s):
			i++
			c = s[i]
			switch c {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			}
		}
		field.WriteByte(c)
		begun = true
	}
	if begun {
		fields = append(fields, field.String())
	}
	return fields
}
