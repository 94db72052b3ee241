package httpapi

import (
	"context"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/projections"
)

// Builds tells where the builds of read models stand. Its methods fail with
// errors of the code unknown_read_model.
type Builds interface {
	Builds(ctx context.Context, readModel string) ([]Build, error)
	Parked(ctx context.Context, readModel string) ([]projections.Parked, error)
}

// Rebuilding builds read models anew; by is who asks. Its methods fail with
// errors of the codes below.
type Rebuilding interface {
	Rebuild(ctx context.Context, by string, c RebuildReadModels) (BuildList, error)
	Cancel(ctx context.Context, by string, c ReadModelRef) (BuildList, error)
	Compare(ctx context.Context, by string, c ReadModelRef) (BuildList, error)
	Switch(ctx context.Context, by string, c ReadModelRef) (BuildList, error)
	RollBack(ctx context.Context, by string, c ReadModelRef) (BuildList, error)
	Drop(ctx context.Context, by string, c DropBuild) (BuildList, error)
	Repair(ctx context.Context, by string, c RepairRecord) (Repaired, error)
}

var (
	errNoBuild     = &domain.Error{Kind: domain.Missing, Code: "no_such_build", Message: "there is no such build"}
	errNotBuilding = &domain.Error{Kind: domain.Refused, Code: "not_building", Message: "no build of this read model is on its way"}
	errUnderWay    = &domain.Error{Kind: domain.Refused, Code: "build_under_way", Message: "another build of this read model is on its way; cancel it first"}
	errOnlyBuild   = &domain.Error{Kind: domain.Refused, Code: "only_build", Message: "queries have nothing else to read"}
	errNoWayBack   = &domain.Error{Kind: domain.Refused, Code: "no_way_back", Message: "there is no build to go back to"}
	errRefolding   = &domain.Error{Kind: domain.Unavailable, Code: "refolding", Message: "the log is still being read; repeat the request, which goes on from there"}
	errTold        = &domain.Error{Kind: domain.Refused, Code: "told_by_others", Message: "what this record is cannot be found out from it alone; rebuild the read model"}
	errNoRecord    = &domain.Error{Kind: domain.Missing, Code: "no_such_record", Message: "the read model has no such record, and nothing in the log says it should"}
)

// ReadModelRef names a read model.
type ReadModelRef struct {
	ReadModel string `json:"read_model" doc:"Name of the read model" minLength:"1" maxLength:"100" example:"deals"`
}

// RebuildReadModels asks for read models to be built anew from the log.
type RebuildReadModels struct {
	ReadModels []string `json:"read_models,omitempty" doc:"Names of the read models; all of them if left out" maxItems:"100" example:"[\"deals\"]"`
	NoSwitch   bool     `json:"no_switch,omitempty" doc:"Wait to be switched to, also if nothing differs" example:"false"`
}

// DropBuild deletes a build that nobody reads.
type DropBuild struct {
	ReadModelRef
	Build string `json:"build,omitempty" doc:"The build; the one served before if left out" maxLength:"50" example:"3"`
}

