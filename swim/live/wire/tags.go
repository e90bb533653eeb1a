package wire

import (
	"maps"
	"slices"
)

// tagsMagic begins the metadata of a member that has tags. Before them a member had
// a role alone, as plain text.
const tagsMagic = 0xff

// AppendTags appends Serf's tags as a member's metadata has them. Together they may take
// [MaxMeta] bytes.
func AppendTags(b []byte, tags map[string]string) ([]byte, error) {
	start := len(b)
	b = appendTagMap(append(b, tagsMagic), tags)
	if n := len(b) - start; n > MaxMeta {
		return b[:start], &Error{TooLarge, "tags", "", plural(n, "byte"), "at most " + decimal(MaxMeta)}
	}
	return b, nil
}

// DecodeTags reads Serf's tags from a member's metadata. What does not begin as tags
// do is the one tag role; no metadata is no tags.
func DecodeTags(meta []byte) (map[string]string, error) {
	switch {
	case len(meta) == 0:
		return nil, nil
	case meta[0] != tagsMagic:
		return map[string]string{"role": string(meta)}, nil
	}
	r := reader{b: meta, i: 1, what: "tags"}
	tags := r.tags()
	if r.err != nil {
		return nil, r.err
	}
	return tags, nil
}

// appendTagMap appends tags in order; Serf's own are in any.
func appendTagMap(b []byte, tags map[string]string) []byte {
	b = appendMapHeader(b, len(tags))
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		b = appendText(appendText(b, name), tags[name])
	}
	return b
}
