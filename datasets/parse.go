package datasets

import (
	"fmt"
	"time"
)

// rawFile is one raw file, its checksum verified.
type rawFile struct {
	name string // as messages call it
	data []byte
}

// parse turns the raw files of a static set into its matrix.
func (d Dataset) parse(files []rawFile) (*Matrix, error) {
	if err := d.scale().check(); err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	var m *Matrix
	var err error
	switch d.Format {
	case FormatTable:
		if len(files) != 1 {
			return nil, fmt.Errorf("%s: has %d raw files; want the one of format table", d.Name, len(files))
		}
		var values []time.Duration
		if values, err = parseTable(files[0], d.Shape.Nodes, d.scale()); err == nil {
			m = newMatrix(values, numbered(d.Shape.Nodes))
		}
	case FormatWonderNetwork:
		m, err = parseWonderNetwork(files, d.scale())
	case FormatCloudping:
		if len(files) != 1 {
			return nil, fmt.Errorf("%s: has %d raw files; want the one of format cloudping", d.Name, len(files))
		}
		m, err = parseCloudping(files[0], d.scale())
	default:
		err = fmt.Errorf("%s: format %q is not one static matrix", d.Name, d.Format)
	}
	if err != nil {
		return nil, err
	}
	if m.Len() != d.Shape.Nodes {
		return nil, &ParseError{File: files[0].name, Got: fmt.Sprintf("%d nodes", m.Len()), Want: fmt.Sprintf("%d", d.Shape.Nodes)}
	}
	return m, nil
}
