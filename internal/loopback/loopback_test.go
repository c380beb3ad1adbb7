package loopback_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/internal/loopback"
)

func TestIs(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.8.9.10": true, "::1": true,
		"": false, "localhost.example": false, "10.0.0.1": false, "128.0.0.1": false, "::2": false, "0.0.0.0": false,
	} {
		assert.Equal(t, want, loopback.Is(host), host)
	}
}
