package imbotv2_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

var key = imbotv2.OffsetKey{Portal: imbottest.Host, BotID: imbottest.BotMain}

// botOf returns the bot of a portal whose answers to imbot.v2.Event.get are given; the last one is repeated.
func botOf(t *testing.T, answers ...imbottest.Answer) (*imbottest.Portal, *imbotv2.Bot) {
	t.Helper()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.v2.Event.get", answers...)
	portal.On("imbot.v2.Bot.get", imbottest.Result(map[string]any{"bot": map[string]any{"id": 39, "eventMode": "fetch"}}).Optional())
	client := portal.Client(imbot.WithRetry(imbot.RetryPolicy{}), imbot.WithLimiter(nil))
	return portal, imbotv2.New(client).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
}

// eventAt is an event of a minute after the beginning of the bubble's time.
func eventAt(id int, date time.Time) map[string]any {
	return map[string]any{"eventId": id, "type": imbotv2.EventMessageAdd, "date": date.Format(time.RFC3339), "data": map[string]any{
		"message": map[string]any{"id": id, "text": fmt.Sprint("message ", id)}, "chat": map[string]any{"id": 13, "dialogId": "chat13"},
	}}
}

func pageOf(hasMore bool, events ...map[string]any) imbottest.Answer {
	return imbottest.Result(map[string]any{"events": append([]map[string]any{}, events...), "nextOffset": 0, "hasMore": hasMore})
}

// asked returns what the requests for events asked for: offset and limit.
func asked(t *testing.T, portal *imbottest.Portal) [][2]int {
	t.Helper()
	var all [][2]int
	for _, call := range portal.Calls("imbot.v2.Event.get") {
		var body struct{ Offset, Limit int }
		require.NoError(t, json.Unmarshal(call.Body, &body))
		all = append(all, [2]int{body.Offset, body.Limit})
	}
	return all
}

// collect runs a loop for a time, and returns the numbers of the events and the errors. stop ends it by break.
func collect(ctx context.Context, bot *imbotv2.Bot, forTime time.Duration, stop func(*imbotv2.Event) bool, opts ...imbotv2.EventsOption) (ids []int, errs []error) {
	ctx, cancel := context.WithTimeout(ctx, forTime)
	defer cancel()
	for event, err := range bot.Events(ctx, opts...) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ids = append(ids, int(event.EventID))
		if stop != nil && stop(event) {
			break
		}
	}
	return ids, errs
}

// The first request deletes nothing. Later ones have the number after the last event that is done, and come as often as
// Bitrix24 asks for.
func TestEvents_offsetsAndPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		portal, bot := botOf(t,
			pageOf(true, eventAt(417, start), eventAt(533, start)), pageOf(false, eventAt(600, start)), pageOf(false))

		ids, errs := collect(t.Context(), bot, 100*time.Second, nil)

		assert.Equal(t, []int{417, 533, 600}, ids)
		assert.Empty(t, errs)
		assert.Equal(t, [][2]int{{0, 100}, {534, 100}, {601, 100}, {601, 100}, {601, 100}, {601, 100}}, asked(t, portal)[:6])
		var at []time.Duration
		for _, call := range portal.Calls("imbot.v2.Event.get") {
			at = append(at, call.At.Sub(start).Round(time.Second))
		}
		assert.Equal(t, []time.Duration{0, 2, 7, 17, 37, 67, 97}, scaled(at), "2 s after a full page, then 5, 10, 20 and 30 s")
	})
}

func scaled(d []time.Duration) []time.Duration {
	for i := range d {
		d[i] /= time.Second
	}
	return d
}

// What the loop was left in comes again; what was done before does not, if a store knows.
func TestEvents_leavingConfirmsNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		done bool
		next []int
	}{"break": {false, []int{2, 3}}, "break when it is done": {true, []int{3}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now()
				page := pageOf(false, eventAt(1, now), eventAt(2, now), eventAt(3, now))
				portal, bot := botOf(t, page)
				store := imbotv2.NewFileOffsets(t.TempDir())
				ids, _ := collect(t.Context(), bot, time.Second, func(event *imbotv2.Event) bool {
					if event.EventID == 2 && tt.done {
						event.Done()
					}
					return event.EventID == 2
				}, imbotv2.WithOffsets(store))
				assert.Equal(t, []int{1, 2}, ids)

				ids, errs := collect(t.Context(), bot, 10*time.Second, nil, imbotv2.WithOffsets(store))

				assert.Equal(t, tt.next, ids)
				assert.Empty(t, errs)
				assert.Equal(t, [][2]int{{0, 100}, {0, 100}, {4, 100}}, asked(t, portal), "the store is never what the portal is told")
			})
		})
	}
}

// A panic in the loop confirms no more than a break.
func TestEvents_panic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, pageOf(false, eventAt(1, time.Now()), eventAt(2, time.Now())))
		store := imbotv2.NewMemoryOffsets()
		assert.Panics(t, func() {
			for event, err := range bot.Events(t.Context(), imbotv2.WithOffsets(store)) {
				assert.NoError(t, err)
				if event.EventID == 2 {
					panic("of the caller")
				}
			}
		})
		offset, err := store.Load(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, imbotv2.EventID(1), offset.EventID)
	})
}

