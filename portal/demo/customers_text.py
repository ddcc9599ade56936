"""The demo company's 120 customers: 72 people, 36 families, 12 companies."""

from __future__ import annotations

from portal.demo.company import SELLERS
from portal.demo.shapes import Customer, CustomerKind, Moment

SURNAMES = (
    ("韩", "Han"), ("曹", "Cao"), ("邓", "Deng"), ("彭", "Peng"), ("曾", "Zeng"), ("萧", "Xiao"),
    ("田", "Tian"), ("董", "Dong"), ("潘", "Pan"), ("袁", "Yuan"), ("蔡", "Cai"), ("蒋", "Jiang"),
    ("余", "Yu"), ("杜", "Du"), ("叶", "Ye"), ("程", "Cheng"), ("魏", "Wei"), ("苏", "Su"),
    ("吕", "Lü"), ("丁", "Ding"), ("任", "Ren"), ("卢", "Lu"), ("姚", "Yao"), ("崔", "Cui"),
    ("谭", "Tan"), ("陆", "Lu"), ("范", "Fan"), ("汪", "Wang"), ("廖", "Liao"), ("石", "Shi"),
    ("贾", "Jia"), ("韦", "Wei"), ("方", "Fang"), ("邹", "Zou"), ("熊", "Xiong"), ("秦", "Qin"),
)  # fmt: skip

GIVEN_NAMES = (
    ("志远", "Zhiyuan"), ("文静", "Wenjing"), ("立新", "Lixin"), ("雨桐", "Yutong"), ("建平", "Jianping"), ("晓彤", "Xiaotong"),
    ("海峰", "Haifeng"), ("美玲", "Meiling"), ("俊杰", "Junjie"), ("丽华", "Lihua"), ("国栋", "Guodong"), ("思远", "Siyuan"),
    ("婷婷", "Tingting"), ("振宇", "Zhenyu"), ("秀兰", "Xiulan"), ("嘉豪", "Jiahao"), ("晨曦", "Chenxi"), ("永强", "Yongqiang"),
    ("慧敏", "Huimin"), ("一鸣", "Yiming"), ("春梅", "Chunmei"), ("浩然", "Haoran"), ("玉珍", "Yuzhen"), ("天佑", "Tianyou"),
    ("若兰", "Ruolan"), ("卫东", "Weidong"), ("佳宁", "Jianing"), ("明哲", "Mingzhe"), ("淑芬", "Shufen"), ("泽宇", "Zeyu"),
    ("雅文", "Yawen"), ("成林", "Chenglin"), ("可欣", "Kexin"), ("长江", "Changjiang"), ("诗涵", "Shihan"), ("德明", "Deming"),
)  # fmt: skip

COMPANIES = (
    (
        "晨帆软件有限公司",
        "Chenfan Software",
        "newcomer",
        "yunshan",
        "给新入职的外地工程师找房，每季度报一次名单，要求带通勤时间。",
    ),
    (
        "和润食品有限公司",
        "Herun Foods",
        "investor",
        "dongli",
        "想把闲置资金换成两套易出租的小户型，财务总监拍板。",
    ),
    ("博雅教育咨询公司", "Boya Education", "newcomer", "xuefuli", "为外聘教师安家，偏好步行到校区的两居。"),
    (
        "启明医疗器械公司",
        "Qiming Medical Devices",
        "newcomer",
        "yinxing",
        "驻京销售团队的集体住所，要电梯和停车位。",
    ),
    (
        "长风物流公司",
        "Changfeng Logistics",
        "newcomer",
        "dongli",
        "司机班组宿舍，看重靠近环路，合同由法务逐条审。",
    ),
    (
        "墨石建筑设计事务所",
        "Inkstone Architects",
        "investor",
        "jintai",
        "合伙人想买一套一居作为长租资产，先看租金回报。",
    ),
    (
        "安泰物业服务公司",
        "Antai Property Services",
        "investor",
        "cuidiwan",
        "熟悉小区，愿意介绍业主，也考虑自购车位。",
    ),
    (
        "星河会展公司",
        "Xinghe Exhibitions",
        "newcomer",
        "jintai",
        "项目经理半年一换，需要能短租的房源，也问过购买。",
    ),
    (
        "绿野园林公司",
        "Lüye Landscaping",
        "investor",
        "fenglin",
        "老板为企业购置一套接待用房，付款快，决定慢。",
    ),
    (
        "嘉禾会计师事务所",
        "Jiahe Accountants",
        "newcomer",
        "jintai",
        "忙季前安置外地员工，十月到次年四月最急。",
    ),
    (
        "远航仪器公司",
        "Yuanhang Instruments",
        "newcomer",
        "yunshan",
        "为引进的研发骨干提供购房补贴，需要我们讲资格和流程。",
    ),
    (
        "凤栖文化传播公司",
        "Fengqi Culture",
        "investor",
        "heting",
        "想买能兼作会客的大三居，先确认住宅不能注册公司。",
    ),
)

