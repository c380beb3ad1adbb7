package events

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/identity"
)

// ID returns a text that two posts have in common if they bring the same event twice: see [imbotv2.Event.ID] for what
// makes an event the same. An event of the first generation for several bots is the same if it is that for each of
// them. Tokens and how long they are good for make no difference.
func (e *Event) ID() string {
	parts := []string{e.portal(), e.Name}
	for _, part := range e.identities() {
		parts = append(parts, part.ID())
	}
	return identity.Of(parts...)
}

// identities returns what makes the event another one than all others, for each bot and command.
func (e *Event) identities() []identity.Event {
	id := identity.Event{Name: e.Name, Time: e.Time, Content: sync.OnceValue(e.content)}
	second, isFirst := secondNames[e.Name]
	if !isFirst {
		id.Bot = e.number("data[bot][id]")
		id.Dialog = cmp.Or(e.Values.Get("data[chat][dialogId]"), e.Values.Get("data[dialogId]"))
		id.Message = cmp.Or(e.number("data[message][id]"), e.number("data[messageId]"))
		id.Command = e.commandAt("data[command][", "id]", "command]", "params]", "context]")
		return []identity.Event{id}
	}
	id.Name = second
	id.Message = cmp.Or(e.number("data[PARAMS][MESSAGE_ID]"), e.number("data[PARAMS][ID]"))
	if dialog := e.Param("DIALOG_ID"); dialog != "0" {
		id.Dialog = dialog
	}
	var ids []identity.Event
	if e.Name == CommandAdd {
		for _, place := range e.commandPlaces() {
			one := id
			one.Bot = e.number(place + "BOT_ID]")
			one.Message = cmp.Or(e.number(place+"MESSAGE_ID]"), id.Message)
			one.Command = e.commandAt(place, "COMMAND_ID]", "COMMAND]", "COMMAND_PARAMS]", "COMMAND_CONTEXT]")
			ids = append(ids, one)
		}
	}
	if len(ids) > 0 {
		return ids
	}
	for _, bot := range e.Bots {
		id.Bot = int64(bot.ID)
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		ids = append(ids, id)
	}
	return ids
}

// number returns a field as a whole number, and 0 where it is none.
func (e *Event) number(name string) int64 {
	n, err := strconv.ParseInt(e.Values.Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// commandAt returns the command whose fields begin with a prefix.
func (e *Event) commandAt(prefix, id, word, params, context string) identity.Command {
	return identity.Command{
		ID: e.number(prefix + id), Word: e.Values.Get(prefix + word), Params: e.Values.Get(prefix + params),
		IsTyped: strings.EqualFold(e.Values.Get(prefix+context), string(imbotv2.CommandTextarea)),
	}
}

// commandPlaces returns with what the names of the fields of each command begin, in an order that does not depend on
// that of the fields.
func (e *Event) commandPlaces() []string {
	const prefix = "data[COMMAND]["
	places := make(map[string]bool)
	for name := range e.Values {
		if key, isBelow := strings.CutPrefix(name, prefix); isBelow {
			key, _, _ = strings.Cut(key, "]")
			places[prefix+key+"]["] = true
		}
	}
	all := slices.Sorted(maps.Keys(places))
	return all[:min(len(all), maxParts)]
}

// content returns a text that others have for the same data alone, secrets aside.
func (e *Event) content() string {
	names := make([]string, 0, len(e.Values))
	for name := range e.Values {
		if strings.HasPrefix(name, "data[") && !changesWithTokens(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	parts := make([]string, 0, 2*len(names))
	for _, name := range names {
		parts = append(parts, name, e.Values.Get(name))
	}
	return identity.Of(parts...)
}

// changesWithTokens reports whether a field is a secret, or below one, or says how long a token is good for.
func changesWithTokens(name string) bool {
	for key := range keysOf(name) {
		if isSecretKey(key) || key == "expires" || key == "expires_in" {
			return true
		}
	}
	return false
}
