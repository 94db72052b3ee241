package redis

import (
	"math"
	"strconv"
	"strings"
)

func sortedCommands(name string) (command, bool) {
	switch name {
	case "zadd":
		return command{3, -1, true, zadd}, true
	case "zrem":
		return command{2, -1, true, zrem}, true
	case "zcard":
		return command{1, 1, false, zcard}, true
	case "zcount":
		return command{3, 3, false, zcount}, true
	case "zscore":
		return command{2, 2, false, zscore}, true
	case "zrange":
		return command{3, 4, false, zrange}, true
	case "zrangebyscore":
		return command{3, 7, false, zrangebyscore}, true
	case "zrangebylex":
		return command{3, 6, false, func(d *db, args [][]byte, w *writer) { lexRange(d, args, w, false) }}, true
	case "zrevrangebylex":
		return command{3, 6, false, func(d *db, args [][]byte, w *writer) { lexRange(d, args, w, true) }}, true
	}
	return command{}, false
}

// sorted is the sorted set at a key, empty if there is none; false if the key
// holds something else.
func (d *db) sorted(key []byte, w *writer) (*sortedSet, bool) {
	v := d.get(string(key))
	if v != nil && v.sorted == nil {
		w.fail(wrongType)
		return nil, false
	}
	if v == nil {
		return &sortedSet{}, true
	}
	return v.sorted, true
}

func zadd(d *db, args [][]byte, w *writer) {
	if _, ok := d.sorted(args[0], w); !ok {
		return
	}
	if len(args)%2 != 1 {
		w.fail("ERR syntax error")
		return
	}
	scores := make([]float64, 0, len(args)/2)
	for i := 1; i < len(args); i += 2 {
		score, err := strconv.ParseFloat(string(args[i]), 64)
		if err != nil || math.IsNaN(score) {
			w.fail("ERR value is not a valid float")
			return
		}
		scores = append(scores, score)
	}
	set, added := d.change(string(args[0]), emptySorted).sorted, 0
	for i, score := range scores {
		if set.put(string(args[2*i+2]), score) {
			added++
		}
	}
	w.int(added)
}

func zrem(d *db, args [][]byte, w *writer) {
	set, ok := d.sorted(args[0], w)
	if !ok {
		return
	}
	n := 0
	for _, member := range args[1:] {
		if set.remove(string(member)) {
			n++
		}
	}
	if n > 0 {
		d.dropIfEmpty(string(args[0]), d.change(string(args[0]), emptySorted))
	}
	w.int(n)
}

func zcard(d *db, args [][]byte, w *writer) {
	if set, ok := d.sorted(args[0], w); ok {
		w.int(set.len())
	}
}

func zscore(d *db, args [][]byte, w *writer) {
	set, ok := d.sorted(args[0], w)
	if !ok {
		return
	}
	if score, known := set.score(string(args[1])); known {
		w.float(score)
	} else {
		w.null()
	}
}

// zrange is ZRANGE by rank, with or without scores.
func zrange(d *db, args [][]byte, w *writer) {
	set, ok := d.sorted(args[0], w)
	if !ok {
		return
	}
	from, to, ok := span(args[1], args[2], set.len())
	if !ok {
		w.fail("ERR value is not an integer or out of range")
		return
	}
	scores := len(args) == 4
	if scores && !strings.EqualFold(string(args[3]), "withscores") {
		w.fail("ERR syntax error")
		return
	}
	set.tell(w, from, to, scores)
}

// bound is one end of a lexicographic range: "-", "+", "[a" or "(a".
type bound struct {
	text      string
	exclusive bool
	infinite  int // -1 before all, 1 behind all
}

func readBound(arg []byte) (bound, bool) {
	switch {
	case string(arg) == "-":
		return bound{infinite: -1}, true
	case string(arg) == "+":
		return bound{infinite: 1}, true
	case len(arg) > 0 && (arg[0] == '[' || arg[0] == '('):
		return bound{text: string(arg[1:]), exclusive: arg[0] == '('}, true
	}
	return bound{}, false
}

// within tells whether a member lies above low and below high.
func within(low, high bound, member string) (above, below bool) {
	above = low.infinite < 0 || low.infinite == 0 && (member > low.text || !low.exclusive && member == low.text)
	below = high.infinite > 0 || high.infinite == 0 && (member < high.text || !high.exclusive && member == high.text)
	return above, below
}

// lexRange reads members between two bounds. All have the same score, 0, which
// is also where Redis defines it.
func lexRange(d *db, args [][]byte, w *writer, reverse bool) {
	set, ok := d.sorted(args[0], w)
	if !ok {
		return
	}
	first, second := args[1], args[2]
	if reverse {
		first, second = second, first
	}
	low, ok1 := readBound(first)
	high, ok2 := readBound(second)
	if !ok1 || !ok2 {
		w.fail("ERR min or max not valid string range item")
		return
	}
	offset, count, ok := limit(args[3:])
	if !ok {
		w.fail("ERR syntax error")
		return
	}
	members := stretch(set, low, high, offset, count, reverse)
	w.array(len(members))
	for _, member := range members {
		w.text(member)
	}
}

// limit reads LIMIT offset count; without it, or with a negative count, all.
func limit(args [][]byte) (offset, count int, ok bool) {
	if len(args) == 0 {
		return 0, -1, true
	}
	if len(args) != 3 || !strings.EqualFold(string(args[0]), "limit") {
		return 0, 0, false
	}
	offset, err1 := strconv.Atoi(string(args[1]))
	count, err2 := strconv.Atoi(string(args[2]))
	return offset, count, err1 == nil && err2 == nil
}

func stretch(set *sortedSet, low, high bound, offset, count int, reverse bool) []string {
	var c cursor
	switch {
	case reverse && high.infinite > 0:
		c = set.rank(set.len() - 1)
	case reverse && high.infinite == 0:
		c = set.from(entry{0, high.text}, !high.exclusive)
		c.back()
	case !reverse && low.infinite < 0:
		c = set.rank(0)
	case !reverse && low.infinite == 0:
		c = set.from(entry{0, low.text}, low.exclusive)
	default:
		return nil
	}
	var members []string
	for e, ok := c.here(); ok && len(members) != count; e, ok = c.here() {
		above, below := within(low, high, e.member)
		if !above || !below {
			break
		}
		if offset--; offset < 0 {
			members = append(members, e.member)
		}
		if reverse {
			c.back()
		} else {
			c.next()
		}
	}
	return members
}
