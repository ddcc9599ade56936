"""What a file may hold: which fields each noun has, and by which headers they are known.

One more noun can be imported once it has an `Intake` in its own wing and one `ImportSchema` here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Literal

from peewee import ModelSelect

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.intake import Intake
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.intake import ContactIntake, CustomerIntake
from portal.models.knowledge.articles import Article
from portal.models.knowledge.intake import ArticleIntake, QuestionIntake
from portal.models.knowledge.questions import Question
from portal.models.knowledge.words import FRESHNESS, FRESHNESS_ONCE, ArticleState
from portal.models.people.intake import PersonIntake
from portal.models.people.people import Person, Role
from portal.models.products.intake import ProductIntake
from portal.models.sales.deals import OPEN_STAGES, Deal
from portal.models.sales.intake import DealIntake
from portal.models.sales.words import Stage
from portal.tables.cells import parse_text
from portal.tables.days import guess_date_order
from portal.tables.table import Table, guess_columns

RowValues = dict[str, Any]
Reads = Literal[
    "text",
    "lines",
    "code",
    "email",
    "day",
    "money",
    "whole",
    "name",
    "names",
    "value",
    "word",
    "kind",
    "readers",
]


@dataclass(frozen=True)
class ImportField:
    """One column of a record that a file may fill."""

    name: str
    label: Phrase
    reads: Reads = "text"
    noun: str = ""
    """For `name` and `names` the records it names, for `value` the vocabulary it is checked against; what an
    article is (`kind`) and for whom (`readers`) its intake knows.
    """
    words: Mapping[str, Sequence[str | Phrase]] = field(default_factory=dict, hash=False)
    """For `word`: what each value is called."""
    needed: bool = False
    makes: bool = False
    """Whether a name that is not known yet is added unless someone says otherwise."""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What a record that is new with the import is given because this field names it."""
    in_units: bool = False
    """Whether an amount may be given in thousands or millions."""


@dataclass(frozen=True)
class ImportSchema:
    """What a file may hold of one noun."""

    name: str
    label: Phrase
    intake: type[Intake[Any]]
    fields: Sequence[ImportField]
    headers: str
    """By what each field is known: its name, a colon, and words with commas between, on one line or more."""
    keys: Sequence[str]
    """The fields that say which record a row is about, the surest first; the name comes last."""
    shared: Collection[str] = ()
    """Keys that several records may have, as people do who read one mailbox: then the name decides."""
    owned_while: Callable[[RowValues], bool] | None = None
    """Whether a record with these values needs an owner who still works here."""
    within: Mapping[str, str] = field(default_factory=dict)
    """Keys that tell records apart only among those of one other: {key: the field that names the other}.

    By such a name what is archived is not found again.
    """
    one_of: Sequence[str] = ()
    """Of these fields a row needs at least one; the first is asked for."""
    gather: Callable[[RowValues], None] | None = None
    """Makes one value of several columns, before names are looked up."""
    private: Collection[str] = ()
    """Fields of which a list may hold a mask although the noun itself knows none."""
    restricted: bool = False
    """Whether only an administrator may bring it: with people come accounts and roles."""
    seen: Callable[[Person], Any] | None = None
    """The condition that someone may know of a record, where not everyone may: others are not there for them.

    By its name what is archived is not found again either.
    """
    opens: Callable[[Person], ModelSelect[Any]] | None = None
    """The records that open for whoever brings it, where not all do: others are not theirs to change."""
    joins: Callable[[Person], ModelSelect[Any]] | None = None
    """The customers to whom they may add such a record."""
    by_hand: bool = False
    """Whether administrators, too, change no more than what they may edit by hand."""
    settle: Callable[[RowValues, bool], None] | None = None
    """Makes of a row what such a record may hold, once names are known; told whether closing means paid."""

    @property
    def model(self) -> Any:
        """The noun itself."""
        return self.intake.model

    def field(self, name: str) -> ImportField:
        """The field by its name. Raises KeyError."""
        return {field.name: field for field in self.fields}[name]

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.fields]

    @property
    def has_days(self) -> bool:
        return any(field.reads == "day" for field in self.fields)

    @property
    def has_units(self) -> bool:
        return any(field.in_units for field in self.fields)

    @cached_property
    def _needed(self) -> list[ImportField]:
        return [field for field in self.fields if field.needed]

    @cached_property
    def _asked_for(self) -> ImportField:
        return self.field(self.one_of[0])

    def lacking(self, given: Collection[str]) -> ImportField | None:
        """The first field that a mapping or a row does without but may not."""
        for needed in self._needed:
            if needed.name not in given:
                return needed
        return None if not self.one_of or any(name in given for name in self.one_of) else self._asked_for

    def date_order(self, table: Table, columns: Mapping[str, str]) -> str:
        """The order of the dates in the columns of days: ymd, mdy, dmy, `ambiguous`, '' for no dates."""
        found: set[str] = set()
        for name, header in columns.items():
            if name in self.names and self.field(name).reads == "day" and header in table.headers:
                index = table.headers.index(header)
                samples = [row.values[index] for row in table.rows[:20_000] if row.values[index] is not None]
                if samples:
                    found.add(guess_date_order(samples))
        clear = found - {"ambiguous"}
        if len(clear) == 1:
            return clear.pop()
        return "ambiguous" if found else ""

    def guess(self, headers: Sequence[str], table: Table | None = None) -> dict[str, str]:
        """Which header most likely holds which field: {field: header}.

        What tells records apart must be called so, and say something else in each row.
        """
        offered = ["" if is_own(header) else header for header in headers]
        known = dict(re.findall(r"(\w+): ([^:]+)(?=\n|$)", self.headers))
        found = guess_columns(offered, known | self._words_of(known), exact=self._sure)
        if table is not None:
            for name in self._sure & found.keys():
                if _repeats(table, found[name]):
                    del found[name]
        return {name: headers[index] for name, index in found.items()}

    @cached_property
    def _sure(self) -> set[str]:
        """The fields that tell records apart by themselves."""
        return {IDENT, *(key for key in self.keys[:-1] if self.field(key).reads == "code")}

    def _words_of(self, known: Mapping[str, str]) -> dict[str, str]:
        """What the portal itself calls each field, in each language, beside what others call it."""
        return {
            field.name: ", ".join([known.get(field.name, ""), *i18n.in_each_language(field.label)]).strip(
                ", "
            )
            for field in self.fields
        }


