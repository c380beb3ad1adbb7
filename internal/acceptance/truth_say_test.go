package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// hasty gives up some requests at once, and leaves the portal at work on them.
type hasty struct {
	next http.RoundTripper
	mu   sync.Mutex
	luck *rand.Rand
}

func (h *hasty) RoundTrip(req *http.Request) (*http.Response, error) {
	h.mu.Lock()
	gives := h.luck.IntN(4) > 0
	h.mu.Unlock()
	if gives {
		return h.next.RoundTrip(req)
	}
	go func() {
		if resp, err := h.next.RoundTrip(req.WithContext(context.WithoutCancel(req.Context()))); err == nil {
			_ = resp.Body.Close()
		}
	}()
	time.Sleep(time.Millisecond) // fake clock
	return nil, io.ErrUnexpectedEOF
}

// said is what came of a message.
type said struct {
	chat     imbot.ChatID
	text     string
	once     bool
	response *imbotv2.MessageSendResponse
	err      error
	attempts []imbot.Attempt
}

// check holds what was reported of a message against the portal.
func (s said) check(rt *rapid.T, portal *imbottest.Portal) {
	var there []imbot.MessageID
	for _, message := range portal.Messages(s.chat) {
		if message.Text == s.text {
			there = append(there, message.ID)
		}
	}
	last := s.attempts[len(s.attempts)-1].Err
	switch {
	case len(there) > 1:
		rt.Fatalf("%s is there %d times (once: %v, %v)", s.text, len(there), s.once, s.err)
	case s.err == nil && (len(there) != 1 || there[0] != s.response.Result.ID):
		rt.Fatalf("%s was sent, it says, as %d, and there is %v", s.text, s.response.Result.ID, there)
	case s.err != nil && !errors.Is(s.err, imbot.ErrOutcomeUnknown) && len(there) > 0:
		rt.Fatalf("%s was not sent, it says (%v), and is there", s.text, s.err)
	case s.once && errors.Is(last, imbot.ErrOutcomeUnknown) && len(s.attempts) < 4:
		rt.Fatalf("%s was not repeated after a lost answer: %v", s.text, s.err)
	case !s.once && len(s.attempts) > 1 && errors.Is(s.attempts[0].Err, imbot.ErrOutcomeUnknown):
		rt.Fatalf("%s was repeated after a lost answer: %v", s.text, s.err)
	}
}

// What Say reports of a message is true of it. A message that is to be sent once is repeated after lost answers, also
// while the portal is at work on it, and no message is there twice.
func TestTruth_say(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		inBubble(t, func(t *testing.T) {
			w := newWorld(rt)
			defer w.portal.Close()
			var attempts []imbot.Attempt
			seed := rapid.Uint64().Draw(rt, "haste")
			client, err := imbot.NewClient(imbot.Webhook(w.portal.WebhookURL()), imbot.WithClientID(imbottest.ClientID),
				clienttest.Over(&hasty{next: w.portal.RoundTripper(), luck: rand.New(rand.NewPCG(seed, seed))}),
				imbot.WithObserver(func(_ context.Context, a imbot.Attempt) { attempts = append(attempts, a) }))
			if err != nil {
				rt.Fatal(err)
			}
			bot := imbotv2.New(client).As(imbotv2.Identity{BotID: truthBot})
			var all []said
			for id := imbot.ChatID(1); id <= chatsPerWorld; id++ {
				s := said{chat: id, text: fmt.Sprint("message ", id), once: rapid.IntRange(0, 3).Draw(rt, "once") > 0}
				attempts = nil
				var opts []imbotv2.SayOption
				if s.once {
					opts = append(opts, imbotv2.Once())
				}
				s.response, s.err = bot.Say(t.Context(), id.DialogID(), s.text, opts...)
				s.attempts = attempts
				all = append(all, s)
			}
			time.Sleep(3 * time.Hour) // fake clock; all that the portal is at work on is done
			for _, s := range all {
				s.check(rt, w.portal)
			}
		})
	})
}
