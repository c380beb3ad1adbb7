package secrettest_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/internal/secrettest"
)

const secret = "EXAMPLESECRET7c1f"

var secrets = secrettest.Secrets{"EXAMPLEothersecret", secret}

// recorder is a test that counts how often it fails.
type recorder struct {
	testing.TB

	failures int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failures++ }

// fails reports whether a search finds something.
func fails(t *testing.T, search func(testing.TB)) bool {
	t.Helper()
	r := &recorder{TB: t}
	search(r)
	return r.failures > 0
}

func TestNotIn(t *testing.T) {
	t.Parallel()
	for text, found := range map[string]bool{
		"":                                    false,
		"EXAMPLESECRET":                       false,
		"a " + secret + "b":                   true,
		"examplesecret7C1F":                   true,
		fmt.Sprintf("%x", secret):             true,
		fmt.Sprintf("%X", "_"+secret):         true,
		fmt.Sprintf("%d", []byte(secret)):     true,
		fmt.Sprintf("%v", []byte(secret+"_")): true,
	} {
		assert.Equal(t, found, fails(t, func(t testing.TB) { secrets.NotIn(t, text, "x") }), text)
	}
}

// open shows what it has; guarded shows nothing, unless its methods are out of reach; closed never does.
type (
	open    struct{ Text string }
	guarded struct{ text string }
	closed  struct{ text func() string }
	// byFmt and byLog guard one way each.
	byFmt struct{ Text string }
	byLog struct{ Text string }
)

func (guarded) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("***")) }
func (guarded) LogValue() slog.Value       { return slog.StringValue("***") }
func (byFmt) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte("***")) }
func (byLog) LogValue() slog.Value         { return slog.StringValue("***") }

func TestValues(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value                     any
		printed, reached, encoded bool
	}{
		"open":    {open{secret}, true, true, true},
		"pointer": {&open{secret}, true, true, true},
		"guarded": {guarded{secret}, false, true, false},
		"closed":  {closed{func() string { return secret }}, false, false, false},
		"by fmt":  {byFmt{secret}, true, true, true},
		"by log":  {byLog{secret}, true, true, true},
		"nothing": {nil, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.printed, fails(t, func(t testing.TB) { secrets.NotPrinted(t, test.value, name) }), "printed")
			assert.Equal(t, test.reached, fails(t, func(t testing.TB) { secrets.NotReached(t, test.value, name) }), "reached")
			assert.Equal(t, test.encoded, fails(t, func(t testing.TB) { secrets.NotEncoded(t, test.value, name) }), "encoded")
		})
	}
}

// layer is an error whose text does not have that of what it wraps.
type layer struct{ error }

func (layer) Error() string              { return "x" }
func (layer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("x")) }
func (layer) LogValue() slog.Value       { return slog.StringValue("x") }
func (l layer) Unwrap() error            { return l.error }

type layers []error

func (layers) Error() string              { return "x" }
func (layers) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("x")) }
func (layers) LogValue() slog.Value       { return slog.StringValue("x") }
func (l layers) Unwrap() []error          { return l }

func TestNotInError(t *testing.T) {
	t.Parallel()
	safe, quoting := errors.New("y"), errors.New(secret)
	for name, test := range map[string]struct {
		err   error
		found bool
	}{
		"none":           {nil, false},
		"safe":           {layer{layers{safe, layer{safe}}}, false},
		"quoting":        {quoting, true},
		"wrapped":        {layer{layer{quoting}}, true},
		"one of several": {layers{safe, layer{quoting}}, true},
		"wrapped nil":    {layer{}, false},
	} {
		assert.Equal(t, test.found, fails(t, func(t testing.TB) { secrets.NotInError(t, test.err, name) }), name)
	}
}

func TestExportedTypes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"Secrets"}, secrettest.ExportedTypes(t, "."))
}
