"""The leads that came to little: one talk each, so that the rates per 100 leads are what the story says."""

from __future__ import annotations

from portal.demo.company import PRODUCTS, SELLERS
from portal.demo.customers_text import CUSTOMERS, SURNAMES
from portal.demo.deals_text import TOLD_DEALS
from portal.demo.shapes import Deal, Interaction, InteractionKind, Moment, StageKey

STORY_AREA = "cuidiwan"

# Leads first contacted per month, and how many of them were won: the story of the first area.
LEADS_PER_MONTH = 100
WON_PER_MONTH = (5, 8, 12)
LOST_PER_MONTH = (90, 78, 38)  # the others are still open
OTHER_AREA_LEADS_PER_MONTH = 4

# Per area: size in square metres, what it is, price in 10,000 yuan.
HOMES: dict[str, tuple[tuple[str, int], ...]] = {
    "cuidiwan": (("89 ㎡ 两居", 765), ("118 ㎡ 三居", 1015), ("89 ㎡ 两居", 758), ("128 ㎡ 三居", 1100)),
    "xuefuli": (("52 ㎡ 一居", 610), ("63 ㎡ 两居", 705)),
    "fenglin": (("132 ㎡ 三居", 976), ("156 ㎡ 四居", 1154)),
    "jintai": (("58 ㎡ 一居", 528), ("86 ㎡ 两居", 782)),
    "yinxing": (("76 ㎡ 两居", 479), ("95 ㎡ 两居", 598)),
    "yunshan": (("74 ㎡ 小三居", 385), ("89 ㎡ 三居", 463)),
    "heting": (("142 ㎡ 三居", 1477), ("168 ㎡ 四居", 1747)),
    "dongli": (("68 ㎡ 一居半", 313), ("92 ㎡ 两居", 423)),
}

# Most buyers who leave do so over surroundings, layout or schools.
DOUBTS = (
    "environment",
    "school",
    "layout",
    "school",
    "environment",
    "layout",
    "school",
    "negotiation",
    "loan",
)

# What such a buyer has on their mind first.
DOUBTS_OF = {
    "school_family": ("school", "school", "environment"),
    "first_home": ("loan", "negotiation", "environment"),
    "upgrader": ("layout", "environment", "layout"),
    "investor": ("negotiation", "environment", "negotiation"),
    "retiree": ("environment", "layout", "environment"),
    "newcomer": ("loan", "environment", "layout"),
}

# Per doubt: what was said in the first talk, and why it went no further if it did not.
TALKS: dict[str, tuple[tuple[str, str], ...]] = {
    "environment": (
        ("问临路那几栋吵不吵，约了晚上去听。", "嫌临路，不再考虑"),
        ("担心停车，说下班回来要找半小时。答复车位配比，约现场看。", "停车不便"),
        ("问附近有没有菜市场，老人要每天去。", "换到离父母更近的小区"),
        ("在意夏天低层有没有蚊子和异味，答应问两户低层业主。", "低层潮气重，想要的楼层没有房源"),
        ("看过一次，觉得小区门口车多，想换个时间再看。", "门口早晚拥堵，不愿再看"),
    ),
    "school": (
        ("问对口哪所小学。讲了多校划片，客户要求看公告。", "学位没有把握，改看别处"),
        ("担心学位被用过，约业主一起查询。", "学位已被占用"),
        ("想知道落户多久才算数，按区里当年的办法答复。", "落户时间赶不上，先租房再等一年"),
        ("听说今年要调整划片，说明以公告为准，不猜。", "等今年的划片公告，暂缓"),
        ("问初中怎么派位，发了区里的办法。", "更看重初中，改看别处"),
    ),
    "layout": (
        ("嫌次卧小，放不下书桌，发了平面图和尺寸。", "次卧太小"),
        ("想要明厅，暗厅的不看。", "不接受暗厅"),
        ("问能不能把厨房打开，答应查墙体图。", "厨房是承重墙，改不了"),
        ("觉得北向卧室冷，约下午看采光。", "北向卧室采光不够"),
        ("要两个卫生间，目前房源只有一套合适。", "要两个卫生间，没有合适房源"),
    ),
    "negotiation": (
        ("认为比邻居上月成交贵，发了近三个月的成交。", "价格差距过大"),
        ("先问最低价，请他先看房再谈。", "客户出价低于业主底线"),
        ("要求业主留家具，记下清单。", "家具和价格一起谈不拢"),
    ),
    "loan": (
        ("首付差一点，请贷款专员算组合贷。", "首付未凑齐，暂缓"),
        ("问名下有一笔贷款算不算二套，约见面细算。", "按二套算，首付不够"),
        ("想把月供压到一万元以内，算了三种年限。", "贷款额度不足"),
    ),
}

