package messages

// webhooks has what is said about webhooks.
var webhooks = texts{
	"this event was left out already; the webhook tells why, and who did so": "该事件已被跳过;原因和操作人见该 webhook",
	"no webhook has this id":                      "没有此编号的 webhook",
	"this webhook was created already":            "该 webhook 已创建",
	"the webhook was removed; create another one": "该 webhook 已删除;请另行创建",
	"webhooks are sent to https URLs, not to %s":  "webhook 只发送到 https URL,不支持 %s",
	"%s is not the address of a public host":      "%s 不是公网主机的地址",

	"webhooks are sent to https URLs of public hosts, without user name and fragment":                                   "webhook 只发送到公网主机的 https URL,且不含用户名和片段",
	"the server has no key to keep secrets with; start it with --webhook-key":                                           "服务器没有用于保存密钥的主密钥;请以 --webhook-key 启动",
	"no event with this id waits to be sent again; see what waits at the webhook":                                       "没有此编号的事件在等待重新发送;请查看该 webhook 的等待事件",
	"as many secrets as can be sign already; wait for one to end, or rotate with keep_seconds 0, which ends all before": "同时签名的密钥已达上限;请等待其中一个到期,或以 keep_seconds 0 轮换,这会使之前的密钥全部失效",
	"%d secrets sign already, as many as can; rotate again after %s, or with keep_seconds 0, which ends all before":     "已有 %d 个密钥同时签名,达到上限;请在 %s 之后再轮换,或以 keep_seconds 0 轮换,这会使之前的密钥全部失效",
	"%q is no name of a public host, such as hooks.example.com":                                                         "%q 不是公网主机的名称,例如 hooks.example.com",
	"as many events as can be were left out for this webhook; create another one that begins where it is":               "该 webhook 跳过的事件已达上限;请另行创建一个,从其当前位置开始",
	"%q is no URL; send to one such as https://hooks.example.com/annals":                                                "%q 不是 URL;正确的形式如 https://hooks.example.com/annals",
	"a URL of a webhook has neither user name nor fragment; the signature tells who sends it":                           "webhook 的 URL 不能含用户名或片段;发送方由签名证明",
}
