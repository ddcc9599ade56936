"""Other rules: a second person agrees, nobody for themselves; what was decided or paid stays as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal import clock
from portal.i18n import gettext, speaking
from portal.models.base.record import Event, Invalid, SearchOutbox
from portal.models.company.rooms import ROOMS
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.experiences import process, rubric, rules
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.expertise import Evidence, expertise
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.people.rule_changes import RuleChange
from portal.models.work.clocks import Clock, ClockStep
from tests.conftest import SignIn

WHY = "Too little is accepted."


def lower(by: Person) -> RuleChange:
    made = RuleChange.propose("review", {"review.pass_mark": 60}, by=by, reason=WHY)
    assert made is not None
    return made


def test_one_administrator_changes_no_pass_mark_alone(adam: Person, mona: Person, sign_in: SignIn) -> None:
    change = lower(adam)
    assert Setting.read("review.pass_mark") == 70
    with pytest.raises(Invalid):
        change.approve(by=adam)
    assert Setting.read("review.pass_mark") == 70
    assert sign_in(adam).post(f"{change.url}/approval").status_code == 403
    assert [need.url for need in needs(mona)] == [change.url]
    assert [need for need in needs(adam) if need.kind == "rules"] == []
    assert sign_in(mona).post(f"{change.url}/approval").status_code == 303
    assert Setting.read("review.pass_mark") == 60
    assert needs(mona) == []
    chosen = Event.select().where(Event.verb == "chosen").get()
    assert chosen.changes == {
        "review.pass_mark": [70, 60],
        "reason": [None, WHY],
        "agreed_by": [None, mona.id],
    }
    assert chosen.actor == adam.id
    page = sign_in(adam).get("/admin/review-rules").text
    assert WHY in page
    assert "Mona" in page


def test_what_waits_names_the_page_in_the_language_of_who_reads(adam: Person, mona: Person) -> None:
    lower(adam)
    (need,) = needs(mona)
    with speaking("zh"):
        assert gettext(need.text) == "规则变更等待另一个人同意：评审规则"
    with speaking("en"):
        assert gettext(need.text) == "Other rules wait for a second person: Review rules"


def test_a_refusal_says_why_and_changes_nothing(adam: Person, mona: Person, sign_in: SignIn) -> None:
    change, browser = lower(adam), sign_in(mona)
    assert browser.post(f"{change.url}/refusal", data={"reason": " "}).status_code == 422
    assert browser.post(f"{change.url}/refusal", data={"reason": "It is hard enough."}).status_code == 303
    assert Setting.read("review.pass_mark") == 70
    assert "It is hard enough." in Notice.unread_by(adam).get().phrase
    change.fresh().approve(by=mona)  # a second tab
    assert Setting.read("review.pass_mark") == 70


def test_one_change_of_a_page_at_a_time_and_its_proposer_may_take_it_back(
    adam: Person, mona: Person, sign_in: SignIn
) -> None:
    change = lower(adam)
    with pytest.raises(Invalid):
        RuleChange.propose("review", {"review.gap": 20}, by=adam, reason=WHY)
    assert "waits for an answer" in sign_in(adam).get("/admin/review-rules").text
    assert sign_in(mona).post(f"{change.url}/withdrawal").status_code == 403
    change.withdraw(by=adam)
    assert needs(mona) == []
    change.fresh().approve(by=mona)
    assert Setting.read("review.pass_mark") == 70
    assert RuleChange.propose("review", {"review.gap": 20}, by=adam, reason=WHY) is not None


def test_a_reason_is_needed_and_the_same_numbers_are_no_change(adam: Person, mona: Person) -> None:
    with pytest.raises(Invalid) as refused:
        RuleChange.propose("review", {"review.pass_mark": 60}, by=adam, reason=" -  ")
    assert "reason" in refused.value.errors
    assert RuleChange.propose("review", {"review.pass_mark": 70}, by=adam, reason="") is None


def test_who_is_alone_is_told_so_and_the_auditor_too(adam: Person, audrey: Person, sign_in: SignIn) -> None:
    """A company of one administrator and no manager: nobody could agree."""
    page = sign_in(adam).get("/admin/rules/points").text
    assert "the log says that you decided alone" in page
    change = RuleChange.propose("points", {"points.accepted": 30}, by=adam, reason=WHY)
    assert change is not None
    assert change.state == "alone"
    assert Setting.read("points.accepted") == 30
    assert "nobody else had to agree" in Notice.unread_by(audrey).get().phrase
    assert Event.about(change).get().verb == "chosen alone"


def test_what_bends_no_pay_takes_one_person(adam: Person, mona: Person, ada: Person) -> None:
    (rule, *_) = ROOMS["sales"].rules
    change = RuleChange.propose("sales", {rule.name: rule.usual + 1}, by=adam, reason=WHY)
    assert change is not None
    assert change.state == "alone"
    assert Setting.read(rule.name) == rule.usual + 1
    assert Notice.unread_by(mona).get().url == change.url
    assert not Notice.unread_by(ada).exists()


def test_terms_of_checks_take_a_second_person_and_who_reviews_is_told(
    adam: Person, mona: Person, rita: Person
) -> None:
    """A check gives points, and what hangs on a number of points hangs on the days."""
    change = RuleChange.propose("knowledge", {"fresh.price": 14}, by=adam, reason=WHY)
    assert change is not None
    assert Setting.read("fresh.price") == 30
    change.approve(by=mona)
    assert Setting.read("fresh.price") == 14
    assert Notice.unread_by(rita).get().url == "/rules#knowledge"


def test_a_stranger_reads_no_proposal(adam: Person, mona: Person, ada: Person, sign_in: SignIn) -> None:
    change = lower(adam)
    assert sign_in(ada).get(change.url).status_code == 404
    assert sign_in(mona).get(change.url).status_code == 200


def test_another_administrator_may_agree_and_who_left_may_not(adam: Person, mona: Person) -> None:
    change = lower(adam)
    second = Person.add(by=None, email="eve@example.com", name="Eve", roles=[Role.ADMINISTRATOR])
    assert change.answerable_by(second)
    second.deactivated_at = clock.now()
    assert not change.answerable_by(second)


# ------------------------------------------------------------------ what hangs on the numbers


def handed_in(by: Person, topic: Topic, title: str) -> Experience:
    item = Experience.begin(by=by, kind="question")
    item.save_draft(by=by, title=title, situation="Four.", doubt=f"{title}?", action="Ask.", lesson=title)
    process.submit(item, by=by, topics=[topic], duplicate_checked=True)
    return item


def judge(item: Experience, score: int = 5) -> None:
    waiting = Review.completed_at.is_null() & Review.declined_at.is_null()
    for review in Review.select().where((Review.experience == item) & waiting):
        scores = dict.fromkeys(rubric.NAMES, score)
        process.complete(review, by=review.reviewer, scores=scores, verdict="accept", comment="-")


def test_points_follow_the_setting_and_those_given_stay(
    ada: Person, rita: Person, rob: Person, schools: Topic, adam: Person
) -> None:
    judge(handed_in(ada, schools, "Ask the office about places"))
    assert PointEntry.total(ada) == 20
    Setting.choose("points.accepted", 30, by=adam)
    assert PointEntry.total(ada) == 20
    judge(handed_in(ada, schools, "Measure the balcony twice"))
    assert PointEntry.total(ada) == 50


def test_a_panel_of_three_asks_three_at_once_and_the_middle_score_counts(
    ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic, adam: Person
) -> None:
    before = handed_in(ada, schools, "Ask the office about places")
    with clock.moved(clock.now() + timedelta(minutes=1)):
        Setting.choose("review.panel", 3, by=adam)
    with clock.moved(clock.now() + timedelta(minutes=2)):
        after = handed_in(ada, schools, "Measure the balcony twice")
        assert Review.select().where(Review.experience == before).count() == 2
        assert Review.select().where(Review.experience == after).count() == 3
        judge(before)
        assert before.fresh().state == "accepted"
    opinions = [rubric.Opinion(total, "accept", 3) for total in (60, 72, 90)]  # type: ignore[arg-type]
    assert rubric.decide(opinions[:2], size=3) is None
    outcome = rubric.decide(opinions, size=3)
    assert outcome is not None
    assert (outcome.verdict, int(outcome.score)) == ("accept", 72)


def test_reviews_keep_the_deadlines_with_which_they_were_asked_for(
    ada: Person, rita: Person, rob: Person, schools: Topic, adam: Person
) -> None:
    """Handed in on Monday, due after 3 working days on Thursday; after 5, on Saturday's Monday."""
    monday = clock.start_of(date(2026, 5, 11)) + timedelta(hours=10)
    with clock.moved(monday):
        first = handed_in(ada, schools, "Ask the office about places")
    with clock.moved(monday + timedelta(minutes=1)):
        for name, days in (("review.answer_days", 4), ("review.reassign_days", 5), ("review.lead_days", 20)):
            Setting.choose(name, days, by=adam)
        second = handed_in(ada, schools, "Measure the balcony twice")

    def due(item: Experience) -> date:
        return clock.local(Review.select().where(Review.experience == item).get().due_at).date()

    def lead(item: Experience) -> date:
        review = Review.select().where(Review.experience == item).first()
        waiting = Clock.of(review, "review")
        step = ClockStep.get((ClockStep.clock == waiting) & (ClockStep.name == "panel lead"))
        return clock.local(step.due_at).date()

    assert (due(first), due(second)) == (date(2026, 5, 14), date(2026, 5, 15))
    assert (lead(first), lead(second)) == (date(2026, 5, 21), date(2026, 6, 8))


