package importer

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// longestRow bounds what one row may take: a quote that is never closed would
// otherwise draw the rest of the file into memory.
const longestRow = 1 << 20

// table reads a CSV file row by row.
type table struct {
	file    string
	csv     *csv.Reader
	source  *rowLimit
	decoded bool // from another encoding, where a broken byte shows as U+FFFD
	header  columns
	values  []map[string]string // by column: as written -> as meant
}

// row is one record and the line it starts on.
type row struct {
	line  int
	cells []string
}

// newTable reads the header.
func newTable(file string, r io.Reader, m Mapping) (*table, error) {
	t := &table{file: file, source: &rowLimit{r: r, left: longestRow}}
	text := bufio.NewReader(t.source)
	switch start, _ := text.Peek(3); {
	case bytes.HasPrefix(start, []byte("\xEF\xBB\xBF")):
		if _, err := text.Discard(3); err != nil {
			return nil, err
		}
	case bytes.HasPrefix(start, []byte("\xFF\xFE")), bytes.HasPrefix(start, []byte("\xFE\xFF")):
		return nil, fmt.Errorf("%s is UTF-16; save it as CSV UTF-8", file)
	}
	var plain io.Reader = text
	if m.Encoding == "gb18030" {
		plain, t.decoded = transform.NewReader(text, simplifiedchinese.GB18030.NewDecoder()), true
	}
	t.csv = csv.NewReader(plain)
	t.csv.FieldsPerRecord = -1 // counted here, so that every ragged row is reported and none ends the reading
	t.csv.ReuseRecord = true
	if m.Delimiter == "tab" {
		t.csv.Comma = '\t'
	} else if m.Delimiter != "" {
		t.csv.Comma, _ = utf8.DecodeRuneInString(m.Delimiter)
	}
	header, err := t.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s is empty; it needs a row of column names", file)
	case err != nil:
		return nil, fmt.Errorf("%s: the row of column names: %w", file, err)
	}
	for _, name := range header {
		if !t.valid(name) {
			return nil, fmt.Errorf("%s: the column names are not UTF-8; a file from Excel in Chinese needs --encoding gb18030", file)
		}
	}
	t.header = newColumns(file, header)
	t.values = make([]map[string]string, len(header))
	return t, nil
}

// correct has the values of a column replaced as they are read.
func (t *table) correct(values map[string]map[string]string, p *Problems) {
	for column, meant := range values {
		i, err := t.header.find(column)
		if err != nil {
			p.add("values: %v", err)
			continue
		}
		t.values[i] = meant
	}
}

// next is the next row, a refusal of it, or io.EOF. The cells are the
// caller's only until the next call.
func (t *table) next() (row, *Refusal, error) {
	t.source.left = longestRow
	cells, err := t.csv.Read()
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return row{}, &Refusal{
			Line: wrong.StartLine, Code: "bad_csv",
			Reason: fmt.Sprintf("line %d, character %d: %v", wrong.Line, wrong.Column, wrong.Err),
		}, nil
	}
	if err != nil {
		if !errors.Is(err, io.EOF) {
			err = fmt.Errorf("%s, after byte %d: %w", t.file, t.csv.InputOffset(), err)
		}
		return row{}, nil, err
	}
	line, _ := t.csv.FieldPos(0)
	if len(cells) != len(t.header.names) {
		return row{line, cells}, &Refusal{
			Line: line, Code: "ragged_row",
			Reason: fmt.Sprintf("%d fields where the header has %d; nothing of the row is taken, since values would stand under the wrong heading", len(cells), len(t.header.names)),
		}, nil
	}
	for i, cell := range cells {
		if !t.valid(cell) {
			return row{line, cells}, &Refusal{Line: line, Field: t.header.names[i], Code: "invalid_utf8", Reason: fmt.Sprintf("%q is not valid text in the file's encoding", cell)}, nil
		}
		cells[i] = strings.TrimSpace(cell)
		if meant, ok := t.values[i][cells[i]]; ok {
			cells[i] = meant
		}
	}
	return row{line, cells}, nil, nil
}

func (t *table) valid(s string) bool {
	return utf8.ValidString(s) && (!t.decoded || !strings.ContainsRune(s, utf8.RuneError))
}

var errLongRow = errors.New("a row takes more than 1 MiB; most likely a quote before here is never closed")

// rowLimit fails when one row takes more than it may.
type rowLimit struct {
	r    io.Reader
	left int
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRow
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}