// RepairRecord folds one record anew from the log.
type RepairRecord struct {
	ReadModelRef
	ID   string `json:"id" doc:"Id of the record" minLength:"1" maxLength:"200" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Mend bool   `json:"mend,omitempty" doc:"Put right what differs; else it is only told" example:"false"`
}

// Repaired is in what a stored record differs from what the log says.
type Repaired struct {
	Build       string                  `json:"build" doc:"Build that queries read" example:"3"`
	Position    domain.Position         `json:"position" doc:"How far it had come" example:"8312/8312"`
	Differences []difference.Difference `json:"differences" doc:"What is stored and what it should be, by field" nullable:"false"`
	Places      int                     `json:"places" doc:"Places in lists, and values in distributions, that are wrong or missing" example:"2"`
	Counts      string                  `json:"counts" doc:"Counts the record goes into: kept if they are right already, mended if they have to go along, unsure if one record cannot tell; then rebuild the read model" enum:"kept,mended,unsure" example:"kept"`
	Mended      bool                    `json:"mended" doc:"Whether it was put right" example:"true"`
}

// BuildList is the builds of one or several read models.
type BuildList struct {
	Items []Build `json:"items" doc:"Earliest first" nullable:"false"`
}

// Build is where one build of a read model stands.
type Build struct {
	ReadModel     string                  `json:"read_model" doc:"Name of the read model" example:"deals"`
	Build         string                  `json:"build" doc:"Version, and number of the rebuild if any" example:"3.1"`
	Served        bool                    `json:"served" doc:"Whether queries read it" example:"false"`
	Previous      bool                    `json:"previous" doc:"Whether queries read it before, so that it is the way back" example:"false"`
	Phase         string                  `json:"phase" doc:"How far it is: replaying the log, catching_up with what came since, comparing with the served build, complete, held or failed until somebody decides, or cancelled" enum:"replaying,catching_up,comparing,complete,held,failed,cancelled" example:"replaying"`
	Reason        string                  `json:"reason,omitempty" doc:"What keeps it from being served" example:"it differs from the served build; look at the differences, then switch or cancel"`
	NoSwitch      bool                    `json:"no_switch" doc:"It waits to be switched to" example:"false"`
	Position      domain.Position         `json:"position" doc:"How far it has come" example:"4100/4100"`
	Target        domain.Position         `json:"target" doc:"End of the log when it was begun" example:"8312/8312"`
	Progress      float64                 `json:"progress" doc:"Part of the log taken in, 0 to 1" example:"0.49"`
	EventsPerSec  float64                 `json:"events_per_second" doc:"Present rate" example:"41200"`
	Remaining     *float64                `json:"remaining_seconds" doc:"Time until it has caught up, at that rate; null if unknown" example:"3.2"`
	ParkedStreams int                     `json:"parked_streams" doc:"Streams with events that could not be folded" example:"0"`
	StartedAt     time.Time               `json:"started_at,omitzero" doc:"When it was begun"`
	StartedBy     string                  `json:"started_by,omitempty" doc:"Who asked for it; nobody if a version was raised" example:"ann"`
	SwitchedBy    string                  `json:"switched_by,omitempty" doc:"Who decided that it is served" example:"ann"`
	CancelledAt   time.Time               `json:"cancelled_at,omitzero" doc:"When it was given up"`
	CancelledBy   string                  `json:"cancelled_by,omitempty" doc:"Who gave it up" example:"ann"`
	ComparedAt    time.Time               `json:"compared_at,omitzero" doc:"When it was compared with the served build"`
	Comparison    *projections.Comparison `json:"comparison,omitempty" doc:"In what it differs from the build that was served then"`
	Begun         *bool                   `json:"begun,omitempty" doc:"Of rebuild-read-models: whether this request has begun it, and not an earlier one" example:"true"`
}

// onReadModels are the operations on read models.
func (c *Commands) onReadModels() []route {
	admins := roles(access.Admin)
	var routes []route
	if c.Rebuilding != nil {
		r := c.Rebuilding
		routes = append(routes,
			operation("rebuild-read-models", "Build read models anew from the log, beside those being served", admins, r.Rebuild, errNoModel, errUnderWay),
			operation("cancel-rebuild", "Give up a build on its way", admins, r.Cancel, errNoModel, errNotBuilding, errOnlyBuild),
			operation("compare-builds", "Compare a build with the served one again", admins, r.Compare, errNoModel, errNotBuilding),
			operation("switch-build", "Make queries read a build, whatever was found wrong with it", admins, r.Switch, errNoModel, errNotBuilding),
			operation("roll-back-build", "Make queries read the build they read before, once it has caught up", admins, r.RollBack, errNoModel, errUnderWay, errNoWayBack),
			operation("drop-build", "Delete a build that nobody reads", admins, r.Drop, errNoModel, errNoBuild, errOnlyBuild, errUnderWay),
			operation("repair-record", "Compare one record with what the log says, and put it right", admins, r.Repair, errNoModel, errNoRecord, errTold, errNoWayBack, errRefolding, projections.ErrBuilding),
		)
	}
	if c.Parking != nil {
		routes = append(routes,
			operation("retry-parked", "Fold the parked events of a stream again", admins, c.Parking.RetryParked, errNotParked, errNoModel),
			decision("discard-parked", "Give up parked events of a stream, for one read model", admins, c.Parking.DiscardParked, errNotParked, errNoModel),
		)
	}
	return routes
}

// ReadModelPath names a read model in a path.
type ReadModelPath struct {
	Name string `path:"name" doc:"Name of the read model" maxLength:"100" example:"deals"`
}

// onReadModels are the queries about read models.
func (q *Queries) onReadModels(watchers rights) []route {
	var routes []route
	if q.ReadModels != nil {
		routes = append(routes, figures("read-models", "read-models", "Read where every read model stands, and what is parked", watchers, unfiltered(q.readModels)))
	}
	if q.Builds != nil {
		routes = append(routes,
			figures("read-models/{name}/builds", "list-builds", "List the builds of a read model, with progress and differences", watchers,
				func(ctx context.Context, in ReadModelPath) (BuildList, error) {
					all, err := q.Builds.Builds(ctx, in.Name)
					return BuildList{all}, err
				}).failing(errNoModel),
			figures("read-models/{name}/parked", "list-parked", "List parked events, and those given up", watchers, q.parked).failing(errNoModel),
		)
	}
	return routes
}

// failing adds errors an operation can end in.
func (r route) failing(errs ...*domain.Error) route {
	r.errs = slices.Concat(r.errs, errs)
	return r
}
