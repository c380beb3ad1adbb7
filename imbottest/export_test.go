package imbottest

// Issued returns how many codes, refresh tokens and access tokens the portal remembers.
func (p *Portal) Issued() (codes, refreshes, access int) { return p.server.OAuth.Known() }
