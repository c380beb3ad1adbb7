package hostname_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/hostname"
)

func TestLowerURL(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{ // nothing: it cannot be used
		"Portal.Example":         "portal.example",
		"PORTAL.example:8443":    "portal.example:8443",
		"XN--80ASWG.XN--P1AI":    "xn--80aswg.xn--p1ai",
		"a--b_c.example":         "a--b_c.example",
		"127.0.0.1:80":           "127.0.0.1:80",
		"[::1]:80":               "[::1]:80",
		"сайт.рф":                "сайт.рф",
		"Сайт.РФ:443":            "сайт.рф:443",
		"Straße.example":         "straße.example",
		"oauth．example":          "", // a full-width dot
		"oauth。example":          "",
		"ｏauth.example":          "", // a full-width letter
		"сай\u0306т.рф":          "", // a letter and its accent
		"ﬁ.example":              "", // a ligature
		"сайт_один.рф":           "",
		"-сайт.рф":               "",
		"сайт-.рф":               "",
		"са--йт.рф":              "",
		"xn--80aswg.рф":          "",
		"са\u200dйт.рф":          "", // a letter that nobody sees
		"\u03c3\u03af\u0345.com": "",
	} {
		u := &url.URL{Scheme: "https", Host: host, Path: "/Path"}
		ok := hostname.LowerURL(u)
		assert.Equal(t, want != "", ok, host)
		if ok {
			assert.Equal(t, url.URL{Scheme: "https", Host: want, Path: "/Path"}, *u)
			assertOne(t, u.Host)
		}
	}
}

// Whatever is let through is one host to net/http: it asks for the name that it connects to.
func TestLowerURL_everyLetter(t *testing.T) {
	t.Parallel()
	found := 0
	for r := rune(0x80); r <= 0xffff; r++ {
		u := &url.URL{Host: "a" + string(r) + "b.example"}
		if hostname.LowerURL(u) {
			found++
			assertOne(t, u.Host)
		}
	}
	assert.Greater(t, found, 30000, "letters, and some capital ones")
}

func assertOne(t *testing.T, host string) {
	t.Helper()
	dialed := ""
	transport := &http.Transport{DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
		dialed = addr
		return nil, errors.New("far enough")
	}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+"/", http.NoBody)
	require.NoError(t, err)
	_, err = transport.RoundTrip(req) //nolint:bodyclose // there is no answer
	require.Error(t, err)
	var sent bytes.Buffer
	require.NoError(t, req.Write(&sent))
	asked, err := http.ReadRequest(bufio.NewReader(&sent))
	require.NoError(t, err)
	if _, _, err := net.SplitHostPort(asked.Host); err != nil {
		asked.Host += ":80"
	}
	assert.Equal(t, dialed, asked.Host, host)
}
