package projections

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Head is embedded by documents that show one aggregate. The engine keeps it.
type Head struct {
	ID        string    `json:"id" doc:"Id of the record" format:"uuid"`
	Revision  uint64    `json:"revision" doc:"Revision of the record; also its ETag"`
	UpdatedAt time.Time `json:"updated_at" doc:"When the last change happened"`
	UpdatedBy string    `json:"updated_by" doc:"Who made the last change"` // CM-19, AU-02
}

func (h *Head) head() *Head { return h }

func (h *Head) stamp(id string, r *domain.Recorded) {
	h.ID, h.Revision, h.UpdatedAt, h.UpdatedBy = id, r.Revision, r.OccurredAt(), r.Meta.Actor.ID
}
