package acceptance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// packages are the folders of the packages that have methods.
var packages = []string{".", "imbotv2"}

// packageFiles parses the files of a package, without those of its tests, by their names.
func packageFiles(t testing.TB, folder string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	require.NoError(t, err)
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		files[filepath.Base(name)], err = parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
	}
	require.NotEmpty(t, files)
	return files
}

func packageDecls(t testing.TB, folder string) []ast.Decl {
	t.Helper()
	var decls []ast.Decl
	for _, file := range packageFiles(t, folder) {
		decls = append(decls, file.Decls...)
	}
	return decls
}

// exported returns what a package exports, with its comment: funcs, methods, types, their fields, and values.
func exported(decls []ast.Decl) map[string]string {
	docs := map[string]string{}
	for _, decl := range decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
				docs[receiver(d)+d.Name.Name] = d.Doc.Text()
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						docs[s.Name.Name] = firstOf(s.Doc.Text(), d.Doc.Text())
						addFields(docs, s)
					}
				case *ast.ValueSpec:
					for _, name := range s.Names {
						if name.IsExported() {
							docs[name.Name] = valueDoc(name.Name, d, s)
						}
					}
				}
			}
		}
	}
	return docs
}

// valueDoc returns the comment of a constant or variable. One that stands behind it begins with the name here. The
// comment of a group describes those of it that are named after their text, such as ColorLightBlue.
func valueDoc(name string, d *ast.GenDecl, s *ast.ValueSpec) string {
	if doc := s.Doc.Text(); doc != "" {
		return doc
	}
	if beside := s.Comment.Text(); beside != "" {
		return name + ": " + beside
	}
	if len(d.Specs) == 1 {
		return d.Doc.Text()
	}
	typ, isTyped := s.Type.(*ast.Ident)
	if d.Tok != token.CONST || !isTyped || len(s.Values) != 1 || d.Doc.Text() == "" {
		return ""
	}
	literal, isText := s.Values[0].(*ast.BasicLit)
	if !isText {
		return ""
	}
	text := strings.ToLower(strings.ReplaceAll(strings.Trim(literal.Value, `"`), "_", ""))
	if lower := strings.ToLower(name); lower == strings.ToLower(typ.Name)+text || strings.HasSuffix(lower, text) || strings.HasSuffix(text, lower) {
		return name + ": " + d.Doc.Text()
	}
	return ""
}

// fieldMark marks fields among the members of a type.
const fieldMark = "field "

func addFields(docs map[string]string, s *ast.TypeSpec) {
	structType, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	group := ""
	for _, field := range structType.Fields.List {
		group = firstOf(field.Doc.Text(), field.Comment.Text(), group) // a comment over several lines is for all of them
		for _, name := range field.Names {
			if name.IsExported() {
				docs[s.Name.Name+"."+fieldMark+name.Name] = group
			}
		}
	}
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	typ := d.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name + "."
		default:
			return "?."
		}
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func TestDocs_everyExportedNameHasAComment(t *testing.T) {
	t.Parallel()
	for _, folder := range packages {
		for name, doc := range exported(packageDecls(t, folder)) {
			assert.NotEmpty(t, strings.TrimSpace(doc), "%s has no comment", name)
			if owner, _, isMember := strings.Cut(name, "."); !isMember && doc != "" {
				assert.Regexp(t, `^(A |An )?`+regexp.QuoteMeta(owner)+`\b`, doc, "the comment of %s does not start with its name", name)
			}
		}
	}
}

var docsLine = regexp.MustCompile(`\n\nBitrix24 docs: https://apidocs\.bitrix24\.com/api-reference/[a-z0-9./-]+\.html\n$`)

// The comment of what calls a REST method ends in a link to its documentation, and that of the method as a value leads
// there.
func TestDocs_everyMethodHasItsLink(t *testing.T) {
	t.Parallel()
	reference := regexp.MustCompile(`^Method\w+ is the method of \[((?:\w+Service|Bot)\.\w+)\]\.\n$`)
	for _, folder := range packages {
		docs := exported(packageDecls(t, folder))
		methods := 0
		for name, doc := range docs {
			owner, _, isMember := strings.Cut(name, ".")
			switch {
			case strings.HasPrefix(name, "Method") && name != "Method" && !isMember:
				if leads := reference.FindStringSubmatch(doc); assert.NotNil(t, leads, name) {
					assert.Regexp(t, docsLine, docs[leads[1]], name)
				}
			case isMember && strings.HasSuffix(owner, "Service") && !strings.Contains(name, fieldMark):
				methods++
				assert.Regexp(t, docsLine, doc, name)
			}
		}
		assert.NotZero(t, methods)
	}
}

