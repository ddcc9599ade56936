"""Whether reviewers judge alike: by hand, and nothing of it tells an author who reviewed (RULES 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.insights.agreement import alpha, reading
from portal.models.insights.calibration import Calibration, Given, ReviewerStanding, Severity, Share
from portal.models.people.people import Person, Role
from tests.conftest import SignIn, person
from tests.counting import MOST, queries
from tests.models.experiences.test_reviews import FAIR, GOOD, POOR, experience, give

KRIPPENDORFF = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Four observers, twelve units: "Computing Krippendorff's Alpha-Reliability" (2011), where the interval alpha
is 0.849.
"""


def test_alpha_of_the_known_example() -> None:
    rows = [line.split() for line in KRIPPENDORFF.split("\n") if line]
    units = [[float(cell) for cell in unit if cell != "."] for unit in zip(*rows, strict=True)]
    found = alpha(units)
    assert found is not None
    assert round(found, 3) == 0.849


def test_alpha_by_hand() -> None:
    """Two units, 70 and 80, 60 and 60. Seen: (2 x 100 / 1 + 0) / 4 = 50. By chance: the ordered pairs of 70, 80,
    60, 60 differ by 2 x (100 + 100 + 100 + 400 + 400 + 0) = 2200, of 12 pairs: 183.33. 1 - 50 / 183.33 = 0.7273.
    """
    found = alpha([[70, 80], [60, 60], [99]])
    assert found == pytest.approx(float(1 - Fraction(50) / Fraction(2200, 12)))
    assert alpha([[99]]) is None
    assert alpha([]) is None
    assert alpha([[70, 70], [70, 70]]) == 1


@pytest.fixture
def judged(ada: Person, rita: Person, rob: Person, schools: Topic) -> list[Experience]:
    """Three of Ada's: Rita gave each 71, Rob 60, and both accept."""
    made = [experience(ada, schools) for _ in range(3)]
    for each in made:
        give(each, rita, GOOD)
        give(each, rob, FAIR)
    return made


def everything() -> Calibration:
    return Calibration(Review.select())


def test_severity_is_the_mean_difference_to_the_others(
    judged: list[Experience], rita: Person, rob: Person
) -> None:
    found = everything()
    assert found.severity(rita.id) == Severity(11.0, 3)
    assert found.severity(rob.id) == Severity(-11.0, 3)
    assert found.shared == 3


