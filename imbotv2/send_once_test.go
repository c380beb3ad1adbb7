package imbotv2_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

const (
	sendMethod = "imbot.v2.Chat.Message.send"
	uuid       = "9f3b1c52-7a60-4f0e-9d1b-2c6a5e8f4d10"
)

// sentUUIDs returns the templateId of each request to send a message.
func sentUUIDs(t *testing.T, portal *imbottest.Portal) []string {
	t.Helper()
	var list []string
	for _, call := range portal.Calls() {
		var body struct {
			Fields struct{ TemplateID string }
		}
		require.NoError(t, json.Unmarshal(call.Body, &body))
		list = append(list, body.Fields.TemplateID)
	}
	return list
}

// A message that is sent once is sent again by the UUID of the first time, and each has another.
func TestOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]imbottest.Fault{
		"lost before": imbottest.LoseBefore(), "lost after": imbottest.LoseAfter(), "a page": imbottest.HTMLAfter(502),
		"no answer": imbottest.SlowAfter(time.Hour), "cut": imbottest.CutJSON(7),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.Fault(sendMethod, fault, fault)
				bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
				once := imbotv2.Once()

				first, err := bot.Say(t.Context(), "chat13", "Hello", once)
				require.NoError(t, err)
				event := &imbotv2.Event{Name: imbotv2.EventJoinChat, DialogID: "chat13"}
				second, err := bot.Reply(t.Context(), event, "Hello", nil, once)
				require.NoError(t, err)

				messages := portal.Messages(imbottest.ChatGroup)
				require.Len(t, messages, 2)
				assert.Equal(t, messages[0].ID, first.Result.ID)
				assert.Equal(t, messages[1].ID, second.Result.ID)
				uuids := sentUUIDs(t, portal)
				require.Len(t, uuids, 4)
				assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, uuids[0])
				assert.Equal(t, []string{uuids[0], uuids[0], uuids[0]}, uuids[:3])
				assert.NotEqual(t, uuids[0], uuids[3])
			})
		})
	}
}

// What the portal does not know a message by is not repeated.
func TestMessageSend_notRepeatable(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]imbotv2.MessageSendFields{
		"without a UUID":     {Message: "a"},
		"no UUID":            {Message: "a", TemplateID: "welcome"},
		"in upper case":      {Message: "a", TemplateID: "9F3B1C52-7A60-4F0E-9D1B-2C6A5E8F4D10"},
		"of another version": {Message: "a", TemplateID: "9f3b1c52-7a60-1f0e-9d1b-2c6a5e8f4d10"},
		"with more":          {Message: "a", TemplateID: uuid + "\n"},
		"of the portal":      {Message: "a", TemplateID: uuid, System: new(true)},
		"with copies":        {Message: "a", TemplateID: uuid, ForwardIDs: map[string]imbot.MessageID{"8" + uuid[1:]: 4711}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "first")
			portal.Fault(sendMethod, imbottest.LoseAfter())
			bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})

			_, err := bot.Chat.Message.Send(t.Context(), imbotv2.MessageSendRequest{DialogID: "chat13", Fields: fields})

			require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
			assert.Len(t, portal.Calls(), 1)
		})
	}
	portal := imbottest.NewPortal(t)
	portal.Fault(sendMethod, imbottest.LoseAfter())
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	_, err := bot.Chat.Message.Send(t.Context(), imbotv2.MessageSendRequest{
		DialogID: "chat13", Fields: imbotv2.MessageSendFields{Message: "a", TemplateID: uuid, System: new(false)},
	})
	require.NoError(t, err)
	assert.Len(t, portal.Calls(), 2)
}

// impatient gives up the first request at once, and leaves the portal at work on it.
type impatient struct {
	next http.RoundTripper
	sent bool
}

func (i *impatient) RoundTrip(req *http.Request) (*http.Response, error) {
	if i.sent {
		return i.next.RoundTrip(req)
	}
	i.sent = true
	go func() {
		if resp, err := i.next.RoundTrip(req.WithContext(context.WithoutCancel(req.Context()))); err == nil {
			_ = resp.Body.Close()
		}
	}()
	synctest.Wait()
	return nil, io.ErrUnexpectedEOF
}

// While the portal is at work on the first request, it can tell nothing but that. It is asked until it can, within the
// bounds of the policy.
func TestOnce_stillAtWork(t *testing.T) {
	t.Parallel()
	for _, works := range []time.Duration{3 * time.Second, time.Hour} {
		t.Run(works.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				costs := []time.Duration{works}
				portal := imbottest.NewPortal(t, imbottest.CostTakesTime(), imbottest.WithOperatingLimit(0), imbottest.WithCost(func(string) time.Duration {
					defer func() { costs = append(costs[:0], 0) }()
					return costs[0]
				}))
				client, err := imbot.NewClient(imbot.Webhook(portal.WebhookURL()), imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 20}),
					imbot.WithHTTPClient(&http.Client{Transport: &impatient{next: portal.RoundTripper()}}))
				require.NoError(t, err)
				bot := imbotv2.New(client).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})

				sent, err := bot.Say(t.Context(), "chat13", "Hello", imbotv2.Once())
				defer time.Sleep(time.Hour) // fake clock

				messages := portal.Messages(imbottest.ChatGroup)
				require.Len(t, messages, 1)
				if works == time.Hour {
					require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
					require.ErrorIs(t, err, imbot.Code("MESSAGE_DUPLICATED_BY_UUID"))
					assert.Len(t, portal.Calls(), 20)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, messages[0].ID, sent.Result.ID)
				assert.Greater(t, len(portal.Calls()), 2)
			})
		})
	}
}

// Whatever is not an answer leaves open whether the message is there: who sends it anew takes another UUID.
func TestOnce_unknown(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]imbottest.Answer{
		"no id":      imbottest.Result(map[string]any{"id": nil, "uuidMap": []any{}}),
		"no object":  imbottest.Result(true),
		"duplicated": imbottest.Refuse(400, "MESSAGE_DUPLICATED_BY_UUID", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.On(sendMethod, answer)
				bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})

				_, err := bot.Say(t.Context(), "chat13", "Hello", imbotv2.Once())

				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
				assert.Equal(t, name != "duplicated", errors.Is(err, imbot.ErrUnexpectedResult))
				assert.Len(t, slices.Compact(sentUUIDs(t, portal)), 1)
				assert.NotContains(t, fmt.Sprintf("%+v", err), imbottest.Secret)
			})
		})
	}
	portal := imbottest.NewPortal(t)
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	_, err := bot.Say(t.Context(), "chat99999", "Hello", imbotv2.Once())
	require.ErrorIs(t, err, imbot.ErrNotInChat)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
}
