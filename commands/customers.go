package commands

func customerStream(id string) string { return "customer-" + id }
