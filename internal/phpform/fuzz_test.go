package phpform_test

import (
	"strings"
	"testing"

	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// measure returns how many texts and arrays a tree has and its depth, and checks that every key leads where the order
// says.
func measure(t *testing.T, a *phpform.Array) (texts, arrays, depth int) {
	t.Helper()
	seen := 0
	for key, value := range a.All() {
		seen++
		if found, ok := a.Lookup(key); !ok || found != value {
			t.Errorf("key %q is listed but not found", key)
		}
		if _, isText := value.Text(); isText {
			texts++
			continue
		}
		n, m, d := measure(t, value.Array())
		texts, arrays, depth = texts+n, arrays+m+1, max(depth, d+1)
	}
	if seen != a.Len() {
		t.Errorf("%d keys are listed, want %d", seen, a.Len())
	}
	return texts, arrays, depth
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a=1&b=2", "a[b][0]=x&a[]=y", "a[=1&a]=2&[x]=3", "%5B%5D=%&%zz=%4", "a[b]c[d]=1", "a[ ]=1&+a.b=2", "a%00[b]=1",
		"a[9223372036854775807]=x&a[]=y", "a[-1]=&a[]=", "a[b[c]]=1", "data%5BBOT%5D%5B571%5D%5BBOT_ID%5D=571",
	} {
		f.Add(seed, 10, 3, 5)
	}
	f.Fuzz(func(t *testing.T, raw string, maxFields, maxNesting, maxElements int) {
		limits := phpform.Limits{MaxFields: max(1, maxFields), MaxNesting: max(1, maxNesting), MaxElements: max(1, maxElements)}
		form, leftOut := phpform.Parse(raw, limits)
		texts, arrays, depth := measure(t, form)
		if texts > limits.MaxFields || depth > limits.MaxNesting || (texts+arrays)-depth > limits.MaxElements {
			t.Errorf("%d texts, %d arrays, nesting %d, limits %+v", texts, arrays, depth, limits)
		}
		pairs := 0 // but for those with a name that PHP drops
		for pair := range strings.SplitSeq(raw, "&") {
			if form, leftOut := phpform.Parse(pair, phpform.Limits{}); form.Len()+leftOut > 0 {
				pairs++
			}
		}
		if texts+leftOut > pairs || leftOut < pairs-limits.MaxFields {
			t.Errorf("%d texts and %d left out of %d pairs, limits %+v", texts, leftOut, pairs, limits)
		}
	})
}
