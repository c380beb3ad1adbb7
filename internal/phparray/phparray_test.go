package phparray_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/internal/phparray"
)

// show writes an array in a form that shows keys and their order: a:1 b:2.
func show(a *phparray.Array) string {
	var parts []string
	for key, value := range a.All() {
		parts = append(parts, fmt.Sprintf("%s:%v", key, value))
	}
	return strings.Join(parts, " ")
}

func TestArray(t *testing.T) {
	t.Parallel()
	var zero phparray.Array
	assert.Equal(t, "a:1 b:2", show(zero.Set("a", 1).Set("b", 2)))

	a := phparray.New().Set("b", 1).Set("a", 2).Set("b", 3)
	assert.Equal(t, "b:3 a:2", show(a), "a key keeps its place")
	assert.Equal(t, 2, a.Len())
	assert.Equal(t, 2, a.Get("a"))
	assert.Nil(t, a.Get("c"))
	assert.False(t, a.IsList())
	assert.Equal(t, "B:3 A:2", show(a.Upper()))
	assert.Equal(t, "A:2", show(phparray.New().Set("a", 1).Set("A", 2).Upper()), "the last spelling wins")
	assert.Equal(t, "a:2", show(a.Without("b", "c")))
	a.Merge(phparray.New().Set("a", 4).Set("c", 5))
	assert.Equal(t, "b:3 a:4 c:5", show(a))
	for key := range a.All() {
		assert.Equal(t, "b", key)
		break
	}
}

func TestArray_nil(t *testing.T) {
	t.Parallel()
	var none *phparray.Array
	assert.Zero(t, none.Len())
	assert.Nil(t, none.Get("a"))
	assert.Empty(t, show(none))
	assert.True(t, none.IsList())
}

func TestArray_index(t *testing.T) {
	t.Parallel()
	list := phparray.ListOf([]string{"x", "y"})
	assert.Equal(t, "0:x 1:y", show(list))
	assert.True(t, list.IsList())
	for key, next := range map[string]string{"7": "8", "1": "2", "07": "2", "+7": "2", "-7": "2", "": "2", "9223372036854775808": "2"} {
		a := phparray.ListOf([]string{"x", "y"}).Set(key, "z")
		got, free := a.Next()
		assert.True(t, free)
		assert.Equal(t, next, got, "after %q", key)
	}
	full := phparray.New().Set("9223372036854775807", 1)
	assert.False(t, full.Append(2))
	assert.Equal(t, 1, full.Len())
}

// TestArray_many holds that an array which has outgrown the search through its items behaves as a small one.
func TestArray_many(t *testing.T) {
	t.Parallel()
	const many = 100
	a := phparray.New()
	for i := range many {
		a.Append(i)
	}
	for i := range many {
		assert.Equal(t, i, a.Get(strconv.Itoa(i)))
		a.Set(strconv.Itoa(i), -i)
	}
	assert.Equal(t, many, a.Len())
	assert.Equal(t, -7, a.Get("7"))
	assert.True(t, a.IsList())
}
