package onerequest

import "net/http"

// Current is what t sends requests by now.
func Current(t *Transport) http.RoundTripper {
	if own := t.current.Load(); own != nil {
		return own
	}
	return t.given
}
