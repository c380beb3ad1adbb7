package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// server is the Redis that all tests share. Each test has keys of its own.
var server struct {
	addr string
	name string // what it is, for the log
	real bool
}

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	_, err := exec.LookPath("redis-server")
	if err != nil {
		mini := miniredis.NewMiniRedis()
		if err := mini.Start(); err != nil {
			fmt.Fprintln(os.Stderr, "miniredis:", err)
			return 1
		}
		defer mini.Close()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go expire(ctx, mini)
		server.addr, server.name = mini.Addr(), "miniredis, for there is no redis-server in the PATH"
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "redisstore")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	addr, version, stop, err := startRedis(context.Background(), dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "redis-server:", err)
		return 1
	}
	defer stop()
	server.addr, server.name, server.real = addr, "redis-server "+version, true
	return m.Run()
}

// expire lets things expire in a miniredis, which does not look at the clock for that.
func expire(ctx context.Context, mini *miniredis.Miniredis) {
	const step = 10 * time.Millisecond
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			mini.FastForward(step)
		case <-ctx.Done():
			return
		}
	}
}

// startRedis starts a redis-server that keeps nothing on disk. Between it and the test stands a shell that kills it
// when its input ends: at the latest when the process of the test does, however that ends.
func startRedis(ctx context.Context, dir string, args ...string) (addr, version string, stop func(), err error) {
	for range 5 { // somebody else may get the port before Redis does
		addr, version, stop, err = startRedisOnce(ctx, dir, args...)
		if err == nil {
			break
		}
	}
	return addr, version, stop, err
}

func startRedisOnce(ctx context.Context, dir string, args ...string) (addr, version string, stop func(), err error) {
	addr, err = freeAddr(ctx)
	if err != nil {
		return "", "", nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", "", nil, err
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), "sh", append([]string{
		"-c", `redis-server "$@" >redis.log 2>&1 & read -r _; kill -9 $!`, "sh",
		"--bind", host, "--port", port, "--dir", dir, "--save", "", "--appendonly", "no",
	}, args...)...)
	command.Dir = dir
	input, err := command.StdinPipe()
	if err != nil {
		return "", "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", "", nil, err
	}
	stop = func() {
		_ = input.Close()
		_ = command.Wait()
	}
	if version, err = answers(ctx, addr); err != nil {
		stop()
		return "", "", nil, err
	}
	return addr, version, stop, nil
}

func freeAddr(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// answers waits until a Redis is ready, and returns its version.
func answers(ctx context.Context, addr string) (version string, err error) {
	client := redis.NewClient(&redis.Options{Addr: addr})
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		var info string
		if info, err = client.Info(ctx, "server").Result(); err == nil {
			_, version, _ = strings.Cut(info, "redis_version:")
			version, _, _ = strings.Cut(version, "\r\n")
			return version, nil
		}
		pause(ctx, 20*time.Millisecond)
	}
	return "", errors.Join(err, ctx.Err())
}

// pause lets real time pass: Redis lives outside of every bubble of synctest.
func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

// newClient returns a client of the shared Redis, or of what is at addr, and says in the log what that is.
func newClient(t testing.TB, change ...func(*redis.Options)) *redis.Client {
	t.Helper()
	t.Log("on " + server.name)
	options := &redis.Options{Addr: server.addr}
	for _, do := range change {
		do(options)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() {
		_ = client.Close()
		forget(t)
	})
	return client
}

// forget deletes what a test has left, so that it can run again on the same Redis.
func forget(t testing.TB) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.addr})
	defer func() { _ = client.Close() }()
	ctx := context.WithoutCancel(t.Context())
	keys, err := client.Keys(ctx, "*imbot:"+t.Name()+"}*").Result()
	if err == nil && len(keys) > 0 {
		err = client.Del(ctx, keys...).Err()
	}
	if err != nil {
		t.Error(err)
	}
}

// respectsContexts makes go-redis put the deadline of a context on its connections.
func respectsContexts(o *redis.Options) { o.ContextTimeoutEnabled = true }

// proxy stands between a client and the shared Redis, and can stop passing anything on.
type proxy struct {
	listener net.Listener
	conns    sync.WaitGroup

	mu   sync.Mutex
	open chan struct{} // closed while bytes may pass
	ends []net.Conn
}

func newProxy(t testing.TB) *proxy {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener, open: make(chan struct{})}
	close(p.open)
	p.conns.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// through makes a client use the proxy.
func (p *proxy) through(o *redis.Options) { o.Addr = p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
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
		p.conns.Go(func() { p.pass(far, near) })
		p.conns.Go(func() { p.pass(near, far) })
	}
}

func (p *proxy) pass(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 1<<14)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		open := p.open
		p.mu.Unlock()
		<-open
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// stall keeps everything back that comes from now on, in both directions. Connections stay open.
func (p *proxy) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = make(chan struct{})
}

// resume passes on what was kept back, and what comes.
func (p *proxy) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.open:
	default:
		close(p.open)
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.resume()
	p.mu.Lock()
	for _, end := range p.ends {
		_ = end.Close()
	}
	p.mu.Unlock()
	p.conns.Wait()
}