// A number that the store knows is done only if the date is that of then: a portal whose database is new counts anew.
func TestEvents_anotherCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		store := imbotv2.NewMemoryOffsets()
		require.NoError(t, store.Save(t.Context(), key, imbotv2.Offset{EventID: 5000, Date: now.Add(-time.Hour), FetchedAt: now.Add(-time.Hour)}))
		portal, bot := botOf(t, pageOf(false, eventAt(3, now.Add(-2*time.Hour)), eventAt(7, now), eventAt(8, now)))

		ids, errs := collect(t.Context(), bot, 6*time.Second, nil, imbotv2.WithOffsets(store))

		assert.Equal(t, []int{7, 8}, ids, "what is older was done")
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], imbotv2.ErrOffsetDropped)
		assert.Equal(t, [][2]int{{0, 100}, {9, 100}}, asked(t, portal))
		offset, err := store.Load(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, imbotv2.EventID(8), offset.EventID)
	})
}

// Dates are to the second, and some numbers are given before others that come later: nothing is skipped for that.
func TestEvents_sameSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		store := imbotv2.NewMemoryOffsets()
		require.NoError(t, store.Save(t.Context(), key, imbotv2.Offset{EventID: 10, Date: now}))
		_, bot := botOf(t, pageOf(false, eventAt(9, now.Add(2*time.Second)), eventAt(10, now), eventAt(11, now)))

		ids, errs := collect(t.Context(), bot, time.Second, nil, imbotv2.WithOffsets(store))

		assert.Equal(t, []int{9, 11}, ids, "9 is later than what is known to be done: rather twice than never")
		assert.Empty(t, errs)
	})
}

// An event without a date, or one that was too large to have been read, does not make the portal's count another one.
func TestEvents_withoutADate(t *testing.T) {
	t.Parallel()
	undated := map[string]any{"eventId": 2, "type": "ONIMBOTV2SOMETHING", "date": "", "data": []any{}}
	for name, tt := range map[string]struct{ page, first, again []int }{
		"behind one with a date": {[]int{1, 2}, []int{1, 2}, []int{2}},
		"the only one":           {[]int{2, 3}, []int{2}, []int{2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var events []map[string]any
				for _, id := range tt.page {
					event := undated
					if id != 2 {
						event = eventAt(id, time.Now())
					}
					events = append(events, event)
				}
				_, bot := botOf(t, pageOf(false, events...))
				store := imbotv2.NewMemoryOffsets()
				ids, errs := collect(t.Context(), bot, time.Second, func(event *imbotv2.Event) bool {
					event.Done()
					return event.EventID == 2
				}, imbotv2.WithOffsets(store))
				assert.Equal(t, tt.first, ids)
				assert.Empty(t, errs)
				ids, errs = collect(t.Context(), bot, time.Second, nil, imbotv2.WithOffsets(store))
				assert.Equal(t, tt.again, ids, "rather twice than never")
				assert.Empty(t, errs)
			})
		})
	}
}

// What the store knows is skipped page by page, and stays known meanwhile.
func TestEvents_storeDoesNotFallBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		store := imbotv2.NewMemoryOffsets()
		require.NoError(t, store.Save(t.Context(), key, imbotv2.Offset{EventID: 10, Date: now}))
		_, bot := botOf(t, pageOf(true, eventAt(7, now), eventAt(8, now)))

		ids, _ := collect(t.Context(), bot, time.Second, nil, imbotv2.WithOffsets(store), imbotv2.WithPageSize(2))

		assert.Empty(t, ids)
		offset, err := store.Load(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, imbotv2.EventID(10), offset.EventID)
	})
}

func TestEvents_gap(t *testing.T) {
	t.Parallel()
	for ago, gap := range map[time.Duration]bool{23 * time.Hour: false, 25 * time.Hour: true} {
		t.Run(ago.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := imbotv2.NewMemoryOffsets()
				require.NoError(t, store.Save(t.Context(), key, imbotv2.Offset{FetchedAt: time.Now().Add(-ago)}))
				_, bot := botOf(t, pageOf(false))
				_, errs := collect(t.Context(), bot, time.Minute, nil, imbotv2.WithOffsets(store))
				if !gap {
					assert.Empty(t, errs)
					return
				}
				require.Len(t, errs, 1)
				require.ErrorIs(t, errs[0], imbotv2.ErrEventGap)
			})
		})
	}
	t.Run("while the portal does not answer", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			answers := []imbottest.Answer{pageOf(false)}
			for range 25 {
				answers = append(answers, imbottest.Broken())
			}
			_, bot := botOf(t, append(answers, pageOf(false))...)
			_, errs := collect(t.Context(), bot, 40*time.Hour, nil, imbotv2.WithPauses(time.Hour, time.Hour))
			require.Len(t, errs, 26)
			require.ErrorIs(t, errs[25], imbotv2.ErrEventGap)
		})
	})
}

// The events of a bot that are posted look like a silence. That is asked for until it is known.
func TestEvents_posted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal, bot := botOf(t, pageOf(false))
		portal.On("imbot.v2.Bot.get", imbottest.Broken(), imbottest.Result(map[string]any{"bot": map[string]any{"id": 39, "eventMode": "webhook"}}))

		_, errs := collect(t.Context(), bot, time.Minute, nil)

		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], imbotv2.ErrEventsPosted)
		assert.Len(t, portal.Calls("imbot.v2.Bot.get"), 2)
	})
}

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
