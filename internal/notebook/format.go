package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Notebook is a document in nbformat 4.5, the version that gives each cell an id.
// Field order is alphabetical by key, as Jupyter writes it.
type Notebook struct {
	Cells    []Cell         `json:"cells"`
	Metadata map[string]any `json:"metadata"`
	Format   int            `json:"nbformat"`
	Minor    int            `json:"nbformat_minor"`
}

// Cell is one cell: prose when Kind is "markdown" or "raw", Go when it is "code".
type Cell struct {
	Kind     string
	ID       string
	Metadata map[string]any
	Source   string
	// Count is the execution count of a code cell, 0 before it ran.
	Count   int
	Outputs []Output
}

// Output is what a cell showed. Kind says which of the other fields matter.
type Output struct {
	Kind string // "stream", "display_data", "execute_result" or "error"

	Name string // of a stream: "stdout" or "stderr"
	Text string // of a stream

	Data     map[string]string // of a display: media type to content
	Metadata map[string]any    // of a display
	Count    int               // of an execute_result

	ErrorName  string   // of an error
	ErrorValue string   // of an error
	Traceback  []string // of an error
}

// cellID is nbformat's rule for ids, JSON schema 4.5, definitions/cell_id.
var cellID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// Read reads and checks a notebook. Its error names the file, the cell and
// what would have been right.
func Read(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var n Notebook
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&n); err != nil {
		return nil, fmt.Errorf("%s: not a notebook: %w", path, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: not a notebook: something follows the end of the document", path)
	}
	if err := n.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &n, nil
}

func (n *Notebook) check() error {
	if n.Format != 4 || n.Minor < 5 {
		return fmt.Errorf("nbformat %d.%d; want 4.5 or later, which gives cells ids", n.Format, n.Minor)
	}
	seen := map[string]int{}
	for i, c := range n.Cells {
		if !cellID.MatchString(c.ID) {
			return fmt.Errorf("cell %d: id %q; want 1 to 64 letters, digits, - or _", i+1, c.ID)
		}
		if before, ok := seen[c.ID]; ok {
			return fmt.Errorf("cell %d: id %q is also the id of cell %d; want ids that differ", i+1, c.ID, before)
		}
		seen[c.ID] = i + 1
	}
	return nil
}

// Encode returns the notebook as Jupyter would save it: one space of
// indentation, sorted keys, no escaped HTML, a newline at the end.
func (n *Notebook) Encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(n); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Write replaces the file at path with the notebook, all of it or nothing.
func (n *Notebook) Write(path string) error {
	data, err := n.Encode()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(data); err != nil {
		tmp.Close()
		return err
	}
	// CreateTemp makes private files; a notebook is read by everyone.
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// lines is a text that JSON holds as a list of lines, each with its newline.
// Both forms nbformat allows, a list and one string, are read.
type lines string

func (l lines) MarshalJSON() ([]byte, error) {
	parts := strings.SplitAfter(string(l), "\n")
	if parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return marshal(parts)
}

func (l *lines) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = lines(one)
		return nil
	}
	var many []string
	if err := json.Unmarshal(data, &many); err != nil {
		return errors.New("a text must be a string or a list of strings")
	}
	*l = lines(strings.Join(many, ""))
	return nil
}

// marshal is json.Marshal without the escaping of <, > and &: a marshaler's
// bytes pass through the outer encoder as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

type codeCell struct {
	Kind     string         `json:"cell_type"`
	Count    *int           `json:"execution_count"`
	ID       string         `json:"id"`
	Metadata map[string]any `json:"metadata"`
	Outputs  []Output       `json:"outputs"`
	Source   lines          `json:"source"`
}

type proseCell struct {
	Kind     string         `json:"cell_type"`
	ID       string         `json:"id"`
	Metadata map[string]any `json:"metadata"`
	Source   lines          `json:"source"`
}

