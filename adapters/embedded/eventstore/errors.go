package eventstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/annals-crm/annals/adapters/embedded/eventstore/internal/eventlog"
)

// The names by which clients tell refusals apart. They travel in the trailers, beside a gRPC status.
const (
	exceptionKey                 = "exception"
	exceptionStreamDeleted       = "stream-deleted"
	exceptionWrongVersion        = "wrong-expected-version"
	exceptionInvalidTransaction  = "invalid-transaction"
	exceptionAppendTooLarge      = "maximum-append-size-exceeded"
	exceptionAppendEventTooLarge = "maximum-append-event-size-exceeded"
	exceptionMissingProperty     = "missing-required-metadata-property"

	streamNameKey = "stream-name"
)

// badRequestError is a request that no state of the log could make valid.
type badRequestError struct{ message string }

func (e *badRequestError) Error() string { return e.message }

type eventTooLargeError struct {
	id   uuid.UUID
	size int
}

func (e *eventTooLargeError) Error() string {
	return fmt.Sprintf("event %s has %d bytes, at most %d are allowed", e.id, e.size, maxEventBytes)
}

type appendTooLargeError struct{ limit int }

func (e *appendTooLargeError) Error() string {
	return fmt.Sprintf("the append is larger than the %d bytes that are allowed", e.limit)
}

var (
	errMissingProperty = errors.New("required metadata properties are missing: type, content-type")
	errShuttingDown    = errors.New("the event store is shutting down")
)

// refusal is an error in the terms of the protocol.
type refusal struct {
	code      codes.Code
	exception string
	details   []string // keys and values
}

func classify(err error) refusal {
	var gone *eventlog.DeletedError
	var wrong *eventlog.WrongRevisionError
	var event *eventTooLargeError
	var transaction *appendTooLargeError
	var bad *badRequestError
	switch {
	case errors.As(err, &gone):
		return refusal{codes.FailedPrecondition, exceptionStreamDeleted, []string{streamNameKey, gone.Stream}}
	case errors.As(err, &wrong):
		return refusal{codes.FailedPrecondition, exceptionWrongVersion, []string{
			streamNameKey, wrong.Stream,
			"expected-version", strconv.FormatInt(int64(wrong.Expected), 10),
			"actual-version", strconv.FormatInt(wrong.Current, 10),
		}}
	case errors.As(err, &event):
		return refusal{codes.InvalidArgument, exceptionAppendEventTooLarge, []string{
			"event-id", event.id.String(),
			"proposed-append-event-size", strconv.Itoa(event.size),
			"maximum-append-event-size", strconv.Itoa(maxEventBytes),
		}}
	case errors.As(err, &transaction):
		return refusal{codes.InvalidArgument, exceptionAppendTooLarge, []string{
			"maximum-append-size", strconv.Itoa(transaction.limit),
		}}
	case errors.Is(err, errMissingProperty):
		return refusal{codes.InvalidArgument, exceptionMissingProperty, []string{
			"required-metadata-properties", "type,content-type",
		}}
	case errors.Is(err, eventlog.ErrSystemStream):
		return refusal{code: codes.InvalidArgument, exception: exceptionInvalidTransaction}
	case errors.As(err, &bad):
		return refusal{code: codes.InvalidArgument}
	case errors.Is(err, errShuttingDown), errors.Is(err, eventlog.ErrClosed):
		return refusal{code: codes.Unavailable}
	case errors.Is(err, context.DeadlineExceeded):
		return refusal{code: codes.DeadlineExceeded}
	case errors.Is(err, context.Canceled):
		return refusal{code: codes.Canceled}
	}
	return refusal{code: codes.Internal}
}

// refuse turns an error into the status of a call and sets its trailers. Errors of gRPC itself pass.
func refuse(ctx context.Context, err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	r := classify(err)
	if r.exception != "" {
		trailers := metadata.Pairs(exceptionKey, r.exception)
		for i := 0; i < len(r.details); i += 2 {
			trailers.Set(r.details[i], headerValue(r.details[i+1]))
		}
		if failed := grpc.SetTrailer(ctx, trailers); failed != nil {
			return status.Error(codes.Internal, failed.Error())
		}
	}
	return status.Error(r.code, err.Error())
}

// headerValue keeps a stream name from breaking the response it is reported in.
func headerValue(s string) string {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	if strings.ContainsFunc(s, control) {
		return url.PathEscape(s)
	}
	return s
}
