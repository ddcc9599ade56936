"""Who judges an experience: competent, free of conflicts, least busy first; and what if they are late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.prepared import Prepared
from portal.models.company.calendar import Calendar
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.experiences import rubric
from portal.models.experiences.experiences import Credit, Experience, ExperienceTopic
from portal.models.experiences.improvements import Improvement
from portal.models.experiences.interviews import Interview
from portal.models.experiences.reviews import Review, in_review
from portal.models.knowledge.articles import Article
from portal.models.knowledge.scores import changed_by
from portal.models.learning.mentors import Mentorship
from portal.models.people.absences import Absence
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant, reviewers_of
from portal.models.sales.deals import Deal, DealShare
from portal.models.work.clocks import Clock

AGAIN = timedelta(hours=1)
"""How soon a seat is offered again that nobody could take."""
NEAR = 3
"""Who works in a department of those credited is asked as if they owed so many reviews more: they know best
which deals were closed there these days, and whose (RULES 4.2). With few reviewers they are asked as well.
"""


def topics_of(experience: int) -> list[int]:
    """Ids of an experience's topics."""
    rows = ExperienceTopic.select(ExperienceTopic.topic).where(ExperienceTopic.experience == experience)
    return [row.topic_id for row in rows.order_by(ExperienceTopic.id)]


def thin_topics(size: int) -> list[Topic]:
    """In whose reviewers, and those of the topics above, a panel of that size does not find as many."""
    held = (RoleGrant.role == Role.REVIEWER) & Person.deactivated_at.is_null()
    reviewers: dict[int | None, set[int]] = {}
    for grant in RoleGrant.select().join(Person, on=(RoleGrant.person == Person.id)).where(held):
        reviewers.setdefault(grant.topic_id, set()).add(grant.person_id)
    found = []
    for topic in Topic.select().where(Topic.archived_at.is_null()).order_by(Topic.id):
        above = (None, *Topic.with_ancestors([topic.id]))
        if len(set[int]().union(*(reviewers.get(each, ()) for each in above))) < size:
            found.append(topic)
    return found


def panel(experience: Experience, round: int | None = None) -> list[Review]:
    """The reviews that count in a round (the current one), in the order they were assigned."""
    return _PANEL(experience=experience.id, round=round or experience.round)


_PANEL = Prepared[Review](
    lambda experience, round: (
        Review.select()
        .where((Review.experience == experience) & (Review.round == round) & Review.declined_at.is_null())
        .order_by(Review.id)
    )
)


def conflicted(experience: Experience) -> frozenset[int]:
    """Ids of those who may not judge it: credited people, their direct managers, who heads their departments,
    who goes with them while they are new, who shares in the deal and agreed to or was asked to interview them
    on it, who changed the text that it is, whose it improves, and whoever exchanged more than 3 reviews with
    one of the credited in 30 days (RULES 4.2).
    """
    credited = {experience.author_id} | {
        credit.person_id
        for credit in Credit.select().where((Credit.experience == experience) & Credit.is_agreed())
    }
    people = list(Person.select(Person.manager, Person.department).where(Person.id.in_(list(credited))))
    managers = {person.manager_id for person in people} | _heads({p.department_id for p in people})
    managers |= Mentorship.of_newcomers(credited)
    in_deal: set[int] = set()
    if experience.deal_id is not None:
        shared = (DealShare.deal == experience.deal_id) & DealShare.is_agreed()
        in_deal = {share.person_id for share in DealShare.select().where(shared)}
        in_deal |= {d.owner_id for d in Deal.select(Deal.owner).where(Deal.id == experience.deal_id)}
        in_deal |= Interview.interviewers_of(experience.deal_id)
    improved = Improvement.select(Improvement.of).where(Improvement.experience == experience)
    shares = Credit.select().where(Credit.is_agreed() & Credit.experience.in_(improved))
    in_deal |= {credit.person_id for credit in shares}
    wrote = changed_by(Article.get_by_id(experience.rewrites_id)) if experience.is_rewrite else set[int]()
    limit = experience.rule("review.pair_limit")
    paired = {p for p, n in _exchanged(experience, credited).items() if n > limit}
    return frozenset(credited | {m for m in managers if m is not None} | in_deal | wrote | paired)


def _heads(departments: set[int | None]) -> set[int]:
    """Who leads one of these departments or one above it."""
    above = Department.with_ancestors(each for each in departments if each is not None)
    led = (RoleGrant.role == Role.MANAGER) & RoleGrant.department.in_(list(above))
    return {grant.person_id for grant in RoleGrant.select().where(led)} if above else set()


def is_unfit(review: Review, experience: Experience) -> bool:
    """Whether who was asked may judge it no longer: involved since, no reviewer of its topics, or gone."""
    if review.reviewer_id in conflicted(experience):
        return True
    if review.is_panel_lead:
        return not review.reviewer.is_active
    if review.reviewer_id in _earlier(experience):
        return review.reviewer_id not in _reviewing()
    return all(person.id != review.reviewer_id for person in reviewers_of(topics_of(experience.id)))


