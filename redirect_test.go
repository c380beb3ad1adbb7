package imbot_test

import (
	"io"
	stdnet "net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
)

// hosts is an internet of portals: what each host answers, and what it was asked.
type hosts struct {
	answers map[string]page
	asked   []string // method, address and body of each request
}

func (h *hosts) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	h.asked = append(h.asked, req.Method+" "+req.URL.String()+" "+string(body))
	answer, ok := h.answers[req.URL.Host]
	if !ok {
		return nil, io.ErrUnexpectedEOF
	}
	header := http.Header{}
	if answer.location != "" {
		header.Set("Location", answer.location)
	}
	return &http.Response{StatusCode: answer.status, Header: header, Body: io.NopCloser(strings.NewReader(answer.body))}, nil
}

// page is an answer.
type page struct {
	status         int
	location, body string
}

const (
	oldHost  = "example-old.bitrix24.com"
	newHost  = "example-new.bitrix24.com"
	hookPath = "/rest/1/EXAMPLE_SECRET/"
	leaving  = hookPath + "imbot.chat.leave"
)

var done = page{200, "", `{"result":true}`}

func TestRedirect_followsARenamedPortal(t *testing.T) {
	t.Parallel()
	const sent = ` {"CHAT_ID":13,"BOT_ID":39}`
	for _, status := range []int{301, 302, 307, 308} {
		net := &hosts{answers: map[string]page{
			oldHost: {status, "https://" + newHost + leaving, "<html>302 Found</html>"},
			newHost: done,
		}}
		client := newClient(t, imbot.Webhook("https://"+oldHost+hookPath), append(withoutRepeats(), imbot.WithHTTPClient(&http.Client{Transport: net}))...)
		other, err := client.With(imbot.Webhook("https://" + oldHost + hookPath))
		require.NoError(t, err)

		for _, c := range []*imbot.Client{client, client, other} {
			_, err := c.Chat.Leave(t.Context(), leave13)
			require.NoError(t, err)
		}

		assert.Equal(t, []string{
			"POST https://" + oldHost + leaving + sent,
			"POST https://" + newHost + leaving + sent, // the same once more
			"POST https://" + newHost + leaving + sent, // and from then on at once
			"POST https://" + newHost + leaving + sent,
		}, net.asked)
	}
}

// 443 is the port of https, whether it is named or not.
func TestRedirect_toTheUsualPort(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{oldHost: newHost + ":443", oldHost + ":443": newHost, oldHost + ":443 ": newHost + ":443"} {
		from = strings.TrimSpace(from)
		net := &hosts{answers: map[string]page{
			oldHost: {302, "https://" + to + leaving, ""},
			newHost: done,
		}}
		client := newClient(t, imbot.Webhook("https://"+from+hookPath), imbot.WithHTTPClient(&http.Client{Transport: net}))

		_, err := client.Chat.Leave(t.Context(), leave13)

		require.NoError(t, err, "%s to %s", from, to)
		assert.Len(t, net.asked, 2)
	}
}

func TestRedirect_byOAuth(t *testing.T) {
	t.Parallel()
	net := &hosts{answers: map[string]page{
		oldHost: {302, "https://" + newHost + "/rest/imbot.chat.leave", ""},
		newHost: done,
	}}
	client := newClient(t, imbot.OAuth("https://"+oldHost+"/rest/", imbot.StaticToken("EXAMPLE_TOKEN")), imbot.WithHTTPClient(&http.Client{Transport: net}))

	_, err := client.Chat.Leave(t.Context(), leave13)

	require.NoError(t, err)
	require.Len(t, net.asked, 2)
	assert.Contains(t, net.asked[1], `"auth":"EXAMPLE_TOKEN"`)
}