SOURCES = (
    ("门店来访", "Walk-in"),
    ("老客户介绍", "Referral"),
    ("网络平台", "Online listing"),
    ("电话来访", "Phone call"),
    ("社区活动", "Neighbourhood event"),
    ("业主转客户", "Former owner"),
)

# Per type: the areas that such buyers ask for first, and what we noted after the first talk.
TYPES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "school_family",
        ("cuidiwan", "xuefuli", "cuidiwan", "fenglin", "cuidiwan", "yinxing"),
        (
            "孩子后年上小学，先问划片，再问放学路上要过几个路口。",
            "要求学位占用查清楚再谈价，不急于一时。",
            "家里老人接送，步行超过 15 分钟就不考虑。",
            "两个孩子差三岁，想一次解决小学和初中。",
            "看过同一小区三套，最在意次卧能不能放下书桌。",
            "希望落户时间写进合同，愿意为此多付定金。",
        ),
    ),
    (
        "first_home",
        ("yunshan", "dongli", "yunshan", "cuidiwan", "dongli", "jintai"),
        (
            "首付由父母支持一部分，转账凭证要提前准备。",
            "月供上限已经说清，超出的房源不要推荐。",
            "第一次买房，每一步都想先看到书面流程。",
            "公积金连续缴存，想弄明白组合贷的放款时间。",
            "周末才有空看房，每次最多看三套。",
            "对税费最敏感，报价要报到手总价。",
        ),
    ),
    (
        "upgrader",
        ("fenglin", "cuidiwan", "heting", "cuidiwan", "fenglin", "heting"),
        (
            "现有两居要先卖，两边的付款时间要接上。",
            "想要两个卫生间，书房可以小。",
            "夫妻意见不同：一方看花园，一方看通勤。",
            "对采光要求高，冬天下午三点要再看一次。",
            "旧房还有贷款，问过带押过户。",
            "与父母同住，要求电梯和一层的卫生间。",
        ),
    ),
    (
        "investor",
        ("jintai", "cuidiwan", "xuefuli", "jintai", "cuidiwan", "dongli"),
        (
            "先算租金回报，再看房子；要近半年的真实成交租金。",
            "已有两套出租，关心空置期和维修钱。",
            "全款，要求价格有余地，决定很快。",
            "担心以后不好卖，问小区每月成交几套。",
            "接受带租约的房子，但要看租约原件。",
            "想知道持有五年的总账，含税费和物业费。",
        ),
    ),
    (
        "retiree",
        ("yinxing", "cuidiwan", "yinxing", "fenglin", "cuidiwan", "heting"),
        (
            "要离医院近，子女每周末过来吃饭。",
            "膝盖不便，台阶多的楼门直接排除。",
            "想卖掉城里的老房，换一套带小院的。",
            "怕吵，晚上九点要到小区里坐一会儿再定。",
            "大事由女儿把关，合同要先发给女儿看。",
            "看重邻居和社区食堂，户型不挑。",
        ),
    ),
    (
        "newcomer",
        ("yunshan", "jintai", "dongli", "cuidiwan", "yunshan", "jintai"),
        (
            "社保快满年限，资格核验通过以前只看不定。",
            "公司在东边，门到门通勤不超过 50 分钟。",
            "一家人还在外地，先由本人看房，视频给家人看。",
            "问过先租后买，租约到期前三个月联系。",
            "对小区不熟，需要一张周边生活圈的图。",
            "想知道孩子随迁入学要准备哪些材料。",
        ),
    ),
)


