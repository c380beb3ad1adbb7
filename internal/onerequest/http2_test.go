package onerequest_test

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

// What is needed of HTTP/2 to read a request and to disown it.
const (
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7

	flagEnd, flagAck = 1, 1

	refusedStream = 7
)

func writeFrame(w io.Writer, kind, flags byte, stream uint32, payload ...byte) {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[5:], stream)
	_, _ = w.Write(append(head, payload...))
}

func readFrame(r io.Reader) (kind, flags byte, stream uint32, err error) {
	head := make([]byte, 9)
	if _, err = io.ReadFull(r, head); err != nil {
		return 0, 0, 0, err
	}
	_, err = io.CopyN(io.Discard, r, int64(head[0])<<16|int64(head[1])<<8|int64(head[2]))
	return head[3], head[4], binary.BigEndian.Uint32(head[5:]), err
}

// disowning serves HTTP/2 connections, and answers every request, whole or after its head, by saying that it has not
// looked at it.
func disowning(t *testing.T, early bool, disown func(conn net.Conn, stream uint32)) (transport *http.Transport, url string, requests *atomic.Int32) {
	t.Helper()
	plain := httptest.NewTLSServer(nil) // for its certificate
	plain.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: plain.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	requests = new(atomic.Int32)
	serve := func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		if _, err := io.ReadFull(conn, make([]byte, len(preface))); err != nil {
			return
		}
		writeFrame(conn, frameSettings, 0, 0)
		for {
			kind, flags, stream, err := readFrame(conn)
			switch {
			case err != nil:
				return
			case kind == frameSettings && flags&flagAck == 0:
				writeFrame(conn, frameSettings, flagAck, 0)
			case kind == frameHeaders:
				if requests.Add(1) > 5 { // whoever does not end by itself has to be ended
					_ = listener.Close()
					return
				}
				if early {
					disown(conn, stream)
				}
			case kind == frameData && flags&flagEnd != 0 && !early:
				disown(conn, stream)
			}
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	transport = plain.Client().Transport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2 = true
	t.Cleanup(transport.CloseIdleConnections)
	return transport, "https://" + listener.Addr().String() + "/", requests
}

// Over HTTP/2 net/http repeats what a server says it has not looked at. It is one request, whatever the server says.
func TestRoundTrip_http2(t *testing.T) {
	t.Parallel()
	for name, disown := range map[string]func(conn net.Conn, stream uint32){
		"going away": func(conn net.Conn, _ uint32) { writeFrame(conn, frameGoAway, 0, 0, make([]byte, 8)...) },
		"refused":    func(conn net.Conn, stream uint32) { writeFrame(conn, frameReset, 0, stream, 0, 0, 0, refusedStream) },
	} {
		for when, early := range map[string]bool{"whole": false, "after its head": true} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				transport, url, requests := disowning(t, early, disown)
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
				require.NoError(t, err)
				req.Header.Set("Idempotency-Key", "1")
				for i := range int32(2) { // over a new connection, and over a kept one
					_, failure := onerequest.New(transport).Send(t.Context(), onerequest.Request{URL: *req.URL, Header: req.Header, Body: payload.Body{Text: []byte("refresh_token=EXAMPLE")}}) //nolint:bodyclose // none
					require.NotNil(t, failure)
					assert.True(t, failure.Unprocessed, failure.Err)
					assert.False(t, failure.NoConnection)
					assert.Equal(t, outcome.NotExecuted, failure.Outcome)
					assert.Equal(t, i+1, requests.Load())
				}
			})
		}
	}
}
