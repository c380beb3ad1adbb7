package catalog_test

import (
	"encoding/csv"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The guide lists the methods that act and are repeated after a lost answer: all of them, and no other.
func TestGuide_listsWhatIsRepeated(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../../methods.csv")
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	calls := map[string]string{}
	for _, row := range rows {
		calls[row[0]] = row[1]
	}
	reads := regexp.MustCompile(`\.(get|getContext|list|download)$`)
	var want []string
	for _, m := range methods {
		if m.isSafe && !reads.MatchString(m.name) {
			require.Contains(t, calls, m.name)
			want = append(want, calls[m.name])
		}
	}

	guide, err := os.ReadFile("../../docs/guide.md")
	require.NoError(t, err)
	_, list, found := strings.Cut(string(guide), "\nAfter a lost answer, reads are repeated,")
	require.True(t, found)
	list, _, _ = strings.Cut(list, "\n\n")
	var got []string
	for _, name := range regexp.MustCompile("`((?:client|v2|bot)\\.[A-Za-z.]+)`").FindAllStringSubmatch(list, -1) {
		got = append(got, name[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	assert.Equal(t, want, got)
}
