package datasets

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed manifest.yaml checksums/*.sha256
var published embed.FS

// Kind says how a set comes to this machine.
type Kind string

const (
	// KindSynthetic sets are computed; they are always here.
	KindSynthetic Kind = "synthetic"
	// KindFetched sets are downloaded from their origin and pinned by sha256.
	KindFetched Kind = "fetched"
	// KindImported sets are read from a file that the user has.
	KindImported Kind = "imported"
	// KindRecording sets were measured by whoever keeps the directory they lie in.
	KindRecording Kind = "recording"
)

// Format names the parser of a set's raw files.
type Format string

const (
	// FormatTable is one file of n lines with n numbers each.
	FormatTable Format = "table"
	// FormatFrames is one Table a slice of time; file names end in the slice's number.
	FormatFrames Format = "frames"
	// FormatWonderNetwork is one CSV file a city and a table of cities.
	FormatWonderNetwork Format = "wondernetwork"
	// Cloudping is a JSON tree of regions.
	FormatCloudping Format = "cloudping"
)

// Dataset is one entry of the manifest.
type Dataset struct {
	Name     string   `yaml:"name"`
	Title    string   `yaml:"title"`
	Kind     Kind     `yaml:"kind"`
	Origin   Origin   `yaml:"origin,omitempty"`
	Citation string   `yaml:"citation,omitempty"`
	Licence  string   `yaml:"licence"`
	Measured string   `yaml:"measured,omitempty"` // how and when
	Unit     Unit     `yaml:"unit"`               // of the raw files
	Quantity Quantity `yaml:"quantity"`           // of the raw files
	Format   Format   `yaml:"format"`             // of the raw files; none when synthetic
	Shape    Shape    `yaml:"shape"`
	// Missing lists numbers that stand for "not measured" off the diagonal.
	Missing []float64 `yaml:"missing,omitempty"`
	// SHA256 pins the raw files of a fetched set (it is the digest of its list
	// of checksums) or the content of a synthetic one (its Matrix.SHA256).
	SHA256 string `yaml:"sha256,omitempty"`
	// Traps are what has fooled people about this set.
	Traps []string `yaml:"traps,omitempty"`

	sums []fileSum // of the raw files, in the list's order; nil unless fetched
}

// Origin is where a set was published.
type Origin struct {
	Repository string `yaml:"repository,omitempty" json:"repository,omitempty"`
	Commit     string `yaml:"commit,omitempty" json:"commit,omitempty"`
	// URL is the address under which the files' remote paths are found.
	URL string `yaml:"url,omitempty" json:"url,omitempty"`
	// Page describes the set where no address gives its files.
	Page  string       `yaml:"page,omitempty" json:"page,omitempty"`
	Files []OriginPath `yaml:"files,omitempty" json:"files,omitempty"`
}

// OriginPath maps raw files to their paths at the origin. A * in Local stands
// for any text without a slash, and each * in Remote for the same text.
type OriginPath struct {
	Local  string `yaml:"local" json:"local"`
	Remote string `yaml:"remote" json:"remote"`
}

// Shape is the size of a set.
type Shape struct {
	Nodes  int `yaml:"nodes"`
	Frames int `yaml:"frames,omitempty"` // 0 when the set is one static matrix
	// Directed is true when both directions of a pair were measured.
	Directed bool `yaml:"directed"`
}

// UnmarshalYAML reads a unit by its name.
func (u *Unit) UnmarshalYAML(node *yaml.Node) (err error) {
	if *u, err = ParseUnit(node.Value); err != nil {
		return fmt.Errorf("line %d: unit: %w", node.Line, err)
	}
	return nil
}

// UnmarshalYAML reads a quantity by its name.
func (q *Quantity) UnmarshalYAML(node *yaml.Node) (err error) {
	if *q, err = ParseQuantity(node.Value); err != nil {
		return fmt.Errorf("line %d: quantity: %w", node.Line, err)
	}
	return nil
}

// MarshalYAML writes what [ParseUnit] reads.
func (u Unit) MarshalYAML() (any, error) { return u.String(), nil }

// MarshalYAML writes what [ParseQuantity] reads.
func (q Quantity) MarshalYAML() (any, error) { return q.String(), nil }

func (d Dataset) scale() scale {
	return scale{unit: d.Unit, quantity: d.Quantity, missing: d.Missing}
}

// Manifest returns the sets that swimlab knows, in the order of manifest.yaml.
func Manifest() ([]Dataset, error) { return manifest() }

var manifest = sync.OnceValues(func() ([]Dataset, error) {
	data, err := published.ReadFile("manifest.yaml")
	if err != nil {
		return nil, err
	}
	sets, err := decodeManifest("manifest.yaml", data)
	if err != nil {
		return nil, err
	}
	for i := range sets {
		if sets[i].Kind != KindFetched {
			continue
		}
		list := "checksums/" + sets[i].Name + ".sha256"
		text, err := published.ReadFile(list)
		if err != nil {
			return nil, err
		}
		if got := sha256Hex(text); got != sets[i].SHA256 {
			return nil, &ChecksumError{File: list, Got: got, Want: sets[i].SHA256}
		}
		if sets[i].sums, err = parseSums(list, text); err != nil {
			return nil, err
		}
	}
	return sets, nil
})

// decodeManifest reads a list of entries strictly: an unknown key, a value of
// another type and a missing or wrong value are errors that name file, line or
// entry, and key.
func decodeManifest(file string, data []byte) ([]Dataset, error) {
	var sets []Dataset
	if err := strictYAML(file, data, &sets); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, d := range sets {
		if err := d.check(file); err != nil {
			return nil, err
		}
		if seen[d.Name] {
			return nil, fmt.Errorf("%s: %s: name: stands twice; want each name once", file, d.Name)
		}
		seen[d.Name] = true
	}
	return sets, nil
}

var unknownField = regexp.MustCompile(`line (\d+): field (\S+) not found in type \S+`)

func strictYAML(file string, data []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	err := dec.Decode(into)
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s: is empty; want at least one dataset", file)
	case err != nil:
		text := err.Error()
		var typed *yaml.TypeError
		if errors.As(err, &typed) {
			text = typed.Errors[0]
		}
		text, _, _ = strings.Cut(strings.TrimPrefix(text, "yaml: "), "\n")
		text = unknownField.ReplaceAllString(text, "line $1: unknown key $2; want a key of datasets/README.md")
		if rest, ok := strings.CutPrefix(text, "line "); ok {
			return fmt.Errorf("%s:%s", file, rest)
		}
		return fmt.Errorf("%s: %s", file, text)
	}
	return nil
}

var (
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)
	hexForm  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// check refuses an entry that could not be used, naming its key.
func (d Dataset) check(file string) error {
	blame := func(key string, got any, want string) error {
		return fmt.Errorf("%s: %s: %s: %q is not valid; want %s", file, d.Name, key, fmt.Sprint(got), want)
	}
	switch {
	case !nameForm.MatchString(d.Name):
		return blame("name", d.Name, "lower-case letters, digits, - and _")
	case d.Title == "":
		return blame("title", d.Title, "one line that says what the set is")
	case d.Licence == "":
		return blame("licence", d.Licence, "a licence, or that none is stated")
	case d.Unit == 0:
		return blame("unit", d.Unit, "us, ms or s")
	case d.Quantity == 0:
		return blame("quantity", d.Quantity, "rtt or one_way")
	case d.Shape.Nodes < 2:
		return blame("shape.nodes", d.Shape.Nodes, "at least 2")
	case d.Shape.Frames < 0:
		return blame("shape.frames", d.Shape.Frames, "0 or more")
	case (d.Format == FormatFrames) != (d.Shape.Frames > 0):
		return blame("shape.frames", d.Shape.Frames, "the number of slices where format is frames, and none elsewhere")
	}
	switch d.Kind {
	case KindSynthetic:
		if d.Format != "" {
			return blame("format", d.Format, "none, for a set that is computed")
		}
	case KindFetched, KindImported, KindRecording:
		switch d.Format {
		case FormatTable, FormatFrames, FormatWonderNetwork, FormatCloudping:
		default:
			return blame("format", d.Format, "table, frames, wondernetwork or cloudping")
		}
	default:
		return blame("kind", d.Kind, "synthetic, fetched, imported or recording")
	}
	if d.Kind == KindFetched {
		if d.Origin.URL == "" {
			return blame("origin.url", d.Origin.URL, "the address of the raw files")
		}
		if len(d.Origin.Files) == 0 {
			return blame("origin.files", d.Origin.Files, "local and remote paths")
		}
	}
	if (d.Kind == KindFetched || d.Kind == KindSynthetic) && !hexForm.MatchString(d.SHA256) {
		return blame("sha256", d.SHA256, "64 hex digits")
	}
	return nil
}

// remote is the path at the origin of a raw file.
func (d Dataset) remote(local string) (string, error) {
	for _, p := range d.Origin.Files {
		before, after, star := strings.Cut(p.Local, "*")
		if !star {
			if p.Local == local {
				return p.Remote, nil
			}
			continue
		}
		if ok, _ := path.Match(p.Local, local); ok {
			text := strings.TrimSuffix(strings.TrimPrefix(local, before), after)
			return strings.ReplaceAll(p.Remote, "*", text), nil
		}
	}
	return "", fmt.Errorf("%s: origin.files: nothing matches %q; want a pattern that does", d.Name, local)
}
