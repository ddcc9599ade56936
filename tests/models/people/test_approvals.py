"""Approvals: one asks, another answers, once."""

from __future__ import annotations

import pytest
from peewee import IntegrityError

from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.people.approvals import Approval
from portal.models.people.needs import SECOND, needs
from portal.models.people.people import Person
from portal.models.products.products import Product

TEXT = Phrase("Look at it")


def ask(product: Product, by: Person, *but: Person) -> Approval:
    return Approval.ask(product, "approval", TEXT, by=by, who=SECOND, but=[one.id for one in but])


def test_one_stands_at_a_time_and_asks_all_but_who_asked(
    lakeside: Product, fin: Person, fiona: Person, adam: Person, audrey: Person, ada: Person
) -> None:
    assert ask(lakeside, fin, fiona) == ask(lakeside, adam)
    asked = {p.name for p in (fin, fiona, adam, audrey, ada) if needs(p)}
    assert asked == {"Adam"}
    (need,) = needs(adam)
    assert (need.kind, need.text, need.url) == ("approval", TEXT, lakeside.url)


@pytest.mark.parametrize("approve", [True, False])
def test_the_first_answer_of_another_person_stands(
    lakeside: Product, fin: Person, fiona: Person, adam: Person, approve: bool
) -> None:
    made = ask(lakeside, fin)
    with pytest.raises(Invalid):
        Approval.settle(lakeside, "approval", by=fin, approve=True)
    assert Approval.settle(lakeside, "approval", by=fiona, approve=approve)
    assert not Approval.settle(lakeside, "approval", by=adam, approve=not approve)
    now = made.fresh()
    assert (now.state, now.answered_by_id) == ("approved" if approve else "refused", fiona.id)
    assert now.answered_at is not None
    assert needs(fiona) == needs(adam) == []
    assert ask(lakeside, fiona) != made


def test_what_is_withdrawn_asks_nobody(lakeside: Product, fin: Person, fiona: Person) -> None:
    made = ask(lakeside, fin)
    assert Approval.withdraw(lakeside, "approval")
    assert not Approval.withdraw(lakeside, "approval")
    assert made.fresh().state == "withdrawn"
    assert needs(fiona) == []


def test_the_database_lets_nobody_answer_themselves(lakeside: Product, fin: Person) -> None:
    made = ask(lakeside, fin)
    answer = {"state": "approved", "answered_by": fin, "standing": None}
    with pytest.raises(IntegrityError):
        Approval.update(answer).where(Approval.id == made.id).execute()
