package phpform_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// tree writes an array in a form that shows keys, order and nesting: {a:1 b:{0:x}}.
func tree(a *phpform.Array) string {
	var parts []string
	for key, value := range a.All() {
		text, isText := value.Text()
		if !isText {
			text = tree(value.Array())
		}
		parts = append(parts, key+":"+text)
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ raw, want string }{
		"nothing":                          {"", "{}"},
		"flat":                             {"CHAT_ID=13&BOT_ID=39", "{CHAT_ID:13 BOT_ID:39}"},
		"no equals sign":                   {"a&b=", "{a: b:}"},
		"equals sign in the value":         {"a=b=c", "{a:b=c}"},
		"empty pieces":                     {"&&a=1&&", "{a:1}"},
		"later wins and keeps the place":   {"a=1&b=2&a=3", "{a:3 b:2}"},
		"case of names counts":             {"a=1&A=2", "{a:1 A:2}"},
		"plus is a space":                  {"a=x+y%20z", "{a:x y z}"},
		"escaped plus":                     {"a=x%2By", "{a:x+y}"},
		"escaped brackets":                 {"a%5Bb%5D=1", "{a:{b:1}}"},
		"broken escape":                    {"a=%zz%4&b%=%", "{a:%zz%4 b%:%}"},
		"upper and lower hex":              {"a=%c3%BC", "{a:ü}"},
		"nested":                           {"a[b][0]=x&a[b][1]=y&a[c]=z", "{a:{b:{0:x 1:y} c:z}}"},
		"next index":                       {"a[]=x&a[]=y", "{a:{0:x 1:y}}"},
		"next index after a number":        {"a[7]=x&a[]=y&a[3]=z&a[]=w", "{a:{7:x 8:y 3:z 9:w}}"},
		"next index after a text":          {"a[07]=x&a[]=y", "{a:{07:x 0:y}}"},
		"next index after a negative":      {"a[-5]=x&a[]=y", "{a:{-5:x 0:y}}"},
		"no next index left":               {"a[9223372036854775807]=x&a[]=y", "{a:{9223372036854775807:x}}"},
		"next index with a space":          {"a[ ]=x&a[+]=y", "{a:{0:x 1:y}}"},
		"arrays at the next index":         {"a[][b]=1&a[][b]=2", "{a:{0:{b:1} 1:{b:2}}}"},
		"array replaces text":              {"a=1&a[b]=2", "{a:{b:2}}"},
		"text replaces array":              {"a[b]=2&a=1", "{a:1}"},
		"dots and spaces in the name":      {"a.b+c=1", "{a_b_c:1}"},
		"dots and spaces in a bracket":     {"a[b.c d]=1", "{a:{b.c d:1}}"},
		"leading spaces":                   {"++a=1", "{a:1}"},
		"no name":                          {"=1&[a]=2&+=3", "{}"},
		"unclosed bracket":                 {"a[b=1", "{a_b:1}"},
		"unclosed bracket with a dot":      {"x.a[b.c=1", "{x_a_b.c:1}"},
		"unclosed second bracket":          {"a[b][c=1", "{a:{b:1}}"},
		"text after a bracket":             {"a[b]c=1&a[d]e[f]=2", "{a:{b:1 d:2}}"},
		"bracket inside a bracket":         {"a[b[c]=1", "{a:{b[c:1}}"},
		"closing bracket alone":            {"a]=1", "{a]:1}"},
		"zero byte ends the name":          {"a%00b=1&c[d%00]=2", "{a:1 c_d:2}"},
		"semicolon is no separator":        {"a=1;b=2", "{a:1;b=2}"},
		"part of a bot event":              {"event=ONIMBOTJOINCHAT&data%5BBOT%5D%5B571%5D%5BBOT_ID%5D=571&data%5BPARAMS%5D%5BCHAT_ID%5D=1157", "{event:ONIMBOTJOINCHAT data:{BOT:{571:{BOT_ID:571}} PARAMS:{CHAT_ID:1157}}}"},
		"JSON sent as a form is one name":  {`{"CHAT_ID":13}`, `{{"CHAT_ID":13}:}`},
		"JSON with a list sent as a form":  {`{"a":[1]}`, `{{"a"::{1:}}`},
		"list of a JSON text is a bracket": {`a["b"]=1`, `{a:{"b":1}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, leftOut := phpform.Parse(tt.raw, phpform.Limits{})
			assert.Equal(t, tt.want, tree(got))
			assert.Zero(t, leftOut)
		})
	}
}

func TestParsePairs(t *testing.T) {
	t.Parallel()
	got, _ := phpform.ParsePairs(maps.All(map[string]string{"a[b]": "1+1%20"}), phpform.Limits{})
	assert.Equal(t, "{a:{b:1+1%20}}", tree(got), "pairs are decoded already")
}

// What goes beyond a limit is left out and counted; what comes after it is read.
func TestParse_limits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw     string
		limits  phpform.Limits
		want    string
		leftOut int
	}{
		"as many fields as allowed":        {"a=1&b=2", phpform.Limits{MaxFields: 2}, "{a:1 b:2}", 0},
		"fields too many":                  {"a=1&b=2&c=3&d=4", phpform.Limits{MaxFields: 2}, "{a:1 b:2}", 2},
		"as many brackets as allowed":      {"a[b][c]=1", phpform.Limits{MaxNesting: 2}, "{a:{b:{c:1}}}", 0},
		"a bracket too many":               {"x=1&a[b]=1&a[b][c][d]=1&y=2", phpform.Limits{MaxNesting: 2}, "{x:1 a:{b:1} y:2}", 1},
		"as many elements as allowed":      {"a=1&b[c]=2", phpform.Limits{MaxElements: 3}, "{a:1 b:{c:2}}", 0},
		"elements too many":                {"a=1&b[c]=2&d=3&b[e]=4", phpform.Limits{MaxElements: 3}, "{a:1 b:{c:2}}", 2},
		"one name again and again":         {"a=1&a=2&a=3&b=4", phpform.Limits{MaxElements: 2}, "{a:3 b:4}", 0},
		"a field that makes several":       {"a[b][c]=1&d=2", phpform.Limits{MaxElements: 2}, "{a:{b:{c:1}}}", 1},
		"an array made again and again":    {"a[]=1&a=2&a[]=3&a=4&b=5", phpform.Limits{MaxElements: 4}, "{a:{0:3}}", 2},
		"names that PHP drops, when full":  {"a=1&[x]=2&=3", phpform.Limits{MaxElements: 1}, "{a:1}", 0},
		"no index left, and nothing taken": {"a[9223372036854775807]=x&a[]=y&b=z", phpform.Limits{MaxElements: 3}, "{a:{9223372036854775807:x} b:z}", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, leftOut := phpform.Parse(tt.raw, tt.limits)
			assert.Equal(t, tt.want, tree(got))
			assert.Equal(t, tt.leftOut, leftOut)
		})
	}

	t.Run("PHP's own", func(t *testing.T) {
		t.Parallel()
		for raw, want := range map[string]int{
			strings.Repeat("a=1&", 1000): 0, strings.Repeat("a=1&", 1001): 1, "a" + strings.Repeat("[b]", 64): 0, "a" + strings.Repeat("[b]", 65): 1,
		} {
			_, leftOut := phpform.Parse(raw, phpform.Limits{})
			assert.Equal(t, want, leftOut, raw[:10])
		}
	})
}

// When the tree is full, fields that are needed most find room in a reserve, and do not take it from each other.
func TestParse_reserves(t *testing.T) {
	t.Parallel()
	list := func(n int) string { return strings.Repeat("l[k][]=&", n) } // makes n+2 elements
	reserve := func(path []string) int { return map[string]int{"a": 1, "b": 2}[path[0]] }
	tests := map[string]struct {
		raw     string
		want    []string // what is there besides the list
		leftOut int
	}{
		"not needed":           {list(15) + "a=1&b=2&c=3", []string{"a", "b", "c"}, 0},
		"after a full tree":    {list(30) + "c=3&b=2&a=1", []string{"b", "a"}, 13},
		"one of them is full":  {list(18) + "a=1&a2=1&b[x]=1&b[y]=1&b[z]=1&a=2", []string{"a", "b"}, 3},
		"a name is there":      {list(18) + "a=1&b[x]=1&a[y]=1&a[z]=1", []string{"a", "b"}, 1},
		"in the middle of all": {list(17) + "a=1&b=2&c=3&" + list(1), []string{"a", "b"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, leftOut := phpform.Parse(tt.raw, phpform.Limits{MaxElements: 20, Reserve: reserve})
			var got []string
			for key := range form.All() {
				if key != "l" {
					got = append(got, key)
				}
			}
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.leftOut, leftOut)
		})
	}
	t.Run("asked by the path, when full", func(t *testing.T) {
		t.Parallel()
		var asked []string
		phpform.Parse("x=1&[no name]=1&a.b[c][][+]d=2", phpform.Limits{MaxElements: 1, Reserve: func(path []string) int {
			asked = append(asked, path...)
			return 0
		}})
		assert.Equal(t, []string{"a_b", "c", "", ""}, asked)
	})
}

// Small and large arrays are looked through in different ways.
func TestArray_sizes(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 15, 16, 17, 18, 1000} {
		var raw, want strings.Builder
		for i := range size {
			fmt.Fprintf(&raw, "k%d=old&", i)
		}
		for i := range size {
			fmt.Fprintf(&raw, "k%d=%d&", i, i)
			fmt.Fprintf(&want, " k%d:%d", i, i)
		}
		form, _ := phpform.Parse(raw.String(), phpform.Limits{MaxFields: 2 * size})
		assert.Equal(t, size, form.Len())
		assert.Equal(t, "{"+strings.TrimSpace(want.String())+"}", tree(form), size)
		text, found := form.Text(fmt.Sprintf("k%d", size-1))
		assert.True(t, found)
		assert.Equal(t, strconv.Itoa(size-1), text)
		_, found = form.Lookup("k")
		assert.False(t, found)
	}
}

func TestArray(t *testing.T) {
	t.Parallel()
	form, _ := phpform.Parse("event=JOIN&data[BOT][571][ID]=571&data[BOT][572][ID]=572", phpform.Limits{})

	text, ok := form.Text("data", "BOT", "571", "ID")
	assert.True(t, ok)
	assert.Equal(t, "571", text)
	for name, keys := range map[string][]string{
		"no keys": nil, "missing": {"data", "USER"}, "through a text": {"event", "x"}, "an array": {"data", "BOT"},
	} {
		_, ok := form.Text(keys...)
		assert.False(t, ok, name)
	}

	assert.Equal(t, 2, form.Sub("data", "BOT").Len())
	assert.Nil(t, form.Sub("event"))
	for key := range form.Sub("data", "BOT").All() {
		assert.Equal(t, "571", key, "the first key in order")
		break
	}

	var none *phpform.Array
	assert.Zero(t, none.Len())
	assert.Equal(t, "{}", tree(none))
	_, ok = none.Lookup("a")
	assert.False(t, ok)
}
