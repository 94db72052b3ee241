package openapitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Find is the operation that a request is for; nil if it is for none.
func (d *Document) Find(method string, u *url.URL) *Operation {
	parts := strings.Split(u.EscapedPath(), "/")
	var found *Operation
	for _, op := range d.Operations {
		if op.Method == method && op.takes(parts) && (found == nil || !strings.Contains(op.Path, "{")) {
			found = op // a path without a variable comes first
		}
	}
	return found
}

func (op *Operation) takes(parts []string) bool {
	pattern := strings.Split(op.Path, "/")
	return slices.EqualFunc(pattern, parts, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

const problemJSON = "application/problem+json"

// Check says what about an answer is not as the document has it. Op is nil if
// the request was for no operation.
func (d *Document) Check(op *Operation, status int, header http.Header, body []byte) error {
	if op == nil {
		return d.checkStray(status, body)
	}
	answer := op.Answers[strconv.Itoa(status)]
	if answer == nil {
		if d.checkStray(status, body) == nil {
			return nil
		}
		return fmt.Errorf("%s: status %d is not documented; the answer was %s", op.ID, status, short(body))
	}
	if err := answer.check(header, body); err != nil && d.checkStray(status, body) != nil {
		return fmt.Errorf("%s: %d: %w; the answer was %s", op.ID, status, err, short(body))
	}
	return nil
}

func (a *Answer) check(header http.Header, body []byte) error {
	if len(a.Content) == 0 {
		if len(body) > 0 {
			return errors.New("a body is not documented")
		}
		return nil
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("content type: %w", err)
	}
	content := a.Content[media]
	if content == nil {
		return fmt.Errorf("%s is not documented", media)
	}
	for name := range header {
		if known := a.Headers[name]; known == nil && documentable(name) {
			return fmt.Errorf("the header %s is not documented", name)
		}
	}
	if !strings.HasSuffix(media, "json") {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	if err := content.Validate(value); err != nil {
		return err
	}
	if code := object(value)["code"]; media == problemJSON && !slices.Contains(a.Codes, fmt.Sprint(code)) {
		return fmt.Errorf("the code %v is not documented", code)
	}
	return nil
}

// documentable tells whether a header is one of ours, not one that HTTP itself or
// the safety of browsers asks for.
func documentable(name string) bool {
	switch name {
	case "Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition", "Content-Security-Policy", "Date", "Cache-Control", "Vary", "Allow",
		"X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy", "Strict-Transport-Security":
		return false
	}
	return !strings.HasPrefix(name, "Access-Control-") && !strings.HasPrefix(name, "Cross-Origin-")
}

// checkStray looks at what is said of a path that is no operation, or before one
// is found.
func (d *Document) checkStray(status int, body []byte) error {
	var problem struct {
		Code   string
		Status int
	}
	if err := json.Unmarshal(body, &problem); err != nil || problem.Status != status || !slices.Contains(d.Codes, problem.Code) {
		return fmt.Errorf("status %d, and %s, is not documented for any path", status, short(body))
	}
	return nil
}

func short(body []byte) string { return string(body[:min(len(body), 1000)]) }
