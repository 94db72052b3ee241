package redis

import (
	"math"
	"strconv"
	"strings"
)

// zcount is how many members have a score between two bounds.
func zcount(d *db, args [][]byte, w *writer) {
	if _, from, to, ok := d.scored(args, w); ok {
		w.int(to - from)
	}
}

// zrangebyscore is the members whose score lies between two bounds, with or
// without scores, from an offset on.
func zrangebyscore(d *db, args [][]byte, w *writer) {
	scores, offset, most := false, 0, -1
	for rest := args[3:]; len(rest) > 0; {
		switch option := strings.ToLower(string(rest[0])); {
		case option == "withscores":
			scores, rest = true, rest[1:]
		case option == "limit" && len(rest) >= 3:
			var err1, err2 error
			offset, err1 = strconv.Atoi(string(rest[1]))
			most, err2 = strconv.Atoi(string(rest[2]))
			if err1 != nil || err2 != nil {
				w.fail("ERR value is not an integer or out of range")
				return
			}
			rest = rest[3:]
		default:
			w.fail("ERR syntax error")
			return
		}
	}
	set, from, to, ok := d.scored(args, w)
	if !ok {
		return
	}
	if from += offset; offset < 0 || from > to {
		from = to
	}
	if most >= 0 {
		to = min(to, from+most)
	}
	set.tell(w, from, to, scores)
}

// scored are the ranks of the members of a set whose score lies between two
// bounds, which follow its key.
func (d *db) scored(args [][]byte, w *writer) (set *sortedSet, from, to int, ok bool) {
	low, lowOut, ok1 := readScore(args[1])
	high, highOut, ok2 := readScore(args[2])
	if !ok1 || !ok2 {
		w.fail("ERR min or max is not a float")
		return nil, 0, 0, false
	}
	if set, ok = d.sorted(args[0], w); !ok {
		return nil, 0, 0, false
	}
	from = set.below(low, lowOut)
	return set, from, max(from, set.below(high, !highOut)), true
}

// readScore reads a bound of scores, which an opening bracket leaves out.
func readScore(arg []byte) (score float64, exclusive, ok bool) {
	text, exclusive := strings.CutPrefix(string(arg), "(")
	score, err := strconv.ParseFloat(text, 64)
	return score, exclusive, err == nil && !math.IsNaN(score)
}

// tell writes the entries between two ranks.
func (s *sortedSet) tell(w *writer, from, to int, scores bool) {
	each := 1
	if scores {
		each = 2
	}
	w.array((to - from) * each)
	for c := s.rank(from); from < to; from++ {
		e, _ := c.here()
		w.text(e.member)
		if scores {
			w.float(e.score)
		}
		c.next()
	}
}