def test_the_bar_of_experts_and_what_words_weigh_are_the_companys(
    ada: Person, ben: Person, adam: Person, mona: Person, schools: Topic
) -> None:
    Endorsement.give(by=ben, person=ada, topic=schools)
    Evidence.record(ada, schools, "best answer", Article.add(by=ada, title="A", body="One", published=False))
    (known,) = expertise(people=[ada.id])
    assert known.score == pytest.approx(9)  # 8 + 1
    assert not known.is_expert
    SearchOutbox.delete().execute()
    values = {"expert.bar": 10, "expert.word": 3, "expert.to_parent": 0}
    change = RuleChange.propose("experts", values, by=adam, reason=WHY)
    assert change is not None
    change.approve(by=mona)
    (known,) = expertise(people=[ada.id])
    assert known.score == pytest.approx(11)  # 8 + 3
    assert known.is_expert
    found = SearchOutbox.select().where(SearchOutbox.kind == "person")  # found anew by what they know
    assert {row.record for row in found} >= {ada.id, ben.id}


def test_articles_are_due_by_the_setting_of_the_day(ada: Person, schools: Topic, adam: Person) -> None:
    def due(freshness: str) -> date | None:
        return Article.add(
            by=ada, title="A", body="One", topics=[schools], published=True, freshness=freshness
        ).review_by

    with clock.moved(clock.start_of(date(2026, 5, 11)) + timedelta(hours=10)):
        before = Article.add(by=ada, title="A", body="One", topics=[schools], published=True)
        Setting.choose("fresh.price", 14, by=adam)
        assert due("price") == date(2026, 5, 25)
        assert due("product") == date(2026, 8, 9)  # 90 days as usual
        assert before.fresh().review_by == date(2027, 5, 11)


