package api

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	// go test runs the tests again when these change.
	_ "github.com/seed-a6e4e5a4/imbot"
	_ "github.com/seed-a6e4e5a4/imbot/content"
	_ "github.com/seed-a6e4e5a4/imbot/events"
	_ "github.com/seed-a6e4e5a4/imbot/imbottest"
	_ "github.com/seed-a6e4e5a4/imbot/imbotv2"
	_ "github.com/seed-a6e4e5a4/imbot/oauth"
	_ "github.com/seed-a6e4e5a4/imbot/portals"
)

const module = "github.com/seed-a6e4e5a4/imbot"

func TestAPI(t *testing.T) {
	t.Parallel()
	Test(t, "../..", ".", append([]string{module}, packages(t)...)...)
}

// packages returns the packages of the root module that others may import, besides the root itself.
func packages(t *testing.T) (paths []string) {
	t.Helper()
	files, err := filepath.Glob("../../*/*.go")
	require.NoError(t, err)
	for _, file := range files {
		folder := filepath.Dir(file)
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); errors.Is(err, fs.ErrNotExist) {
			paths = append(paths, module+"/"+filepath.Base(folder))
		}
	}
	paths = slices.Compact(paths)
	require.GreaterOrEqual(t, len(paths), 6)
	return paths
}

func TestUnannounced(t *testing.T) {
	t.Parallel()
	const changelog = "# Changelog\n\n**Breaking:** `A`\n\n## [Unreleased]\n\n- **Breaking:** `B` and\n  `oauth.C.D`.\n- `E` is new.\n\n**Breaking:** `F`\nand `G`\n\n`H`\n" +
		"\n## [0.1.0]\n\n- **Breaking:** `I`\n"
	tests := map[string]bool{
		"pkg imbot, const A imbot.Code = \"a\"":             false, // before the section
		"pkg imbot, func B[Req any](Req) error":             true,
		"pkg imbot, type B struct":                          true,
		"pkg imbot, type B[T any] interface { A, B }":       true,
		"pkg imbot, type B struct, X int":                   true,
		"pkg imbot, method (*B) X()":                        true,
		"pkg oauth, type B struct":                          false,
		"pkg oauth, method (C) D() string":                  true,
		"pkg oauth, type C struct, D string":                true,
		"pkg oauth, type C interface, D()":                  true,
		"pkg oauth, method (C) E() string":                  false,
		"pkg oauth, type C struct":                          false,
		"pkg imbot, var E error":                            false, // in no such line
		"pkg imbot, var F error":                            true,
		"pkg imbot, var G error":                            true,
		"pkg imbot, var H error":                            false,
		"pkg imbot, var I error":                            false, // of a release
		"pkg imbot, var Kept error":                         true,
		"pkg imbot, func Call(context.Context, string) int": false,
	}
	now := []string{"pkg imbot, var Kept error", "pkg imbot, func Call(context.Context) int"}
	for line, isFine := range tests {
		if isFine {
			assert.Empty(t, unannounced([]string{line}, now, changelog), line)
		} else {
			assert.Equal(t, []string{line}, unannounced([]string{line}, now, changelog))
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	lines, err := List("../..", module)
	require.NoError(t, err)
	for _, line := range []string{
		`const ErrBotID imbot.Code = "BOT_ID_ERROR"`,
		`func Call[Req any, Res any](context.Context, *imbot.Client, imbot.Method[Req, Res], Req) (*imbot.Response[Res], error)`,
		`func WithObserver(func(context.Context, imbot.Attempt)) imbot.Option`,
		`method (*Client) With(imbot.Auth) (*imbot.Client, error)`,
		`method (ChatID) DialogID() imbot.DialogID`,
		`type ChatID int64`,
		`type ChatLeaveRequest struct, BotID imbot.BotID`,
		`type ChatLeaveResponse = imbot.Response[bool]`,
		`type Method[Req any, Res any] struct`,
		`type Option func(*imbot.unexported) error`,
		`type TokenRefresher interface { Refresh, Token }`,
		`type TokenRefresher interface, Token(context.Context) (string, error)`,
		`var ErrOutcomeUnknown error`,
	} {
		assert.Contains(t, lines, "pkg imbot, "+line)
	}
}
