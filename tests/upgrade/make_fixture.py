"""How `0.1.0.tar.xz` was made: the demo company, what it lacks and a migration could lose, and the facts of both.

Kept as it ran with the version that it documents (commit 1c83181), whose modules it imports; newer versions have
others, so that no checker looks at it. In a checkout of that version with this folder copied to tests/upgrade:

    python -m tests.upgrade.make_fixture FOLDER ARCHIVE postgresql://HOST/EMPTY_DATABASE postgresql://HOST/ANOTHER
"""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from portal.models.adjustments import Adjustment
from portal.models.articles import Article
from portal.models.contacts import Contact
from portal.models.deal_lines import DealLine
from portal.models.deals import Deal
from portal.models.decisions import revoke
from portal.models.disputes import Dispute
from portal.models.import_names import REST
from portal.models.interactions import Interaction
from portal.models.jobs import Job
from portal.models.letters import Letter
from portal.models.notices import Notice
from portal.models.panels import panel
from portal.models.periods import Period
from portal.models.policies import Policy
from portal.models.questions import Question
from portal.models.reviews import Review
from portal.models.rubric import NAMES
from portal.models.searches import Gap, Lookup, SavedSearch
from portal.models.sessions import Session, SignInFailure
from portal.models.statements import Line, Statement
from portal.models.synonyms import Synonym
from portal.models.topics import Topic
from starlette.testclient import TestClient

from portal import clock, demo, errands
from portal.app import create_app
from portal.clock import Month
from portal.demo import story
from portal.jobs import drain
from portal.migrations import migrate, models
from portal.models import base, debriefs, vocabulary
from portal.models.company import Setting
from portal.models.customers import Customer, CustomerType
from portal.models.experiences import Experience
from portal.models.expertise import Endorsement, expertise
from portal.models.imports import Import
from portal.models.people import Department, Person, Role
from portal.models.products import Product
from portal.settings import Settings
from tests.upgrade import dump, facts

TOLD = datetime.fromisoformat("2026-11-12T18:00+08:00")
MORE = datetime.fromisoformat("2026-11-13T09:00+08:00")
STEP = timedelta(minutes=9)
EMAIL = {person.key: person.email for person in story.PEOPLE}
TITLE = {one.key: one.title for one in story.EXPERIENCES}
NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)


def who(key: str) -> Person:
    return Person.get(Person.email == EMAIL[key])


def what(key: str) -> Experience:
    return Experience.get(Experience.title == TITLE[key])


def article_of(key: str) -> Article:
    return Article.get(Article.experience == what(key))


def topic(name: str) -> Topic:
    return Topic.get(Topic.name == name)


def customer(name: str) -> Customer:
    return Customer.get(Customer.name == name)


# --- Knowledge


def articles_live_on() -> None:
    """An article born of an experience is edited, twice, by its author and by a reviewer, and an old text restored."""
    born, li, wu = article_of("e01"), who("li"), who("wu")
    more = born.body + "\n\n## 补充\n\n雨天再走一遍，孩子会踩水的那段路要单独说。"
    born.edit(
        by=li,
        title="先走一遍上学路，再进门看房（雨天版）",
        body=more,
        topics=[topic("学区"), topic("带看技巧"), topic("环境")],
    )
    born = article_of("e01")
    born.edit(
        by=wu,
        summary="带家长和孩子先走上学路。",
        body=more + "\n\n遇到施工要改线。",
        freshness="process",
        product=None,
    )
    other = article_of("e05")
    other.edit(by=who("qian"), body=other.body + "\n\n利率以当月公告为准。")
    other.restore_version(1, by=who("qian"))
    english = Article.get(Article.title.startswith("Buying a home"))
    english.edit(by=who("chen"), body=english.body + "\n\nAsk which school year the plan counts from.")
    for reader in ("chen", "feng", "ma"):
        article_of("e01").use(by=who(reader))


def articles_are_put_away() -> None:
    """One archived, one archived and brought back, one that is a draft, one that holds until a day."""
    article_of("e12").archive(by=who("xu"))
    guide = Article.get(Article.title == "二十分钟写好一份周报")
    guide.archive(by=who("zheng"))
    guide.restore(by=who("zheng"))
    Article.add(by=who("chen"), title="学府里加装电梯进度（草稿）", body="三个单元动工。", published=False)
    Article.add(
        by=who("shen"),
        title="十二月过户大厅的开放时间",
        body="周一至周五，九点到十六点半。",
        topics=[topic("过户")],
        freshness="dated",
        review_by=datetime(2026, 11, 1).date(),
        product=Product.get(Product.code == "S-2024"),
    )


