package eventlog

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// written is a history kept in a slice; all of it is recent.
type written []uuid.UUID

func (w written) idAt(revision int64) (uuid.UUID, bool, error) {
	if revision < 0 || revision >= int64(len(w)) {
		return uuid.Nil, false, nil
	}
	return w[revision], true, nil
}

func (w written) recent(id uuid.UUID) (int64, bool) {
	for i := len(w) - 1; i >= 0; i-- {
		if w[i] == id {
			return int64(i), true
		}
	}
	return 0, false
}

func TestDecisions(t *testing.T) {
	a, b, c, d, x := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	three := written{a, b, c}
	live := head{last: 2}
	gone := head{last: 2, described: true, retention: retention{truncateBefore: deletedBefore}}
	back := head{last: 3, described: true, retention: retention{truncateBefore: 3}}
	for name, tc := range map[string]struct {
		expected Expected
		head     head
		ids      []uuid.UUID
		past     written
		want     decision
	}{
		"as expected":                             {2, live, []uuid.UUID{x}, three, decision{verdict: write}},
		"ahead":                                   {3, live, []uuid.UUID{x}, three, decision{verdict: wrong}},
		"behind, other events":                    {1, live, []uuid.UUID{x}, three, decision{verdict: wrong}},
		"behind, the same event":                  {1, live, []uuid.UUID{c}, three, decision{repeat, 2}},
		"behind, the same events":                 {0, live, []uuid.UUID{b, c}, three, decision{repeat, 2}},
		"behind, the same and then another":       {0, live, []uuid.UUID{b, x}, three, decision{verdict: wrong}},
		"behind, the same and more than there is": {1, live, []uuid.UUID{c, x}, three, decision{verdict: wrong}},
		"behind, nothing to write":                {0, live, nil, three, decision{repeat, 0}},
		"no stream, none":                         {NoStream, emptyHead(), []uuid.UUID{x}, nil, decision{verdict: write}},
		"no stream, live":                         {NoStream, live, []uuid.UUID{x}, three, decision{verdict: wrong}},
		"no stream, retry":                        {NoStream, live, []uuid.UUID{a, b}, three, decision{repeat, 1}},
		"no stream, deleted":                      {NoStream, gone, []uuid.UUID{x}, three, decision{verdict: write}},
		"no stream, retry of what revived":        {NoStream, back, []uuid.UUID{d}, written{a, b, c, d}, decision{repeat, 3}},
		"no stream, revived by another":           {NoStream, back, []uuid.UUID{x}, written{a, b, c, d}, decision{verdict: wrong}},
		"last revision, deleted":                  {2, gone, []uuid.UUID{x}, three, decision{verdict: write}},
		"any, new":                                {Any, live, []uuid.UUID{x}, three, decision{verdict: write}},
		"any, retry":                              {Any, live, []uuid.UUID{a, b}, three, decision{repeat, 1}},
		"any, partly known":                       {Any, live, []uuid.UUID{c, x}, three, decision{verdict: write}},
		"any, known but apart":                    {Any, live, []uuid.UUID{a, c}, three, decision{verdict: write}},
		"any, nothing to write":                   {Any, live, nil, three, decision{verdict: write}},
		"exists, never written":                   {StreamExists, emptyHead(), []uuid.UUID{x}, nil, decision{verdict: wrong}},
		"exists, described only":                  {StreamExists, head{last: none, described: true}, []uuid.UUID{x}, nil, decision{verdict: write}},
		"exists, deleted":                         {StreamExists, gone, []uuid.UUID{a}, three, decision{verdict: wrong}},
		"exists, retry":                           {StreamExists, live, []uuid.UUID{c}, three, decision{repeat, 2}},
		"tombstoned":                              {Any, head{last: 2, tombstoned: true}, []uuid.UUID{x}, three, decision{verdict: deleted}},
		"tombstoned, as expected":                 {2, head{last: 2, tombstoned: true}, []uuid.UUID{x}, three, decision{verdict: deleted}},
		"an expectation that means nothing":       {-3, live, []uuid.UUID{x}, three, decision{verdict: wrong}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decide(tc.expected, tc.head, tc.ids, tc.past)
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestRecentIDsForgetTheOldest(t *testing.T) {
	recent := newRecentIDs(3)
	ids := make([]uuid.UUID, 5)
	for i := range ids {
		ids[i] = uuid.New()
		recent.add(ids[i], "s", int64(i))
	}
	for i, id := range ids {
		revision, found := recent.find(id, "s")
		assert.Equal(t, i >= 2, found)
		if found {
			assert.EqualValues(t, i, revision)
		}
	}
	_, found := recent.find(ids[4], "other")
	assert.False(t, found)
	recent.add(ids[4], "other", 7)
	revision, found := recent.find(ids[4], "other")
	assert.True(t, found)
	assert.EqualValues(t, 7, revision)
}
