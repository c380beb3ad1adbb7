package imbot_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
)

func TestParseChatID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want imbot.ChatID
	}{
		{"13", 13},
		{"chat13", 13},
		{"CHAT13", 13},
		{"9223372036854775807", 1<<63 - 1},
		{"", 0},
		{"chat", 0},
		{"chat0", 0},
		{"0", 0},
		{"-13", 0},
		{"+13", 0},
		{"chat+13", 0},
		{"chatchat13", 0},
		{" 13", 0},
		{"13 ", 0},
		{"13abc", 0},
		{"1e3", 0},
		{"sg13", 0},
		{"9223372036854775808", 0},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got, err := imbot.ParseChatID(tt.in)

			assert.Equal(t, tt.want, got)
			if tt.want != 0 {
				require.NoError(t, err)
				return
			}
			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			require.ErrorIs(t, err, imbot.ErrChatIDEmpty)
		})
	}
}

func TestChatID_DialogID(t *testing.T) {
	t.Parallel()
	assert.Equal(t, imbot.DialogID("chat13"), imbot.ChatID(13).DialogID())
}

func TestIDs_JSON(t *testing.T) {
	t.Parallel()
	type ids struct {
		Chat imbot.ChatID
		Bot  imbot.BotID
		User imbot.UserID
	}
	want := ids{13, 39, 27}
	for _, body := range []string{
		`{"Chat":13,"Bot":39,"User":27}`,
		`{"Chat":"13","Bot":"39","User":"27"}`,
	} {
		var got ids
		require.NoError(t, json.Unmarshal([]byte(body), &got))
		assert.Equal(t, want, got)
	}
	encoded, err := json.Marshal(want)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Chat":13,"Bot":39,"User":27}`, string(encoded))

	kept := want
	require.NoError(t, json.Unmarshal([]byte(`{"Chat":null,"Bot":null,"User":null}`), &kept))
	assert.Equal(t, want, kept)

	for _, body := range []string{`""`, `"x"`, `1.5`, `true`, `[]`, `{}`, `"13`, `99999999999999999999`} {
		var id imbot.ChatID
		assert.Error(t, json.Unmarshal([]byte(body), &id), body)
	}
}

func FuzzIDs(f *testing.F) {
	f.Add(`13`)
	f.Add(`"13"`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, body string) {
		var id imbot.ChatID
		if json.Unmarshal([]byte(body), &id) != nil {
			return
		}
		encoded, err := json.Marshal(id)
		require.NoError(t, err)
		var again imbot.ChatID
		require.NoError(t, json.Unmarshal(encoded, &again))
		assert.Equal(t, id, again)
	})
}
