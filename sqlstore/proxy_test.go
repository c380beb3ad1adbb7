package sqlstore_test

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between a client and the shared PostgreSQL, and cuts connections.
type proxy struct {
	listener net.Listener
	conns    sync.WaitGroup

	mu     sync.Mutex
	ends   []net.Conn
	away   bool   // what comes is not answered, and nothing passes
	cut    string // a message of the client that this is in ends its connection
	passes bool   // that message gets to the server, and the answer does not come back
	met    func() // is called when it has come
}

func newProxy(t testing.TB) *proxy {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener}
	p.conns.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// cutAt has the next connection cut that sends text: before the server gets it, or when it has answered.
func (p *proxy) cutAt(text string, passes bool, met func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.passes, p.met = text, passes, met
}

// isAway lets nobody through any more, or again.
func (p *proxy) isAway(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
}

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		away := p.away
		p.mu.Unlock()
		if away {
			_ = near.Close()
			continue
		}
		var dialer net.Dialer
		far, err := dialer.DialContext(context.Background(), "tcp", server.addr)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.mu.Lock()
		p.ends = append(p.ends, near, far)
		p.mu.Unlock()
		silent, swallowed := make(chan struct{}), make(chan struct{})
		p.conns.Go(func() { p.ask(far, near, silent, swallowed) })
		p.conns.Go(func() { answer(near, far, silent, swallowed) })
	}
}

// ask passes on what a client sends. It closes silent before a message whose answer does not come back, and waits then
// until that is swallowed.
func (p *proxy) ask(to, from net.Conn, silent, swallowed chan struct{}) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			p.mu.Lock()
			cut, passes, met := p.cut != "" && bytes.Contains(buffer[:n], []byte(p.cut)), p.passes, p.met
			if cut {
				p.cut = ""
			}
			away := p.away
			p.mu.Unlock()
			if cut {
				close(silent)
			}
			if cut && passes {
				if _, err := to.Write(buffer[:n]); err != nil {
					return
				}
				<-swallowed // it has been done when the server answers
			}
			if cut {
				_ = to.Close() // the server sees it before the client does
				met()
			}
			if cut || away {
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// answer passes on what the server sends.
func answer(to, from net.Conn, silent, swallowed chan struct{}) {
	defer close(swallowed)
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		select {
		case <-silent:
			return // the connections are closed by who asked
		default:
		}
		if n > 0 && err == nil {
			_, err = to.Write(buffer[:n])
		}
		if err != nil {
			_, _ = to.Close(), from.Close()
			return
		}
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	for _, end := range p.ends {
		_ = end.Close()
	}
	p.mu.Unlock()
	p.conns.Wait()
}
