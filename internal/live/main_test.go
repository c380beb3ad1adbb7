package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// program runs the program on a portal, and returns its transcript.
func program(
	ctx context.Context, t *testing.T, portal *imbottest.Portal, h *hostile,
) (transcript string, err error) {
	t.Helper()
	h.next = portal.RoundTripper()
	file := filepath.Join(t.TempDir(), "transcript.md")
	getenv := func(string) string { return portal.WebhookURL() }
	var out bytes.Buffer
	inMemory := imbot.WithHTTPClient(&http.Client{Transport: h})
	err = run(ctx, []string{"-o", file}, getenv, &out, inMemory, imbot.WithLimiter(nil))
	written, readErr := os.ReadFile(file)
	require.NoError(t, readErr)
	assert.Equal(t, out.String(), string(written))
	return out.String(), err
}

// secrets returns the tokens and codes of the bots, which were made up for the run.
func (h *hostile) secrets(t *testing.T) []string {
	t.Helper()
	var found []string
	decoder := json.NewDecoder(bytes.NewReader(h.seen.Bytes()))
	for decoder.More() {
		var params struct {
			BotToken string `json:"botToken"`
			ClientID string `json:"CLIENT_ID"`
			Code     string `json:"CODE"`
			Fields   struct {
				Code     string `json:"code"`
				BotToken string `json:"botToken"`
			} `json:"fields"`
		}
		require.NoError(t, decoder.Decode(&params))
		fields := params.Fields
		for _, secret := range []string{params.BotToken, params.ClientID, params.Code, fields.Code, fields.BotToken} {
			if secret != "" {
				found = append(found, secret)
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

func assertNothingTold(t *testing.T, transcript string, more ...string) {
	t.Helper()
	for _, secret := range append(more, telling...) {
		assert.NotContains(t, strings.ToLower(transcript), strings.ToLower(secret))
	}
}

func assertNoBots(t *testing.T, portal *imbottest.Portal) {
	t.Helper()
	bots, err := portal.Client().Bot.List(t.Context(), imbot.BotListRequest{})
	require.NoError(t, err)
	assert.Empty(t, bots.Result)
}

func TestRun_telling(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	h := &hostile{}

	transcript, err := program(t.Context(), t, portal, h)

	require.NoError(t, err, transcript)
	assertNothingTold(t, transcript, h.secrets(t)...)
	assertNoBots(t, portal)
	for _, shown := range []string{
		"| v2: EnsureLeft leaves | left | yes |",
		"| v2: a second Leave is refused | ErrNotInChat, ACCESS_DENIED (HTTP 400) | yes |",
		"| v2: a second EnsureLeft says so | already out, verified | yes |",
		"| v2: that it came into its chat is an event | yes | yes |",
		"| v2: the chat is closed to it | ErrNotInChat, ACCESS_DENIED (HTTP 400) | yes |",
		"| v1: EnsureLeft leaves | left | yes |",
		"| v1: after, it is not among the members that it gets | it is not | yes |",
		"| v2: before, it is among the members | it is | yes |",
		"| v1: it is not found any more | ErrBotID, BOT_ID_ERROR (HTTP 400) | yes |",
		`"type": "ONIMBOTV2JOINCHAT"`, `"dialogId": "CHAT_1"`, `"botId": "#BOT_1"`, `"botToken": "(secret)"`,
		`"eventMode": "fetch"`,
		`"error_description": "Bot not found … (….…)"`, "### imbot.v2.Chat.leave", `"USER_1"`, messageText,
	} {
		assert.Contains(t, transcript, shown)
	}
	assert.NotContains(t, transcript, "**no**")
}

// As go run starts it: with nothing but the environment, over a connection.
func TestRun_environment(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	var out strings.Builder

	err := run(t.Context(), []string{"-o", filepath.Join(t.TempDir(), "t.md")}, func(string) string { return portal.ServerWebhookURL() }, &out)

	require.NoError(t, err, out.String())
	assertNothingTold(t, out.String(), "127.0.0.1")
	assertNoBots(t, portal)
}

// Whatever goes wrong, what was made is removed, or named.
func TestRun_cleansUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault func(p *imbottest.Portal)
		says  string
		stays bool
	}{
		"the bot may be there or not": {
			fault: func(p *imbottest.Portal) {
				p.FaultFunc(func(c imbottest.Call) imbottest.Fault {
					if strings.EqualFold(c.Method, "imbot.v2.Bot.register") {
						return imbottest.LoseAfter()
					}
					return imbottest.Fault{}
				})
			},
			says: "| v2: a bot is registered | ErrOutcomeUnknown, ",
		},
		"the chat may be there or not": {
			fault: func(p *imbottest.Portal) { p.Fault("imbot.v2.Chat.add", imbottest.LoseAfter()) },
			says:  "| v2: a group chat is made | ErrOutcomeUnknown, ",
		},
		"there was no chat": {
			fault: func(p *imbottest.Portal) { p.On("imbot.chat.add", imbottest.Refuse(400, "IVAN_ACCESS_ERROR", "Ivan")) },
			says:  "| v1: a group chat is made | …_ACCESS_ERROR (HTTP 400) | **no** |",
		},
		"the answer to leaving is lost": {
			fault: func(p *imbottest.Portal) { p.Fault("imbot.v2.Chat.leave", imbottest.LoseAfter()) },
			says:  "| v2: EnsureLeft leaves | out, verified | **no** |",
		},
		"it does not leave": {
			fault: func(p *imbottest.Portal) { p.On("imbot.chat.leave", imbottest.Result(true)) },
			says:  "| v1: after, it is not among the members that it gets | it is | **no** |",
		},
		"the bot may be gone or not": {
			fault: func(p *imbottest.Portal) { p.Fault("imbot.v2.Bot.unregister", imbottest.LoseAfter()) },
			says:  "| v2: the bot is unregistered | ErrOutcomeUnknown, ",
		},
		"it may be gone or not twice": {
			fault: func(p *imbottest.Portal) {
				p.Fault("imbot.v2.Bot.unregister", imbottest.LoseBefore(), imbottest.LoseAfter())
			},
			says: "| v2: it is not found any more | done | **no** |",
		},
		"the bot cannot be removed": {
			fault: func(p *imbottest.Portal) {
				p.On("imbot.v2.Bot.unregister", imbottest.Refuse(400, "BOT_UNREGISTER_FAILED", "Ivan"))
			},
			says: "**Not removed:** the bot of the second generation: BOT_UNREGISTER_FAILED (HTTP 400)", stays: true,
		},
		"the first bot may be there or not": {
			fault: func(p *imbottest.Portal) { p.Fault("imbot.register", imbottest.LoseAfter()) },
			says:  "| v1: a bot is registered | ErrOutcomeUnknown, ",
		},
		"the first bot may be gone or not": {
			fault: func(p *imbottest.Portal) { p.Fault("imbot.unregister", imbottest.LoseAfter()) },
			says:  "| v1: the bot is unregistered | ErrOutcomeUnknown, ",
		},
		"no event": {
			fault: func(p *imbottest.Portal) {
				p.On("imbot.v2.Event.get", imbottest.Result(map[string]any{"events": []any{}, "nextOffset": 0, "hasMore": false}))
			},
			says: "| v2: that it came into its chat is an event | no | **no** |",
		},
		"a page": {
			fault: func(p *imbottest.Portal) { p.Fault("imbot.v2.Chat.Message.send", imbottest.HTML(502)) },
			says:  "(not JSON: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.Empty())
				test.fault(portal)
				h := &hostile{}

				transcript, err := program(t.Context(), t, portal, h)

				require.Error(t, err)
				assert.Contains(t, transcript, test.says)
				assertNothingTold(t, transcript, h.secrets(t)...)
				assertNothingTold(t, err.Error())
				if !test.stays {
					assert.NotContains(t, transcript, "Not removed")
					assertNoBots(t, portal)
				}
			})
		})
	}
}