def _exchanged(experience: Experience, credited: Collection[int]) -> dict[int, int]:
    """Reviews between each other person and one of the credited in the last 30 days, both ways together: with
    whom they exchanged most. Who hands in under a colleague's name is counted as one of them.
    """
    since = clock.now() - timedelta(days=experience.rule("review.pair_days"))
    recent = Review.declined_at.is_null() & (Review.created_at > since) & (Review.experience != experience)
    shares = (Credit.experience == Experience.id) & Credit.is_agreed()
    theirs = Experience.author.in_(list(credited)) | Credit.person.in_(list(credited))
    rows: Any = (
        Review.select(Review.id, Review.reviewer, Experience.author, Credit.person)
        .join(Experience, on=(Review.experience == Experience.id))
        .join(Credit, JOIN.LEFT_OUTER, on=shares)
        .where(recent & (theirs | Review.reviewer.in_(list(credited))))
    )
    pairs = {
        (review, other, one)
        for review, reviewer, *wrote in rows.tuples()
        for writer in wrote
        for one, other in ((writer, reviewer), (reviewer, writer))
        if one in credited and other is not None and other not in credited
    }
    found: dict[int, int] = {}
    for (other, _), n in Counter((other, one) for _, other, one in pairs).items():
        found[other] = max(found.get(other, 0), n)
    return found


def candidates(experience: Experience) -> tuple[list[int], list[int]]:
    """Who may be asked next: reviewers of its topics, then whoever may stand in as panel lead.

    Free of conflicts, here for the term, not asked before in this round (on appeal: in any round). Who judged
    an earlier round comes first, also when its author gave it other topics since: nobody is chosen away by
    them. Then who has the fewest open reviews, those near the authors as if they had more, then the lowest
    id. A panel lead is the person of the setting `review.panel_lead`, then reviewers of
    other topics.
    """
    involved = conflicted(experience)
    out = set(involved) | _asked(experience) | away_for_term(but_by=involved)
    known, everyone = _earlier(experience), _reviewing()
    competent = [p.id for p in reviewers_of(topics_of(experience.id)) if p.id not in out]
    competent += [
        p for p, lead in known.items() if p in everyone and p not in {*out, *competent} and not lead
    ]
    others = [p for p in everyone if p not in out and p not in competent]
    lead = Setting.read("review.panel_lead")
    active = lead and Person.select().where((Person.id == lead) & Person.deactivated_at.is_null()).exists()
    if active and lead not in out and lead not in competent:
        others = [lead, *(p for p in others if p != lead)]
    busy = Counter(_open_reviews())
    busy.update(dict.fromkeys(_near(experience), NEAR))
    competent.sort(key=lambda p: (p not in known, busy[p], p))
    others.sort(key=lambda p: (p not in known, p != lead, busy[p], p))
    return competent, others


def _reviewing() -> set[int]:
    """Ids of all who review anything."""
    held = (RoleGrant.role == Role.REVIEWER) & Person.deactivated_at.is_null()
    return {grant.person_id for grant in RoleGrant.select().join(Person, on=RoleGrant.person).where(held)}


def away_for_term(but_by: Collection[int]) -> set[int]:
    """Ids of those who are away on more than half of the working days in which a review asked for today is
    due. Whom they named to stand in judges nothing for that, and what one of `but_by` (ids) noted of another
    keeps nobody away: nobody chooses who judges (RULES 4.2).
    """
    calendar, today = Calendar.read(), clock.today()
    due = clock.local(calendar.add(clock.now(), Setting.read("review.answer_days"))).date()
    days = {today + timedelta(days=number) for number in range((due - today).days + 1)}
    term = {day for day in days if calendar.is_worked(day)}
    return {
        who
        for who, off in Absence.within(today, due, but_by=but_by).items()
        if 2 * len(off & term) > len(term)
    }


def _asked(experience: Experience) -> set[int]:
    asked = Review.select(Review.reviewer).where(Review.experience == experience)
    again = (Review.round == experience.round) | (Review.passed_on == "conflict")
    if experience.appeal_round is not None:
        again |= Review.round < experience.appeal_round
    asked = asked.where(again)
    return {review.reviewer_id for review in asked}


def _earlier(experience: Experience) -> dict[int, int]:
    """Ids of those who judged an earlier round, and whether they stood in as panel lead there last."""
    done = (Review.experience == experience) & (Review.round < experience.round)
    rows = Review.select(Review.reviewer, Review.is_panel_lead).order_by(Review.round)
    rows = rows.where(done & Review.completed_at.is_null(False))
    return {review.reviewer_id: review.is_panel_lead for review in rows}


