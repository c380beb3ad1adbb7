package imbottest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxBody bounds the body of a request; an avatar is the largest thing that travels in one.
const maxBody = 64 << 20

// ServeHTTP answers a request that came over a connection. Over plain HTTP webhooks work on this machine alone, as they
// do in [Portal.URL].
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body could not be read", http.StatusRequestEntityTooLarge)
		return
	}
	rep, err := p.serve(r.Context(), request{
		httpMethod: r.Method,
		secure:     r.TLS != nil,
		host:       strings.ToLower(r.Host),
		url:        r.URL,
		header:     r.Header,
		body:       body,
	})
	if err == nil {
		err = rep.cut
	}
	if err != nil {
		hangUp(w, !errors.Is(err, io.EOF))
		return
	}
	rep.write(w)
}

// write sends a reply. If it announces more than it has, net/http notices and closes the connection behind it.
func (rep reply) write(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range rep.header {
		header[name] = values
	}
	if rep.header.Get("Content-Type") == "" {
		header["Content-Type"] = nil // or net/http would guess one
	}
	header.Set("Content-Length", strconv.Itoa(max(rep.length, len(rep.body))))
	w.WriteHeader(rep.status)
	_, _ = w.Write(rep.body) // the client may have gone, which is its right
}

// hangUp ends a connection without an answer, politely or by a reset.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way, for connections that cannot be taken over, such as HTTP/2
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0) // what is left unsent makes a reset of the closing
	}
	_ = conn.Close()
}

// server is the portal on a loopback address.
type server struct {
	mu     sync.Mutex
	http   *http.Server
	url    string
	closed bool
}

// start listens, unless that was done before, and returns the URL.
func (s *server) start(handler http.Handler) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return "", errors.New("imbottest: the portal is closed")
	}
	if s.http != nil {
		return s.url, nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.url = "http://" + listener.Addr().String()
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func(server *http.Server) { _ = server.Serve(listener) }(s.http) // until close, by which it fails
	return s.url, nil
}

func (s *server) close() {
	s.mu.Lock()
	s.closed = true
	running := s.http
	s.mu.Unlock()
	if running != nil {
		_ = running.Close() // the listener's error helps nobody now
	}
}

// URL returns the address of the portal on this machine, such as http://127.0.0.1:12345, and starts its server. Do not
// use it in a bubble of testing/synctest, where network connections make time stand still.
func (p *Portal) URL() string {
	p.reporter.helper()
	address, err := p.server.start(p)
	if err != nil {
		p.reporter.fatalf("imbottest: URL: %v", err)
	}
	return address
}

// WebhookURL returns the URL of the webhook [Secret] in memory.
func (p *Portal) WebhookURL() string { return "https://" + Host + webhookPath() }

// ServerWebhookURL returns the URL of the webhook [Secret] on this machine, and starts the server.
func (p *Portal) ServerWebhookURL() string {
	p.reporter.helper()
	return p.URL() + webhookPath()
}

func webhookPath() string {
	return "/rest/" + strconv.FormatInt(int64(Employee), 10) + "/" + Secret + "/"
}

// Endpoint returns the URL for OAuth calls in memory, the client_endpoint of applications.
func (p *Portal) Endpoint() string { return "https://" + Host + "/rest/" }

// ServerEndpoint returns the URL for OAuth calls on this machine, and starts the server.
func (p *Portal) ServerEndpoint() string {
	p.reporter.helper()
	return p.URL() + "/rest/"
}
