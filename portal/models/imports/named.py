"""What the cells of a file may name: records, a stage, or a plain value that has a right spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.intake import Intake
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.intake import CustomerIntake
from portal.models.imports.aliases import fold
from portal.models.people.intake import PersonIntake
from portal.models.products.intake import ProductIntake
from portal.models.sales.close_reasons import CloseReason
from portal.models.sales.words import Stage

STAGES = {
    Stage.LEAD: "lead, new, prospect, prospecting, 线索, 潜在, 潜在客户, 新商机, 初步接触",
    Stage.ENGAGED: "engaged, engaging, contacted, qualified, qualification, 接洽, 已接洽, 跟进中, 需求确认",
    Stage.VIEWING: "viewing, demo, visit, presentation, 带看, 看房, 演示, 方案演示",
    Stage.NEGOTIATION: "negotiation, negotiating, proposal, quote, 谈判, 谈判中, 报价, 商务谈判",
    Stage.WON: "won, closed won, win, signed, 赢单, 成交, 已成交, 签约, 已签约",
    Stage.LOST: "lost, closed lost, loss, 输单, 丢单, 失败, 已流失, 未成交",
}
SECTORS = """
    advertising, aerospace, agriculture, automotive, banking, biotechnology, chemicals, construction,
    consulting,
    education, electronics, employment, energy, engineering, entertainment, finance, financial services,
    food and beverage, government, healthcare, hospitality, information technology, insurance, legal services,
    logistics, manufacturing, marketing, media, medical, mining, pharmaceuticals, real estate, retail,
    services,
    software, technology, telecommunications, transportation, travel, utilities, wholesale,
    房地产, 金融, 教育, 医疗, 零售, 制造业, 信息技术, 互联网, 物流, 能源, 建筑, 餐饮, 政府机构, 电子商务
"""


@cache
def _stage_words() -> dict[str, Stage]:
    found = {fold(word): stage for stage, words in STAGES.items() for word in words.split(",")}
    return found | {fold(word): stage for stage in Stage for word in i18n.in_each_language(stage.label)}


@cache
def _sectors() -> tuple[str, ...]:
    return tuple(word.strip() for word in SECTORS.replace("\n", " ").split(","))


@cache
def _countries() -> tuple[str, ...]:
    """As Unicode's CLDR lists them."""
    return tuple(name for tag in ("en", "zh_Hans_CN") for name in Locale.parse(tag).territories.values())


@dataclass(frozen=True)
class Named:
    """What is named: one of records, of a closed list of `words`, or of the values of a `column`."""

    label: Phrase
    intake: type[Intake[Any]] | None = None
    also: tuple[str, ...] = ()
    """Further fields by which a record is known, beside its name."""
    restricted: bool = False
    """Whether only an administrator may have one added."""
    decides: bool = False
    """Whether it says who is paid or whose a customer is: then a likeness decides nothing."""
    words: Callable[[], Mapping[str, Any]] | None = None
    """What each folded word of the list means."""
    column: Any = None
    right: Callable[[], tuple[str, ...]] = tuple
    """Values that are spelled right."""

    @property
    def is_plain(self) -> bool:
        """Whether it is a value that may be kept as it stands."""
        return self.column is not None


NAMED = {
    "customer": Named(Phrase("Customer"), CustomerIntake, ("name_en", "code"), decides=True),
    "product": Named(Phrase("Product"), ProductIntake, ("name_en", "code")),
    "person": Named(
        Phrase("Person"), PersonIntake, ("name_en", "employee_no", "email"), restricted=True, decides=True
    ),
    "leaver": Named(Phrase("Owner who has left"), decides=True),
    "department": Named(Phrase("Department"), Intake.of(Department), ("name_en",)),
    "customer_type": Named(Phrase("Customer type"), Intake.of(CustomerType), ("name_en",)),
    "topic": Named(Phrase("Topic"), Intake.of(Topic), ("name_en",), restricted=True),
    "close_reason": Named(Phrase("Reason of closing"), Intake.of(CloseReason), ("name_en",), restricted=True),
    "stage": Named(Phrase("Stage"), words=_stage_words),
    "sector": Named(Phrase("Sector"), column=Customer.sector, right=_sectors),
    "place": Named(Phrase("City"), column=Customer.city, right=_countries),
}
NOUNS = {noun: named.label for noun, named in NAMED.items()}
MODELS: dict[str, Any] = {
    noun: named.intake.model for noun, named in NAMED.items() if named.intake is not None
}
