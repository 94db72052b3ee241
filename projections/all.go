package projections

// All lists every read model the program keeps.
var All = []Model{
	CustomerModel,
	DealModel,
	TicketModel,
	JourneyModel,
	AnalysisModel,
	DisclosureModel,
	TokenUseModel,
	WebhookModel,
}
