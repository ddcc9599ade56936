"""Who reviews, what comes of it, and who pays for it twice: nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from portal import clock
from portal.jobs.worker import drain, enqueue_periodic
from portal.models.base.database import db, transact
from portal.models.base.record import Event, Invalid
from portal.models.commission.merit import Merit
from portal.models.company.calendar import Calendar
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences import decisions, panels, process, reviews
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.mergers import take_in, taken_in_by
from portal.models.experiences.panels import panel
from portal.models.experiences.process import revoke
from portal.models.experiences.reviews import Acceptance, Review, Revocation
from portal.models.expertise.expertise import Evidence, expertise
from portal.models.expertise.points import PointEntry, standings
from portal.models.knowledge.articles import Article
from portal.models.people import needs
from portal.models.people.absences import Absence
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.sales.deals import PART, Deal, DealShare
from portal.models.sales.shares import share_with
from portal.models.work.clocks import Clock, ClockStep
from portal.models.work.jobs import Job
from tests import conftest
from tests.clocks import advance
from tests.commission import approved
from tests.conftest import SignIn

MAY = clock.Month(2026, 5)
FRIDAY = datetime(2026, 5, 15, 2, 0, tzinfo=UTC)
GOOD = {"correct": 4, "reusable": 4, "new": 3, "clear": 3, "linked": 3}  # 24 + 20 + 12 + 9 + 6 = 71
EXACT = {"correct": 4, "reusable": 4, "new": 3, "clear": 2, "linked": 4}  # 24 + 20 + 12 + 6 + 8 = 70
FAIR = {"correct": 3, "reusable": 3, "new": 3, "clear": 3, "linked": 3}  # 60
POOR = {"correct": 2, "reusable": 1, "new": 1, "clear": 2, "linked": 1}  # 12 + 5 + 4 + 6 + 2 = 29
SAID = "先把学区划片文件打印出来，请客户自己在地图上找到这个小区，再给教委打电话确认，最后把通话记在客户的笔记里。"
BEST = dict.fromkeys(GOOD, 5)  # 100


def experience(by: Person, topic: Topic, **parts: Any) -> Experience:
    made = Experience.begin(by=by, kind="question")
    number = Experience.select().count()
    values = {"title": f"第 {number} 问", "doubt": f"{number}" * 40, "action": f"答{number}" * 30} | parts
    made.save_draft(by=by, topics=[topic], **values)
    process.submit(made, by=by, duplicate_checked=True)
    return made.fresh()


def give(
    made: Experience, reviewer: Person, scores: dict[str, int], verdict: str = "accept", **more: Any
) -> None:
    review = Review.get(
        (Review.experience == made) & (Review.reviewer == reviewer) & (Review.round == made.fresh().round)
    )
    comment = more.pop("comment", "" if verdict == "accept" else "写清楚依据。")
    process.complete(review, by=reviewer, scores=scores, verdict=verdict, comment=comment, **more)


def thanked(person: Person) -> int:
    """Someone's points once the month is over: reviews are credited by the month."""
    with clock.moved(clock.Month.of(clock.now()).end):
        return PointEntry.total(person)


@pytest.fixture
def lesson(ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic) -> Experience:
    """Ada's, with Rita and Rob; Rosa is free to be the third."""
    return experience(ada, schools)


def reviewers(made: Experience) -> list[int]:
    return [review.reviewer_id for review in panel(made.fresh())]


def test_the_list_for_a_revision_is_never_empty(lesson: Experience, rita: Person, rob: Person) -> None:
    """Both accept with 60 of 100: under the pass mark, and neither wrote a word."""
    give(lesson, rita, FAIR)
    give(lesson, rob, FAIR)
    found = lesson.fresh()
    assert found.state == "revision"
    # each criterion lost 2 of 5 twice: by weight 30, 25, 20, 15, 10
    assert [line.partition(": ")[0] for line in found.reason.splitlines()] == [
        "- Correct and evidenced",
        "- Others can use it",
        "- New to us",
        "- Clear",
        "- Linked",
    ]


def test_a_hard_fail_is_named_in_the_list(
    lesson: Experience, rita: Person, rob: Person, rosa: Person
) -> None:
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD, verdict="revise", comment="写清楚依据。", hard_fail="privacy")
    give(lesson, rosa, GOOD)
    assert lesson.fresh().reason == "写清楚依据。\n\nIt tells who a customer is"


# ------------------------------------------------------------------ blind in fact


def test_reviews_are_credited_when_the_month_is_over(
    lesson: Experience, ada: Person, rita: Person, schools: Topic
) -> None:
    """Neither points nor expertise nor the board tell on which day somebody reviewed."""
    with clock.moved(FRIDAY):
        give(lesson, rita, GOOD)
        assert (PointEntry.total(rita), expertise(people=[rita.id]), standings(MAY, rita)) == (0, [], [])
    june = clock.Month(2026, 6).start
    with clock.moved(june - timedelta(microseconds=1)):
        assert (PointEntry.total(rita), expertise(people=[rita.id])) == (0, [])
    with clock.moved(june):
        assert PointEntry.total(rita) == 5
        (known,) = expertise(people=[rita.id])
        assert (known.topic_id, known.score, known.told) == (schools.id, 2.0, [])
        assert known.reviews(june) == 2.0
    assert {entry.at for entry in PointEntry.select()} == {june}
    assert {piece.at for piece in Evidence.select()} == {june}


