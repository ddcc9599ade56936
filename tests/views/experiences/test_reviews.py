"""The queue in which reviewers judge, blind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.experiences import process, rubric
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.search import searcher
from tests.conftest import SignIn
from tests.counting import queries

GOOD = {"correct": "4", "reusable": "4", "new": "4", "clear": "4", "linked": "4", "verdict": "accept"}


@pytest.fixture
def lesson(ada: Person, rita: Person, rob: Person, schools: Topic) -> Experience:
    """Ada's, with Rita and Rob."""
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="Ask first", situation="Ada saw four fail.", action="**Ask** the owner.")
    process.submit(made, by=ada, topics=[schools])
    return made.fresh()


def review_of(lesson: Experience, reviewer: Person) -> Review:
    return Review.get((Review.experience == lesson) & (Review.reviewer == reviewer))


def test_the_queue_shows_the_next_one_without_its_author(
    sign_in: SignIn, rita: Person, lesson: Experience
) -> None:
    page = sign_in(rita).get("/reviews").text
    assert "<strong>Ask</strong> the owner." in page
    assert "〔…〕 saw four fail." in page
    assert "Ada" not in page
    assert "1 of 1" in page
    assert "Correct and evidenced" in page
    assert "Right, evidence anyone can check" in page


def test_a_reviewer_sees_the_pass_mark_and_afterwards_both_totals_and_verdicts(
    sign_in: SignIn, rita: Person, rob: Person, lesson: Experience
) -> None:
    client, path = sign_in(rita), f"/reviews/{review_of(lesson, rita).id}"
    page = client.get(path).text
    assert "data-running-total" in page
    assert 'data-rubric="30%"' in page
    assert "of 100; 70 are needed" in page
    client.post(path, data=GOOD)
    page = client.get(path).text
    assert "<td>80.0</td>" in page  # 4 of 5 in everything
    assert page.count("<td>Accepted</td>") == 1
    other = GOOD | {"correct": "3", "verdict": "revise", "comment": "Say when."}
    sign_in(rob).post(f"/reviews/{review_of(lesson, rob).id}", data=other)
    assert "<td>74.0</td>" not in client.get(path).text  # a third decides: nobody sees anything before
    review_of(lesson, rob).experience.step("revision", since=("submitted",))
    page = client.get(path).text
    assert "<td>74.0</td>" in page
    assert "<td>Revision asked</td>" in page


def test_in_the_next_round_a_reviewer_sees_what_they_asked_for(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, lesson: Experience
) -> None:
    answer = GOOD | {"verdict": "revise", "comment": "Say when."}
    for person in (rita, rob):
        sign_in(person).post(f"/reviews/{review_of(lesson, person).id}", data=answer)
    made = lesson.fresh()
    made.save_draft(by=ada, action="Ask the owner on the first day.")
    process.submit(made, by=ada)
    page = sign_in(rita).get("/reviews").text
    assert "What you asked for in round 1" in page
    assert "Say when." in page
    assert "Revision asked · 80.0" in page


def test_an_empty_queue_teaches(sign_in: SignIn, rita: Person) -> None:
    assert "Nothing waits for you" in sign_in(rita).get("/reviews").text


def test_a_review_exists_for_its_reviewer_alone(
    sign_in: SignIn, ada: Person, mona: Person, adam: Person, rob: Person, rita: Person, lesson: Experience
) -> None:
    path = f"/reviews/{review_of(lesson, rita).id}"
    for person in (ada, mona, adam, rob):
        client = sign_in(person)
        assert client.get(path).status_code == 404
        assert client.post(path, data=GOOD).status_code == 404
        assert client.post(f"{path}/decline").status_code == 404
    assert review_of(lesson, rita).is_open


