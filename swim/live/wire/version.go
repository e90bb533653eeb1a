package wire

import "fmt"

// Versions are what a member understands and speaks: of memberlist's protocol (P)
// and of the application's, which memberlist calls the delegate (D). A member tells
// them in every alive message and row of a list, as 6 bytes.
//
// What a member can do is read from PMax: 3 is pings over streams, 4 nacks, 5
// checksums. What is spoken stays 2.
type Versions struct{ PMin, PMax, PCur, DMin, DMax, DCur uint8 }

// Versions as programs send them. A member must send those of the group it is in:
// one with the other family's is refused, and one that gossip brought in without
// being asked makes every exchange of lists in the group fail until it is gone.
var (
	// MemberlistVersions are those of memberlist without a delegate, and so of
	// Alertmanager.
	MemberlistVersions = Versions{PMin: 1, PMax: 5, PCur: 2}
	// SerfVersions are those of Serf.
	SerfVersions = Versions{PMin: 1, PMax: 5, PCur: 2, DMin: 2, DMax: 5, DCur: 5}
	// ConsulVersions are those of Consul.
	ConsulVersions = Versions{PMin: 1, PMax: 5, PCur: 2, DMin: 2, DMax: 5, DCur: 4}
)

// Bytes gives the 6 bytes of a Vsn field.
func (v Versions) Bytes() []byte { return []byte{v.PMin, v.PMax, v.PCur, v.DMin, v.DMax, v.DCur} }

// ParseVersions reads a Vsn field. As memberlist does, it takes a shorter one for
// one that speaks version 0 of everything, which [Compatible] refuses.
func ParseVersions(vsn []byte) Versions {
	if len(vsn) < 6 {
		return Versions{}
	}
	return Versions{vsn[0], vsn[1], vsn[2], vsn[3], vsn[4], vsn[5]}
}

// Valid reports whether memberlist does not ignore an alive message with these
// versions.
func (v Versions) Valid() bool { return v.PMin > 0 && v.PMin <= v.PMax }

// UnderstandsCRC reports whether a packet to the member may have a checksum.
func (v Versions) UnderstandsCRC() bool { return v.PMax >= 5 }

// UnderstandsNack reports whether the member sends nacks and can be sent them.
func (v Versions) UnderstandsNack() bool { return v.PMax >= 4 }

// UnderstandsStreamPing reports whether the member answers pings over a stream.
func (v Versions) UnderstandsStreamPing() bool { return v.PMax >= 3 }

// Agreement finds whether members can be in one group: each must speak, of both
// protocols, a version that all the live ones understand. Add every live member,
// then check every row of the list, live or not. The zero value has no member.
type Agreement struct {
	any                    bool
	pMin, pMax, dMin, dMax uint8
}

// Add has a live member take part in what is understood.
func (a *Agreement) Add(v Versions) {
	if !a.any {
		*a = Agreement{any: true, pMin: v.PMin, pMax: v.PMax, dMin: v.DMin, dMax: v.DMax}
		return
	}
	a.pMin, a.dMin = max(a.pMin, v.PMin), max(a.dMin, v.DMin)
	a.pMax, a.dMax = min(a.pMax, v.PMax), min(a.dMax, v.DMax)
}

// Check reports an error if what the member speaks is not understood by all.
func (a *Agreement) Check(name string, v Versions) error {
	if !a.any {
		return nil
	}
	if v.PCur < a.pMin || v.PCur > a.pMax {
		return &Error{Incompatible, "member " + name, "protocol version", v.PCur, fmt.Sprintf("%d to %d, which all understand", a.pMin, a.pMax)}
	}
	if v.DCur < a.dMin || v.DCur > a.dMax {
		return &Error{Incompatible, "member " + name, "delegate protocol version", v.DCur, fmt.Sprintf("%d to %d, which all understand", a.dMin, a.dMax)}
	}
	return nil
}
