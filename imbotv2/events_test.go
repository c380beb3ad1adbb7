package imbotv2_test

import (
	"context"
	"encoding/json"
	"fmt"
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