def acceptances_are_revoked() -> None:
    """One for a fault, of a closed month: points, evidence and money go back; one that is merely superseded."""
    revoke(what("e08"), by=who("zhao"), reason="plagiarism", note="与外部文章逐段相同，未注明出处。")
    revoke(what("e06"), by=who("shen"), reason="superseded")


def _judge(experience: Experience, *scores: tuple[int, int, int, int, int], verdict: str = "accept") -> None:
    for review, given in zip([r for r in panel(experience) if r.is_open], scores, strict=False):
        review.complete(
            by=review.reviewer,
            scores=dict(zip(NAMES, given, strict=True)),
            verdict=verdict,
            comment="核对过，可用。",
        )


def credit_is_shared() -> None:
    """An experience of two authors, accepted; its article is edited later and helps others."""
    huang, chen = who("huang"), who("chen")
    made = Experience.begin(by=huang, kind="question")
    made.save_draft(
        by=huang,
        title="接送两个孩子的家庭，先问哪所学校放学晚",
        doubt="两个孩子不在一所学校，怎么选小区？",
        action="把两所学校的放学时间写在地图上，先看晚放学那一所步行能到的小区，再看早放学那一所有没有托管。",
        lesson="选房先选下午四点半谁在门口。",
        topics=[topic("学区"), topic("客户关系")],
        co_authors=[[EMAIL["chen"], "30"]],
    )
    made.submit(by=huang, co_authors={chen: 300_000})
    _judge(made, (5, 4, 4, 4, 3), (4, 4, 5, 4, 4))
    born = Article.get(Article.experience == made)
    born.use(by=who("li"))
    born.edit(by=chen, title="两个孩子不在一所学校：先问哪所放学晚")


def appeals_are_made() -> None:
    """One that new reviewers accepted, one that waits for them."""
    won, waiting = what("e24"), what("e26")
    won.appeal(by=who("huang"), reason="定心话后面附了区教委的公告编号，评审时没有看到附件。")
    _judge(what("e24"), (4, 4, 4, 4, 4), (4, 4, 3, 4, 4))
    waiting.appeal(by=who("feng"), reason="按客户生日分组发送，不是群发，请再看一次。")


def reviews_go_on() -> None:
    """A revision handed in again; a reviewer who was involved; a reviewer reminded; drafts of several kinds."""
    again = what("e33")
    again.save_draft(by=who("huang"), lesson="带看前先问三件事：怕吵吗，几点睡，开窗吗。写进带看单。")
    again.submit(by=who("huang"))
    _judge(what("e33"), (4, 4, 3, 4, 4))
    involved = next(review for review in panel(what("e38")) if review.is_open)
    involved.decline(by=involved.reviewer)
    Review.select().where(Review.completed_at.is_null() & Review.declined_at.is_null()).first().chase()
    what("e40").save_draft(by=who("li"), co_authors=[[EMAIL["feng"], "25"]], lesson="花园是阳光的代名词。")
    lost = Deal.select().where((Deal.stage == "lost") & (Deal.owner == who("ma"))).first()
    Experience.begin(by=who("ma"), kind="debrief", deal=lost)
    near = Experience.begin(by=who("zhou"), kind="suggestion")
    same = what("e22")
    near.save_draft(
        by=who("zhou"),
        title="给业主看三个数（门店版）",
        situation=same.situation,
        action=same.action,
        topics=[topic("业主维护")],
    )
    near.submit(by=who("zhou"), duplicate_checked=True, names_checked=True)
    debriefs.ask_for_debriefs()


# --- Questions, people, words


