package eventstoredb

import (
	"errors"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/annals-crm/annals/domain"
)

// Outcomes of the log that a caller is told about.
var (
	ErrStreamDeleted = &domain.Error{Kind: domain.Refused, Code: "stream_deleted", Message: "this record was deleted for good; nothing can be added to it"}
	ErrEventTooLarge = &domain.Error{Kind: domain.Invalid, Code: "event_too_large", Message: "the request records more than the log takes at once (16 MiB); send less"}
)

var errPanic = errors.New("the event log driver panicked")

// verdict is what an error of the driver says about the call.
type verdict int

const (
	answered  verdict = iota // the server has decided, also when it said no
	transient                // unknown outcome; worth repeating on this connection
	broken                   // unknown outcome; this connection is of no more use
)

// judge looks through wrapping, which the driver's own esdb.FromError does not.
func judge(err error) verdict {
	if err == nil {
		return answered
	}
	if errors.Is(err, errPanic) || errors.Is(err, errDropped) {
		return broken
	}
	if errors.Is(err, errCallEnded) {
		return judgeEnd(status.Code(err))
	}
	switch codeOf(err) { //nolint:exhaustive // all others are answers
	case esdb.ErrorCodeConnectionClosed, esdb.ErrorUnavailable:
		return broken
	case esdb.ErrorCodeDeadlineExceeded, esdb.ErrorAborted, esdb.ErrorCodeNotLeader:
		return transient
	case esdb.ErrorCodeUnknown:
		switch status.Code(err) { //nolint:exhaustive // all others leave the outcome open
		case codes.Unavailable:
			return broken
		case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange, codes.PermissionDenied,
			codes.Unauthenticated, codes.Unimplemented, codes.NotFound, codes.AlreadyExists:
			return answered
		default:
			if tooLarge(err) {
				return answered
			}
			return transient
		}
	default:
		return answered
	}
}

// judgeEnd is about the call that many appends share. What ended it need not be
// about the append that asks, unless it is about who we are.
func judgeEnd(code codes.Code) verdict {
	switch code { //nolint:exhaustive // all others leave the outcome open
	case codes.Unavailable:
		return broken
	case codes.PermissionDenied, codes.Unauthenticated:
		return answered
	default:
		return transient
	}
}

// codeOf is ErrorCodeUnknown for errors that are not the driver's.
func codeOf(err error) esdb.ErrorCode {
	if e, ok := errors.AsType[*esdb.Error](err); ok {
		return e.Code()
	}
	return esdb.ErrorCodeUnknown
}

// tooLarge recognises the server's limits on events and appends, and those of
// gRPC itself, which have no code of their own in the driver.
func tooLarge(err error) bool {
	s, ok := status.FromError(err)
	if !ok || s.Code() != codes.InvalidArgument && s.Code() != codes.ResourceExhausted {
		return false
	}
	text := strings.ToLower(s.Message())
	return strings.Contains(text, "exceed") || strings.Contains(text, "larger than max")
}