# ------------------------------------------------------------------ nobody appoints their own second person


def settled(*people: Person) -> None:
    """They hold their roles for long."""
    long_ago = clock.now() - timedelta(days=200)
    RoleGrant.update(created_at=long_ago).where(RoleGrant.person.in_(people)).execute()


def manager(name: str, by: Person | None) -> Person:
    made = Person.add(by=by, email=f"{name.lower()}@example.com", name=name, locale="en")
    made.grant(Role.MANAGER, by=by)
    return made


def test_an_administrator_makes_no_second_person_for_themselves(
    adam: Person, mona: Person, sign_in: SignIn
) -> None:
    settled(adam, mona)
    early = manager("Early", adam)
    change = lower(adam)
    late = manager("Late", adam)
    far = manager("Far", manager("Between", adam))
    for puppet in (early, late, far):
        assert not change.answerable_by(puppet)
        with pytest.raises(Invalid):
            change.fresh().approve(by=puppet)
        assert sign_in(puppet).post(f"{change.url}/approval").status_code == 403
    assert [need.kind for need in needs(early)] == []
    assert Setting.read("review.pass_mark") == 70
    assert change.answerable_by(mona)
    change.approve(by=mona)
    assert Setting.read("review.pass_mark") == 60


def test_an_administrator_made_lately_and_who_made_them_are_one(adam: Person, mona: Person) -> None:
    settled(adam, mona)
    puppet = Person.add(by=adam, email="eve@example.com", name="Eve", roles=[Role.ADMINISTRATOR])
    change = lower(puppet)
    assert not change.answerable_by(adam)
    assert not change.answerable_by(manager("Other", adam))
    assert change.answerable_by(mona)


