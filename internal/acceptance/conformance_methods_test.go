package acceptance_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// typedCalls make the calls of the cases by their own methods, and return the result.
var typedCalls = map[string]func(context.Context, *imbot.Client) (any, error){
	"imbot.chat.leave": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Chat.Leave(ctx, clienttest.Leave13)
		return resultOf(r, err)
	},
	"imbot.v2.Chat.leave": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := clienttest.V2(c).Chat.Leave(ctx, v2Leave13)
		return resultOf(r, err)
	},
	"imbot.bot.list": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Bot.List(ctx, imbot.BotListRequest{})
		return resultOf(r, err)
	},
	"imbot.chat.get": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Chat.Get(ctx, imbot.ChatGetRequest{EntityType: "CRM", EntityID: "LEAD|13"})
		return resultOf(r, err)
	},
	"imbot.chat.add": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Chat.Add(ctx, imbot.ChatAddRequest{Title: "t", Users: []imbot.UserID{7, 12}})
		return resultOf(r, err)
	},
	"imbot.chat.user.list": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: 13})
		return resultOf(r, err)
	},
	"imbot.chat.user.delete": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Chat.User.Delete(ctx, imbot.ChatUserDeleteRequest{ChatID: 13, UserID: 7})
		return resultOf(r, err)
	},
	"imbot.chat.setOwner": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: 13, UserID: 7})
		return resultOf(r, err)
	},
	"imbot.chat.updateColor": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Chat.UpdateColor(ctx, imbot.ChatUpdateColorRequest{ChatID: 13, Color: imbot.ColorRed})
		return resultOf(r, err)
	},
	"imbot.dialog.get": func(ctx context.Context, c *imbot.Client) (any, error) {
		r, err := c.Dialog.Get(ctx, imbot.DialogGetRequest{DialogID: "chat2725"})
		return resultOf(r, err)
	},
}

// typedResults is what the successes of the cases are read as.
var typedResults = map[string]any{
	"leave_ok":                          true,
	"leave_ok_self_hosted_no_operating": true,
	"leave_ok_no_time":                  true,
	"leave_v2_ok_nested":                imbotv2.Result(true),
	"bot_list_object": imbot.BotList{
		{ID: 39, Name: "Helper Bot", Code: "helper"}, {ID: 41, Name: "Second Bot", Code: "second", OpenLine: true},
	},
	"chat_get_by_entity": imbot.ChatRef{ID: 2725},
	"chat_add_scalar":    imbot.ChatID(2725),
	"user_list_array":    imbot.UserIDs{1269, 1271, 1291},
}

// Every case of the first two groups, by the method of its own.
func TestConformance_typedMethods(t *testing.T) {
	t.Parallel()
	tested := 0
	for _, c := range conformanceCases(t) {
		if c.Group[:1] != "1" && c.Group[:1] != "2" {
			continue
		}
		tested++
		for _, wire := range []string{"documented", "current"} {
			t.Run(c.Name+"/"+wire, func(t *testing.T) {
				t.Parallel()
				answer, code := imbottest.Raw(c.Response.Status, c.Response.Headers["Content-Type"], c.body()), c.Want.Code
				if current, ok := currentForms[c.Name]; ok && wire == "current" {
					answer, code = imbottest.Refuse(c.Response.Status, current.code, current.description), imbot.Code(current.code)
				}
				portal := imbottest.NewPortal(t)
				portal.On(c.Request.Method, answer)
				call, ok := typedCalls[c.Request.Method]
				require.True(t, ok, "no call of %s", c.Request.Method)

				got, err := call(t.Context(), portal.Client())

				assert.Len(t, portal.Calls(), 1)
				checkTyped(t, c, code, got, err)
			})
		}
	}
	assert.Equal(t, 28, tested)
}

func checkTyped(t *testing.T, c conformanceCase, code imbot.Code, got any, err error) {
	t.Helper()
	switch {
	case c.Want.Class == "not_found":
		require.ErrorIs(t, err, imbot.ErrNotFound)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	case c.Want.Class == "not_left":
		require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
	case c.Want.Kind != "success":
		require.ErrorIs(t, err, code)
	default:
		require.NoError(t, err)
		switch want := typedResults[c.Name]; read := got.(type) {
		case imbot.Dialog:
			assert.Equal(t, imbot.UserID(1291), read.Owner)
			assert.True(t, read.Restrictions.Leave)
			assert.True(t, read.Restrictions.LeaveOwner)
		default:
			if want == nil { // an empty list
				assert.Empty(t, got)
			} else {
				assert.Equal(t, want, got)
			}
		}
	}
}
