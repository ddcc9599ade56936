"""Who reviewed cannot be told from anything an author opens, nor who wrote by a reviewer (RULES 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.sales.deals import Deal
from portal.models.search.lookups import SavedSearch
from portal.models.work.clocks import Clock
from portal.search.saved import tell
from tests.attacks.worlds import World, differing, world
from tests.commission import deal_of
from tests.conftest import person
from tests.search.parts import emptied

TITLE = "Ask the school before the tour"
TEXT: dict[str, Any] = {
    "situation": "Four fell through.",
    "doubt": "?",
    "action": "Telephone.",
    "outcome": "Sold.",
    "lesson": "Ask.",
}
GOOD = dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "4")
WORDS = ("school", "Telephone", "Quentin", "Deal", "1234567", "Ada", "Rita", "state:submitted")
DUTIES = [
    pytest.param((), id="member"),
    pytest.param((Role.ADMINISTRATOR, Role.FINANCE, Role.MANAGER), id="administrator"),
    pytest.param((Role.AUDITOR,), id="auditor"),
]


class Cast:
    """Ada and Ben sell and write, with Cleo; Rita, Rosa and Rob review; Paul does neither."""

    def __init__(self) -> None:
        sales = Department.create(name="销售部", name_en="Sales")
        self.logistics = Department.create(name="后勤部", name_en="Logistics")
        self.topic = Topic.create(name="学区", name_en="Schools")
        self.mona = person("Mona", department=sales)
        self.mona.grant(Role.MANAGER, by=None, department=sales)
        names = ("Ada", "Ben", "Cleo")
        self.ada, self.ben, self.cleo = (person(name, department=sales, manager=self.mona) for name in names)
        self.paul = person("Paul", department=self.logistics)
        self.rita, self.rosa, self.rob = (person(name) for name in ("Rita", "Rosa", "Rob"))
        for one in (self.rita, self.rosa, self.rob):
            one.grant(Role.REVIEWER, by=None, topic=self.topic)
        self.deals = dict(self._deals())

    def _deals(self) -> Iterator[tuple[Person, Deal]]:
        for one, name in ((self.ada, "Quentin"), (self.ben, "Quentin the second")):
            yield one, deal_of(one, "1234567.00", customer=Customer.add(by=one, name=name))

    def give(self, who: Person, roles: tuple[Role, ...]) -> None:
        for role in roles:
            who.grant(role, by=None, department=self.logistics if role is Role.MANAGER else None)

    def hand_in(self, author: Person, first: Person, *, names: Person | None = None) -> tuple[Review, Review]:
        """A debrief with Cleo as co-author; it goes to `first` and to Rob. `names`: as co-author too, unasked."""
        made = Experience.begin(by=author, kind="debrief", deal=self.deals[author])
        made.save_draft(by=author, title=TITLE, **TEXT)
        shares = {self.cleo: 300_000} | ({names: 10_000} if names is not None else {})
        process.submit(made, by=author, topics=[self.topic], co_authors=shares)
        process.agree_to_share(made, by=self.cleo)
        one, other = Review.select().order_by(Review.id)
        other = reseat(other, self.rob)
        return reseat(one, first), other


def reseat(review: Review, to: Person) -> Review:
    """The same seat, had the panel's choice been another."""
    seat = (Clock.subject_kind == "review") & (Clock.subject == review.id)
    Clock.update(who=f"person-{to.id}").where(seat).execute()
    told = (Notice.subject_kind == "review") & (Notice.subject == review.id)
    Notice.update(person=to).where(told).execute()
    Review.update(reviewer=to).where(Review.id == review.id).execute()
    return review.fresh()


def give(here: World, review: Review, verdict: str) -> None:
    sent = GOOD | {"verdict": verdict, "comment": "Known."}
    answer = here.browser(review.reviewer).post(f"/reviews/{review.id}", data=sent)
    assert answer.status_code == 303


@pytest.mark.parametrize("duties", DUTIES)
def test_an_author_cannot_tell_who_reviewed(
    sqlite_template: Path, tmp_path: Path, duties: tuple[Role, ...]
) -> None:
    """Rita or Rosa, beside Rob: once one judgement is in, and once it is decided, all pages are the same for its
    author, whatever their duties, for the co-author, and for whoever could tell them.
    """

    def pages(name: str) -> dict[str, str]:
        found = dict[str, str]()
        with world(sqlite_template, tmp_path / name) as here:
            cast = Cast()
            cast.give(cast.ada, duties)
            reviews = cast.hand_in(cast.ada, cast.rita if name == "one" else cast.rosa)
            for review in reviews:
                give(here, review, "accept")
                opened = here.opened_by(cast.ada) | here.found_by(cast.ada, "school", "Rita", "review")
                found |= {f"{review.id} {path}": page for path, page in opened.items()}
            for who in () if duties else (cast.cleo, cast.paul, cast.mona):
                found |= {f"{who.name} {path}": page for path, page in here.opened_by(who).items()}
            assert Experience.get().state == "accepted"
        return found

    assert differing(pages("one"), pages("other")) == []


@pytest.mark.parametrize("is_named", [False, True])
@pytest.mark.parametrize("duties", DUTIES)
def test_a_reviewer_cannot_tell_who_wrote(
    sqlite_template: Path, tmp_path: Path, duties: tuple[Role, ...], is_named: bool
) -> None:
    """Ada or Ben, who closed a deal each: before Rita judges and once it is rejected, all pages are the same, also
    where its author told her by naming her as co-author.
    """

    def pages(name: str) -> dict[str, str]:
        found = dict[str, str]()
        with world(sqlite_template, tmp_path / name) as here:
            cast = Cast()
            cast.give(cast.rita, duties)
            author, named = cast.ada if name == "one" else cast.ben, cast.rita if is_named else None
            reviews = cast.hand_in(author, cast.rita, names=named)
            found |= here.opened_by(cast.rita)
            asked = here.browser(cast.rita).get("/experiences/1/co-author")
            assert asked.status_code == (200 if is_named else 404)
            found["co-author"] = asked.text
            for review in reviews:
                give(here, review, "reject")
            opened = here.opened_by(cast.rita) | here.found_by(cast.rita, *WORDS)
            assert Experience.get().state == "rejected"
        return found | {f"rejected {path}": page for path, page in opened.items()}

    assert differing(pages("one"), pages("other")) == []


@pytest.mark.parametrize("engine", ["embedded", "meilisearch"])
def test_a_reviewer_cannot_tell_who_wrote_from_search(
    sqlite_template: Path, tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    """Whichever engine finds it, while it is in review: hits, proposals, narrowed lists, searches that are kept."""
    given = dict[str, Any]()
    if engine == "meilisearch":
        server = request.getfixturevalue("meilisearch_server")
        given = {"search_url": server.url, "search_key": server.master_key}

    def pages(name: str) -> dict[str, str]:
        if given:
            emptied(server)
        with world(sqlite_template, tmp_path / name, **given) as here:
            cast = Cast()
            here.found_by(cast.rita)
            kept = [SavedSearch.keep(by=cast.rita, query=f"q={word}", name=word) for word in WORDS[:4]]
            cast.hand_in(cast.ada if name == "one" else cast.ben, cast.rita)
            found = here.found_by(cast.rita, *WORDS, "author:Ada", "owner:Ben", "kind:experience")
            for each in kept:
                tell(each.id)
            return found | {"told": here.browser(cast.rita).get("/needs-me").text}

    assert differing(pages("one"), pages("other")) == []
