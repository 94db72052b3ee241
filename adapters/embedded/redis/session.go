package redis

import (
	"bufio"
	"net"
	"strings"
)

// session is one connection: its transaction, and the keys it watches.
type session struct {
	db     *db
	reader reader
	writer writer

	multi   bool // commands are queued until EXEC
	broken  bool // one of them was refused, so EXEC will be
	queue   []call
	watched map[string]uint64 // key -> version when it was first watched
}

// call is a command that was checked and is ready to run.
type call struct {
	command command
	args    [][]byte
}

func newSession(db *db, conn net.Conn) *session {
	return &session{
		db: db, reader: reader{bufio.NewReaderSize(conn, 64<<10)}, writer: writer{out: bufio.NewWriterSize(conn, 64<<10)},
		watched: map[string]uint64{},
	}
}

// run answers requests until the connection ends. Replies go out together once
// no further request is waiting, so a pipeline costs one write.
func (s *session) run() {
	for {
		args, err := s.reader.command()
		if err != nil {
			return
		}
		if len(args) > 0 {
			s.answer(strings.ToLower(string(args[0])), args[1:])
		}
		if s.reader.in.Buffered() == 0 {
			if err := s.writer.out.Flush(); err != nil {
				return
			}
		}
	}
}

func (s *session) answer(name string, args [][]byte) {
	switch name {
	case "multi":
		if s.multi {
			s.writer.fail("ERR MULTI calls can not be nested")
			return
		}
		s.multi = true
		s.writer.ok()
	case "exec":
		s.exec()
	case "discard":
		if !s.multi {
			s.writer.fail("ERR DISCARD without MULTI")
			return
		}
		s.reset()
		s.writer.ok()
	case "watch":
		s.watch(args)
	case "unwatch":
		clear(s.watched)
		s.writer.ok()
	default:
		s.command(name, args)
	}
}

func (s *session) command(name string, args [][]byte) {
	c, ok := commands(name)
	switch {
	case !ok:
		s.broken = s.multi
		s.writer.fail("ERR unknown command '" + name + "', with args beginning with: ")
	case len(args) < c.least || c.most >= 0 && len(args) > c.most:
		s.broken = s.multi
		s.writer.fail("ERR wrong number of arguments for '" + name + "' command")
	case s.multi:
		s.queue = append(s.queue, call{c, args})
		s.writer.line('+', "QUEUED")
	default:
		s.db.lock(c.writes)
		defer s.db.unlock(c.writes)
		c.run(s.db, args, &s.writer)
	}
}

func (s *session) watch(args [][]byte) {
	if s.multi {
		s.writer.fail("ERR WATCH inside MULTI is not allowed")
		return
	}
	s.db.lock(false)
	defer s.db.unlock(false)
	for _, key := range args {
		if _, known := s.watched[string(key)]; !known {
			s.watched[string(key)] = s.db.version(string(key))
		}
	}
	s.writer.ok()
}

// exec runs what was queued, all at once, unless a watched key has changed.
func (s *session) exec() {
	if !s.multi {
		s.writer.fail("ERR EXEC without MULTI")
		return
	}
	defer s.reset()
	if s.broken {
		s.writer.fail("EXECABORT Transaction discarded because of previous errors.")
		return
	}
	writes := false
	for _, c := range s.queue {
		writes = writes || c.command.writes
	}
	s.db.lock(writes)
	defer s.db.unlock(writes)
	for key, version := range s.watched {
		if s.db.version(key) != version {
			s.writer.nullArray()
			return
		}
	}
	s.writer.array(len(s.queue))
	for _, c := range s.queue {
		c.command.run(s.db, c.args, &s.writer)
	}
}

func (s *session) reset() {
	s.multi, s.broken, s.queue = false, false, nil
	clear(s.watched)
}