// Whatever is no renamed portal is not followed, and no request, let alone a secret, goes there.
func TestRedirect_followsNothingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, location, host string
		status               int
		policy               imbot.RedirectPolicy
	}{
		{name: "to http", location: "http://" + newHost + leaving, host: newHost},
		{name: "to another path", location: "https://" + newHost + "/rest/1/EXAMPLE_SECRET/imbot.chat.get", host: newHost},
		{name: "to the license page", location: "https://" + newHost + "/bitrix/coupon_activation.php", host: newHost},
		{name: "to the license page of the same host", location: "https://" + oldHost + "/bitrix/coupon_activation.php", host: oldHost},
		{name: "with a query", location: "https://" + newHost + leaving + "?a=b", host: newHost},
		{name: "with an empty query", location: "https://" + newHost + leaving + "?", host: newHost},
		{name: "with a fragment", location: "https://" + newHost + leaving + "#a", host: newHost},
		{name: "with a user", location: "https://me@" + newHost + leaving, host: newHost},
		{name: "to another top-level domain", location: "https://example-new.bitrix24.ru" + leaving, host: "example-new.bitrix24.ru"},
		{name: "to a foreign host", location: "https://untrusted.invalid" + leaving, host: "untrusted.invalid"},
		{name: "to a host that looks like it", location: "https://example-new.bitrix24.com.untrusted.invalid" + leaving, host: "example-new.bitrix24.com.untrusted.invalid"},
		{name: "to a host that ends like it", location: "https://untrusted-bitrix24.com" + leaving, host: "untrusted-bitrix24.com"},
		{name: "to the domain itself", location: "https://bitrix24.com" + leaving, host: "bitrix24.com"},
		{name: "to another port", location: "https://" + newHost + ":8443" + leaving, host: newHost + ":8443"},
		{name: "to itself", location: "https://" + oldHost + leaving, host: oldHost},
		{name: "to itself in capitals", location: "https://EXAMPLE-OLD.bitrix24.com" + leaving, host: "EXAMPLE-OLD.bitrix24.com"},
		{
			name: "to a host in a spelling of its own", location: "https://example-new.ｂitrix24.com" + leaving,
			host: "example-new.ｂitrix24.com", policy: func(_, _ string) bool { return true },
		},
		{
			name: "to a host with a dot at its end", location: "https://" + newHost + "." + leaving,
			host: newHost + ".", policy: func(_, _ string) bool { return true },
		},
		{name: "to nowhere", location: "", host: ""},
		{name: "to a relative path", location: leaving, host: oldHost},
		{name: "to itself by the port of https", location: "https://" + oldHost + ":443" + leaving, host: oldHost + ":443"},
		{name: "to what is no address", location: "https://%zz" + leaving, host: ""},
		{name: "as a GET", location: "https://" + newHost + leaving, host: newHost, status: 303},
		{name: "against the policy", location: "https://" + newHost + leaving, host: newHost, policy: imbot.NoRedirect},
		{
			name: "to http, whatever the policy", location: "http://" + newHost + leaving, host: newHost,
			policy: func(_, _ string) bool { return true },
		},
		{
			name: "to another path, whatever the policy", location: "https://" + newHost + "/login" + leaving, host: newHost,
			policy: func(_, _ string) bool { return true },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status := 302
			if tt.status != 0 {
				status = tt.status
			}
			net := &hosts{answers: map[string]page{oldHost: {status, tt.location, ""}}}
			opts := []imbot.Option{imbot.WithHTTPClient(&http.Client{Transport: net})}
			if tt.policy != nil {
				opts = append(opts, imbot.WithRedirectPolicy(tt.policy))
			}

			_, err := newClient(t, imbot.Webhook("https://"+oldHost+hookPath), opts...).Chat.Leave(t.Context(), leave13)

			var redirect *imbot.RedirectError
			require.ErrorAs(t, err, &redirect)
			assert.Equal(t, tt.host, redirect.Host)
			assert.Equal(t, status, redirect.StatusCode)
			assertMatchesOnly(t, err)
			assert.Len(t, net.asked, 1)
		})
	}
}

func TestRedirect_isFollowedOnce(t *testing.T) {
	t.Parallel()
	const third = "example-third.bitrix24.com"
	for name, next := range map[string]string{"in a loop": oldHost, "in a chain": third} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			net := &hosts{answers: map[string]page{
				oldHost: {302, "https://" + newHost + leaving, ""},
				newHost: {302, "https://" + next + leaving, ""},
				third:   done,
			}}
			client := newClient(t, imbot.Webhook("https://"+oldHost+hookPath), imbot.WithHTTPClient(&http.Client{Transport: net}))

			_, err := client.Chat.Leave(t.Context(), leave13)

			var redirect *imbot.RedirectError
			require.ErrorAs(t, err, &redirect)
			assert.Equal(t, next, redirect.Host)
			assert.Len(t, net.asked, 2)
		})
	}
}

// A host that does not answer as a portal is not remembered as one.
func TestRedirect_forgetsWhatIsNoPortal(t *testing.T) {
	t.Parallel()
	net := &hosts{answers: map[string]page{
		oldHost: {302, "https://" + newHost + leaving, ""},
		newHost: {200, "", "<html>parked</html>"},
	}}
	client := newClient(t, imbot.Webhook("https://"+oldHost+hookPath), append(withoutRepeats(), imbot.WithHTTPClient(&http.Client{Transport: net}))...)

	_, err := client.Chat.Leave(t.Context(), leave13)
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	net.answers[oldHost] = done
	_, err = client.Chat.Leave(t.Context(), leave13)

	require.NoError(t, err)
	assert.Contains(t, net.asked[2], oldHost)
}

