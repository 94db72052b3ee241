package main

import (
	"fmt"
	"time"
)

// By how much clocks may differ. Due times, the end of tokens, and figures by
// day are decided by the clock of whichever process works.
const (
	noticed   = 2 * time.Second
	tooFarOff = time.Minute
)

// checkClock holds another clock against ours: ahead of ours by so much, give or
// take precision.
func (d *visit) checkClock(check, whose string, ahead, precision time.Duration) {
	f := finding{Check: check, Status: passed, Found: whose + " and this machine agree"}
	off := ahead.Abs() - precision
	if off > noticed {
		than := "ahead of"
		if ahead < 0 {
			than = "behind"
		}
		f.Status, f.Found = warned, fmt.Sprintf("%s is %s %s this machine", whose, ahead.Abs().Round(time.Second), than)
		f.Means = "times in events, due times of tickets and ends of tokens depend on which machine one asks"
		f.Do = "have both machines set their clocks by the same time service (chronyc tracking, timedatectl)"
	}
	if off > tooFarOff {
		f.Status = failed
	}
	d.add(f)
}

// checkNewest holds the time of the newest event, which another machine gave it,
// against our clock: it must not lie in the future.
func (d *visit) checkNewest(recorded time.Time) {
	const check = "log clock"
	if age := d.now().Sub(recorded); age >= 0 {
		d.ok(check, "the newest event is %s old", age.Round(time.Second).String())
	} else {
		d.checkClock(check, "the newest event", -age, 0)
	}
}
