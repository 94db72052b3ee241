package httpapi

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/xuri/excelize/v2"
)

const (
	mediaCSV  = "text/csv"
	mediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// table is an answer for spreadsheets. A cell is text, a number, or nil.
type table struct {
	columns []string
	rows    [][]any
	about   [][]any // what the rows are, on a sheet of its own
}

// documentTables says that an answer is also there as a table.
func documentTables(op *huma.Operation) {
	content := op.Responses["200"].Content
	content[mediaCSV] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}, Example: "metric,period,from,…\r\nwin_rate,2024-05,2024-05-01,…\r\n"}
	content[mediaXLSX] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}, Example: "PK…"}
}

// tableOutput is an answer as JSON, or as a table.
type tableOutput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Position    string `header:"X-Position" doc:"Log position the figures hold for" example:"8312/8312"`
	Body        []byte
}

// as makes the answer a file.
func (out *tableOutput) as(format, name string, t table) (err error) {
	if format == "csv" {
		out.ContentType = mediaCSV + "; charset=utf-8"
		out.Body, err = t.csv()
	} else {
		out.ContentType = mediaXLSX
		out.Body, err = t.xlsx()
	}
	out.Disposition = `attachment; filename="` + name + "." + format + `"`
	return err
}

func (t table) csv() ([]byte, error) {
	var text bytes.Buffer
	text.WriteString(byteOrderMark)
	w := csv.NewWriter(&text)
	w.UseCRLF = true // RFC 4180
	_ = w.Write(t.columns)
	for _, cells := range t.rows {
		row := make([]string, len(cells))
		for i, c := range cells {
			switch c := c.(type) {
			case nil:
			case string:
				row[i] = inert(c)
			case float64:
				row[i] = strconv.FormatFloat(c, 'f', -1, 64)
			default:
				row[i] = fmt.Sprint(c)
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return text.Bytes(), w.Error() // of any write
}

// xlsx has the rows on one sheet, and what they are on another. Text is stored as
// text, so no cell is ever taken for a formula.
func (t table) xlsx() (workbook []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	const sheet, about = "Figures", "About"
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	if _, err := f.NewSheet(about); err != nil {
		return nil, err
	}
	if err := fillSheet(f, sheet, append([][]any{texts(t.columns)}, t.rows...)); err != nil {
		return nil, err
	}
	if err := fillSheet(f, about, t.about); err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err = f.Write(&file)
	return file.Bytes(), err
}

func texts(of []string) []any {
	cells := make([]any, len(of))
	for i, text := range of {
		cells[i] = text
	}
	return cells
}

func fillSheet(f *excelize.File, sheet string, rows [][]any) error {
	stream, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := stream.SetRow(at, row); err != nil {
			return err
		}
	}
	return stream.Flush()
}
