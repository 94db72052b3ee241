package messages

// deals has what is said about deals, their contracts and payments.
var deals = texts{
	"no such deal":                                                                    "商机不存在",
	"this deal was opened already":                                                    "该商机已创建",
	"the deal is closed; reopen it first":                                             "该商机已关闭;请先重新打开",
	"the deal is open; only a won or lost deal can be reopened":                       "该商机尚未关闭;只有赢单或输单的商机才能重新打开",
	"the deal is %s since %s; reopen it first":                                        "该商机自 %[2]s 起为 %[1]s 状态;请先重新打开",
	"the policy has no such stage":                                                    "策略中没有此阶段",
	"the policy has no stage %q; it has %s":                                           "策略中没有阶段 %q;可选阶段为 %s",
	"the stage needs a fact that is not recorded":                                     "进入该阶段所需的事实尚未记录",
	"stage %s needs %s; %s records it":                                                "进入阶段 %s 需要 %s;可用命令 %s 记录",
	"moving back from %s to %s needs a reason":                                        "从 %s 退回到 %s 需要填写原因",
	"say why the deal was lost; lost deals are learnt from":                           "请填写输单原因,以便总结经验",
	"say why the %s deal is reopened":                                                 "请填写重新打开该 %s 商机的原因",
	"closed_on cannot be %s, which is before the deal was opened on %s":               "closed_on 不能是 %s,它早于商机的创建日期 %s",
	"a deal has one currency":                                                         "一个商机只能使用一种币种",
	"this deal is in %s, so its amounts cannot be in %s":                              "该商机的币种为 %s,金额不能使用 %s",
	"the contract was signed already":                                                 "合同已签署",
	"the contract was signed already, on %s; a further contract is a deal of its own": "合同已于 %s 签署;另一份合同应作为新的商机",
	"no contract is signed, so there is nothing to pay; sign-contract comes first":    "尚未签署合同,没有应收款项;请先执行 sign-contract",
	"more was paid than is due":                                                       "回款金额超过应收金额",
	"a payment must be more than 0":                                                   "回款金额必须大于 0",
	"only %d of %d minor units are still due, so %d cannot be for this deal":          "应收 %[2]d 个最小货币单位中仅余 %[1]d 未回款,因此 %[3]d 不可能属于该商机",
	"%s cannot be %s, which is after %s, the day this happened":                       "%s 不能是 %s,它晚于此事发生的日期 %s",
}
