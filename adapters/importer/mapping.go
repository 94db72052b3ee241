// Package importer turns rows of CSV files into ordinary commands and sends
// them through the public interface, so that every rule of the domain holds for
// history as it does for the present. A mapping (YAML) says what the columns
// mean. Every command is repeated under a key derived from the row, so an import
// that is run again changes nothing and one that was cut short is completed.
package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a file can hold.
const (
	Deals   = "deals"
	Tickets = "tickets"
)

// Mapping says what the columns of a file mean.
type Mapping struct {
	Name  string `yaml:"name"`
	About string `yaml:"about"`
	Kind  string `yaml:"kind"` // deals or tickets
	// Source names where the rows come from. It is part of every idempotency key:
	// under another source the same rows are new ones.
	Source    string                       `yaml:"source"`
	Zone      string                       `yaml:"zone"` // of times without one; the organisation's if empty
	Delimiter string                       `yaml:"delimiter"`
	Encoding  string                       `yaml:"encoding"` // utf-8, gb18030
	Dates     []string                     `yaml:"dates"`    // "YYYY-MM-DD HH:mm:ss"
	Currency  string                       `yaml:"currency"`
	Units     string                       `yaml:"units"` // major (1.50) or minor (150)
	Decimal   string                       `yaml:"decimal"`
	Thousands string                       `yaml:"thousands"`
	Values    map[string]map[string]string `yaml:"values"` // column -> as written -> as meant
	Lookups   map[string]Lookup            `yaml:"lookups"`
	Fields    map[string]Field             `yaml:"fields"`
	Stages    map[string][]StageStep       `yaml:"stages"`  // deals: value of the stage field -> what happened
	Resolve   string                       `yaml:"resolve"` // tickets: last_row, or empty for the field resolved_at
}

// Lookup joins a second CSV file.
type Lookup struct {
	File   string                       `yaml:"file"` // beside the imported file unless absolute
	Key    string                       `yaml:"key"`
	Values map[string]map[string]string `yaml:"values"`
}

// Field says where the value of one of our fields comes from.
type Field struct {
	Column  string `yaml:"column"`
	Lookup  string `yaml:"lookup"`  // "teams.region": that column of the lookup's row whose key is the column's value
	Text    string `yaml:"text"`    // with {column} in it; nothing if one of those is empty
	Default string `yaml:"default"` // like Text, where the above give nothing
}

// StageStep is one thing that happened to a deal. Exactly one field is set.
type StageStep struct {
	Move string `yaml:"move"` // to a stage, on the opening day
	Win  bool   `yaml:"win"`  // on the closing day
	Lose string `yaml:"lose"` // on the closing day, for this reason unless the row gives one
}

// Problems is everything wrong with a mapping or a file, so that it is mended
// in one go.
type Problems []string

func (p Problems) Error() string { return strings.Join(p, "\n") }

func (p *Problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

var unknownKey = regexp.MustCompile(`field (\S+) not found in type \S+`)

// ParseMapping reads a mapping and fails with Problems that list all that is
// wrong with it, each with its line where the YAML itself is at fault.
func ParseMapping(text []byte) (Mapping, error) {
	var m Mapping
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var problems Problems
	if err := decoder.Decode(&m); err != nil {
		wrong, ok := errors.AsType[*yaml.TypeError](err)
		switch {
		case ok:
			for _, e := range wrong.Errors {
				problems.add("%s", unknownKey.ReplaceAllString(e, `unknown key "$1"`))
			}
		case errors.Is(err, io.EOF):
			return m, Problems{"the mapping is empty"}
		default:
			return m, Problems{err.Error()}
		}
	}
	m.check(&problems)
	return m, problems.err()
}
