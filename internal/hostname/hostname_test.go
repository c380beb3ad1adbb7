package hostname_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed-a6e4e5a4/imbot/internal/hostname"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	const portal = "xn--80aswg.example"
	for address, want := range map[string]string{
		"https://portal.example":                   "portal.example",
		"https://PORTAL.Example":                   "portal.example",
		"https://portal_1.my-company.example":      "portal_1.my-company.example",
		"https://intranet":                         "intranet",
		"https://portal.example:443":               "portal.example",
		"https://portal.example:":                  "portal.example",
		"https://portal.example:0443":              "portal.example",
		"https://portal.example:8443":              "portal.example:8443",
		"https://portal.example:80":                "portal.example:80",
		"http://localhost:80":                      "localhost",
		"http://LocalHost:443":                     "localhost:443",
		"https://сайт.example":                     portal,
		"https://Сайт.example":                     portal,
		"https://САЙТ.EXAMPLE:8443":                portal + ":8443",
		"https://%D0%A1%D0%B0%D0%B9%D1%82.example": portal,
		"https://xn--80aswg.сайт.example":          "xn--80aswg." + portal,
		"https://" + portal:                        portal,
		"https://XN--80ASWG.EXAMPLE":               portal,
		"https://straße.example":                   "xn--strae-oqa.example",
		"https://127.0.0.1:8080":                   "127.0.0.1:8080",
		"https://[2001:DB8:0::1]:443":              "[2001:db8::1]",
		"https://[::1]:8443":                       "[::1]:8443",
		"https://[fe80::1%25eth0]":                 "[fe80::1%eth0]",
		// What a browser would still understand.
		"https://portal.example.":         "",
		"https://сайт.example.":           "",
		"https://ｐｏｒｔａｌ.example":          "",
		"https://ｓａｉｔ.example":            "",
		"https://сайт。example":            "",
		"https://са\u00adйт.example":      "",
		"https://са\u0438\u0306т.example": "", // й in two characters
		"https://STRAẞE.example":          "",
		"https://İstanbul.example":        "",               // small letters of that are another host
		"https://\u212aaluga.example":     "kaluga.example", // the sign of Kelvin is a capital letter
		"https://ﬁrma.example":            "",
		"http://localho\u017ft":           "",
		// What is no host.
		"https://":                     "",
		"https://:443":                 "",
		"https://portal..example":      "",
		"https://.example":             "",
		"https://portal!.example":      "",
		"https://portal&x=.example":    "",
		"https://portal.example:0":     "",
		"https://portal.example:70000": "",
		"https://\xff.example":         "",
		"https://сай_т.example":        "",
		"https://אa.example":           "", // to be read in two directions
	} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		ok := hostname.Normalize(u)
		assert.Equal(t, want != "", ok, address)
		if ok {
			assert.Equal(t, want, u.Host, address)
		}
	}
}

// What is in its normal form stays as it is.
func TestNormalize_isStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringOfN(rapid.RuneFrom([]rune("aAzZ09-.йЙёßẞİіЯ．ａ\u0306\u00ad")), 1, 12, -1).Draw(t, "host")
		u := &url.URL{Scheme: "https", Host: host}
		if hostname.Normalize(u) {
			first := u.Host
			assert.True(t, hostname.Normalize(u), first)
			assert.Equal(t, first, u.Host)
		}
	})
}