def _near(experience: Experience) -> list[int]:
    """Ids of those who work in a department of someone credited."""
    credited = Credit.select(Credit.person).where(Credit.experience == experience)
    theirs = (Person.id.in_(credited)) | (Person.id == experience.author_id)
    departments = Person.select(Person.department).where(theirs & Person.department.is_null(False))
    return [p.id for p in Person.select(Person.id).where(Person.department.in_(departments))]


def _open_reviews() -> dict[int, int]:
    """How many reviews each person still owes."""
    rows: Any = (
        Review.select(Review.reviewer, fn.COUNT(Review.id))
        .join(Experience, on=(Review.experience == Experience.id))
        .where(Review.completed_at.is_null() & Review.declined_at.is_null() & in_review())
        .group_by(Review.reviewer)
        .tuples()
    )
    return dict(rows)


NO_REVIEWER = Phrase("No reviewer without a conflict is left for an experience. Name one for its topics.")


def fill_panel(experience: Experience, *, since: datetime | None = None) -> int:
    """Ask as many reviewers as are still missing: two, a third when they differ, or one of what earns no
    money; gives how many still are.

    Where the topics' reviewers do not suffice, a panel lead stands in and is marked; with nobody left,
    the administrators are told, and it is tried again each hour. `since`: when the seat that is filled fell
    vacant first.
    """
    if experience.is_anchor:
        return 0  # whoever keeps calibration asks
    asked = panel(experience)
    weights = experience.rule("review.weights")
    opinions = [review.opinion(weights) for review in asked if review.completed_at is not None]
    gap, size = experience.rule("review.gap"), experience.panel_size
    missing = rubric.panel_size(opinions, gap=gap, size=size) - len(asked)
    if missing <= 0 or experience.state != "submitted":
        return 0
    competent, others = candidates(experience)
    chosen = [(person, 0) for person in competent] + [(person, 1) for person in others]
    known = _earlier(experience)
    chosen.sort(key=lambda each: each[0] not in known)
    for person, lead in chosen[:missing]:
        assign(experience, person, is_panel_lead=lead, since=since)
    if len(chosen) < missing:
        call_for_reviewers(experience, waits=experience, what="panel")
        steps = {"fill": clock.now() + AGAIN}
        Clock.start(experience, "panel", who=Role.ADMINISTRATOR, text=NO_REVIEWER, url="/admin", steps=steps)
    return max(0, missing - len(chosen))


def assign(
    experience: Experience, reviewer: int, *, is_panel_lead: int = 0, since: datetime | None = None
) -> Review | None:
    """Ask one person for a review in the current round, and tell them; None when they were asked before."""
    now, calendar = clock.now(), Calendar.read()
    values: dict[str, Any] = {
        "experience": experience.id,
        "round": experience.round,
        "reviewer": reviewer,
        "created_at": now,
        "due_at": _end_of_day(calendar.add(now, Setting.read("review.answer_days"))),
        "since": since or now,
        "is_panel_lead": is_panel_lead,
    }
    if not Review.insert(values).on_conflict_ignore().execute():
        return None
    review = Review.get(
        (Review.experience == experience.id)
        & (Review.round == experience.round)
        & (Review.reviewer == reviewer)
    )
    review.track("assigned")
    _wait_for(review, experience, calendar)
    Notice.tell(
        reviewer,
        Phrase("An experience waits for your review: %(title)s", title=experience.title),
        about=review,
        key=f"review-assigned-{review.id}",
        waits=f"{review} review",
    )
    return review


def _end_of_day(at: datetime) -> datetime:
    """As the page says it: due on a day. The minute would tell when it was handed in (RULES 4.2)."""
    return clock.start_of(clock.local(at).date() + timedelta(days=1)) - timedelta(seconds=1)


def _wait_for(review: Review, experience: Experience, calendar: Calendar) -> None:
    steps = {"remind": calendar.add(review.created_at, Setting.read("review.remind_days"))}
    if review.is_panel_lead:
        steps["panel lead"] = calendar.add(review.created_at, Setting.read("review.lead_days"))
    else:
        steps["reassign"] = calendar.add(review.created_at, Setting.read("review.reassign_days"))
        steps["panel lead"] = calendar.add(review.since, Setting.as_of("review.lead_days", review.since))
    Clock.start(
        review,
        "review",
        about=experience,
        who=f"person-{review.reviewer_id}",
        text=Phrase("Review: %(title)s", title=experience.title),
        url=review.url,
        since=review.created_at,
        due_at=review.due_at,
        steps=steps,
    )


def call_for_reviewers(experience: Experience, *, waits: Experience | Review, what: str) -> None:
    """Administrators are told, once for a round and what waits, that nobody is left to ask."""
    about = f"{experience.id}-{experience.round}" if waits is experience else f"review-{waits.id}"
    for grant in RoleGrant.select().where(RoleGrant.role == Role.ADMINISTRATOR):
        Notice.tell(
            grant.person_id,
            NO_REVIEWER,
            url="/admin",
            about=experience,
            key=f"no-reviewer-{about}-{grant.person_id}",
            waits=f"{waits} {what}",
        )
