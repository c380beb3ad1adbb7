package methods

import "github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"

// MessageWritten is the event of version 1 that somebody has written a message.
const MessageWritten = "ONIMBOTMESSAGEADD"

// The events of version 1 that only those applications hear that have given an address for them.
const (
	MessageUpdated = "ONIMBOTMESSAGEUPDATE"
	MessageDeleted = "ONIMBOTMESSAGEDELETE"
	ContextGiven   = "ONIMBOTCONTEXTGET"
)

// optionalHandlers are the parameters that have the addresses for those events.
var optionalHandlers = map[string]string{
	"EVENT_MESSAGE_UPDATE": MessageUpdated,
	"EVENT_MESSAGE_DELETE": MessageDeleted,
	"EVENT_CONTEXT_GET":    ContextGiven,
}

// subscription is that the bots of an application hear of an event. It outlives them.
type subscription struct{ application, event string }

// hears reports whether a bot is of version 1 and its application has given an address for an event. The caller holds
// mu.
func (w *World) hears(bot Bot, event string) bool {
	return bot.EventMode == "" && w.bound[subscription{bot.Application(), event}]
}

// bind makes an application hear the events that the call has an address for, be it in another parameter.
func (c *call) bind(application, in string) {
	for name, event := range optionalHandlers {
		if (handler{name: name, in: in}).address(c) != "" {
			c.world.bound[subscription{application, event}] = true
		}
	}
}

// handler is the address for an event. EVENT_HANDLER stands for all of them.
type handler struct {
	name string
	what string // the event, for one that has to be there
	in   string // the parameter that has it inside
}

func (h handler) take(c *call) error {
	switch address := h.address(c); {
	case address == "" && h.what != "":
		return BadRequest(h.name+"_ERROR", "Handler for \""+h.what+"\" event isn't specified")
	case address != "" && !isCallback(address):
		return BadRequest(h.name+"_ERROR", "Wrong handler URL")
	}
	return nil
}

// address returns the address that a call has, or "".
func (h handler) address(c *call) string {
	among := c.params
	if h.in != "" {
		among = c.inside(h.in)
	}
	if own := php.Trim(among.Get(h.name)); own != "" {
		return own
	}
	return php.Trim(among.Get("EVENT_HANDLER"))
}