// A REST method has its file, its variable and its folder of answers, all named after it.
func TestDocs_namesFollowTheMethod(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`Name:\s+"(im(?:bot)?\.[A-Za-z0-9.]+)"`)
	for _, folder := range packages {
		var found int
		for file, parsed := range packageFiles(t, folder) {
			for _, decl := range parsed.Decls {
				gen, ok := decl.(*ast.GenDecl)
				if !ok || gen.Tok != token.VAR {
					continue
				}
				for _, spec := range gen.Specs {
					value := spec.(*ast.ValueSpec)
					if !strings.HasPrefix(value.Names[0].Name, "Method") {
						continue
					}
					found++
					source := readFile(t, filepath.Join(folder, file))
					match := names.FindStringSubmatch(source[value.Pos()-parsed.FileStart:])
					require.NotNil(t, match, value.Names[0].Name)
					assert.Equal(t, fileOf(match[1]), file)
					assert.Equal(t, methodVarOf(match[1]), value.Names[0].Name)
					assert.DirExists(t, filepath.Join(root, "testdata", match[1]))
				}
			}
		}
		assert.NotZero(t, found)
	}
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// fileOf makes imbot_chat_set_owner.go of imbot.chat.setOwner, and chat_message_send.go of imbot.v2.Chat.Message.send.
func fileOf(method string) string {
	method = strings.TrimPrefix(method, "imbot.v2.")
	if users, isUsers := strings.CutPrefix(method, usersMethods); isUsers {
		method = "im." + users
	}
	snake := humps.ReplaceAllString(strings.ReplaceAll(method, ".", "_"), "${1}_${2}")
	return strings.ToLower(snake) + ".go"
}

// usersMethods begins the names of the methods that act for a user.
const usersMethods = "im.v2."

// methodVarOf makes MethodChatSetOwner of imbot.chat.setOwner, MethodMessageSend of imbot.v2.Chat.Message.send, and
// MethodIMFileUpload of im.v2.File.upload: the second generation has no two groups of one name. What has
// no group, such as imbot.register, is about a bot.
func methodVarOf(method string) string {
	parts := strings.Split(strings.TrimPrefix(method, "imbot."), ".")
	switch {
	case parts[0] == "v2":
		parts = parts[len(parts)-2:]
	case len(parts) == 1:
		parts = []string{"bot", parts[0]}
	}
	name := strings.Builder{}
	name.WriteString("Method")
	if strings.HasPrefix(method, usersMethods) {
		name.WriteString("IM")
		parts = strings.Split(strings.TrimPrefix(method, usersMethods), ".")
	}
	for _, part := range parts {
		name.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return name.String()
}

// No file of the repository names a real portal.
func TestDocs_noRealHosts(t *testing.T) {
	t.Parallel()
	portal := regexp.MustCompile(`[a-z0-9-]+\.bitrix24\.(com|ru|de|eu|by|kz|ua|fr|es|it|pl|in|cn|net)\b`)
	allowed := map[string]bool{"apidocs.bitrix24.com": true, "apidocs.bitrix24.ru": true, "api.bitrix24.com": true}
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && (entry.Name() == ".git" || entry.Name() == "node_modules") {
				return filepath.SkipDir
			}
			return err
		}
		for _, host := range portal.FindAllString(readFile(t, path), -1) {
			assert.True(t, allowed[host] || strings.HasPrefix(host, "example"), "%s names %s", path, host)
		}
		return nil
	})
	require.NoError(t, err)
}

// The bot of README is that of an Example, which is compiled and run.
func TestDocs_botIsThatOfTheExample(t *testing.T) {
	t.Parallel()
	_, source, found := strings.Cut(readFile(t, "imbotv2/example_test.go"), "\nfunc echo(")
	require.True(t, found)
	source, _, found = strings.Cut("func echo("+source, "\n}\n")
	require.True(t, found)
	assert.Contains(t, readFile(t, "README.md"), "```go\n"+source+"\n}\n```")
}

// README promises two commands for a first look.
func TestDocs_readmeHasItsCommands(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"go run ./examples/leave", "go test ./..."} {
		assert.Contains(t, readFile(t, "README.md"), "```\n"+command+"\n```")
	}
}

// The version that is sent is the newest released one of the changelog.
func TestDocs_versionIsThatOfTheChangelog(t *testing.T) {
	t.Parallel()
	match := regexp.MustCompile(`const Version = "([^"]+)"`).FindStringSubmatch(readFile(t, "internal/version/version.go"))
	require.NotNil(t, match)
	changelog := readFile(t, "CHANGELOG.md")
	released := regexp.MustCompile(`(?m)^## \[(.+)\] - \d{4}-\d\d-\d\d$`).FindAllStringSubmatch(changelog, -1)
	require.NotEmpty(t, released)
	assert.Equal(t, released[0][1], match[1])
	for _, module := range []string{"redisstore", "sqlstore", "eventqueue", "otelimbot", "content/markdown", "cmd/imbot"} {
		assert.Contains(t, readFile(t, module+"/go.mod"), "\tgithub.com/seed-a6e4e5a4/imbot v"+match[1]+"\n", "it is released with the root")
	}
	for _, section := range released {
		assert.Contains(t, changelog, "\n["+section[1]+"]: https://github.com/seed-a6e4e5a4/imbot/", "where to see it")
	}
}
