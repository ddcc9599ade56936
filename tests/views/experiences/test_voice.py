"""An experience spoken into a phone: its author hears it and nobody else does, for a voice tells who it is (RULES 4.2)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.jobs.retention import forget_what_is_old
from portal.models.base.record import Event, Invalid
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.experiences.voice import MOST, VoiceNote
from portal.models.files.attachments import WAITS, Attachment
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.jobs import Job
from tests.client import Client
from tests.conftest import SignIn

VOICE = b"ID3\x04\x00" + b"\x00" * 300
"""The beginning of an MP3."""
WORKS: dict[str, Any] = {
    "title": "Ask for the plan first",
    "situation": "A family asks which school the flat belongs to.",
    "doubt": "Is it certain?",
    "action": "Show the notice of the district.",
    "outcome": "They sign.",
    "lesson": "Bring the notice to the first meeting.",
}


@pytest.fixture
def draft(ada: Person) -> Experience:
    return Experience.begin(by=ada, kind="suggestion")


def spoken(browser: Client, experience: Experience, data: bytes = VOICE, name: str = "Ada.mp3") -> Any:
    files = {"taken": (name, io.BytesIO(data), "audio/mpeg")}
    return browser.post(f"{experience.url}/voice", files=files)


def test_its_author_speaks_it_hears_it_and_takes_it_out(
    sign_in: SignIn, ada: Person, draft: Experience
) -> None:
    browser = sign_in(ada)
    assert spoken(browser, draft).status_code == 303
    assert spoken(browser, draft).status_code == 303, "the same once more is the same"
    (note,) = VoiceNote.of(draft, ada)
    for page in (f"{draft.url}/voice", f"{draft.url}/edit"):
        assert f'src="/files/{note.attachment_id}"' in browser.get(page).text
    heard = browser.get(f"/files/{note.attachment_id}")
    assert (heard.status_code, heard.headers["content-type"], heard.content) == (200, "audio/mpeg", VOICE)
    browser.post(f"/voice-notes/{note.id}/withdrawal")
    assert VoiceNote.of(draft, ada) == []
    assert browser.get(f"/files/{note.attachment_id}").status_code == 404
    assert not Attachment.select().exists(), "nothing of it is left"


@pytest.mark.parametrize("data", [b"#!/bin/sh\n", b"<html><script>", b"\x89PNG\r\n\x1a\n", b""])
def test_what_is_no_recording_is_refused(
    sign_in: SignIn, ada: Person, draft: Experience, data: bytes
) -> None:
    assert spoken(sign_in(ada), draft, data, "voice.mp3").status_code == 422
    assert not VoiceNote.select().exists()


def test_so_many_and_no_more(sign_in: SignIn, ada: Person, draft: Experience) -> None:
    browser = sign_in(ada)
    answers = [spoken(browser, draft, VOICE + bytes([n])).status_code for n in range(MOST + 1)]
    assert answers == [303] * MOST + [422]


def test_it_is_kept_as_long_as_its_experience(sign_in: SignIn, ada: Person, draft: Experience) -> None:
    spoken(sign_in(ada), draft)
    with clock.moved(clock.now() + 2 * WAITS):
        Attachment.sweep()
    assert VoiceNote.of(draft, ada)[0].attachment.file.read_bytes() == VOICE


def forget(**ago: float) -> None:
    with clock.moved(clock.now() + timedelta(**ago)):
        forget_what_is_old(Job(name="forget what is old"))


def reminded(person: Person) -> list[str]:
    return [str(one.phrase) for one in Notice.unread_by(person) if "spoke" in str(one.phrase)]


def test_a_voice_is_kept_no_longer_than_it_serves(sign_in: SignIn, ada: Person, draft: Experience) -> None:
    """RULES 4.10: 90 days. Who has not written it down is told a week before, once; nothing of it is left."""
    draft.save_draft(by=ada, title="Two keys")
    assert "It is deleted after 90 days." in sign_in(ada).get(f"{draft.url}/voice").text
    spoken(sign_in(ada), draft)
    (note,) = VoiceNote.of(draft, ada)
    day = clock.local(note.created_at + timedelta(days=90)).date()
    assert f"kept until {day.isoformat()}" in sign_in(ada).get(note.url).text
    forget(days=82.9)
    assert reminded(ada) == []
    for days in (83.1, 84, 89.9):
        forget(days=days)
        said = f"Write down what you spoke: a recording of it goes on {day.isoformat()}. Two keys"
        assert reminded(ada) == [said]
    assert VoiceNote.of(draft, ada) == [note]
    forget(days=90.1)
    assert VoiceNote.of(draft, ada) == []
    assert not Attachment.select().exists(), "nothing of it is left"
    assert draft.fresh().title == "Two keys"


def test_what_was_handed_in_needs_no_reminder_and_the_company_chooses_the_term(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, draft: Experience, schools: Topic
) -> None:
    spoken(sign_in(ada), draft)
    draft.save_draft(by=ada, topics=[schools], **WORKS)
    process.submit(draft, by=ada)
    browser, (note,) = sign_in(ada), VoiceNote.of(draft, ada)
    assert note.url in browser.get(draft.url).text
    page = browser.get(note.url).text
    assert f"/voice-notes/{note.id}/withdrawal" in page, "its author takes it out at any time"
    assert 'type="file"' not in page
    assert spoken(browser, draft).status_code == 403, "what is handed in takes no recording more"
    for reviewer in (rita, rob):
        assert sign_in(reviewer).get(note.url).status_code == 404
    Setting.choose("keep.recordings", 30, by=None)
    forget(days=29.9)
    assert VoiceNote.select().count() == 1
    forget(days=30.1)
    assert not VoiceNote.select().exists()
    assert reminded(ada) == []


def test_its_author_takes_it_out_of_what_was_handed_in(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, draft: Experience, schools: Topic
) -> None:
    browser = sign_in(ada)
    spoken(browser, draft)
    draft.save_draft(by=ada, topics=[schools], **WORKS)
    process.submit(draft, by=ada)
    (note,) = VoiceNote.of(draft, ada)
    answer = browser.post(f"/voice-notes/{note.id}/withdrawal")
    assert (answer.status_code, answer.headers["location"]) == (303, draft.url)
    assert browser.get(draft.url).status_code == 200
    assert not Attachment.select().exists()


def test_a_shorter_term_says_what_goes_and_takes_nothing_before_its_author_was_told(
    sign_in: SignIn, ada: Person, adam: Person, draft: Experience
) -> None:
    """RULES 4.10: who shortens the term reads how many go and when; each author has the week of warning."""
    draft.save_draft(by=ada, title="Two keys")
    spoken(sign_in(ada), draft)
    (note,) = VoiceNote.of(draft, ada)
    terms = {name: str(days) for name, days in Setting.terms().items()} | {"recordings": "30"}
    start = note.created_at
    for days, soon, later in ((10, 0, 1), (50, 1, 0)):
        with clock.moved(start + timedelta(days=days)):
            refused = sign_in(adam).post("/admin/retention", data=terms)
            assert refused.status_code == 422
            day = clock.local(clock.now() + timedelta(days=7)).date()
            assert f"Recordings that go for good on {day}: {soon}." in refused.text
            assert f"each at its term: {later}." in refused.text
            assert 'name="known"' in refused.text
            assert Setting.read("keep.recordings") == 90
    with clock.moved(start + timedelta(days=50)):
        assert sign_in(adam).post("/admin/retention", data=terms | {"known": "y"}).status_code == 303
        assert Setting.read("keep.recordings") == 30
    for later_on in (50.1, 51, 56.9):
        with clock.moved(start + timedelta(days=later_on)):
            forget_what_is_old(Job(name="forget what is old"))
            assert reminded(ada) == [
                f"Write down what you spoke: a recording of it goes on {day.isoformat()}. Two keys"
            ]
            assert f"kept until {day.isoformat()}" in sign_in(ada).get(note.url).text
    assert VoiceNote.select().exists()
    with clock.moved(start + timedelta(days=57.1)):
        forget_what_is_old(Job(name="forget what is old"))
    assert not VoiceNote.select().exists()


def test_a_term_that_is_shortened_twice_takes_nothing_at_once_and_a_longer_one_tells_anew(
    ada: Person, draft: Experience, sign_in: SignIn
) -> None:
    spoken(sign_in(ada), draft)
    (note,) = VoiceNote.of(draft, ada)
    start = note.created_at
    for day, term, goes in ((80, 60, 87), (81, 30, 87), (82, 120, 120), (115, 90, 120), (116, 365, 365)):
        with clock.moved(start + timedelta(days=day)):
            Setting.choose("keep.recordings", term, by=None)
            assert note.goes_at == start + timedelta(days=goes)
            forget_what_is_old(Job(name="forget what is old"))
            assert VoiceNote.select().exists()
    ends = [clock.local(start + timedelta(days=day)).date().isoformat() for day in (87, 120)]
    assert [day for day in ends if any(day in said for said in reminded(ada))] == ends


def test_who_shortens_a_term_that_takes_nothing_earlier_is_asked_nothing(
    sign_in: SignIn, ada: Person, adam: Person, draft: Experience
) -> None:
    spoken(sign_in(ada), draft)
    terms = {name: str(days) for name, days in Setting.terms().items()}
    with clock.moved(clock.now() + timedelta(days=85)):
        assert sign_in(adam).post("/admin/retention", data=terms | {"recordings": "80"}).status_code == 303


def test_nobody_else_hears_it_before_or_after_it_is_judged(
    sign_in: SignIn,
    ada: Person,
    ben: Person,
    mona: Person,
    rita: Person,
    rob: Person,
    audrey: Person,
    adam: Person,
    schools: Topic,
    draft: Experience,
) -> None:
    """No reviewer, co-author, manager, auditor or administrator, by any address; no page, export or log of
    theirs names it.
    """
    spoken(sign_in(ada), draft, name="Ada speaks.mp3")
    (note,) = VoiceNote.of(draft, ada)
    draft.save_draft(by=ada, topics=[schools], **WORKS)
    process.submit(draft, by=ada, co_authors={ben: 300_000})
    process.agree_to_share(draft, by=ben)
    reviews = list(Review.select().where(Review.experience == draft))
    assert {review.reviewer_id for review in reviews} == {rita.id, rob.id}
    for who in (ben, mona, rita, rob, audrey, adam):
        browser = sign_in(who)
        assert browser.get(f"/files/{note.attachment_id}").status_code == 404
        assert browser.get(f"{draft.url}/voice").status_code in (403, 404)
        assert browser.post(f"/voice-notes/{note.id}/withdrawal").status_code == 404
        mine = [f"/reviews/{review.id}" for review in reviews if review.reviewer_id == who.id]
        for path in (*mine, draft.url, "/experiences", "/reviews", "/needs-me", "/search?q=Ada+speaks"):
            page = browser.get(path)
            assert f"/files/{note.attachment_id}" not in page.text, (who.name, path)
            assert "Ada speaks.mp3" not in page.text, (who.name, path)
    for who in (audrey, adam):
        assert "Ada speaks" not in sign_in(who).post("/admin/reviews/export").text
    assert "Ada speaks" not in sign_in(ada).post("/experiences/export").text
    for review in reviews:
        scores = dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), 4)
        process.complete(review, by=review.reviewer, scores=scores, verdict="accept")
    assert draft.fresh().state == "accepted"
    assert sign_in(ben).get(f"/files/{note.attachment_id}").status_code == 404
    assert sign_in(ada).get(f"/files/{note.attachment_id}").status_code == 200
    about = Event.select().where((Event.subject_kind == "experience") & (Event.subject == draft.id))
    assert "spoken" not in {event.verb for event in about}, (
        "the log of the text does not say that it was spoken"
    )


def test_a_text_that_names_a_recording_is_not_handed_in(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, schools: Topic, draft: Experience
) -> None:
    """Else its reviewers could open what its author's text holds, and hear who speaks."""
    spoken(sign_in(ada), draft)
    (note,) = VoiceNote.of(draft, ada)
    draft.save_draft(by=ada, topics=[schools], **WORKS | {"action": f"Hear [it]({note.attachment.url})."})
    with pytest.raises(Invalid) as refused:
        process.submit(draft, by=ada)
    assert list(refused.value.errors) == ["action"]
    assert draft.fresh().state == "draft"


def test_nobody_keeps_a_recording_of_somebody_else(
    sign_in: SignIn, ada: Person, ben: Person, draft: Experience
) -> None:
    spoken(sign_in(ada), draft)
    (note,) = VoiceNote.of(draft, ada)
    with pytest.raises(Invalid):
        VoiceNote.add(Experience.begin(by=ben, kind="suggestion"), note.attachment, by=ben)
    assert spoken(sign_in(ben), draft).status_code == 404
