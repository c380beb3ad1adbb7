package imbotv2_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// botPage is an answer to imbot.v2.Bot.list.
func botPage(hasNext bool, ids ...int) imbottest.Answer {
	bots := make([]map[string]any, 0, len(ids))
	for _, id := range ids {
		bots = append(bots, map[string]any{"id": id})
	}
	return imbottest.Result(map[string]any{"bots": bots, "users": []any{}, "hasNextPage": hasNext})
}

// All pages, each once, and none after the last.
func TestBotService_All(t *testing.T) {
	t.Parallel()
	refused := imbottest.Refuse(http.StatusBadRequest, "BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified")
	for name, tt := range map[string]struct {
		pages   []imbottest.Answer
		request imbotv2.BotListRequest
		take    int
		want    []imbot.BotID
		err     error
		sent    []string
	}{
		"one page": {
			pages: []imbottest.Answer{botPage(false, 1, 2)}, want: []imbot.BotID{1, 2}, sent: []string{`{}`},
		},
		"no bots": {pages: []imbottest.Answer{botPage(false)}, sent: []string{`{}`}},
		"a last page that is empty": {
			pages:   []imbottest.Answer{botPage(true, 1, 2), botPage(true)},
			request: imbotv2.BotListRequest{Limit: 2}, want: []imbot.BotID{1, 2},
			sent: []string{`{"limit":2}`, `{"limit":2,"offset":2}`},
		},
		"from the middle, of one type": {
			pages:   []imbottest.Answer{botPage(true, 3, 4), botPage(true, 4, 5), botPage(false, 6)},
			request: imbotv2.BotListRequest{Filter: imbotv2.BotListFilter{Type: imbotv2.BotTypeBot}, Limit: 2, Offset: 2},
			want:    []imbot.BotID{3, 4, 5, 6},
			sent: []string{
				`{"filter":{"type":"bot"},"limit":2,"offset":2}`, `{"filter":{"type":"bot"},"limit":2,"offset":4}`,
				`{"filter":{"type":"bot"},"limit":2,"offset":6}`,
			},
		},
		"a portal that does not heed the offset": {
			pages: []imbottest.Answer{botPage(true, 1, 2), botPage(true, 1, 2)}, want: []imbot.BotID{1, 2},
			err: imbot.ErrUnexpectedResult, sent: []string{`{}`, `{"offset":2}`},
		},
		"refused in the middle": {
			pages: []imbottest.Answer{botPage(true, 1), refused}, want: []imbot.BotID{1},
			err: imbot.ErrClientIDMissing, sent: []string{`{}`, `{"offset":1}`},
		},
		"a loop that ends": {
			pages: []imbottest.Answer{botPage(true, 1, 2)}, take: 1, want: []imbot.BotID{1}, sent: []string{`{}`},
		},
		"a negative limit": {request: imbotv2.BotListRequest{Limit: -1}, err: new(imbot.ParamError)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			if tt.pages != nil {
				portal.On("imbot.v2.Bot.list", tt.pages...)
			}
			var got []imbot.BotID
			var failed error
			for bot, err := range imbotv2.New(portal.Client()).Bot.All(t.Context(), tt.request) {
				require.NoError(t, failed, "an error is the last")
				if failed = err; err == nil {
					got = append(got, bot.ID)
				}
				if len(got) == tt.take {
					break
				}
			}

			assert.Equal(t, tt.want, got)
			var param *imbot.ParamError
			switch {
			case tt.err == nil:
				require.NoError(t, failed)
			case tt.pages == nil:
				require.ErrorAs(t, failed, &param)
			default:
				require.ErrorIs(t, failed, tt.err)
			}
			var sent []string
			for _, call := range portal.Calls() {
				sent = append(sent, string(call.Body))
			}
			assert.Equal(t, tt.sent, sent)
		})
	}
}

// A list of bots is one of bots, or an error.
func TestBotList_unexpectedResults(t *testing.T) {
	t.Parallel()
	for _, result := range []string{`{"bots":null}`, `{"bots":[{"id":0}]}`, `{"bots":[null]}`, `{"bots":5}`, `{"users":[]}`} {
		portal := imbottest.NewPortal(t)
		portal.On("imbot.v2.Bot.list", imbottest.Raw(http.StatusOK, "application/json", `{"result":`+result+`}`))
		_, err := imbotv2.New(portal.Client()).Bot.List(t.Context(), imbotv2.BotListRequest{})
		require.ErrorIs(t, err, imbot.ErrUnexpectedResult, result)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown, result)
	}
}

