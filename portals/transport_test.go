package portals_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/portals"
)

// manyHosts is a server that is at every host, and a transport that goes there.
func manyHosts(t testing.TB, http2 bool) *http.Transport {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, r.ProtoMajor, r.TLS.DidResume)
	}))
	server.EnableHTTP2, server.Config.ErrorLog = http2, log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // the certificate is the test server's
	base.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	return base
}

// get makes a request to a portal and returns the answer.
func get(ctx context.Context, transport *http.Transport, n int) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("https://p%d.example/", n), http.NoBody)
	if err != nil {
		return "", err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	return string(answer), err
}

// However many portals there are, a bounded number of connections is kept, over HTTP/1.1 and HTTP/2. Whatever is closed
// for that was idle: no request fails. Who comes again resumes the TLS session.
func TestConnections(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := manyHosts(t, http2)
			const portalsOfAll, most, workers = 300, 40, 4
			of, open := portals.Transports(base, most)
			var highest, resumed atomic.Int64
			for range 3 {
				var group sync.WaitGroup
				for worker := range workers {
					group.Go(func() {
						for n := worker; n < portalsOfAll; n += workers {
							answer, err := get(t.Context(), of(member(n)), n)
							if !assert.NoError(t, err) {
								return
							}
							for now := open.Load(); ; {
								was := highest.Load()
								if now <= was || highest.CompareAndSwap(was, now) {
									break
								}
							}
							want := "1"
							if http2 {
								want = "2"
							}
							assert.Equal(t, want, answer[:1])
							if strings.HasSuffix(answer, "true") {
								resumed.Add(1)
							}
						}
					})
				}
				group.Wait()
			}
			assert.LessOrEqual(t, highest.Load(), int64(most+2*workers))
			assert.Greater(t, highest.Load(), int64(most/4), "connections are kept")
			assert.Greater(t, resumed.Load(), int64(portalsOfAll))
			assert.Nil(t, base.TLSClientConfig.ClientSessionCache, "what was given stays as it is")
			assert.Zero(t, base.MaxIdleConnsPerHost)
		})
	}
}

// A portal has one transport, so that its connections are used again, and its settings hold.
func TestConnections_one(t *testing.T) {
	t.Parallel()
	base := manyHosts(t, true)
	base.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	base.HTTP2 = &http.HTTP2Config{SendPingTimeout: time.Minute, PingTimeout: time.Hour}
	of, open := portals.Transports(base, 3)
	distinct := map[*http.Transport]bool{}
	for n := range 100 {
		distinct[of(member(n))] = true
		transport := of(member(n))
		assert.Same(t, transport, of(member(n)))
		assert.Same(t, base.TLSClientConfig.ClientSessionCache, of(member(n)).TLSClientConfig.ClientSessionCache)
		assert.Equal(t, base.HTTP2, of(member(n)).HTTP2)
	}
	assert.Len(t, distinct, 3)
	for range 10 {
		_, err := get(t.Context(), of(member(1)), 1)
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, open.Load())
	of(member(1)).CloseIdleConnections()
	assert.Eventually(t, func() bool { return open.Load() == 0 }, 10*time.Second, time.Millisecond)

	plain := &http.Transport{}
	of, _ = portals.Transports(plain, 1)
	assert.True(t, of(member(1)).ForceAttemptHTTP2)
	base.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errStop }
	of, open = portals.Transports(base, 1)
	_, err := get(t.Context(), of(member(1)), 1)
	require.ErrorIs(t, err, errStop)
	assert.Zero(t, open.Load())
}

func TestConnections_usual(t *testing.T) {
	t.Parallel()
	for files, want := range map[uint64]int{0: 2048, 1: 2048, 256: 128, 1024: 512, 4096: 2048, 1 << 20: 2048, 1<<64 - 1: 2048} {
		assert.Equal(t, want, portals.UsualConnections(files), files)
	}
}