# What we know of those whose deals are told at length.
NOTES = {
    0: "孩子明年九月入学，先问划片，再问放学路上要过几个路口。",
    6: "只认学位，房子旧一点没关系；凡事要看书面的。",
    8: "三代同住，要两个卫生间，老人的意见最后说了算。",
    10: "退休教师，一个人住，要安静，不爱多说话。",
    12: "上次在别家看的那一栋太吵，对小区有成见。",
    19: "旧房正在过户，现金何时到手决定何时能付款。",
    22: "孩子后年入学，一家人从外地来，材料还不齐。",
    24: "预算紧，什么费用都要先问能不能少。",
    26: "全款，价格要谈到满意为止，决定很快。",
    31: "住惯大平层，下午在家，最看重餐桌边的阳光。",
    36: "想要有花园的小区，担心旁边的工地。",
    44: "老两口与儿子同住，夜里起身的次数多。",
    52: "两个孩子，想一次解决小学和初中；工作日早上有空。",
    57: "孩子明年入学，看中就定，不爱来回比。",
    60: "已有三套房，谈价老练，同时在两家中介看房。",
    64: "小区老住户，租车位四年，想买下来。",
    74: "两个孩子差三岁，夫妻俩做事有计划，喜欢看图表。",
    75: "月收入稳定，贷款额度还没有问过银行。",
    93: "想把主卧放大，装修方面自己查了不少资料。",
    101: "老人膝盖不好，将来可能要用轮椅，女儿负责看房。",
}


def _customer(index: int) -> Customer:
    kind: CustomerKind = "family" if index % 3 == 2 else "person"
    surname, surname_en = SURNAMES[index % len(SURNAMES)]
    given, given_en = GIVEN_NAMES[(index * 7 + index // len(SURNAMES) * 11) % len(GIVEN_NAMES)]
    type_, areas, notes = TYPES[(index + index // 18) % len(TYPES)]
    turn = index // len(TYPES)
    return Customer(
        kind=kind,
        name=f"{surname}{given}一家" if kind == "family" else f"{surname}{given}",
        name_en=f"{surname_en} {given_en} and family" if kind == "family" else f"{surname_en} {given_en}",
        type=type_,
        source=SOURCES[(index * 5 + turn) % len(SOURCES)][0],
        phone=f"199000{1001 + index:05}",
        area=areas[turn % len(areas)],
        owner=SELLERS[(index + turn) % len(SELLERS)],
        since=Moment(-1 - index % 7, 1 + index * 5 % 28, 10 + index % 8),
        note=NOTES.get(index, notes[(turn + turn // 6) % len(notes)]),
    )


def _company(index: int) -> Customer:
    name, name_en, type_, area, note = COMPANIES[index]
    return Customer(
        kind="company",
        name=name,
        name_en=name_en,
        type=type_,
        source=SOURCES[index * 5 % len(SOURCES)][0],
        phone=f"199000{2001 + index:05}",
        area=area,
        owner=SELLERS[index % len(SELLERS)],
        since=Moment(-2 - index % 9, 2 + index * 3 % 26),
        note=note,
    )


CUSTOMERS = (*(_customer(i) for i in range(108)), *(_company(i) for i in range(len(COMPANIES))))
