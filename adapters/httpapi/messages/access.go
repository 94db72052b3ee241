package messages

// access has what is said about tokens, service accounts and what was shown to whom.
var access = texts{
	"this is of records that you do not see":                                                      "这涉及您无权查看的记录",
	"no token has this id; list the tokens to see their ids":                                      "没有此编号的令牌;可列出令牌查看编号",
	"this token was issued already; issue one with a new id and a new secret":                     "该令牌已签发;请使用新的编号和新的密钥签发",
	"another caller goes by this name":                                                            "此名称已被另一个调用方使用",
	"no service account has this name; list them to see their names":                              "没有此名称的服务账号;可列出服务账号查看名称",
	"this service account is disabled; enable it first":                                           "该服务账号已停用;请先启用",
	"a service account needs at least one role of %s":                                             "服务账号至少需要以下角色之一:%s",
	"responsible must be a person, who is asked when something goes wrong":                        "responsible 必须是个人,出现问题时由其负责",
	"there is a service account %q":                                                               "服务账号 %q 已存在",
	"hash must be the SHA-256 of the secret in 64 hexadecimal digits":                             "hash 必须是密钥的 SHA-256,以 64 位十六进制数字表示",
	"a token needs at least one role of %s":                                                       "令牌至少需要以下角色之一:%s",
	"expires_at must lie in the future":                                                           "expires_at 必须是将来的时间",
	"a service account has the name %q; issue the token for it (kind %s), or choose another name": "名称 %q 属于一个服务账号;请为该账号签发令牌(类型 %s),或改用其他名称",
	"no service account has the name %q; create it first":                                         "没有名为 %q 的服务账号;请先创建",
	"the service account has no role %q; it has %s":                                               "该服务账号没有角色 %q;它的角色为 %s",
	"token %s has the name %q, which reads the same; choose another, or write it that way":        "令牌 %s 的名称 %q 与此看起来相同;请改用其他名称,或采用相同写法",
	"token %s has the name %q, and what both do could not be told apart; choose another name, revoke that token, or say that this one renews it (renews, --renew)": "令牌 %s 已使用名称 %q,两者的操作将无法区分;请改用其他名称、吊销该令牌,或声明新令牌用于续期(renews、--renew)",
	"%s cannot be %q: that is the program itself, which looks after no records":                                                                                    "%s 不能是 %q:那是程序自身,不负责任何记录",
	"name cannot be %q: the history would take what the token does for the work of the program":                                                                    "name 不能是 %q:否则历史记录会把该令牌的操作视为程序自身的操作",
	"scopes cannot hold %q; a scope is %s (all queries), %s (all commands), or the name of an operation as in the reference, such as move-deal":                    "scopes 不能包含 %q;权限范围可以是 %s(全部查询)、%s(全部命令),或参考文档中的操作名称,例如 move-deal",

	"your roles do not allow this":                                                          "您的角色无权执行此操作",
	"this needs one of the roles %s; you hold %s":                                           "此操作需要以下角色之一:%s;您的角色为 %s",
	"your token does not reach this far; see details":                                       "您的令牌权限范围不足;请查看 details",
	"this needs the scope %s; your token has %s":                                            "此操作需要权限范围 %s;您的令牌具有 %s",
	"your token can issue tokens with no other scopes than its own: %s":                     "您的令牌只能签发权限范围不超出自身的令牌:%s",
	"send a valid token as Authorization: Bearer <token>, or as the password of HTTP Basic": "请以 Authorization: Bearer <令牌> 的形式,或作为 HTTP Basic 的密码,提供有效的令牌",

	"no such disclosure":                   "披露记录不存在",
	"this disclosure was recorded already": "该披露已记录",

	"the issuer of your token does not answer, so the token cannot be checked; repeat the request a little later":                        "您的令牌的签发方没有响应,无法验证令牌;请稍后重新提交请求",
	"you are known here, but hold no role; whoever manages your account has to give you one":                                             "系统已识别您的身份,但您没有任何角色;请由管理您账号的人员授予角色",
	"your token names a caller that somebody else is here":                                                                               "您的令牌所指的调用方在此系统中是另一个人",
	"your token names a caller that a program is here; nobody else goes by its name":                                                     "您的令牌所指的调用方在此系统中是一个程序;其他人不能使用它的名称",
	"your token names a caller whose name reads like that of another here, in other letters":                                             "您的令牌所指的调用方名称与此系统中另一个名称看起来相同,但字符不同",
	"too many requests with tokens that are not valid came from your address; check the token, and wait for as long as Retry-After says": "来自您地址的请求中无效令牌过多;请检查令牌,并按 Retry-After 指定的时间等待",
}
