package redis

import (
	"fmt"
	"strings"
)

func otherCommands(name string) (command, bool) {
	switch name {
	case "ping":
		return command{0, 1, false, ping}, true
	case "select":
		return command{1, 1, false, func(_ *db, args [][]byte, w *writer) {
			if string(args[0]) == "0" {
				w.ok()
			} else {
				w.fail("ERR DB index is out of range")
			}
		}}, true
	case "client":
		return command{1, -1, false, func(_ *db, _ [][]byte, w *writer) { w.ok() }}, true
	case "command":
		return command{0, -1, false, func(_ *db, _ [][]byte, w *writer) { w.array(0) }}, true
	case "info":
		return command{0, -1, false, info}, true
	case "dbsize":
		return command{0, 0, false, func(d *db, _ [][]byte, w *writer) { w.int(len(d.keys)) }}, true
	case "flushall", "flushdb":
		return command{0, 1, true, func(d *db, _ [][]byte, w *writer) {
			d.keys = map[string]*value{}
			w.ok()
		}}, true
	case "scan":
		return command{1, 5, false, scan}, true
	}
	return command{}, false
}

func ping(_ *db, args [][]byte, w *writer) {
	if len(args) == 1 {
		w.bulk(args[0])
		return
	}
	w.line('+', "PONG")
}

func info(d *db, _ [][]byte, w *writer) {
	w.text(fmt.Sprintf("# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\nannals_embedded:1\r\n# Keyspace\r\ndb0:keys=%d\r\n", len(d.keys)))
}

// scan answers with all keys at once, which is a correct first and last step.
func scan(d *db, args [][]byte, w *writer) {
	pattern := "*"
	for i := 1; i+1 < len(args); i += 2 {
		switch strings.ToLower(string(args[i])) {
		case "match":
			pattern = string(args[i+1])
		case "count":
		default:
			w.fail("ERR syntax error")
			return
		}
	}
	var found []string
	for key := range d.keys {
		if d.get(key) != nil && matches(pattern, key) {
			found = append(found, key)
		}
	}
	w.array(2)
	w.text("0")
	w.array(len(found))
	for _, key := range found {
		w.text(key)
	}
}

// matches knows the stars, question marks and backslashes of Redis's patterns.
func matches(pattern, key string) bool {
	for pattern != "" {
		switch c := pattern[0]; {
		case c == '*':
			pattern = pattern[1:]
			if pattern == "" {
				return true
			}
			for i := range len(key) + 1 {
				if matches(pattern, key[i:]) {
					return true
				}
			}
			return false
		case c == '?' && key != "":
		case c == '\\' && len(pattern) > 1:
			pattern = pattern[1:]
			if key == "" || key[0] != pattern[0] {
				return false
			}
		case key == "" || key[0] != c:
			return false
		}
		pattern, key = pattern[1:], key[1:]
	}
	return key == ""
}
