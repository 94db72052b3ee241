package messages_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dirs hold what can end up in an answer over HTTP.
func dirs() []string { return []string{"domain", "commands", "projections", "adapters"} }

// foreign are those among them that talk to the terminal, or to servers.
func foreign() []string {
	return []string{
		"../../../adapters/policyfile", "../../../adapters/organisationfile", "../../../adapters/backup", "../../../adapters/importer", "../../../adapters/apiclient", "../../../adapters/bench",
		"../../../adapters/embedded", "../../../adapters/clients", "../../../adapters/httpapi/openapitest",
	}
}

// spoken is a message as it stands in the sources.
type spoken struct{ at, format string }

// messagesIn finds what the sources below dirs say to callers: the Message of every declared
// domain.Error, and the formats given to Because of errors, to Add of checkers, and to
// domain.Say; and the labels of the report.
func messagesIn(t *testing.T) (all []spoken) {
	t.Helper()
	for _, dir := range dirs() {
		require.NoError(t, filepath.WalkDir(filepath.Join("../../..", dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && slices.Contains(foreign(), filepath.ToSlash(path)) {
				return filepath.SkipDir
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if said := message(n); said != nil {
					if format, ok := literal(said); ok {
						all = append(all, spoken{files.Position(said.Pos()).String(), format})
					}
				}
				return true
			})
			return nil
		}))
	}
	template, err := os.ReadFile("../history.html")
	require.NoError(t, err)
	for _, label := range regexp.MustCompile(`say "([^"]+)"`).FindAllStringSubmatch(string(template), -1) {
		all = append(all, spoken{"history.html", label[1]})
	}
	return all
}

// message is the expression in n, if n says something to a caller.
func message(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if name(n.Type) != "Error" {
			return nil
		}
		for _, e := range n.Elts {
			if field, ok := e.(*ast.KeyValueExpr); ok && name(field.Key) == "Message" {
				return field.Value
			}
		}
	case *ast.CallExpr:
		called, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		switch {
		case (called.Sel.Name == "Because" || called.Sel.Name == "Say") && len(n.Args) > 0:
			return n.Args[0]
		case called.Sel.Name == "Add" && len(n.Args) > 1:
			if _, ok := called.X.(*ast.CallExpr); ok { // of a header
				return nil
			}
			return n.Args[1]
		}
	}
	return nil
}

// name is the last part of an identifier, qualified or not.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literal is the text of a string literal, or of several put together.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		x, ok := literal(e.X)
		y, also := literal(e.Y)
		return x + y, ok && also
	}
	return "", false
}
