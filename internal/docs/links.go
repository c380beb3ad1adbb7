package docs

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

var (
	link    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$|<img[^>]* src="([^"]+)"`)
	heading = regexp.MustCompile(`^(#+) +(.*)$`)
)

// CheckLinks looks where the links of pages lead, as far as that is within the repository: to a file or folder below
// root, and to a heading of it. It returns what leads nowhere, each as FILE:LINE: MISTAKE.
func CheckLinks(root string, pages []Page) []string {
	anchors := map[string]bool{}
	for _, page := range pages {
		for _, line := range page.Lines {
			if match := heading.FindStringSubmatch(line); match != nil {
				anchors[page.File+"#"+strings.Map(inAnchor, match[2])] = true
			}
		}
	}
	var problems []string
	for _, page := range pages {
		for i, line := range page.Lines {
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				file, anchor, hasAnchor := strings.Cut(match[1]+match[2]+match[3], "#")
				at, isOurs := strings.CutPrefix(file, "https://"+modulePath+"/blob/main/")
				switch {
				case isOurs:
					file = at
				case strings.Contains(file, ":"):
					continue
				case file == "":
					file = page.File
				default:
					file = path.Join(path.Dir(page.File), file)
				}
				if _, err := os.Stat(filepath.Join(root, file)); err != nil {
					problems = append(problems, fmt.Sprintf("%s:%d: there is no %s", page.File, i+1, file))
				} else if hasAnchor && !anchors[file+"#"+anchor] {
					problems = append(problems, fmt.Sprintf("%s:%d: %s has no heading #%s", page.File, i+1, file, anchor))
				}
			}
		}
	}
	return problems
}

// inAnchor maps a letter of a heading to one of the link that GitHub makes of it.
func inAnchor(r rune) rune {
	switch {
	case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
		return unicode.ToLower(r)
	case r == ' ':
		return '-'
	default:
		return -1
	}
}
