package catalog_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// meantEvents are events, and keys of them, that types have otherwise.
var meantEvents = exceptions{}

// TestEvents looks for a name of each documented event, and in the second generation reads each documented example. Those
// of the first are in package events, whose tests read every documented post.
func TestEvents(t *testing.T) {
	t.Parallel()
	named := namedCodes(t, filepath.Join("..", "..", "events"))
	for name := range namedCodes(t, filepath.Join("..", "..", "imbotv2")) {
		named[name] = true
	}
	var differences []string
	for _, documented := range readFile[struct{ Events []documentedEvent }](t, "events.json").Events {
		if !named[documented.Name] {
			differences = append(differences, documented.Name+" has no name")
		}
		if !strings.Contains(documented.Name, "V2") {
			continue
		}
		require.NotEmpty(t, documented.ExamplePayload, documented.Name)
		data, err := json.Marshal(documented.ExamplePayload)
		require.NoError(t, err)
		var event imbotv2.Event
		require.NoError(t, json.Unmarshal(fmt.Appendf(nil, `{"eventId": 1, "type": %q, "data": %s}`, documented.Name, data), &event))
		for name, part := range partsOf(event) {
			if value, isThere := documented.ExamplePayload[name]; isThere {
				differences = append(differences, compareValue(documented.Name+"."+name, reflect.ValueOf(part), value)...)
			}
			delete(documented.ExamplePayload, name)
		}
		for name := range documented.ExamplePayload {
			differences = append(differences, fmt.Sprintf("%s.%s has no field", documented.Name, name))
		}
	}
	slices.Sort(differences)
	meantEvents.check(t, slices.Compact(differences))
}

// partsOf returns the parts of an event, by their names on the wire.
func partsOf(event imbotv2.Event) map[string]any {
	parts := map[string]any{
		"bot": event.Bot, "chat": event.Chat, "user": event.User, "language": event.Language, "dialogId": event.DialogID,
		"message": event.Message, "command": event.Command, "additionalMessages": event.AdditionalMessages,
	}
	if event.Message != nil {
		parts["messageId"] = event.Message.ID
	}
	if event.Reaction != nil {
		parts["reaction"], parts["action"] = event.Reaction.Reaction, event.Reaction.Action
	}
	if event.Context != nil {
		parts["context"] = event.Context.Raw
	}
	return parts
}
