package imbotv2_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// eventLike returns an event with everything that makes a difference somewhere, changed.
func eventLike(change func(*imbotv2.Event)) *imbotv2.Event {
	event := &imbotv2.Event{
		Name: imbotv2.EventMessageAdd, MemberID: "m1", Bot: imbotv2.BotInfo{ID: 456}, DialogID: "chat5",
		Message: &imbotv2.Message{ID: 9}, Command: &imbotv2.CommandCall{ID: 3, Command: "/ok", Context: imbotv2.CommandTextarea},
		Date: time.Unix(1789545901, 0), Data: []byte(`{"a":1}`),
	}
	change(event)
	return event
}

func TestEvent_ID(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*imbotv2.Event){
		"number":  func(e *imbotv2.Event) { e.EventID = 417 },
		"portal":  func(e *imbotv2.Event) { e.MemberID = "m2" },
		"bot":     func(e *imbotv2.Event) { e.Bot.ID = 457 },
		"dialog":  func(e *imbotv2.Event) { e.DialogID = "27" },
		"message": func(e *imbotv2.Event) { e.Message.ID = 10 },
		"command": func(e *imbotv2.Event) { e.Command.ID = 4 },
		"word":    func(e *imbotv2.Event) { e.Command.Command = "/no" },
		"params":  func(e *imbotv2.Event) { e.Command.Params = "x" },
		"time":    func(e *imbotv2.Event) { e.Date = e.Date.Add(time.Second) },
		"data":    func(e *imbotv2.Event) { e.Data = []byte(`{"a":2}`) },
		"name":    func(e *imbotv2.Event) { e.Name += "X" },
	}
	always := []string{"number", "portal", "bot", "name"}
	content := append([]string{"time", "data"}, always...)
	for name, tt := range map[string]struct {
		change func(*imbotv2.Event)
		differ []string
	}{
		"new message":      {func(*imbotv2.Event) {}, append([]string{"message"}, always...)},
		"deleted message":  {func(e *imbotv2.Event) { e.Name = imbotv2.EventMessageDelete }, append([]string{"message"}, always...)},
		"message of users": {func(e *imbotv2.Event) { e.Name = imbotv2.EventUserMessageAdd }, append([]string{"message"}, always...)},
		"typed command": {
			func(e *imbotv2.Event) { e.Name = imbotv2.EventCommandAdd },
			append([]string{"message", "command", "word", "params"}, always...),
		},
		"join":        {func(e *imbotv2.Event) { e.Name = imbotv2.EventJoinChat }, append([]string{"dialog"}, always...)},
		"bot deleted": {func(e *imbotv2.Event) { e.Name = imbotv2.EventBotDelete }, always},
		"button": {func(e *imbotv2.Event) {
			e.Name, e.Command.Context = imbotv2.EventCommandAdd, imbotv2.CommandKeyboard
		}, content},
		"change":          {func(e *imbotv2.Event) { e.Name = imbotv2.EventMessageUpdate }, content},
		"reaction":        {func(e *imbotv2.Event) { e.Name = imbotv2.EventReactionChange }, content},
		"another":         {func(e *imbotv2.Event) { e.Name = "ONAPPINSTALL" }, content},
		"fetched":         {func(e *imbotv2.Event) { e.EventID = 400 }, []string{"number", "portal"}},
		"join, no dialog": {func(e *imbotv2.Event) { e.Name, e.DialogID = imbotv2.EventJoinChat, "" }, append([]string{"dialog"}, content...)},
	} {
		base := eventLike(tt.change)
		assert.Regexp(t, "^[0-9a-f]{32}$", base.ID(), name)
		assert.Equal(t, base.ID(), eventLike(tt.change).ID(), name)
		var differ []string
		for what, change := range changes {
			if other := eventLike(func(e *imbotv2.Event) { tt.change(e); change(e) }); other.ID() != base.ID() {
				differ = append(differ, what)
			}
		}
		assert.ElementsMatch(t, tt.differ, differ, name)
	}
}

// What an event lacks does not make it the same as others.
func TestEvent_ID_parts(t *testing.T) {
	t.Parallel()
	none := func(e *imbotv2.Event) { e.Message, e.Command = nil, nil }
	later := eventLike(func(e *imbotv2.Event) { none(e); e.Date = time.Unix(1, 0) })
	assert.NotEqual(t, eventLike(none).ID(), later.ID())
	assert.NotEqual(t, (&imbotv2.Event{MemberID: "a", Name: "b"}).ID(), (&imbotv2.Event{MemberID: "ab"}).ID())
	assert.NotPanics(t, func() { _ = (&imbotv2.Event{}).ID() })
}
