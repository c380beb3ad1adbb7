package imbot

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// The methods that take a CLIENT_ID are those of chat bots. The second generation of them has another name for it.
const (
	botMethods   = "imbot."
	botMethodsV2 = "imbot.v2."

	clientIDParam = "CLIENT_ID"
	botTokenParam = "botToken"
)

// clientID returns the CLIENT_ID of [WithClientID] for the calls of a method that name none. There is none for methods
// of other families, and under OAuth none for the second generation: a bot that is registered with one there belongs to
// the token, and no longer to the application. The first generation does not read it there.
func (c *Client) clientID(method string) redact.Secret {
	byOAuth := c.credentials.token != nil
	if !hasPrefixFold(method, botMethods) || byOAuth && hasPrefixFold(method, botMethodsV2) {
		return redact.Secret{}
	}
	return c.core.botsID
}

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
	if hasParam(body, param) {
		return body
	}
	quoted, err := json.Marshal(clientID)
	if err != nil {
		return body
	}
	open := body[:len(body)-1] // an empty member of the same name may stand in it: of two the portal takes the last
	out := make([]byte, 0, len(body)+len(param)+len(quoted)+len(`,"":`))
	out = append(out, open...)
	if len(open) > 1 {
		out = append(out, ',')
	}
	out = append(append(append(out, '"'), param...), `":`...)
	return append(append(out, quoted...), '}')
}

// hasParam reports whether body, a JSON object, has a member of that name that is not empty.
func hasParam(body []byte, param string) bool {
	is := func(name string, value json.RawMessage) bool {
		return strings.EqualFold(name, param) && string(value) != `""` && !isNull(value)
	}
	named := false
	if envelope.Members(body, func(name, value []byte) bool {
		named = named || is(string(name), value)
		return bytes.IndexByte(name, '\\') < 0
	}) {
		return named
	}
	var members map[string]json.RawMessage // for names with escapes
	if json.Unmarshal(body, &members) != nil {
		return true // nobody knows, and it is not ours to change
	}
	for name, value := range members {
		if is(name, value) {
			return true
		}
	}
	return false
}
