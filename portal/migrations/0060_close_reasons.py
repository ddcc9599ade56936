"""Why deals are won or lost: the company's list, with a beginning to change, and the reasons of each deal."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BooleanField, ForeignKeyField, IntegerField

from portal import clock
from portal.models.base.fields import NameField, UtcDateTimeField

SHIPPED = (
    ("价格", "Price", True, True),
    ("产品合适", "Product fit", True, False),
    ("产品不合适", "Product did not fit", False, True),
    ("信任与关系", "Trust and relationship", True, False),
    ("缺少信任", "Lack of trust", False, True),
    ("回复及时", "Quick replies", True, False),
    ("回复太慢", "Slow replies", False, True),
    ("输给竞争对手", "A competitor", False, True),
    ("地段与位置", "Location", True, True),
    ("时机", "Timing", True, True),
    ("付款与贷款", "Payment and financing", True, True),
    ("服务与建议", "Service and advice", True, False),
    ("口碑与推荐", "Reputation or recommendation", True, False),
    ("合同条款", "Terms of the contract", True, True),
    ("客户计划有变", "Customer's own plan changed", False, True),
    ("拍板的人不同意", "Whoever decides said no", False, True),
    ("客户不再回复", "Customer stopped answering", False, True),
)
"""Name, English name, whether it is offered for won deals, whether for lost ones."""


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Deal(Table):
    id = BigAutoField()


class CloseReason(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    name = NameField(120, unique=True)
    name_en = NameField(120)
    position = IntegerField()
    for_won = BooleanField()
    for_lost = BooleanField()


class DealReason(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    deal = ForeignKeyField(Deal, on_delete="CASCADE", index=False)
    reason = ForeignKeyField(CloseReason, on_delete="RESTRICT", index=False, backref="closings")

    class Meta:
        indexes = ((("deal", "reason"), True), (("reason", "deal"), False))


def up(migrator: Any, db: Any) -> None:
    """A deal that was closed before has none: nobody said."""
    now = clock.now()
    with db.bind_ctx((Deal, CloseReason, DealReason)):
        db.create_tables([CloseReason, DealReason])
        stamps = {"created_at": now, "updated_at": now, "version": 1}
        CloseReason.insert_many(
            [
                {"name": name, "name_en": english, "position": place, "for_won": won, "for_lost": lost}
                | stamps
                for place, (name, english, won, lost) in enumerate(SHIPPED)
            ]
        ).execute()
