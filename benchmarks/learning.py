"""What the pages of learning cost in a company that learns much: each page's CPU time against a bare page with the same
records, at most 2x, and against the same page of a small company, which shows as many, at most 1.5x; its queries, at most 12.

    python -m benchmarks.learning [ANSWERS]      ANSWERS: given in exams; 500000 when absent

1,000 people are enrolled in 200 courses of 20 lessons; every fourth course has an exam of 40 questions, the first of them
taken by everyone; one salesperson has left 100,000 events. The small company has 120 people, 60 courses, 72,000 answers and
1,000 events of that one. The figures are CPU milliseconds of
this process, the least of some rounds: what else the machine does only adds to them. The status is 1 where a budget is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from peewee import fn

from benchmarks.bare import Section, Twin, bare_app, detailed, listed
from benchmarks.pages import ask, counted, cpu, tell
from portal import clock
from portal.app import create_app, settle
from portal.migrations import migrate
from portal.models.base import bulk, database
from portal.models.base.record import Event, along
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import Course, Lesson, last_done
from portal.models.learning.enrolments import Enrolment, LessonDone
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.learning.mentors import Mentorship
from portal.models.learning.paths import PathStep, StepDone
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session
from portal.settings import Settings

LESSONS, EACH, QUESTIONS, DRAWN = 20, 20, 40, 10
BARE, MOST, QUERIES, ROUNDS = 2.0, 1.5, 12, 20


class Size(NamedTuple):
    """How large a company is."""

    people: int
    courses: int
    answers: int
    acts: int


SMALL = Size(120, 60, 72_000, 1_000)
POST = "Seller"
TICKED = ("interaction.logged", "customer.added", "experience.submitted")
TEXT = "先看学区范围，再看房龄和楼层；贷款要先算月供，税费要先算到手总价。" * 12


def fill(size: Size) -> None:
    """The company: its first person owns the first course and leads everyone."""
    now = clock.now()
    head = Person.add(by=None, email="p0@bench.example", name="店长")
    office = Department.create(name="Office")
    head.grant(Role.MANAGER, by=None, department=office)
    topic = Topic.create(name="买房")
    who = [
        {
            "email": f"p{n}@bench.example",
            "name": f"员工 {n}",
            "sort_name": f"{n:04d}",
            "department": office.id,
            "title": POST,
        }
        for n in range(1, size.people + 1)
    ]
    people = bulk.insert(Person, [{**each, "hired_on": clock.today() - timedelta(days=20)} for each in who])
    own = {
        "owner": head.id,
        "topic": topic.id,
        "state": "published",
        "published_at": now,
        "purpose": "会做。",
    }
    courses = bulk.insert(Course, [{**own, "title": f"课程 {n}"} for n in range(size.courses)])
    lessons = bulk.insert(
        Lesson,
        [
            {"course": c, "position": n, "kind_of": "reading", "title": f"第 {n} 课", "text": TEXT}
            for c in courses
            for n in range(1, LESSONS + 1)
        ],
    )
    first = {course: lessons[n * LESSONS] for n, course in enumerate(courses)}
    places = [
        {
            "course": courses[0 if k == 0 else (n + k * 7) % size.courses],
            "person": person,
            "by": head.id,
            "place": None,
        }
        for n, person in enumerate(people)
        for k in range(EACH)
    ]
    places = list({(each["course"], each["person"]): each for each in places}.values())
    enrolled = bulk.insert(Enrolment, places)
    bulk.insert(
        LessonDone,
        [
            {"enrolment": ident, "lesson": first[int(each["course"] or 0)] + n, "created_at": now}
            for ident, each in zip(enrolled, places, strict=True)
            for n in range(5)
        ],
    )
    _exams(courses[::4], people, head, size.answers)
    seller = people[0]
    verbs = [("interaction", "logged"), ("customer", "added"), ("article", "used"), ("deal", "edited")]
    acts = [
        {"at": now - timedelta(minutes=n), "actor": seller, "subject_kind": kind, "subject": n, "verb": verb}
        for n in range(size.acts)
        for kind, verb in verbs[n % 4 : n % 4 + 1]
    ]
    bulk.insert(Event, acts)
    for day, task in zip((1, 7, 30), TICKED, strict=True):
        PathStep.add(by=head, post=POST, day=day, title=task, task=task)
    article = Article.add(by=head, title="读一读", body=TEXT, topics=[topic])
    PathStep.add(by=head, post=POST, day=7, title="Read", article=article)


def _exams(courses: list[int], people: list[int], head: Person, answers: int) -> None:
    now = clock.now()
    exams = bulk.insert(Exam, [{"course": each, "is_open": True, "draws": DRAWN} for each in courses])
    bank = bulk.insert(
        ExamQuestion,
        [
            {
                "exam": e,
                "text": f"题目 {n}？",
                "answers": "*对的\n错的\n也错",
                "state": "ready",
                "writer": head.id,
            }
            for e in exams
            for n in range(QUESTIONS)
        ],
    )
    attempts, tries = list[dict[str, Any]](), answers // DRAWN
    common = {"started_at": now, "deadline_at": now, "ended_at": now, "pass_mark": 80, "asked": DRAWN}
    for n in range(tries):
        exam, person = exams[n // len(people) % len(exams)], people[n % len(people)]
        number, right = n // (len(people) * len(exams)) + 1, 5 + n % 6
        own = {"exam": exam, "person": person, "number": number, "right_ones": right, "passed": right >= 8}
        attempts.append({**own, **common, "created_at": now})
    ids = bulk.insert(Attempt, attempts)
    for start in range(0, tries, 5_000):
        asked = []
        for n, ident in enumerate(ids[start : start + 5_000], start=start):
            mine = n // len(people) % len(exams) * QUESTIONS
            for place in range(DRAWN):
                is_right = place < 5 + n % 6
                asked.append(
                    {
                        "attempt": ident,
                        "place": place + 1,
                        "question": bank[mine + (n + place * 3) % QUESTIONS],
                        "question_version": 1,
                        "sort": "single",
                        "text": f"题目 {(n + place * 3) % QUESTIONS}？",
                        "options": ["对的", "错的", "也错"],
                        "right": ["1"],
                        "given": ["1" if is_right else str(2 + n % 2)],
                        "is_right": is_right,
                        "created_at": now,
                    }
                )
        bulk.insert(AttemptQuestion, asked)


def twins(course: Course, exam: Exam, learner: Person) -> list[tuple[Twin, str]]:
    """Bare pages of the same records, each with who asks for it."""
    mine = along(Enrolment.select().where(Enrolment.person == learner), Enrolment.course, whole=True).limit(
        100
    )
    steps = (
        Lesson.select()
        .where((Lesson.course == course) & Lesson.removed_at.is_null())
        .order_by(Lesson.position)
    )
    offered = Course.select().where(Course.state == "published").order_by(Course.id.desc()).limit(12)
    listed_all = (
        along(Course.select(), Course.owner, Course.topic, whole=True)
        .order_by(Course.title, Course.id)
        .limit(51)
    )
    inside = along(Enrolment.select().where(Enrolment.course == course), Enrolment.person, whole=True)
    inside = inside.order_by(Enrolment.due_on.is_null(), Enrolment.due_on, Enrolment.id.desc()).limit(51)
    done = LessonDone.select(LessonDone.enrolment, fn.COUNT(LessonDone.id)).group_by(LessonDone.enrolment)
    held = Certificate.select().where(Certificate.exam == exam)
    shown = list(inside.limit(50))
    seen, places_seen = [each.person_id for each in shown], [each.id for each in shown]
    jobs = Person.select(Person.title, Person.department).distinct()
    tried = (
        Attempt.select(Attempt.person, fn.COUNT(Attempt.id))
        .where((Attempt.exam == exam) & Attempt.person.in_(seen))
        .group_by(Attempt.person)
    )
    bank = exam.questions.order_by(ExamQuestion.id)
    held_in = Exam.select(Exam, Course).join(Course).where(Exam.id == exam.id)
    over = Section("Exam", ("draws", "course.title"), held_in.clone)
    uses = ExamQuestion.select(ExamQuestion.state, fn.COUNT(ExamQuestion.id).alias("many"))
    uses = uses.where(ExamQuestion.exam == exam).group_by(ExamQuestion.state)
    topical = along(bank, ExamQuestion.topic, whole=True).limit(51)
    as_listed = ("text", "answers", "state", "sort", "difficulty", "topic.name")
    latest = Attempt.select(Attempt.id).where(Attempt.exam == exam).order_by(Attempt.id.desc()).limit(5_000)
    sums = (
        AttemptQuestion.select(
            AttemptQuestion.question, fn.COUNT(AttemptQuestion.id), fn.AVG(Attempt.right_ones)
        )
        .join(Attempt)
        .where(Attempt.id.in_(latest))
        .group_by(AttemptQuestion.question)
    )
    new = Person.select().where(Person.hired_on.is_null(False)).order_by(Person.hired_on.desc()).limit(101)
    acts = Person.select(Person.id, *(last_done(task).alias(task) for task in TICKED)).where(
        Person.id.in_(new.select(Person.id))
    )
    newest_ids = new.select(Person.id)
    mentors = along(
        Mentorship.select().where(Mentorship.newcomer.in_(newest_ids)), Mentorship.mentor, whole=True
    )
    told = StepDone.select().where(StepDone.person.in_(newest_ids))
    finished = Enrolment.select().join(PathStep, on=(PathStep.course == Enrolment.course))
    finished = finished.where(Enrolment.person.in_(newest_ids) & Enrolment.finished_at.is_null(False))
    places, title = Section("Mine", ("course.title", "due_on"), mine.clone), ("title", "minutes")
    one, tally = Section("Lessons", title, steps.clone), ("person_id",)
    path = PathStep.whole(PathStep.select().where(PathStep.post == POST)).order_by(PathStep.day, PathStep.id)
    doing = Person.select(Person.id, *(last_done(task).alias(task) for task in TICKED)).where(
        Person.id == learner
    )
    own = [
        Section("Made", title[:1], Course.select().where(Course.owner == learner).limit(12).clone),
        Section("Proven", ("number",), Certificate.select().where(Certificate.person == learner).clone),
        Section("Path", ("title", "minutes", "article.title", "course.title"), path.clone),
        Section("Did", TICKED, doing.clone),
        Section(
            "How far",
            ("enrolment_id",),
            done.where(LessonDone.enrolment.in_(mine.select(Enrolment.id))).clone,
        ),
    ]
    place = Enrolment.select().where((Enrolment.course == course) & (Enrolment.person == learner))
    through = LessonDone.select().join(Enrolment).where(Enrolment.id == place.get().id)
    far = [Section("Place", ("due_on",), place.clone), Section("Done", ("lesson_id",), through.clone)]
    ends = Section("Exam", ("draws", "minutes", "pass_mark"), held_in.clone)
    mark = Attempt.select().where((Attempt.exam == exam) & (Attempt.person == learner))
    tries = [Section("Tried", ("number", "started_at", "right_ones"), mark.clone), far[0]]
    proven = held.where(Certificate.person == learner)
    tries.append(Section("Held", ("number",), proven.clone))
    anyone = Person.select().where(Person.deactivated_at.is_null()).order_by(Person.sort_name).limit(101)
    newest = AttemptQuestion.select(
        AttemptQuestion.question, AttemptQuestion.given, fn.COUNT(AttemptQuestion.id)
    )
    newest = newest.where(AttemptQuestion.attempt.in_(latest.clone().limit(500)))
    newest = newest.group_by(AttemptQuestion.question, AttemptQuestion.given)
    here = along(Course.select(), Course.owner, Course.topic, whole=True)
    beside = [
        Section("Done", ("enrolment_id",), done.where(LessonDone.enrolment.in_(places_seen)).clone),
        Section("Held", ("number",), held.where(Certificate.person.in_(seen)).clone),
        Section("Exam", ("draws",), held_in.clone),
        Section("Jobs", ("title", "department_id"), jobs.clone),
    ]
    people = ("person.name", "due_on", "finished_at")
    return [
        (listed("/learning", offered.clone, ("title", "purpose"), places, *own), "learner"),
        (
            listed(
                "/courses", listed_all.clone, ("title", "topic.name", "owner.name", "state", "created_at")
            ),
            "learner",
        ),
        (detailed(course, here, one, ends, *far), "learner"),
        (detailed(steps.first(), Lesson.select(Lesson, Course).join(Course), one, *far), "learner"),
        (
            listed(
                f"{course.url}/people",
                inside.clone,
                people,
                *beside,
                Section("Tried", tally, tried.clone),
                Section("Anyone", ("id", "name"), anyone.clone),
            ),
            "head",
        ),
        (detailed(exam, Exam.select(Exam, Course).join(Course), *tries), "learner"),
        (
            listed(
                f"{exam.url}/questions",
                topical.clone,
                as_listed,
                over,
                Section("Uses", ("state", "many"), uses.clone),
            ),
            "head",
        ),
        (
            listed(
                f"{exam.url}/figures",
                bank.clone,
                ("text",),
                Section("Sums", ("question_id",), sums.clone),
                Section("Chosen", ("question_id", "given"), newest.clone),
            ),
            "head",
        ),
        (
            listed(
                "/newcomers",
                new.clone,
                ("name", "title", "hired_on"),
                Section("Acts", TICKED, acts.clone),
                Section("Path", ("title", "day", "article.title", "course.title"), path.clone),
                Section("Mentors", ("mentor.name",), mentors.clone),
                Section("Told", ("path_step_id",), told.clone),
                Section("Through", ("course_id",), finished.clone),
            ),
            "head",
        ),
    ]


class Cost(NamedTuple):
    """What one page costs: CPU milliseconds, those of a bare page, and queries."""

    mine: float
    bare: float
    queries: int


def measure(size: Size) -> dict[str, Cost]:
    """What each page costs in a company of this size, by its address and who asks."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder), secret="benchmark", worker=False))  # noqa: S106 - signs nothing
        migrate()
        database.transact(lambda: fill(size))
        with database.db.connection_context():
            database.db.execute_sql("ANALYZE")
        settle(app)

        def begin() -> tuple[list[tuple[Twin, str]], dict[str, str]]:
            course, head = (
                Course.select().order_by(Course.id).get(),
                Person.get(Person.email == "p0@bench.example"),
            )
            learner = Person.get(Person.email == "p1@bench.example")
            tokens = {"head": Session.open(head)[1], "learner": Session.open(learner)[1]}
            return twins(course, Exam.get(Exam.course == course), learner), tokens

        known, tokens = database.transact(begin)
        bare, asked = bare_app([twin for twin, _ in known]), dict[str, int]()
        for twin, who in known:
            status, _ = asyncio.run(ask(app, twin.path, tokens[who]))
            assert status == 200, (twin.path, status)
            with counted() as statements:
                asyncio.run(ask(app, twin.path, tokens[who]))
            asked[twin.path] = len(statements)
        spent = {
            (twin.path, who, one): cpu(one, twin.path, tokens[who])
            for twin, who in known
            for one in (app, bare)
        }
        least = dict.fromkeys(spent, math.inf)
        for _ in range(
            ROUNDS
        ):  # a round of all pages at a time: no page has the machine's worst minute alone
            least |= {each: min(least[each], work()) for each, work in spent.items()}
    return {
        f"{twin.path} ({who})": Cost(
            least[twin.path, who, app], least[twin.path, who, bare], asked[twin.path]
        )
        for twin, who in known
    }


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("answers", type=int, nargs="?", default=500_000)
    small, large = measure(SMALL), measure(Size(1_000, 200, given.parse_args().answers, 100_000))
    kept = {}
    for page, (mine, bare, queries) in large.items():
        ratio = mine / small[page].mine
        said = f"{page} within {MOST}x of a small company's ({mine:.1f} ms, {ratio:.2f}x; {mine / bare:.1f}x of a bare page)"
        is_kept = ratio <= MOST and mine <= BARE * bare and queries <= QUERIES
        kept[f"{said}, {queries} queries"] = is_kept
    tell(kept)
    sys.exit(not all(kept.values()))


if __name__ == "__main__":
    main()
