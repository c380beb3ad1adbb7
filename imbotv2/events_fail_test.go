package imbotv2_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// What every further request would meet as well is the last error; anything else is one of many.
func TestEvents_errors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer imbottest.Answer
		final  bool
	}{
		"no such bot":       {imbottest.Refuse(400, "BOT_NOT_FOUND", ""), true},
		"another's bot":     {imbottest.Refuse(400, "BOT_OWNERSHIP_ERROR", ""), true},
		"credentials":       {imbottest.Refuse(401, "INVALID_CREDENTIALS", ""), true},
		"scope":             {imbottest.Refuse(403, "insufficient_scope", ""), true},
		"no user events":    {imbottest.Refuse(400, "USER_NOT_SUBSCRIBED", ""), true},
		"a cut connection":  {imbottest.Broken(), false},
		"overload":          {imbottest.Refuse(503, "OVERLOAD_LIMIT", ""), false},
		"the plan has none": {imbottest.Refuse(403, "ACCESS_DENIED", "REST is available only by subscription."), false},
		"an odd result":     {imbottest.Result(true), false},
		"out of order":      {pageOf(false, eventAt(2, time.Unix(0, 0)), eventAt(1, time.Unix(0, 0))), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, bot := botOf(t, tt.answer, tt.answer, pageOf(false, eventAt(1, time.Now())))
				ids, errs := collect(t.Context(), bot, time.Minute, nil)
				if tt.final {
					assert.Len(t, errs, 1)
					assert.Empty(t, ids)
					return
				}
				assert.Len(t, errs, 2)
				assert.Equal(t, []int{1}, ids)
			})
		})
	}
}

// tokens is a source that can bring another token at its second attempt, or never.
type tokens struct {
	failures []error
}

func (*tokens) Token(context.Context) (string, error) { return "EXAMPLE_TOKEN", nil }

func (s *tokens) Refresh(context.Context, string) (string, error) {
	if len(s.failures) == 0 {
		return "EXAMPLE_TOKEN_2", nil
	}
	failure := s.failures[0]
	s.failures = s.failures[1:]
	return "", failure
}

// A token that cannot be replaced now can be replaced later. One that nobody can replace is the end.
func TestEvents_expiredToken(t *testing.T) {
	t.Parallel()
	expired := imbottest.Refuse(401, "expired_token", "")
	for name, tt := range map[string]struct {
		source  imbot.TokenSource
		answers int // that say that the token is expired
		want    []int
	}{
		"replaced later":      {&tokens{failures: []error{errors.New("the OAuth server is down")}}, 2, []int{1}},
		"refused for good":    {&tokens{failures: []error{imbot.ErrInvalidGrant}}, 1, nil},
		"the new one as well": {new(tokens), 2, nil},
		"not replaceable":     {imbot.StaticToken("EXAMPLE_TOKEN"), 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				answers := append(slices.Repeat([]imbottest.Answer{expired}, tt.answers), pageOf(false, eventAt(1, time.Now())).Optional())
				portal := imbottest.NewPortal(t)
				portal.On("imbot.v2.Event.get", answers...)
				bot := imbotv2.New(portal.OAuthClient(tt.source)).As(imbotv2.Identity{BotID: imbottest.BotMain})
				ids, errs := collect(t.Context(), bot, 20*time.Second, nil)
				assert.Equal(t, tt.want, ids)
				require.Len(t, errs, 1)
				require.ErrorIs(t, errs[0], imbot.ErrExpiredToken)
			})
		})
	}
}

// After an error the portal is asked again when it says so.
func TestEvents_waitsAsLongAsThePortalSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		portal := imbottest.NewPortal(t)
		portal.On("imbot.v2.Event.get", imbottest.Refuse(429, "QUERY_LIMIT_EXCEEDED", ""), pageOf(false, eventAt(1, start)))
		later := imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(req)
				if err == nil && resp.StatusCode == http.StatusTooManyRequests {
					resp.Header.Set("Retry-After", "120")
				}
				return resp, err
			})
		})
		bot := imbotv2.New(portal.Client(imbot.WithRetry(imbot.RetryPolicy{}), later)).As(imbotv2.Identity{BotID: imbottest.BotMain})
		ids, errs := collect(t.Context(), bot, 3*time.Minute, func(*imbotv2.Event) bool { return true })
		assert.Equal(t, []int{1}, ids)
		assert.Len(t, errs, 1)
		assert.Equal(t, 120*time.Second, portal.Calls()[1].At.Sub(start).Round(time.Second))
	})
}

