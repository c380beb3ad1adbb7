package phpform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-a6e4e5a4/imbot/internal/phpform"
)

// BenchmarkParse reads a form of the size and the nesting of an event.
func BenchmarkParse(b *testing.B) {
	var fields []string
	for i := range 20 {
		fields = append(fields, fmt.Sprintf("data%%5BBOT%%5D%%5B571%%5D%%5BAUTH%%5D%%5Bname%d%%5D=value%d", i, i),
			fmt.Sprintf("data%%5BPARAMS%%5D%%5BNAME_%d%%5D=value+%d", i, i), fmt.Sprintf("auth%%5Bname_%d%%5D=value%d", i, i))
	}
	raw := strings.Join(fields, "&")
	b.ReportAllocs()
	for b.Loop() {
		if form, _ := phpform.Parse(raw, phpform.Limits{}); form.Len() != 2 {
			b.Fatal(form.Len())
		}
	}
}
