package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// line is a connection to a portal that can be spoiled.
type line struct {
	portal *imbottest.Portal
	proxy  *toxiproxy.Proxy
	hook   string // the webhook's URL by way of the proxy
}

func newLine(t *testing.T) line {
	t.Helper()
	portal := imbottest.NewPortal(t)
	target, err := url.Parse(portal.ServerWebhookURL())
	require.NoError(t, err)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", target.Host)
	require.NoError(t, proxy.Start())
	t.Cleanup(proxy.Stop)
	target.Host = proxy.Listen
	return line{portal: portal, proxy: proxy, hook: target.String()}
}

// spoil adds a toxic to the line.
func (l line) spoil(t *testing.T, toxic, stream string, attributes string) {
	t.Helper()
	_, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(
		fmt.Sprintf(`{"name":%q,"type":%q,"stream":%q,"toxicity":1,"attributes":{%s}}`, toxic+stream, toxic, stream, attributes)))
	require.NoError(t, err)
}

// client has little patience, and a connection of its own for each request.
func (l line) client(t *testing.T, opts ...imbot.Option) *imbot.Client {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	client, err := imbot.NewClient(imbot.Webhook(l.hook), append([]imbot.Option{
		imbot.WithClientID(imbottest.ClientID),
		imbot.WithHTTPClient(&http.Client{Transport: transport, Timeout: 700 * time.Millisecond}),
		imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Millisecond, MaxDelay: 5 * time.Millisecond}),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

var toxics = []struct {
	name, toxic, stream, attributes string
	harmless                        bool // the answer comes through
}{
	{"nothing", "", "", "", true},
	{"latency on the way back", "latency", "downstream", `"latency":100`, true},
	{"latency beyond patience on the way there", "latency", "upstream", `"latency":1500`, false},
	{"latency beyond patience on the way back", "latency", "downstream", `"latency":1500`, false},
	{"a thin line", "bandwidth", "downstream", `"rate":10`, true},
	{"a line too thin for the answer", "bandwidth", "downstream", `"rate":0`, false},
	{"a slow close", "slow_close", "downstream", `"delay":300`, true},
	{"small pieces", "slicer", "downstream", `"average_size":20,"size_variation":10,"delay":100`, true},
	{"cut in the request", "limit_data", "upstream", `"bytes":100`, false},
	{"cut before the answer", "limit_data", "downstream", `"bytes":0`, false},
	{"cut in the headers of the answer", "limit_data", "downstream", `"bytes":50`, false},
	{"cut in the body of the answer", "limit_data", "downstream", `"bytes":400`, false},
	{"reset on the way there", "reset_peer", "upstream", `"timeout":0`, false},
	{"reset on the way back", "reset_peer", "downstream", `"timeout":0`, false},
	{"silence on the way there", "timeout", "upstream", `"timeout":0`, false},
	{"silence on the way back", "timeout", "downstream", `"timeout":50`, false},
}

// What Leave says of a call over a spoiled line is true of the portal.
func TestToxics_leave(t *testing.T) {
	t.Parallel()
	for _, tt := range toxics {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			if tt.toxic != "" {
				l.spoil(t, tt.toxic, tt.stream, tt.attributes)
			}

			_, err := l.client(t).Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotMain})

			settle(l.portal)
			in := l.portal.Has(13, imbottest.BotMain)
			switch {
			case err == nil:
				assert.False(t, in, "done, it says")
			case errors.Is(err, imbot.ErrOutcomeUnknown):
				assert.LessOrEqual(t, len(l.portal.Calls()), 1, "and not repeated")
			default:
				assert.True(t, in, "nothing was done, it says: %v", err)
			}
			assert.Equal(t, tt.harmless, err == nil, "%v", err)
			if err != nil {
				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
				assert.NotContains(t, fmt.Sprintf("%v %+v", err, err), imbottest.Secret)
			}
		})
	}
}

// settle waits for requests that are still on their way to the portal.
func settle(portal *imbottest.Portal) {
	for seen := -1; seen != len(portal.Calls()); {
		seen = len(portal.Calls())
		<-time.After(50 * time.Millisecond)
	}
}

// EnsureLeft and LeaveAll get the bot out as soon as the line is mended, and say nothing false before.
func TestToxics_ensureLeft(t *testing.T) {
	t.Parallel()
	for _, tt := range toxics {
		if tt.toxic == "" {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			l.spoil(t, tt.toxic, tt.stream, tt.attributes)
			client := l.client(t)

			outcome, err := client.Chat.EnsureLeft(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotMain})
			settle(l.portal)
			if err == nil {
				assert.False(t, l.portal.Has(13, imbottest.BotMain), "%v", outcome.State)
			} else {
				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
			}

			require.NoError(t, l.proxy.Toxics.RemoveToxic(t.Context(), tt.toxic+tt.stream))
			for result := range client.Chat.LeaveAll(t.Context(), func(yield func(imbot.ChatLeaveRequest) bool) {
				_ = yield(imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotMain}) &&
					yield(imbot.ChatLeaveRequest{ChatID: 15, BotID: imbottest.BotMain})
			}) {
				require.NoError(t, result.Err)
				assert.False(t, l.portal.Has(result.Request.ChatID, imbottest.BotMain))
				assert.LessOrEqual(t, l.portal.Removals(result.Request.ChatID), 1)
			}
		})
	}
}

// A proxy that nobody listens behind, and one that is gone.
func TestToxics_nobodyThere(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.proxy.Stop()
	_, err := l.client(t).Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotMain})
	require.Error(t, err)
	assert.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.NotContains(t, err.Error(), imbottest.Secret)
	assert.Empty(t, l.portal.Calls())
}