KINDS: tuple[InteractionKind, ...] = ("call", "message", "call", "visit", "call")
OPEN_STAGES: tuple[StageKey, ...] = (
    "contacted",
    "viewing",
    "lead",
    "contacted",
    "negotiation",
    "viewing",
    "signing",
)
CALLED = ("先生", "女士")
NAMES = {product.key: product.name for product in PRODUCTS}


class _Waiting:
    """Customers who have no deal yet, handed out by area and seller."""

    def __init__(self) -> None:
        told = {deal.customer for deal in TOLD_DEALS}
        self.left = [i for i in range(len(CUSTOMERS)) if i not in told]

    def next(self, area: str) -> int | None:
        for i in self.left:
            if CUSTOMERS[i].area == area:
                self.left.remove(i)
                return i
        return None


def _lead(serial: int, area: str, month: int, place: int, lost: bool, customer: int | None) -> Deal:
    home, price = HOMES[area][serial % len(HOMES[area])]
    if customer is None:
        doubt = DOUBTS[serial % len(DOUBTS)]
        owner = SELLERS[serial % len(SELLERS)]
        who = SURNAMES[serial * 5 % len(SURNAMES)][0] + CALLED[serial // 3 % 2]
    else:
        known = CUSTOMERS[customer]
        doubts = DOUBTS_OF[known.type]
        doubt, owner, who = doubts[serial % len(doubts)], known.owner, known.name
    contacted = Moment(month, 1 + place * 5 % (14 if lost else 24), 9 + serial % 9, serial * 7 % 60)
    talks = TALKS[doubt]
    talk, reason = talks[(serial // len(DOUBTS) + serial % len(DOUBTS)) % len(talks)]
    return Deal(
        key=f"d{serial:03}",
        title=f"{who} · {NAMES[area]} {home}",
        customer=customer,
        owner=owner,
        product=area,
        stage="lost" if lost else OPEN_STAGES[serial % len(OPEN_STAGES)],
        commission=price * 2 * 100 * 100,  # 2 % of the price, in fen
        contacted=contacted,
        closed=contacted.later(6 + serial % 8, 19) if lost else None,
        doubt=doubt,
        interactions=(Interaction(KINDS[serial % len(KINDS)], contacted, talk),),
        lost_reason=reason if lost else "",
    )


def _leads() -> tuple[Deal, ...]:
    waiting, leads = _Waiting(), list[Deal]()
    for month in range(3):
        for area in HOMES:
            told = [deal for deal in TOLD_DEALS if deal.product == area and deal.contacted.month == month]
            if area == STORY_AREA:
                count = LEADS_PER_MONTH - len(told)
                lost = LOST_PER_MONTH[month] - sum(deal.stage == "lost" for deal in told)
            else:
                count = OTHER_AREA_LEADS_PER_MONTH - len(told)
                lost = count * (3 - month) // 3
            for place in range(count):
                known = waiting.next(area) if place % 3 == 0 or area != STORY_AREA else None
                leads.append(_lead(len(leads) + 1, area, month, place, place < lost, known))
    return tuple(leads)


DEALS = (*TOLD_DEALS, *_leads())
