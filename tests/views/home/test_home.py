"""My day and the one inbox."""

from __future__ import annotations

import re
from datetime import timedelta

from portal import clock
from portal.i18n import Phrase
from portal.models.learning.paths import PathStep
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from tests.conftest import SignIn
from tests.counting import MOST, queries


def test_home_greets_by_name_and_teaches_when_empty(sign_in: SignIn, ada: Person) -> None:
    page = sign_in(ada).get("/").text
    assert "Ada" in page
    assert "Nothing waits for you" in page


def test_notice_is_read_by_opening_it_and_stays_read(sign_in: SignIn, ada: Person, ben: Person) -> None:
    Notice.tell(ada, Phrase("Your experience was accepted."), about=ada, url="/account")
    notice, browser = Notice.get(), sign_in(ada)
    assert "Your experience was accepted." in browser.get("/needs-me").text
    for _ in range(2):
        answer = browser.post(f"/notices/{notice.id}/reading", data={"open": "1"})
        assert answer.headers["location"] == "/account"
    first = notice.fresh().read_at
    assert first is not None
    assert sign_in(ben).post(f"/notices/{notice.id}/reading").status_code == 404


def test_all_notices_are_read_at_once(sign_in: SignIn, ada: Person) -> None:
    for n in range(3):
        Notice.tell(ada, Phrase("News %(n)s", n=n), about=ada)
    assert sign_in(ada).post("/notices/reading").status_code == 303
    assert Notice.unread_by(ada).count() == 0


def test_a_notice_told_twice_with_one_key_is_told_once(ada: Person) -> None:
    for _ in range(2):
        Notice.tell(ada, Phrase("Remember"), about=ada, key="once")
    assert [notice.url for notice in Notice.select()] == [ada.url]


def test_month_so_far_is_zero_without_a_policy(sign_in: SignIn, ada: Person) -> None:
    assert "¥0.00" in sign_in(ada).get("/month-so-far").text


def test_who_leads_sees_first_which_deals_of_the_team_are_due(
    sign_in: SignIn, ada: Person, mona: Person, fin: Person
) -> None:
    """Mona leads Ada and not Fin."""
    day, given = clock.today(), timedelta(days=1)
    late = Deal.open(by=ada, title="Late one", expected_on=day - given)
    Deal.open(by=ada, title="Later one", expected_on=day + 9 * given)
    Deal.open(by=fin, title="Of another team", expected_on=day)
    browser = sign_in(mona)
    with queries() as asked:
        page = browser.get("/").text
    assert len(asked) <= MOST, "\n".join(asked)
    assert "Open deals of my team" in page
    assert "Of another team" not in page
    assert page.index("Late one") < page.index("Later one")
    assert re.search(rf'href="{late.url}".*?Ada.*?overdue', page, re.DOTALL)
    assert "No open deals of yours" not in page
    assert "Open deals of my team" not in sign_in(ada).get("/").text


def test_who_is_new_finds_their_path_first(sign_in: SignIn, ada: Person, ben: Person, adam: Person) -> None:
    """How far they are and what is next, in one click; where nobody wrote it down, good first steps."""
    assert 'id="my-path"' not in sign_in(ben).get("/").text  # when he joined nobody said
    Person.update(hired_on=clock.today() - timedelta(days=2), title="Trainee").where(
        Person.id == ada.id
    ).execute()
    page = sign_in(ada).get("/").text
    assert ("Start here" in page, "My first 90 days" in page) == (True, False)
    for day, what in ((1, "Write a question down"), (7, "Log a call")):
        task = "question.asked" if day == 1 else "interaction.logged"
        PathStep.add(by=adam, post="Trainee", day=day, title=what, task=task)
    with queries() as asked:
        page = sign_in(ada).get("/").text
    assert ("Start here" in page, "My first 90 days" in page) == (False, True)
    assert "Today is day 3." in page
    assert "0 of 2 steps" in page
    assert re.search(r'<a[^>]*href="/path-steps/\d+"[^>]*>.*?Next: Write a question down', page, re.S)
    assert page.index("My first 90 days") < page.index("Nothing waits for you")
    assert len(asked) <= MOST
    Person.update(hired_on=clock.today() - timedelta(days=90)).where(Person.id == ada.id).execute()
    assert 'id="my-path"' not in sign_in(ada).get("/").text  # their days are over