def test_a_role_of_over_thirty_days_counts_whoever_gave_it(adam: Person) -> None:
    settled(adam)
    with clock.moved(clock.now() - timedelta(days=31)):
        old = manager("Old", adam)
    assert lower(adam).answerable_by(old)


@pytest.mark.parametrize("how", ["withdraw", "close", "helper", "cover"])
def test_who_takes_the_role_from_all_others_is_not_alone(
    adam: Person, mona: Person, sign_in: SignIn, how: str
) -> None:
    settled(adam, mona)
    helper = Person.add(by=adam, email="eve@example.com", name="Eve")
    if how == "close":
        mona.deactivate(by=adam)
    elif how == "helper":
        helper.grant(Role.ADMINISTRATOR, by=adam)
        mona.withdraw(Role.MANAGER, by=helper)
        helper.withdraw(Role.ADMINISTRATOR, by=adam)
    else:
        if how == "cover":
            mona.grant(Role.MANAGER, by=adam)  # for all departments: one role more, of his hand
        mona.withdraw(Role.MANAGER, by=adam)
    assert "by your hand in the last 30 days" in sign_in(adam).get("/admin/review-rules").text
    change = lower(adam)
    assert change.state == "asked"
    assert Setting.read("review.pass_mark") == 70
    if how != "close":
        assert Notice.unread_by(mona).where(Notice.url == "/rules#review").exists()
        mona.grant(Role.MANAGER, by=adam)  # given back: theirs as before
    else:
        mona.reactivate(by=adam)
    assert change.fresh().answerable_by(Person.get_by_id(mona.id))


def test_a_role_given_in_error_and_taken_back_leaves_who_is_alone_alone(adam: Person) -> None:
    settled(adam)
    error = manager("Error", adam)
    error.withdraw(Role.MANAGER, by=adam)
    assert lower(adam).state == "alone"
    again = manager("Again", adam)  # and a puppet twice is no old hand
    again.withdraw(Role.MANAGER, by=adam)
    again.grant(Role.MANAGER, by=adam)
    assert RuleChange.is_alone(adam)


def test_panels_may_be_led_by_nobody_again(adam: Person, mona: Person, rita: Person, sign_in: SignIn) -> None:
    facts = {"pass_mark": 70, "gap": 15, **dict(zip(rubric.NAMES, (30, 25, 20, 15, 10), strict=True))}
    Setting.choose("review.panel_lead", rita.id, by=adam)
    change = rules.propose(by=adam, reason="She leaves.", panel_lead=None, **facts)
    assert change is not None
    assert "Rita → —" in " ".join(sign_in(mona).get("/needs-me").text.split())
    assert sign_in(mona).post(f"{change.url}/approval").status_code == 303
    assert not Setting.read("review.panel_lead")
    assert sign_in(mona).get(change.url).status_code == 200
    assert sign_in(adam).get("/admin/review-rules").status_code == 200
    assert rules.propose(by=adam, reason="", panel_lead=None, **facts) is None
