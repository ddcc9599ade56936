"""Who should call a customer: reckoned by hand, named with the reason, and nobody who may not be named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.company import lists
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import Trait
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.own_topics import OwnTopic
from portal.models.expertise.soft_traits import HiddenTrait, SoftTrait, SoftWord
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.absences import Absence
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.callers import Caller, callers
from portal.models.sales.deals import Deal
from tests.conftest import SignIn

MINUTES = timedelta(minutes=5)


@pytest.fixture
def cautious(adam: Person) -> SoftTrait:
    made = lists.add("soft-traits", by=adam, name="谨慎", name_en="cautious")
    assert isinstance(made, SoftTrait)
    return made


@pytest.fixture
def safety(adam: Person, cautious: SoftTrait) -> TraitKind:
    facts = {"name_en": "wants safety", "purpose": "Who calls", "suits": cautious}
    made = lists.add("traits", by=adam, name="要求稳健", **facts)
    assert isinstance(made, TraitKind)
    return made


@pytest.fixture
def family(ada: Person, lakeside: Product, schools: Topic) -> Customer:
    """Ada's, who asks about a home for which there is a question about schools."""
    made = Customer.add(by=ada, name="Family", form="person")
    for number in (1, 2):
        Deal.open(by=ada, title=f"Rooms {number}", customer=made, product=lakeside)
    Question.ask(by=ada, text="Which school?", topic=schools, product=lakeside)
    return made


def calls(person: Person, trait: SoftTrait, *colleagues: Person) -> None:
    """Each at another moment: no burst."""
    for number, by in enumerate(colleagues):
        with clock.moved(clock.now() + number * MINUTES):
            SoftWord.give(by=by, person=person, trait=trait)


def knows(person: Person, topic: Topic, about: Customer, quality: int = 10_000) -> None:
    Evidence.record(person, topic, "best answer", about, quality=quality)


def test_who_is_away_on_that_day_is_not_named(family: Customer, ada: Person, mona: Person) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    Absence.create(person=ada, first_day=tomorrow, last_day=tomorrow)
    assert [one.person for one in callers(family, to=mona)] == [ada]
    assert callers(family, to=mona, at=clock.start_of(tomorrow) + MINUTES) == []


def test_a_customer_without_a_type_is_not_of_all_that_has_none(
    ada: Person, ben: Person, mona: Person, schools: Topic
) -> None:
    bare = Customer.add(by=ada, name="Guest")
    Article.add(by=ben, title="Schools nearby", body="What may be said.", topics=[schools], published=True)
    knows(ben, schools, bare)
    assert [one.person for one in callers(bare, to=mona)] == [ada]


def test_the_order_is_as_reckoned_by_hand(
    family: Customer, ada: Person, ben: Person, rob: Person, mona: Person, fin: Person, stan: Person,
    schools: Topic, cautious: SoftTrait, safety: TraitKind,
) -> None:  # fmt: skip
    """E: Ben 8, Rob 4, so 1 and .5. F: Rob 1. C: Ada 1 (owner) + 1 (today) = 2, Ben .5 (90 days), so 1 and .25.
    L: Ada 2 deals, Ben 1, so 1 and .5. R: Rob (.5 + 1) / 1 = 1.5, Ben (1 + .25) / 1.5 = .833, Ada 1 / 2 = .5.
    """
    knows(ben, schools, family)
    knows(rob, schools, family, quality=5_000)
    Deal.open(by=ben, title="Another", customer=Customer.add(by=ben, name="Guest"))
    calls(rob, cautious, mona, fin, stan)
    Trait.note(family, safety, by=ada)
    Interaction.log(family, by=ada, kind_of="call", text="Today")
    Interaction.log(family, by=ben, kind_of="call", text="Then", at=clock.now() - timedelta(days=90))
    found = callers(family, to=mona)
    assert [(one.person.id, round(one.score, 3)) for one in found] == [
        (rob.id, 1.5), (ben.id, 0.833), (ada.id, 0.5),
    ]  # fmt: skip
    assert [str(reason) for reason in found[0].reasons] == [
        "knows Schools", "is called “cautious”, which suits “wants safety”", "open deals: 0",
    ]  # fmt: skip
    assert "looks after them" in [str(reason) for reason in found[2].reasons]


