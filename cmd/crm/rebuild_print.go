package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/projections"
)

// buildProgress tells how far builds are: a bar on a terminal, else a line when
// a phase changes, and now and then.
type buildProgress struct {
	w      io.Writer
	bar    *progressbar.ProgressBar
	phases map[string]string
	told   time.Time
}

func newBuildProgress(w io.Writer) *buildProgress {
	p := &buildProgress{w: w, phases: map[string]string{}}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions(1000,
			progressbar.OptionSetWriter(w), progressbar.OptionFullWidth(), progressbar.OptionSetPredictTime(false),
			progressbar.OptionThrottle(100*time.Millisecond),
		)
	}
	return p
}

func (p *buildProgress) pause() time.Duration {
	if p.bar != nil {
		return lookOnTerminal
	}
	return lookElsewhere
}

func (p *buildProgress) show(builds []httpapi.Build) {
	if p.bar != nil {
		p.draw(builds)
		return
	}
	again := time.Since(p.told) >= everyLine
	for _, b := range builds {
		if key := b.ReadModel + " " + b.Build; again || p.phases[key] != b.Phase {
			p.phases[key] = b.Phase
			_, _ = fmt.Fprintln(p.w, strings.TrimSpace(b.ReadModel+" "+b.Build)+":", progressOf(b)) // progress nobody reads must not end a rebuild
			p.told = time.Now()
		}
	}
}

// draw shows one bar for all builds, and in words the one that takes longest.
func (p *buildProgress) draw(builds []httpapi.Build) {
	done, slowest := 0.0, builds[0]
	for _, b := range builds {
		if done += b.Progress; b.Progress < slowest.Progress || !underWay(slowest) && underWay(b) {
			slowest = b
		}
	}
	p.bar.Describe(slowest.ReadModel + " " + progressOf(slowest))
	_ = p.bar.Set(int(1000 * done / float64(len(builds))))
}

func (p *buildProgress) end() {
	if p.bar != nil {
		_ = p.bar.Exit()
		_, _ = io.WriteString(p.w, "\n")
	}
}

// progressOf is how far a build is, in words.
func progressOf(b httpapi.Build) string {
	phase := strings.ReplaceAll(b.Phase, "_", " ")
	if b.Phase != "replaying" && b.Phase != "catching_up" {
		return phase
	}
	text := english().Sprintf("%s, %.0f %%, %.0f events/s", phase, 100*b.Progress, b.EventsPerSec)
	if b.Remaining != nil {
		text += fmt.Sprintf(", %s left", time.Duration(*b.Remaining*float64(time.Second)).Round(time.Second))
	}
	return text
}

// printBuilds shows builds as a table, then in what they differ.
func printBuilds(out io.Writer, builds []httpapi.Build) error {
	t := newTable(out)
	t.row("READ MODEL", "BUILD", "USE", "PHASE", "DONE", "POSITION", "STARTED", "BY")
	for _, b := range builds {
		use := ""
		switch {
		case b.Served:
			use = "served"
		case b.Previous:
			use = "way back"
		}
		started := ""
		if !b.StartedAt.IsZero() {
			started = b.StartedAt.Local().Format(time.DateTime)
		}
		t.row(b.ReadModel, b.Build, use, strings.ReplaceAll(b.Phase, "_", " "), fmt.Sprintf("%.0f %%", 100*b.Progress), b.Position.String(), started, b.StartedBy)
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, b := range builds {
		if b.Served {
			continue
		}
		if b.Reason != "" {
			if _, err := fmt.Fprintf(out, "\n%s %s: %s\n", b.ReadModel, b.Build, b.Reason); err != nil {
				return err
			}
		}
		if b.Comparison != nil {
			if err := printComparison(out, b.ReadModel, *b.Comparison); err != nil {
				return err
			}
		}
	}
	return nil
}

func printComparison(out io.Writer, readModel string, c projections.Comparison) error {
	_, err := english().Fprintf(out, "\n%s %s against the served %s, at %s: %s, %s, %s, %s differ\n", readModel, c.Built, c.Served, c.Position,
		share(c.Documents, "records"), share(c.Counts, "counts"), share(c.Members, "places in lists"), share(c.Samples, "values"))
	if err != nil || len(c.Examples) == 0 {
		return err
	}
	t := newTable(out)
	t.row("WHAT", "NAME", "FIELD", "SERVED", "BUILT")
	for _, d := range c.Examples {
		t.row(d.Kind, d.Name, d.Field, inShort(d.Served), inShort(d.Built))
	}
	if err := t.flush(); err != nil {
		return err
	}
	if c.Omitted > 0 {
		_, err = english().Fprintf(out, "… and %d more\n", c.Omitted)
	}
	return err
}

func share(c projections.Compared, what string) string {
	return english().Sprintf("%d of %d %s", c.Differs, c.Total, what)
}

// inShort is a value on one line of a table.
func inShort(v any) string {
	const most = 60
	if v == nil {
		return "–"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if runes := []rune(string(text)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(text)
}
