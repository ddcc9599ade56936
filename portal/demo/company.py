"""The demo company: offices, people, topics, kinds of buyers, and what is sold."""

from __future__ import annotations

from portal.demo.shapes import (
    Company,
    Competitor,
    CustomerType,
    Department,
    Endorsement,
    Moment,
    Period,
    Person,
    Policy,
    Product,
    Role,
    Stage,
    Topic,
)

# One row a fact: rows are compared by eye, so they stay on one line.
# fmt: off
COMPANY = Company("安居里房产", "Anjuli Homes", "Asia/Shanghai", "CNY")

DEPARTMENTS = (
    Department("head", "总部", "Head Office", None, "lin"),
    Department("training", "知识与培训部", "Knowledge and Training", "head", "lin"),
    Department("closing", "交易管理部", "Closing Desk", "head", "shen"),
    Department("cuidi", "翠堤店", "Cuidi Office", "head", "wang"),
    Department("xuefu", "学府店", "Xuefu Office", "head", "wu"),
    Department("jintai", "金台店", "Jintai Office", "head", "xu"),
)

PEOPLE = (
    Person("lin", "林静怡", "Lin Jingyi", "linjingyi@anjuli.example", "head", "总经理", "General Manager", ("member", "manager"), "A001", Moment(-118, 6), "19900000001"),
    Person("zhao", "赵文博", "Zhao Wenbo", "zhaowenbo@anjuli.example", "head", "信息主管", "IT Lead", ("member", "administrator"), "A007", Moment(-71, 12), "19900000002"),
    Person("sun", "孙佳慧", "Sun Jiahui", "sunjiahui@anjuli.example", "head", "财务主管", "Finance Lead", ("member", "finance"), "A004", Moment(-96, 3), "19900000003"),
    Person("he", "何立群", "He Liqun", "heliqun@anjuli.example", "head", "内审专员", "Internal Auditor", ("member", "auditor"), "A011", Moment(-45, 9), "19900000004"),
    Person("luo", "罗敏", "Luo Min", "luomin@anjuli.example", "head", "薪酬专员", "Payroll Officer", ("member", "finance"), "A012", Moment(-40, 16), "19900000017"),
    Person("zheng", "郑雅琴", "Zheng Yaqin", "zhengyaqin@anjuli.example", "training", "知识与培训主管", "Knowledge and Training Lead", ("member", "reviewer"), "A005", Moment(-88, 15), "19900000005", ("environment", "layout", "viewing", "relations", "owners", "rules", "debrief")),
    Person("shen", "沈国华", "Shen Guohua", "shenguohua@anjuli.example", "closing", "签约经理", "Closing Manager", ("member", "manager", "reviewer"), "A003", Moment(-102, 8), "19900000006", ("school", "tax", "signing", "transfer", "escrow", "rules")),
    Person("qian", "钱晓峰", "Qian Xiaofeng", "qianxiaofeng@anjuli.example", "closing", "贷款专员", "Mortgage Specialist", ("member", "reviewer"), "A009", Moment(-54, 20), "19900000007", ("loan", "tax", "signing", "transfer", "escrow")),
    Person("wang", "王海涛", "Wang Haitao", "wanghaitao@anjuli.example", "cuidi", "店长", "Office Manager", ("member", "manager", "reviewer"), "B101", Moment(-90, 2), "19900000008", ("environment", "layout", "viewing", "negotiation", "owners", "signing", "debrief")),
    Person("wu", "吴倩", "Wu Qian", "wuqian@anjuli.example", "xuefu", "店长", "Office Manager", ("member", "manager", "reviewer"), "B201", Moment(-76, 17), "19900000009", ("environment", "layout", "school", "relations", "debrief")),
    Person("xu", "徐建国", "Xu Jianguo", "xujianguo@anjuli.example", "jintai", "店长", "Office Manager", ("member", "manager", "reviewer"), "B301", Moment(-84, 5), "19900000010", ("loan", "viewing", "negotiation", "relations", "owners", "signing")),
    Person("feng", "冯雪", "Feng Xue", "fengxue@anjuli.example", "cuidi", "高级置业顾问", "Senior Sales Consultant", ("member", "reviewer"), "B102", Moment(-61, 11), "19900000011", ("environment", "layout", "school", "viewing", "owners", "relations")),
    Person("ma", "马骏", "Ma Jun", "majun@anjuli.example", "jintai", "高级置业顾问", "Senior Sales Consultant", ("member", "reviewer"), "B302", Moment(-58, 23), "19900000012", ("tax", "viewing", "negotiation", "owners", "relations")),
    Person("li", "李明朗", "Li Minglang", "liming@anjuli.example", "cuidi", "置业顾问", "Sales Consultant", ("member",), "B105", Moment(-31, 7), "19900000013"),
    Person("chen", "陈晓雨", "Chen Xiaoyu", "chenxiaoyu@anjuli.example", "xuefu", "置业顾问", "Sales Consultant", ("member",), "B203", Moment(-27, 14), "19900000014"),
    Person("zhou", "周子墨", "Zhou Zimo", "zhouzimo@anjuli.example", "jintai", "置业顾问", "Sales Consultant", ("member",), "B304", Moment(-19, 21), "19900000015"),
    Person("huang", "黄思颖", "Huang Siying", "huangsiying@anjuli.example", "xuefu", "见习置业顾问", "Trainee Sales Consultant", ("member",), "B206", Moment(-2, 10), "19900000016"),
)

