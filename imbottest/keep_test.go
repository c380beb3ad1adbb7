package imbottest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestKeepCalls_lists holds that the other lists are bounded as the calls are.
func TestKeepCalls_lists(t *testing.T) {
	t.Parallel()
	for keep, known := range map[int]int{-1: 10, 0: 10, 1: 1, 3: 3, 20: 10} {
		portal := imbottest.NewPortal(t, imbottest.KeepCalls(keep))
		portal.SendEventsTo(new(inbox))
		for range 9 {
			send(t, portal, tokens("refresh_token", "x"))
			portal.PostMessage(imbottest.ChatGroup, 1, "a", imbottest.BotMain)
		}
		portal.PostMessage(imbottest.ChatGroup, 1, "last", imbottest.BotMain)
		portal.FaultTokens(imbottest.HTML(502))
		send(t, portal, tokens("refresh_token", "x"))

		assert.Len(t, portal.TokenCalls(), known, "KeepCalls(%d)", keep)
		assert.Equal(t, 502, portal.TokenCalls()[known-1].Status)
		require.Len(t, portal.Deliveries(), known, "KeepCalls(%d)", keep)
		assert.Contains(t, portal.Deliveries()[known-1].Body, "=last&")
	}
}

// TestKeepCalls_tokens holds that a portal that runs for months knows no more tokens than those that are of use.
func TestKeepCalls_tokens(t *testing.T) {
	t.Parallel()
	const rounds, keep = 1000, 10
	for _, forgives := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.NewPortal(t, imbottest.KeepCalls(keep))
			portal.AddApplication(imbottest.Application{ID: imbottest.App, Secret: imbottest.AppSecret, ForgivesLoss: forgives})
			portal.AddToken(imbottest.Token{AccessToken: "access-2", App: imbottest.App, UserID: 1}) // which one is issued as well
			current := portal.IssueTokens(imbottest.App).RefreshToken
			var access string
			for round := range rounds {
				time.Sleep(2 * time.Hour) // fake clock
				portal.Authorize(imbottest.App)
				if forgives && round%7 == 0 {
					portal.FaultTokens(imbottest.LoseAfter())
					_, err := try(t, portal, tokens("refresh_token", current))
					require.Error(t, err, "the pair is lost, and the token that asked for it is forgiven")
				}
				renewed := granted(t, send(t, portal, tokens("refresh_token", current)))
				current, access = renewed.RefreshToken, renewed.AccessToken
			}

			codes, refreshes, tokens := portal.Issued()
			assert.LessOrEqual(t, codes, keep+1)
			assert.LessOrEqual(t, refreshes, 2*keep+2)
			assert.LessOrEqual(t, tokens, 2*keep+4, "those that were there from the start are no matter of time")
			call := imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp}
			time.Sleep(time.Hour) // fake clock
			_, err := portal.OAuthClient(imbot.StaticToken(access)).Chat.Leave(t.Context(), call)
			require.ErrorIs(t, err, imbot.ErrExpiredToken, "the last ones are known to have expired")
			_, err = portal.OAuthClient(imbot.StaticToken("access-1")).Chat.Leave(t.Context(), call)
			require.ErrorIs(t, err, imbot.ErrInvalidToken, "one that is forgotten is not")
			_, err = portal.OAuthClient(imbot.StaticToken(imbottest.TokenOK)).Chat.Leave(t.Context(), call)
			require.NoError(t, err, "one that works is kept")
		})
	}
}

// TestKeepCalls_messages holds that the last messages of a chat are kept, and that an older one is not there any more.
func TestKeepCalls_messages(t *testing.T) {
	t.Parallel()
	portal := started(t, imbottest.KeepCalls(2))
	for _, text := range []string{"1", "2", "3", "4", "5"} {
		portal.PostMessage(imbottest.ChatGroup, 1, text)
		portal.PostMessage(imbottest.ChatElsewhere, 1, text)
	}
	var texts []string
	for _, message := range portal.Messages(imbottest.ChatGroup) {
		texts = append(texts, message.Text)
	}
	assert.Equal(t, []string{"4", "5"}, texts)
	last := portal.Messages(imbottest.ChatGroup)[1].ID
	portal.EditMessage(last, "6")
	assert.Panics(t, func() { portal.EditMessage(4711, "7") })
}
