package lab

import (
	"fmt"
	"strings"
)

// validateNumbers checks values and claims, which share one space of ids in the
// paper.
func (d *Definition) validateNumbers() error {
	ids := owners{}
	if err := d.validateValues(ids); err != nil {
		return err
	}
	return d.validateClaims(ids)
}

func (d *Definition) validateValues(ids owners) error {
	for i, v := range d.Values {
		key := fmt.Sprintf("values.%d.", i)
		if err := d.ownName(ids, key+"id", v.ID); err != nil {
			return err
		}
		if err := d.digitsFit(key+"digits", v.Digits); err != nil {
			return err
		}
		if err := d.tryNumbers(v.Value); err != nil {
			return d.doc.blame(key+"value", "%v", err)
		}
	}
	return nil
}

func (d *Definition) validateClaims(ids owners) error {
	for i, c := range d.Claims {
		at := func(key string) string { return fmt.Sprintf("claims.%d.%s", i, key) }
		if err := d.ownName(ids, at("id"), c.ID); err != nil {
			return err
		}
		if err := d.digitsFit(at("digits"), c.Digits); err != nil {
			return err
		}
		switch {
		case c.Statement == "":
			return d.doc.blame(at("statement"), "missing; want what the source claims")
		case c.Location == "":
			return d.doc.blame(at("location"), "missing; want the place in the source, such as section 5, figure 3(a)")
		case c.Known == "":
			return d.doc.blame(at("known"), "missing; want one of %s", strings.Join(knowledge, ", "))
		case c.Measured == "":
			return d.doc.blame(at("measured"), "missing; want an expression")
		}
		if err := d.oneOf(at("known"), c.Known, knowledge...); err != nil {
			return err
		}
		if key, err := d.checkKind(c); err != nil {
			return d.doc.blame(at(key), "%v", err)
		}
		if key, err := d.tryClaim(c); err != nil {
			return d.doc.blame(at(key), "%v", err)
		}
	}
	return nil
}

// owners says which key has an id or name.
type owners map[string]string

// ownName blames an id or name that is none, or that another key has already.
func (d *Definition) ownName(taken owners, key, name string) error {
	switch by, is := taken[name]; {
	case name == "":
		return d.doc.blame(key, "missing; want lower-case words, such as mean-of-six")
	case !isID(name):
		return d.doc.blame(key, "%q is not valid; want lower-case words, such as mean-of-six, and not trials", name)
	case is:
		n, _ := d.doc.find(by)
		return d.doc.blame(key, "%q is not valid: %s on line %d has it; want another", name, by, n.Line)
	}
	taken[name] = key
	return nil
}

// digitsFit blames a number of decimals that no number can be printed with.
func (d *Definition) digitsFit(key string, digits *int) error {
	if digits != nil && (*digits < 0 || *digits > 12) {
		return d.doc.blame(key, "%d is not valid; want 0 to 12 decimals", *digits)
	}
	return nil
}
