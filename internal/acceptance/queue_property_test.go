package acceptance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// phpValue is what PHP makes of a value, less the order of names: a text, or an array by its keys.
func phpValue(value any) any {
	switch value := value.(type) {
	case []any:
		array := map[string]any{}
		for i, element := range value {
			array[strconv.Itoa(i)] = phpValue(element)
		}
		return array
	case map[string]any:
		array := map[string]any{}
		for key, member := range value {
			array[key] = phpValue(member)
		}
		return array
	case bool:
		return map[bool]string{true: "Y", false: "N"}[value]
	default:
		return fmt.Sprint(value)
	}
}

// phpArray returns what was read from a query in the form of phpValue.
func phpArray(form *phpform.Array) map[string]any {
	array := map[string]any{}
	for key, value := range form.All() {
		if text, isText := value.Text(); isText {
			array[key] = text
		} else {
			array[key] = phpArray(value.Array())
		}
	}
	return array
}

// isCarried reports whether brackets can carry a value.
func isCarried(value any, isTop, withBools bool) bool {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return withBools
	case string:
		return !strings.Contains(strings.ToLower(value), "$result[")
	case []any:
		for _, element := range value {
			if !isCarried(element, false, withBools) {
				return false
			}
		}
		return len(value) > 0
	case map[string]any:
		for key, member := range value {
			_, isText := phpValue(member).(string)
			switch {
			case !isCarried(member, false, withBools), key == "", strings.ContainsAny(key, "[]\x00"),
				!isTop && strings.TrimSpace(key) == "" && len(key) == 1,
				isTop && (strings.ContainsAny(key, ". ") || strings.HasSuffix(strings.ToLower(key), "$result") && !isText):
				return false
			}
		}
		return len(value) > 0 || isTop
	default:
		return true
	}
}

// Whatever the request, PHP reads the same from the command as from the body of a call, or the command is refused; and
// it is refused for nothing but what brackets cannot carry.
func TestQueue_property(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "a", "b", "a b", "a.b", "[", "]", "a[b]", "\x00", "7", "07", "-1", "&=+%#?", "$result", "$RESULT[c0]", "\\u0041", "<й😀>", "\xff", "\u2028"}),
		rapid.String(),
	)
	name := rapid.OneOf(rapid.SampledFrom([]string{"A", "b", "\t", "7", "07", "-1", "$result", "&=+%#?", "й", "\\", "\"", "<"}), text)
	number := rapid.OneOf(
		rapid.Map(rapid.SampledFrom([]string{"12345678901234567890", "1e3", "1E+400", "12345678.0", "-0", "0.10"}), func(n string) any { return json.Number(n) }),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
	)
	scalar := rapid.OneOf(number, number, rapid.Map(text, func(s string) any { return s }), rapid.Map(text, func(s string) any { return s }),
		rapid.Map(rapid.IntRange(0, 9), func(n int) any { return []any{nil, true, false, "x", "y"}[min(n, 4)] }))
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		if depth == 0 {
			return scalar
		}
		below := value(depth - 1)
		return rapid.OneOf(scalar, scalar,
			rapid.Map(rapid.SliceOfN(below, 0, 4), func(list []any) any { return list }),
			rapid.Map(rapid.MapOfN(name, below, 0, 4), func(object map[string]any) any { return object }))
	}
	object := rapid.MapOfN(name, value(3), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.SampledFrom([]string{"x.do", "imbot.x", "imbot.v2.X.do"}).Draw(t, "method")
		body, line, err := bothWays(t.Context(), imbot.Method[map[string]any, bool]{Name: method}, object.Draw(t, "request"))
		decoder := json.NewDecoder(strings.NewReader(body))
		decoder.UseNumber()
		var sent map[string]any
		if err := decoder.Decode(&sent); err != nil {
			t.Fatalf("the body %q: %v", body, err)
		}
		isCarried := isCarried(sent, true, method == "imbot.v2.X.do")
		if err != nil {
			if _, ok := errors.AsType[*imbot.ParamError](err); !ok || isCarried {
				t.Fatalf("%s is refused: %v", body, err)
			}
			return
		}
		_, query, _ := strings.Cut(line, "?")
		form, leftOut := phpform.Parse(query, phpform.Limits{})
		if leftOut > 0 {
			t.Fatalf("PHP does not read all of %s, but leaves out %d fields", query, leftOut)
		}
		if want, got := phpValue(sent), phpArray(form); !assert.ObjectsAreEqual(want, got) || !isCarried {
			t.Fatalf("%s became %s\nwant %v\ngot  %v", body, query, want, got)
		}
	})
}