def questions_are_answered() -> None:
    """Best answers chosen, changed and taken back; an answer edited, one with an article; a question put away."""
    asked = Question.ask(
        by=who("li"), text="顶层会不会漏水？", detail="客户看中**顶层**带露台。", topic=topic("户型")
    )
    first = asked.answer(by=who("ma"), text="看三年的维修记录，雨后去看一次。")
    second = asked.answer(by=who("feng"), text="问物业屋面保修到哪一年。", article=article_of("e03"))
    asked.choose_best(first, by=who("li"))
    asked.choose_best(second, by=who("li"), customer_type=CustomerType.get(CustomerType.name == "养老"))
    asked.choose_best(second, by=who("li"))
    third = asked.answer(by=who("chen"), text="请楼下邻居说说。")
    asked.choose_best(third, by=who("li"), customer_type=CustomerType.get(CustomerType.name == "投资"))
    asked.unchoose_best(by=who("li"), customer_type=CustomerType.get(CustomerType.name == "投资"))
    third.edit(by=who("chen"), text="请楼下邻居说说，并看天花板的水渍。")
    Question.get(Question.text == "高层早高峰等电梯要多久？").archive(by=who("zheng"))
    Question.ask(
        by=who("zhou"),
        text="车位能单独过户吗？",
        topic=topic("过户"),
        product=Product.get(Product.code == "A-1086"),
    )


def people_come_and_go() -> None:
    """Someone came, wrote, was endorsed and left; roles given and taken; languages, sessions, letters."""
    zhao = who("zhao")
    made = Person.add(
        by=zhao,
        email="guest@anjuli.example",
        name="蒋离",
        name_en="Jiang Li",
        title="实习顾问",
        department=Department.get(Department.name == "金台店"),
        manager=who("xu"),
        employee_no="B399",
    )
    made.grant(Role.REVIEWER, by=zhao, topic=topic("税费"))
    Article.add(
        by=made, title="离任交接清单", body="钥匙、客户、合同，各交一份。", topics=[topic("制度与流程")]
    )
    Endorsement.give(by=who("ma"), person=made, topic=topic("税费"))
    Endorsement.give(by=who("xu"), person=made, topic=topic("税费"))
    Endorsement.take_back(by=who("xu"), person=made, topic=topic("税费"))
    made.deactivate(by=zhao)
    who("ma").grant(Role.MANAGER, by=zhao, department=Department.get(Department.name == "金台店"))
    who("ma").withdraw(Role.MANAGER, by=zhao)
    for key in ("wu", "zhao"):
        who(key).edit(by=who(key), locale="en")
    who("feng").edit(by=who("feng"), theme="dark")
    Session.open(who("li"), address="192.0.2.7", browser="Firefox")
    SignInFailure.create(account="0" * 64, address="192.0.2.8")
    Letter.invite(who("huang"))
    Setting.choose("review.gap", 20, by=zhao)
    Notice.read_all(who("wang"))


def words_are_kept() -> None:
    """The company's own words for search, its lists, a topic that is no longer used."""
    zhao = who("zhao")
    Synonym.add(by=zhao, words="花园洋房, 和庭, 低密度")
    Synonym.add(by=zhao, words="翠堤湾")
    vocabulary.add("customer-types", by=zhao, name="企业客户", name_en="Company", position=9)
    vocabulary.add(
        "departments",
        by=zhao,
        name="筹备店",
        name_en="New Office",
        parent=Department.get(Department.name == "总部"),
    )
    old: Any = vocabulary.add(
        "topics", by=zhao, name="新房", name_en="New Homes", parent=topic("房源"), position=90
    )
    old.edit(by=zhao, archived_at=clock.now())
    vocabulary.change(
        topic("谈价"),
        by=zhao,
        version=None,
        name="谈价",
        name_en="Price Talks",
        parent=topic("销售"),
        position=12,
    )


# --- Customers, deals, products


def customers_are_served() -> None:
    """Customers of every kind: with a parent, handed over, looked into, put away; contacts; promises."""
    li, wang = who("li"), who("wang")
    group = Customer.add(
        by=li,
        name="星河教育集团",
        name_en="Xinghe Education",
        form="organisation",
        code="C-9001",
        city="北京",
        sector="教育",
        website="xinghe.example",
        phone="19900009001",
        email="office@xinghe.example",
        address="学府路 1 号",
        revenue=9_900_000_00,
        employees=420,
        founded=2009,
        note="为**老师**找宿舍。",
    )
    campus = Customer.add(by=li, name="星河教育东校区", form="organisation", parent=group)
    head = Contact.add(
        group,
        by=li,
        name="方校长",
        title="校长",
        phone="19900009002",
        email="fang@xinghe.example",
        decides=True,
    )
    Contact.add(group, by=li, name="田老师", title="总务", reports_to=head)
    Contact.add(group, by=li, name="旧联系人", phone="19900009003").archive(by=li)
    Interaction.log(
        group,
        by=li,
        kind_of="call",
        text="要十二间两居，九月入住。",
        contact=head,
        follow_up_on=datetime(2026, 11, 13).date(),
    )
    Interaction.log(
        campus, by=li, kind_of="visit", text="看了三处。", follow_up_on=datetime(2026, 11, 20).date()
    ).follow_up(by=li)
    campus.hand_over(who("feng"), by=wang, with_deals=True)
    group.reveal(by=wang)
    customer("曹美玲").edit(
        by=who("chen"), city="天津", type=CustomerType.get(CustomerType.name == "改善置业")
    )
    customer("蔡诗涵").archive(by=who("huang"))
    back = customer("彭浩然")
    back.archive(by=who("ma"))
    customer("彭浩然").restore(by=who("ma"))


