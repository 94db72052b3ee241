package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which top-level directories each one may import.
var mayImport = map[string][]string{
	"domain":      {"domain"},
	"commands":    {"commands", "domain"},
	"projections": {"projections", "domain"},
	"adapters":    {"adapters", "commands", "projections", "domain"},
	"cmd":         {"cmd", "adapters", "commands", "projections", "domain"},
}

// It parses the files itself: a test that ran `go list` would be answered from
// the test cache after an import changed in another package.
func TestImportsPointInward(t *testing.T) {
	const root, module = "../..", "github.com/annals-crm/annals/"
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		from, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			inside, ours := strings.CutPrefix(imported, module)
			if to, _, _ := strings.Cut(inside, "/"); ours && !slices.Contains(mayImport[from], to) {
				t.Errorf("%s imports %s; %s may import only %v", rel, imported, from, mayImport[from])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
