package exchange_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// certificate is httptest's own, for example.com, with a pool that trusts it.
var certificate = sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return server.TLS.Certificates[0], pool
})

// network is a server in memory, inside a bubble, and the connections to it.
type network struct {
	transport *http.Transport // of the client
	accepted  chan net.Conn
	closed    chan struct{}

	mu    sync.Mutex
	conns []*wire
}

// wire is the client's end of a connection, which may break.
type wire struct {
	net.Conn
	write atomic.Pointer[func(net.Conn, []byte) (int, error)] // instead of the connection's own
}

func (w *wire) Write(p []byte) (int, error) {
	if write := w.write.Load(); write != nil {
		return (*write)(w.Conn, p)
	}
	return w.Conn.Write(p)
}

// The ways in which a connection breaks.
var (
	// swallowing: what is sent gets lost, and nothing tells.
	swallowing = func(_ net.Conn, p []byte) (int, error) { return len(p), nil }
	// closed: nothing can be written any more.
	closed = func(net.Conn, []byte) (int, error) { return 0, syscall.EPIPE }
)

// newNetwork serves handler over HTTP/2, or over HTTP/1 with or without TLS.
func newNetwork(t *testing.T, protocol string, handler http.HandlerFunc) *network {
	t.Helper()
	cert, pool := certificate()
	n := &network{accepted: make(chan net.Conn), closed: make(chan struct{})}
	n.transport = &http.Transport{
		DialContext:         n.dial,
		ForceAttemptHTTP2:   protocol == "h2",
		TLSClientConfig:     &tls.Config{RootCAs: pool},
		MaxIdleConnsPerHost: 100,
	}
	server := &http.Server{
		Handler:           handler,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{cert}},
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: time.Hour,
		HTTP2:             &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10},
	}
	if protocol != "h2" {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	go func() {
		if protocol == "http" {
			_ = server.Serve(n)
		} else {
			_ = server.ServeTLS(n, "", "")
		}
	}()
	t.Cleanup(func() {
		n.transport.CloseIdleConnections()
		_ = server.Close()
	})
	return n
}

func (n *network) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	w := &wire{Conn: client}
	n.mu.Lock()
	n.conns = append(n.conns, w)
	n.mu.Unlock()
	n.accepted <- server
	return w, nil
}

// breakAll breaks the connections that there are.
func (n *network) breakAll(write func(net.Conn, []byte) (int, error)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, w := range n.conns {
		w.write.Store(&write)
	}
}

func (n *network) dials() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.conns)
}

// Accept, Close and Addr make it the server's listener.
func (n *network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.accepted:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error {
	close(n.closed)
	return nil
}

func (n *network) Addr() net.Addr { return &net.TCPAddr{} }