LOGINS: tuple[tuple[Role, str], ...] = (
    ("member", "li"),
    ("reviewer", "zheng"),
    ("manager", "wang"),
    ("finance", "sun"),
    ("administrator", "zhao"),
    ("auditor", "he"),
)

SELLERS = ("li", "chen", "feng", "ma", "zhou", "huang")

TOPICS = (
    Topic("homes", "房源", "Homes", None),
    Topic("environment", "环境", "Surroundings", "homes"),
    Topic("layout", "户型", "Layout", "homes"),
    Topic("school", "学区", "Schools", "homes"),
    Topic("transaction", "交易", "Transaction", None),
    Topic("loan", "贷款", "Mortgages", "transaction"),
    Topic("tax", "税费", "Taxes and Fees", "transaction"),
    Topic("signing", "签约", "Signing", "transaction"),
    Topic("transfer", "过户", "Title Transfer", "transaction"),
    Topic("escrow", "资金监管", "Escrow", "transaction"),
    Topic("selling", "销售", "Selling", None),
    Topic("viewing", "带看技巧", "Viewings", "selling"),
    Topic("negotiation", "谈价", "Negotiation", "selling"),
    Topic("relations", "客户关系", "Customer Relations", "selling"),
    Topic("owners", "业主维护", "Owner Relations", "selling"),
    Topic("company", "公司", "Company", None),
    Topic("rules", "制度与流程", "Rules and Procedures", "company"),
    Topic("debrief", "复盘与写作", "Debriefs and Writing", "company"),
)

CUSTOMER_TYPES = (
    CustomerType("school_family", "有学龄儿童家庭", "Family with School-Age Children", "先问学校，再问上学路；怕的是学位落空。"),
    CustomerType("first_home", "首次置业", "First-Time Buyer", "首付和月供都算到百位；怕的是流程里有不懂的钱。"),
    CustomerType("upgrader", "改善置业", "Upgrader", "一卖一买要接得上；怕的是卖了旧房，新房没到手。"),
    CustomerType("investor", "投资", "Investor", "看租金、空置和下家；怕的是好买难卖。"),
    CustomerType("retiree", "养老", "Retiree", "看电梯、医院和邻居；怕的是住进去才发现不方便。"),
    CustomerType("newcomer", "外地来京人员", "Newcomer to Beijing", "看通勤、资格和配套；怕的是资格不够，白跑一趟。"),
)

