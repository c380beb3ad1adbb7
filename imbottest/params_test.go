package imbottest_test

import (
	"testing"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestIntval_requests sends the values that a request alone can carry: each either means chat 13, or none.
func TestIntval_requests(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		`13`: true, `"13"`: true, `" 13"`: true, `"13abc"`: true, `13.9`: true, `"1.3e1"`: true, `1.3e1`: true,
		`"chat13"`: false, `[]`: false, `{}`: false, `null`: false, `""`: false, `-13`: false, `false`: false, `0.9`: false,
	}
	for value, means13 := range tests {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			got := send(t, imbottest.NewPortal(t), leave(`{"BOT_ID":39,"CLIENT_ID":"my","CHAT_ID":`+value+`}`))
			if means13 {
				assertResult(t, "true", got)
				return
			}
			assertError(t, chatIDEmpty.status, chatIDEmpty.code, chatIDEmpty.description, got)
		})
	}
	for _, value := range []string{`true`, `[5]`, `{"a":0}`} {
		t.Run(value+" is the general chat", func(t *testing.T) {
			t.Parallel()
			got := send(t, imbottest.NewPortal(t), leave(`{"BOT_ID":39,"CLIENT_ID":"my","CHAT_ID":`+value+`}`))
			assertError(t, unavailable.status, unavailable.code, unavailable.description, got)
		})
	}
}
