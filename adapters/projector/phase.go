package projector

import "fmt"

// Phase is how far a build is.
type Phase string

// The phases of a build. The first three follow each other; the others last
// until somebody decides.
const (
	Replaying  Phase = "replaying"   // taking in what was in the log when it was begun
	CatchingUp Phase = "catching_up" // taking in what came since
	Comparing  Phase = "comparing"   // being compared with the served build
	Complete   Phase = "complete"    // nothing left to do; if not served, then by wish
	Held       Phase = "held"        // complete, but not to be served without a decision
	Failed     Phase = "failed"      // it could not be compared
	Cancelled  Phase = "cancelled"   // given up; nothing of it is left
)

// waits tells in which phase the wanted build is once it has caught up, and what
// keeps it from being served; it is free to be if that is empty.
func (s *stand) waits(parked int) (phase Phase, reason string) {
	r := s.record(s.wanted.Label())
	switch {
	case r.told != nil:
	case s.comparable() && (r.asked != nil || r.compared == nil && r.failed == ""):
		return Comparing, "it is being compared with the served build"
	case s.comparable() && r.failed != "":
		return Failed, "it could not be compared: " + r.failed + "; compare it again, switch or cancel"
	case parked > 0:
		return Held, fmt.Sprintf("%d streams are parked in it; retry or discard them, or switch or cancel", parked)
	case r.compared != nil && !r.compared.Clean():
		return Held, "it differs from the served build; look at the differences, then switch or cancel"
	case r.begun != nil && r.begun.NoSwitch:
		return Complete, "it waits to be switched to, as was asked for"
	}
	return Complete, ""
}

// phase is that of a build that was not cancelled; empty on its way to the end
// of the log.
func (s *stand) phase(label string, parked int) (Phase, string) {
	switch {
	case label != s.wanted.Label() || !s.building():
		return Complete, ""
	case s.record(label).reached != nil:
		return s.waits(parked)
	}
	return "", ""
}
