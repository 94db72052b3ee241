package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Process is one of those that take part, for its use of processor time. That
// says what an operation costs even while the machine has other things to do.
type Process struct {
	Name string
	PID  int
}

// tick is the unit of /proc/PID/stat on every Linux this runs on.
const tick = 10 * time.Millisecond

// used is the processor time of every process so far; zero where unknown.
func used(processes []Process) []time.Duration {
	times := make([]time.Duration, len(processes))
	for i, p := range processes {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID))
		if err != nil {
			continue
		}
		// The name in parentheses may hold anything; fields are counted behind it.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 13 {
			continue
		}
		user, _ := strconv.ParseInt(fields[11], 10, 64)
		system, _ := strconv.ParseInt(fields[12], 10, 64)
		times[i] = time.Duration(user+system) * tick
	}
	return times
}

// costs names the processor time per operation of every process that took
// noticeable time.
func (s *sample) costs(processes []Process) string {
	done := 0
	for _, one := range s.slices {
		done += len(one.taken)
	}
	var parts []string
	for i, p := range processes {
		var total time.Duration
		for _, one := range s.slices {
			total += one.used[i]
		}
		if each := total / time.Duration(max(done, 1)); each >= time.Microsecond {
			parts = append(parts, fmt.Sprintf("%s %d", p.Name, each.Microseconds()))
		}
	}
	return strings.Join(parts, ", ")
}
