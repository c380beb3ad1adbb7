package acceptance_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
)

// What an answer may cost in memory is bounded by the number of its values, in whatever it is decoded into.
func TestAnswers_valuesAreCounted(t *testing.T) {
	t.Parallel()
	const most = 250_000
	list := func(values int) string { return "[" + strings.Repeat("1,", values-2) + "1]" } // itself among them
	call := func(t *testing.T, body string, call func(client *imbot.Client) error) error {
		t.Helper()
		return call(clienttest.New(t, imbot.Webhook(secretURL), append(clienttest.WithoutRepeats(), clienttest.Over(clienttest.Answering(200, body)))...))
	}
	calls := map[string]func(client *imbot.Client) error{
		"members": func(client *imbot.Client) error {
			_, err := client.Chat.User.List(t.Context(), imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
			return err
		},
		"anything": func(client *imbot.Client) error {
			_, err := imbot.Call(t.Context(), client, imbot.Method[params, any]{Name: "imbot.x"}, params{})
			return err
		},
		"a batch": func(client *imbot.Client) error {
			batch := client.NewBatch()
			imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			return batch.Do(t.Context())
		},
	}
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrap := func(values int) string { return `{"x":[1,2,3],"result":` + list(values) + `}` }
			if name == "a batch" {
				wrap = func(values int) string { return `{"result":{"result":` + list(values-2) + `,"result_error":[]}}` }
			}
			require.NoError(t, call(t, wrap(most), c))

			err := call(t, wrap(most+1), c)
			var refused *imbot.APIError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, "the answer has more than 250000 values", refused.Description)
			require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
			require.ErrorIs(t, err, imbot.ErrAnswerTooLarge)
		})
	}
}

// An answer that is too large would be so again. How it begins is for this module alone, and is not printed.
func TestAnswers_tooLarge(t *testing.T) {
	t.Parallel()
	const secret = "EXAMPLE_SECRET_TEXT"
	for name, body := range map[string]string{
		"bytes":  `{"result":{"x":"` + secret + strings.Repeat("a", 10<<20) + `"}}`,
		"values": `{"result":["` + secret + `",` + strings.Repeat("1,", 250_000) + `1]}`,
		"blanks": `{"result":true,"x":"` + secret + `"}` + strings.Repeat(" ", 10<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.bot.list", imbottest.Raw(200, "application/json", body))

			_, err := imbot.Call(t.Context(), portal.Client(), clienttest.Reading, struct{}{})

			require.ErrorIs(t, err, imbot.ErrAnswerTooLarge)
			require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
			assert.Len(t, portal.Calls(), 1)
			head, ok := errors.AsType[envelope.Head](err)
			require.True(t, ok)
			assert.Equal(t, body[:1<<10], string(head.Text()))
			for _, verb := range secrettest.Verbs {
				assert.NotContains(t, fmt.Sprintf(verb, err), secret)
				assert.NotContains(t, fmt.Sprintf(verb, head), secret)
			}
		})
	}
	refused := &imbot.APIError{Code: "X"}
	require.NotErrorIs(t, refused, imbot.ErrAnswerTooLarge)
	_, ok := errors.AsType[envelope.Head](refused)
	assert.False(t, ok)
}

// The texts of an error are bounded, however long those of the portal are. A code that was cut equals no other.
func TestAnswers_textsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ж", 1<<20)
	remarks := strings.Repeat(`{"field":"`+long[:1<<10]+`","message":"`+long[:1<<12]+`"},`, 100)
	tests := map[string]string{
		"a refusal":      `{"error":"ACCESS_ERROR` + long + `","error_description":"` + long + `"}`,
		"an object":      `{"error":{"code":"` + long + `","message":"` + long + `","validation":[` + remarks + `"` + long + `"]}}`,
		"an argument":    `{"error":"` + long + `","argument":"` + long + `"}`,
		"a number":       `{"error":` + strings.Repeat("1", 1<<20) + `}`,
		"a bare text":    `{"result":{"result":[],"result_error":{"c0":"` + long + `"}}}`,
		"of one command": `{"result":{"result":[],"result_error":{"c0":{"error":"` + long + `","error_description":"` + long + `"}}}}`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.Answering(200, body)))
			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
			if strings.Contains(body, "c0") {
				batch := client.NewBatch()
				left := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
				require.NoError(t, batch.Do(t.Context()))
				_, err = left.Result()
			}
			var refused *imbot.APIError
			require.ErrorAs(t, err, &refused)
			assert.LessOrEqual(t, len(refused.Code), 200)
			assert.LessOrEqual(t, len(refused.Description), 2<<10)
			assert.LessOrEqual(t, len(refused.Details), 20)
			size := 0
			for _, detail := range refused.Details {
				size += len(detail.Field) + len(detail.Message)
			}
			assert.LessOrEqual(t, size, 20*1<<10)
			assert.True(t, utf8.ValidString(err.Error()))
			require.NotErrorIs(t, err, imbot.ErrAccess)
			if refused.Code != "" {
				require.ErrorIs(t, err, imbot.Code(strings.ToLower(string(refused.Code))), "what is kept can be asked for")
				assert.True(t, strings.HasSuffix(string(refused.Code), "…"))
			}
		})
	}
	client := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("%w: malformed HTTP response %q", io.ErrUnexpectedEOF, long)
	})))
	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Less(t, len(err.Error()), 3<<10)
	client = clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {"https://" + strings.Repeat("x", 1<<20) + "/"}}, Body: http.NoBody}, nil
	})))
	_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.ErrorAs(t, err, new(*imbot.RedirectError))
	assert.Less(t, len(err.Error()), 1<<10)
}

func TestAnswers_sizeIsCapped(t *testing.T) {
	t.Parallel()
	const limit = 10 << 20
	padded := func(size int) string {
		head, tail := `{"result":true,"pad":"`, `"}`
		return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
	}
	leave := func(body string) error {
		client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(clienttest.Answering(http.StatusOK, body)))
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		return err
	}

	require.NoError(t, leave(padded(limit)))

	err := leave(padded(limit + 1))
	var apiErr *imbot.APIError
	require.ErrorAs(t, err, &apiErr)
	assert.Contains(t, apiErr.Description, "10 MiB")
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
}

// Content-Length is a hint: what counts is where the body ends.
func TestAnswers_lengths(t *testing.T) {
	t.Parallel()
	short, long := `{"result":true}`, `{"result":true,"pad":"`+strings.Repeat("x", 20_000)+`"}`
	for name, body := range map[string]string{"short": short, "long": long} {
		for told, length := range map[string]int64{
			"nothing": -1, "none": 0, "the truth": int64(len(body)), "less": 3, "more": int64(len(body)) + 100, "far more": 1 << 40,
		} {
			for split, reader := range map[string]func(io.Reader) io.Reader{
				"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "its end with it": iotest.DataErrReader,
			} {
				t.Run(name+", tells "+told+", in "+split, func(t *testing.T) {
					t.Parallel()
					client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL),
						clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
							return &http.Response{
								StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: length,
								Body: io.NopCloser(reader(strings.NewReader(body))),
							}, nil
						})))

					_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

					require.NoError(t, err)
				})
			}
		}
	}
}
