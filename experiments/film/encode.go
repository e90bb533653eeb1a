package film

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
)

// track is one named array of a film: a slice of float32, uint32, uint16 or uint8.
type track struct {
	name   string
	values any
}

// trackEntry is how a film's header lists a track.
type trackEntry struct {
	Name string `json:"name"`
	Type string `json:"type"` // f32, u32, u16 or u8
	Len  int    `json:"len"`
}

// encode writes a film as a page can read it without parsing numbers, all of it
// little-endian and every track at a multiple of four bytes:
//
//	length of the header, uint32 | header, JSON padded with spaces | track | track | …
//
// The header is {"film": head, "tracks": [{name, type, len}, …]}, tracks in order.
func encode(head any, tracks []track) ([]byte, error) {
	var body bytes.Buffer
	entries := make([]trackEntry, len(tracks))
	for i, t := range tracks {
		e := trackEntry{Name: t.name}
		switch v := t.values.(type) {
		case []float32:
			e.Type, e.Len = "f32", len(v)
		case []uint32:
			e.Type, e.Len = "u32", len(v)
		case []uint16:
			e.Type, e.Len = "u16", len(v)
		case []uint8:
			e.Type, e.Len = "u8", len(v)
		}
		entries[i] = e
		if err := binary.Write(&body, binary.LittleEndian, t.values); err != nil {
			return nil, err
		}
		body.Write(make([]byte, -body.Len()&3))
	}
	header, err := json.Marshal(struct {
		Film   any          `json:"film"`
		Tracks []trackEntry `json:"tracks"`
	}{head, entries})
	if err != nil {
		return nil, err
	}
	for len(header)%4 != 0 {
		header = append(header, ' ')
	}
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, 4+len(header)+body.Len()), uint32(len(header)))
	out = append(out, header...)
	return append(out, body.Bytes()...), nil
}
