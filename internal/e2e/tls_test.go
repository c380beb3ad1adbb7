package e2e_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "EXAMPLE authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return authority{cert, key}
}

func (a authority) sign(t *testing.T, until time.Time, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: until}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// A certificate that is not accepted is the end of it, before anything was sent: no repeats, no secret.
func TestTLS(t *testing.T) {
	t.Parallel()
	ours, others := newAuthority(t), newAuthority(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(ours.cert)
	tomorrow, before := time.Now().Add(time.Hour), time.Now().Add(-time.Minute)
	tests := []struct {
		name    string
		config  *tls.Config // nil: no TLS at all
		good    bool
		unknown bool
	}{
		{name: "good", config: &tls.Config{Certificates: []tls.Certificate{ours.sign(t, tomorrow, "127.0.0.1")}}, good: true},
		{name: "of an unknown authority", config: &tls.Config{Certificates: []tls.Certificate{others.sign(t, tomorrow, "127.0.0.1")}}},
		{name: "for another host", config: &tls.Config{Certificates: []tls.Certificate{ours.sign(t, tomorrow, "elsewhere.example")}}},
		{name: "expired", config: &tls.Config{Certificates: []tls.Certificate{ours.sign(t, before, "127.0.0.1")}}},
		{name: "no TLS"},
		{ // the alert comes when the request may have been sent
			name:    "a certificate of the client is wanted",
			config:  &tls.Config{Certificates: []tls.Certificate{ours.sign(t, tomorrow, "127.0.0.1")}, ClientAuth: tls.RequireAndVerifyClientCert},
			unknown: true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			var connections atomic.Int64
			server := httptest.NewUnstartedServer(portal)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			if tt.config != nil {
				server.TLS = tt.config
				server.StartTLS()
			} else {
				server.Start()
			}
			t.Cleanup(server.Close)
			hook := "https://" + server.Listener.Addr().String() + strings.TrimPrefix(portal.WebhookURL(), "https://"+imbottest.Host)
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
			t.Cleanup(transport.CloseIdleConnections)
			client, err := imbot.NewClient(imbot.Webhook(hook), imbot.WithClientID(imbottest.ClientID), imbot.WithHTTPClient(&http.Client{Transport: transport}),
				imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Millisecond, MaxDelay: time.Millisecond}))
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()

			_, err = client.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotMain})

			assert.Equal(t, !tt.good, portal.Has(13, imbottest.BotMain))
			if tt.good {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.NotContains(t, err.Error(), imbottest.Secret)
			if !tt.unknown {
				assert.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
				assert.EqualValues(t, 1, connections.Load(), "another try changes nothing")
			}
			assert.Empty(t, portal.Calls())
		})
	}
}
