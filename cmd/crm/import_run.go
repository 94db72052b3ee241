package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/importer"
)

// shownRefusals is how many refused rows are told on the terminal.
const shownRefusals = 10

func runImport(cmd *cobra.Command, v *viper.Viper, kind, path string) (err error) {
	job, err := prepareImport(cmd.Context(), v, kind, path)
	if err != nil {
		return err
	}
	refused, err := newRefusedRows(v.GetString("report"), cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	var summary importer.Summary
	if v.GetBool("dry-run") {
		summary, err = job.dryRun(cmd.OutOrStdout(), refused.add)
	} else {
		summary, err = job.run(cmd.Context(), cmd.ErrOrStderr(), refused.add)
	}
	if closing := refused.close(); err == nil {
		err = closing
	}
	if printing := job.print(cmd.OutOrStdout(), summary); err == nil {
		err = printing
	}
	switch {
	case err != nil:
		return resumable(err, summary, job.file.Rows)
	case summary.Refused > 0:
		return errors.New(english().Sprintf("%d of %d rows were refused; mend them and import the file again: rows that are in already change nothing", summary.Refused, summary.Rows))
	}
	return nil
}

func (j *importJob) run(ctx context.Context, stderr io.Writer, refuse func(importer.Refusal)) (importer.Summary, error) {
	bar := newProgress(stderr, j.file.Rows)
	defer bar.finish()
	return importer.Runner{
		Sender: j.client, Kind: j.file.Mapping.Kind, Source: j.file.Mapping.Source, ImportID: j.file.ImportID(),
		Parallel: j.v.GetInt("parallel"), Refuse: refuse, Advance: bar.advance,
	}.Run(ctx, j.file.Items())
}

func (j *importJob) dryRun(stdout io.Writer, refuse func(importer.Refusal)) (importer.Summary, error) {
	left := j.v.GetInt("show")
	if j.v.GetBool("json") {
		left = 0
	}
	return j.file.DryRun(func(plan *importer.Plan) error {
		if left--; left < 0 {
			return nil
		}
		return j.file.Shown(stdout, plan)
	}, refuse)
}

// resumable says of a failure what was done and how to go on.
func resumable(err error, s importer.Summary, rows int) error {
	done := english().Sprintf("%d of %d rows are done", s.Done, rows)
	const again = "run the same command again to complete the import; what is done stays done"
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted: %s; %s", done, again)
	}
	if p, ok := errors.AsType[*apiclient.Problem](err); ok && p.Denied() {
		return fmt.Errorf("%w; give a token whose roles may import, as CRM_TOKEN", err)
	}
	return fmt.Errorf("%w; %s; %s", err, done, again)
}

// print writes the summary: all of it as JSON, or for people.
func (j *importJob) print(w io.Writer, s importer.Summary) error {
	if j.v.GetBool("json") {
		return json.NewEncoder(w).Encode(struct {
			importer.Summary
			Import string `json:"import"` // the correlation id of everything it did
			Zone   string `json:"zone"`
			DryRun bool   `json:"dry_run,omitempty"`
		}{s, j.file.ImportID(), j.file.Mapping.Zone, j.v.GetBool("dry-run")})
	}
	done := "imported"
	if j.v.GetBool("dry-run") {
		done = "fine so far (nothing was sent)"
	}
	t := newTable(w)
	t.row("rows", english().Sprintf("%d", j.file.Rows))
	t.row(done, english().Sprintf("%d", s.Done))
	t.row("refused", english().Sprintf("%d", s.Refused))
	for _, name := range sortedKeys(s.Commands) {
		t.row(name, english().Sprintf("%d", s.Commands[name]))
	}
	if n := s.Notices[importer.NoticeOpenedNow]; n > 0 {
		t.row("without an opening day", english().Sprintf("%d, opened as of now", n))
	}
	t.row("zone", j.file.Mapping.Zone+", "+j.zone)
	t.row("import", j.file.ImportID())
	return t.flush()
}

func english() *message.Printer { return message.NewPrinter(language.English) }

// refusedRows tells the first refused rows and writes all of them to a report.
type refusedRows struct {
	stderr io.Writer
	file   *os.File
	report *importer.Report
	n      int
	err    error
}

func newRefusedRows(path string, stderr io.Writer) (*refusedRows, error) {
	r := &refusedRows{stderr: stderr}
	if path == "" {
		return r, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("--report: %w", err)
	}
	r.file = file
	r.report, err = importer.NewReport(file)
	return r, err
}

func (r *refusedRows) add(refused importer.Refusal) {
	if r.n++; r.n <= shownRefusals {
		where := fmt.Sprintf("line %d", refused.Line)
		if refused.ExternalID != "" {
			where += ", " + refused.ExternalID
		}
		_, _ = fmt.Fprintf(r.stderr, "%s: %s (%s)\n", where, refused.Reason, refused.Code)
	} else if r.n == shownRefusals+1 && r.report == nil {
		_, _ = fmt.Fprintln(r.stderr, "further refusals are not shown; --report FILE.csv lists them all")
	}
	if r.report != nil && r.err == nil {
		r.err = r.report.Add(refused)
	}
}

func (r *refusedRows) close() error {
	if r.report == nil {
		return nil
	}
	return errors.Join(r.err, r.report.Close(), r.file.Close())
}
