package imbot_test

import (
	stdnet "net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

const (
	hookPath = "/rest/1/EXAMPLE_SECRET/"
	leaving  = hookPath + "imbot.chat.leave"
)

func TestRedirect_followsARenamedPortal(t *testing.T) {
	t.Parallel()
	const sent = ` {"CHAT_ID":13,"BOT_ID":39}`
	for _, status := range []int{301, 302, 307, 308} {
		net := &clienttest.Web{Answers: map[string]http.RoundTripper{
			clienttest.OldHost: clienttest.Redirecting(status, "https://"+clienttest.NewHost+leaving, "<html>302 Found</html>"),
			clienttest.NewHost: clienttest.Done,
		}}
		client := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+hookPath), append(clienttest.WithoutRepeats(), clienttest.Over(net))...)
		other, err := client.With(imbot.Webhook("https://" + clienttest.OldHost + hookPath))
		require.NoError(t, err)

		for _, c := range []*imbot.Client{client, client, other} {
			_, err := c.Chat.Leave(t.Context(), clienttest.Leave13)
			require.NoError(t, err)
		}

		assert.Equal(t, []string{
			"POST https://" + clienttest.OldHost + leaving + sent,
			"POST https://" + clienttest.NewHost + leaving + sent, // the same once more
			"POST https://" + clienttest.NewHost + leaving + sent, // and from then on at once
			"POST https://" + clienttest.NewHost + leaving + sent,
		}, net.Asked)
	}
}

// 443 is the port of https, whether it is named or not.
func TestRedirect_toTheUsualPort(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{clienttest.OldHost: clienttest.NewHost + ":443", clienttest.OldHost + ":443": clienttest.NewHost, clienttest.OldHost + ":443 ": clienttest.NewHost + ":443"} {
		from = strings.TrimSpace(from)
		net := &clienttest.Web{Answers: map[string]http.RoundTripper{
			clienttest.OldHost: clienttest.Redirecting(302, "https://"+to+leaving, ""),
			clienttest.NewHost: clienttest.Done,
		}}
		client := clienttest.New(t, imbot.Webhook("https://"+from+hookPath), clienttest.Over(net))

		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

		require.NoError(t, err, "%s to %s", from, to)
		assert.Len(t, net.Asked, 2)
	}
}

func TestRedirect_byOAuth(t *testing.T) {
	t.Parallel()
	net := &clienttest.Web{Answers: map[string]http.RoundTripper{
		clienttest.OldHost: clienttest.Redirecting(302, "https://"+clienttest.NewHost+"/rest/imbot.chat.leave", ""),
		clienttest.NewHost: clienttest.Done,
	}}
	client := clienttest.New(t, imbot.OAuth("https://"+clienttest.OldHost+"/rest/", imbot.StaticToken("EXAMPLE_TOKEN")), clienttest.Over(net))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	require.Len(t, net.Asked, 2)
	assert.Contains(t, net.Asked[1], `"auth":"EXAMPLE_TOKEN"`)
}

