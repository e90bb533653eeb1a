package wire

import "strconv"

func decimal(n int) string { return strconv.Itoa(n) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return decimal(n) + " " + noun + "s"
}

func quoted(b []byte) string { return strconv.Quote(string(b)) }

func hex32(n uint32) string { return "0x" + strconv.FormatUint(uint64(n), 16) }
