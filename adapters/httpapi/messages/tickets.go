package messages

// tickets has what is said about service tickets.
var tickets = texts{
	"no such ticket":                                   "工单不存在",
	"this ticket was opened already":                   "该工单已创建",
	"the ticket is resolved; reopen it first":          "该工单已解决;请先重新打开",
	"the ticket is closed; reopen it first":            "该工单已关闭;请先重新打开",
	"the ticket is not resolved yet; resolve it first": "该工单尚未解决;请先解决",
	"it is too late to reopen the ticket; open a new one with linked_to set to this one":   "已超过重新打开该工单的期限;请新建工单,并将 linked_to 设为该工单",
	"the ticket could be reopened until %s; open a new one with linked_to set to this one": "该工单只能在 %s 之前重新打开;请新建工单,并将 linked_to 设为该工单",
}
