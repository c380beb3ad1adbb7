package server

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

// maxBody bounds the body of a request; a file in base64 is the largest thing that travels in one.
const maxBody = 160 << 20

// ServeHTTP answers a request that came over a connection. Over plain HTTP webhooks work on this machine alone.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body could not be read", http.StatusRequestEntityTooLarge)
		return
	}
	rep, err := s.serve(r.Context(), request{
		httpMethod: r.Method,
		secure:     r.TLS != nil,
		host:       strings.ToLower(r.Host),
		url:        r.URL,
		header:     r.Header,
		body:       body,
	})
	if err == nil {
		err = rep.Cut
	}
	if err != nil {
		hangUp(w, !errors.Is(err, io.EOF))
		return
	}
	rep.write(w)
}

// write sends a reply. If it announces more than it has, net/http notices and closes the connection behind it.
func (rep Reply) write(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range rep.Header {
		header[name] = values
	}
	if rep.Header.Get("Content-Type") == "" {
		header["Content-Type"] = nil // or net/http would guess one
	}
	header.Set("Content-Length", strconv.Itoa(max(rep.Length, len(rep.Body))))
	w.WriteHeader(rep.Status)
	_, _ = w.Write(rep.Body) // the client may have gone, which is its right
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

// listener is the portal on a loopback address.
type listener struct {
	mu     sync.Mutex
	http   *http.Server
	url    string
	closed bool

	elsewhere bool // a program serves the portal itself, at the URL
}

// start listens, unless that was done before, and returns the URL.
func (l *listener) start(handler http.Handler) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return "", errors.New("imbottest: the portal is closed")
	}
	if l.http != nil || l.elsewhere {
		return l.url, nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	l.url = "http://" + listener.Addr().String()
	l.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func(running *http.Server) { _ = running.Serve(listener) }(l.http) // until close, by which it fails
	return l.url, nil
}

func (l *listener) close() {
	l.mu.Lock()
	l.closed = true
	running := l.http
	l.mu.Unlock()
	if running != nil {
		_ = running.Close() // the listener's error is of no use now
	}
}

// Listen starts the server on this machine, unless that was done before, and returns its URL.
func (s *Server) Listen() (string, error) { return s.listener.start(s) }
