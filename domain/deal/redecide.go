package deal

import "github.com/annals-crm/annals/domain/policy"

// Redecide is a fact with the probabilities that a policy gives to the stages it
// names, whatever policy applied when it was recorded (ES-05). Which stages a
// deal went through was decided by people, and stays.
func Redecide(e Event, p policy.Version) Event {
	weigh := func(stage string, probability *int) {
		if i := p.Pack.Sales.Order(stage); i >= 0 {
			*probability = p.Pack.Sales.Stages[i].Probability
		}
	}
	switch e := e.(type) {
	case Opened:
		weigh(e.Stage, &e.Probability)
		return e
	case StageMoved:
		weigh(e.From, &e.FromProbability)
		weigh(e.To, &e.Probability)
		return e
	case Reopened:
		weigh(e.Stage, &e.Probability)
		return e
	case Won:
		weigh(e.Stage, &e.Probability)
		return e
	case Lost:
		weigh(e.Stage, &e.Probability)
		return e
	case OwnerAssigned:
		weigh(e.Stage, &e.Probability)
		return e
	case AmountChanged:
		weigh(e.Stage, &e.Probability)
		return e
	case QuoteSent, ContractSigned, PaymentReceived, DetailsChanged:
	}
	return e
}
