package imbottest

// Issued returns how many codes, refresh tokens and access tokens the portal remembers.
func (p *Portal) Issued() (codes, refreshes, access int) {
	p.oauth.mu.Lock()
	defer p.oauth.mu.Unlock()
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	return len(p.oauth.codes), len(p.oauth.refreshes), len(p.world.tokens)
}
