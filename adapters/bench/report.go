package bench

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// report prints rows as they come: what, measured, held against, ratio, goal.
type report struct {
	out   io.Writer
	table *tabwriter.Writer
}

func (r *report) section(title, against string) {
	r.flush()
	_, _ = fmt.Fprintf(r.out, "\n%s  (load average %s)\n", title, loadAverage())
	r.table = tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	r.row("  ", "Annals", against, "ratio", "goal", "")
}

func (r *report) row(cells ...string) {
	_, _ = fmt.Fprintln(r.table, strings.Join(cells, "\t"))
}

func (r *report) flush() {
	if r.table != nil {
		_ = r.table.Flush()
		r.table = nil
	}
}

func (r *report) note(format string, args ...any) {
	r.flush()
	_, _ = fmt.Fprintf(r.out, "  "+format+"\n", args...)
}

// goal is a bound on a figure; none if it is zero.
type goal struct {
	least, most float64
	unit        string
}

func atLeast(n float64) goal            { return goal{least: n} }
func below(n float64, unit string) goal { return goal{most: n, unit: unit} }

// cells are the last two of a row: the goal, and whether figure meets it.
func (g goal) cells(figure float64) (string, string) {
	switch {
	case g.least > 0 && figure >= g.least:
		return "≥ " + number(g.least) + g.unit, "met"
	case g.least > 0:
		return "≥ " + number(g.least) + g.unit, "SHORT"
	case g.most > 0 && figure < g.most:
		return "< " + number(g.most) + g.unit, "met"
	case g.most > 0:
		return "< " + number(g.most) + g.unit, "SHORT"
	}
	return "", ""
}

// figure is one number with its own goal.
func (r *report) figure(what string, value float64, unit string, g goal, costs ...string) {
	want, met := g.cells(value)
	r.row("  "+what, number(value)+unit, "", "", want, met, each(costs))
}

// each is the processor time per operation of one side, or of both.
func each(costs []string) string {
	if len(costs) == 0 {
		return ""
	}
	return "µs: " + strings.Join(costs, " | bare: ")
}

// compare sets a figure beside a bare one; the goal is about their ratio.
func (r *report) compare(what string, value, bare float64, unit string, g goal, costs ...string) {
	ratio := value / bare
	want, met := g.cells(ratio)
	r.row("  "+what, number(value)+unit, number(bare)+unit, strconv.FormatFloat(ratio, 'f', 2, 64), want, met, each(costs))
}

// number is short and readable: 12,345 or 3.14.
func number(n float64) string {
	if n < 100 {
		return strconv.FormatFloat(n, 'g', 3, 64)
	}
	text := strconv.FormatFloat(n, 'f', 0, 64)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// loadAverage is that of the last minute; others at work on the machine show.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// machine describes what the figures are of.
func machine() string {
	memory := "unknown memory"
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kib int64
		if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kib); err == nil {
			memory = fmt.Sprintf("%.0f GiB", float64(kib)/(1<<20))
		}
	}
	return fmt.Sprintf("%d cores, %s, %s %s/%s", runtime.NumCPU(), memory, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// syncTime is how long the disk under dir takes to keep 4 KiB for good, which
// bounds every acknowledged write of a single caller.
func syncTime(dir string) (time.Duration, error) {
	file, err := os.CreateTemp(dir, "sync-")
	if err != nil {
		return 0, err //nolint:wrapcheck // names the path
	}
	defer func() { _ = os.Remove(file.Name()) }()
	defer func() { _ = file.Close() }()
	const times = 100
	block, start := make([]byte, 4096), time.Now()
	for range times {
		if _, err := file.Write(block); err != nil {
			return 0, err //nolint:wrapcheck // names the path
		}
		if err := file.Sync(); err != nil {
			return 0, err //nolint:wrapcheck // names the path
		}
	}
	return time.Since(start) / times, nil
}
