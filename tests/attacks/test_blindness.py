"""Who reviews whom: neither side's pages name the other, before or after (RULES 4.2)."""

from __future__ import annotations

import pytest

from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.people.people import Person
from tests.commission import deal_of
from tests.conftest import SignIn

TITLE = "Ask the school before the tour"
GOOD = dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "4") | {"verdict": "accept"}


@pytest.fixture
def item(ada: Person, rita: Person, rob: Person, schools: Topic) -> Experience:
    """A debrief of Ada's deal with Mr Quentin, with Rita and Rob."""
    customer = Customer.add(by=ada, name="Quentin")
    made = Experience.begin(by=ada, kind="debrief", deal=deal_of(ada, "1234567.00", customer=customer))
    made.save_draft(by=ada, title=TITLE, situation="Four fell through.", doubt="?", action="Ask.",
                    outcome="Sold.", lesson="Ask.")  # fmt: skip
    process.submit(made, by=ada, topics=[schools])
    return made.fresh()


def test_a_reviewer_reads_neither_author_nor_customer_nor_deal(
    sign_in: SignIn, rita: Person, item: Experience
) -> None:
    browser, review = sign_in(rita), Review.get(Review.reviewer == rita)
    for path in ("/reviews", f"/reviews/{review.id}", "/needs-me"):
        page = browser.get(path).text
        assert not [word for word in ("Ada", "Quentin", "1,234,567", "Deal of") if word in page], path
    for path in (f"/experiences/{item.id}", f"/experiences/{item.id}/edit"):
        assert browser.get(path).status_code == 404


def test_an_author_reads_no_reviewers_name_beside_the_item(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, item: Experience
) -> None:
    """While it is read, and once both have accepted it; nor does a reviewer's own page tell what they read."""
    author = sign_in(ada)
    for decided in (False, True):
        if decided:
            for person in (rita, rob):
                review = Review.get(Review.reviewer == person)
                assert sign_in(person).post(f"/reviews/{review.id}", data=GOOD).status_code == 303
            assert item.fresh().state == "accepted"
        for path in ("/", f"/experiences/{item.id}", "/experiences", "/needs-me"):
            page = author.get(path, follow_redirects=True).text
            assert not [name for name in ("Rita", "Rob") if name in page], (path, decided)
        for person in (rita, rob):
            page = author.get(f"/people/{person.id}").text
            assert TITLE not in page
            assert "Review done" not in page
        assert author.get("/admin/reviews").status_code == 403
