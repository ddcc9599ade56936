"""Asking experts, through the pages: who is asked and why, what each makes of it, who asked unnamed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.expertise.votes import held_for
from portal.models.knowledge import returned
from portal.models.knowledge.articles import Article
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.routing import Routing
from portal.models.knowledge.uses import Use
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.search.lookups import Gap, Lookup
from portal.search.records.knowledge import questions as documents
from portal.search.records.knowledge import written_by
from tests.conftest import SignIn, person
from tests.counting import queries

NAMED = re.compile(r"\bAda\b")
ASKED = {"text": "Is the school place free?", "detail": "", "names_checked": ""}


@pytest.fixture
def loans(ada: Person) -> Topic:
    return Topic.create(name="贷款", name_en="Loans")


@pytest.fixture
def unnamed(ada: Person, schools: Topic) -> Question:
    question = Question.ask(by=ada, text="Am I allowed to say so?", topic=schools, is_anonymous=True)
    Routing.put(question, by=ada)
    return question


def told(someone: Person) -> list[str]:
    return [str(one.phrase) for one in Notice.of(someone)]


# ------------------------------------------------------------------ several topics


def test_a_question_stands_under_several_topics(
    sign_in: SignIn, ada: Person, rita: Person, schools: Topic, loans: Topic
) -> None:
    browser = sign_in(ada)
    form = {**ASKED, "topic": schools.id, "further_topics": [str(loans.id), str(schools.id)]}
    page = browser.post("/questions/new", data=form, follow_redirects=True)
    question = Question.get()
    assert question.topic_ids == [schools.id, loans.id]
    assert "Schools" in page.text
    assert "Loans" in page.text
    for topic in (schools, loans):
        assert ASKED["text"] in browser.get(f"/questions?topic={topic.id}").text
        assert ASKED["text"] in browser.get(f"/topics/{topic.id}").text
    assert "Loans" in browser.get("/questions").text
    edited = {**ASKED, "topic": loans.id, "version": question.version}
    browser.post(f"/questions/{question.id}/edit", data=edited)
    assert question.fresh().topic_ids == [loans.id]
    assert ASKED["text"] not in browser.get(f"/questions?topic={schools.id}").text


def test_more_than_five_topics_are_refused_with_the_text_kept(
    sign_in: SignIn, ada: Person, schools: Topic
) -> None:
    more = [str(Topic.create(name=f"T{n}").id) for n in range(5)]
    form = {**ASKED, "topic": schools.id, "further_topics": more}
    page = sign_in(ada).post("/questions/new", data=form)
    assert page.status_code == 422
    assert "A question stands under 5 topics at most." in page.text
    assert ASKED["text"] in page.text
    assert Question.select().count() == 0


def test_the_best_answer_is_evidence_in_each_topic_and_taken_back_in_each(
    ada: Person, ben: Person, schools: Topic, loans: Topic
) -> None:
    question = Question.ask(by=ada, text="Who pays?", topic=schools, further_topics=[loans])
    answer = question.answer(by=ben, text="The bank.")
    question.choose_best(answer, by=ada)
    standing = {(piece.person_id, piece.topic_id) for piece in Evidence.standing()}
    assert standing == {(ben.id, schools.id), (ben.id, loans.id)}
    question.unchoose_best(by=ada)
    assert not Evidence.standing().exists()


def test_a_reviewer_of_any_of_its_topics_tends_to_it(
    ada: Person, rita: Person, stan: Person, schools: Topic, loans: Topic
) -> None:
    question = Question.ask(by=ada, text="Who pays?", topic=loans, further_topics=[schools])
    stan.grant(Role.REVIEWER, by=None, topic=Topic.create(name="别的"))
    assert question.editable_by(rita)
    assert not question.editable_by(Person.get_by_id(stan.id))


# ------------------------------------------------------------------ asking experts


def test_experts_are_asked_from_the_form_and_shown_to_who_asks_with_why(
    sign_in: SignIn, ada: Person, rita: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    form = {**ASKED, "topic": schools.id, "experts": "1", "key": "a-key-of-the-form"}
    for _ in range(2):  # pressed twice
        page = sign_in(ada).post("/questions/new", data=form, follow_redirects=True)
    assert (Question.select().count(), Ask.select().count()) == (1, 3)
    assert "Asked colleagues" in page.text
    assert "Reviews what is written in the field." in page.text
    assert "Stop asking" in page.text
    others = sign_in(stan).get(f"/questions/{Question.get().id}").text
    assert "Asked colleagues" not in others, "who else is asked is told to whoever asked"


def test_from_its_page_twice_is_once_and_only_who_asked_may(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, rita: Person
) -> None:
    question = Question.ask(by=ada, text="Who pays?")
    assert sign_in(ben).post(f"/questions/{question.id}/experts").status_code == 403
    for _ in range(2):
        page = sign_in(ada).post(
            f"/questions/{question.id}/experts", data={"is_urgent": "y"}, headers={"HX-Request": "true"}
        )
    assert page.text.lstrip().startswith('<section class="stack" id="asking"')
    assert (Ask.select().count(), Routing.get().is_urgent) == (3, True)
    sign_in(ada).post(f"/questions/{question.id}/experts/withdrawal")
    assert not Ask.select().where(Ask.state == "open").exists()


def test_archived_meanwhile_nobody_is_asked(sign_in: SignIn, ada: Person, ben: Person, mona: Person) -> None:
    question = Question.ask(by=ada, text="Who pays?")
    Routing.put(question, by=ada)
    ask = Ask.get(Ask.person == ben)
    question.archive(by=ada)
    page = sign_in(ben).post(f"/asks/{ask.id}/declining", follow_redirects=True)
    assert "Nobody is asked any more." in page.text
    assert ask.fresh().state == "over"


def test_the_asked_reads_so_declines_and_hands_on(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, rita: Person, mona: Person, adam: Person
) -> None:
    question = Question.ask(by=ada, text="Who pays?")
    Routing.put(question, by=ada)
    first, second, _ = Ask.of(question)
    browser = sign_in(Person.get_by_id(first.person_id))
    assert "You are asked" in browser.get(question.url).text
    assert "Leave it to others" in browser.get("/needs-me").text
    browser.post(f"/asks/{first.id}/declining")
    assert first.fresh().state == "declined"
    assert "You are asked" not in browser.get(question.url).text
    other = sign_in(Person.get_by_id(second.person_id))
    free = next(one for one in (adam, stan, rita, mona, ben) if not Ask.mine(question, one))
    page = other.get(f"/asks/{second.id}/handing-on").text
    assert f'value="{free.id}"' in page
    assert f'value="{ada.id}"' not in page
    assert other.post(f"/asks/{second.id}/handing-on", data={"to": "999"}).status_code == 422
    other.post(f"/asks/{second.id}/handing-on", data={"to": free.id})
    assert (second.fresh().state, Ask.get(Ask.person == free).handed_by_id) == ("handed on", second.person_id)
    assert sign_in(ada).post(f"/asks/{first.id}/declining").status_code == 404, "another's"


def test_it_is_answered_and_left_to_others_where_it_waits(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, stan: Person, adam: Person
) -> None:
    question = Question.ask(by=ada, text="Who pays?")
    Routing.put(question, by=ada, is_urgent=True)
    asked = [Person.get_by_id(ask.person_id) for ask in Ask.of(question)]
    page = sign_in(asked[0]).get("/needs-me").text
    assert "Urgent" in page
    need = page.split("/needs-me/")[1].split("/")[0]
    sign_in(asked[0]).post(f"/needs-me/{need}/answer", data={"answer": "decline"})
    assert Ask.of(question)[0].state == "declined"
    need = sign_in(asked[1]).get("/needs-me").text.split("/needs-me/")[1].split("/")[0]
    sign_in(asked[1]).post(f"/needs-me/{need}/answer", data={"answer": "answer", "text": "The bank."})
    assert Answer.get().author == asked[1]
    assert not Ask.select().where(Ask.state == "open").exists()


def test_the_page_of_who_asked_asks_the_database_little(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, rita: Person, schools: Topic, loans: Topic
) -> None:
    old = Question.ask(by=ben, text="Who paid?", topic=loans)
    old.choose_best(old.answer(by=stan, text="The bank."), by=ben)
    question = Question.ask(by=ada, text="Who pays?", topic=schools, further_topics=[loans])
    Routing.put(question, by=ada, like=[old.id])
    browser = sign_in(ada)
    browser.get(question.url)
    with queries() as asked:
        assert "Who paid?" in browser.get(question.url).text
    assert len(asked) <= 12, "\n".join(asked)


# ------------------------------------------------------------------ who asked stays unnamed


def test_an_unnamed_asker_is_named_nowhere(
    sign_in: SignIn,
    unnamed: Question,
    ada: Person,
    ben: Person,
    mona: Person,
    rita: Person,
    adam: Person,
    stan: Person,
    schools: Topic,
) -> None:
    answer = unnamed.answer(by=stan, text="Yes.")
    unnamed.choose_best(answer, by=ada)
    unnamed.edit(by=ada, version=unnamed.version, detail="Really?")
    readers = (ben, mona, rita, adam, stan)
    pages = (unnamed.url, "/questions", f"/topics/{schools.id}", "/needs-me", "/search?q=allowed")
    for reader in readers:
        for address in pages:
            page = sign_in(reader).get(address)
            assert page.status_code == 200
            assert not NAMED.search(page.text), (reader.name, address)
            assert f"/people/{ada.id}" not in page.text, (reader.name, address)
        assert not [words for words in told(reader) if NAMED.search(words)]
    assert "Your answer to “Am I allowed to say so?” was chosen as the best." in told(stan)
    assert {event.actor for event in Event.about(unnamed)} == {None, stan.id}
    assert sign_in(mona).get(unnamed.url).text.count("Best answer for") == 0, "her manager chooses nothing"
    assert "Asked by you, unnamed" in sign_in(ada).get(unnamed.url).text


def test_search_knows_nothing_of_an_unnamed_asker(unnamed: Question, ada: Person, schools: Topic) -> None:
    (doc,) = documents([unnamed.id])
    assert not [words for words in doc.alt if NAMED.search(words)]
    assert doc.owner == ""
    assert "question" not in {kind for kind, ids in written_by([ada.id]).items() if ids}
    named = Question.ask(by=ada, text="Who pays?", topic=schools)
    assert documents([named.id])[0].owner == str(ada.id)


def test_it_is_revealed_to_an_auditor_who_says_so(
    sign_in: SignIn, unnamed: Question, ada: Person, audrey: Person, adam: Person
) -> None:
    browser = sign_in(audrey)
    assert "Ada" not in browser.get(unnamed.url).text
    assert sign_in(adam).post(f"/questions/{unnamed.id}/asker").status_code == 403
    assert not Event.about(unnamed).where(Event.verb == "asker revealed").exists()
    assert "Ada" in browser.post(f"/questions/{unnamed.id}/asker").text
    (seen,) = Event.about(unnamed).where(Event.verb == "asker revealed")
    assert seen.actor == audrey.id
    assert "Ada" not in browser.get(unnamed.url).text, "only there and then"


def test_an_unnamed_asker_proves_nothing_by_choosing_their_own_answer(unnamed: Question, ada: Person) -> None:
    own = unnamed.answer(by=ada, text="Yes, I am.")
    unnamed.choose_best(own, by=ada)
    assert not Evidence.standing().exists()
    assert not PointEntry.select().exists()


def test_points_do_not_tell_who_asked(unnamed: Question, ada: Person, stan: Person) -> None:
    unnamed.choose_best(unnamed.answer(by=stan, text="Yes."), by=ada)
    assert [(entry.person_id, entry.reason) for entry in PointEntry.select()] == [(stan.id, "best answer")]
    unnamed.unchoose_best(by=ada)
    assert PointEntry.total(stan) == 0


def test_a_vote_in_return_that_is_held_does_not_tell_who_asked(
    unnamed: Question, ada: Person, stan: Person, adam: Person, audrey: Person, schools: Topic
) -> None:
    unnamed.choose_best(unnamed.answer(by=stan, text="Yes."), by=ada)
    article = Article.add(by=ada, title="Banks", body="One", topics=[schools], published=True)
    Use.say(article, by=stan)
    assert Use.counting().count() == 0
    assert [len(held_for(who)) for who in (adam, audrey)] == [0, 1]
    assert not needs(adam)
    assert {event.verb for event in Event.about(ada)} - {"joined"} == {"unnamed vote held"}
    (each,) = held_for(audrey)
    assert not each.vote.decidable_by(adam)
    each.vote.release(by=audrey)
    assert Use.counting().count() == 1
    said = {event.verb for event in Event.about(ada)} - {"joined"}
    assert said == {"unnamed vote held", "unnamed vote released"}


# ------------------------------------------------------------------ from where it is asked


def test_what_a_page_knows_is_filled_in(
    sign_in: SignIn, ada: Person, ben: Person, lakeside: object, families: CustomerType
) -> None:
    page = sign_in(ada).get(f"/questions/new?text=Who+pays&product={lakeside.id}&type={families.id}").text  # type: ignore[attr-defined]
    assert 'value="Who pays"' in page
    assert f'<option selected value="{lakeside.id}">' in page  # type: ignore[attr-defined]
    assert "Best answers are shown for: Families with school children" in page
    assert sign_in(ada).get("/questions/new?text=x&product=zz&type=99&topic=-1").status_code == 200


def test_whoever_looked_for_it_in_vain_hears_of_the_answer_once_if_they_are_here(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, mona: Person, adam: Person
) -> None:
    for someone in (ada, ben, stan):
        Lookup.note(someone, "who pays the bank", found=0)
    stan.deactivate(by=adam)
    form = {**ASKED, "text": "Who pays what the bank lends?", "looked_for": "Who pays the bank?"}
    sign_in(ada).post("/questions/new", data=form)
    assert Gap.settle() == 0
    question = Question.get()
    question.answer(by=mona, text="The buyer.")
    assert (Gap.settle(), Gap.settle()) == (1, 0)
    heard = "What you looked for has an answer now: “who pays the bank”"
    assert [told(one).count(heard) for one in (ada, ben, stan)] == [0, 1, 0]


def test_what_nobody_looked_for_or_somebody_opened_makes_no_gap(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    Lookup.note(ben, "who pays", found=3, opened=True)
    sign_in(ada).post("/questions/new", data={**ASKED, "text": "Who pays?"})
    sign_in(ada).post("/questions/new", data={**ASKED, "text": "Why?"})
    assert Gap.select().count() == 0


# ------------------------------------------------------------------ back to knowledge


def test_an_answer_becomes_its_authors_draft_once(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic, loans: Topic
) -> None:
    question = Question.ask(by=ada, text="Who pays?", topic=schools, further_topics=[loans])
    answer = question.answer(by=ben, text="The buyer pays what the bank lends.")
    assert sign_in(ada).post(f"/answers/{answer.id}/article").status_code == 403
    for someone in (rita, ben):
        sign_in(someone).post(f"/answers/{answer.id}/article")
    draft = Article.get()
    assert (draft.author, draft.state, draft.title) == (ben, "draft", "Who pays?")
    assert sorted(draft.topic_ids) == sorted([schools.id, loans.id])
    assert answer.fresh().article == draft
    assert [t for t in told(ben) if t.startswith("Rita began an article of your answer")]
    assert draft.url not in sign_in(ada).get(question.url).text, "a draft is its author's"
    assert not returned.is_anyone_untold()
    draft.publish(by=ben)
    assert draft.url in sign_in(ada).get(question.url).text
    assert (returned.tell_askers(), returned.tell_askers(), returned.is_anyone_untold()) == (1, 0, False)
    said = "The answer to your question “Who pays?” is an article now: “Who pays?”, by Ben."
    assert told(ada).count(said) == 1


def test_of_who_left_no_draft_is_begun(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, adam: Person
) -> None:
    question = Question.ask(by=rita, text="Who pays?")
    answer = question.answer(by=ben, text="The buyer.")
    ben.deactivate(by=adam)
    page = sign_in(rita).post(f"/answers/{answer.id}/article", follow_redirects=True)
    assert page.status_code in (200, 422)
    assert Article.select().count() == 0


def test_nobody_is_asked_by_a_moment_that_stands_still(ada: Person) -> None:
    """The only one here asks: nobody is named, and nothing breaks."""
    question = Question.ask(by=ada, text="Is anybody there?")
    for other in Person.select().where(Person.id != ada.id):
        Person.update(deactivated_at=clock.now()).where(Person.id == other.id).execute()
    Routing.put(question, by=ada)
    assert Ask.select().count() == 0
    late = person("Late")
    assert late.is_active


def test_an_unnamed_asker_answers_under_their_own_name_as_anyone(
    unnamed: Question, ada: Person, ben: Person
) -> None:
    """An answer of Ada's beside an act of nobody's would tell the log's readers that Ada asked."""
    for someone in (ada, ben):
        unnamed.answer(by=someone, text=f"So says {someone.name}.").draft_article(by=someone)
    acts = Event.about(unnamed).where(Event.verb.in_(["answered", "article begun"])).order_by(Event.id)
    assert [(act.verb, act.actor) for act in acts] == [
        (verb, someone.id) for someone in (ada, ben) for verb in ("answered", "article begun")
    ]
    unnamed.choose_best(Answer.get(Answer.author == ben), by=ada)
    assert Event.about(unnamed).where(Event.verb == "best chosen").get().actor is None


