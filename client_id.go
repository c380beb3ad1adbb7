package imbot

import (
	"encoding/json"
	"slices"
	"strings"
)

// The methods that take a CLIENT_ID are those of chat bots. The second generation of them has another name for it.
const (
	botMethods   = "imbot."
	botMethodsV2 = "imbot.v2."

	clientIDParam = "CLIENT_ID"
	botTokenParam = "botToken"
)

func takesClientID(method string) bool { return hasPrefixFold(method, botMethods) }

// clientIDParamOf returns the name that a method has for the CLIENT_ID.
func clientIDParamOf(method string) string {
	if hasPrefixFold(method, botMethodsV2) {
		return botTokenParam
	}
	return clientIDParam
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// withClientID returns body, a JSON object, with the CLIENT_ID as its last member, unless it names one of its own.
func withClientID(body []byte, method, clientID string) []byte {
	param := clientIDParamOf(method)
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return body
	}
	for name, value := range members {
		if strings.EqualFold(name, param) && string(value) != `""` && !isNull(value) {
			return body
		}
	}
	quoted, err := json.Marshal(clientID)
	if err != nil {
		return body
	}
	last := len(body) - 1 // an empty member of the same name may stand before: of two the portal takes the last
	member := slices.Concat([]byte{'"'}, []byte(param), []byte(`":`), quoted, []byte{'}'})
	if len(members) > 0 {
		member = slices.Insert(member, 0, ',')
	}
	return slices.Concat(body[:last], member)
}
