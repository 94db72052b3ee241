package projectionstest

import (
	"fmt"
	"math/rand/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// The sample read model is a board of jobs: documents with a head, indexes,
// counts and samples, and customers that jobs are about. It stands for the real
// ones where a test or a benchmark is about the machinery and not about them.

type (
	// JobOpened begins the life of a job.
	JobOpened struct {
		Customer string `json:"customer"`
		Title    string `json:"title"`
		Owner    string `json:"owner"`
		Minor    int64  `json:"minor"`
	}
	// JobMoved takes it to another stage.
	JobMoved struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	// JobClosed ends it.
	JobClosed struct{}
	// JobSpoiled makes the sample read model panic.
	JobSpoiled struct{}
)

// EventType names the event on the wire.
func (JobOpened) EventType() string { return "job.opened.v1" }

// EventType names the event on the wire.
func (JobMoved) EventType() string { return "job.moved.v1" }

// EventType names the event on the wire.
func (JobClosed) EventType() string { return "job.closed.v1" }

// EventType names the event on the wire.
func (JobSpoiled) EventType() string { return "job.spoiled.v1" }

// Types are the wire types of the sample.
func Types() []domain.Type {
	return []domain.Type{domain.Current[JobOpened](), domain.Current[JobMoved](), domain.Current[JobClosed](), domain.Current[JobSpoiled]()}
}

// Job is a document of the sample read model.
type Job struct {
	projections.Head
	Customer string `json:"customer"`
	Title    string `json:"title"`
	Owner    string `json:"owner"`
	Stage    string `json:"stage"`
	Minor    int64  `json:"minor"`
	Moves    int    `json:"moves"`
	Closed   bool   `json:"closed"`
}

// Jobs is the sample read model. Version 2 and later count differently.
func Jobs(version int) projections.Model {
	return projections.Declare("jobs", version, func(j *Job, f *projections.Facts) {
		f.Index("all", projections.SortTime(j.UpdatedAt))
		f.Index("stage:"+j.Stage, j.Owner)
		f.Count("stages", j.Stage, int64(version))
		f.Count("value", j.Stage, j.Minor)
		if j.Closed {
			f.Sample("closed value", j.Minor)
		}
	},
		projections.On(func(j *Job, _ domain.Recorded, e JobOpened) {
			j.Customer, j.Title, j.Owner, j.Minor, j.Stage = e.Customer, e.Title, e.Owner, e.Minor, "new"
		}),
		projections.On(func(j *Job, _ domain.Recorded, e JobMoved) { j.Stage = e.To; j.Moves++ }),
		projections.On(func(j *Job, _ domain.Recorded, _ JobClosed) { j.Closed = true }),
		projections.On(func(*Job, domain.Recorded, JobSpoiled) { panic("spoiled") }),
	)
}

// Client is a document of the second sample read model.
type Client struct {
	Jobs  int   `json:"jobs"`
	Minor int64 `json:"minor"`
}

// Clients is a sample read model about subjects that the events only name.
func Clients(version int) projections.Model {
	return projections.Declare("clients", version, func(c *Client, f *projections.Facts) {
		f.Count("all", "jobs", int64(c.Jobs))
		f.Sample("value", c.Minor)
	},
		projections.About(func(e JobOpened) string { return e.Customer }, func(c *Client, _ domain.Recorded, e JobOpened) {
			c.Jobs++
			c.Minor += e.Minor
		}),
	)
}

// Busy is a history of n jobs, each opened, moved and perhaps closed, mixed
// with one another in a way that seed decides.
func Busy(n int, seed uint64) []domain.Recorded {
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test wants the same numbers again
	stages := []string{"new", "offered", "agreed", "won"}
	at := make([]int, n)
	var facts []Fact
	for opened := 0; opened < n || len(facts) < 4*n; {
		i := opened
		if opened == n || opened > 0 && random.IntN(4) > 0 {
			i = random.IntN(opened)
		}
		stream := "job-" + JobID(i)
		switch stage := at[i]; {
		case i == opened:
			opened++
			facts = append(facts, Fact{Stream: stream, Event: JobOpened{
				Customer: fmt.Sprintf("customer%d", i%(n/3+1)), Title: "Job number " + JobID(i), Owner: fmt.Sprintf("owner%d", i%5), Minor: int64(random.IntN(100_000)),
			}})
		case stage < 3:
			facts = append(facts, Fact{Stream: stream, Event: JobMoved{From: stages[stage], To: stages[stage+1]}})
			at[i]++
		default:
			facts = append(facts, Fact{Stream: stream, Event: JobClosed{}})
		}
	}
	return History(facts...)
}

// JobID is the id of the i-th job.
func JobID(i int) string { return fmt.Sprintf("5f0c8a52-6a1e-5d0c-9f6a-%012d", i) }