// A page that is too large is asked for in parts. An event that alone is too large holds up the others, and is named.
func TestEvents_tooLarge(t *testing.T) {
	t.Parallel()
	large := func(id string) imbottest.Answer {
		return imbottest.Raw(200, "application/json", `{"result":{"events":[{"eventId":`+id+`,"type":"ONIMBOTV2MESSAGEADD","data":{"x":"`+strings.Repeat("a", 10<<20)+`"}}]}}`)
	}
	for name, opts := range map[string][]imbotv2.EventsOption{
		"waits for it": nil, "goes past it": {imbotv2.WithSkipTooLarge()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal, bot := botOf(t, large("417"), large("417"), large("417"), large("417"), pageOf(false, eventAt(418, time.Now())), pageOf(false))
				ids, errs := collect(t.Context(), bot, 20*time.Second, nil, append(opts, imbotv2.WithPageSize(8))...)
				require.Len(t, errs, 1)
				var failed *imbotv2.EventTooLargeError
				require.ErrorAs(t, errs[0], &failed)
				assert.Equal(t, imbotv2.EventID(417), failed.EventID)
				require.ErrorIs(t, errs[0], imbot.ErrAnswerTooLarge)
				assert.NotContains(t, errs[0].Error(), "aaaa")
				assert.Equal(t, []int{418}, ids)
				offset := 0
				if opts != nil {
					offset = 418
				}
				assert.Equal(t, [][2]int{{0, 8}, {0, 4}, {0, 2}, {0, 1}, {offset, 1}, {419, 2}}, asked(t, portal)[:6])
			})
		})
	}
	t.Run("without a number", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, bot := botOf(t, large(`"x"`), pageOf(false))
			_, errs := collect(t.Context(), bot, 5*time.Second, nil, imbotv2.WithPageSize(1), imbotv2.WithSkipTooLarge())
			var failed *imbotv2.EventTooLargeError
			require.ErrorAs(t, errs[0], &failed)
			assert.Zero(t, failed.EventID)
		})
	})
}

// brokenStore is a store that fails.
type brokenStore struct {
	imbotv2.MemoryOffsets

	load, save error
}

func (s *brokenStore) Load(ctx context.Context, key imbotv2.OffsetKey) (imbotv2.Offset, error) {
	offset, _ := s.MemoryOffsets.Load(ctx, key)
	return offset, s.load
}

func (s *brokenStore) Save(context.Context, imbotv2.OffsetKey, imbotv2.Offset) error { return s.save }

func TestEvents_storeFails(t *testing.T) {
	t.Parallel()
	errStore := errors.New("the disk is full")
	synctest.Test(t, func(t *testing.T) {
		portal, bot := botOf(t, pageOf(false, eventAt(1, time.Now()), eventAt(2, time.Now())), pageOf(false))
		store := &brokenStore{save: errStore}
		ids, errs := collect(t.Context(), bot, 6*time.Second, nil, imbotv2.WithOffsets(store))
		assert.Equal(t, []int{1, 2}, ids)
		require.Len(t, errs, 3, "for each event, and that the portal was asked")
		for _, err := range errs {
			require.ErrorIs(t, err, errStore)
		}
		assert.Equal(t, [][2]int{{0, 100}, {3, 100}}, asked(t, portal), "the portal is told all the same")
	})
	synctest.Test(t, func(t *testing.T) {
		portal, bot := botOf(t, pageOf(false).Optional())
		_, errs := collect(t.Context(), bot, 6*time.Second, nil, imbotv2.WithOffsets(&brokenStore{load: errStore}))
		require.NotEmpty(t, errs)
		require.ErrorIs(t, errs[0], errStore)
		assert.Empty(t, portal.Calls(), "what is done is not known")
	})
}

func TestEvents_twiceInOneProgram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, pageOf(false, eventAt(1, time.Now())))
		for _, err := range bot.Events(t.Context()) {
			require.NoError(t, err)
			_, errs := collect(t.Context(), bot, time.Second, nil)
			require.Len(t, errs, 1)
			require.ErrorIs(t, errs[0], imbotv2.ErrFetchedTwice)
			break
		}
		_, errs := collect(t.Context(), bot, time.Second, nil)
		assert.Empty(t, errs)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestEvents_badOptions(t *testing.T) {
	t.Parallel()
	portal, bot := botOf(t, pageOf(false).Optional())
	for _, opt := range []imbotv2.EventsOption{
		imbotv2.WithOffsets(nil), imbotv2.WithPageSize(0), imbotv2.WithPageSize(1001), imbotv2.WithPauses(0, 1), imbotv2.WithPauses(2, 1),
		imbotv2.WithWorkers(0), imbotv2.WithTries(0), imbotv2.WithCallbackTimeout(0),
	} {
		_, errs := collect(t.Context(), bot, time.Minute, nil, nil, opt)
		require.Len(t, errs, 1)
		require.ErrorAs(t, errs[0], new(*imbot.ParamError))
		require.ErrorAs(t, imbotv2.NewMux().Run(t.Context(), bot, opt), new(*imbot.ParamError))
	}
	_, errs := collect(t.Context(), imbotv2.New(bot.Client()).As(imbotv2.Identity{}), time.Minute, nil)
	require.Len(t, errs, 1)
	require.ErrorIs(t, errs[0], imbot.ErrBotID)
	assert.Empty(t, portal.Calls())
}