// Nothing but a renamed portal is followed, and no request, let alone a secret, goes anywhere else.
func TestRedirect_followsNothingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, location, host string
		status               int
		policy               imbot.RedirectPolicy
	}{
		{name: "to http", location: "http://" + clienttest.NewHost + leaving, host: clienttest.NewHost},
		{name: "to another path", location: "https://" + clienttest.NewHost + "/rest/1/EXAMPLE_SECRET/imbot.chat.get", host: clienttest.NewHost},
		{name: "to the license page", location: "https://" + clienttest.NewHost + "/bitrix/coupon_activation.php", host: clienttest.NewHost},
		{name: "to the license page of the same host", location: "https://" + clienttest.OldHost + "/bitrix/coupon_activation.php", host: clienttest.OldHost},
		{name: "with a query", location: "https://" + clienttest.NewHost + leaving + "?a=b", host: clienttest.NewHost},
		{name: "with an empty query", location: "https://" + clienttest.NewHost + leaving + "?", host: clienttest.NewHost},
		{name: "with a fragment", location: "https://" + clienttest.NewHost + leaving + "#a", host: clienttest.NewHost},
		{name: "with a user", location: "https://me@" + clienttest.NewHost + leaving, host: clienttest.NewHost},
		{name: "to another top-level domain", location: "https://example-new.bitrix24.ru" + leaving, host: "example-new.bitrix24.ru"},
		{name: "to a foreign host", location: "https://untrusted.invalid" + leaving, host: "untrusted.invalid"},
		{name: "to a host that looks like it", location: "https://example-new.bitrix24.com.untrusted.invalid" + leaving, host: "example-new.bitrix24.com.untrusted.invalid"},
		{name: "to a host that ends like it", location: "https://untrusted-bitrix24.com" + leaving, host: "untrusted-bitrix24.com"},
		{name: "to the domain itself", location: "https://bitrix24.com" + leaving, host: "bitrix24.com"},
		{name: "to another port", location: "https://" + clienttest.NewHost + ":8443" + leaving, host: clienttest.NewHost + ":8443"},
		{name: "to itself", location: "https://" + clienttest.OldHost + leaving, host: clienttest.OldHost},
		{name: "to itself in capitals", location: "https://EXAMPLE-OLD.bitrix24.com" + leaving, host: "EXAMPLE-OLD.bitrix24.com"},
		{
			name: "to a host in a spelling of its own", location: "https://example-new.ｂitrix24.com" + leaving,
			host: "example-new.ｂitrix24.com", policy: func(_, _ string) bool { return true },
		},
		{
			name: "to a host with a dot at its end", location: "https://" + clienttest.NewHost + "." + leaving,
			host: clienttest.NewHost + ".", policy: func(_, _ string) bool { return true },
		},
		{name: "to a host named like the secret", location: "https://EXAMPLE_SECRET/rest/", host: "***"},
		{name: "to nowhere", location: "", host: ""},
		{name: "to a relative path", location: leaving, host: clienttest.OldHost},
		{name: "to itself by the port of https", location: "https://" + clienttest.OldHost + ":443" + leaving, host: clienttest.OldHost + ":443"},
		{name: "to what is no address", location: "https://%zz" + leaving, host: ""},
		{name: "as a GET", location: "https://" + clienttest.NewHost + leaving, host: clienttest.NewHost, status: 303},
		{name: "for good", location: "https://untrusted.invalid:8443" + leaving, host: "untrusted.invalid:8443", status: 301},
		{name: "for now, as it is", location: "https://untrusted.invalid" + leaving, host: "untrusted.invalid", status: 307},
		{name: "for good, as it is", location: leaving, host: clienttest.OldHost, status: 308},
		{name: "against the policy", location: "https://" + clienttest.NewHost + leaving, host: clienttest.NewHost, policy: imbot.NoRedirect},
		{
			name: "to http, whatever the policy", location: "http://" + clienttest.NewHost + leaving, host: clienttest.NewHost,
			policy: func(_, _ string) bool { return true },
		},
		{
			name: "to another path, whatever the policy", location: "https://" + clienttest.NewHost + "/login" + leaving, host: clienttest.NewHost,
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
			net := &clienttest.Web{Answers: map[string]http.RoundTripper{clienttest.OldHost: clienttest.Redirecting(status, tt.location, "")}}
			opts := []imbot.Option{clienttest.Over(net)}
			if tt.policy != nil {
				opts = append(opts, imbot.WithRedirectPolicy(tt.policy))
			}

			_, err := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+hookPath), opts...).Chat.Leave(t.Context(), clienttest.Leave13)

			var redirect *imbot.RedirectError
			require.ErrorAs(t, err, &redirect)
			assert.Equal(t, imbot.RedirectError{Method: "imbot.chat.leave", StatusCode: status, Host: tt.host}, *redirect)
			clienttest.MatchesOnly(t, err)
			assert.NotContains(t, err.Error(), "EXAMPLE_SECRET")
			require.Len(t, net.Asked, 1)
			assert.Contains(t, net.Asked[0], http.MethodPost+" ")
		})
	}
}

func TestRedirect_isFollowedOnce(t *testing.T) {
	t.Parallel()
	const third = "example-third.bitrix24.com"
	for name, next := range map[string]string{"in a loop": clienttest.OldHost, "in a chain": third} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			net := &clienttest.Web{Answers: map[string]http.RoundTripper{
				clienttest.OldHost: clienttest.Redirecting(302, "https://"+clienttest.NewHost+leaving, ""),
				clienttest.NewHost: clienttest.Redirecting(302, "https://"+next+leaving, ""),
				third:              clienttest.Done,
			}}
			client := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+hookPath), clienttest.Over(net))

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			var redirect *imbot.RedirectError
			require.ErrorAs(t, err, &redirect)
			assert.Equal(t, next, redirect.Host)
			assert.Len(t, net.Asked, 2)
		})
	}
}