def test_what_is_withdrawn_and_handed_in_again_is_thanked_for_once(
    lesson: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    """Attack: submit, review, withdraw, again. What was decided in between is thanked for anew."""
    for _ in range(3):
        give(lesson, rita, GOOD)
        lesson.withdraw(by=ada)
        process.submit(lesson, by=ada, duplicate_checked=True)
    assert thanked(rita) == 5
    give(lesson, rita, GOOD, verdict="revise")
    give(lesson, rob, GOOD, verdict="revise")
    process.submit(lesson.fresh(), by=ada, duplicate_checked=True)
    give(lesson, rita, GOOD)
    assert thanked(rita) == 10


def test_who_accepts_rejects_or_asks_for_changes_is_thanked_alike(
    lesson: Experience, rita: Person, rob: Person, rosa: Person
) -> None:
    """RULES 4.2: nobody gains by a verdict."""
    for reviewer, scores, verdict in ((rita, BEST, "accept"), (rob, POOR, "reject"), (rosa, FAIR, "revise")):
        give(lesson, reviewer, scores, verdict=verdict)
    assert [thanked(each) for each in (rita, rob, rosa)] == [5, 5, 5]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_the_log_keeps_reviews_blind(
    sign_in: SignIn, lesson: Experience, ada: Person, rita: Person, rob: Person, rosa: Person, role: Role
) -> None:
    """Attack: a reviewer who is auditor or administrator too reads the author and the other's verdict there; an
    author who is reads who judged.
    """
    own = experience(rita, Topic.get())  # with Rob and Rosa
    give(lesson, rob, POOR, verdict="reject")
    give(own, rosa, POOR, verdict="reject")
    rita.grant(role, by=None)
    events = list(Event.select().where(reviews.told_of(rita.fresh())))
    told = {(event.subject_kind, event.subject) for event in events}
    about = {("review", review.id) for review in Review.select()}
    assert ("experience", lesson.id) not in told
    assert not about & told
    assert ("experience", own.id) in told
    assert all(event.actor != ada.id for event in events)
    page = sign_in(rita).get("/admin/events?about=review").text
    assert "Rob" not in page
    everything = {(e.subject_kind, e.subject) for e in Event.select().where(reviews.told_of(rosa))}
    assert ("experience", lesson.id) in everything  # she judges another


def test_what_reviewers_read_hides_the_author_in_every_form(
    ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    Person.update(name="王建国", name_en="James Wang", phone="13800001234").where(
        Person.id == ada.id
    ).execute()
    made = experience(ada.fresh(), schools)
    blind = Review.get(Review.experience == made).blinded()
    for said in (
        "王建国",
        "王總",
        "小王",
        "建国",
        "Mr. Wang",
        "wangjianguo",
        "James",
        "ADA@example.com",
        "E001",
    ):
        assert blind(f"当时{said}在场") == "当时〔…〕在场", said
    assert blind("james is no name, nor is 国王") == "james is no name, nor is 国王"


def test_a_title_that_names_its_author_is_not_handed_in(ada: Person, ben: Person, schools: Topic) -> None:
    """It stands in queues, notices and on My day before anyone could blind it."""
    for title in ("Ada's way", "What Mr. Ben says"):
        made = Experience.begin(by=ada, kind="question")
        made.save_draft(by=ada, title=title, doubt="为什么又涨价？", action=SAID, topics=[schools])
        with pytest.raises(Invalid) as caught:
            process.submit(made, by=ada, co_authors={ben: 300_000})
        assert set(caught.value.errors) == {"title"}


def test_nobody_decides_who_came_to_share_in_the_deal(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """Attack: a share of the deal given to a reviewer after assignment."""
    facts: dict[str, Any] = {"customer": Customer.create(name="某家"), "closed_on": clock.today()}
    deal = Deal.create(title="某单", owner=ada, stage="lost", **facts)
    made = Experience.begin(by=ada, kind="debrief", deal=deal)
    words: dict[str, Any] = dict.fromkeys(
        ("title", "situation", "doubt", "action", "outcome", "lesson"), "甲乙"
    )
    made.save_draft(by=ada, topics=[schools], **words)
    process.submit(made, by=ada)
    DealShare.create(deal=deal, person=ada, share=600_000)
    DealShare.create(deal=deal, person=rita, share=400_000)
    give(made, rita, BEST)
    assert reviewers(made) == [rob.id, rosa.id]
    assert thanked(rita) == 0
    told = Notice.select().where(Notice.person == rita).order_by(Notice.id.desc()).first()
    assert (told.text, told.url) == ("Your review has passed to someone else: %(title)s", "/reviews?done")


def lost(owner: Person, topic: Topic) -> tuple[Deal, Experience]:
    """A deal that came to nothing, and what its owner is about to hand in of it."""
    facts: dict[str, Any] = {"customer": Customer.create(name="某家"), "closed_on": clock.today()}
    deal = Deal.create(title="某单", owner=owner, stage="lost", **facts)
    made = Experience.begin(by=owner, kind="debrief", deal=deal)
    parts = ("title", "situation", "doubt", "action", "outcome", "lesson")
    words: dict[str, Any] = dict.fromkeys(parts, f"第 {deal.id} 单，甲乙")
    made.save_draft(by=owner, topics=[topic], **words)
    return deal, made


def test_nobody_is_kept_from_judging_by_a_share_that_they_never_asked_for(
    ada: Person, mona: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """Attack: the strict get 0.01 % of a lost deal, before it is handed in and while they judge it; by the owner
    or by who leads them.
    """
    for by in (ada, mona):
        deal, made = lost(ada, schools)
        share_with(deal, {ada: 999_800, rita: 100, rob: 100}, by=by)
        process.submit(made, by=ada, duplicate_checked=True)
        chosen = [Person.get_by_id(ident) for ident in reviewers(made)]
        assert {rita, rob} & set(chosen), "Rosa and one of those who were named, at least"
        share_with(deal.fresh(), dict.fromkeys(chosen, 100) | {ada: 999_800}, by=by)
        for each in chosen:
            give(made, each, GOOD)
        assert made.fresh().state == "accepted"
        assert [review.reviewer for review in panel(made.fresh())] == chosen
    told = Notice.select().where((Notice.person == rita) & Notice.text.contains("sharing in a deal"))
    assert told.count() == 2, "once for each deal, however often it is written anew"


def test_who_worked_on_the_deal_and_says_so_does_not_judge_it(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    deal, made = lost(ada, schools)
    share_with(deal, {ada: 600_000, rita: 300_000, rob: 100_000}, by=ada)
    hers, his = (DealShare.get(DealShare.person == each) for each in (rita, rob))
    assert [need.subject for need in needs.needs(rita) if need.kind == PART] == [hers.id]
    for _ in range(2):
        hers.agree(by=rita)
        his.deny(by=rob)
    assert [need for each in (rita, rob) for need in needs.needs(each) if need.kind == PART] == []
    assert Notice.select().where((Notice.person == ada) & Notice.text.contains("had no part")).count() == 1
    assert [Event.select().where(Event.verb == verb).count() for verb in ("part agreed", "part denied")] == [
        1,
        1,
    ]
    process.submit(made, by=ada)
    assert set(reviewers(made)) == {rob.id, rosa.id}
    share_with(deal.fresh(), {ada: 500_000, rita: 500_000}, by=ada)
    assert DealShare.get(DealShare.person == rita).agreed_at is not None, "she said so before"
    assert DealShare.get(DealShare.person == ada).agreed_at is not None


def test_a_share_taken_back_asks_nobody(ada: Person, rita: Person, schools: Topic) -> None:
    deal, _ = lost(ada, schools)
    share_with(deal, {ada: 600_000, rita: 400_000}, by=ada)
    share_with(deal.fresh(), {ada: 1_000_000}, by=ada)
    assert [need for need in needs.needs(rita) if need.kind == PART] == []


def test_an_answer_and_a_change_of_the_shares_at_the_same_moment_have_an_order(
    ada: Person, rita: Person, schools: Topic
) -> None:
    deal, _ = lost(ada, schools)
    share_with(deal, {ada: 600_000, rita: 400_000}, by=ada)
    share = DealShare.get(DealShare.person == rita)
    failures = at_once(
        lambda: share.agree(by=rita),
        lambda: share_with(deal.fresh(), {ada: 500_000, rita: 500_000}, by=ada),
    )
    assert failures == []
    now = DealShare.get(DealShare.person == rita)
    waiting = [need.subject for need in needs.needs(rita) if need.kind == PART]
    assert waiting == ([now.id] if now.agreed_at is None else []), (
        "whatever came last, it is answered or asked"
    )


def _manages(item: Experience, rita: Person) -> None:
    Person.update(manager=rita).where(Person.id == item.author_id).execute()


def _manages_a_co_author(item: Experience, rita: Person) -> None:
    Credit.create(experience=item, person=conftest.person("Cleo", manager=rita), share=300_000)


def _heads(item: Experience, rita: Person) -> None:
    rita.grant(Role.MANAGER, by=None, department=item.author.department)


def _heads_what_is_above(item: Experience, rita: Person) -> None:
    above = Department.create(name="总部")
    rita.grant(Role.MANAGER, by=None, department=above)
    Department.update(parent=above).where(Department.id == item.author.department_id).execute()


def _heads_where_the_author_went(item: Experience, rita: Person) -> None:
    other = Department.create(name="客服部")
    rita.grant(Role.MANAGER, by=None, department=other)
    item.author.edit(by=None, department=other)


def _is_a_co_author(item: Experience, rita: Person) -> None:
    Credit.create(experience=item, person=rita, share=300_000)


INVOLVED = [
    _manages,
    _manages_a_co_author,
    _heads,
    _heads_what_is_above,
    _heads_where_the_author_went,
    _is_a_co_author,
]


@pytest.mark.parametrize("came", INVOLVED)
def test_nobody_decides_who_came_to_be_involved(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic, came: Callable[..., None]
) -> None:
    """Attack: the manager, the head of the department or a co-author since the review was asked (RULES 4.2)."""
    made = experience(ada, schools)
    came(made, rita)
    assert rita.id in panels.conflicted(made)
    give(made, rita, BEST)
    assert reviewers(made) == [rob.id, rosa.id]
    assert thanked(rita) == 0
    assert Review.get(Review.reviewer == rita).passed_on == "conflict"
    give(made, rob, BEST)
    give(made, rosa, BEST)
    assert made.fresh().state == "accepted"


def test_another_manager_and_another_head_decide(
    ada: Person, stan: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Who leads others, and whoever was asked to be co-author and has not agreed."""
    made = experience(ada, schools)
    Person.update(manager=rita).where(Person.id == stan.id).execute()
    rita.grant(Role.MANAGER, by=None, department=stan.department)
    Credit.create(experience=made, person=rita, share=300_000, agreed_at=None)
    give(made, rita, BEST)
    assert Review.get(Review.reviewer == rita).completed_at is not None


def test_nobody_decides_whose_role_was_taken_back(
    lesson: Experience, rita: Person, rob: Person, rosa: Person, adam: Person, schools: Topic
) -> None:
    """Attack: a role withdrawn while a review is open: wholly at once, for its topic with the next look."""
    rita.withdraw(Role.REVIEWER, by=adam)
    give(lesson, rita, BEST)
    assert reviewers(lesson) == [rob.id, rosa.id]
    other = Topic.create(name="贷款")
    rosa.grant(Role.REVIEWER, by=None, topic=other)
    rita.grant(Role.REVIEWER, by=None, topic=schools)
    advance()
    assert reviewers(lesson) == [rob.id, rosa.id]
    rosa.withdraw(Role.REVIEWER, by=adam, scope=f"topic-{other.id}")
    advance()
    assert reviewers(lesson) == [rob.id, rosa.id]  # she still reviews schools
    third = conftest.person("Rex")
    third.grant(Role.REVIEWER, by=None, topic=schools)
    rosa.grant(Role.REVIEWER, by=None, topic=other)
    rosa.withdraw(Role.REVIEWER, by=adam, scope=f"topic-{schools.id}")
    advance()
    assert rosa.id not in reviewers(lesson)


def test_the_head_of_the_department_does_not_judge(
    ada: Person, stan: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Attack: who heads the author's department, or one above, and is not the direct manager."""
    above = Department.create(name="总部")
    Department.update(parent=above).where(Department.id == ada.department_id).execute()
    stan.grant(Role.REVIEWER, by=None, topic=schools)
    stan.grant(Role.MANAGER, by=None, department=above)
    assert stan.id in panels.conflicted(experience(ada, schools))


# ------------------------------------------------------------------ who is asked


def test_reviewers_of_the_topic_are_asked_the_least_busy_first(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    assert reviewers(experience(ada, schools)) == [rita.id, rob.id]
    assert reviewers(experience(ada, schools)) == [rosa.id, rita.id]
    assert reviewers(experience(ada, schools)) == [rob.id, rosa.id]


def test_who_works_beside_the_author_is_asked_when_others_have_more_to_do(
    ada: Person, ben: Person, stan: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """They know best whose deals were closed these days: asked as if they owed three more (RULES 4.2)."""
    Person.update(department=ada.department).where(Person.id == rita.id).execute()
    assert reviewers(experience(ada, schools)) == [rob.id, rosa.id]
    assert reviewers(experience(stan, schools)) == [rita.id, rob.id], "to a stranger they are near nobody"
    assert reviewers(experience(ada, schools)) == [rosa.id, rob.id]
    assert reviewers(experience(ada, schools)) == [rosa.id, rob.id]
    assert reviewers(experience(ada, schools)) == [rosa.id, rita.id], "four and three and one"
    Person.update(deactivated_at=clock.now()).where(Person.id == rob.id).execute()
    assert set(reviewers(experience(ben, schools))) == {rita.id, rosa.id}, "with few, they are asked as well"


def test_no_minute_tells_a_reviewer_when_it_was_handed_in(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """The minute of a deal's closing stands on its page: the next that was handed in would be its debrief."""
    with clock.moved(datetime(2026, 5, 12, 7, 11, 37, tzinfo=UTC)):
        made = experience(ada, schools)
        client = sign_in(rita)
        review = Review.get(Review.reviewer == rita)
        assert review.due_at == datetime(2026, 5, 15, 15, 59, 59, tzinfo=UTC), (
            "until the day is over, as it says"
        )
        for path in ("/needs-me", "/", "/reviews", review.url):
            text = client.get(path).text
            assert (made.title in text) or path == "/"
            for told in ("15:11", "07:11", "15:10", "07:10"):
                assert told not in text, path


def test_a_reviewer_of_the_topic_above_may_judge_and_of_another_may_not(ada: Person, schools: Topic) -> None:
    below = Topic.create(name="小学", parent=schools)
    other = Topic.create(name="贷款")
    people = [Person.add(by=None, email=f"{n}@example.com", name=n) for n in ("Ann", "Bo", "Cy")]
    people[0].grant(Role.REVIEWER, by=None, topic=schools)
    people[1].grant(Role.REVIEWER, by=None, topic=other)
    people[2].grant(Role.REVIEWER, by=None, topic=below)
    made = experience(ada, below)
    assert reviewers(made) == [people[0].id, people[2].id]
    assert not any(review.is_panel_lead for review in panel(made))


def test_authors_co_authors_their_managers_and_partners_in_the_deal_are_excluded(
    ada: Person, ben: Person, mona: Person, stan: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    for person in (ada, ben, mona, stan):
        person.grant(Role.REVIEWER, by=None, topic=schools)
    customer = Customer.create(name="某家")
    deal = Deal.create(
        title="某单", customer=customer, owner=ada, stage="won", closed_on=clock.today(), amount=100
    )
    DealShare.create(deal=deal, person=ada, share=600_000)
    DealShare.create(deal=deal, person=stan, share=400_000)
    made = Experience.begin(by=ada, kind="debrief", deal=deal)
    parts: dict[str, Any] = dict.fromkeys(
        ("title", "situation", "doubt", "action", "outcome", "lesson"), "甲乙"
    )
    made.save_draft(by=ada, topics=[schools], **parts)
    process.submit(made, by=ada, co_authors={ben: 500_000})
    process.agree_to_share(made, by=ben)
    assert panels.conflicted(made) == {ada.id, ben.id, mona.id, stan.id}
    assert reviewers(made) == [rita.id, rob.id]


@pytest.mark.parametrize(("exchanged", "excluded"), [(3, False), (4, True)])
def test_pairs_with_more_than_3_reviews_in_30_days_are_excluded(
    ada: Person, rita: Person, schools: Topic, exchanged: int, excluded: bool
) -> None:
    ada.grant(Role.REVIEWER, by=None, topic=schools)
    with clock.moved(FRIDAY):
        for number in range(exchanged):  # both ways together
            experience(*((ada, schools) if number % 2 else (rita, schools)))
    with clock.moved(FRIDAY + timedelta(days=29)):
        made = experience(ada, schools)
        assert (rita.id in panels.conflicted(made)) is excluded
    with clock.moved(FRIDAY + timedelta(days=31)):
        assert rita.id not in panels.conflicted(experience(ada, schools))


def test_without_competent_reviewers_a_panel_lead_stands_in_and_is_marked(
    ada: Person, rita: Person, stan: Person, mona: Person, schools: Topic
) -> None:
    Setting.choose("review.panel_lead", stan.id, by=None)
    made = experience(ada, schools)
    assert [(r.reviewer_id, r.is_panel_lead) for r in panel(made)] == [(rita.id, 0), (stan.id, 1)]


def test_a_panel_lead_with_a_conflict_does_not_stand_in(
    ada: Person, rita: Person, mona: Person, adam: Person, schools: Topic
) -> None:
    Setting.choose("review.panel_lead", mona.id, by=None)
    elsewhere = Person.add(by=None, email="otto@example.com", name="Otto")
    elsewhere.grant(Role.REVIEWER, by=None, topic=Topic.create(name="税费"))
    made = experience(ada, schools)
    assert [(r.reviewer_id, r.is_panel_lead) for r in panel(made)] == [(rita.id, 0), (elsewhere.id, 1)]
    assert Notice.select().where(Notice.person == adam).count() == 0


def test_with_nobody_left_administrators_are_told_and_a_new_reviewer_is_asked(
    ada: Person, adam: Person, schools: Topic
) -> None:
    made = experience(ada, schools)
    assert reviewers(made) == []
    assert Notice.select().where(Notice.person == adam).count() == 1
    late = Person.add(by=None, email="late@example.com", name="Late")
    late.grant(Role.REVIEWER, by=None, topic=schools)
    with clock.moved(clock.now() + timedelta(hours=1)):
        assert (advance(), advance()) == (1, 0)
    assert reviewers(made) == [late.id]
    assert Notice.select().where(Notice.person == adam).count() == 1


# ------------------------------------------------------------------ judging


def test_two_accept_and_it_is_published_at_once(
    lesson: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    give(lesson, rita, GOOD)
    assert lesson.fresh().state == "submitted"
    give(lesson, rob, EXACT)
    found = lesson.fresh()
    assert (found.state, found.score) == ("accepted", 7050)  # (71 + 70) / 2
    assert found.decided_at is not None
    assert Acceptance.get().experience_id == lesson.id
    article = Article.get(Article.was_born_of("experience", lesson.id))
    assert (article.author_id, article.state, article.title) == (ada.id, "published", lesson.title)
    assert PointEntry.total(ada) == 20
    assert PointEntry.total(rita) == PointEntry.total(rob) == 0
    assert thanked(rita) == thanked(rob) == 5
    evidence = Evidence.get((Evidence.person == ada) & (Evidence.kind_of == "accepted experience"))
    assert evidence.quality == 7050  # 0.705 of an accepted experience
    assert Notice.select().where((Notice.person == ada) & (Notice.url == f"/articles/{article.id}")).exists()


def test_exactly_70_is_accepted(lesson: Experience, rita: Person, rob: Person) -> None:
    give(lesson, rita, EXACT)
    give(lesson, rob, EXACT)
    assert (lesson.fresh().state, lesson.fresh().score) == ("accepted", 7000)


def test_under_70_changes_are_asked_even_if_both_would_accept(
    lesson: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    give(lesson, rita, EXACT)
    give(lesson, rob, FAIR)
    assert (lesson.fresh().state, lesson.fresh().score) == ("revision", 6500)
    assert Acceptance.select().count() == 0
    assert PointEntry.total(ada) == 0


def test_a_third_is_asked_when_two_differ_in_verdict(
    lesson: Experience, rita: Person, rob: Person, rosa: Person
) -> None:
    give(lesson, rita, GOOD)
    give(lesson, rob, FAIR, "revise")  # 71 and 60: 11 apart, but another verdict
    assert reviewers(lesson) == [rita.id, rob.id, rosa.id]
    give(lesson, rosa, GOOD)
    assert (lesson.fresh().state, lesson.fresh().score) == ("accepted", 7100)  # the median of 60, 71, 71


def test_a_third_is_asked_when_two_are_more_than_15_points_apart(
    lesson: Experience, rita: Person, rob: Person, rosa: Person
) -> None:
    give(lesson, rita, BEST)
    give(lesson, rob, GOOD)  # 29 apart
    assert lesson.fresh().state == "submitted"
    give(lesson, rosa, EXACT)
    assert (lesson.fresh().state, lesson.fresh().score) == ("accepted", 7100)


def test_a_rejection_needs_a_reason_and_tells_it_without_names(
    lesson: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    with pytest.raises(Invalid) as caught:
        give(lesson, rita, POOR, "reject", comment=" ")
    assert set(caught.value.errors) == {"comment"}
    give(lesson, rita, POOR, "reject", comment="没有依据。")
    give(lesson, rob, POOR, "reject", comment="已经写过。")
    found = lesson.fresh()
    assert (found.state, found.score, found.reason) == ("rejected", 2900, "没有依据。\n\n已经写过。")
    about = Event.select().where((Event.subject_kind == "experience") & (Event.verb == "rejected"))
    assert [event.actor for event in about] == [None]
    assert thanked(rita) == 5  # the same as for accepting


@pytest.mark.parametrize(
    ("scores", "verdict", "more", "field"),
    [
        (GOOD | {"new": 6}, "accept", {}, "new"),
        ({k: v for k, v in GOOD.items() if k != "clear"}, "accept", {}, "clear"),
        (GOOD, "perhaps", {}, "verdict"),
        (GOOD | {"correct": 2}, "accept", {}, "verdict"),
        (GOOD, "accept", {"hard_fail": "privacy"}, "verdict"),
        (GOOD, "revise", {"comment": ""}, "comment"),
        (GOOD, "merge", {}, "into"),
    ],
)
def test_a_review_is_complete_and_consistent(
    lesson: Experience, rita: Person, scores: dict[str, int], verdict: str, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        give(lesson, rita, scores, verdict, **more)
    assert set(caught.value.errors) == {field}
    assert Review.select().where(Review.completed_at.is_null(False)).count() == 0


def test_a_review_given_twice_counts_once(lesson: Experience, rita: Person) -> None:
    review = Review.get((Review.experience == lesson) & (Review.reviewer == rita))
    twin = review.fresh()
    process.complete(review, by=rita, scores=GOOD, verdict="accept")
    process.complete(twin, by=rita, scores=POOR, verdict="reject", comment="改主意了")
    assert review.fresh().verdict == "accept"
    assert thanked(rita) == 5


def test_merged_it_earns_half_the_credit(
    lesson: Experience,
    ada: Person,
    ben: Person,
    adam: Person,
    rita: Person,
    rob: Person,
    rosa: Person,
    schools: Topic,
) -> None:
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    better = experience(ben, schools)
    asked = [Person.get_by_id(ident) for ident in reviewers(better)]
    for reviewer in asked:
        give(better, reviewer, GOOD, "merge", into=lesson.fresh())
    found = better.fresh()
    assert (found.state, found.merged_into_id) == ("merged", lesson.id)
    assert Credit.get(Credit.experience == better).share == 500_000
    assert Acceptance.get(Acceptance.experience == better).counts == 1
    assert Article.get_or_none(Article.was_born_of("experience", better.id)) is None
    assert PointEntry.total(ben) == 10  # half of 20
    assert better in Experience.visible_to(ada)  # who wrote the other must be able to take it in
    assert [need.subject for need in needs.needs(ada) if need.kind == "merger"] == [better.id]
    assert not [need for each in (ben, rita) for need in needs.needs(each) if need.kind == "merger"]
    take_in(found, by=ben)  # not Ben's to say
    assert taken_in_by(found, ada)
    revoke(better.fresh(), by=adam, reason="plagiarism", note="抄的。")
    assert PointEntry.total(ben) == 0
    assert Revocation.about(better) is not None
    assert not [need for need in needs.needs(ada) if need.kind == "merger"]


@pytest.mark.parametrize("shared", [False, True], ids=["its author's", "a co-author's"])
def test_an_own_re_write_that_is_merged_is_not_counted(
    lesson: Experience, ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic, shared: bool
) -> None:
    """Attack: one's own lesson told anew, for its blind reviewers to merge at half the credit (RULES 4.1)."""
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    if shared:
        Credit.update(share=500_000).where(Credit.experience == lesson).execute()
        Credit.create(experience=lesson, person=ben, share=500_000)
    again = experience(ben if shared else ada, schools)
    before = PointEntry.total(ada), PointEntry.total(ben)
    for ident in reviewers(again):
        give(again, Person.get_by_id(ident), GOOD, "merge", into=lesson.fresh())
    assert (again.fresh().state, again.fresh().merged_into_id) == ("merged", lesson.id)
    assert Acceptance.get(Acceptance.experience == again).counts == 0
    assert (PointEntry.total(ada), PointEntry.total(ben)) == before
    said = Notice.select().where((Notice.person == again.author) & (Notice.url == again.url))
    assert any("no more" in str(notice.text) for notice in said)


def test_what_fails_or_is_worth_nothing_is_not_merged_for_credit(
    lesson: Experience, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Attack: duplicates at half the credit. A merger earns by a text that is sound, new or not (RULES 4.2)."""
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    copy = experience(ben, schools)
    first, second = (Person.get_by_id(ident) for ident in reviewers(copy))
    for scores, fail in ((BEST, "duplicate"), (BEST | {"correct": 2}, "")):
        with pytest.raises(Invalid) as caught:
            give(copy, first, scores, "merge", into=lesson.fresh(), hard_fail=fail)
        assert set(caught.value.errors) == {"verdict"}
    for each in (first, second):
        give(copy, each, FAIR, "merge", into=lesson.fresh())
    assert copy.fresh().state == "revision"
    process.submit(copy.fresh(), by=ben, duplicate_checked=True)
    for each in (first, second):  # known, but told well: 24 + 20 + 9 + 6 of 80 are 73.75
        give(copy, each, GOOD | {"new": 0}, "merge", into=lesson.fresh())
    assert (copy.fresh().state, PointEntry.total(ben)) == ("merged", 10)


def test_personal_data_does_not_come_to_another_author_by_a_merger(
    lesson: Experience, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    telling = experience(ben, schools)
    Experience.update(action="请打 13800001234 问。").where(Experience.id == telling.id).execute()
    for ident in reviewers(telling):
        give(telling, Person.get_by_id(ident), GOOD, "merge", into=lesson.fresh())
    assert telling.fresh().state == "revision"


@pytest.mark.parametrize("reason", ["plagiarism", "product ended"])
def test_nothing_is_merged_into_what_was_revoked(
    lesson: Experience, ben: Person, adam: Person, rita: Person, rob: Person, schools: Topic, reason: str
) -> None:
    """Neither named by a reviewer afterwards, nor at the decision, nor is it said to be written already."""
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    better = experience(ben, schools)
    first, second = (Person.get_by_id(ident) for ident in reviewers(better))
    give(better, first, GOOD, "merge", into=lesson.fresh())
    revoke(lesson.fresh(), by=adam, reason=reason, note="抄的。")
    with pytest.raises(Invalid) as caught:
        give(better, second, GOOD, "merge", into=lesson.fresh())
    assert set(caught.value.errors) == {"into"}
    review = Review.get((Review.experience == better) & (Review.reviewer == second))
    assert list(review.mergers()) == []
    Review.update(verdict="merge", into=lesson, completed_at=clock.now(), **GOOD).where(
        Review.id == review.id
    ).execute()  # both named it before it was revoked
    decisions.settle(better.fresh(), [schools.id])
    assert (better.fresh().state, PointEntry.total(ben)) == ("revision", 0)


def test_a_merger_and_a_revocation_at_the_same_moment_have_an_order(
    lesson: Experience, ben: Person, adam: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Either it was merged before, or not at all: never into what the decision knew to be revoked."""
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    better = experience(ben, schools)
    first, second = (Person.get_by_id(ident) for ident in reviewers(better))
    give(better, first, GOOD, "merge", into=lesson.fresh())
    failures = at_once(
        lambda: give(better, second, GOOD, "merge", into=lesson.fresh()),
        lambda: revoke(lesson.fresh(), by=adam, reason="plagiarism", note="抄的。"),
    )
    assert all(isinstance(error, Invalid) and set(error.errors) == {"into"} for error in failures)
    merged = Event.get_or_none(Event.verb == "merged")
    if merged is not None and not failures:
        assert better.fresh().state == "merged"
    else:
        assert better.fresh().state in ("submitted", "revision")
    assert Revocation.about(lesson) is not None


def test_points_follow_credit(ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic) -> None:
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="题", situation="今", action="议", topics=[schools])
    process.submit(made, by=ada, co_authors={ben: 330_000})
    process.agree_to_share(made, by=ben)
    give(made, rita, GOOD)
    give(made, rob, GOOD)
    assert (PointEntry.total(ada), PointEntry.total(ben)) == (13, 7)  # 13.4 and 6.6


def test_a_strict_reviewer_is_not_kept_away_by_being_named(
    ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Attack: the strict are named as 1 % co-authors, unasked."""
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="题", situation="今", action="议", topics=[schools])
    process.submit(made, by=ada, co_authors={rita: 10_000})
    assert reviewers(made) == [rita.id, rob.id]
    assert made not in Experience.visible_to(rita)
    give(made, rita, GOOD)
    with pytest.raises(Invalid):
        process.agree_to_share(made, by=rita)
    give(made, rob, GOOD)
    assert {c.person_id: c.share for c in Credit.select()} == {ada.id: 1_000_000}
    assert (PointEntry.total(ada), made.fresh().state) == (20, "accepted")


def test_who_was_named_and_has_not_answered_stays_named_through_a_revision(
    ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Both accept it, and a number in it must go first: nothing is decided, so nobody's share falls."""
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="题", situation="今", action="议", topics=[schools])
    process.submit(made, by=ada, co_authors={ben: 300_000})
    Experience.update(action="Call 13800138000").where(Experience.id == made.id).execute()
    give(made, rita, GOOD)
    give(made, rob, GOOD)
    assert made.fresh().state == "revision"
    assert {c.person_id: c.share for c in Credit.select()} == {ada.id: 700_000, ben.id: 300_000}
    assert process.asked_to_share(made.fresh(), ben)
    assert Clock.of(Credit.get(Credit.person == ben), "co-author")


def test_who_agrees_passes_their_review_on_and_who_declines_gives_the_share_back(
    ada: Person, ben: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="题", situation="今", action="议", topics=[schools])
    process.submit(made, by=ada, co_authors={rita: 300_000, ben: 200_000})
    for _ in range(2):
        process.agree_to_share(made, by=rita)
        process.decline_to_share(made, by=ben)
    assert reviewers(made) == [rob.id, rosa.id]
    assert {c.person_id: c.share for c in Credit.select()} == {ada.id: 700_000, rita.id: 300_000}
    made.withdraw(by=ada)
    process.submit(made, by=ada, co_authors={rita: 300_000})
    assert [c.agreed_at is None for c in made.named()] == [False, False]
    made.withdraw(by=ada)
    process.submit(made, by=ada, co_authors={rita: 290_000})  # less than what she agreed to
    assert [c.agreed_at is None for c in made.named()] == [False, True]


# ------------------------------------------------------------------ late, involved, appealed


def test_who_was_involved_passes_it_on_at_no_cost(
    lesson: Experience, rita: Person, rob: Person, rosa: Person
) -> None:
    review = Review.get((Review.experience == lesson) & (Review.reviewer == rita))
    process.decline(review, by=rita)
    process.decline(review.fresh(), by=rita)
    assert reviewers(lesson) == [rob.id, rosa.id]
    assert list(Review.visible_to(rita)) == []
    with pytest.raises(Invalid):
        give(lesson, rita, GOOD)


def test_late_reviewers_are_reminded_replaced_and_relieved_by_the_panel_lead(
    ada: Person, rita: Person, rob: Person, rosa: Person, stan: Person, schools: Topic
) -> None:
    Setting.choose("review.panel_lead", stan.id, by=None)
    with clock.moved(FRIDAY):
        made = experience(ada, schools)
        give(made, rob, GOOD)

    def run(days: int, minutes: int = 0) -> tuple[int, int]:
        with clock.moved(Calendar.read().add(FRIDAY, days) + timedelta(minutes=minutes)):
            return advance(), advance()

    assert run(2, -1) == (0, 0)
    assert run(2) == (1, 0)  # Tuesday: reminded, once
    assert (
        Notice.select().where((Notice.person == rita) & (Notice.key.startswith("review-reminder"))).count()
        == 1
    )
    assert run(5, -1) == (0, 0)
    assert reviewers(made) == [rita.id, rob.id]
    assert run(5) == (1, 0)  # next Friday: Rosa is asked
    assert reviewers(made) == [rob.id, rosa.id]
    assert run(8) == (1, 0)  # eight working days after the seat fell vacant
    assert [(r.reviewer_id, r.is_panel_lead) for r in panel(made.fresh())] == [(rob.id, 0), (stan.id, 1)]
    give(made, stan, GOOD)
    assert made.fresh().state == "accepted"


def test_a_reviewer_who_left_is_replaced_at_once(
    ada: Person, adam: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    made = experience(ada, schools)
    rita.deactivate(by=adam)
    advance()
    assert reviewers(made) == [rob.id, rosa.id]


@pytest.mark.parametrize("starts", [0, 2], ids=["today", "the day of the reminder"])
def test_a_reviewer_who_goes_away_makes_nobody_wait(
    starts: int, ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """From Friday or Tuesday on for two weeks: the seat keeps the day on which it fell vacant."""
    with clock.moved(FRIDAY):
        made = experience(ada, schools)
        first = Calendar.read().add(FRIDAY, starts).date() if starts else clock.today()
        Absence.note(by=rita, person=rita, first_day=first, last_day=first + timedelta(days=13))
        advance()
    with clock.moved(Calendar.read().add(FRIDAY, 2) + timedelta(minutes=1)):
        advance()
    assert reviewers(made) == [rob.id, rosa.id]
    assert {review.since for review in Review.select()} == {panel(made)[0].since}
    reminded = Notice.select().where((Notice.person == rita) & Notice.key.startswith("review-reminder"))
    assert not reminded.exists()


def test_who_is_away_for_a_day_or_put_away_by_the_author_s_side_keeps_the_review(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """Attack: Ada leads Rita as it happens, and notes her away once she reads Ada's own text."""
    with clock.moved(FRIDAY):
        made = experience(ada, schools)
        Person.update(manager=ada).where(Person.id == rita.id).execute()
        Absence.note(
            by=ada, person=rita.fresh(), first_day=clock.today(), last_day=clock.today() + timedelta(days=13)
        )
        Absence.note(by=rob, person=rob, first_day=clock.today(), last_day=clock.today())
        advance()
    assert reviewers(made) == [rita.id, rob.id]


def test_with_nobody_else_who_is_away_keeps_the_review(
    ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    with clock.moved(FRIDAY):
        made = experience(ada, schools)
        Absence.note(
            by=rita, person=rita, first_day=clock.today(), last_day=clock.today() + timedelta(days=13)
        )
        advance()
    assert reviewers(made) == [rita.id, rob.id]


def test_nobody_takes_a_review_over_by_noting_its_reviewer_away(
    ada: Person, rita: Person, rob: Person, rosa: Person, stan: Person, schools: Topic
) -> None:
    """Attack: Rosa leads Rita, knows the topic as well, and is next. Who comes after her is asked."""
    stan.grant(Role.REVIEWER, by=None, topic=schools)
    with clock.moved(FRIDAY):
        made = experience(ada, schools)
        Person.update(manager=rosa).where(Person.id == rita.id).execute()
        last = clock.today() + timedelta(days=13)
        Absence.note(by=rosa, person=rita.fresh(), first_day=clock.today(), last_day=last)
        advance()
    assert reviewers(made) == [rob.id, stan.id]


def test_days_of_absence_swallow_no_step_that_came_due_just_before(
    ada: Person, rita: Person, rob: Person, stan: Person, schools: Topic
) -> None:
    """On the day of the panel lead Rita says that she is away today: the worker finds both at once."""
    with clock.moved(FRIDAY):
        made = experience(ada, schools)
        give(made, rob, GOOD)
    Setting.choose("review.panel_lead", stan.id, by=None)
    with clock.moved(Calendar.read().add(FRIDAY, 8) + timedelta(minutes=1)):
        Absence.note(by=rita, person=rita, first_day=clock.today(), last_day=clock.today())
        advance()
    assert [(r.reviewer_id, r.is_panel_lead) for r in panel(made)] == [(rob.id, 0), (stan.id, 1)]


def test_an_absence_taken_back_before_the_worker_came_moves_nothing_and_after_brings_nothing_back(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """Attack: noted and taken back by turns, the seat would go to whom Rita likes."""
    with clock.moved(FRIDAY):
        made = experience(ada, schools)

        def away() -> Absence:
            last = clock.today() + timedelta(days=13)
            return Absence.note(by=rita, person=rita, first_day=clock.today(), last_day=last)

        away().take_back(by=rita)
        advance()
        assert reviewers(made) == [rita.id, rob.id]
        absence = away()
        advance()
        absence.take_back(by=rita)
        advance()
    assert reviewers(made) == [rob.id, rosa.id]


def test_the_worker_keeps_things_moving(ada: Person, rita: Person, rob: Person, schools: Topic) -> None:
    with clock.moved(FRIDAY):
        experience(ada, schools)
    with clock.moved(Calendar.read().add(FRIDAY, 2)):
        for _ in range(2):
            enqueue_periodic()
            drain()
        assert Job.select().where((Job.name == "advance clocks") & (Job.state == "finished")).count() == 1
        assert Notice.select().where(Notice.key.startswith("review-reminder")).count() == 2


def test_reviewers_see_what_it_was_said_to_repeat(
    ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    first = experience(ada, schools, action=SAID)
    again = experience(ben, schools, action=SAID, doubt="同一个问题")
    assert first.near_id is None
    assert again.near_id == first.id


def test_with_nobody_else_a_late_reviewer_keeps_the_review(ada: Person, rita: Person, schools: Topic) -> None:
    with clock.moved(FRIDAY):
        made = experience(ada, schools)
    with clock.moved(FRIDAY + timedelta(days=30)):
        advance()
    assert reviewers(made) == [rita.id]


def test_a_revision_goes_back_to_those_who_know_it(
    lesson: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    give(lesson, rita, FAIR, "revise")
    give(lesson, rob, FAIR, "revise")
    made = lesson.fresh()
    assert made.state == "revision"
    assert [need.kind for need in needs.needs(ada)] == ["revision"]
    made.save_draft(by=ada, action="加上依据之后的完整回答。")
    process.submit(made, by=ada)
    assert made.round == 2
    assert reviewers(made) == [rita.id, rob.id]
    give(made, rita, GOOD)
    give(made, rob, GOOD)
    assert made.fresh().state == "accepted"


@pytest.mark.parametrize("way", ["revision", "withdrawal"])
def test_other_topics_bring_no_other_panel(
    lesson: Experience, ada: Person, rita: Person, rob: Person, way: str
) -> None:
    """Attack: the strict asked for changes; under another topic others would judge, with the first date kept."""
    loans = Topic.create(name="贷款")
    for name in ("Lea", "Lou"):
        conftest.person(name).grant(Role.REVIEWER, by=None, topic=loans)
    first = lesson.first_submitted_at
    give(lesson, rita, FAIR, "revise")
    if way == "revision":
        give(lesson, rob, FAIR, "revise")
    else:
        lesson.withdraw(by=ada)
    made = lesson.fresh()
    made.save_draft(by=ada, action="加上依据之后的完整回答。", topics=[loans])
    process.submit(made, by=ada)
    known = [rita.id, rob.id] if way == "revision" else [rita.id]
    assert reviewers(made)[: len(known)] == known
    assert not any(review.is_panel_lead for review in panel(made))
    Clock.hasten(rita, "role")  # some other role of hers is gone: she is no less fit than before
    advance()
    assert rita.id in reviewers(made)
    assert (made.fresh().first_submitted_at == first) is (way == "revision")


def test_a_panel_lead_who_does_not_answer_is_replaced_and_in_the_end_administrators_are_told(
    ada: Person, adam: Person, rita: Person, schools: Topic
) -> None:
    loans = Topic.create(name="贷款")
    leads = [conftest.person(name) for name in ("Lea", "Lou")]
    for lead in leads:
        lead.grant(Role.REVIEWER, by=None, topic=loans)
    with clock.moved(FRIDAY):
        made = experience(ada, schools)
        give(made, rita, GOOD)
    assert reviewers(made) == [rita.id, leads[0].id]
    late = Calendar.read().add(FRIDAY, 8)
    with clock.moved(late - timedelta(minutes=1)):
        advance()
    assert reviewers(made) == [rita.id, leads[0].id]
    with clock.moved(late):
        advance()
    assert [(r.reviewer_id, r.is_panel_lead) for r in panel(made.fresh())] == [(rita.id, 0), (leads[1].id, 1)]
    told = Notice.select().where((Notice.person == adam) & Notice.key.startswith("no-reviewer"))
    assert told.count() == 0
    for hours in (0, 1, 2):  # nobody is left: it stays with her, and an administrator knows
        with clock.moved(Calendar.read().add(late, 8) + timedelta(hours=hours, minutes=1)):
            advance()
    assert reviewers(made) == [rita.id, leads[1].id]
    assert told.count() == 1


def test_a_panel_lead_of_before_is_replaced_as_well(ada: Person, rita: Person, schools: Topic) -> None:
    """Until 0084 nothing happened when they were late."""
    loans = Topic.create(name="贷款")
    for name in ("Lea", "Lou"):
        conftest.person(name).grant(Role.REVIEWER, by=None, topic=loans)
    made = experience(ada, schools)
    ClockStep.delete().where(ClockStep.name == "panel lead").execute()
    import_module("portal.migrations.0084_late_panel_leads").up(None, db.obj)
    asked = {review.reviewer_id: review for review in panel(made)}
    (step,) = ClockStep.select().where(ClockStep.name == "panel lead")
    assert asked[int(step.clock.who.partition("-")[2])].is_panel_lead
    assert clock.now() + timedelta(days=11) < step.due_at < clock.now() + timedelta(days=13)


def test_one_appeal_with_new_reviewers(
    lesson: Experience, ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    first = lesson.first_submitted_at
    for reviewer in (rita, rob):
        give(lesson, reviewer, POOR, "reject")
    made = lesson.fresh()
    with pytest.raises(Invalid):
        process.appeal(made, by=ada, reason=" ")
    ruth = Person.add(by=None, email="ruth@example.com", name="Ruth")
    ruth.grant(Role.REVIEWER, by=None, topic=schools)
    process.appeal(made, by=ada, reason="依据在第二段。")
    process.appeal(made, by=ada, reason="再说一次。")
    assert reviewers(made) == [rosa.id, ruth.id]
    assert made.fresh().first_submitted_at == first
    for reviewer in (rosa, ruth):
        give(made, reviewer, POOR, "reject")
    with pytest.raises(Invalid):
        process.appeal(made.fresh(), by=ada, reason="还要申诉")


def test_reviews_and_revisions_are_in_the_queue(lesson: Experience, rita: Person, ada: Person) -> None:
    (need,) = needs.needs(rita)
    review = Review.get((Review.experience == lesson) & (Review.reviewer == rita))
    assert (need.kind, need.url, need.due_at) == ("review", f"/reviews/{review.id}", review.due_at)
    assert needs.needs(ada) == []
    lesson.withdraw(by=ada)
    assert needs.needs(rita) == []


# ------------------------------------------------------------------ blind


def test_a_reviewer_sees_neither_the_authors_name_nor_the_amount(
    lesson: Experience, ada: Person, rita: Person
) -> None:
    customer = Customer.create(name="某家")
    deal = Deal.create(
        title="某单", customer=customer, owner=ada, stage="won", closed_on=clock.today(), amount=5_600_000_00
    )
    Experience.update(deal=deal).where(Experience.id == lesson.id).execute()
    blind = Review.get((Review.experience == lesson) & (Review.reviewer == rita)).blinded()
    assert blind("Ada 说：成交价 ¥5,600,000.00，找 ada@example.com。") == "〔…〕 说：成交价 〔…〕，找 〔…〕。"


def test_reviewers_see_each_other_only_once_it_is_decided(
    lesson: Experience, rita: Person, rob: Person
) -> None:
    mine = Review.get((Review.experience == lesson) & (Review.reviewer == rita))
    give(lesson, rob, GOOD)
    assert mine.others_opinions() == []
    give(lesson, rita, GOOD)
    assert [r.reviewer_id for r in mine.fresh().others_opinions()] == [rob.id]


# ------------------------------------------------------------------ revoked


@pytest.mark.parametrize("reason", reviews.AT_FAULT)
def test_revoked_for_fault_what_was_earned_is_taken_back(
    lesson: Experience, ada: Person, adam: Person, rita: Person, rob: Person, reason: str
) -> None:
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    with pytest.raises(Invalid):
        revoke(lesson.fresh(), by=adam, reason=reason)
    revoke(lesson.fresh(), by=adam, reason=reason, note="原文见知识库。")
    revoke(lesson.fresh(), by=adam, reason="superseded")
    assert Revocation.get().reason == reason
    assert Article.get().state == "archived"
    assert PointEntry.total(ada) == 0
    assert thanked(rita) == 5
    earned = (Evidence.person == ada) & (Evidence.kind_of == "accepted experience")
    assert Evidence.get(earned).withdrawn_at is not None


@pytest.mark.parametrize("reason", ["superseded", "product ended"])
def test_what_is_merely_outdated_is_archived_and_no_more(
    lesson: Experience, ada: Person, adam: Person, rita: Person, rob: Person, reason: str
) -> None:
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    revoke(lesson.fresh(), by=adam, reason=reason)
    assert Article.get().state == "archived"
    assert PointEntry.total(ada) == 20
    assert Evidence.select().where(Evidence.withdrawn_at.is_null(False)).count() == 0


def test_a_fault_found_later_is_not_covered_by_a_friendly_reason(
    lesson: Experience, ada: Person, mona: Person, adam: Person, rita: Person, rob: Person
) -> None:
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    revoke(lesson.fresh(), by=mona, reason="superseded")
    for _ in range(2):
        revoke(lesson.fresh(), by=adam, reason="plagiarism", note="原文见知识库。")
    revoke(lesson.fresh(), by=mona, reason="product ended")
    kept = Revocation.get()
    assert (kept.reason, kept.by) == ("plagiarism", adam)
    assert PointEntry.total(ada) == 0
    told = Event.about(lesson).where(Event.verb == "revoked")
    assert [one.changes["reason"][1] for one in told.order_by(Event.id)] == ["superseded", "plagiarism"]


def test_only_what_was_accepted_is_revoked_and_only_for_a_known_reason(
    lesson: Experience, adam: Person, rita: Person, rob: Person
) -> None:
    with pytest.raises(Invalid):
        revoke(lesson, by=adam, reason="false", note="x")
    give(lesson, rita, GOOD)
    give(lesson, rob, GOOD)
    with pytest.raises(Invalid):
        revoke(lesson.fresh(), by=adam, reason="boring", note="x")


def test_administrators_and_the_authors_managers_revoke(
    lesson: Experience, ada: Person, ben: Person, mona: Person, adam: Person, rita: Person
) -> None:
    allowed = {p.name for p in (ada, ben, mona, adam, rita) if reviews.revocable_by(lesson, p)}
    assert allowed == {"Mona", "Adam"}


# ------------------------------------------------------------------ at the same moment


def at_once(*acts: Any) -> list[BaseException]:
    """Do all of these in threads of their own, each in its own transaction, at one moment."""
    failures: list[BaseException] = []
    gate = threading.Barrier(len(acts))

    def run(act: Any) -> None:
        gate.wait()
        try:
            transact(act)
        except BaseException as error:
            failures.append(error)
        finally:
            if not db.is_closed():
                db.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failures


def test_two_reviewers_who_finish_at_the_same_moment_decide_once(
    lesson: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    assert at_once(lambda: give(lesson, rita, GOOD), lambda: give(lesson, rob, GOOD)) == []
    assert lesson.fresh().state == "accepted"
    assert Acceptance.select().count() == Article.select().count() == 1
    assert PointEntry.total(ada) == 20
    assert Event.select().where(Event.verb == "accepted").count() == 1


def test_one_review_sent_from_four_tabs_counts_once(lesson: Experience, rita: Person) -> None:
    assert at_once(*[lambda: give(lesson, rita, GOOD)] * 4) == []
    assert thanked(rita) == 5
    assert Event.select().where(Event.verb == "completed").count() == 1


def test_a_double_submission_asks_one_panel(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="题", situation="今", action="议", topics=[schools])
    at_once(*[lambda: process.submit(made.fresh(), by=ada)] * 4)
    assert made.fresh().state == "submitted"
    assert Review.select().count() == 2
    assert Credit.select().count() == 1


def test_a_verdict_and_a_withdrawal_at_the_same_moment_have_one_outcome(
    lesson: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    give(lesson, rita, GOOD)
    at_once(lambda: give(lesson, rob, GOOD), lambda: lesson.fresh().withdraw(by=ada))
    state = lesson.fresh().state
    assert state in ("accepted", "withdrawn")
    assert Acceptance.select().count() == (1 if state == "accepted" else 0)


# ------------------------------------------------------------------ the month


def test_without_a_policy_nothing_is_promised(ada: Person) -> None:
    assert Merit.of(ada, clock.Month(2026, 5)) is None


def test_merit_counts_what_was_first_submitted_in_the_month(
    ada: Person, fin: Person, fiona: Person, rita: Person, rob: Person, adam: Person, schools: Topic
) -> None:
    approved(fin, fiona)
    may, june = clock.Month(2026, 5), clock.Month(2026, 6)
    with clock.moved(may.end - timedelta(seconds=1)):  # 31 May, 23:59:59 in Shanghai
        first, second = experience(ada, schools), experience(ada, schools)
    with clock.moved(june.start):
        third = experience(ada, schools)
        assert Merit.of(ada, may) == Merit(may, 0, 2_000_000, 2, 500, reached=False)
        for made in (first, second, third):  # accepted in June, counted where they were written
            give(made, rita, GOOD)
            give(made, rob, GOOD)
    assert Merit.of(ada, may) == Merit(may, 2_000_000, 0, 2, 500, reached=True)
    assert Merit.of(ada, june) == Merit(june, 1_000_000, 0, 2, 500, reached=False)
    revoke(first.fresh(), by=adam, reason="superseded")
    assert Merit.of(ada, may) == Merit(may, 2_000_000, 0, 2, 500, reached=True)
    revoke(second.fresh(), by=adam, reason="false", note="没有这回事。")
    assert Merit.of(ada, may) == Merit(may, 1_000_000, 0, 2, 500, reached=False)
    revoke(first.fresh(), by=adam, reason="plagiarism", note="抄的。")
    assert Merit.of(ada, may) == Merit(may, 0, 0, 2, 500, reached=False)


def test_who_is_away_for_the_term_is_not_asked_and_who_stands_in_judges_nothing_for_that(
    ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """Due on the third working day after Friday 15 May: of these four days three are more than half, two are not."""
    third = conftest.person("Rex")
    third.grant(Role.REVIEWER, by=None, topic=schools)
    with clock.moved(FRIDAY):
        first = clock.today() + timedelta(days=3)
        Absence.note(
            by=rita, person=rita, first_day=first, last_day=first + timedelta(days=2), substitute=ben
        )
        Absence.note(by=rob, person=rob, first_day=first, last_day=first + timedelta(days=1))
        made = experience(ada, schools)
        assert {review.reviewer_id for review in panel(made)} == {rob.id, third.id}


def test_who_is_involved_puts_no_reviewer_out_of_the_way(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic, adam: Person
) -> None:
    """Ada leads Rita as it happens: what she notes of her keeps Rita from other reviews, not from Ada's own."""
    Person.update(manager=ada).where(Person.id == rita.id).execute()
    adam.grant(Role.REVIEWER, by=None, topic=schools)
    first = clock.today()
    noted: dict[str, Any] = {"first_day": first, "last_day": first + timedelta(days=20)}
    Absence.note(by=ada, person=rita.fresh(), **noted)
    Absence.note(by=adam, person=rob, **noted)
    Absence.note(by=rosa, person=rosa, **noted)
    assert sorted(reviewers(experience(ada, schools))) == sorted([rita.id, adam.id])


# ------------------------------------------------------------------ improvements


def improving(known: Experience, by: Person, topic: Topic, action: str, **flags: Any) -> Experience:
    """What says again most of what is known, and something more."""
    made = Experience.begin(by=by, kind="question")
    made.save_draft(by=by, topics=[topic], title=known.title, doubt=known.doubt, action=action)
    process.submit(made, by=by, improvement=True, **flags)
    return made.fresh()


@pytest.fixture
def known(ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic) -> Experience:
    """Ada's, accepted by two of three."""
    made = experience(ada, schools, doubt="孩子派到哪一所学校？", action=SAID)
    for review in panel(made):
        give(made, review.reviewer, GOOD)
    return made.fresh()


def test_an_improvement_earns_half_and_is_put_before_whose_it_improves(
    known: Experience, ada: Person, ben: Person, schools: Topic
) -> None:
    """RULES 4.2: improvement gets credit 0.5. It is merged, or not; it is no article of its own."""
    made = improving(known, ben, schools, SAID + "通话以后当天给客户发一张手写的小结，写明谁说的、哪天说的。")
    assert reviews.improved_by(made) == known
    assert made.near is None
    first, second = panel(made)
    assert first.verdicts == ("merge", "revise", "reject")
    with pytest.raises(Invalid) as caught:
        give(made, first.reviewer, GOOD, "accept")
    assert set(caught.value.errors) == {"verdict"}
    for review in (first, second):
        give(made, review.reviewer, GOOD, "merge")
    made = made.fresh()
    assert (made.state, made.merged_into) == ("merged", known)
    assert [credit.share for credit in made.credits()] == [500_000]
    assert PointEntry.total(ben) == 10  # half of 20
    assert taken_in_by(made, ada)


def test_commas_and_ones_own_are_no_improvement(
    known: Experience, ada: Person, ben: Person, schools: Topic
) -> None:
    """Attack: other punctuation, a word more, and one's own text once more for half the credit."""
    for action in (SAID.replace("，", "；"), SAID + "好的。"):
        with pytest.raises(Invalid, match="Hardly a word"):
            improving(known, ben, schools, action)
    longer = SAID + "通话以后当天给客户发一张手写的小结，写明谁说的、哪天说的。"
    with pytest.raises(Invalid, match="yours already"):
        improving(known, ada, schools, longer)
    with pytest.raises(Invalid, match="yours already"):
        improving(known, ben, schools, longer, co_authors={ada: 100_000})
    revoke(known, by=ben, reason="superseded")
    with pytest.raises(Invalid, match="not there any more"):
        improving(known, ben, schools, longer)


def test_whose_it_improves_does_not_judge_it(
    rita: Person, rob: Person, rosa: Person, ben: Person, schools: Topic
) -> None:
    by_rita = experience(rita, schools, doubt="孩子派到哪一所学校？", action=SAID)
    for review in panel(by_rita):
        give(by_rita, review.reviewer, GOOD)
    made = improving(
        by_rita, ben, schools, SAID + "通话以后当天给客户发一张手写的小结，写明谁说的、哪天说的。"
    )
    assert {review.reviewer_id for review in panel(made)} == {rob.id, rosa.id}
    alone = Experience.begin(by=ben, kind="question")
    alone.save_draft(by=ben, topics=[schools], title="另一问", doubt="乙" * 20, action="丙" * 30)
    process.submit(alone, by=ben)
    assert reviews.improved_by(alone) is None
    assert "accept" in panel(alone)[0].verdicts


def test_nobody_throws_out_a_reviewer_by_improving_theirs_at_a_revision(
    rita: Person, rob: Person, rosa: Person, ben: Person, schools: Topic
) -> None:
    """Attack: handed in on its own, then, with Rita asking for a revision, as an improvement of hers."""
    by_rita = experience(rita, schools, doubt="孩子派到哪一所学校？", action=SAID)
    for review in panel(by_rita):
        give(by_rita, review.reviewer, GOOD)
    longer = SAID + "通话以后当天给客户发一张手写的小结，写明谁说的、哪天说的。"
    made = Experience.begin(by=ben, kind="question")
    made.save_draft(by=ben, topics=[schools], title="另一问", doubt="乙" * 20, action=longer)
    process.submit(made, by=ben, duplicate_checked=True)
    judges = {review.reviewer_id for review in panel(made)}
    assert rita.id in judges
    for review in panel(made):
        give(made, review.reviewer, FAIR, "revise")
    with pytest.raises(Invalid, match="on its own"):
        process.submit(made.fresh(), by=ben, improvement=True)
    process.submit(made.fresh(), by=ben, duplicate_checked=True)
    assert {review.reviewer_id for review in panel(made.fresh())} == judges


MORE = "通话以后当天给客户发一张手写的小结，写明谁说的、哪天说的。"


def test_what_was_added_to_it_already_is_not_new(
    known: Experience, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    """Attack: what its article says since, and what another added and was paid for, handed in for a share."""
    added = "最后把地图、文件和小结一起放进客户的资料夹，下次带看前再看一遍。"
    article = Article.get(Article.origin == known.id)
    article.edit(by=ada, body=f"{article.body}\n\n{added}")
    with pytest.raises(Invalid, match="Hardly a word"):
        improving(known, ben, schools, SAID + added)
    made = improving(known, ben, schools, SAID + MORE)
    with pytest.raises(Invalid, match="Hardly a word"):
        improving(known, stan, schools, SAID + MORE)  # in review
    for review in panel(made):
        give(made, review.reviewer, FAIR, "revise")
    process.submit(made.fresh(), by=ben, improvement=True)  # its own words stay new
    for review in panel(made.fresh()):
        give(made, review.reviewer, GOOD, "merge")
    assert made.fresh().state == "merged"
    with pytest.raises(Invalid, match="Hardly a word"):
        improving(known, stan, schools, SAID + added + MORE)


@pytest.mark.parametrize("gone", ["revoked", "archived"])
def test_what_improves_something_gone_meanwhile_is_accepted_by_nobody_unasked(
    gone: str, known: Experience, ada: Person, ben: Person, schools: Topic, sign_in: SignIn
) -> None:
    """Attack: nine tenths are Ada's, whose article ends while two read it: it would have earned all."""
    made = improving(known, ben, schools, SAID + MORE)
    first, second = panel(made)
    give(made, first.reviewer, GOOD, "merge")
    if gone == "revoked":
        revoke(known, by=ben, reason="superseded")
    else:
        Article.get(Article.origin == known.id).archive(by=ada)
    second = Review.get_by_id(second.id)
    assert second.verdicts == ("revise", "reject")
    assert "not there any more" in sign_in(second.reviewer).get(second.url).text
    for verdict in ("accept", "merge"):
        with pytest.raises(Invalid):
            give(made, second.reviewer, GOOD, verdict)
    give(made, second.reviewer, GOOD, "revise")
    third = panel(made.fresh())[2]
    give(made, third.reviewer, GOOD, "revise")
    assert made.fresh().state == "revision"
    with pytest.raises(Invalid, match="word for word"):
        process.submit(made.fresh(), by=ben, duplicate_checked=True)
    made.fresh().save_draft(by=ben, action=SAID[8:] + MORE)
    process.submit(made.fresh(), by=ben, duplicate_checked=True)
    assert made.fresh().near == known
    assert "accept" in panel(made.fresh())[0].verdicts
