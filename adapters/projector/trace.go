package projector

import (
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/annals-crm/annals/domain"
)

// LiveLane is the lane of the builds that queries read.
const LiveLane = "live"

// traced tells Config.Trace of every page that holds events.
func (p *Projector) traced(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		page, ok := msg.Context().Value(pageKey{}).(domain.Page)
		if !ok || len(page.Events) == 0 {
			return next(msg)
		}
		ctx, end := p.config.Trace(msg.Context(), message.HandlerNameFromCtx(msg.Context()), page)
		msg.SetContext(ctx)
		produced, err := next(msg)
		end(err)
		return produced, err
	}
}
