package events_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
)

// BenchmarkParse reads a recorded event of some fifty fields.
func BenchmarkParse(b *testing.B) {
	body := recorded(b, "114_event_join_chat_group")
	b.ReportAllocs()
	for b.Loop() {
		_, err := events.Parse(post(b, "/?CLIENT_ID=EXAMPLE", body))
		require.NoError(b, err)
	}
}
