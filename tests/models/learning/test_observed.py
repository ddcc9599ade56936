"""Role plays that somebody else scores, and debates of three with a vote of the others (S29)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from portal import i18n, shell
from portal.media.kinds import recording_of
from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.files import attachments
from portal.models.files.attachments import Arrived, Attachment
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.debates import DebateSeat, DebateVote
from portal.models.learning.enrolments import Enrolment, LessonDone
from portal.models.learning.mentors import Mentorship
from portal.models.learning.role_plays import Observation
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.attacks.parts import at_once
from tests.conftest import SignIn
from tests.conftest import person as colleague
from tests.counting import MOST, queries


@pytest.fixture
def course(rita: Person, schools: Topic) -> Course:
    return Course.add(by=rita, title="Speaking", topic=schools)


@pytest.fixture
def play(course: Course, rita: Person, ada: Person) -> Lesson:
    """Ada learns it."""
    facts = {"title": "The angry buyer", "text": "It is too dear!", "sheet": "Listens\nAsks back"}
    made = course.add_lesson(by=rita, kind_of="role_play", **facts)
    course.publish(by=rita)
    Enrolment.enrol(course, ada, by=ada)
    return made


@pytest.fixture
def debate(course: Course, rita: Person, ada: Person, ben: Person, stan: Person, mona: Person) -> Lesson:
    """All but Rita, who makes it, are in the course."""
    made = course.add_lesson(by=rita, kind_of="debate", title="Prices first?", text="Say the price first.")
    course.publish(by=rita)
    for each in (ada, ben, stan, mona):
        Enrolment.enrol(course, each, by=each)
    return made


def observe(lesson: Lesson, learner: Person, by: Person, scores: tuple[int, ...] = (4, 3)) -> Observation:
    return Observation.note(lesson, learner, by=by, scores=scores, feedback="Calm. Ask sooner.")


def test_who_watched_ticks_it_and_the_learner_reads_it(
    play: Lesson, ada: Person, rita: Person, sign_in: SignIn
) -> None:
    mine = Enrolment.of(play.course, ada)
    assert mine is not None
    with pytest.raises(Invalid):
        mine.complete(play, by=ada)
    made = observe(play, ada, rita)
    assert (made.total, made.most) == (7, 10)
    assert mine.fresh().finished_at is not None
    assert Notice.of(ada).count() == 1
    page = sign_in(ada).get(play.url).text
    assert "Calm. Ask sooner." in page
    assert "7 of 10" in page
    assert "observed" in {event.verb for event in Event.about(mine)}


def test_who_was_not_watched_comes_first_and_nobody_is_out_of_reach(
    play: Lesson, ada: Person, ben: Person, rita: Person, sign_in: SignIn
) -> None:
    Enrolment.enrol(play.course, ben, by=ben)
    play.course.add_lesson(by=rita, kind_of="reading", title="Read", text="This.")
    observe(play, ada, rita)
    assert [each.person_id for each in Observation.learners_of(play, rita)] == [ben.id, ada.id]
    browser = sign_in(rita)
    assert 'name="learner"' not in browser.get(play.url).text
    facts = {"email": "{0}@x.example", "name": "Lee {0}", "sort_name": "lee {0}"}
    for number in range(25):
        told = {name: words.format(number) for name, words in facts.items()}
        Enrolment.enrol(play.course, Person.create(**told), by=rita)
        observe(play, ada, rita)
    page = browser.get(play.url).text
    assert page.count("/observations/") == 20
    assert f"{play.url}?waiting=20&amp;learner=" in page
    assert f"{play.url}?seen=20" in page
    more = browser.get(f"{play.url}?waiting=20").text
    assert f"/observations/{ada.id}" in more
    assert more.count("/observations/") == 7
    assert browser.get(f"{play.url}?seen=20").text.count("Calm. Ask sooner.") == 6
    assert browser.get(f"{play.url}?learner=Lee+24").text.count("/observations/") == 1
    assert browser.get(f"{play.url}?learner=%00a&seen=-1&waiting={10**30}").status_code == 200
    assert "No learner is called so." in browser.get(f"{play.url}?learner=Nobody").text


def test_nobody_watches_themselves_not_even_who_makes_the_course(
    play: Lesson, rita: Person, sign_in: SignIn
) -> None:
    Enrolment.enrol(play.course, rita, by=rita)
    address = f"/lessons/{play.id}/observations/{rita.id}"
    assert sign_in(rita).get(address).status_code == 403
    with pytest.raises(Invalid):
        observe(play, rita, rita)
    assert not LessonDone.select().exists()


def test_who_makes_it_leads_or_goes_with_the_learner_watches(
    play: Lesson,
    ada: Person,
    ben: Person,
    stan: Person,
    mona: Person,
    rita: Person,
    adam: Person,
    sign_in: SignIn,
) -> None:
    address = f"/lessons/{play.id}/observations/{ada.id}"
    for other in (ada, ben, stan, adam):
        assert sign_in(other).get(address).status_code == 403
        assert address not in sign_in(other).get(play.url).text
    Mentorship.confirm(ada, by=mona, mentor=ben)
    for other in (rita, mona, ben):
        assert sign_in(other).get(address).status_code == 200
        assert address in sign_in(other).get(play.url).text
    assert sign_in(mona).get(f"/lessons/{play.id}/observations/{ben.id}").status_code == 404


def test_what_was_seen_is_read_by_those_whom_it_concerns(
    play: Lesson, ada: Person, ben: Person, mona: Person, rita: Person, sign_in: SignIn
) -> None:
    observe(play, ada, rita)
    for other in (ada, mona, rita):
        assert "Ask sooner" in sign_in(other).get(play.url).text
    assert "Ask sooner" not in sign_in(ben).get(play.url).text


@pytest.mark.parametrize("scores", [(4,), (4, 6), (-1, 3), (1, 2, 3)])
def test_each_line_is_scored_within_bounds(
    play: Lesson, ada: Person, rita: Person, scores: tuple[int, ...]
) -> None:
    with pytest.raises(Invalid):
        observe(play, ada, rita, scores)


def test_a_sheet_is_sent_by_its_form(play: Lesson, ada: Person, rita: Person, sign_in: SignIn) -> None:
    address, browser = f"/lessons/{play.id}/observations/{ada.id}", sign_in(rita)
    sent = {"score-0": "4", "score-1": "x", "feedback": "Good.", "key": "k"}
    assert browser.post(address, data=sent).status_code == 422
    assert (
        browser.post(address, data={**sent, "score-1": "5", "feedback": "Call 13800138000"}).status_code
        == 422
    )
    for _ in range(2):
        assert browser.post(address, data={**sent, "score-1": "5"}).status_code == 303
    assert [each.scores for each in Observation.select()] == [[["Listens", 4], ["Asks back", 5]]]


def test_the_sheet_of_the_portal_is_read_in_the_readers_language(
    course: Course, rita: Person, ada: Person, sign_in: SignIn
) -> None:
    lesson = course.add_lesson(by=rita, kind_of="role_play", title="The buyer", text="Too dear!")
    course.publish(by=rita)
    Enrolment.enrol(course, ada, by=ada)
    ada.write(locale="zh")
    with i18n.speaking("en"):
        made = observe(lesson, ada, rita, scores=(3, 4, 5, 2))
    assert made.scores == [[0, 3], [1, 4], [2, 5], [3, 2]]
    assert "Listens before answering" in sign_in(rita).get(lesson.url).text
    page = sign_in(ada).get(lesson.url).text
    assert "Listens before answering" not in page
    assert "先听完再回答" in page


@pytest.mark.parametrize("gone", ["lesson", "course"])
def test_nothing_is_done_in_what_is_gone(
    course: Course, rita: Person, ada: Person, gone: str, sign_in: SignIn
) -> None:
    play = course.add_lesson(by=rita, kind_of="role_play", title="The buyer", text="Too dear!")
    debate = course.add_lesson(by=rita, kind_of="debate", title="Prices?", text="Say it first.")
    read = course.add_lesson(by=rita, kind_of="reading", title="Read", text="This.")
    course.publish(by=rita)
    Enrolment.enrol(course, ada, by=ada)
    if gone == "course":
        course.archive(by=rita)
    for lesson in (play, debate, read) if gone == "lesson" else ():
        lesson.take_out(by=rita)
    sheet = {**{f"score-{place}": "3" for place in range(4)}, "feedback": "Good.", "key": "k"}
    assert sign_in(rita).post(f"/lessons/{play.id}/observations/{ada.id}", data=sheet).status_code == 404
    assert sign_in(ada).post(f"/lessons/{debate.id}/seats").status_code == 404
    assert sign_in(ada).post(f"/lessons/{debate.id}/votes", data={"number": "1"}).status_code == 404
    assert sign_in(ada).post(f"/lessons/{read.id}/completion").status_code == 404
    assert not LessonDone.select().exists()
    assert not DebateSeat.select().exists()


@pytest.mark.parametrize(
    "link", ["//evil.example/x", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
def test_a_recording_lies_on_the_web_or_here(play: Lesson, ada: Person, rita: Person, link: str) -> None:
    facts = {"scores": (4, 3), "feedback": "Good."}
    with pytest.raises(Invalid):
        Observation.note(play, ada, by=rita, recording=link, **facts)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        play.course.add_lesson(by=rita, kind_of="link", title="Watch", link=link)
    Observation.note(play, ada, by=rita, recording="/files/7", **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["role_play", "debate"])
def test_no_task_ticks_what_others_tick(course: Course, rita: Person, ada: Person, kind: str) -> None:
    """A form sends the fields of all kinds; of a lesson that was stored with both the task counts nothing."""
    facts = {"title": "Play", "text": "It is too dear!", "task": "customer.added", "link": "/", "sheet": "a"}
    made = course.add_lesson(by=rita, kind_of=kind, **facts)
    assert (made.task, made.link, made.sheet) == ("", "", "a" if kind == "role_play" else "")
    Lesson.update(task="customer.added").where(Lesson.id == made.id).execute()
    course.publish(by=rita)
    mine = Enrolment.enrol(course, ada, by=ada)
    Customer.add(by=ada, name="Wei")
    assert not mine.tick()
    assert not LessonDone.select().exists()


# ---------------------------------------------------------------- debates


def seat_three(debate: Lesson, *people: Person) -> None:
    for each in people:
        DebateSeat.take(debate, by=each)


def test_three_speak_and_the_others_vote_once(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person, sign_in: SignIn
) -> None:
    with pytest.raises(Invalid):
        DebateVote.cast(debate, by=mona, number=1)
    seat_three(debate, ada, ben, stan)
    with pytest.raises(Invalid):
        DebateSeat.take(debate, by=mona)
    browser = sign_in(mona)
    assert "0 votes" not in browser.get(debate.url).text, "who has not voted sees no count"
    for number in ("2", "1"):
        browser.post(f"/lessons/{debate.id}/votes", data={"number": number})
    (vote,) = DebateVote.select()
    assert (vote.person_id, vote.seat.number) == (mona.id, 2)
    assert "1 vote<" not in browser.get(debate.url).text, "one vote would tell whose it is"
    assert {each.enrolment.person_id for each in LessonDone.select()} == {ada.id, ben.id, stan.id, mona.id}
    with pytest.raises(Invalid):
        DebateSeat.give_up(debate, by=ada)


def test_who_speaks_does_not_vote_and_who_is_not_in_it_does_neither(
    debate: Lesson, ada: Person, ben: Person, stan: Person, rita: Person, sign_in: SignIn
) -> None:
    seat_three(debate, ada, ben, stan)
    for number in (1, 2):
        with pytest.raises(Invalid):
            DebateVote.cast(debate, by=ada, number=number)
    for path in ("votes", "seats"):
        assert sign_in(rita).post(f"/lessons/{debate.id}/{path}", data={"number": "1"}).status_code == 403
    assert not DebateVote.select().exists()
    mine = Enrolment.of(debate.course, ada)
    assert mine is not None
    with pytest.raises(Invalid):
        mine.complete(debate, by=ada)


def test_a_seat_is_given_up_and_taken_by_another(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person
) -> None:
    seat_three(debate, ada, ben, stan)
    DebateSeat.give_up(debate, by=ben)
    DebateSeat.take(debate, by=mona)
    assert [(seat.number, seat.person_id) for seat in DebateSeat.of(debate)] == [
        (1, ada.id),
        (2, mona.id),
        (3, stan.id),
    ]


def test_who_spoke_before_steps_back_too_while_nobody_has_voted(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person, sign_in: SignIn
) -> None:
    """Done by an earlier round, they have volunteered once more."""
    back = "I do not speak after all"
    seat_three(debate, ada, ben, stan)
    DebateSeat.begin_anew(debate, by=debate.course.owner, is_held=True)
    seat_three(debate, ada, ben, stan)
    browser = sign_in(ada)
    assert back in browser.get(debate.url).text
    browser.post(f"/lessons/{debate.id}/seats", data={"undo": "1"})
    assert [seat.person_id for seat in DebateSeat.of(debate)] == [ben.id, stan.id]
    browser.post(f"/lessons/{debate.id}/seats")
    DebateVote.cast(debate, by=mona, number=2)
    assert back not in browser.get(debate.url).text


def test_votes_are_told_by_threes(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person, sign_in: SignIn
) -> None:
    """Beside a lesson that is done one vote more would be a name: speakers and makers read none sooner."""
    seat_three(debate, ada, ben, stan)
    voters = [mona, *(colleague(name) for name in ("Cid", "Dora", "Eve"))]
    for place, voter in enumerate(voters):
        Enrolment.enrol(debate.course, voter, by=voter)
        DebateVote.cast(debate, by=voter, number=1 if place in (0, 3) else 2)
        counts = DebateVote.counts(DebateVote.of(debate))
        seats = {seat.number: seat.id for seat in DebateSeat.of(debate)}
        assert counts == (None if place < 2 else {seats[1]: 1, seats[2]: 2}), place
    for reader in (debate.course.owner, ada, mona):
        page = sign_in(reader).get(debate.url).text
        assert "2 votes" in page
        assert "three at a time" in page


def test_who_is_gone_holds_no_seat(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person, adam: Person, sign_in: SignIn
) -> None:
    seat_three(debate, ada, ben, stan)
    mine = Enrolment.of(debate.course, ada)
    assert mine is not None
    mine.leave(by=ada)
    ben.deactivate(by=adam)
    assert [seat.person_id for seat in DebateSeat.of(debate)] == [stan.id]
    assert "convinced me" not in sign_in(mona).get(debate.url).text
    DebateSeat.take(debate, by=mona)
    assert [(seat.number, seat.person_id) for seat in DebateSeat.of(debate)] == [(1, mona.id), (3, stan.id)]


def test_who_makes_it_says_that_it_was_held_and_the_next_three_speak(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person, rita: Person, sign_in: SignIn
) -> None:
    """Three in a course find nobody to vote; who comes later debates as well."""
    seat_three(debate, ada, ben)
    address = f"/lessons/{debate.id}/rounds"
    for other in (ada, mona):
        assert sign_in(other).post(address, data={"held": "1"}).status_code == 403
    maker = sign_in(rita)
    maker.post(address, data={"held": "1"})
    assert DebateSeat.select().count() == 2, "two are no debate"
    maker.post(address)
    assert not DebateSeat.select().exists()
    assert not LessonDone.select().exists(), "seats that are freed tick nothing"
    seat_three(debate, ada, ben, stan)
    assert "the next three" in maker.get(debate.url).text
    for _ in range(2):
        maker.post(address, data={"held": "1"})
    assert {each.enrolment.person_id for each in LessonDone.select()} == {ada.id, ben.id, stan.id}
    assert [event.verb for event in Event.about(debate)].count("debate held") == 1
    seat_three(debate, mona, ada, ben)
    DebateVote.cast(debate, by=stan, number=1)
    maker.post(address)
    DebateSeat.take(debate, by=stan)


def test_what_a_debate_came_to_is_told_after_it_was_held(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person, rita: Person, sign_in: SignIn
) -> None:
    """By threes, as while it ran; also where its seats were freed by mistake."""
    seat_three(debate, ada, ben, stan)
    audience = [*(colleague(name) for name in ("Una", "Vera", "Walt")), mona]
    for one, number in zip(audience, (1, 1, 3, 2), strict=True):
        if Enrolment.of(debate.course, one) is None:
            Enrolment.enrol(debate.course, one, by=one)
        DebateVote.cast(debate, by=one, number=number)
    DebateSeat.begin_anew(debate, by=rita, is_held=False)
    seat_three(debate, ada, ben)
    DebateSeat.begin_anew(debate, by=rita, is_held=False)
    assert [each.speakers for each in DebateSeat.rounds(debate)] == [[(ada, 2), (ben, 0), (stan, 1)]]
    seat_three(debate, ben, ada, stan)
    DebateSeat.begin_anew(debate, by=rita, is_held=True)
    assert DebateSeat.rounds(debate)[0].speakers == [
        (ben, None),
        (ada, None),
        (stan, None),
    ]
    for reader in (rita, mona):
        assert "2 votes" in sign_in(reader).get(debate.url).text


def test_who_makes_it_does_not_tick_themselves(
    debate: Lesson, ada: Person, ben: Person, rita: Person
) -> None:
    Enrolment.enrol(debate.course, rita, by=rita)
    seat_three(debate, ada, ben, rita)
    DebateSeat.begin_anew(debate, by=rita, is_held=True)
    assert {each.enrolment.person_id for each in LessonDone.select()} == {ada.id, ben.id}


def test_of_two_at_one_moment_one_takes_the_last_seat(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person
) -> None:
    seat_three(debate, ada, ben)

    def take(ident: int) -> None:
        transact(lambda: DebateSeat.take(Lesson.get_by_id(debate.id), by=Person.get_by_id(ident)))

    answers = at_once(lambda: take(stan.id), lambda: take(mona.id))
    assert sorted(type(each).__name__ for each in answers) == ["Invalid", "NoneType"]
    assert DebateSeat.select().count() == 3


def test_two_clicks_at_one_moment_are_one_vote(
    debate: Lesson, ada: Person, ben: Person, stan: Person, mona: Person
) -> None:
    seat_three(debate, ada, ben, stan)

    def cast(number: int) -> None:
        transact(
            lambda: DebateVote.cast(Lesson.get_by_id(debate.id), by=Person.get_by_id(mona.id), number=number)
        )

    assert at_once(lambda: cast(1), lambda: cast(2)) == [None, None]
    assert DebateVote.select().count() == 1


def test_a_lesson_that_others_tick_needs_its_words(course: Course, rita: Person) -> None:
    for kind in ("role_play", "debate"):
        with pytest.raises(Invalid):
            course.add_lesson(by=rita, kind_of=kind, title="Empty", text=" ")
    facts = {"title": "Long", "text": "Play.", "sheet": "\n".join(map(str, range(9)))}
    with pytest.raises(Invalid):
        course.add_lesson(by=rita, kind_of="role_play", **facts)


def test_their_pages_ask_little(
    play: Lesson, ada: Person, ben: Person, mona: Person, rita: Person, sign_in: SignIn
) -> None:
    debate = play.course.add_lesson(by=rita, kind_of="debate", title="Prices first?", text="Say it first.")
    for each in (ben, mona):
        Enrolment.enrol(play.course, each, by=each)
    Mentorship.confirm(ada, by=mona, mentor=ben)
    observe(play, ada, ben)
    seat_three(debate, ada, ben, mona)
    sheet = f"/lessons/{play.id}/observations/{ada.id}"
    for person, path in [
        (ada, play.url),
        (ben, play.url),
        (rita, play.url),
        (ben, sheet),
        (mona, debate.url),
    ]:
        shell._counted.clear()
        browser = sign_in(person)
        with queries() as asked:
            assert browser.get(path).status_code == 200
        assert len(asked) <= MOST, "\n".join([path, *asked])


def clip(kind: bytes = b"mp42") -> bytes:
    return b"\x00\x00\x00\x18ftyp" + kind + bytes(range(256)) * 4


def test_a_recording_comes_with_the_sheet_and_is_played_for_who_reads_it(
    play: Lesson, ada: Person, ben: Person, mona: Person, rita: Person, sign_in: SignIn, tmp_path: Path
) -> None:
    attachments.keep_in(tmp_path / "files")
    Enrolment.enrol(play.course, ben, by=ben)
    address, files = f"/lessons/{play.id}/observations/{ada.id}", {"taken": ("看房.MP4", clip())}
    told = {"score-0": "4", "score-1": "3", "feedback": "", "key": "a" * 22}
    wrong = sign_in(rita).post(address, data=told, files=files)
    assert wrong.status_code == 422
    file = Attachment.get()
    assert f'value="{file.url}"' in wrong.text  # it waits in the form while the rest is put right
    assert sign_in(ada).get(file.url).status_code == 404
    given = told | {"feedback": "Calm.", "recording": file.url}
    assert sign_in(rita).post(address, data=given, files={"file": ("", b"")}).status_code == 303
    page = sign_in(ada).get(play.url).text
    assert f'<video controls playsinline preload="none" src="{file.url}"' in page
    part = sign_in(ada).get(file.url, headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, b"ftypmp42")
    assert part.headers["content-type"] == "video/mp4"
    assert part.headers["x-content-type-options"] == "nosniff"
    assert "media-src 'self'" in part.headers["content-security-policy"]
    assert sign_in(mona).get(file.url).status_code == (200 if mona.leads(ada) else 404)
    assert sign_in(ben).get(file.url).status_code == 404
    assert file.url not in sign_in(ben).get(play.url).text
    removal = f"/observations/{Observation.get().id}/recording/removal"
    assert sign_in(ben).post(removal).status_code == 404
    assert sign_in(ada).post(removal).status_code == 303
    assert not Attachment.select().exists()
    assert not list((tmp_path / "files").glob("??/*"))
    assert Observation.get().feedback == "Calm."
    assert sign_in(ada).post(removal).status_code == 303
    assert "file taken out" in {event.verb for event in Event.about(Observation.get())}
    attachments._store = None


def test_a_recording_is_a_lesson_for_who_may_see_the_course(
    rita: Person, ada: Person, course: Course, sign_in: SignIn, tmp_path: Path
) -> None:
    attachments.keep_in(tmp_path / "files")
    told = {"kind_of": "reading", "title": "A call", "minutes": "3", "key": "b" * 22}
    address, browser = f"/courses/{course.id}/lessons/new", sign_in(rita)
    for name, data in {"a.html": b"<script>", "a.mp4": b"MZ", "a.png": b"\x89PNG\r\n\x1a\n"}.items():
        refused = browser.post(address, data=told, files={"file": (name, data)})
        assert refused.status_code == 422
        assert "Choose a video or sound" in refused.text
    assert not Attachment.select().exists()
    amiss = told | {"kind_of": "quiz", "questions": "Is it?\ntrue"}
    kept = browser.post(address, data=amiss, files={"file": ("a.m4a", clip(b"M4A "))})
    assert (kept.status_code, Lesson.select().count()) == (422, 0)
    assert ("has this: choose that kind" in kept.text, Attachment.get().url in kept.text) == (True, True)
    amiss = told | {"text": "Read this.", "questions": "Is it?\ntrue"}
    assert browser.post(address, data=amiss).status_code == 422, "no question is thrown away"
    browser.post(address, data=told, files={"file": ("a.m4a", clip(b"M4A "))})
    lesson, file = Lesson.get(), Attachment.get()
    assert (lesson.kind_of, lesson.link, file.media) == ("link", file.url, "audio/mp4")
    assert sign_in(ada).get(file.url).status_code == 404
    course.publish(by=rita)
    assert f'<audio controls preload="metadata" src="{file.url}"' in sign_in(ada).get(lesson.url).text
    assert sign_in(ada).get(file.url).status_code == 200
    assert sign_in(ada).post(f"/lessons/{lesson.id}/recording/removal").status_code == 403
    assert sign_in(rita).post(f"/lessons/{lesson.id}/recording/removal").status_code == 303
    assert not Attachment.select().exists()
    attachments._store = None


def test_who_names_a_file_that_they_may_not_open_opens_it_to_nobody(
    play: Lesson, ada: Person, ben: Person, rita: Person, sign_in: SignIn, tmp_path: Path
) -> None:
    attachments.keep_in(tmp_path / "files")
    secret = Attachment.bring(Arrived.recorded(io.BytesIO(clip()), "secret.mp4"), by=ben)
    Observation.note(play, ada, by=rita, scores=(1, 1), feedback="Well.", recording=secret.url)
    course = Course.add(by=rita, title="Theirs")
    course.add_lesson(by=rita, kind_of="link", title="It", link=secret.url)
    course.publish(by=rita)
    for each in (rita, ada):
        assert sign_in(each).get(secret.url).status_code == 404
    attachments._store = None


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (clip(b"qt  "), "video/quicktime"),
        (clip(b"3gp4"), "video/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", None),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", None),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90d", "audio/mpeg"),
        (b"\xff\xf1P\x80", "audio/aac"),
        (b"\xff\xd8\xff\xe0", None),
        (b"<html><video>", None),
        (b"", None),
    ],
)
def test_a_recording_is_known_by_what_it_holds(data: bytes, media: str | None) -> None:
    kind = recording_of(data)
    assert (kind.media if kind else None) == media
