package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func TestRun_embeddedPortal(t *testing.T) {
	t.Parallel()
	var out strings.Builder

	err := run(t.Context(), nil, env(nil), &out)

	require.NoError(t, err)
	assert.Contains(t, out.String(), "This takes the bot 39 out of the chat 13.")
	assert.Contains(t, out.String(), "Before:  members [1 39 50]")
	assert.Contains(t, out.String(), "Sent:    POST https://portal.example/rest/imbot.chat.leave\n         {\"CHAT_ID\":13,\"BOT_ID\":39,\"CLIENT_ID\":\"***\"}\n")
	assert.Contains(t, out.String(), "Result:  true")
	assert.Contains(t, out.String(), "Time:    20")
	assert.Contains(t, out.String(), "Budget:  ")
	assert.Contains(t, out.String(), "After:   members [1 50]")
	assert.NotContains(t, out.String(), imbottest.Secret)
}

func TestRun_portalOfTheEnvironment(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.SelfHosted())
	var out strings.Builder

	err := run(t.Context(), []string{"-chat", "chat13", "-bot", "39"}, env(map[string]string{
		"BITRIX24_WEBHOOK_URL": portal.ServerWebhookURL(),
		"BITRIX24_CLIENT_ID":   imbottest.ClientID,
	}), &out)

	require.NoError(t, err)
	assert.False(t, portal.Has(13, 39))
	assert.Contains(t, out.String(), "this portal keeps none")
	assert.NotContains(t, out.String(), imbottest.Secret)
}

func TestRun_mistakes(t *testing.T) {
	t.Parallel()
	webhook := map[string]string{"BITRIX24_WEBHOOK_URL": "https://portal.example/rest/1/EXAMPLE_SECRET/"}
	var out strings.Builder

	require.ErrorIs(t, run(t.Context(), []string{"-chat", "99999"}, env(nil), &out), imbot.ErrNotInChat)
	require.ErrorContains(t, run(t.Context(), nil, env(webhook), &out), "which chat")
	require.Error(t, run(t.Context(), []string{"-chat", "x"}, env(nil), &out))
	require.ErrorContains(t, run(t.Context(), []string{"13"}, env(nil), &out), "-chat")
	require.Error(t, run(t.Context(), []string{"-chat", "13"}, env(map[string]string{"BITRIX24_WEBHOOK_URL": "x"}), &out))
}

func TestRun_refusals(t *testing.T) {
	t.Parallel()
	var out strings.Builder

	require.NoError(t, run(t.Context(), []string{"-refusals"}, env(nil), &out))

	for _, sentinel := range []error{
		imbot.ErrActionUnavailable, imbot.ErrUserDeleteForbidden, imbot.ErrLeaveOwnerForbidden, imbot.ErrNotInChat, imbot.ErrBotID,
		imbot.ErrAppID, imbot.ErrClientIDMissing, imbot.ErrChatIDEmpty, imbot.ErrOutcomeUnknown,
	} {
		advice := imbot.Explain(sentinel)
		assert.Contains(t, out.String(), "\n    what it means: "+advice.Meaning+"\n    what to do: "+advice.Action+"\n")
	}
}

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}
