package importer

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed mappings/*.yaml
var builtin embed.FS

// Builtin lists the mappings that come with the program.
func Builtin() ([]Mapping, error) {
	files, err := builtin.ReadDir("mappings")
	if err != nil {
		return nil, err
	}
	mappings := make([]Mapping, 0, len(files))
	for _, file := range files {
		text, err := BuiltinText(strings.TrimSuffix(file.Name(), ".yaml"))
		if err != nil {
			return nil, err
		}
		m, err := ParseMapping(text)
		if err != nil {
			return nil, fmt.Errorf("built-in mapping %s: %w", file.Name(), err)
		}
		mappings = append(mappings, m)
	}
	return mappings, nil
}

// BuiltinText is a built-in mapping as written, to start an own one from.
func BuiltinText(name string) ([]byte, error) {
	text, err := builtin.ReadFile(path.Join("mappings", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("no built-in mapping is called %q", name)
	}
	return text, nil
}

// For finds the built-in mapping of kind whose columns the header has.
func For(kind string, header []string) (Mapping, error) {
	all, err := Builtin()
	if err != nil {
		return Mapping{}, err
	}
	for _, m := range all {
		if m.Kind == kind && m.fits(header) {
			return m, nil
		}
	}
	return Mapping{}, fmt.Errorf("no built-in mapping fits the columns %s; give one with --mapping (crm import mappings shows examples)", strings.Join(header, ", "))
}

func (m Mapping) fits(header []string) bool {
	columns := newColumns("", header)
	for _, wanted := range m.columns() {
		if _, err := columns.find(wanted); err != nil {
			return false
		}
	}
	return true
}
