// Package loopback tells the addresses of this machine, which do without HTTPS, from all others.
package loopback

import (
	"net"
	"strings"
)

// Is reports whether a host, without a port, is this machine.
func Is(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