def test_a_trait_that_is_not_confirmed_or_that_one_may_not_read_matches_nobody(
    family: Customer, ada: Person, ben: Person, rob: Person, mona: Person, fin: Person, stan: Person,
    cautious: SoftTrait, safety: TraitKind,
) -> None:  # fmt: skip
    calls(rob, cautious, mona, fin, stan)
    said = Interaction.log(family, by=ada, kind_of="call", text="Safe")
    Trait.note(family, safety, by=ada, source=said)
    assert rob.id not in named(callers(family, to=ada))
    Trait.note(family, safety, by=ada)
    assert rob.id in named(callers(family, to=ben))
    safety.edit(by=None, level=3)
    assert rob.id not in named(callers(family, to=ben)), "his name would tell what Ben may not read"
    assert rob.id in named(callers(family, to=ada))


def named(found: list[Caller]) -> set[int]:
    return {one.person.id for one in found}


def test_two_words_or_a_hidden_one_match_nobody(
    family: Customer, ada: Person, rob: Person, mona: Person, fin: Person, stan: Person,
    cautious: SoftTrait, safety: TraitKind,
) -> None:  # fmt: skip
    Trait.note(family, safety, by=ada)
    calls(rob, cautious, mona, fin)
    assert rob.id not in named(callers(family, to=ada))
    calls(rob, cautious, stan)
    assert rob.id in named(callers(family, to=ada))
    HiddenTrait.hide(cautious, by=rob)
    assert rob.id not in named(callers(family, to=ada))


def test_who_left_who_audits_and_oneself_are_not_named(
    family: Customer, ada: Person, ben: Person, audrey: Person, stan: Person, schools: Topic
) -> None:
    for person in (ben, audrey, stan, ada):
        knows(person, schools, family)
    assert named(callers(family, to=ada)) == {ben.id, stan.id}
    Absence.note(by=stan, person=stan, first_day=clock.today(), last_day=clock.today())
    assert named(callers(family, to=ada)) == {ben.id}
    with clock.moved(clock.now() + timedelta(days=1)):
        assert named(callers(family, to=ada)) == {ben.id, stan.id}
    Person.update(deactivated_at=clock.now()).where(Person.id == ben.id).execute()
    assert named(callers(family, to=ada)) == set()


def test_a_hidden_topic_names_nobody(family: Customer, ada: Person, ben: Person, schools: Topic) -> None:
    knows(ben, schools, family)
    assert named(callers(family, to=ada)) == {ben.id}
    OwnTopic.hide(schools, by=ben)
    assert callers(family, to=ada) == []


def test_protected_attributes_are_no_input() -> None:
    """Every fact of a caller is one of the four of the formula, or who it is."""
    facts = set(Caller.__dataclass_fields__)
    allowed = {"person", "expertise", "best", "topic", "fits", "relation", "talks", "owns", "load", "score"}
    assert facts == allowed
    assert not {"birthday", "age", "gender", "sex", "nationality"} & set(Person._meta.fields)


def test_the_pages_answer_who_opens_the_customer_alone(
    sign_in: SignIn, family: Customer, ada: Person, ben: Person, schools: Topic
) -> None:
    knows(ben, schools, family)
    deal = Deal.get(Deal.customer == family)
    browser = sign_in(ada)
    for path in (f"/customers/{family.id}/callers", f"/deals/{deal.id}/callers"):
        page = browser.get(path).text
        assert "Ben" in page
        assert "knows Schools" in page
        assert "<html" in page
        assert "<html" not in browser.get(path, headers={"HX-Request": "true"}).text
    assert f"/customers/{family.id}/callers" in browser.get(family.url).text
    assert browser.get("/deals/999/callers").status_code == 404
