package redis

import (
	"math"
	"slices"
	"strconv"
)

func hashCommands(name string) (command, bool) {
	switch name {
	case "hset":
		return command{3, -1, true, hset}, true
	case "hget":
		return command{2, 2, false, hget}, true
	case "hgetall":
		return command{1, 1, false, hgetall}, true
	case "hkeys":
		return command{1, 1, false, hkeys}, true
	case "hincrby":
		return command{3, 3, true, hincrby}, true
	case "hdel":
		return command{2, -1, true, hdel}, true
	case "rpush":
		return command{2, -1, true, rpush}, true
	case "lrange":
		return command{3, 3, false, lrange}, true
	case "ltrim":
		return command{3, 3, true, ltrim}, true
	}
	return command{}, false
}

// hash is the hash at a key, empty if there is none; false if the key holds
// something else.
func (d *db) hash(key []byte, w *writer) (map[string]string, bool) {
	v := d.get(string(key))
	if v != nil && v.hash == nil {
		w.fail(wrongType)
		return nil, false
	}
	if v == nil {
		return nil, true
	}
	return v.hash, true
}

func hset(d *db, args [][]byte, w *writer) {
	if len(args)%2 != 1 {
		w.fail("ERR wrong number of arguments for 'hset' command")
		return
	}
	if _, ok := d.hash(args[0], w); !ok {
		return
	}
	hash, added := d.change(string(args[0]), emptyHash).hash, 0
	for i := 1; i < len(args); i += 2 {
		if _, known := hash[string(args[i])]; !known {
			added++
		}
		hash[string(args[i])] = string(args[i+1])
	}
	w.int(added)
}

func hget(d *db, args [][]byte, w *writer) {
	hash, ok := d.hash(args[0], w)
	if !ok {
		return
	}
	if text, known := hash[string(args[1])]; known {
		w.text(text)
	} else {
		w.null()
	}
}

func hgetall(d *db, args [][]byte, w *writer) {
	hash, ok := d.hash(args[0], w)
	if !ok {
		return
	}
	w.array(2 * len(hash))
	for field, text := range hash {
		w.text(field)
		w.text(text)
	}
}

func hkeys(d *db, args [][]byte, w *writer) {
	hash, ok := d.hash(args[0], w)
	if !ok {
		return
	}
	w.array(len(hash))
	for field := range hash {
		w.text(field)
	}
}

func hincrby(d *db, args [][]byte, w *writer) {
	hash, ok := d.hash(args[0], w)
	if !ok {
		return
	}
	by, err := strconv.ParseInt(string(args[2]), 10, 64)
	if err != nil {
		w.fail("ERR value is not an integer or out of range")
		return
	}
	var now int64
	if text, known := hash[string(args[1])]; known {
		if now, err = strconv.ParseInt(text, 10, 64); err != nil {
			w.fail("ERR hash value is not an integer")
			return
		}
	}
	if by > 0 && now > math.MaxInt64-by || by < 0 && now < math.MinInt64-by {
		w.fail("ERR increment or decrement would overflow")
		return
	}
	d.change(string(args[0]), emptyHash).hash[string(args[1])] = strconv.FormatInt(now+by, 10)
	w.number(':', now+by)
}

func hdel(d *db, args [][]byte, w *writer) {
	hash, ok := d.hash(args[0], w)
	if !ok {
		return
	}
	n := 0
	for _, field := range args[1:] {
		if _, known := hash[string(field)]; known {
			delete(hash, string(field))
			n++
		}
	}
	if n > 0 {
		d.dropIfEmpty(string(args[0]), d.change(string(args[0]), emptyHash))
	}
	w.int(n)
}

func rpush(d *db, args [][]byte, w *writer) {
	if v := d.get(string(args[0])); v != nil && v.list == nil {
		w.fail(wrongType)
		return
	}
	v := d.change(string(args[0]), emptyList)
	v.list = append(v.list, args[1:]...)
	w.int(len(v.list))
}

func lrange(d *db, args [][]byte, w *writer) {
	v := d.get(string(args[0]))
	if v != nil && v.list == nil {
		w.fail(wrongType)
		return
	}
	var list [][]byte
	if v != nil {
		list = v.list
	}
	from, to, ok := span(args[1], args[2], len(list))
	if !ok {
		w.fail("ERR value is not an integer or out of range")
		return
	}
	w.array(to - from)
	for _, item := range list[from:to] {
		w.bulk(item)
	}
}

func ltrim(d *db, args [][]byte, w *writer) {
	v := d.get(string(args[0]))
	if v != nil && v.list == nil {
		w.fail(wrongType)
		return
	}
	n := 0
	if v != nil {
		n = len(v.list)
	}
	from, to, ok := span(args[1], args[2], n)
	if !ok {
		w.fail("ERR value is not an integer or out of range")
		return
	}
	if v != nil {
		v = d.change(string(args[0]), emptyList)
		v.list = slices.Clone(v.list[from:to])
		d.dropIfEmpty(string(args[0]), v)
	}
	w.ok()
}

// span turns Redis's first and last, where -1 is the last of n, into a half-open
// interval within n.
func span(first, last []byte, n int) (from, to int, ok bool) {
	from, err := strconv.Atoi(string(first))
	if err != nil {
		return 0, 0, false
	}
	to, err = strconv.Atoi(string(last))
	if err != nil {
		return 0, 0, false
	}
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to += n
	}
	if to = min(to+1, n); from >= to {
		return 0, 0, true
	}
	return from, to, true
}
