package projections

import (
	"encoding/json"
	"iter"
	"slices"

	"github.com/annals-crm/annals/domain"
)

// document is the document of one record while its story is told.
type telling struct {
	member
	stream string
	replay Replay
	before map[string]any // as last compared
	known  bool           // before is what the replay holds now
}

// tell folds the story and tells the events at some places of it, which rise.
// What changed is found by comparing the documents that an event touches as
// they were before it and after it.
func (s *story) tell(places []int) iter.Seq2[HistoryEntry, error] {
	return func(yield func(HistoryEntry, error) bool) {
		if len(places) == 0 {
			return
		}
		tree := s.tree(places)
		root, of := s.tellings(places)
		s.told, s.upTo = root, places[len(places)-1]+1
		for i, r := range s.events[:s.upTo] {
			told := i == places[0]
			if told {
				places = places[1:]
			}
			own := of[r.Stream]
			entry, err := s.take(r, told, root, own)
			if err != nil {
				yield(HistoryEntry{}, err)
				return
			}
			if told {
				tree.place(&entry, i)
				if !yield(entry, nil) {
					return
				}
			}
		}
	}
}

// tellings starts the documents that the events at places touch: that of the
// record itself, and of those members they happened to.
func (s *story) tellings(places []int) (root *telling, of map[string]*telling) {
	of = map[string]*telling{}
	start := func(m member, stream string) *telling {
		return &telling{member: m, stream: stream, replay: m.kind.Model.Replay(m.id), known: true}
	}
	own := s.kind.stream(s.id)
	root = start(s.records[own], own)
	of[own] = root
	for _, i := range places {
		stream := s.events[i].Stream
		if of[stream] == nil {
			of[stream] = start(s.records[stream], stream)
		}
	}
	return root, of
}

// take folds one event into the record it happened to and into the record whose
// story this is.
func (s *story) take(r *domain.Recorded, told bool, root, own *telling) (HistoryEntry, error) {
	var entry HistoryEntry
	if told {
		entry = newEntry(r)
	}
	documents := []*telling{own, root}
	if own == root || own == nil {
		documents = documents[1:]
	}
	for _, t := range documents {
		changes, unreadable, err := t.take(r, told)
		if err != nil {
			return entry, err
		}
		if entry.Changes = append(entry.Changes, changes...); unreadable != nil && entry.Unreadable == "" {
			entry.Unreadable = unreadable.Error()
		}
	}
	if told && own != nil {
		var err error
		entry.Record, err = own.record()
		if s.kind.Says != nil && entry.Unreadable == "" {
			entry.Record.Title, entry.Changes = s.kind.Says(r.Event)
		}
		return entry, err
	}
	return entry, nil
}

func (t *telling) take(r *domain.Recorded, told bool) (changes []Change, unreadable, err error) {
	if told && !t.known {
		if t.before, err = t.compare(); err != nil {
			return nil, nil, err
		}
		t.known = true
	}
	touched, unreadable := t.replay.Take(r)
	if !touched || unreadable != nil {
		return nil, unreadable, nil
	}
	if !told {
		t.known = false
		return nil, nil, nil
	}
	after, err := t.compare()
	if err != nil {
		return nil, nil, err
	}
	changes = compared(t.stream, t.before, after)
	t.before = after
	return changes, nil, nil
}

func (t *telling) compare() (map[string]any, error) {
	document, err := t.replay.Document()
	if err != nil {
		return nil, err
	}
	return parsed(document)
}

func (t *telling) record() (Record, error) {
	title, err := t.replay.Field(t.kind.Title)
	if err != nil {
		return Record{}, err
	}
	record := Record{Kind: t.kind.Name, ID: t.id}
	if title != nil {
		err = json.Unmarshal(title, &record.Title)
	}
	return record, err
}

func newEntry(r *domain.Recorded) HistoryEntry {
	entry := HistoryEntry{
		EventID: r.ID, Type: r.Event.EventType(), OccurredAt: domain.Instant(r.OccurredAt()), RecordedAt: domain.Instant(r.RecordedAt),
		Actor: r.Meta.Actor, Command: r.Meta.Command, CausationID: r.Meta.CausationID, CorrelationID: r.Meta.CorrelationID,
		PolicyVersion: r.Meta.PolicyVersion, Stream: r.Stream, Revision: r.Revision, Position: r.Position,
		TraceParent: r.Meta.TraceParent, Changes: []Change{},
	}
	if _, bad := r.Event.(domain.Undecodable); !bad {
		if data, err := json.Marshal(r.Event); err == nil { // it was decoded from JSON
			entry.Data = data
		}
	}
	return entry
}

// record is the record whose story it is, as it came to be called. Once the story
// was told to its end nothing has to be folded for that.
func (s *story) record() (Record, error) {
	if s.told != nil && s.upTo == len(s.events) {
		return s.told.record()
	}
	own := s.kind.stream(s.id)
	t := telling{member: s.records[own], replay: s.kind.Model.Replay(s.id)}
	for _, r := range s.events {
		if r.Stream == own {
			if _, err := t.replay.Take(r); err != nil {
				break
			}
		}
	}
	return t.record()
}

// tree is how the commands behind some events hang together.
type tree struct {
	steps    map[int]Step // by place
	commands map[string]*branch
}

// branch is one command of a story.
type branch struct {
	id, correlation string
	events          []int
	causedBy        string
	ledTo           []string
}

// tree works out which events one command recorded, and which commands followed
// from it: those that name it, or one of its events, as what they come from.
func (s *story) tree(places []int) *tree {
	t := &tree{steps: map[int]Step{}, commands: map[string]*branch{}}
	var order []*branch
	command := map[string]string{} // event id -> command
	for i, r := range s.events {
		id := r.Meta.CausationID
		if id == "" {
			id = r.ID
		}
		command[r.ID] = id
		b := t.commands[id]
		if b == nil {
			b = &branch{id: id, correlation: r.Meta.CorrelationID}
			t.commands[id] = b
			order = append(order, b)
		}
		b.events = append(b.events, i)
	}
	for _, b := range order {
		for _, from := range []string{command[b.id], b.correlation, command[b.correlation]} {
			if parent := t.commands[from]; parent != nil && parent != b {
				b.causedBy, parent.ledTo = from, append(parent.ledTo, b.id)
				break
			}
		}
	}
	wanted := map[*branch]bool{}
	for _, i := range places {
		id := s.events[i].Meta.CausationID
		if id == "" {
			id = s.events[i].ID
		}
		wanted[t.commands[id]] = true
	}
	for b := range wanted {
		for n, i := range b.events {
			t.steps[i] = Step{Number: n + 1, Of: len(b.events)}
		}
	}
	return t
}

// place fills in where an event stands among the others.
func (t *tree) place(entry *HistoryEntry, i int) {
	id := entry.CausationID
	if id == "" {
		id = entry.EventID
	}
	b := t.commands[id]
	entry.Step, entry.CausedBy, entry.LedTo = t.steps[i], b.causedBy, slices.Clone(b.ledTo)
}
