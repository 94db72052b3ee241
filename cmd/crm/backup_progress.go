package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bytesProgress tells how many bytes were written to it: on a terminal all the
// time, else now and then.
type bytesProgress struct {
	w    io.Writer
	bar  *progressbar.ProgressBar
	done int64
	told time.Time
}

func newBytesProgress(w io.Writer) *bytesProgress {
	p := &bytesProgress{w: w, told: time.Now()}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return p
}

// Write never fails: progress that cannot be told must not end the work.
func (p *bytesProgress) Write(part []byte) (int, error) {
	p.done += int64(len(part))
	switch {
	case p.bar != nil:
		_ = p.bar.Add(len(part))
	case time.Since(p.told) >= everyLine:
		p.told = time.Now()
		_, _ = english().Fprintf(p.w, "%d bytes\n", p.done)
	}
	return len(part), nil
}

func (p *bytesProgress) finish() {
	if p.bar != nil {
		_ = p.bar.Exit()
		_, _ = io.WriteString(p.w, "\n")
	}
}