// Answers that are lost, or of no use, in the words of people.
func TestRun_cannotRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		portal hostile
		says   string
	}{
		"no answer": {
			hostile{fails: "imbot.v2.Chat.add"}, "\nNo answer after ",
		},
		"an answer that nobody can read": {
			hostile{says: map[string]string{"imbot.v2.Chat.add": "Ivan was here"}}, "(not JSON: 13 bytes)",
		},
		"a bot that is none": {
			hostile{says: map[string]string{"imbot.v2.Bot.register": `{"result":{"bot":{"id":"Ivan"}}}`}},
			"| v2: a bot is registered | ErrUnexpectedResult, ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.Empty())

				transcript, err := program(t.Context(), t, portal, &test.portal)

				require.ErrorContains(t, err, "promises did not hold")
				assert.Contains(t, transcript, test.says)
				assertNothingTold(t, transcript, test.portal.secrets(t)...)
				assertNoBots(t, portal)
			})
		})
	}
}

func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"imbot.v2.Bot.register", "imbot.v2.Chat.add", "imbot.v2.Chat.leave", "imbot.chat.add"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.Empty())
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				portal.FaultFunc(func(c imbottest.Call) imbottest.Fault {
					if c.Method == at {
						cancel()
					}
					return imbottest.Fault{}
				})

				_, err := program(ctx, t, portal, &hostile{})

				require.ErrorContains(t, err, "interrupted")
				assertNoBots(t, portal)
			})
		})
	}
}

func TestRun_mistakes(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	wrong := func(string) string { return "https://portal.example/rest/1/EXAMPLE SECRET/" }
	require.ErrorContains(t, run(t.Context(), nil, none, io.Discard), "BITRIX24_WEBHOOK_URL")
	err := run(t.Context(), nil, wrong, io.Discard)
	require.Error(t, err)
	assertNothingTold(t, err.Error(), "EXAMPLE SECRET")
	require.Error(t, run(t.Context(), []string{"-never"}, none, io.Discard))
	right := func(string) string { return "https://portal.example/rest/1/EXAMPLE_SECRET/" }
	require.Error(t, run(t.Context(), []string{"-o", t.TempDir()}, right, io.Discard))
}
