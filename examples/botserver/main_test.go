package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// onlyPortal stands for the real portal that the environment names.
var onlyPortal *imbottest.Portal

const token = "EXAMPLE_TOKEN_OF_THE_ENVIRONMENT"

func TestMain(m *testing.M) {
	onlyPortal = imbottest.Start()
	_ = os.Setenv("BITRIX24_WEBHOOK_URL", onlyPortal.ServerWebhookURL())
	_ = os.Setenv("BITRIX24_BOT_TOKEN", token)
	_ = os.Setenv("BITRIX24_EVENTS_URL", "https://bot.example/")
	code := m.Run()
	onlyPortal.Close()
	os.Exit(code)
}

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))

	text := out.String()
	assert.Contains(t, text, "Before: the chat 14 has [1 41], the chat 15 has [39 1], the chat 19 has [1]\n")
	assert.Equal(t, 3, strings.Count(text, "The portal posted ONIMBOTV2JOINCHAT and was answered 200.\n"))
	assert.Contains(t, text, "The bot was added to the chat 14 by the user 1: left.\n")
	assert.Contains(t, text, "The bot may stay in the chat 15.\n")
	assert.Contains(t, text, "The bot is in a private chat with the user 1, and there is no leaving it.\n")
	assert.True(t, strings.HasSuffix(text, "After:  the chat 14 has [1 41], the chat 15 has [39 1 456], the chat 19 has [1 456]\n"), text)
	assert.NotContains(t, text, "Failed")
	assert.NotContains(t, text, "EXAMPLE_TOKEN")
}

func TestRun_allowList(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-allow", "13, chat14"}, &out))
	assert.Contains(t, out.String(), "After:  the chat 14 has [1 41 456], the chat 15 has [39 1],")
}

// For a real portal it listens, takes what the portal posts and nothing else, and ends after the work is done.
func TestRun_listens(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-listen", "127.0.0.1:0", "-allow", "15"}, write)
		_ = write.Close()
	}()
	lines := bufio.NewScanner(read)
	require.True(t, lines.Scan())
	_, rest, _ := strings.Cut(lines.Text(), "listens at ")
	address, _, _ := strings.Cut(rest, " ")
	bots, err := imbotv2.New(onlyPortal.Client(imbot.WithClientID(token))).Bot.List(t.Context(), imbotv2.BotListRequest{})
	require.NoError(t, err)
	require.Len(t, bots.Result.Bots, 1)
	bot := bots.Result.Bots[0].ID

	texts := make(chan string)
	go func() {
		for lines.Scan() {
			texts <- lines.Text()
		}
		close(texts)
	}()
	onlyPortal.SendEvents(address)
	onlyPortal.AddMember(imbottest.ChatElsewhere, imbot.UserID(bot), imbottest.Employee)
	assert.Equal(t, "The bot was added to the chat 14 by the user 1: left.", <-texts)
	assert.False(t, onlyPortal.Has(imbottest.ChatElsewhere, bot))

	forged := url.Values{"event": {"ONIMBOTV2JOINCHAT"}, "auth[application_token]": {"customEXAMPLE"}, "auth[member_id]": {imbottest.MemberID}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(forged.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answered := make(chan int, 1)
	go func() {
		answer, err := http.DefaultTransport.RoundTrip(request)
		if assert.NoError(t, err) {
			_ = answer.Body.Close()
			answered <- answer.StatusCode
		}
	}()
	assert.Equal(t, "Failed: events: unverified: the application token is not that of the portal (HTTP 403)", <-texts)
	assert.Equal(t, http.StatusForbidden, <-answered)

	cancel()
	require.NoError(t, <-done)
	_, more := <-texts
	assert.False(t, more)
}

func TestRun_mistakes(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-allow", "x"}, {"-allow", ""}, {"-never"}, {"14"}, {"-listen", "nowhere"}} {
		assert.Error(t, run(t.Context(), args, io.Discard), args)
	}
}

// A bot that cannot be registered does not listen.
func TestStart_refused(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.v2.Bot.register", imbottest.Refuse(http.StatusBadRequest, "BOT_LIMIT_EXCEEDED", "Too many"))
	_, err := start(t.Context(), settings{}, portal.Client(), token, "127.0.0.1:0", "", io.Discard)
	require.ErrorIs(t, err, imbot.Code("BOT_LIMIT_EXCEEDED"))
}
