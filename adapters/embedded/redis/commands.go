package redis

import (
	"strconv"
	"strings"
	"time"
)

// command is one command: how many arguments it takes (most < 0: any number),
// whether it writes, and what it does under the lock.
type command struct {
	least, most int
	writes      bool
	run         func(d *db, args [][]byte, w *writer)
}

// commands finds a command by its name in small letters.
func commands(name string) (command, bool) {
	for _, group := range []func(string) (command, bool){stringCommands, hashCommands, sortedCommands, otherCommands} {
		if c, ok := group(name); ok {
			return c, true
		}
	}
	return command{}, false
}

func stringCommands(name string) (command, bool) {
	switch name {
	case "get":
		return command{1, 1, false, get}, true
	case "set":
		return command{2, 4, true, set}, true
	case "mget":
		return command{1, -1, false, mget}, true
	case "mset":
		return command{2, -1, true, mset}, true
	case "del", "unlink":
		return command{1, -1, true, del}, true
	case "exists":
		return command{1, -1, false, exists}, true
	case "ttl":
		return command{1, 1, false, ttl}, true
	}
	return command{}, false
}

func get(d *db, args [][]byte, w *writer) {
	switch v := d.get(string(args[0])); {
	case v == nil:
		w.null()
	case v.text == nil:
		w.fail(wrongType)
	default:
		w.bulk(v.text)
	}
}

func set(d *db, args [][]byte, w *writer) {
	v := &value{text: args[1]}
	if len(args) > 2 {
		unit := map[string]time.Duration{"ex": time.Second, "px": time.Millisecond}[strings.ToLower(string(args[2]))]
		if unit == 0 || len(args) != 4 {
			w.fail("ERR syntax error")
			return
		}
		n, err := strconv.ParseInt(string(args[3]), 10, 64)
		if err != nil || n <= 0 {
			w.fail("ERR invalid expire time in 'set' command")
			return
		}
		v.expires = time.Now().Add(time.Duration(n) * unit)
	}
	d.set(string(args[0]), v)
	w.ok()
}

func mget(d *db, args [][]byte, w *writer) {
	w.array(len(args))
	for _, key := range args {
		if v := d.get(string(key)); v != nil && v.text != nil {
			w.bulk(v.text)
		} else {
			w.null()
		}
	}
}

func mset(d *db, args [][]byte, w *writer) {
	if len(args)%2 != 0 {
		w.fail("ERR wrong number of arguments for 'mset' command")
		return
	}
	for i := 0; i < len(args); i += 2 {
		d.set(string(args[i]), &value{text: args[i+1]})
	}
	w.ok()
}

func del(d *db, args [][]byte, w *writer) {
	n := 0
	for _, key := range args {
		if d.delete(string(key)) {
			n++
		}
	}
	w.int(n)
}

func exists(d *db, args [][]byte, w *writer) {
	n := 0
	for _, key := range args {
		if d.get(string(key)) != nil {
			n++
		}
	}
	w.int(n)
}

func ttl(d *db, args [][]byte, w *writer) {
	switch v := d.get(string(args[0])); {
	case v == nil:
		w.int(-2)
	case v.expires.IsZero():
		w.int(-1)
	default:
		w.int(int((time.Until(v.expires) + 500*time.Millisecond) / time.Second))
	}
}
