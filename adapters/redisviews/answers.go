package redisviews

import (
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/annals-crm/annals/projections"
)

// figuresRemembered bounds the questions whose answers are kept.
const figuresRemembered = 2048

// figureCache keeps answers with the mark of the last change they were read at.
// While that mark stands, they are still the answers, however far the position
// has moved on.
type figureCache struct {
	answers *lru.Cache[string, answer]
}

// answer is what was read. One that turned out to be out of date is likely to
// be so the next time too; then nobody asks first whether it is.
type answer struct {
	changed string
	moving  bool
	lasting projections.Figures
	passing projections.Figures // at a moment
	moment  string
	counts  countsOf // that both are made of
}

func newFigureCache() *figureCache {
	answers, err := lru.New[string, answer](figuresRemembered)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &figureCache{answers}
}

// question is what is asked of a build.
type question struct {
	prefix           string
	lasting, passing projections.Ask
	key              string // whatever is asked at another moment has the same
	moment           string
}

func newQuestion(prefix string, ask projections.Ask) question {
	q := question{prefix: prefix}
	q.lasting, q.passing = ask.Apart()
	var key, moment strings.Builder
	key.WriteString(prefix)
	for _, group := range ask.Groups {
		key.WriteString("\x00c" + group)
	}
	for _, set := range ask.Samples {
		key.WriteString("\x00s" + set)
	}
	for _, set := range ask.Divided {
		key.WriteString("\x00d" + set)
	}
	for _, series := range ask.Series {
		key.WriteString("\x00t" + series.Name)
		for _, span := range series.Spans {
			key.WriteString("\x01" + string(span.From) + string(span.To))
		}
		if series.Spread {
			key.WriteString("\x01spread")
		}
		if series.Running != nil {
			key.WriteString("\x01running" + strconv.Itoa(*series.Running))
			moment.WriteString(strconv.FormatInt(series.At, 10) + ";")
		}
	}
	for _, states := range ask.States {
		key.WriteString("\x00i" + states.Name)
		for _, at := range states.At {
			if at.Equal(states.Present) {
				key.WriteString("\x01")
				moment.WriteString(strconv.FormatInt(at.UnixMilli(), 10) + ";")
			} else {
				key.WriteString("\x01" + strconv.FormatInt(at.UnixMilli(), 10))
			}
		}
	}
	q.key, q.moment = key.String(), moment.String()
	return q
}
