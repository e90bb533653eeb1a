package lab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Definition is one experiment as its YAML file tells it. The format, key by
// key, stands in experiments/README.md.
type Definition struct {
	ID       string `key:"id"`
	Version  int    `key:"version"`
	Title    string `key:"title"`
	Source   Source `key:"source"`
	Question string `key:"question"`
	Method   string `key:"method"`

	Worlds  []string       `key:"worlds"`
	System  map[string]any `key:"system"`
	Network map[string]any `key:"network"`
	Faults  []any          `key:"faults"`
	Run     map[string]any `key:"run"`

	Sweep    map[string]any           `key:"sweep"`
	Trials   map[string]int           `key:"trials"`
	Profiles map[string]ProfileChange `key:"profiles"`
	Measure  []string                 `key:"measure"`

	Figures  []FigureSpec  `key:"figures"`
	Pictures []PictureSpec `key:"pictures"`
	Tables   []TableSpec   `key:"tables"`
	Values   []ValueSpec   `key:"values"`
	Claims   []ClaimSpec   `key:"claims"`

	doc    *document
	axes   []Axis
	old    bool            // superseded: found as <name>.v<version>.yaml
	curves map[string]bool // measures that are curves, as the worlds say
	made   *Results        // see rehearsal
}

// Source is the place in the literature that the experiment repeats.
type Source struct {
	Paper   string `key:"paper"`
	Figure  string `key:"figure"`
	Table   string `key:"table"`
	Section string `key:"section"`
}

// numbered are the sections that are called so: "3.1", "IV-A"; others have a name of
// their own: "abstract", "state.go".
var numbered = regexp.MustCompile(`^([0-9]|[IVX]+\b)`)

// String names the place as a reader would: "swim2002, figure 3(a)".
func (s Source) String() string {
	place := s.Paper
	for _, part := range []struct{ kind, value string }{{"figure", s.Figure}, {"table", s.Table}, {"section", s.Section}} {
		switch {
		case part.value == "":
		case part.kind == "section" && !numbered.MatchString(part.value):
			place += ", " + part.value
		default:
			place += ", " + part.kind + " " + part.value
		}
	}
	return place
}

// ProfileChange is what one profile does differently from the definition.
type ProfileChange struct {
	// Sweep replaces the values of axes; of a bundle axis it names those kept.
	Sweep map[string]any `key:"sweep"`
	// Set gives parameters by their dotted path: run.rounds.
	Set map[string]any `key:"set"`
}

// FigureSpec asks for one figure, or one for each value of Facet.
type FigureSpec struct {
	Name      string         `key:"name"`
	Title     string         `key:"title"`
	Caption   string         `key:"caption"`
	Kind      string         `key:"kind"` // "xy" (default), "curve", "cdf", "histogram", "map"
	X         string         `key:"x"`    // the sweep axis of an xy figure
	Y         []Line         `key:"y"`
	Series    []string       `key:"series"`
	Facet     string         `key:"facet"`
	Where     map[string]any `key:"where"`
	Statistic string         `key:"statistic"`
	Show      []string       `key:"show"`
	Band      []float64      `key:"band"`
	Bins      int            `key:"bins"`
	Labels    []string       `key:"labels"` // of a map: the places whose names are written
	// Levels says by axis how its plain values are written in legends, titles and
	// panels, with {} for the value: {ping_req_members: "k = {}"}.
	Levels    map[string]string `key:"levels"`
	XAxis     AxisSpec          `key:"x_axis"`
	YAxis     AxisSpec          `key:"y_axis"`
	Reference []ReferenceSpec   `key:"reference"`
	Published []PublishedSpec   `key:"published"`
}

// Line is one measured line of a figure. A bare string is its Value.
type Line struct {
	Label string `key:"label"`
	Value string `key:"value"` // a measure, or in xy figures any measured expression
	Style string `key:"style"`
}

// AxisSpec labels and scales an axis of a figure.
type AxisSpec struct {
	Label string   `key:"label"`
	Unit  string   `key:"unit"`
	Scale string   `key:"scale"` // "linear" (default) or "log"
	Min   *float64 `key:"min"`
	Max   *float64 `key:"max"`
}

// ReferenceSpec draws a closed form: Y is an expression in x.
type ReferenceSpec struct {
	Label string `key:"label"`
	Y     string `key:"y"`
	Style string `key:"style"`
	Draw  string `key:"draw"` // "line" (default), "step" or "points"
	For   string `key:"for"`  // an axis: one curve for each of its values
}

// PublishedSpec draws points from the literature: [x, y] or [x, y, low, high].
type PublishedSpec struct {
	Label  string         `key:"label"`
	Known  string         `key:"known"`
	Source string         `key:"source"`
	Points [][]float64    `key:"points"`
	Style  string         `key:"style"`
	Draw   string         `key:"draw"` // "points" (default), "line" or "step"
	Where  map[string]any `key:"where"`
}

// TableSpec asks for one table: a row for each combination of the Rows axes.
type TableSpec struct {
	Name    string         `key:"name"`
	Title   string         `key:"title"`
	Caption string         `key:"caption"`
	Rows    []string       `key:"rows"`
	Where   map[string]any `key:"where"`
	Columns []ColumnSpec   `key:"columns"`
	Notes   []string       `key:"notes"`
}

