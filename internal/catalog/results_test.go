package catalog_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// meantResults are fields of results that types have otherwise.
var meantResults = exceptions{
	"File as imbotv2.File: mediaUrl is not documented":    inExample,
	"File as imbotv2.File: progress is not documented":    inExample,
	"File as imbotv2.File: status is not documented":      inExample,
	"File as imbotv2.File: urlDownload is not documented": inExample,
	"File as imbotv2.File: urlPreview is not documented":  inExample,
	"File as imbotv2.File: urlShow is not documented":     inExample,
	"File as imbotv2.File: viewerAttrs is not documented": inExample,
	"imbot.dialog.get has names of its own":               "portals write them in two ways; its own tests read both",
}

const inExample = "the table of the page lacks it, and answers have it"

func TestResults(t *testing.T) {
	t.Parallel()
	all := read(t)
	var differences []string
	for _, m := range all.Methods {
		h, isHeld := methodNamed(m.Name)
		if !isHeld {
			continue
		}
		isBare := len(m.Result.Fields) == 1 && (m.Result.Fields[0].Name == "result" || strings.HasPrefix(m.Result.Fields[0].Name, "{"))
		if len(m.Result.Fields) > 0 && !isBare {
			differences = append(differences, compareFields(m.Name, m.Result.Fields, h.res)...)
		}
		for _, f := range m.Result.Fields {
			held, isThere := fieldsOf(h.res)[f.Name]
			if noun, isNoun := all.Types[f.Ref]; isNoun && isThere && fieldsOf(held.typ) != nil {
				differences = append(differences, compareFields(f.Ref+" as "+elementOf(held.typ).String(), noun.Fields, held.typ)...)
			}
		}
	}
	slices.Sort(differences)
	meantResults.check(t, slices.Compact(differences))
}

// compareFields names the fields that a type lacks, and those that it invents.
func compareFields(path string, documented []field, typ reflect.Type) (differences []string) {
	fields := fieldsOf(typ)
	if len(fields) == 0 {
		return []string{path + " has names of its own"}
	}
	for _, f := range documented {
		if _, isThere := fields[f.Name]; !isThere {
			differences = append(differences, fmt.Sprintf("%s: %s is not there", path, f.Name))
		}
	}
	for name := range fields {
		if !slices.ContainsFunc(documented, func(f field) bool { return f.Name == name }) {
			differences = append(differences, fmt.Sprintf("%s: %s is not documented", path, name))
		}
	}
	return differences
}