IDENT = "ident"
"""The field for the portal's own number of a record: it is matched on and never written."""
ROW, REASON = Phrase("Row"), Phrase("Reason")
"""Headers that the portal puts in front of the rows that were not taken."""


@cache
def _own_words() -> frozenset[str]:
    return frozenset(word for words in (ROW, REASON) for word in i18n.in_each_language(words))


def is_own(header: str) -> bool:
    """Whether a header is the portal's own, which no field of a record has."""
    return header in _own_words()


def _repeats(table: Table, index: int) -> bool:
    """Whether a column says the same in so many rows that it cannot tell them apart."""
    cells = [text for row in table.rows if (text := parse_text(row.values[index]))]
    return len(cells) - len(set(cells)) > max(1, len(cells) // 10)


_HAN = re.compile(r"[\u3400-\u9fff]")
PARTS_OF_NAME = ("name", "last_name", "first_name")


def _whole_name(values: RowValues) -> None:
    """A name in two parts: family name first in Chinese."""
    last, first = values.pop("last_name", ""), values.pop("first_name", "")
    chinese = _HAN.search(last + first)
    whole = last + first if chinese else " ".join(filter(None, (first, last)))
    if whole and not values.get("name"):
        values["name"] = whole


def _as_the_stage_allows(values: RowValues, paid_on_close: bool) -> None:
    """An open deal is only expected to close; one that is lost sold nothing; a won one may be paid."""
    stage = values.get("stage")
    if stage in OPEN_STAGES:
        if "closed_on" in values:
            values.setdefault("expected_on", values["closed_on"])
            del values["closed_on"]
        values.pop("reasons", None)
    elif stage == Stage.LOST:
        if not values.get("amount"):
            values.pop("amount", None)
    elif stage == Stage.WON and "closed_on" in values and paid_on_close:
        values["paid_on"] = values["closed_on"]


PORTAL_ID = Phrase("Portal ID")
CUSTOMERS = ImportSchema(
    "customers",
    Phrase("Customers"),
    CustomerIntake,
    (
        ImportField("name", Phrase("Name"), needed=True),
        ImportField("name_en", Phrase("Name in English")),
        ImportField(IDENT, PORTAL_ID, "code"),
        ImportField("code", Phrase("Code"), "code"),
        ImportField("type", Phrase("Customer type"), "name", "customer_type", makes=True),
        ImportField("sector", Phrase("Sector"), "value", "sector"),
        ImportField("source", Phrase("Source")),
        ImportField("city", Phrase("City"), "value", "place"),
        ImportField("address", Phrase("Address")),
        ImportField("phone", Phrase("Phone"), "code"),
        ImportField("email", Phrase("E-mail"), "email"),
        ImportField("website", Phrase("Website")),
        ImportField("revenue", Phrase("Revenue"), "money", in_units=True),
        ImportField("employees", Phrase("Employees"), "whole"),
        ImportField("founded", Phrase("Founded in"), "whole"),
        ImportField("parent", Phrase("Belongs to"), "name", "customer"),
        ImportField("owner", Phrase("Owner"), "name", "person"),
        ImportField("note", Phrase("Note")),
    ),
    """
    name: account, customer, company, organisation, organization, name, 客户, 客户名称, 公司, 单位, 名称
    name_en: english name, 英文名, 英文名称
    code: code, customer code, customer id, customer number, customer no, account code,
        account number, account id, company id, id, 客户编号, 客户代码,
        编号, 代码
    type: customer type, type, segment, 客户类型, 类型
    sector: sector, industry, 行业, 所属行业
    source: source, lead source, account source, 来源, 客户来源
    city: city, office location, location, billing city, country, 城市, 所在城市, 所在地
    address: address, street, billing street, 地址, 详细地址
    phone: phone, telephone, mobile, 电话, 手机, 联系电话
    email: email, e-mail, mail, 邮箱, 电子邮件
    website: website, web, url, homepage, 网站, 网址
    revenue: revenue, annual revenue, turnover, 营收, 年营收, 营业额
    employees: employees, number of employees, headcount, 员工数, 员工人数, 人数
    founded: year established, founded, established, 成立年份, 创立年份, 成立时间
    parent: subsidiary of, parent, parent account, parent company, 母公司, 上级公司, 所属集团
    owner: owner, account owner, sales agent, agent, 负责人, 业务员, 销售, 跟进人
    note: note, notes, remark, remarks, comment, description, 备注, 说明, 描述
    """,
    ("code", "name"),
    opens=Customer.visible_to,
    owned_while=lambda values: True,
)
CONTACTS = ImportSchema(
    "contacts",
    Phrase("Contacts"),
    ContactIntake,
    (
        ImportField("name", Phrase("Full name")),
        ImportField("last_name", Phrase("Family name")),
        ImportField("first_name", Phrase("Given name")),
        ImportField("customer", Phrase("Customer"), "name", "customer", needed=True),
        ImportField("title", Phrase("Job title")),
        ImportField("phone", Phrase("Phone"), "code"),
        ImportField("email", Phrase("E-mail"), "email"),
        ImportField("note", Phrase("Note")),
    ),
    """
    name: contact, contact name, full name, name, 联系人, 联系人姓名, 姓名
    last_name: last name, last, surname, family name, 姓
    first_name: first name, first, given name, 名, 名字
    customer: account, customer, company, account id, customer id, 客户, 客户名称, 公司, 单位
    title: title, job title, contact title, position, 职务, 职位, 头衔
    phone: phone, telephone, mobile, 电话, 手机, 联系电话
    email: email, e-mail, mail, 邮箱, 电子邮件
    note: note, notes, remark, remarks, comment, description, 备注, 说明, 描述
    """,
    ("email", "name"),
    shared=("email",),
    opens=Contact.visible_to,
    joins=Customer.visible_to,
    within={"email": "customer", "name": "customer"},
    one_of=PARTS_OF_NAME,
    gather=_whole_name,
)
PRODUCTS = ImportSchema(
    "products",
    Phrase("Products"),
    ProductIntake,
    (
        ImportField("name", Phrase("Name"), needed=True),
        ImportField("name_en", Phrase("Name in English")),
        ImportField("code", Phrase("Code"), "code"),
        ImportField("series", Phrase("Series")),
        ImportField("series_en", Phrase("Series in English")),
        ImportField("list_price", Phrase("List price"), "money"),
        ImportField("owner", Phrase("Owner"), "name", "person"),
        ImportField("description", Phrase("Description")),
    ),
    """
    name: product, product name, item, name, 产品, 产品名称, 商品, 楼盘, 小区, 名称
    name_en: english name, 英文名, 英文名称
    code: product code, product id, sku, code, id, 产品编号, 编号, 代码
    series: series, family, category, product family, 系列, 类别, 分类, 产品线
    series_en: series in english, english series, 系列英文名, 英文系列
    list_price: sales price, list price, price, unit price, 价格, 单价, 售价, 标价
    owner: owner, product owner, product manager, 负责人, 产品负责人, 产品经理
    description: description, notes, 描述, 说明, 备注
    """,
    ("code", "name"),
    owned_while=lambda values: True,
)
PEOPLE = ImportSchema(
    "people",
    Phrase("People and teams"),
    PersonIntake,
    (
        ImportField("name", Phrase("Full name")),
        ImportField("last_name", Phrase("Family name")),
        ImportField("first_name", Phrase("Given name")),
        ImportField("name_en", Phrase("Name in English")),
        ImportField(IDENT, PORTAL_ID, "code"),
        ImportField("email", Phrase("E-mail"), "email"),
        ImportField("employee_no", Phrase("Employee number"), "code"),
        ImportField("title", Phrase("Job title")),
        ImportField("phone", Phrase("Phone"), "code"),
        ImportField("department", Phrase("Department"), "name", "department", makes=True),
        ImportField(
            "manager",
            Phrase("Direct manager"),
            "name",
            "person",
            makes=True,
            facts={"roles": (Role.MANAGER,)},
        ),
        ImportField("hired_on", Phrase("Joined on"), "day"),
    ),
    """
    name: sales agent, agent, employee, salesperson, full name, name, 员工, 姓名, 员工姓名, 业务员, 销售
    last_name: last name, last, surname, family name, 姓
    first_name: first name, first, given name, 名, 名字
    name_en: english name, 英文名
    email: email, e-mail, mail, 邮箱, 电子邮件
    employee_no: employee number, employee no, employee id, 工号, 员工编号
    title: title, job title, position, 职务, 职位, 岗位
    phone: phone, telephone, mobile, home phone, 电话, 手机
    department: department, regional office, office, team, region, 部门, 所属部门, 区域, 团队, 门店
    manager: manager, reports to, supervisor, 经理, 直属经理, 主管, 上级
    hired_on: hire date, joined, start date, 入职日期, 入职时间
    """,
    ("email", "employee_no", "name"),
    one_of=PARTS_OF_NAME,
    private=("phone", "email"),
    restricted=True,
    gather=_whole_name,
)
DEALS = ImportSchema(
    "deals",
    Phrase("Deals"),
    DealIntake,
    (
        ImportField("code", Phrase("Code"), "code"),
        ImportField(IDENT, PORTAL_ID, "code"),
        ImportField("title", Phrase("Title")),
        ImportField("customer", Phrase("Customer"), "name", "customer"),
        ImportField("product", Phrase("Product"), "name", "product"),
        ImportField("owner", Phrase("Owner"), "name", "person", needed=True),
        ImportField("stage", Phrase("Stage"), "name", "stage", needed=True),
        ImportField("engaged_on", Phrase("Engaged on"), "day"),
        ImportField("expected_on", Phrase("Expected on"), "day"),
        ImportField("closed_on", Phrase("Closed on"), "day"),
        ImportField("amount", Phrase("Amount"), "money"),
        ImportField("reasons", Phrase("Reasons"), "names", "close_reason"),
        ImportField("lost_reason", Phrase("Reason lost")),
        ImportField("competitor", Phrase("Competitor")),
        ImportField("source", Phrase("Source")),
        ImportField("note", Phrase("Note")),
    ),
    """
    code: opportunity id, deal id, opportunity number, deal code, code, id, 商机编号, 编号, 合同编号
    title: title, deal name, opportunity name, deal, opportunity, name, 商机名称, 商机, 标题, 名称
    customer: account, customer, company, 客户, 客户名称, 公司
    product: product, item, 产品, 产品名称, 商品
    owner: sales agent, agent, owner, deal owner, salesperson, 负责人, 业务员, 销售, 销售员, 跟进人
    stage: deal stage, stage, stage name, status, 商机阶段, 阶段, 状态
    engaged_on: engage date, engaged on, start date, created date, create date, 接洽日期, 开始日期,
        创建日期
    expected_on: expected close date, expected on, 预计成交日期, 预计日期
    closed_on: close date, closed on, won date, 成交日期, 关闭日期, 结束日期, 签约日期
    amount: close value, amount, value, 成交金额, 商机金额, 金额
    reasons: reasons, close reasons, reason codes, 原因, 成交原因, 输赢原因
    lost_reason: reason lost, lost reason, loss reason, 输单原因, 丢单原因
    competitor: competitor, 竞争对手, 竞品
    source: source, lead source, 来源, 线索来源, 商机来源
    note: note, notes, remark, remarks, comment, description, 备注, 说明, 描述
    """,
    ("code", "title"),
    opens=Deal.visible_to,
    joins=Customer.dealt_with_by,
    within={"title": "customer"},
    one_of=("code", "title"),
    owned_while=lambda values: values.get("stage") in OPEN_STAGES,
    settle=_as_the_stage_allows,
)
ARTICLES = ImportSchema(
    "articles",
    Phrase("Knowledge"),
    ArticleIntake,
    (
        ImportField("title", Phrase("Title"), needed=True),
        ImportField(IDENT, PORTAL_ID, "code"),
        ImportField("edition", Phrase("Version"), "code"),
        ImportField("body", Phrase("Text"), "lines"),
        ImportField("summary", Phrase("In one sentence")),
        ImportField("kind_of", Phrase("Kind"), "kind"),
        ImportField("audience", Phrase("For whom"), "readers"),
        ImportField("topics", Phrase("Topics"), "names", "topic"),
        ImportField("product", Phrase("Product"), "name", "product"),
        ImportField("customer_type", Phrase("Customer type"), "name", "customer_type"),
        ImportField("author", Phrase("Author"), "name", "person"),
        ImportField(
            "state", Phrase("State"), "word", words={state: (state.label,) for state in ArticleState}
        ),
        ImportField(
            "freshness",
            Phrase("How long it stays true"),
            "word",
            words={
                name: (words, *filter(None, [FRESHNESS_ONCE.get(name)])) for name, words in FRESHNESS.items()
            },
        ),
        ImportField("review_by", Phrase("True until"), "day"),
        ImportField("publish_on", Phrase("Publish on"), "day"),
        ImportField("ends_on", Phrase("Ends on"), "day"),
        ImportField("written_in", Phrase("Language")),
        ImportField("same_as", Phrase("Language versions")),
    ),
    """
    title: title, headline, subject, article title, 标题, 题目, 文章标题, 知识标题
    body: text, body, content, article, 正文, 内容, 文本, 知识内容
    summary: in one sentence, summary, abstract, 一句话, 摘要, 概述
    kind_of: kind, type, article type, 类型, 种类, 知识类型
    audience: for whom, audience, 对象, 适用对象, 适用范围, 读者
    topics: topics, topic, tags, 主题, 标签, 话题
    product: product, 产品, 产品名称
    customer_type: customer type, 客户类型
    author: author, written by, 作者, 撰写人, 作者姓名
    state: state, status, 状态
    freshness: how long it stays true, freshness, 有效性
    review_by: true until, valid until, 有效期至, 有效期
    publish_on: publish on, valid from, effective from, 发布日, 生效日期, 生效日
    ends_on: ends on, expires on, expiry date, 结束日, 失效日期, 下线日期
    written_in: language, 语言
    same_as: language versions, 语言版本
    """,
    ("title",),
    seen=lambda person: Article.id.in_(Article.visible_to(person).select(Article.id)),
    by_hand=True,
)
QUESTIONS = ImportSchema(
    "questions",
    Phrase("Questions"),
    QuestionIntake,
    (
        ImportField("text", Phrase("Question"), needed=True),
        ImportField(IDENT, PORTAL_ID, "code"),
        ImportField("edition", Phrase("Version"), "code"),
        ImportField("detail", Phrase("What lies behind it"), "lines"),
        ImportField("topic", Phrase("Topic"), "name", "topic"),
        ImportField("further_topics", Phrase("Further topics"), "names", "topic"),
        ImportField("product", Phrase("Product"), "name", "product"),
        ImportField("asker", Phrase("Asked by"), "name", "person"),
        ImportField("answer", Phrase("Answer"), "lines"),
        ImportField("author", Phrase("Answered by"), "name", "person"),
        ImportField("customer_type", Phrase("Customer type"), "name", "customer_type"),
    ),
    """
    text: question, customer question, faq, 问题, 客户问题, 常见问题, 疑问
    detail: what lies behind it, background, 背景, 问题背景
    topic: topic, 主题
    further_topics: further topics, other topics, 其他主题
    product: product, 产品, 产品名称
    asker: asked by, asker, 提问人, 提问者
    answer: answer, best answer, reply, 答案, 回答, 最佳答案, 答复
    author: answered by, answerer, 回答人, 回答者, 答复人
    customer_type: customer type, best for, 客户类型, 适用客户
    """,
    ("text",),
    seen=lambda person: Question.id.in_(Question.visible_to(person).select(Question.id)),
    by_hand=True,
)
SCHEMAS = {
    schema.name: schema for schema in (CUSTOMERS, CONTACTS, PRODUCTS, PEOPLE, DEALS, ARTICLES, QUESTIONS)
}


def guess_schema(table: Table) -> str:
    """What a file most likely holds, by how many of its headers each schema knows; '' when nothing fits."""
    best, most = "", 1
    for schema in SCHEMAS.values():
        found = schema.guess(table.headers, table)
        if len(found) > most and schema.lacking(found) is None:
            best, most = schema.name, len(found)
    return best
