package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/annals-crm/annals/adapters/httpapi"
)

// How far read models may be behind.
const (
	someLag = 10 * time.Second
	longLag = 5 * time.Minute
	// oneLook is the time between two looks at what is behind: a projector at work
	// takes in something in between.
	oneLook = 3 * time.Second
)

// checkReadModels looks at where read models stand: twice if any is behind, to
// tell whether somebody is at work on it. At rest nobody can be, so nothing is late.
// The names of the checks start with whose they are, if not of the set-up.
func (d *visit) checkReadModels(ctx context.Context, whose string, atRest bool, look func(context.Context) ([]httpapi.ReadModel, error)) {
	all, err := look(ctx)
	still := behind(all)
	wereBehind := len(still)
	if err == nil && wereBehind > 0 && !atRest {
		d.pause(ctx)
		before := all
		if all, err = look(ctx); err == nil {
			still = stood(before, all)
		}
	}
	if err != nil {
		d.skip(whose+"read models", "%v", err)
		return
	}
	d.checkServed(whose, all)
	if atRest {
		d.ok(whose+"lag", "no server runs; %d of %d read models take in what is left when one does", wereBehind, len(all))
	} else {
		d.checkLag(whose, all, still, wereBehind > 0 && len(still) == wereBehind)
	}
	d.checkParked(whose, all)
	d.checkHeld(whose, all)
}

// pause is the time between two looks.
func (*visit) pause(ctx context.Context) {
	select {
	case <-time.After(oneLook):
	case <-ctx.Done():
	}
}

func behind(all []httpapi.ReadModel) (names []string) {
	for _, m := range all {
		if m.Position.Compare(m.End) < 0 {
			names = append(names, m.Name)
		}
	}
	return names
}

// stood are those that were behind and have not moved since.
func stood(before, now []httpapi.ReadModel) (names []string) {
	for i, m := range now {
		if i < len(before) && before[i].Name == m.Name && before[i].Position == m.Position && m.Position.Compare(before[i].End) < 0 {
			names = append(names, m.Name)
		}
	}
	return names
}

func (d *visit) checkServed(whose string, all []httpapi.ReadModel) {
	var missing []string
	for _, m := range all {
		if m.Served == "" {
			missing = append(missing, fmt.Sprintf("%s (%.0f %% built)", m.Name, 100*m.Progress))
		}
	}
	if len(missing) == 0 {
		d.ok(whose+"read models", "all %d are served", len(all))
		return
	}
	d.add(finding{
		Check: whose + "read models", Status: warned, Found: "not served yet: " + strings.Join(missing, ", "),
		Means: "queries on them are answered with 503 until they are built",
		Do:    "wait while a projector is at work (crm rebuild list); if none is, start one",
	})
}

// checkLag takes it for a failure if nobody projects: nothing gets better by itself
// then.
func (d *visit) checkLag(whose string, all []httpapi.ReadModel, still []string, nobody bool) {
	check := whose + "lag"
	worst := time.Duration(0)
	var late []string
	for _, m := range all {
		lag := time.Duration(m.Lag * float64(time.Second))
		if worst = max(worst, lag); lag > someLag {
			late = append(late, fmt.Sprintf("%s by %s", m.Name, lag.Round(time.Second)))
		}
	}
	f := finding{
		Check: check, Status: warned, Means: "queries answer with what was; those with min_position wait in vain",
		Do: "if a rebuild is on its way, wait (crm rebuild list); else the log of the projector says why",
	}
	switch {
	case nobody:
		f.Status, f.Found = failed, english().Sprintf("nobody projects: all that is behind the end of the log stands still, %s", strings.Join(still, ", "))
		f.Do = "start a process with the role projector or all; if one runs, its log says what keeps it"
	case len(still) > 0:
		f.Found = english().Sprintf("stand still behind the end of the log: %s", strings.Join(still, ", "))
		f.Do = "see that a process with the role projector or all runs, and what its log says"
	case len(late) > 0:
		f.Found = "behind: " + strings.Join(late, ", ")
	default:
		d.ok(check, "no read model is more than %s behind", someLag.String())
		return
	}
	if worst > longLag {
		f.Status = failed
	}
	d.add(f)
}

func (d *visit) checkParked(whose string, all []httpapi.ReadModel) {
	var found []string
	for _, m := range all {
		streams := map[string]bool{}
		for _, p := range m.Parked {
			streams[p.Stream] = true
		}
		if len(streams) > 0 {
			found = append(found, english().Sprintf("%s: %d events of %d streams", m.Name, len(m.Parked), len(streams)))
		}
	}
	if len(found) == 0 {
		d.ok(whose+"parked events", "none")
		return
	}
	d.add(finding{
		Check: whose + "parked events", Status: warned, Found: strings.Join(found, ", "),
		Means: "the records they belong to are shown as they were before, and figures leave them out",
		Do:    "crm parked list; mend the program and crm parked retry, or crm parked discard with a reason",
	})
}

func (d *visit) checkHeld(whose string, all []httpapi.ReadModel) {
	var held []string
	for _, m := range all {
		if m.Held {
			held = append(held, m.Name)
		}
	}
	if len(held) == 0 {
		d.ok(whose+"builds held", "none")
		return
	}
	d.add(finding{
		Check: whose + "builds held", Status: warned, Found: strings.Join(held, ", "),
		Means: "a build is complete but not served until somebody decides, and takes memory meanwhile",
		Do:    "crm rebuild list NAME says in what it differs; then crm rebuild switch NAME or crm rebuild cancel NAME",
	})
}
