// Package hostname brings the hosts of portals to one spelling. Two spellings of one host are two portals to whatever
// is kept by host, and net/http, which has two rules for names that are not ASCII, takes some for two hosts itself: it
// makes connections to the one until the timeout, because there is none to the other.
package hostname

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Normalize puts the host of an http or https address into small letters and ASCII, with the port unless it is the
// usual one. It reports false for what is no host, and for a name in any other spelling that a browser would still
// understand: with letters of another width, invisible characters, a final dot.
func Normalize(u *url.URL) (ok bool) {
	host, ok := normalHost(u.Hostname())
	if !ok {
		return false
	}
	if u.Port() != "" {
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return false
		}
		if usual := map[string]uint64{"https": 443, "http": 80}; port != usual[u.Scheme] {
			host += ":" + strconv.FormatUint(port, 10)
		}
	}
	u.Host = host
	return true
}

func normalHost(host string) (string, bool) {
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Is6() {
			return "[" + ip.String() + "]", true
		}
		return ip.String(), true
	}
	return normalName(host)
}

// name is a name in its normal form, or an address of IPv4 in one of the older ways.
var name = regexp.MustCompile(`^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$`)

func normalName(host string) (string, bool) {
	lower := strings.ToLower(host)
	if !isASCII(host) {
		ascii := sent(lower)
		if !utf8.ValidString(host) || ascii != dialed(host) {
			return "", false
		}
		lower = ascii
	}
	return lower, name.MatchString(lower)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// sent is a name as net/http writes it into a request: each part that is not ASCII in Punycode, as it stands.
func sent(host string) string {
	var written strings.Builder
	req := http.Request{URL: &url.URL{Scheme: "http", Host: host}}
	if err := req.Write(&written); err != nil {
		return ""
	}
	_, after, _ := strings.Cut(written.String(), "\r\nHost: ")
	header, _, _ := strings.Cut(after, "\r\n")
	return header
}

// dialed is a name as net/http connects to it: mapped as browsers do, and then in Punycode. Nothing is connected to.
func dialed(host string) string {
	var addr string
	transport := http.Transport{DialContext: func(_ context.Context, _, to string) (net.Conn, error) {
		addr = to
		return nil, errors.New("the address was asked for, no more")
	}}
	resp, err := transport.RoundTrip(&http.Request{URL: &url.URL{Scheme: "http", Host: host}, Header: http.Header{}})
	if err == nil {
		_ = resp.Body.Close()
	}
	name, _, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	return name
}