// MarshalJSON gives a code cell its outputs, and leaves them away elsewhere,
// where nbformat forbids them.
func (c Cell) MarshalJSON() ([]byte, error) {
	if c.Kind != "code" {
		return marshal(proseCell{Kind: c.Kind, ID: c.ID, Metadata: orEmpty(c.Metadata), Source: lines(c.Source)})
	}
	out := codeCell{Kind: c.Kind, ID: c.ID, Metadata: orEmpty(c.Metadata), Outputs: c.Outputs, Source: lines(c.Source)}
	if out.Outputs == nil {
		out.Outputs = []Output{}
	}
	if c.Count > 0 {
		out.Count = &c.Count
	}
	return marshal(out)
}

// UnmarshalJSON reads either kind of cell.
func (c *Cell) UnmarshalJSON(data []byte) error {
	var head struct {
		Kind string `json:"cell_type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	switch head.Kind {
	case "code":
		var in codeCell
		if err := dec.Decode(&in); err != nil {
			return err
		}
		*c = Cell{Kind: in.Kind, ID: in.ID, Metadata: in.Metadata, Source: string(in.Source), Outputs: in.Outputs}
		if in.Count != nil {
			c.Count = *in.Count
		}
	case "markdown", "raw":
		var in proseCell
		if err := dec.Decode(&in); err != nil {
			return err
		}
		*c = Cell{Kind: in.Kind, ID: in.ID, Metadata: in.Metadata, Source: string(in.Source)}
	default:
		return fmt.Errorf("cell_type %q; want code, markdown or raw", head.Kind)
	}
	return nil
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

type streamOutput struct {
	Name string `json:"name"`
	Kind string `json:"output_type"`
	Text lines  `json:"text"`
}

type displayOutput struct {
	Data     map[string]lines `json:"data"`
	Count    *int             `json:"execution_count,omitempty"`
	Metadata map[string]any   `json:"metadata"`
	Kind     string           `json:"output_type"`
}

type errorOutput struct {
	ErrorName  string   `json:"ename"`
	ErrorValue string   `json:"evalue"`
	Kind       string   `json:"output_type"`
	Traceback  []string `json:"traceback"`
}

// MarshalJSON writes the fields that belong to the output's kind.
func (o Output) MarshalJSON() ([]byte, error) {
	switch o.Kind {
	case "stream":
		return marshal(streamOutput{Name: o.Name, Kind: o.Kind, Text: lines(o.Text)})
	case "display_data", "execute_result":
		out := displayOutput{Data: map[string]lines{}, Metadata: orEmpty(o.Metadata), Kind: o.Kind}
		for media, content := range o.Data {
			out.Data[media] = lines(content)
		}
		if o.Kind == "execute_result" {
			out.Count = &o.Count
		}
		return marshal(out)
	case "error":
		return marshal(errorOutput{ErrorName: o.ErrorName, ErrorValue: o.ErrorValue, Kind: o.Kind, Traceback: append([]string{}, o.Traceback...)})
	}
	return nil, fmt.Errorf("output_type %q; want stream, display_data, execute_result or error", o.Kind)
}

// UnmarshalJSON reads any kind of output.
func (o *Output) UnmarshalJSON(data []byte) error {
	var head struct {
		Kind string `json:"output_type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	switch head.Kind {
	case "stream":
		var in streamOutput
		if err := json.Unmarshal(data, &in); err != nil {
			return err
		}
		*o = Output{Kind: in.Kind, Name: in.Name, Text: string(in.Text)}
	case "display_data", "execute_result":
		var in displayOutput
		if err := json.Unmarshal(data, &in); err != nil {
			return err
		}
		*o = Output{Kind: in.Kind, Data: map[string]string{}, Metadata: in.Metadata}
		for media, content := range in.Data {
			o.Data[media] = string(content)
		}
		if in.Count != nil {
			o.Count = *in.Count
		}
	case "error":
		var in errorOutput
		if err := json.Unmarshal(data, &in); err != nil {
			return err
		}
		*o = Output{Kind: in.Kind, ErrorName: in.ErrorName, ErrorValue: in.ErrorValue, Traceback: in.Traceback}
	default:
		return fmt.Errorf("output_type %q; want stream, display_data, execute_result or error", head.Kind)
	}
	return nil
}