// A redirect beside a result comes from a portal that may have acted.
func TestRedirect_besideAResultIsNotFollowed(t *testing.T) {
	t.Parallel()
	net := &hosts{answers: map[string]page{
		oldHost: {302, "https://" + newHost + hookPath + "imbot.chat.add", `{"result":2725}`},
		newHost: {200, "", `{"result":2726}`},
	}}
	client := newClient(t, imbot.Webhook("https://"+oldHost+hookPath), imbot.WithHTTPClient(&http.Client{Transport: net}))

	_, err := client.Chat.Add(t.Context(), imbot.ChatAddRequest{})

	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	var refused *imbot.APIError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 302, refused.StatusCode)
	assert.Len(t, net.asked, 1)
}

// The new host is part of the portal: what goes wrong there is repeated there.
func TestRedirect_repeatsOnTheNewHost(t *testing.T) {
	t.Parallel()
	net := &hosts{answers: map[string]page{
		oldHost: {302, "https://" + newHost + leaving, ""},
		newHost: {200, "", `{"result":true}`},
	}}
	dials := 0
	client := newClient(t, imbot.Webhook("https://"+oldHost+hookPath), imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Nanosecond}),
		imbot.WithHTTPClient(&http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == newHost {
				if dials++; dials == 1 {
					return nil, &stdnet.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
				}
			}
			return net.RoundTrip(req)
		})}))

	_, err := client.Chat.Leave(t.Context(), leave13)

	require.NoError(t, err)
	assert.Equal(t, 2, dials)
	assert.Len(t, net.asked, 2)
}

// A portal that is renamed back is found again.
func TestRedirect_forgetsWhereThePortalIsNoMore(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]page{
		"a page":     {404, "", "<html>no such portal</html>"},
		"a redirect": {302, "https://untrusted.invalid/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			net := &hosts{answers: map[string]page{
				oldHost: {302, "https://" + newHost + leaving, ""},
				newHost: {200, "", `{"result":true}`},
			}}
			client := newClient(t, imbot.Webhook("https://"+oldHost+hookPath), append(withoutRepeats(), imbot.WithHTTPClient(&http.Client{Transport: net}))...)
			_, err := client.Chat.Leave(t.Context(), leave13)
			require.NoError(t, err)
			net.answers[oldHost], net.answers[newHost] = net.answers[newHost], gone

			_, err = client.Chat.Leave(t.Context(), leave13)
			require.Error(t, err)
			_, err = client.Chat.Leave(t.Context(), leave13)
			require.NoError(t, err)
		})
	}
}

// A refusal by the new host is the portal's, and so is its address.
func TestRedirect_remembersAPortalThatRefuses(t *testing.T) {
	t.Parallel()
	net := &hosts{answers: map[string]page{
		oldHost: {302, "https://" + newHost + leaving, ""},
		newHost: {400, "", `{"error":"WRONG_REQUEST"}`},
	}}
	client := newClient(t, imbot.Webhook("https://"+oldHost+hookPath), imbot.WithHTTPClient(&http.Client{Transport: net}))

	for range 2 {
		_, err := client.Chat.Leave(t.Context(), leave13)
		require.ErrorIs(t, err, imbot.ErrNotInChat)
	}

	require.Len(t, net.asked, 3)
	assert.Contains(t, net.asked[2], newHost)
}

func TestWithRedirectPolicy_asksForHosts(t *testing.T) {
	t.Parallel()
	var asked [][2]string
	net := &hosts{answers: map[string]page{
		"portal.example:8443":  {302, "https://Renamed.example" + leaving, ""},
		"renamed.example":      done,
		"elsewhere.bitrix24.x": done,
	}}
	client := newClient(t, imbot.Webhook("https://portal.example:8443"+hookPath), imbot.WithHTTPClient(&http.Client{Transport: net}),
		imbot.WithRedirectPolicy(func(from, to string) bool {
			asked = append(asked, [2]string{from, to})
			return true
		}))

	_, err := client.Chat.Leave(t.Context(), leave13)

	require.NoError(t, err)
	assert.Equal(t, [][2]string{{"portal.example:8443", "renamed.example"}}, asked)

	_, err = imbot.NewClient(imbot.Webhook(secretURL), imbot.WithRedirectPolicy(nil))
	var paramErr *imbot.ParamError
	require.ErrorAs(t, err, &paramErr)
}

func TestRenamedPortal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to string
		want     bool
	}{
		{"example-a.bitrix24.com", "example-b.bitrix24.com", true},
		{"example-a.bitrix24.com.br", "example-b.bitrix24.com.br", true},
		{"example-a.bitrix24.com", "example-b.bitrix24.com.br", false},
		{"example-a.bitrix24.com", "example-b.bitrix24.ru", false},
		{"portal.example", "example-b.bitrix24.com", false},
		{"example-a.bitrix24.com", "portal.example", false},
		{"example-a.bitrix24.com", "b.example.bitrix24.com", false},
		{"example-a.bitrix24.untrusted.invalid", "example-b.bitrix24.untrusted.invalid", false},
		{"", "", false},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, imbot.RenamedPortal(tt.from, tt.to), "%s to %s", tt.from, tt.to)
	}
}