// ColumnSpec is one column: measured (Value) or from the literature (Published:
// lists that hold the row's axis values and then the number).
type ColumnSpec struct {
	Label     string  `key:"label"`
	Unit      string  `key:"unit"`
	Value     string  `key:"value"`
	Digits    *int    `key:"digits"`
	Interval  bool    `key:"interval"`
	Published [][]any `key:"published"`
	Known     string  `key:"known"`
}

// ValueSpec is a number for the paper's prose.
type ValueSpec struct {
	ID     string `key:"id"`
	Value  string `key:"value"`
	Unit   string `key:"unit"`
	Digits *int   `key:"digits"`
}

// ClaimSpec is one statement of the literature and how it is judged.
type ClaimSpec struct {
	ID        string    `key:"id"`
	Statement string    `key:"statement"`
	Location  string    `key:"location"`
	Published Published `key:"published"`
	Known     string    `key:"known"`
	Expect    string    `key:"expect"` // an expression to judge against instead of Published
	Measured  string    `key:"measured"`
	Kind      string    `key:"kind"`
	Tolerance Tolerance `key:"tolerance"`
	Trend     string    `key:"trend"` // of kind trend: "none", "rising", "falling"
	Order     string    `key:"order"` // of kind order over a list: "rising", "falling"
	Share     Tolerance `key:"share"` // of kind order: the share of seeds that must show it
	Unit      string    `key:"unit"`
	Digits    *int      `key:"digits"`
	// Finding says why the claim does not come out, where that is known. It is
	// shown only with a verdict of not_reproduced.
	Finding string `key:"finding"`
}

// File is the definition's path relative to the repository's root.
func (d *Definition) File() string { return d.doc.file }

// Text is the definition as written.
func (d *Definition) Text() string { return string(d.doc.text) }

// Superseded says that a newer version of the definition exists.
func (d *Definition) Superseded() bool { return d.old }

// Address is how a definition is asked for: its id, with "@version" when a
// newer version exists.
func (d *Definition) Address() string {
	if d.old {
		return fmt.Sprintf("%s@%d", d.ID, d.Version)
	}
	return d.ID
}

// readDefinition reads and checks one definition by itself; what it asks of a
// world is checked in [Lab.Plan].
func readDefinition(root, file string, curves map[string]bool) (*Definition, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return nil, &FileError{File: file, Err: errors.Unwrap(err)}
	}
	return parseDefinition(file, text, curves)
}

func parseDefinition(file string, text []byte, curves map[string]bool) (*Definition, error) {
	doc, err := parseDocument(file, text)
	if err != nil {
		return nil, err
	}
	d := &Definition{doc: doc, curves: curves}
	if err := doc.checkKeys(reflect.TypeFor[Definition]()); err != nil {
		return nil, err
	}
	v := viper.NewWithOptions(viper.KeyDelimiter("::"))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(text)); err != nil {
		return nil, &FileError{File: file, Err: err}
	}
	if err := v.UnmarshalExact(d, strictly); err != nil {
		return nil, doc.wrap(decodeError(err))
	}
	if d.axes, err = d.readSweep(); err != nil {
		return nil, err
	}
	return d, d.validate()
}

// strictly makes viper's decoder refuse what it would otherwise bend: no
// conversion of numbers to text or back, names exactly as tagged.
func strictly(c *mapstructure.DecoderConfig) {
	c.TagName = "key"
	c.WeaklyTypedInput = false
	c.MatchName = func(key, field string) bool { return key == field }
	c.DecodeHook = mapstructure.DecodeHookFuncType(decodeHook)
}

// decodeHook is what makes short forms short: one item for a list of one, a
// bare string for a line, a bare number where a name is wanted (figure: 2).
func decodeHook(from, to reflect.Type, value any) (any, error) {
	if reflect.PointerTo(to).Implements(reflect.TypeFor[trial.Unmarshaler]()) && from != to {
		p := reflect.New(to)
		if err := p.Interface().(trial.Unmarshaler).UnmarshalKey(value); err != nil {
			return nil, err
		}
		return p.Elem().Interface(), nil
	}
	switch {
	case to.Kind() == reflect.Slice && from.Kind() != reflect.Slice:
		return []any{value}, nil
	case to == reflect.TypeFor[Line]() && from.Kind() == reflect.String:
		return Line{Value: value.(string)}, nil
	case to.Kind() == reflect.String && (from.Kind() == reflect.Int || from.Kind() == reflect.Float64):
		text, _ := scalarText(value)
		return text, nil
	case to.Kind() == reflect.Float64 && from.Kind() == reflect.Int:
		return float64(value.(int)), nil
	case to.Kind() == reflect.Int && from.Kind() == reflect.Float64:
		return nil, fmt.Errorf("%v is not valid; want a whole number", value) // and not its whole part
	}
	return value, nil
}

// decodeError names the key that the decoder blames.
func decodeError(err error) error {
	var key *mapstructure.DecodeError
	if !errors.As(err, &key) {
		return err
	}
	name := strings.Trim(strings.NewReplacer("[", ".", "]", "").Replace(key.Name()), ".")
	cause := key.Unwrap()
	var inner *mapstructure.UnconvertibleTypeError
	if errors.As(cause, &inner) {
		return &trial.KeyError{Key: name, Got: inner.Value, Want: typeInWords(inner.Expected.Type().Kind().String())}
	}
	message, _, _ := strings.Cut(cause.Error(), "\n")
	return &trial.KeyError{Key: name, Err: errors.New(message)}
}
