package imbot_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// An error of Validate is a mistake of the request, which is not sent then, alone or in a batch.
func TestMethod_Validate(t *testing.T) {
	t.Parallel()
	type request struct{ A int }
	shared := &imbot.ParamError{Method: "of another", Param: "A", Err: imbot.ErrInvalidFormat}
	own := errors.New("no")
	tests := map[string]struct {
		err   error
		param string // empty if it is sent
		is    []error
	}{
		"a ParamError":             {shared, "A", []error{imbot.ErrInvalidFormat}},
		"any other":                {own, "request", []error{own}},
		"one around it":            {fmt.Errorf("%w: %w", own, shared), "request", []error{own, shared}},
		"nothing":                  {nil, "", nil},
		"no ParamError":            {(*imbot.ParamError)(nil), "", nil},
		"an error in a ParamError": {&imbot.ParamError{Param: "B", Err: own}, "B", []error{own}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("x.do", imbottest.Result(true).Optional()) // what is refused is not sent
			method := imbot.Method[request, bool]{Name: "x.do", Validate: func(req request) error {
				assert.Equal(t, request{7}, req)
				return tt.err
			}}
			_, called := imbot.Call(t.Context(), portal.Client(), method, request{7})
			batch := portal.Client().NewBatch()
			q := imbot.Queue(batch, method, request{7})
			done := batch.Do(t.Context())
			_, queued := q.Result()
			if tt.param == "" {
				require.NoError(t, errors.Join(called, done, queued))
				assert.Len(t, portal.Calls("x.do"), 2)
				return
			}
			assert.Empty(t, portal.Calls())
			for _, err := range []error{called, done, queued} {
				var param *imbot.ParamError
				require.ErrorAs(t, err, &param)
				assert.Equal(t, "x.do", param.Method)
				assert.Equal(t, tt.param, param.Param)
				for _, is := range tt.is {
					require.ErrorIs(t, err, is)
				}
			}
			assert.Equal(t, "of another", shared.Method, "it is the caller's")
		})
	}
}

// A request that embeds another one is checked by its own method: what it embeds knows nothing of it.
func TestMethod_validatesNoPart(t *testing.T) {
	t.Parallel()
	type request struct {
		imbot.ChatLeaveRequest

		ChatID imbot.ChatID `json:"CHAT_ID"`
	}
	portal := imbottest.NewPortal(t)
	_, err := imbot.Call(t.Context(), clienttest.ForBot(portal), imbot.Method[request, bool]{Name: "imbot.chat.leave"}, request{ChatID: 13})
	require.NoError(t, err)
	assert.False(t, portal.Has(13, imbottest.BotMain))
}

// Nil leaves everything out, and Validate is told so without having to look for nil.
func TestMethod_validatesNil(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	seen := 0
	_, err := imbot.Call(t.Context(), portal.Client(), imbot.Method[*imbot.ChatLeaveRequest, bool]{Name: "imbot.chat.leave", Validate: func(req *imbot.ChatLeaveRequest) error {
		seen++
		return imbot.MethodChatLeave.Validate(*req)
	}}, nil)
	require.ErrorIs(t, err, imbot.ErrChatIDEmpty)
	_, err = imbot.Call(t.Context(), portal.Client(), imbot.Method[any, bool]{Name: "imbot.chat.leave", Validate: func(req any) error {
		seen++
		return imbot.MethodChatLeave.Validate(*req.(*imbot.ChatLeaveRequest))
	}}, any((*imbot.ChatLeaveRequest)(nil)))
	require.ErrorIs(t, err, imbot.ErrChatIDEmpty)
	_, err = imbot.Call(t.Context(), portal.Client(), imbot.Method[any, bool]{Name: "imbot.chat.leave", Validate: func(req any) error {
		seen++
		assert.Nil(t, req)
		return errors.New("nothing")
	}}, nil)
	require.ErrorAs(t, err, new(*imbot.ParamError))
	assert.Equal(t, 3, seen)
	assert.Empty(t, portal.Calls())
}
