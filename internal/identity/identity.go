// Package identity decides whether two events that a portal has posted are one that came twice.
package identity

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"
)

// Of returns 32 letters that others have for the same parts alone.
func Of(parts ...string) string {
	data := make([]byte, 0, 512)
	for _, part := range parts {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// Event is what may make an event another one than all others. What is not known is zero.
type Event struct {
	Portal  string
	Name    string // in the second generation
	Bot     int64
	Dialog  string
	Message int64
	Command Command
	Time    time.Time
	Content func() string // all of it; asked for only where nothing else decides
}

// Command is a command that was given.
type Command struct {
	ID      int64
	Word    string
	Params  string
	IsTyped bool // and did not come from a button
}

// ID returns a text that two events have in common if they are the same. What happens once goes by what it happened to;
// everything else goes by time and content.
func (e *Event) ID() string {
	parts := append(make([]string, 0, 8), e.Portal, "posted", e.Name, number(e.Bot))
	switch {
	case e.Name == "ONIMBOTV2DELETE" && e.Bot != 0:
	case e.Name == "ONIMBOTV2JOINCHAT" && e.Dialog != "":
		parts = append(parts, e.Dialog)
	case e.Name == "ONIMBOTV2COMMANDADD" && e.Message != 0 && e.Command.IsTyped:
		parts = append(parts, number(e.Message), number(e.Command.ID), e.Command.Word, e.Command.Params)
	case e.comesOnce() && e.Message != 0:
		parts = append(parts, number(e.Message))
	default:
		parts = append(parts, number(e.Time.UnixNano()), e.Content())
	}
	return Of(parts...)
}

// comesOnce reports whether there is one event of that name for a message.
func (e *Event) comesOnce() bool {
	switch e.Name {
	case "ONIMBOTV2MESSAGEADD", "ONIMBOTV2MESSAGEDELETE", "ONIMV2MESSAGEADD", "ONIMV2MESSAGEDELETE":
		return true
	default:
		return false
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
