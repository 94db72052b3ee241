package redis

import (
	"bufio"
	"errors"
	"io"
	"strconv"
)

// Limits of a request, those of Redis.
const (
	maxArguments = 1 << 20
	maxArgument  = 512 << 20
)

var errProtocol = errors.New("not the protocol of Redis")

// reader reads requests: arrays of bulk strings.
type reader struct{ in *bufio.Reader }

// command reads the next request.
func (r reader) command() ([][]byte, error) {
	n, err := r.length('*', maxArguments)
	if err != nil {
		return nil, err
	}
	args := make([][]byte, n)
	for i := range args {
		size, err := r.length('$', maxArgument)
		if err != nil {
			return nil, err
		}
		arg := make([]byte, size+2)
		if _, err := io.ReadFull(r.in, arg); err != nil {
			return nil, err //nolint:wrapcheck // the connection is over
		}
		args[i] = arg[:size:size]
	}
	return args, nil
}

func (r reader) length(kind byte, most int) (int, error) {
	line, err := r.in.ReadSlice('\n')
	if err != nil {
		return 0, err //nolint:wrapcheck // the connection is over
	}
	if len(line) < 4 || line[0] != kind {
		return 0, errProtocol
	}
	n, err := strconv.Atoi(string(line[1 : len(line)-2]))
	if err != nil || n < 0 || n > most {
		return 0, errProtocol
	}
	return n, nil
}

// writer writes replies. A connection that is gone shows at the next read.
type writer struct {
	out     *bufio.Writer
	scratch []byte
}

func (w *writer) line(kind byte, text string) {
	_ = w.out.WriteByte(kind)
	_, _ = w.out.WriteString(text)
	_, _ = w.out.WriteString("\r\n")
}

func (w *writer) number(kind byte, n int64) {
	w.scratch = append(strconv.AppendInt(append(w.scratch[:0], kind), n, 10), "\r\n"...)
	_, _ = w.out.Write(w.scratch)
}

func (w *writer) ok()                 { w.line('+', "OK") }
func (w *writer) fail(message string) { w.line('-', message) }
func (w *writer) int(n int)           { w.number(':', int64(n)) }
func (w *writer) array(n int)         { w.number('*', int64(n)) }
func (w *writer) null()               { w.line('$', "-1") }
func (w *writer) nullArray()          { w.line('*', "-1") }

func (w *writer) bulk(text []byte) {
	w.number('$', int64(len(text)))
	_, _ = w.out.Write(text)
	_, _ = w.out.WriteString("\r\n")
}

func (w *writer) text(text string) {
	w.number('$', int64(len(text)))
	_, _ = w.out.WriteString(text)
	_, _ = w.out.WriteString("\r\n")
}

// float writes a score the way Redis does.
func (w *writer) float(f float64) {
	w.text(string(strconv.AppendFloat(nil, f, 'g', 17, 64)))
}