PRODUCTS = (
    Product("cuidiwan", "A-1024", "翠堤湾", "Cuidi Bay", "小区", "Residential area", "挂牌约 8.6 万元/㎡，近三个月成交价多在挂牌价的 94% 至 97%", "沿河的电梯小区，九栋板楼，两居和三居为主。", "北侧临河，步道 2.3 公里；南侧临主路，一、二号楼低层能听到车声；地下车位 1:0.9。", "89 ㎡ 两居南北通透；118 ㎡ 三居主卧带飘窗，客厅朝南；128 ㎡ 三居有一间北向小卧室。", "对口翠堤小学，多校划片；最近一年本小区的孩子分进两所学校，逐年以区教委公告为准。"),
    Product("xuefuli", "A-1031", "学府里", "Xuefu Lane", "小区", "Residential area", "挂牌约 11.2 万元/㎡，小户型单价更高", "上世纪九十年代的六层板楼，挨着学校。", "院内树多，路窄，晚上停车要找；无电梯，加装电梯已有三个单元动工。", "52 ㎡ 一居、63 ㎡ 小两居为主，暗厅较多；少量 88 ㎡ 三居。", "对口学府小学，多校划片；学位六年内是否用过，必须让业主陪同查询。"),
    Product("fenglin", "A-1047", "枫林逸居", "Maple Grove", "小区", "Residential area", "挂牌约 7.4 万元/㎡", "人车分流的改善型小区，楼间距大。", "中心花园约 1.2 万平方米，人车分流；西侧隔一条路是在建的商业楼。", "132 ㎡ 三居两卫、156 ㎡ 四居两卫，得房率约 79%。", "对口枫林实验小学；初中派位，不单独对口。"),
    Product("jintai", "A-1058", "金台公馆", "Jintai Residence", "小区", "Residential area", "挂牌约 9.1 万元/㎡；一居月租 7,500 元上下", "商圈里的高层，租客以周边上班族为主。", "两条地铁线步行 6 分钟；临街一侧夜间车声明显，北向更静。", "58 ㎡ 一居、86 ㎡ 两居，开间正，三梯八户。", "对口学校普通，家里有学龄儿童的客户要先说清楚。"),
    Product("yinxing", "A-1063", "银杏苑", "Ginkgo Court", "小区", "Residential area", "挂牌约 6.3 万元/㎡", "离三甲医院近的安静小区，常住老人多。", "步行 9 分钟到医院，楼下就是社区食堂；院内无障碍坡道齐全。", "76 ㎡ 两居、95 ㎡ 两居，电梯到户，一层带小院。", "对口银杏小学，入学人数少，分班宽松。"),
    Product("yunshan", "A-1072", "云杉郡", "Spruce County", "小区", "Residential area", "挂牌约 5.2 万元/㎡，总价 400 万元起", "地铁末段的新小区，首次置业和来京工作的客户多。", "距地铁站 1.1 公里，有接驳车；周边商业还在成长。", "74 ㎡ 小三居最抢手，89 ㎡ 三居双卫次之。", "新建九年一贯制学校，才招生两年，成绩没有可比的数据。"),
    Product("heting", "A-1086", "和庭", "Harmony Garden", "小区", "Residential area", "挂牌约 10.4 万元/㎡，总价多在 1,200 万元以上", "低密度花园洋房，带电梯的六层楼。", "楼距约 30 米，地库直达电梯厅；物业费每月 6.8 元/㎡。", "142 ㎡、168 ㎡ 大三居和四居，首层带下沉空间。", "一路之隔有民办双语学校；公办为划片入学。"),
    Product("dongli", "A-1095", "东篱家园", "Dongli Homes", "小区", "Residential area", "挂牌约 4.6 万元/㎡", "大型成熟社区，配套全，总价低。", "社区内有菜市场和公交总站；早高峰出小区的路口要等两个灯。", "68 ㎡ 一居半、92 ㎡ 两居，部分楼栋朝东西。", "社区配建小学，登记入学；适龄儿童多的年份会分流。"),
    Product("loan_service", "S-2011", "贷款代办", "Mortgage Service", "服务", "Service", "每单 1,500 元，批贷不成不收费", "替客户比较银行、备齐材料、跟进面签与批贷，每周一次书面进度。"),
    Product("transfer_service", "S-2024", "过户代办", "Title Transfer Service", "服务", "Service", "每单 1,200 元", "网签、核税、缴税、领证全程陪同，事前出一张材料和费用清单。"),
    Product("escrow_service", "S-2035", "资金监管协办", "Escrow Service", "服务", "Service", "不另收费", "协助买卖双方在银行开监管账户，约定放款条件，过户后跟进放款到账。"),
    Product("handover_service", "S-2042", "交房陪验", "Handover Inspection", "服务", "Service", "每次 600 元，成交客户免费一次", "陪同交接水、电、燃气、物业和家具清单，逐项拍照，双方签字。"),
)

COMPETITORS = (
    Competitor("jiayuantong", "家园通", "Jiayuantong", "房源多、广告多，带看时一天排七八套，客户常常看累了。"),
    Competitor("beichen", "北宸置换", "Beichen Exchange", "主打先卖后买的垫资方案，费用要拆开算给客户看。"),
    Competitor("linli", "邻里房屋", "Linli Realty", "社区夫妻店，佣金低，贷款和过户要客户自己跑。"),
)

STAGES = (
    Stage("lead", "线索", "Lead", 5),
    Stage("contacted", "已联系", "Contacted", 10),
    Stage("viewing", "带看", "Viewing", 25),
    Stage("negotiation", "谈价", "Negotiation", 50),
    Stage("signing", "签约", "Signing", 80),
    Stage("won", "成交", "Won", 100),
    Stage("lost", "未成交", "Lost", 0),
)

POLICY = Policy("置业顾问提成方案", "Sales Consultant Commission", 20_000, 2, 500, -3, "sun", "zhao")

PERIODS = (
    Period(0, "paid", closed=Moment(1, 7, 16), paid=Moment(1, 10, 11)),
    Period(1, "closed", closed=Moment(2, 7, 16)),
    Period(2, "open"),
)

ENDORSEMENTS = (
    Endorsement("li", "feng", "viewing"),
    Endorsement("chen", "feng", "school"),
    Endorsement("zhou", "ma", "negotiation"),
    Endorsement("li", "ma", "negotiation"),
    Endorsement("feng", "ma", "owners"),
    Endorsement("huang", "chen", "school"),
    Endorsement("wu", "chen", "school"),
    Endorsement("wang", "li", "environment"),
    Endorsement("feng", "li", "viewing"),
    Endorsement("zhou", "qian", "loan"),
    Endorsement("li", "qian", "loan"),
    Endorsement("huang", "qian", "tax"),
    Endorsement("ma", "shen", "signing"),
    Endorsement("chen", "shen", "escrow"),
    Endorsement("huang", "zheng", "debrief"),
    Endorsement("xu", "zhou", "loan"),
)