def test_an_unnamed_asker_stays_in_an_auditors_sight_by_putting_the_question_away(
    sign_in: SignIn, unnamed: Question, ada: Person, audrey: Person, stan: Person
) -> None:
    unnamed.archive(by=ada)
    assert sign_in(stan).get(unnamed.url).status_code == 404
    assert sign_in(audrey).get(unnamed.url).status_code == 200
    page = sign_in(audrey).post(f"/questions/{unnamed.id}/asker")
    assert NAMED.search(page.text)
    named = Question.ask(by=ada, text="Who pays?")
    named.archive(by=ada)
    assert sign_in(audrey).get(named.url).status_code == 404


def test_a_held_vote_of_an_unnamed_asker_is_an_auditors_alone(
    sign_in: SignIn, unnamed: Question, ada: Person, ben: Person, adam: Person, audrey: Person, schools: Topic
) -> None:
    """Its reason points at the one named vote beside it: whoever gave that asked."""
    answer = unnamed.answer(by=ben, text="You are.")
    Endorsement.give(by=ada, person=ben, topic=schools)
    unnamed.choose_best(answer, by=ada)
    why = "Right after another for the same colleague"
    admin, auditor = sign_in(adam), sign_in(audrey)
    assert why not in admin.get("/admin/votes").text
    assert why not in admin.get("/admin/events").text
    assert "A vote for" not in admin.get("/needs-me").text
    assert why in auditor.get("/admin/events").text
    assert "A vote for" in auditor.get("/needs-me").text
    (held,) = held_for(Person.get_by_id(audrey.id))
    admin.post(f"/admin/votes/{held.id}/decision", data={"answer": "release"})
    assert held.vote.is_held
    auditor.post(f"/admin/votes/{held.id}/decision", data={"answer": "release"})
    assert not held.vote.is_held
    assert "let a held vote count" not in admin.get("/admin/events").text.partition("<tbody")[2]


def test_a_best_answer_proves_what_its_question_is_filed_under_now(
    ada: Person, ben: Person, rita: Person, schools: Topic, loans: Topic
) -> None:
    question = Question.ask(by=ada, text="Who pays?", topic=loans)
    with clock.moved(clock.now() - timedelta(days=30)):
        question.choose_best(question.answer(by=ben, text="The bank."), by=ada)
    chosen = Evidence.standing().get().at
    question.set_topic(schools, by=rita)
    assert [(piece.topic_id, piece.at) for piece in Evidence.standing()] == [(schools.id, chosen)]
    question.edit(by=ada, further_topics=[loans])
    assert {piece.topic_id for piece in Evidence.standing()} == {schools.id, loans.id}
    question.edit(by=ada, topic=None, further_topics=[])
    assert not Evidence.standing().exists()
    question.edit(by=ada, topic=loans)
    assert [(piece.topic_id, piece.at) for piece in Evidence.standing()] == [(loans.id, chosen)]
