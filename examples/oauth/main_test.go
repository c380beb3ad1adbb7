package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

const want = `1. Install
   The user authorizes the application at
   https://portal.example/oauth/authorize/?client_id=app.1&state=state-of-the-session
   and comes back with a code, which becomes a pair of tokens for
   https://portal.example/rest/ (scope imbot, user 1).
   They are in a file now. Printed, they are
   oauth.Token{AccessToken:*** RefreshToken:*** Expiry:"" ClientEndpoint:"https://portal.example/rest/" ServerEndpoint:"https://oauth.example/rest/" MemberID:"` + imbottest.MemberID + `" Domain:"oauth.example" Scope:"imbot" Status:"L" UserID:1}

2. Expire
   An hour passes, and the portal accepts the access token no longer.

3. Refresh and repeat
   The bot leaves a chat. To the program that is one call; on the wire it was
   imbot.chat.leave: expired_token
   https://oauth.example/oauth/token/, grant_type=refresh_token: done
   imbot.chat.leave: done
   The result is true. The file has another access token: true, and another refresh token: true.

4. Remove
   Somebody removes the application. The next refresh says
   oauth: NOT_INSTALLED: Application not installed (HTTP 401)
`

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, want, out.String())
	for _, secret := range []string{imbottest.AppSecret, "access-", "refresh-", "code-"} {
		assert.NotContains(t, out.String(), secret)
	}
}

func TestRun_canceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	require.ErrorIs(t, run(ctx, &out), context.Canceled)
}

// Ctrl-C in the middle of a renewal does not lose the new pair.
func TestRun_canceledInTheMiddle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		b := bot{
			app: oauth.App{
				ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient(),
			},
			store:  oauth.NewFileStore(filepath.Join(t.TempDir(), "token.json")),
			portal: portal,
			out:    io.Discard,
		}
		require.NoError(t, b.install(t.Context()))
		before, err := b.store.Load(t.Context())
		require.NoError(t, err)
		portal.FaultTokens(imbottest.SlowAfter(10 * time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.expireAndCall(ctx), context.DeadlineExceeded)

		require.NoError(t, b.end(ctx))

		after, err := b.store.Load(t.Context())
		require.NoError(t, err)
		assert.NotEqual(t, before.RefreshToken, after.RefreshToken)
	})
}
