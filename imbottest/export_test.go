package imbottest

// The conversions of PHP are tested directly: what they are fed with has more forms than requests can take.
var (
	Intval    = intval
	IsEmpty   = isEmpty
	StringOf  = stringOf
	EscapePHP = escapePHP
)

// Issued returns how many codes, refresh tokens and access tokens the portal remembers.
func (p *Portal) Issued() (codes, refreshes, access int) {
	p.oauth.mu.Lock()
	defer p.oauth.mu.Unlock()
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	return len(p.oauth.codes), len(p.oauth.refreshes), len(p.world.tokens)
}

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
