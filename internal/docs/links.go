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
	link    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$|<img[^>]* src="([^"]+)"|<source[^>]* srcset="([^"]+)"`)
	heading = regexp.MustCompile(`^(#+) +(.*)$`)
)

// CheckLinks looks where the links of pages lead, as far as that is within the repository: to a file or folder below
// root, and to a heading of it. It returns what leads nowhere, each as FILE:LINE: MISTAKE.
func CheckLinks(root string, pages []Page) []string {
	anchors := map[string]map[string]bool{}
	for _, page := range pages {
		anchors[page.File] = Anchors(page)
	}
	var problems []string
	for _, page := range pages {
		for i, line := range page.Lines {
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				target := match[1] + match[2] + match[3] + match[4]
				if err := checkLink(root, page.File, target, anchors); err != nil {
					problems = append(problems, fmt.Sprintf("%s:%d: %v", page.File, i+1, err))
				}
			}
		}
	}
	return problems
}

func checkLink(root, from, target string, anchors map[string]map[string]bool) error {
	const repository = "https://" + modulePath
	if at, ok := strings.CutPrefix(target, repository+"/blob/main/"); ok {
		from, target = ".", at
	}
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return nil
	}
	file, anchor, _ := strings.Cut(target, "#")
	if file == "" {
		file = from
	} else {
		file = path.Join(path.Dir(from), file)
	}
	if _, err := os.Stat(filepath.Join(root, file)); err != nil {
		return fmt.Errorf("there is no %s", file)
	}
	if anchor != "" && !anchors[file][anchor] {
		return fmt.Errorf("%s has no heading #%s", file, anchor)
	}
	return nil
}

// Headings returns the headings of a page, with the marks of their level.
func Headings(page Page) []string {
	var headings []string
	for _, line := range page.Lines {
		if heading.MatchString(line) {
			headings = append(headings, line)
		}
	}
	return headings
}

// Anchors returns what the headings of a page are called in links, as GitHub has it.
func Anchors(page Page) map[string]bool {
	anchors := map[string]bool{}
	for _, line := range Headings(page) {
		title := heading.FindStringSubmatch(line)[2]
		anchors[strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			default:
				return -1
			}
		}, title)] = true
	}
	return anchors
}
