package server

import (
	"net/url"
	"strings"
)

// route is what the path of a request says.
type route struct {
	rest         bool   // the path is that of the REST server
	method       string // as sent, without the suffix
	format       string // the suffix, "json" without one
	webhook      bool
	user, secret string // of a webhook
}

// name is what the server knows the method by. The letter case of a method does not count.
func (r route) name() string { return strings.ToLower(r.method) }

// parseRoute takes a path apart: /rest/METHOD with a token elsewhere, or /rest/USER/SECRET/METHOD, each with or without
// a suffix and a final slash. A path with any other number of parts is the name of a method that does not exist: this
// is what becomes of a webhook whose user was left out.
func parseRoute(escapedPath string) route {
	rest, found := strings.CutPrefix(mergeSlashes(escapedPath), "/rest/")
	if !found {
		return route{}
	}
	parts := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			parts[i] = plain
		}
	}
	way := route{rest: true}
	last := strings.Join(parts, "/")
	if len(parts) == 3 {
		way.webhook, way.user, way.secret, last = true, parts[0], parts[1], parts[2]
	}
	way.method, way.format = cutFormat(last)
	return way
}

// mergeSlashes makes one slash of several in a row, as the web server before a portal does: official SDKs send
// /rest//METHOD and /rest/1/SECRET//METHOD/.
func mergeSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// cutFormat separates the suffix from a method, whose own name has dots.
func cutFormat(name string) (method, format string) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return name, "json"
	}
	switch suffix := strings.ToLower(name[dot+1:]); suffix {
	case "json", "xml":
		return name[:dot], suffix
	}
	return name, "json"
}
