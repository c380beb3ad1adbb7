package portals

import (
	"context"
	"crypto/tls"
	"hash/maphash"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

const (
	// shards is how many transports the portals are spread over. net/http closes the idle connections of a transport
	// together, and has no other way to bound those of HTTP/2.
	shards = 64

	idlePerPortal = 8
	idleTimeout   = 90 * time.Second
	sessions      = 10_000 // TLS sessions that are kept, to resume them with
	silence       = 10 * time.Second
)

// connections are the transports of a registry. They keep a bounded number of connections open: when there are more,
// the idle ones of some transports are closed. What is in use stays.
type connections struct {
	most   int64
	open   atomic.Int64
	seed   maphash.Seed
	shards []*http.Transport
	// options have clients use them, one for each. All clients of a transport get the same one, so that they share what
	// is known of its connections, and replace one that does not answer together.
	options []imbot.Option

	closing sync.Mutex // one at a time makes room
}

// newConnections returns transports that are like base, which stays as it is.
func newConnections(base *http.Transport, most int) *connections {
	c := &connections{most: int64(most), seed: maphash.MakeSeed()}
	cache := tls.NewLRUClientSessionCache(sessions)
	dial := base.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	for range min(shards, most) {
		shard := base.Clone()
		if shard.TLSClientConfig == nil {
			shard.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		if shard.TLSClientConfig.ClientSessionCache == nil {
			shard.TLSClientConfig.ClientSessionCache = cache
		}
		if shard.HTTP2 == nil {
			shard.HTTP2 = new(http.HTTP2Config)
		}
		if shard.HTTP2.SendPingTimeout == 0 {
			shard.HTTP2.SendPingTimeout, shard.HTTP2.PingTimeout = silence, silence
		}
		shard.ForceAttemptHTTP2 = true // with a TLSClientConfig and a DialContext net/http leaves it out otherwise
		shard.MaxIdleConns, shard.MaxIdleConnsPerHost, shard.IdleConnTimeout = most, idlePerPortal, idleTimeout
		shard.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return c.opened(conn), nil
		}
		c.shards = append(c.shards, shard)
		c.options = append(c.options, imbot.WithHTTPClient(&http.Client{Transport: shard}))
	}
	return c
}

// of returns which transport is that of a portal.
func (c *connections) of(memberID string) int {
	return int(maphash.String(c.seed, memberID) % uint64(len(c.shards))) //nolint:gosec // it is less than there are shards
}

// opened counts a connection, and closes idle ones if there are too many.
func (c *connections) opened(conn net.Conn) net.Conn {
	if c.open.Add(1) > c.most {
		c.makeRoom()
	}
	return &countedConn{Conn: conn, closed: sync.OnceFunc(func() { c.open.Add(-1) })}
}

// makeRoom closes idle connections. Where it begins is left to chance: where portals are called in turn, to close those
// first that were opened first would leave none for whoever comes next.
func (c *connections) makeRoom() {
	c.closing.Lock()
	defer c.closing.Unlock()
	next := rand.IntN(len(c.shards)) //nolint:gosec // it keeps nothing secret
	for tried := 0; c.open.Load() > c.most && tried < len(c.shards); tried++ {
		c.shards[next].CloseIdleConnections()
		next = (next + 1) % len(c.shards)
	}
}

// countedConn is a connection that says when it is closed.
type countedConn struct {
	net.Conn

	closed func()
}

// Close closes the connection.
func (c *countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
