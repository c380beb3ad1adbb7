package redact

import (
	"bytes"
	"encoding/json"
	"slices"
)

// IsSecretParam reports whether a parameter of REST methods is a secret, letter case aside. A CLIENT_ID is one: whoever
// knows it, and has any webhook of the portal, can act as the bots that were registered with it.
func IsSecretParam[T string | []byte](name T) bool {
	var lower [len("application_token")]byte
	if len(name) > len(lower) {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower[:len(name)]) {
	case "client_id", "clientid", "bottoken", "bot_token", "auth",
		"access_token", "refresh_token", "client_secret", "application_token":
		return true
	default:
		return false
	}
}

// InJSON returns the secrets among the parameters of a request as it is sent, a JSON object, at any depth, after others,
// which stay as they are.
func InJSON(body []byte, others ...Secret) Set {
	known := Set(slices.Clip(others))
	if set, ok := known.inPlainJSON(body); ok {
		return set
	}
	var request any
	if json.Unmarshal(body, &request) != nil {
		return known
	}
	return known.below("", request)
}

// inPlainJSON is the short way for JSON without escapes, where strings are what stands between two quotes. It reports
// false where it takes the long one to be certain.
func (set Set) inPlainJSON(body []byte) (all Set, ok bool) {
	const spaces = " \t\r\n"
	if bytes.IndexByte(body, '\\') >= 0 {
		return nil, false
	}
	for {
		_, from, found := bytes.Cut(body, []byte{'"'})
		if !found {
			return set, true
		}
		var name []byte
		if name, body, found = bytes.Cut(from, []byte{'"'}); !found {
			return nil, false
		}
		if !IsSecretParam(name) {
			continue
		}
		value, isName := bytes.CutPrefix(bytes.TrimLeft(body, spaces), []byte{':'})
		if !isName {
			continue
		}
		value = bytes.TrimLeft(value, spaces)
		switch {
		case len(value) == 0 || value[0] == '[':
			return nil, false
		case value[0] != '"':
			continue
		}
		var secret []byte
		if secret, body, found = bytes.Cut(value[1:], []byte{'"'}); !found {
			return nil, false
		}
		if len(secret) > 0 {
			set = append(set, NewSecret(string(secret)))
		}
	}
}

// below adds the secrets in a JSON value that has a name.
func (set Set) below(name string, value any) Set {
	switch value := value.(type) {
	case string:
		if value != "" && IsSecretParam(name) {
			set = append(set, NewSecret(value))
		}
	case []any:
		for _, element := range value {
			set = set.below(name, element)
		}
	case map[string]any:
		for name, member := range value {
			set = set.below(name, member)
		}
	}
	return set
}
