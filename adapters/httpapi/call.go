package httpapi

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/adapters/httpapi/messages"
	"github.com/annals-crm/annals/domain/access"
)

// call is one request on its way through: what is learned about it at one
// station and needed at another. It also records the status that is sent.
type call struct {
	http.ResponseWriter
	status    int
	id        string // made when first asked for
	request   *http.Request
	caller    Caller
	role      string        // the role that allowed it
	kept      *bytes.Buffer // answer that is held back to be masked; nil: none is
	scope     access.Scope
	reach     access.Reach // the records that scope means
	shown     shown
	operation string // empty until the router has found it
	side      string // where its fields are: "body" or "query"
	// longest is the context without the deadline of a request, for an answer
	// that goes on as long as the caller is there.
	longest  context.Context
	headOnly bool          // a HEAD request: net/http sends what is written as a length at most
	notice   *notice       // that the operation is deprecated; nil: it is not
	slot     chan struct{} // among the requests in flight; nil: none

	languages *messages.Asker
	speaks    messages.Language // as language found out
}

// leave makes room for another request before this one has ended.
func (c *call) leave() {
	if c.slot != nil {
		<-c.slot
		c.slot = nil
	}
}

type callKey struct{}

// callOf is the call that ctx belongs to; an empty one outside of requests.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// language is the one the caller is answered in: English outside of requests.
func (c *call) language() messages.Language {
	if c.speaks.Tag == "" && c.languages != nil {
		c.speaks = c.languages.Language(strings.Join(c.request.Header.Values("Accept-Language"), ","))
	}
	return c.speaks
}

func (c *call) requestID() string {
	if c.id == "" {
		c.id = uuid.NewString()
	}
	return c.id
}

// begin notes the status of an answer, and completes its headers.
func (c *call) begin(status int) {
	if c.status == 0 {
		c.status = status
		c.notice.say(c.Header())
	}
}

func (c *call) WriteHeader(status int) {
	c.begin(status)
	if status >= http.StatusBadRequest { // problems, and nothing else, hold messages
		c.Header().Set("Content-Language", c.language().Tag)
	}
	if c.kept != nil {
		return
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *call) Write(b []byte) (int, error) {
	c.begin(http.StatusOK)
	if c.kept != nil {
		return c.kept.Write(b)
	}
	return c.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (c *call) Unwrap() http.ResponseWriter { return c.ResponseWriter }