def deals_turn() -> None:
    """Deals shared, reopened, handed over, put away; money taken back; products put away."""
    li, feng, sun = who("li"), who("feng"), who("sun")
    today = clock.today()
    made = Deal.open(
        by=li,
        title="星河宿舍十二间",
        customer=customer("星河教育集团"),
        product=Product.get(Product.code == "A-1095"),
        code="D-9001",
        amount=360_000_00,
        engaged_on=today,
    )
    made.share_with({li: 600_000, feng: 400_000}, by=li)
    made.win(by=li, amount=333_333_33, on=today)
    made.receive_payment(by=sun, amount=100_000_01, on=today, key="form-1")
    made.receive_payment(by=sun, amount=50_000_00, on=today, key="form-2")
    DealLine.get(DealLine.key == "form-2").reverse(by=sun, reason="银行退回。")
    lost = Deal.select().where((Deal.stage == "lost") & (Deal.owner == who("chen"))).first()
    lost.reopen(by=who("wu"))
    lost.move("viewing", by=who("chen"))
    still = list(Deal.select().where((Deal.stage == "engaged") & (Deal.owner == who("zhou"))).limit(2))
    still[0].hand_over(who("ma"), by=who("xu"))
    still[1].archive(by=who("zhou"))
    Product.get(Product.code == "S-2042").archive(by=who("wang"))
    Product.add(
        by=who("wang"),
        code="S-2050",
        name="搬家陪护",
        name_en="Moving Day",
        series="服务",
        list_price=800_00,
        description="搬家当天**全程**在场。",
    )


# --- Money


def disputes_are_raised() -> None:
    """One open, one to which the payee owes an answer, one upheld, one refused, one withdrawn."""
    october, sun = Month(2026, 10), who("sun")
    opened = {}
    for key in ("li", "chen", "zhou", "feng", "huang"):
        statement = Statement.of(who(key), october)
        line = Line.of(statement)[0] if statement else None
        opened[key] = Dispute.open(statement, line, "这一笔的比例与我的记录不一致，请核对。", by=who(key))
    opened["chen"].ask("请附上合同编号。", by=sun)
    opened["zhou"].uphold("漏计一笔评估费，补发。", 88_00, by=sun)
    opened["feng"].reject("比例按当月政策计算，无误。", by=sun)
    opened["huang"].withdraw(by=who("huang"))


def adjustments_are_proposed() -> None:
    """One approved and not paid yet, one refused, one that waits; a month previewed."""
    luo, sun = who("luo"), who("sun")
    Adjustment.propose(
        who("feng"), NOVEMBER, 120_00, "带看车费补贴，票据已核。", by=luo, key="extra-1"
    ).decide(by=sun, approve=True)
    Adjustment.propose(who("ma"), NOVEMBER, -60_00, "重复报销的停车费退回。", by=luo, key="extra-2").decide(
        by=sun, approve=False
    )
    Adjustment.propose(who("chen"), NOVEMBER, 75_50, "加班餐补，等票据。", by=luo, key="extra-3")
    Period.of(NOVEMBER).ask_preview(by=sun)
    Period.of(Month(2026, 9)).export(by=luo)


