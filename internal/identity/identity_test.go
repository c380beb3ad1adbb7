package identity_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/internal/identity"
)

// What is at the end of a part is not at the beginning of the next one.
func TestOf(t *testing.T) {
	t.Parallel()
	all := map[string]bool{}
	for _, parts := range [][]string{nil, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"b", "a"}} {
		id := identity.Of(parts...)
		assert.Regexp(t, "^[0-9a-f]{32}$", id)
		assert.Equal(t, id, identity.Of(parts...))
		all[id] = true
	}
	assert.Len(t, all, 8)
}

// The content is asked for only where it matters.
func TestEvent_ID_content(t *testing.T) {
	t.Parallel()
	asked := 0
	event := identity.Event{Name: "ONIMBOTV2MESSAGEADD", Message: 5, Time: time.Unix(1, 0), Content: func() string { asked++; return "x" }}
	byMessage := event.ID()
	assert.Zero(t, asked)
	event.Message = 0
	assert.NotEqual(t, byMessage, event.ID())
	assert.Equal(t, 1, asked)
}
