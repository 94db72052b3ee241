package projections

import (
	"slices"
	"sort"
	"strings"
)

// reckoning answers what a store is asked for from the facts of documents
// themselves: by the definition, with everything in memory.
type reckoning struct {
	ask    Ask
	series []map[string]*values // by span and part: see place
	spans  [][2]int32           // first day and the day after the last, as numbers, ascending
	states []map[string]*stays  // by part
	counts map[string]map[string]int64
}

// values are those of a part in a span.
type values struct {
	count, sum int64
	each       []int64 // nil unless they are to be ranked
}

// stays are the instants of coming into a part of states, and of going out.
type stays struct{ in, out []int64 }

func newReckoning(ask Ask) *reckoning {
	r := &reckoning{ask: ask, counts: map[string]map[string]int64{}}
	for _, group := range ask.Groups {
		r.counts[group] = map[string]int64{}
	}
	for i, s := range ask.Series {
		if i == 0 {
			for _, span := range s.Spans {
				from, _ := dateNumber(span.From)
				to, _ := dateNumber(span.To)
				r.spans = append(r.spans, [2]int32{from, to})
			}
		}
		for range s.Spans {
			r.series = append(r.series, map[string]*values{})
		}
	}
	for range ask.States {
		r.states = append(r.states, map[string]*stays{})
	}
	return r
}

// add takes in what one document contributes.
func (r *reckoning) add(f *Facts) {
	for i := range f.dated {
		d := &f.dated[i]
		r.dated(d, d.series, d.part)
		for _, in := range f.dimensions[d.from:d.to] {
			r.dated(d, brokenDown(d.series, in.name), partOf(d.part, in.value))
		}
	}
	for i, s := range r.ask.States {
		for _, in := range f.samples {
			if part, ok := strings.CutPrefix(in.set, entrySet(s.Name, "")); ok {
				of := stayOf(r.states[i], part)
				of.in = append(of.in, in.value)
			} else if part, ok := strings.CutPrefix(in.set, exitSet(s.Name, "")); ok {
				of := stayOf(r.states[i], part)
				of.out = append(of.out, in.value)
			}
		}
	}
}

func stayOf(parts map[string]*stays, part string) *stays {
	if parts[part] == nil {
		parts[part] = &stays{}
	}
	return parts[part]
}

// dated takes in a fact under the name of the whole, or of a dimension.
func (r *reckoning) dated(d *dated, name, part string) {
	if d.day == untilNow && !d.sample {
		if counts := r.counts[bucketGroup(name, nowBucket)]; counts != nil {
			counts[string(rune(counted))+part] += d.n
		}
		return
	}
	for i := range r.ask.Series {
		s := &r.ask.Series[i]
		if s.Name != name {
			continue
		}
		span, n := r.span(d.day), d.n
		if d.day == untilNow {
			if s.Running == nil {
				continue
			}
			span, n = *s.Running, s.At-n
		}
		if span < 0 {
			continue
		}
		r.place(i, span, part, n, d.sample, s.Spread)
	}
}

func (r *reckoning) place(series, span int, part string, n int64, sample, spread bool) {
	parts := r.series[series*len(r.spans)+span]
	v := parts[part]
	if v == nil {
		v = &values{}
		parts[part] = v
	}
	if !sample {
		v.count += n
		return
	}
	v.count++
	v.sum += n
	if spread {
		v.each = append(v.each, n)
	}
}

// span is the place of the span that a day lies in; -1: none.
func (r *reckoning) span(day int32) int {
	i := sort.Search(len(r.spans), func(i int) bool { return r.spans[i][1] > day })
	if i == len(r.spans) || day < r.spans[i][0] {
		return -1
	}
	return i
}

// figures is the answer.
func (r *reckoning) figures() Figures {
	f := Figures{Counts: r.counts}
	for i := range r.ask.Series {
		spans := make([]map[string]Distribution, len(r.spans))
		for j := range spans {
			spans[j] = map[string]Distribution{}
			for part, v := range r.series[i*len(r.spans)+j] {
				if v.count != 0 || v.sum != 0 {
					spans[j][part] = v.distribution()
				}
			}
		}
		f.Series = append(f.Series, spans)
	}
	for i, s := range r.ask.States {
		f.States = append(f.States, inAt(r.states[i], s))
	}
	return f
}

func (v *values) distribution() Distribution {
	d := Distribution{Count: v.count, Sum: v.sum}
	n := len(v.each)
	if n == 0 {
		return d
	}
	slices.Sort(v.each)
	d.Max, d.P90, d.Median = v.each[n-1], v.each[(9*n+9)/10-1], float64(v.each[n/2])
	if n%2 == 0 {
		d.Median = (float64(v.each[n/2-1]) + float64(v.each[n/2])) / 2
	}
	return d
}

// inAt counts those in each part at each instant: who came in, less who went out.
func inAt(parts map[string]*stays, s States) []map[string]int64 {
	answer := make([]map[string]int64, len(s.At))
	for i := range answer {
		answer[i] = map[string]int64{}
	}
	for part, of := range parts {
		slices.Sort(of.in)
		slices.Sort(of.out)
		for i, at := range s.At {
			ms := at.UnixMilli() + 1
			in, _ := slices.BinarySearch(of.in, ms)
			out, _ := slices.BinarySearch(of.out, ms)
			answer[i][part] = int64(in - out)
		}
	}
	return answer
}