// botWithProfile returns a bot of a portal that keeps what is changed, with all that a profile has.
func botWithProfile(t *testing.T) (*imbottest.Portal, *imbotv2.Client, *imbotv2.Bot) {
	t.Helper()
	portal := imbottest.NewPortal(t)
	v2 := imbotv2.New(portal.Client())
	registered, err := v2.Bot.Register(t.Context(), imbotv2.BotRegisterRequest{Fields: imbotv2.BotRegisterFields{
		Code: "profile", BotToken: "first", BackgroundID: "azure",
		Properties: imbotv2.BotProperties{Name: "Ada", LastName: "Bot", WorkPosition: "Helper", Gender: imbotv2.GenderFemale, Color: imbotv2.ColorMint},
	}})
	require.NoError(t, err)
	bot := v2.As(imbotv2.Identity{BotID: registered.Result.Bot.ID, BotToken: "first"})
	return portal, v2, bot
}

// A profile is replaced as a whole, and nothing else is changed that is not named.
func TestBot_Update_profile(t *testing.T) {
	t.Parallel()
	_, _, bot := botWithProfile(t)

	changed, err := bot.Update(t.Context(), imbotv2.BotUpdateRequest{Fields: imbotv2.BotUpdateFields{
		Properties: &imbotv2.BotProperties{LastName: "Robot"},
	}})

	require.NoError(t, err)
	user := changed.Result.Users[0]
	assert.Equal(t, []string{"Ada", "Robot", "Chat bot", ""}, []string{user.FirstName, user.LastName, user.WorkPosition, string(user.Gender)})
	assert.Equal(t, imbotv2.BackgroundAzure, changed.Result.Bot.BackgroundID)

	changed, err = bot.Update(t.Context(), imbotv2.BotUpdateRequest{Fields: imbotv2.BotUpdateFields{
		IsHidden: new(true), IsReactionsEnabled: new(false), IsSupportOpenLine: new(true),
		EventMode: imbotv2.EventModeWebhook, WebhookURL: "https://bot.example/events",
	}})

	require.NoError(t, err)
	assert.Equal(t, "Robot", changed.Result.Users[0].LastName)
	got := changed.Result.Bot
	assert.Equal(t, []bool{true, false, true}, []bool{got.IsHidden, got.IsReactionsEnabled, got.IsSupportOpenLine})
	assert.Equal(t, imbotv2.EventModeWebhook, got.EventMode)
}

// A background is changed, or removed by what portals and the documentation take for none: by itself and in a batch.
func TestBot_Update_background(t *testing.T) {
	t.Parallel()
	_, _, bot := botWithProfile(t)
	for _, inBatch := range []bool{false, true} {
		for _, background := range []imbotv2.Background{imbotv2.BackgroundFrost, imbotv2.NoBackground} {
			request := imbotv2.BotUpdateRequest{BotID: bot.ID(), Fields: imbotv2.BotUpdateFields{BackgroundID: background}}
			var response *imbotv2.BotUpdateResponse
			var err error
			if inBatch {
				batch := bot.Client().NewBatch()
				queued := imbot.Queue(batch, imbotv2.MethodBotUpdate, request)
				require.NoError(t, batch.Do(t.Context()))
				response, err = queued.Result()
			} else {
				response, err = bot.Update(t.Context(), request)
			}
			require.NoError(t, err)
			want := background
			if background == imbotv2.NoBackground {
				want = ""
			}
			assert.Equal(t, want, response.Result.Bot.BackgroundID)
		}
	}
	text, err := json.Marshal([]imbotv2.Background{imbotv2.NoBackground, imbotv2.BackgroundSky})
	require.NoError(t, err)
	assert.JSONEq(t, `["","sky"]`, string(text))
}

// The token of a bot authorizes the call that gives it another one, and none after it.
func TestBot_Update_token(t *testing.T) {
	t.Parallel()
	portal, v2, bot := botWithProfile(t)
	update := imbotv2.BotUpdateRequest{Fields: imbotv2.BotUpdateFields{BotToken: "second"}}

	_, err := bot.Update(t.Context(), update)

	require.NoError(t, err)
	calls := portal.Calls("imbot.v2.Bot.update")
	assert.Contains(t, string(calls[0].Body), `"fields":{"botToken":"second"},"botToken":"first"}`)
	_, err = bot.Update(t.Context(), update)
	require.ErrorIs(t, err, imbot.ErrAppID)
	bot = v2.As(imbotv2.Identity{BotID: bot.ID(), BotToken: "second"})
	_, err = bot.Update(t.Context(), imbotv2.BotUpdateRequest{Fields: imbotv2.BotUpdateFields{BotToken: imbottest.ClientID}})
	require.ErrorIs(t, err, imbotv2.ErrBotTokenRotationFailed, "another bot has it")

	byOAuth, err := portal.Client().With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
	require.NoError(t, err)
	before := len(portal.Calls())
	_, err = imbotv2.New(byOAuth).As(imbotv2.Identity{BotID: bot.ID(), BotToken: "second"}).Update(t.Context(), update)
	var param *imbot.ParamError
	require.ErrorAs(t, err, &param)
	assert.Equal(t, "botToken", param.Param)
	assert.Len(t, portal.Calls(), before)
}