def policies_are_discussed() -> None:
    """A department's own, approved for next month; one sent back to its author; a draft."""
    luo, sun = who("luo"), who("sun")
    jintai: dict[str, Any] = {
        "department": Department.get(Department.name == "金台店"),
        "effective_from": DECEMBER,
    }
    own = Policy.draft(
        by=luo,
        name="金台店试行",
        base_rate=21_000,
        tiers=[[2, 500], [5, 900]],
        rates={Product.get(Product.code == "S-2011").id: 30_000},
        **jintai,
    )
    own.propose(by=luo)
    own.approve(by=sun)
    own.acknowledge(by=who("ma"))
    back = Policy.draft(
        by=luo,
        name="学府店试行",
        base_rate=19_000,
        tiers=[[3, 700]],
        effective_from=DECEMBER,
        department=Department.get(Department.name == "学府店"),
    )
    back.propose(by=luo)
    back.send_back(by=sun, reason="门槛要与总部一致。")
    Policy.draft(
        by=luo,
        name="明年方案（草稿）",
        base_rate=20_000,
        tiers=[[2, 500]],
        effective_from=Month(2027, 1),
        operator=">",
        bonus_mode="relative_percent",
    )


# --- Files


CUSTOMERS = """客户名称,客户编号,客户类型,城市,电话,负责人,备注
林海酒店,K-001,企业客户,北京,19900009101,李明朗,要员工宿舍
山月书店,K-002,企业客户,北京,19900009102,李明郎,店址将到期
,K-003,企业客户,北京,19900009103,李明朗,没有名字
"""
AGAIN = """客户名称,客户编号,城市,负责人,备注
林海酒店,K-001,天津,李明朗,改了城市
晨光幼儿园,K-004,北京,冯雪,新来的
"""
SOLD = """商机编号,商机名称,客户,产品,负责人,阶段,接洽日期,成交日期,成交金额
X-01,林海宿舍,林海酒店,翠堤湾,李明朗,赢单,2026-11-02,2026-11-09,88000.50
X-02,山月新店,山月书店,学府里,冯雪,输单,2026-11-03,2026-11-10,
X-03,山月库房,山月书店,东篱家园,陈晓雨,谈判,2026-11-05,,12000
"""
TAKEN_BACK = SOLD.replace("X-", "Y-").replace("88000.50", "45000")
PRODUCTS = "产品编号,产品名称,系列,价格\nT-01,窗帘定制,服务,1200\nT-02,保洁,服务,300\n"


def _bring(name: str, text: str, by: str) -> Import:
    made = base.transact(lambda: Import.begin(by=who(by), file=io.BytesIO(text.encode()), name=name))
    said = {"person": {"李明郎": "same:李明朗"}, "customer_type": {REST: "add"}}
    base.transact(lambda: made.map(columns=made.columns, date_order="ymd", names=said))
    drain()
    return Import.get_by_id(made.id)


def _run(name: str, text: str, by: str = "wang") -> Import:
    made = _bring(name, text, by)
    base.transact(lambda: made.start(by=who(by)))
    drain()
    return Import.get_by_id(made.id)


def files_are_brought() -> None:
    """Imports that are done, that were taken back, with money and without, that stopped half-way."""
    _run("客户.csv", CUSTOMERS)
    _run("商机.csv", SOLD)
    for name, text in (("客户二.csv", AGAIN), ("商机二.csv", TAKEN_BACK)):
        made = _run(name, text)
        base.transact(lambda made=made: made.undo(by=who("wang")))
        drain()
    _bring("产品.csv", PRODUCTS, "zhao")
    base.transact(lambda: Import.begin(by=who("zhao"), file=io.BytesIO(PRODUCTS.encode()), name="还没看.csv"))


# --- What people look for


def searches_are_kept() -> None:
    """Kept searches; what was looked for in vain, taken up as a question, as a draft, set aside."""
    SavedSearch.keep(by=who("li"), query="q=学区&kind=article", name="学区的知识")
    SavedSearch.keep(by=who("li"), query="q=&kind=deal&status=won")
    SavedSearch.keep(by=who("zheng"), query="q=贷款&topic=6", name="贷款")
    for key, text in (
        ("li", "车位产权"),
        ("chen", "车位产权"),
        ("ma", "凶宅"),
        ("feng", "阳台封窗"),
        ("zhou", "qwerty"),
    ):
        Lookup.note(who(key), text, found=0)
    Gap.of("车位产权").ask(by=who("zheng"))
    Gap.of("阳台封窗").write(by=who("zheng"))
    Gap.of("qwerty").dismiss(by=who("zheng"))


def something_is_left_to_do() -> None:
    """Work that waits, and work that was given up."""
    dead = Job.enqueue("check search")
    dead.attempts = 5
    dead.fail("the index was busy")
    Period.of(NOVEMBER).ask_preview(by=who("luo"))
    customer("袁明哲").edit(by=who("zhou"), note="改投写字楼，明年再看。")


