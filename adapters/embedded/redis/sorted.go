package redis

import (
	"slices"
	"sort"
	"strings"
)

// blockSize bounds the entries moved by one insertion.
const blockSize = 256

// sortedSet keeps members by score and then by name. Entries lie in sorted
// blocks, so looking one up is two binary searches, and a rank is found by the
// lengths of the blocks before it, of which a million entries have a few
// thousand.
type sortedSet struct {
	blocks [][]entry
	size   int
	scores map[string]float64 // of members whose score is not 0: orderings need none
}

type entry struct {
	score  float64
	member string
}

func newSortedSet() *sortedSet { return &sortedSet{scores: map[string]float64{}} }

func (s *sortedSet) len() int { return s.size }

func compare(a, b entry) int {
	switch {
	case a.score < b.score:
		return -1
	case a.score > b.score:
		return 1
	default:
		return strings.Compare(a.member, b.member)
	}
}

// find is where e is, or would be inserted.
func (s *sortedSet) find(e entry) (block, at int, found bool) {
	block = max(sort.Search(len(s.blocks), func(i int) bool { return compare(s.blocks[i][0], e) > 0 })-1, 0)
	if len(s.blocks) == 0 {
		return 0, 0, false
	}
	at, found = slices.BinarySearchFunc(s.blocks[block], e, compare)
	return block, at, found
}

// score is the score of a member.
func (s *sortedSet) score(member string) (float64, bool) {
	if score, ok := s.scores[member]; ok {
		return score, true
	}
	_, _, found := s.find(entry{0, member})
	return 0, found
}

// put sets the score of a member and tells whether it is new.
func (s *sortedSet) put(member string, score float64) bool {
	before, known := s.score(member)
	if known && before == score {
		return false
	}
	if known {
		s.take(entry{before, member})
	}
	s.insert(entry{score, member})
	return !known
}

// remove takes out a member and tells whether it was there.
func (s *sortedSet) remove(member string) bool {
	score, known := s.score(member)
	if known {
		s.take(entry{score, member})
	}
	return known
}

func (s *sortedSet) insert(e entry) {
	if e.score != 0 {
		s.scores[e.member] = e.score
	}
	s.size++
	if len(s.blocks) == 0 {
		s.blocks = [][]entry{{e}}
		return
	}
	i, at, _ := s.find(e)
	block := slices.Insert(s.blocks[i], at, e)
	s.blocks[i] = block
	if len(block) <= blockSize {
		return
	}
	// What is appended at the end mostly goes on being appended there: the
	// blocks left behind are then full ones.
	half := len(block) / 2
	if i == len(s.blocks)-1 && at == len(block)-1 {
		half = len(block) - 1
	}
	s.blocks[i] = slices.Clip(block[:half])
	s.blocks = slices.Insert(s.blocks, i+1, slices.Clone(block[half:]))
}

func (s *sortedSet) take(e entry) {
	delete(s.scores, e.member)
	i, at, found := s.find(e)
	if !found {
		return
	}
	s.size--
	s.blocks[i] = slices.Delete(s.blocks[i], at, at+1)
	switch next := i + 1; {
	case len(s.blocks[i]) == 0:
		s.blocks = slices.Delete(s.blocks, i, i+1)
	case next < len(s.blocks) && len(s.blocks[i])+len(s.blocks[next]) < blockSize/2:
		s.blocks[i] = append(s.blocks[i], s.blocks[next]...)
		s.blocks = slices.Delete(s.blocks, next, next+1)
	}
}

// cursor is a place in a sorted set.
type cursor struct {
	set       *sortedSet
	block, at int
}

// rank is the place of the n-th entry.
func (s *sortedSet) rank(n int) cursor {
	for i, block := range s.blocks {
		if n < len(block) {
			return cursor{s, i, n}
		}
		n -= len(block)
	}
	return cursor{s, len(s.blocks), 0}
}

// from is the place of the first entry not before e; after it if behind is set.
func (s *sortedSet) from(e entry, behind bool) cursor {
	block, at, found := s.find(e)
	if found && behind {
		at++
	}
	c := cursor{s, block, at}
	if block < len(s.blocks) && at == len(s.blocks[block]) {
		c.block, c.at = block+1, 0
	}
	return c
}

// here is the entry at the cursor; false past either end.
func (c *cursor) here() (entry, bool) {
	if c.block < 0 || c.block >= len(c.set.blocks) {
		return entry{}, false
	}
	return c.set.blocks[c.block][c.at], true
}

func (c *cursor) next() {
	if c.at++; c.at == len(c.set.blocks[c.block]) {
		c.block, c.at = c.block+1, 0
	}
}

func (c *cursor) back() {
	if c.at--; c.at < 0 {
		if c.block--; c.block >= 0 {
			c.at = len(c.set.blocks[c.block]) - 1
		}
	}
}

// below is how many members have a score less than one, or also that one.
func (s *sortedSet) below(score float64, also bool) int {
	less := func(e entry) bool { return e.score < score || also && e.score == score }
	block := sort.Search(len(s.blocks), func(i int) bool { return !less(s.blocks[i][0]) })
	if block == 0 {
		return 0
	}
	n := sort.Search(len(s.blocks[block-1]), func(i int) bool { return !less(s.blocks[block-1][i]) })
	for _, b := range s.blocks[:block-1] {
		n += len(b)
	}
	return n
}