// A host that does not answer as a portal is not remembered as one.
func TestRedirect_forgetsWhatIsNoPortal(t *testing.T) {
	t.Parallel()
	net := &clienttest.Web{Answers: map[string]http.RoundTripper{
		clienttest.OldHost: clienttest.Redirecting(302, "https://"+clienttest.NewHost+leaving, ""),
		clienttest.NewHost: clienttest.Answering(200, "<html>parked</html>"),
	}}
	client := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+hookPath), append(clienttest.WithoutRepeats(), clienttest.Over(net))...)

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	net.Answers[clienttest.OldHost] = clienttest.Done
	_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.Contains(t, net.Asked[2], clienttest.OldHost)
}

// A redirect beside a result comes from a portal that may have acted.
func TestRedirect_besideAResultIsNotFollowed(t *testing.T) {
	t.Parallel()
	net := &clienttest.Web{Answers: map[string]http.RoundTripper{
		clienttest.OldHost: clienttest.Redirecting(302, "https://"+clienttest.NewHost+hookPath+"imbot.chat.add", `{"result":2725}`),
		clienttest.NewHost: clienttest.Answering(200, `{"result":2726}`),
	}}
	client := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+hookPath), clienttest.Over(net))

	_, err := client.Chat.Add(t.Context(), imbot.ChatAddRequest{})

	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	var refused *imbot.APIError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 302, refused.StatusCode)
	assert.Len(t, net.Asked, 1)
}

// The new host is part of the portal: what goes wrong there is repeated there.
func TestRedirect_repeatsOnTheNewHost(t *testing.T) {
	t.Parallel()
	net := &clienttest.Web{Answers: map[string]http.RoundTripper{
		clienttest.OldHost: clienttest.Redirecting(302, "https://"+clienttest.NewHost+leaving, ""),
		clienttest.NewHost: clienttest.Answering(200, `{"result":true}`),
	}}
	dials := 0
	client := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+hookPath), imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Nanosecond}),
		clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == clienttest.NewHost {
				if dials++; dials == 1 {
					return nil, &stdnet.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
				}
			}
			return net.RoundTrip(req)
		})))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.Equal(t, 2, dials)
	assert.Len(t, net.Asked, 2)
}

// A portal that is renamed back is found again.
func TestRedirect_forgetsWhereThePortalIsNoMore(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]http.RoundTripper{
		"a page":     clienttest.Answering(404, "<html>no such portal</html>"),
		"a redirect": clienttest.Redirecting(302, "https://untrusted.invalid/", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			net := &clienttest.Web{Answers: map[string]http.RoundTripper{
				clienttest.OldHost: clienttest.Redirecting(302, "https://"+clienttest.NewHost+leaving, ""),
				clienttest.NewHost: clienttest.Answering(200, `{"result":true}`),
			}}
			client := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+hookPath), append(clienttest.WithoutRepeats(), clienttest.Over(net))...)
			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
			require.NoError(t, err)
			net.Answers[clienttest.OldHost], net.Answers[clienttest.NewHost] = net.Answers[clienttest.NewHost], gone

			_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
			require.Error(t, err)
			_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
			require.NoError(t, err)
		})
	}
}

// A refusal by the new host is the portal's, and so is its address.
func TestRedirect_remembersAPortalThatRefuses(t *testing.T) {
	t.Parallel()
	net := &clienttest.Web{Answers: map[string]http.RoundTripper{
		clienttest.OldHost: clienttest.Redirecting(302, "https://"+clienttest.NewHost+leaving, ""),
		clienttest.NewHost: clienttest.Answering(400, `{"error":"WRONG_REQUEST"}`),
	}}
	client := clienttest.New(t, imbot.Webhook("https://"+clienttest.OldHost+hookPath), clienttest.Over(net))

	for range 2 {
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.ErrorIs(t, err, imbot.ErrNotInChat)
	}

	require.Len(t, net.Asked, 3)
	assert.Contains(t, net.Asked[2], clienttest.NewHost)
}

func TestWithRedirectPolicy_asksForHosts(t *testing.T) {
	t.Parallel()
	var asked [][2]string
	net := &clienttest.Web{Answers: map[string]http.RoundTripper{
		"portal.example:8443":  clienttest.Redirecting(302, "https://Renamed.example"+leaving, ""),
		"renamed.example":      clienttest.Done,
		"elsewhere.bitrix24.x": clienttest.Done,
	}}
	client := clienttest.New(t, imbot.Webhook("https://portal.example:8443"+hookPath), clienttest.Over(net),
		imbot.WithRedirectPolicy(func(from, to string) bool {
			asked = append(asked, [2]string{from, to})
			return true
		}))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.Equal(t, [][2]string{{"portal.example:8443", "renamed.example"}}, asked)

	_, err = imbot.NewClient(imbot.Webhook(clienttest.WebhookURL), imbot.WithRedirectPolicy(nil))
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
