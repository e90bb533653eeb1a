package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// parseCloudping reads cloudping.co's tree of percentiles: data[source][target]
// in the unit that its metadata states, which must be the manifest's. Nodes are
// the source regions in alphabetical order.
func parseCloudping(f rawFile, s scale) (*Matrix, error) {
	var tree struct {
		Metadata struct {
			Percentile string `json:"percentile"`
			Timeframe  string `json:"timeframe"`
			Unit       string `json:"unit"`
		} `json:"metadata"`
		Data map[string]map[string]float64 `json:"data"`
	}
	dec := json.NewDecoder(bytes.NewReader(f.data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&tree); err != nil {
		return nil, jsonError(f, dec.InputOffset(), err)
	}
	if s.unit != Millisecond || tree.Metadata.Unit != "milliseconds" {
		return nil, &ParseError{File: f.name, Where: "metadata.unit", Got: fmt.Sprintf("%q read as %s", tree.Metadata.Unit, s.unit), Want: `"milliseconds" read as ms`}
	}
	regions := slices.Sorted(maps.Keys(tree.Data))
	n := len(regions)
	values := make([]time.Duration, n*n)
	for i, from := range regions {
		if len(tree.Data[from]) > n {
			return nil, &ParseError{File: f.name, Where: "data." + from, Got: plural(len(tree.Data[from]), "target"), Want: fmt.Sprintf("at most %d, one for each region", n)}
		}
		for j, to := range regions {
			number, ok := tree.Data[from][to]
			if !ok || i == j {
				continue
			}
			v, want := s.roundTrip(number)
			if want != "" {
				return nil, &ParseError{File: f.name, Where: "data." + from + "." + to, Got: fmt.Sprint(number), Want: want}
			}
			values[i*n+j] = v
		}
	}
	return newMatrix(values, regions), nil
}

func jsonError(f rawFile, offset int64, err error) error {
	var typed *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &typed):
		offset = typed.Offset
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(f.data))
	}
	line := 1 + bytes.Count(f.data[:min(int(offset), len(f.data))], []byte("\n"))
	if typed != nil {
		return &ParseError{File: f.name, Line: line, Where: typed.Field, Got: "a " + typed.Value, Want: "a number of milliseconds"}
	}
	return &ParseError{File: f.name, Line: line, Got: err.Error(), Want: "one whole JSON object with metadata and data"}
}
