package events

import (
	"cmp"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// Fetched returns the event in the terms of the second generation, also where it is one of the first: as
// imbot.v2.Event.get would have it, with MemberID, and without EventID. Installations and what is no event of a bot
// keep their names, and have their fields in Data alone. No token is in it, in Data neither.
//
// Of an event of the first generation for several bots, or with several commands, it is that for the first of them:
// see [Event.FetchedAll]. The fields of the first generation are still in Data, under PARAMS. Message.Text has the
// mention of the bot, as in the second generation, which MESSAGE of the first has not. Message.Date is zero.
//
// The event is read anew each time.
func (e *Event) Fetched() *imbotv2.Event {
	for fetched := range e.FetchedAll() {
		return fetched
	}
	return nil // there is always one
}

// FetchedAll yields what [Event.Fetched] returns, once for each bot that the event is for, in the order of Bots, or for
// each command, in the order of their ids. There is at least one.
func (e *Event) FetchedAll() iter.Seq[*imbotv2.Event] {
	return func(yield func(*imbotv2.Event) bool) {
		data := e.data()
		name, isFirst := secondNames[e.Name]
		if !isFirst {
			yield(e.fetched(e.Name, data))
			return
		}
		for part := range e.first(name, data) {
			if !yield(e.fetched(name, part)) {
				return
			}
		}
	}
}

// Message returns the message that the event is about, as [Event.Fetched] has it, and false if it is about none.
func (e *Event) Message() (imbotv2.Message, bool) { return found(e.Fetched().Message) }

// Command returns the command that was given, as [Event.Fetched] has it, and false if there is none. Of several it is
// the first.
func (e *Event) Command() (imbotv2.CommandCall, bool) { return found(e.Fetched().Command) }

// Reaction returns what was done with a reaction, and false if the event is about none.
func (e *Event) Reaction() (imbotv2.ReactionChange, bool) { return found(e.Fetched().Reaction) }

// Context returns what the link said that opened a dialog, and false if it said nothing.
func (e *Event) Context() (imbotv2.BotContext, bool) { return found(e.Fetched().Context) }

// portal returns by what the portal is known. Who has no id may have a name.
func (e *Event) portal() string { return cmp.Or(e.MemberID, e.Auth.Domain) }

func found[T any](value *T) (T, bool) {
	if value == nil {
		return *new(T), false
	}
	return *value, true
}

// fetched makes an event of its name and data.
func (e *Event) fetched(name string, data object) *imbotv2.Event {
	row := object{"type": name, "memberId": e.MemberID, "data": data}
	if !e.Time.IsZero() {
		row["date"] = e.Time.Format(time.RFC3339)
	}
	event := &imbotv2.Event{Name: name, MemberID: e.MemberID, Date: e.Time} // of an event without a name
	if text, err := json.Marshal(row); err == nil {
		_ = json.Unmarshal(text, event)
	}
	return event
}

// object is an object of texts, lists and further objects.
type object map[string]any

// data returns the data of the event without its secrets.
func (e *Event) data() object {
	form, _ := phpform.ParsePairs(func(yield func(string, string) bool) {
		for _, name := range slices.Sorted(maps.Keys(e.Values)) {
			if strings.HasPrefix(name, "data[") && !yield(name, e.Values.Get(name)) {
				return
			}
		}
	}, limits())
	data, _ := withoutSecrets(form.Sub("data")).(object)
	return data
}

// withoutSecrets returns a list or an object of what an array has, except for secrets, at any depth.
func withoutSecrets(array *phpform.Array) any {
	members, list := make(object, array.Len()), make([]any, array.Len())
	isList := true
	for key, value := range array.All() {
		if isSecretKey(key) {
			isList = false
			continue
		}
		text, isText := value.Text()
		members[key] = text
		if !isText {
			members[key] = withoutSecrets(value.Array())
		}
		place, err := strconv.Atoi(key)
		isList = isList && err == nil && place >= 0 && place < len(list) && strconv.Itoa(place) == key
		if isList {
			list[place] = members[key]
		}
	}
	if isList {
		return list
	}
	return members
}

// sub returns an object in the object, and nil if there is none.
func (o object) sub(key string) object {
	inner, _ := o[key].(object)
	return inner
}

// text returns the first text under one of the keys that says something. PHP has "0" for an id that is none.
func (o object) text(keys ...string) string {
	for _, key := range keys {
		if text, _ := o[key].(string); text != "" && text != "0" {
			return text
		}
	}
	return ""
}

// put puts what says something into the object.
func (o object) put(key string, value any) object {
	switch value := value.(type) {
	case string:
		if value == "" {
			return o
		}
	case object:
		if len(value) == 0 {
			return o
		}
	}
	o[key] = value
	return o
}
