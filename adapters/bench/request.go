package bench

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/annals-crm/annals/domain"
)

// requests makes whole requests to one server, as bytes to send.
type requests struct{ host, token string }

func (r requests) get(path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + r.host + "\r\nAuthorization: Bearer " + r.token + "\r\n\r\n")
}

// post appends a command to request, which may be nil. Without a key the
// command cannot be repeated, with one it can.
func (r requests) post(request []byte, name, key, body string) []byte {
	request = append(request, "POST /v1/commands/"...)
	request = append(request, name...)
	request = append(request, " HTTP/1.1\r\nHost: "...)
	request = append(request, r.host...)
	request = append(request, "\r\nAuthorization: Bearer "...)
	request = append(request, r.token...)
	if key != "" {
		request = append(request, "\r\nIdempotency-Key: "...)
		request = append(request, key...)
	}
	request = append(request, "\r\nContent-Type: application/json\r\nContent-Length: "...)
	request = strconv.AppendInt(request, int64(len(body)), 10)
	request = append(request, "\r\n\r\n"...)
	return append(request, body...)
}

// field reads a text out of an answer without decoding the rest of it.
func field(answer []byte, name string) (string, error) {
	_, rest, found := bytes.Cut(answer, []byte(`"`+name+`":"`))
	value, _, ended := bytes.Cut(rest, []byte(`"`))
	if !found || !ended {
		return "", fmt.Errorf("no %s in %.300s", name, answer)
	}
	return string(value), nil
}

func positionOf(answer []byte) (domain.Position, error) {
	text, err := field(answer, "position")
	if err != nil {
		return domain.Position{}, err
	}
	return domain.ParsePosition(text) //nolint:wrapcheck // says what is wrong
}
