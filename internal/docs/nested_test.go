package docs_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// recorder is a test that notes how it fails.
type recorder struct {
	testing.TB

	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Error(args ...any) { r.failures = append(r.failures, fmt.Sprint(args...)) }

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestTestCode(t *testing.T) {
	t.Parallel()
	// The code of the comments has some that is none, so there are other failures, too.
	found, missed, other := &recorder{TB: t}, &recorder{TB: t}, &recorder{TB: t}
	docs.TestCode(found, root, ".", `var _ int = "x"`, "cannot use")
	docs.TestCode(missed, root, ".", `var _ int = 7`, "cannot use")
	docs.TestCode(other, root, ".", `var _ int = "x"`, "undefined")
	for _, failure := range found.failures {
		assert.NotContains(t, failure, "X.md")
	}
	assert.Equal(t, append(found.failures, "the mistake was not found: var _ int = 7"), missed.failures)
	assert.Len(t, other.failures, len(found.failures)+2, "what was found is another mistake")
}

func TestTestErrors(t *testing.T) {
	t.Parallel()
	for want, test := range map[string]struct {
		folder    string
		explained map[string]error
	}{
		"":                            {"testdata/errors", map[string]error{"ErrOne": imbot.ErrAccess, "TwoError": imbot.ErrBotID}},
		"TwoError is not in the list": {"testdata/errors", map[string]error{"ErrOne": imbot.ErrAccess}},
		"TwoError is not explained":   {"testdata/errors", map[string]error{"ErrOne": imbot.ErrAccess, "TwoError": errors.New("y")}},
		"ErrOne is in the list, but the package does not export it": {"testdata", map[string]error{"ErrOne": imbot.ErrAccess}},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			r := &recorder{TB: t}
			docs.TestErrors(r, test.folder, test.explained)
			if want == "" {
				assert.Empty(t, r.failures)
			} else {
				assert.Equal(t, []string{want}, r.failures)
			}
		})
	}
}