def test_with_three_the_others_are_averaged(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """71, 29 and the third's 60: 71 - (29 + 60) / 2 = 26.5."""
    made = experience(ada, schools)
    first, second = [Person.get_by_id(review.reviewer_id) for review in Review.select().order_by(Review.id)]
    give(made, first, GOOD)
    give(made, second, POOR, "reject")
    third = next(each for each in (rita, rob, rosa) if each.id not in (first.id, second.id))
    assert everything().given == [], "a round that is not decided says nothing yet"
    give(made, third, FAIR)
    assert everything().severity(first.id) == Severity(26.5, 1)


def test_it_is_striking_over_8_points_in_10_texts(judged: list[Experience], rita: Person) -> None:
    found = everything().severity(rita.id)
    assert found is not None
    assert not found.is_striking
    assert Severity(8.1, 10).is_striking
    assert Severity(-8.1, 10).is_striking
    assert not Severity(8.0, 10).is_striking
    assert not Severity(8.1, 9).is_striking
    Setting.choose("calibration.items", 3, by=None)
    assert found.is_striking


def test_the_strict_are_corrected_by_nobody_unasked(
    ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """RULES 4.2: ten texts that Rita gave 71 and Rob 60 are 11 apart, which strikes. The next counts what both
    gave, 71 and 60: 65.5, and not what either is thought to have meant.
    """
    Setting.choose("review.pair_limit", 50, by=None)
    for _ in range(10):
        made = experience(ada, schools)
        give(made, rita, GOOD)
        give(made, rob, FAIR)
    found = everything().severity(rob.id)
    assert found == Severity(-11.0, 10)
    assert found.is_striking
    one_more = experience(ada, schools)
    give(one_more, rita, GOOD)
    give(one_more, rob, FAIR)
    assert one_more.fresh().score == 6550


def test_agreement_is_good_from_080_on_and_low_under_0667(
    judged: list[Experience], audrey: Person, sign_in: SignIn
) -> None:
    """RULES 4.2: target 0.80, watch 0.667. Three texts of 71 and 60 agree no better than chance."""
    limits = (1, 0.8, 0.7999, 0.667, 0.6669, -0.2)
    assert [reading(found) for found in limits] == ["good", "good", "watch", "watch", "low", "low"]
    page = sign_in(audrey).get("/admin/calibration").text
    assert "Low" in page.partition("tile-note")[2].partition("</p>")[0]


def test_the_weights_of_the_round_count(judged: list[Experience], rita: Person) -> None:
    """Rita scores 4, 4, 3, 3, 3: with one weight alone it would be 80 and Rob's 60, a difference of 20."""
    with clock.moved(clock.now() + timedelta(days=1)):
        Setting.choose("review.weights", [100, 0, 0, 0, 0], by=None)
        assert everything().severity(rita.id) == Severity(11.0, 3)


def test_pairs_and_who_judged_each_other(
    judged: list[Experience], ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    ada.grant(Role.REVIEWER, by=None, topic=schools)
    found = everything()
    assert {(pair.reviewer, pair.author, pair.accepted) for pair in found.pairs} == {
        (rita.id, ada.id, (3, 3)),
        (rob.id, ada.id, (3, 3)),
    }
    assert found.mutual == []
    theirs = experience(rita, schools)
    for review in Review.select().where(Review.experience == theirs):
        give(theirs, review.reviewer, FAIR, "reject")
    (both,) = everything().mutual
    here, there = sorted((ada.id, rita.id))
    assert (both.reviewer, both.author) == (here, there)
    assert {both.accepted, both.back} == {(3, 3), (0, 1)}


def test_an_auditor_reads_it_without_their_own(
    judged: list[Experience], ada: Person, rita: Person, sign_in: SignIn
) -> None:
    auditor = person("Otto")
    auditor.grant(Role.AUDITOR, by=None)
    with queries() as asked:
        html = sign_in(auditor).get("/admin/calibration").text
    assert len(asked) <= MOST
    assert "+11.0" in html
    assert "Reviewer and author" in html
    ada.grant(Role.AUDITOR, by=None)
    html = sign_in(ada).get("/admin/calibration").text
    assert "+11.0" not in html
    assert "Rita" not in html


def test_nobody_else_opens_it(
    judged: list[Experience], ada: Person, mona: Person, rita: Person, fin: Person, sign_in: SignIn
) -> None:
    for who in (ada, mona, rita, fin):
        assert sign_in(who).get("/admin/calibration").status_code == 403


def test_a_reviewer_sees_their_own_and_no_author(
    judged: list[Experience], ada: Person, rita: Person, rob: Person, sign_in: SignIn
) -> None:
    html = sign_in(rita).get("/reviews?done").text
    main = html[html.index("<main") : html.index("</main>")]
    assert "+11.0" in main
    assert "3 / 3" in main
    for name in ("Ada", "Rob"):
        assert name not in main


def test_what_a_reviewer_sees_waits_for_the_decision(
    judged: list[Experience],
    ada: Person,
    rita: Person,
    rob: Person,
    rosa: Person,
    schools: Topic,
    sign_in: SignIn,
) -> None:
    """The others' scores of a round that still runs cannot be worked out from one's own severity."""
    made = experience(ada, schools)
    seats = [Person.get_by_id(each.reviewer_id) for each in Review.select().where(Review.experience == made)]
    before = [sign_in(seat).get("/reviews?done").text.count("11.0") for seat in seats]
    give(made, seats[0], GOOD)
    give(made, seats[1], POOR, "reject")
    assert made.fresh().state == "submitted"
    assert [sign_in(seat).get("/reviews?done").text.count("11.0") for seat in seats] == before


def test_looking_leaves_nothing_behind(judged: list[Experience], rita: Person, sign_in: SignIn) -> None:
    before = Event.select().count()
    sign_in(rita).get("/reviews?done")
    assert Event.select().count() == before


class Seen(list[Given]):
    """Judgements that know how many of them were looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Given]:
        for each in super().__iter__():
            Seen.looks += 1
            yield each


def test_each_judgement_is_gone_through_once_however_many_review() -> None:
    """400 reviewers, two on each of 2,000 rounds: reviewer n gives n points, the next one n + 1."""
    found = everything()
    Seen.looks = 0
    found.given = Seen(
        Given((place, 1), (place + which) % 400, 1000, float((place + which) % 400), True)
        for place in range(2000)
        for which in (0, 1)
    )
    standings = found.standings
    assert len(standings) == 400
    assert Seen.looks <= 3 * 4000
    by_reviewer = {each.reviewer: each for each in standings}
    # each is the earlier of the two in five rounds, one below, and the later in five, one above
    assert by_reviewer[7] == ReviewerStanding(7, Share(10, 10), Severity(0.0, 10))
    # reviewer 0 sits with 1 (one below) and with 399 (399 below)
    assert by_reviewer[0].severity == Severity(-200.0, 10)
