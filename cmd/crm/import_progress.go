package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// everyLine is how often progress is told where there is no terminal.
const everyLine = 5 * time.Second

// progress tells how far an import is: a bar with rate and remaining time on a
// terminal, else a line now and then.
type progress struct {
	w       io.Writer
	bar     *progressbar.ProgressBar
	total   int
	done    int
	started time.Time
	told    time.Time
}

func newProgress(w io.Writer, total int) *progress {
	p := &progress{w: w, total: total, started: time.Now(), told: time.Now()}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(w), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("rows"), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth(),
		)
	}
	return p
}

func (p *progress) advance(rows int) {
	p.done += rows
	if p.bar != nil {
		_ = p.bar.Add(rows) // a bar that cannot be drawn must not end an import
		return
	}
	if time.Since(p.told) >= everyLine {
		p.tell()
	}
}

func (p *progress) tell() {
	p.told = time.Now()
	rate := float64(p.done) / max(time.Since(p.started).Seconds(), 0.001)
	left := time.Duration(float64(p.total-p.done) / max(rate, 0.001) * float64(time.Second))
	_, _ = english().Fprintf(p.w, "%d of %d rows, %.0f rows/s, %s left\n", p.done, p.total, rate, left.Round(time.Second))
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Exit()
		_, _ = io.WriteString(p.w, "\n")
		return
	}
	_, _ = english().Fprintf(p.w, "%d of %d rows in %s\n", p.done, p.total, time.Since(p.started).Round(time.Millisecond))
}
