package lab

import (
	"fmt"
	"slices"
	"strings"
)

func (d *Definition) validateTables() error {
	names := owners{}
	for i, t := range d.Tables {
		at := func(key string) string { return fmt.Sprintf("tables.%d.%s", i, key) }
		if err := d.ownName(names, at("name"), t.Name); err != nil {
			return err
		}
		if len(t.Columns) == 0 {
			return d.doc.blame(at("columns"), "missing; want at least one")
		}
		for _, name := range t.Rows {
			if err := d.needAxis(at("rows"), name); err != nil {
				return err
			}
		}
		if err := d.needFilter(at("where"), t.Where); err != nil {
			return err
		}
		for k, c := range t.Columns {
			key := at(fmt.Sprintf("columns.%d.", k))
			switch {
			case c.Label == "":
				return d.doc.blame(key+"label", "missing; want the column's head")
			case (c.Value == "") == (c.Published == nil):
				return d.doc.blame(key+"value", "want either value or published")
			case c.Published != nil && c.Known == "":
				return d.doc.blame(key+"known", "missing; want one of %s", strings.Join(knowledge, ", "))
			}
			if err := d.oneOf(key+"known", c.Known, knowledge...); err != nil {
				return err
			}
			if err := d.digitsFit(key+"digits", c.Digits); err != nil {
				return err
			}
			for n, row := range c.Published {
				if err := d.validateRow(t, row); err != nil {
					return d.doc.blame(fmt.Sprintf("%spublished.%d", key, n), "%v", err)
				}
			}
			if c.Value != "" {
				if err := d.tryColumn(t, c); err != nil {
					return d.doc.blame(key+"value", "%v", err)
				}
			}
		}
	}
	return nil
}

// validateRow checks one published row of a table: a level of each axis, then a
// number.
func (d *Definition) validateRow(t TableSpec, row []any) error {
	if len(row) != len(t.Rows)+1 {
		text, _ := inYAML(row)
		return fmt.Errorf("%s is not valid; want %d levels, of %s, and a number", text, len(t.Rows), strings.Join(t.Rows, ", "))
	}
	for i, name := range t.Rows {
		at := slices.IndexFunc(d.axes, func(a Axis) bool { return a.Name == name })
		level, _ := scalarText(row[i])
		if known := d.levelNames(d.axes[at]); !slices.Contains(known, level) {
			return fmt.Errorf("%s has no level %v%s; want one of %s", name, row[i], didYouMean(level, known), strings.Join(known, ", "))
		}
	}
	switch v := row[len(t.Rows)].(type) {
	case int, float64:
		return nil
	default:
		return fmt.Errorf("%v is not valid; want a number", v)
	}
}

// levelNames lists an axis's levels in any profile.
func (d *Definition) levelNames(axis Axis) []string {
	names := axis.names()
	for _, a := range d.axes {
		if a.Name == axis.Name {
			names = append(names, a.names()...)
		}
	}
	for _, profile := range Profiles {
		p := &Plan{Definition: d, Profile: profile, Axes: slices.Clone(d.axes)}
		if p.applyProfile(d.Profiles[string(profile)]) != nil {
			continue
		}
		for _, a := range p.Axes {
			if a.Name == axis.Name {
				names = append(names, a.names()...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
