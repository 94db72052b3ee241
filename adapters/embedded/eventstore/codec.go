package eventstore

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// encoded is a message that is already in the form it travels in. Events are stored that way, so sending one to a reader
// costs no marshalling and no copy.
type encoded []byte

// codec speaks protobuf like gRPC's own and lets encoded messages through.
type codec struct{ proto encoding.CodecV2 }

func newCodec() codec { return codec{proto: encoding.GetCodecV2(proto.Name)} }

func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if message, ok := v.(encoded); ok {
		return mem.BufferSlice{mem.SliceBuffer(message)}, nil
	}
	return c.proto.Marshal(v)
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if err := c.proto.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read a request: %w", err)
	}
	return nil
}

func (codec) Name() string { return proto.Name }
