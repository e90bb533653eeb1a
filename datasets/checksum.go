package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// fileSum is one line of a list of checksums.
type fileSum struct {
	path   string // with slashes, relative to the set's directory
	sha256 string // hex
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// parseSums reads the format of the sha256sum tool: digest, two spaces, path.
func parseSums(file string, text []byte) ([]fileSum, error) {
	var sums []fileSum
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		digest, name, ok := strings.Cut(line, "  ")
		if !ok || !hexForm.MatchString(digest) || !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name {
			return nil, &ParseError{File: file, Line: i + 1, Got: fmt.Sprintf("%q", line), Want: "a sha256, two spaces and a path below the set's directory"}
		}
		sums = append(sums, fileSum{path: name, sha256: digest})
	}
	return sums, nil
}

// formatSums writes what parseSums reads.
func formatSums(sums []fileSum) []byte {
	var b strings.Builder
	for _, s := range sums {
		fmt.Fprintf(&b, "%s  %s\n", s.sha256, s.path)
	}
	return []byte(b.String())
}

// read returns the file's content from a set's directory once its checksum is right.
func (s fileSum) read(dir string) (name string, data []byte, err error) {
	name = filepath.Join(dir, filepath.FromSlash(s.path))
	data, err = os.ReadFile(name)
	if err != nil {
		return name, nil, err
	}
	if got := sha256Hex(data); got != s.sha256 {
		return name, nil, &ChecksumError{File: name, Got: got, Want: s.sha256}
	}
	return name, data, nil
}
