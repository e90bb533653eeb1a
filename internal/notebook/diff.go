package notebook

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Diff says where two runs of one notebook first show different things, or
// "" when they show the same.
func Diff(recorded, produced *Notebook) string {
	number := 0
	for i, was := range recorded.Cells {
		if was.Kind != "code" {
			continue
		}
		number++
		now := produced.Cells[i]
		where := fmt.Sprintf("cell %d (id %s)", number, was.ID)
		if was.Count != now.Count {
			return fmt.Sprintf("%s: execution count %d recorded, %d now", where, was.Count, now.Count)
		}
		for k := range max(len(was.Outputs), len(now.Outputs)) {
			switch {
			case k >= len(now.Outputs):
				return fmt.Sprintf("%s: output %d (%s) recorded, none now", where, k+1, was.Outputs[k].Kind)
			case k >= len(was.Outputs):
				return fmt.Sprintf("%s: output %d (%s) not recorded", where, k+1, now.Outputs[k].Kind)
			}
			if d := diffText(was.Outputs[k].flat(), now.Outputs[k].flat()); d != "" {
				return fmt.Sprintf("%s: output %d: %s", where, k+1, d)
			}
		}
	}
	return ""
}

// flat is everything an output says as one text.
func (o Output) flat() string {
	var b strings.Builder
	fmt.Fprintln(&b, o.Kind, o.Name)
	b.WriteString(o.Text)
	for _, media := range slices.Sorted(maps.Keys(o.Data)) {
		fmt.Fprintf(&b, "%s\n%s\n", media, o.Data[media])
	}
	if o.Kind == "error" {
		fmt.Fprintf(&b, "%s: %s\n%s\n", o.ErrorName, o.ErrorValue, strings.Join(o.Traceback, "\n"))
	}
	return b.String()
}

func diffText(was, now string) string {
	if was == now {
		return ""
	}
	a, b := strings.Split(was, "\n"), strings.Split(now, "\n")
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(b):
			return fmt.Sprintf("%q recorded, nothing now", short(a[i]))
		case i >= len(a):
			return fmt.Sprintf("nothing recorded, %q now", short(b[i]))
		case a[i] != b[i]:
			return fmt.Sprintf("%q recorded, %q now", short(a[i]), short(b[i]))
		}
	}
	return ""
}

func short(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:77]) + "..."
	}
	return s
}
