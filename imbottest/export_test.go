package imbottest

// The conversions of PHP are tested directly: what they are fed with has more forms than requests can take.
var (
	Intval    = intval
	IsEmpty   = isEmpty
	StringOf  = stringOf
	EscapePHP = escapePHP
)

// DecodeJSON decodes a JSON parameter list and returns it as Go values.
func DecodeJSON(text string) (any, bool) {
	params, ok := decodeJSON([]byte(text))
	if !ok {
		return nil, false
	}
	return params.plain(), true
}

// DecodeArray decodes a JSON parameter list and returns it as the portal holds it.
func DecodeArray(text string) (any, bool) { return decodeJSON([]byte(text)) }
