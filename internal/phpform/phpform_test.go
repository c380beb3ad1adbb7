package phpform_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
			got, err := phpform.Parse(tt.raw, phpform.Limits{})
			require.NoError(t, err)
			assert.Equal(t, tt.want, tree(got))
		})
	}
}

func TestParsePairs(t *testing.T) {
	t.Parallel()
	got, err := phpform.ParsePairs(maps.All(map[string]string{"a[b]": "1+1%20"}), phpform.Limits{})
	require.NoError(t, err)
	assert.Equal(t, "{a:{b:1+1%20}}", tree(got), "pairs are decoded already")
}

func TestParse_limits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		raw    string
		limits phpform.Limits
		want   string
		err    *phpform.LimitError
	}{
		"as many fields as allowed":   {"a=1&b=2", phpform.Limits{MaxFields: 2}, "{a:1 b:2}", nil},
		"a field too many":            {"a=1&b=2&c=3", phpform.Limits{MaxFields: 2}, "{a:1 b:2}", &phpform.LimitError{Limit: phpform.Fields, Max: 2}},
		"as many brackets as allowed": {"a[b][c]=1", phpform.Limits{MaxNesting: 2}, "{a:{b:{c:1}}}", nil},
		"a bracket too many":          {"x=1&a[b][c][d]=1&y=2", phpform.Limits{MaxNesting: 2}, "{x:1}", &phpform.LimitError{Limit: phpform.Nesting, Max: 2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := phpform.Parse(tt.raw, tt.limits)
			assert.Equal(t, tt.want, tree(got))
			if tt.err == nil {
				require.NoError(t, err)
				return
			}
			var limit *phpform.LimitError
			require.ErrorAs(t, err, &limit)
			assert.Equal(t, tt.err, limit)
			assert.NotContains(t, err.Error(), "=", "an error repeats nothing of the input")
		})
	}

	t.Run("PHP's own", func(t *testing.T) {
		t.Parallel()
		_, err := phpform.Parse(strings.Repeat("a=1&", 1000), phpform.Limits{})
		require.NoError(t, err)
		_, err = phpform.Parse(strings.Repeat("a=1&", 1001), phpform.Limits{})
		require.ErrorContains(t, err, "fields is 1000")
		_, err = phpform.Parse("a"+strings.Repeat("[b]", 64), phpform.Limits{})
		require.NoError(t, err)
		_, err = phpform.Parse("a"+strings.Repeat("[b]", 65), phpform.Limits{})
		require.ErrorContains(t, err, "nesting is 64")
	})
}

func TestArray(t *testing.T) {
	t.Parallel()
	form, err := phpform.Parse("event=JOIN&data[BOT][571][ID]=571&data[BOT][572][ID]=572", phpform.Limits{})
	require.NoError(t, err)

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
