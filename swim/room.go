package swim

// maxUpdates bounds Config.MaxUpdates: more than fit a datagram would be no piggyback.
const maxUpdates = 64

// room is what one message still has room for: so many updates, and where a
// Sizer measures them, so many bytes.
type room struct {
	updates int
	bytes   int
	sized   bool // false: bytes do not count
}

// room is what a datagram of a kind has room for.
func (n *Node) room(k Kind) room {
	if n.cfg.Sizer == nil {
		return room{updates: n.cfg.MaxUpdates}
	}
	return room{updates: maxUpdates, bytes: n.cfg.PacketBytes - n.cfg.Sizer.MessageBytes(k), sized: true}
}

// size is what the Sizer says of an update.
func (n *Node) size(u Update) int {
	if n.cfg.Sizer == nil {
		return 0
	}
	return n.cfg.Sizer.UpdateBytes(u)
}

// take uses room for so many updates of so many bytes together, and says whether
// there was any.
func (r *room) take(updates, bytes int) bool {
	if updates > r.updates || r.sized && bytes > r.bytes {
		return false
	}
	r.updates -= updates
	r.bytes -= bytes
	return true
}
