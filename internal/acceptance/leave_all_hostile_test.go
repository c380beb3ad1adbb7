package acceptance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// hostilePortal has one bot in every chat. What it does to the bot and what it answers are drawn independently of each
// other.
type hostilePortal struct {
	mu   sync.Mutex
	luck *rand.Rand
	left map[string]int // how often the bot left, by chat

	unseen map[string]bool // chats that the bot left, and in which it was not looked for since
	blind  []string        // chats that it was to leave again all the same
}

// RoundTrip implements http.RoundTripper.
func (p *hostilePortal) RoundTrip(req *http.Request) (*http.Response, error) {
	var batch struct {
		Cmd map[string]string `json:"cmd"`
	}
	if err := json.NewDecoder(req.Body).Decode(&batch); err != nil {
		return nil, err
	}
	p.mu.Lock()
	pause := time.Duration(p.luck.IntN(90)) * time.Second
	status, body, err := p.answer(batch.Cmd)
	p.mu.Unlock()
	select {
	case <-time.After(pause):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "Retry-After": {"7"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// answer acts on commands, and draws what to say of it.
func (p *hostilePortal) answer(commands map[string]string) (status int, body string, err error) {
	const limited = `{"error":"QUERY_LIMIT_EXCEEDED","error_description":""}`
	switch p.luck.IntN(12) { // nothing is done
	case 0:
		return http.StatusServiceUnavailable, limited, nil
	case 1:
		return http.StatusTooManyRequests, "", nil
	case 2:
		return http.StatusTooManyRequests, `{"error":"OPERATION_TIME_LIMIT","error_description":""}`, nil
	}
	var results, refusals, times []string
	for label, command := range commands {
		_, parameters, _ := strings.Cut(command, "CHAT_ID=")
		chat, _, _ := strings.Cut(parameters, "&")
		if strings.HasPrefix(command, "imbot.chat.user.list") {
			members := "[1]"
			if p.left[chat] == 0 {
				members = "[1,39]"
			}
			results = append(results, fmt.Sprintf("%q:%s", label, members))
			delete(p.unseen, chat)
			continue
		}
		if p.unseen[chat] {
			p.blind = append(p.blind, chat)
		}
		p.unseen[chat] = true
		wasIn := p.left[chat] == 0
		p.left[chat]++
		switch {
		case !wasIn:
			p.left[chat]--
			refusals = append(refusals, fmt.Sprintf(`%q:{"error":"WRONG_REQUEST"}`, label))
		case p.luck.IntN(4) > 0:
			results = append(results, fmt.Sprintf("%q:true", label))
		case p.luck.IntN(3) == 0: // it says how long it took, and nothing of what came of it
			times = append(times, fmt.Sprintf(`%q:{"start":1,"finish":2}`, label))
		case p.luck.IntN(2) == 0:
			results = append(results, fmt.Sprintf("%q:null", label))
		default: // it was not come to
			p.left[chat]--
			delete(p.unseen, chat)
			refusals = append(refusals, fmt.Sprintf(`%q:%s`, label, limited))
		}
	}
	body = fmt.Sprintf(`{"result":{"result":{%s},"result_error":{%s},"result_time":{%s}}}`, strings.Join(results, ","), strings.Join(refusals, ","), strings.Join(times, ","))
	switch p.luck.IntN(9) { // the answer does not say what was done
	case 0:
		return 0, "", errors.New("connection reset")
	case 1:
		return http.StatusBadGateway, "<html>", nil
	case 2:
		return http.StatusOK, body[:len(body)/2], nil
	case 3:
		return http.StatusOK, body[:len(body)-1] + `,"error":"QUERY_LIMIT_EXCEEDED"}`, nil
	default:
		return http.StatusOK, body, nil
	}
}

// Whatever the portal answers, and whatever ends the work: each request that was taken has one result, in order, which
// is true, and the progress adds up to that.
func TestLeaveAll_hostilePortal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		inBubble(t, func(t *testing.T) {
			seed := rapid.Uint64().Draw(rt, "luck")
			portal := &hostilePortal{luck: rand.New(rand.NewPCG(seed, seed)), left: map[string]int{}, unseen: map[string]bool{}}
			policy := rapid.SampledFrom([]imbot.RetryPolicy{{}, {MaxAttempts: 2}, {MaxAttempts: 4}}).Draw(rt, "policy")
			limiter := rapid.SampledFrom([]imbot.Limiter{nil, imbot.NewLimiter(imbot.PlanStandard)}).Draw(rt, "limiter")
			client := clienttest.New(t, imbot.Webhook("https://portal.example/rest/1/EXAMPLEsecret/"), imbot.WithRetry(policy), imbot.WithLimiter(limiter),
				clienttest.Over(portal))
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rapid.IntRange(1, 3000).Draw(rt, "seconds"))*time.Second)
			defer cancel()
			stop := make(chan struct{})
			stopped := time.AfterFunc(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "stop after"))*time.Second, func() { close(stop) })
			defer stopped.Stop()
			leaveAfter := rapid.IntRange(1, 300).Draw(rt, "leave after")
			taken, reported, failed := 0, 0, 0
			var last imbot.LeaveProgress
			check := func(result imbot.LeaveResult) {
				if reported++; int(result.Request.ChatID) != reported {
					rt.Fatalf("chat %d is number %d", result.Request.ChatID, reported)
				}
				portal.mu.Lock()
				left := portal.left[fmt.Sprint(result.Request.ChatID)]
				portal.mu.Unlock()
				switch unknown := errors.Is(result.Err, imbot.ErrOutcomeUnknown); {
				case result.Err == nil && left != 1, result.Outcome.State == imbot.AlreadyOut:
					rt.Fatalf("%v: it left %d times", result, left)
				case result.Err != nil && !unknown && left != 0:
					rt.Fatalf("%v: it did leave", result)
				case unknown && errors.Is(result.Err, imbot.ErrNotExecuted):
					rt.Fatalf("%v: both unknown and not executed", result)
				}
				if result.Err != nil {
					failed++
				}
			}
			for result := range client.Chat.LeaveAll(ctx, func(yield func(imbot.ChatLeaveRequest) bool) {
				for taken < 200 {
					taken++
					if !yield(imbot.ChatLeaveRequest{ChatID: imbot.ChatID(taken), BotID: 39}) {
						return
					}
				}
			}, imbot.WithStop(stop), imbot.WithUnreported(check), imbot.WithProgress(func(p imbot.LeaveProgress) { last = p })) {
				if check(result); reported == leaveAfter {
					break
				}
			}
			if len(portal.blind) > 0 {
				rt.Fatalf("the bot left chats %v again without a look", portal.blind)
			}
			if taken != reported {
				rt.Fatalf("%d of %d requests have a result", reported, taken)
			}
			if last.Taken != taken || last.Done() != taken || last.Failed != failed || last.InFlight != 0 {
				rt.Fatalf("the progress is %+v after %d requests, of which %d failed", last, taken, failed)
			}
		})
	})
}