def test_judging_leads_to_the_next_and_twice_is_harmless(
    sign_in: SignIn, rita: Person, rob: Person, lesson: Experience
) -> None:
    client, path = sign_in(rita), f"/reviews/{review_of(lesson, rita).id}"
    for _ in range(2):
        answer = client.post(path, data=GOOD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/reviews")
    assert review_of(lesson, rita).verdict == "accept"
    assert lesson.fresh().state == "submitted"
    sign_in(rob).post(f"/reviews/{review_of(lesson, rob).id}", data=GOOD)
    assert lesson.fresh().state == "accepted"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"clear": ""}, "clear"),
        ({"clear": "6"}, "clear"),
        ({"clear": "x"}, "clear"),
        ({"clear": "-1"}, "clear"),
        ({"clear": "²"}, "clear"),
        ({"verdict": ""}, "verdict"),
        ({"verdict": "burn"}, "verdict"),
        ({"verdict": "reject"}, "comment"),
        ({"verdict": "revise"}, "comment"),
        ({"verdict": "merge"}, "into"),
        ({"verdict": "accept", "hard_fail": "privacy"}, "verdict"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_all_is_kept(
    sign_in: SignIn, rita: Person, lesson: Experience, values: dict[str, str], field: str
) -> None:
    facts = GOOD | values
    if field != "comment":
        facts["comment"] = "A word that must stay"
    answer = sign_in(rita).post(f"/reviews/{review_of(lesson, rita).id}", data=facts)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    if field != "comment":
        assert "A word that must stay" in answer.text
    assert answer.text.count(" checked") >= 4
    assert review_of(lesson, rita).is_open


def test_who_was_involved_passes_it_on(
    sign_in: SignIn, rita: Person, rosa: Person, lesson: Experience
) -> None:
    client, path = sign_in(rita), f"/reviews/{review_of(lesson, rita).id}"
    for _ in range(2):
        assert client.post(f"{path}/decline").status_code == 303
    gone = client.get(path)  # the notice that asked for it still leads there
    assert (gone.status_code, gone.headers["location"]) == (303, "/reviews")
    assert "passed to someone else" in client.get("/reviews").text
    assert review_of(lesson, rosa).is_open


def test_after_the_decision_reviewers_see_each_others_scores(
    sign_in: SignIn, rita: Person, rob: Person, lesson: Experience
) -> None:
    sign_in(rob).post(
        f"/reviews/{review_of(lesson, rob).id}", data=GOOD | {"comment": "Rob's word", "correct": "5"}
    )
    client, path = sign_in(rita), f"/reviews/{review_of(lesson, rita).id}"
    assert "Rob&#39;s word" not in client.get(path).text
    client.post(path, data=GOOD)
    page = client.get(path).text
    assert "Rob&#39;s word" in page
    assert "Accepted" in page
    assert "Ask first" in client.get("/reviews?done").text


def test_what_was_withdrawn_leaves_the_queue(
    sign_in: SignIn, ada: Person, rita: Person, lesson: Experience
) -> None:
    path = f"/reviews/{review_of(lesson, rita).id}"
    lesson.withdraw(by=ada)
    client = sign_in(rita)
    assert "Nothing waits for you" in client.get("/reviews").text
    answer = client.post(path, data=GOOD)
    assert answer.status_code == 422
    assert "no longer in review" in answer.text


def test_what_is_written_on_after_the_round_stays_its_authors(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, lesson: Experience
) -> None:
    """Who judged it reads what they judged, who did not yet reads what was handed in: drafts are private."""
    paths = [review_of(lesson, rita).url, review_of(lesson, rob).url]
    sign_in(rita).post(paths[0], data=GOOD)
    lesson.withdraw(by=ada)
    lesson.fresh().save_draft(by=ada, title="Zebra", action="Zebra, which nobody is to read yet.")
    for person, path in zip((rita, rob), paths, strict=True):
        page = sign_in(person).get(path).text
        assert "<strong>Ask</strong> the owner." in page
        assert "Zebra" not in page


def test_the_queue_page_costs_at_most_30_queries(sign_in: SignIn, rita: Person, lesson: Experience) -> None:
    client = sign_in(rita)
    client.get("/reviews")
    with queries() as asked:
        client.get("/reviews")
    assert len(asked) <= 30


@pytest.mark.parametrize(("mark", "state"), [(75, "accepted"), (85, "revision")])
def test_the_author_reads_which_mark_was_needed_when_it_was_decided(
    mark: int,
    state: str,
    sign_in: SignIn,
    ada: Person,
    rita: Person,
    rob: Person,
    adam: Person,
    lesson: Experience,
) -> None:
    assert lesson.submitted_at
    with clock.moved(lesson.submitted_at - timedelta(hours=1)):  # it holds for what is handed in afterwards
        Setting.choose("review.pass_mark", mark, by=adam)
    for reviewer in (rita, rob):
        sign_in(reviewer).post(f"/reviews/{review_of(lesson, reviewer).id}", data=GOOD)
    assert lesson.fresh().state == state
    with clock.moved(clock.now() + timedelta(days=1)):
        Setting.choose("review.pass_mark", 60, by=adam)
    page = sign_in(ada).get(f"/experiences/{lesson.id}").text
    assert f"<strong>80</strong> of 100; {mark} are needed" in page


def accepted(by: Person, topic: Topic, title: str, action: str) -> tuple[Experience, Article]:
    made = Experience.begin(by=by, kind="suggestion")
    made.save_draft(by=by, title=title, situation="Many buyers ask the owner too late.", action=action)
    process.submit(made, by=by, topics=[topic], duplicate_checked=True)
    for review in Review.select().where(Review.experience == made):
        process.complete(review, by=review.reviewer, scores=dict.fromkeys(rubric.NAMES, 4), verdict="accept")
    return made.fresh(), Article.get(Article.origin == made.id)


def test_who_revises_late_reads_that_the_first_date_is_lost(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    """RULES 4.1: it is kept for 10 working days. On the last of them it still is."""
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="Ask before", situation="Four failed.", action="Ring before you go.")
    process.submit(made, by=ada, topics=[schools], duplicate_checked=True)
    for review in Review.select().where(Review.experience == made):
        scores = dict.fromkeys(rubric.NAMES, 3)
        process.complete(review, by=review.reviewer, scores=scores, verdict="revise", comment="Say when.")
    until = made.fresh().revision_until
    assert until is not None
    for days, late in ((0, False), (1, True)):
        with clock.moved(clock.start_of(until + timedelta(days=days)) + timedelta(hours=1)):
            browser = sign_in(ada)
            for path in (made.url, f"{made.url}/edit"):
                page = browser.get(path).text
                assert ("it keeps its first date" in page) is not late
                assert ("it takes the date of that day" in page) is late


def test_a_re_write_of_ones_own_that_was_merged_says_that_it_is_not_counted(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    first, _ = accepted(ada, schools, "Ask the owner first", "Ring the owner and ask.")
    for author, own in ((ada, True), (ben, False)):
        made = Experience.begin(by=author, kind="suggestion")
        told = "Four viewings failed." if own else "A buyer was kept waiting at the gate."
        made.save_draft(by=author, title="Ask before", situation=told, action="Ring before you go.")
        process.submit(made, by=author, topics=[schools], duplicate_checked=True)
        for review in Review.select().where(Review.experience == made):
            scores = dict.fromkeys(rubric.NAMES, 4)
            process.complete(review, by=review.reviewer, scores=scores, verdict="merge", into=first)
        page = sign_in(author).get(made.url).text
        assert ("is not counted" in page) is own
        assert ("Merged, with part of the credit" in page) is not own


def test_what_is_known_stands_beside_a_review_and_is_merged_into_by_its_title(
    sign_in: SignIn, ben: Person, rita: Person, rob: Person, rosa: Person, schools: Topic, ada: Person
) -> None:
    """The nearest first, without a word of what is open; nothing is merged into what its reviewer wrote."""
    near, article = accepted(
        ben, schools, "Ask the owner before the viewing", "Ring the owner and **ask** first."
    )
    own, of_rita = accepted(rita, schools, "Ask the owner by letter", "Write to the owner before all else.")
    waits = Experience.begin(by=ben, kind="suggestion")
    waits.save_draft(
        by=ben, title="Ask the owner twice", situation="Owners forget.", action="Ask the owner again."
    )
    process.submit(waits, by=ben, topics=[schools], duplicate_checked=True)
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(
        by=ada, title="Ask the owner first", situation="Ada saw four fail.", action="Ask the owner."
    )
    process.submit(made, by=ada, topics=[schools], duplicate_checked=True)
    asked = Question.ask(by=ben, text="When do I ask the owner?", topic=schools)
    asked.answer(by=ada, text="I ask the owner first. I saw four fail.")
    searcher.here().feed.drain()
    review = Review.get((Review.experience == made) & (Review.reviewer == rita))
    browser = sign_in(rita)
    page = browser.get(f"{review.url}/known").text
    assert f'href="{article.url}"' in page
    assert f'data-merge-into="{near.title} #{near.id}"' in page
    assert "twice" not in page, "in review"
    assert asked.url not in page, "whose answer it tells again stands there"
    assert "Ben" not in page
    page = browser.get(f"{review.url}/known?q=letter").text
    assert of_rita.url in page
    assert article.url not in page
    assert "data-merge-into" not in page, "her own"
    for other in (ada, ben):
        assert sign_in(other).get(f"{review.url}/known").status_code == 404
    sent = GOOD | {"verdict": "merge"}
    assert browser.post(review.url, data=sent | {"into": own.title}).status_code == 422
    assert browser.post(review.url, data=sent | {"into": near.title}).status_code == 303
    assert Review.get_by_id(review.id).into == near
    assert browser.get(f"{review.url}/known").status_code == 404, "given"
