package main

import (
	"context"

	"github.com/annals-crm/annals/adapters/analyses"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
)

// analysesUnderWay is what processes tell each other of analyses, as the API shows it.
type analysesUnderWay struct{ views *redisviews.Store }

func (u analysesUnderWay) Progress(ctx context.Context, a projections.AnalysisRecord) (projections.AnalysisProgress, error) {
	return analyses.ProgressOf(ctx, u.views, a)
}

func (u analysesUnderWay) Standing(ctx context.Context, id string) (*analysis.Completed, error) {
	return analyses.Standing(ctx, u.views, id)
}
