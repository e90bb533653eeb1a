package wire

import "net/netip"

// An address is 4 or 16 bytes, an IPv4 address in either form, and its port a field
// of its own. An address that is not there is nil.

type address struct {
	ip   netip.Addr
	port uint16
}

func (a address) join() netip.AddrPort { return netip.AddrPortFrom(a.ip, a.port) }

// ip reads an address.
func (r *reader) ip() netip.Addr {
	b := r.bytes()
	if len(b) == 0 {
		return netip.Addr{}
	}
	ip, ok := netip.AddrFromSlice(b)
	if !ok {
		r.fail(Malformed, plural(len(b), "byte"), "an address of 4 or 16")
	}
	return ip
}

func appendIP(b []byte, ip netip.Addr) []byte {
	switch {
	case ip.Is4():
		a := ip.As4()
		return append(append(b, mpFixRaw|4), a[:]...)
	case ip.IsValid():
		a := ip.As16()
		return append(append(b, mpFixRaw|16), a[:]...)
	}
	return append(b, mpNil)
}

func sizeIP(ip netip.Addr) int {
	switch {
	case ip.Is4():
		return 1 + 4
	case ip.IsValid():
		return 1 + 16
	}
	return 1
}

// Of a source, what is empty is left out.

func sourceFields(source netip.AddrPort, node []byte) (n int) {
	if source.Addr().IsValid() {
		n++
	}
	if source.Port() != 0 {
		n++
	}
	if len(node) > 0 {
		n++
	}
	return n
}

func appendSource(b []byte, source netip.AddrPort, node []byte) []byte {
	if source.Addr().IsValid() {
		b = appendIP(appendKey(b, "SourceAddr"), source.Addr())
	}
	if len(node) > 0 {
		b = appendText(appendKey(b, "SourceNode"), node)
	}
	if source.Port() != 0 {
		b = appendUint(appendKey(b, "SourcePort"), uint64(source.Port()))
	}
	return b
}

func sizeSource(source netip.AddrPort, node []byte) (n int) {
	if source.Addr().IsValid() {
		n += sizeKey("SourceAddr") + sizeIP(source.Addr())
	}
	if len(node) > 0 {
		n += sizeKey("SourceNode") + sizeText(len(node))
	}
	if source.Port() != 0 {
		n += sizeKey("SourcePort") + sizeUint(uint64(source.Port()))
	}
	return n
}