ACTS: tuple[Callable[[], None], ...] = (
    articles_live_on,
    articles_are_put_away,
    acceptances_are_revoked,
    credit_is_shared,
    appeals_are_made,
    reviews_go_on,
    questions_are_answered,
    people_come_and_go,
    words_are_kept,
    customers_are_served,
    deals_turn,
    disputes_are_raised,
    adjustments_are_proposed,
    policies_are_discussed,
    searches_are_kept,
)


def feed() -> None:
    while errands.feed_search():
        pass


def tell(settings: Settings) -> None:
    """The demo company and all of the above, each at its moment."""
    with clock.moved(TOLD):
        demo.tell(settings)
    moment = MORE
    for act in ACTS:
        with clock.moved(moment):
            base.transact(act)
            drain()
        moment += STEP
    with clock.moved(moment):
        files_are_brought()
        feed()
    with clock.moved(moment + STEP):
        base.transact(something_is_left_to_do)
    assert moment + STEP < facts.READ


# --- Written down


def tables(path: Path) -> list[dump.Table]:
    """Every table of the portal's and the record of migrations, as SQLite holds them."""
    json_of = {
        model._meta.table_name: [
            f.column_name for f in model._meta.sorted_fields if type(f).__name__ == "JSONField"
        ]
        for model in models()
    }
    found = []
    with closing(sqlite3.connect(path)) as file:
        for name in ("schema_migration", *json_of):
            query = file.execute(f'SELECT * FROM "{name}" ORDER BY 1')
            columns = [column[0] for column in query.description]
            found.append(dump.Table(name, columns, json_of.get(name, []), [list(row) for row in query]))
    return found


def schemas(path: Path, server: str, folder: Path) -> None:
    """Both databases' own words for the schema: what comes before the rows, and what after."""
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute(
            "SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
        ).fetchall()
    for part, wanted in (("tables", True), ("rest", False)):
        text = "".join(f"{sql};\n" for kind, sql in rows if (kind == "table") is wanted)
        (folder / f"sqlite-{part}.sql").write_text(text)
    for part, section in (("tables", "pre-data"), ("rest", "post-data")):
        command = [
            "pg_dump",
            "--schema-only",
            "--no-owner",
            "--no-privileges",
            f"--section={section}",
            server,
        ]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        left = [
            line for line in told if line and not line.startswith(("--", "SET ", "SELECT pg_catalog.", "\\"))
        ]
        (folder / f"postgresql-{part}.sql").write_text("\n".join(left) + "\n")


def read(folder: Path, url: str, like: list[dump.Table]) -> dict[str, Any]:
    """The facts of a data folder and a database as this version tells them."""

    def known(moment: datetime) -> Any:
        with base.db.connection_context():
            return expertise(at=moment)

    settings = Settings(data=folder, database_url=url, secret="a secret for tests", worker=False)
    with clock.moved(facts.READ), TestClient(create_app(settings)) as client:
        portal = facts.Portal(client, lambda: dump.read(url, like))
        told = {name: fact(portal) for name, fact in facts.FACTS.items()}
        told["expertise"] = facts.expertise(portal, known)
        told["close"] = facts.close(portal, drain)
    return json.loads(json.dumps(told))


def main(folder: Path, archive: Path, empty: str, another: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "packed").mkdir(parents=True)
    url = f"sqlite:///{folder / 'portal.db'}"
    settings = Settings(data=folder, database_url=url, secret="a secret for tests", worker=False)
    create_app(settings)
    migrate()
    tell(settings)
    base.db.close_all()
    base.connect(empty)
    migrate()
    base.db.close_all()
    like = tables(folder / "portal.db")
    dump.write(like, folder / "packed")
    schemas(folder / "portal.db", empty, folder / "packed")
    shutil.copytree(folder / "files", folder / "packed" / "files")
    told = {}
    for name, server in (("sqlite", f"sqlite:///{folder / 'sqlite' / 'portal.db'}"), ("postgresql", another)):
        shutil.copytree(folder / "files", folder / name / "files")
        dump.load(folder / "packed", server)
        told[name] = read(folder / name, server, like)
    for fact in told["sqlite"]:
        assert told["sqlite"][fact] == told["postgresql"][fact], fact
    (folder / "packed" / "facts.json").write_text(json.dumps(told["sqlite"], ensure_ascii=False, indent=0))
    dump.pack(folder / "packed", archive)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
