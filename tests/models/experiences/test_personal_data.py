"""One check before anything is published, whatever the verb; one erasure for what went out (RULES 4.10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal import clock, i18n
from portal.models.base import undoing
from portal.models.base.database import db
from portal.models.base.published import Published, Telling
from portal.models.base.record import Event, Invalid, SearchOutbox
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.experiences import keeping, process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge import proposals
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.knowledge.objections import Objection, found_working
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.sales.deals import Deal, DealShare
from portal.search.records.knowledge import articles, questions
from tests.conftest import SignIn
from tests.models.experiences.test_reviews import GOOD

PHONE = "13800001234"
CALL = f"打 {PHONE} 找他"


@pytest.fixture
def wei(ada: Person) -> Customer:
    """Ada's customer, with one person there."""
    customer = Customer.create(name="蓝海贸易有限公司", owner=ada)
    Contact.add(customer, by=ada, name="韦小宝")
    return customer


@pytest.fixture
def told(wei: Customer, ada: Person, schools: Topic) -> Experience:
    """Ada's debrief of a deal with them, whole but not handed in."""
    deal = Deal.create(title="蓝海续约", customer=wei, owner=ada, stage="lost", closed_on=clock.today())
    made = Experience.begin(by=ada, kind="debrief", deal=deal)
    parts: dict[str, Any] = {
        "situation": "续约前三个月没人联系。",
        "doubt": "为什么又涨价？",
        "action": "把三年的账放在一起看。",
        "outcome": "没有签。",
        "lesson": "先算账再谈价。",
    }
    made.save_draft(by=ada, title="续约要早谈", topics=[schools], **parts)
    return made


def test_every_noun_whose_text_others_read_is_checked() -> None:
    """Whoever adds a noun with a text that others read has to say so here, or why not."""
    nouns = {noun.kind() for noun in Published.__subclasses__()}
    assert nouns == {
        "article",
        "question",
        "answer",
        "experience",
        "review",
        "revocation",
        "objection",
        "suggestion_outcome",
        "proposal",
        "comment",  # tests/views/knowledge/test_comments.py
        "help_page",  # asked in full: tests/models/help/test_pages.py
    }


def _add(by: Person, topic: Topic, text: str) -> None:
    Article.add(by=by, title="标题", body=text, topics=[topic])


def _title(by: Person, topic: Topic, text: str) -> None:
    Article.add(by=by, title=text, body="正文。", topics=[topic])


def _summary(by: Person, topic: Topic, text: str) -> None:
    Article.add(by=by, title="标题", body="正文。", summary=text, topics=[topic])


def _edit(by: Person, topic: Topic, text: str) -> None:
    made = Article.add(by=by, title="标题", body="正文。", topics=[topic])
    made.edit(by=by, body=text)


def _publish(by: Person, topic: Topic, text: str) -> None:
    made = Article.add(by=by, title="标题", body=text, topics=[topic], published=False)
    made.publish(by=by)


def _bring_back_a_version(by: Person, topic: Topic, text: str) -> None:
    made = Article.add(by=by, title="标题", body=text, topics=[topic], published=False)
    made.edit(by=by, body="正文。")
    made.publish(by=by)
    made.restore_version(1, by=by)


def _ask(by: Person, topic: Topic, text: str) -> None:
    Question.ask(by=by, text=text)


def _ask_in_detail(by: Person, topic: Topic, text: str) -> None:
    Question.ask(by=by, text="怎么谈？", detail=text)


def _change_question(by: Person, topic: Topic, text: str) -> None:
    Question.ask(by=by, text="怎么谈？").edit(by=by, text=text)


def _bring_back_a_question(by: Person, topic: Topic, text: str) -> None:
    made = Question.ask(by=by, text="怎么谈？")
    made.archive(by=by)
    made.edit(by=by, detail=text)
    made.restore(by=by)


def _answer(by: Person, topic: Topic, text: str) -> None:
    Question.ask(by=by, text="怎么谈？").answer(by=by, text=text)


def _change_answer(by: Person, topic: Topic, text: str) -> None:
    Question.ask(by=by, text="怎么谈？").answer(by=by, text="先听。").edit(by=by, text=text)


def _suggest(by: Person, topic: Topic, text: str) -> None:
    other = Person.get_or_none(Person.email == "una@example.com") or Person.add(
        by=None, email="una@example.com", name="Una"
    )
    made = Article.add(by=other, title="标题", body="正文。", topics=[topic])
    proposals.suggest(made, by=by, title="标题", body=text)


VERBS = [_suggest, _add, _title, _summary, _edit, _publish, _bring_back_a_version, _ask, _ask_in_detail]
VERBS += [_change_question, _bring_back_a_question, _answer, _change_answer]
Verb = Callable[[Person, Topic, str], None]


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_publishes_a_number(verb: Verb, ada: Person, schools: Topic) -> None:
    with pytest.raises(Telling) as caught:
        verb(ada, schools, CALL)
    with i18n.speaking("en"):
        (said,) = (i18n.gettext(each) for each in caught.value.errors.values())
    assert f"phone number “{PHONE}” in “{CALL}”" in said
    assert not caught.value.names


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_publishes_the_name_of_ones_own_customer(
    verb: Verb, wei: Customer, ada: Person, schools: Topic
) -> None:
    with pytest.raises(Telling) as caught:
        verb(ada, schools, "韋小寶说太贵")
    assert caught.value.names
    verb(ada, schools, "伟小宝说太贵")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("said", ["韦先生", "Mr. Wei", "老韦", "小宝姐", "Wei Xiaobao"])
def test_no_verb_publishes_the_family_name_and_title_of_ones_own_contact(
    verb: Verb, wei: Customer, ada: Person, ben: Person, schools: Topic, said: str
) -> None:
    with pytest.raises(Telling) as caught:
        verb(ada, schools, f"{said}说太贵")
    assert caught.value.names, "it may also be somebody else: its author may say so"
    Contact.get().archive(by=ada)
    with pytest.raises(Telling):
        verb(ada, schools, f"{said}说太贵")
    wei.fresh().edit(by=ada, owner=ben)
    verb(ada, schools, f"{said}说太贵")


def test_who_has_a_deal_with_a_colleagues_customer_names_nobody_there(
    wei: Customer, ada: Person, ben: Person, stan: Person
) -> None:
    deal = Deal.create(title="续约", customer=wei, owner=ben, stage="lead")
    with pytest.raises(Telling):
        Question.ask(by=ben, text="韦总嫌贵怎么办？")
    Deal.update(owner=stan).execute()
    Question.ask(by=ben, text="韦总嫌贵怎么办？")
    for person, millionths in ((ben, 400_000), (stan, 600_000)):
        DealShare.create(deal=deal, person=person, share=millionths)
    with pytest.raises(Telling):
        Question.ask(by=ben, text="韦总嫌贵，怎么办？")


def test_whose_hand_changes_a_text_names_their_own_customers_as_little(
    wei: Customer, ada: Person, rita: Person, rob: Person, schools: Topic, told: Experience
) -> None:
    """And of the writer's customers another learns nothing by trying names."""
    Customer.create(name="宋太太", owner=rita)
    made = Article.add(by=ada, title="标题", body="正文。", topics=[schools])
    with pytest.raises(Telling):
        made.edit(by=rita, body="宋太太嫌贵。")
    made.fresh().edit(by=rita, body="韦先生嫌贵。")
    answer = Question.ask(by=ada, text="怎么谈？").answer(by=ada, text="先听。")
    with pytest.raises(Telling):
        answer.edit(by=rita, text="宋女士嫌贵。")
    process.submit(told, by=ada)
    review = Review.get(Review.reviewer == rita)
    with pytest.raises(Telling):
        process.complete(review, by=rita, scores=GOOD, verdict="revise", comment="我的宋太太也这样")


def test_who_brings_a_question_back_learns_nothing_of_its_askers_customers(
    wei: Customer, ada: Person, rita: Person
) -> None:
    """Put away, anything may be written into it: the refusal would tell which of many names is one of hers."""
    Customer.create(name="宋太太", owner=rita)

    def back_at_once(question: Question) -> None:
        event = Event.about(question).where(Event.verb == "archived").order_by(Event.id.desc()).first()
        undoing.undo(event, by=rita)

    for bring_back in (lambda question: question.restore(by=rita), back_at_once):
        made = Question.ask(by=ada, text="怎么谈？")
        made.archive(by=rita)
        made.edit(by=rita, text="韦先生、李先生、宋太太怎么谈？")
        with pytest.raises(Telling) as told:
            bring_back(made.fresh())
        assert [find.text for find in told.value.found["text"]] == ["宋太太"]
        made.fresh().edit(by=rita, text="韦先生、李先生怎么谈？")
        bring_back(made.fresh())
        assert not made.fresh().is_archived


def test_a_family_name_of_nobody_looked_after_is_an_ordinary_word(wei: Customer, ada: Person) -> None:
    for text in ("刘先生嫌贵怎么办？", "由于经理不在怎么办？", "Mr. Wong asks for more, what now?"):
        assert Question.ask(by=ada, text=text).id


def test_the_name_of_a_colleagues_customer_is_no_oracle(wei: Customer, ben: Person) -> None:
    assert Question.ask(by=ben, text="韦小宝说太贵怎么办？").id


def test_a_draft_may_hold_what_its_author_alone_reads(ada: Person, schools: Topic, told: Experience) -> None:
    Article.add(by=ada, title="标题", body=CALL, topics=[schools], published=False)
    told.save_draft(by=ada, action=CALL)
    with pytest.raises(Telling) as caught:
        process.submit(told, by=ada)
    assert set(caught.value.errors) == {"action"}


@pytest.mark.parametrize(
    "said", ["韦先生", "Mr. Wei", "韦总", "韦姐", "韦小宝", "weixiaobao", "韋小寶", "蓝海贸易"]
)
def test_the_customer_is_found_in_every_form_and_may_stay_knowingly(
    told: Experience, ada: Person, rita: Person, said: str
) -> None:
    told.save_draft(by=ada, lesson=f"{said}要的是账。")
    with pytest.raises(Telling) as caught:
        process.submit(told, by=ada)
    assert (set(caught.value.errors), caught.value.names) == ({"lesson"}, True)
    process.submit(told, by=ada, names_checked=True)
    assert told.fresh().state == "submitted"


def test_what_was_said_to_be_an_ordinary_word_is_not_asked_again(
    wei: Customer, ada: Person, schools: Topic
) -> None:
    made = Article.add(by=ada, title="标题", body="韦小宝说。", topics=[schools], names_checked=True).fresh()
    made.edit(by=ada, body="韦小宝说得好。")
    with pytest.raises(Telling):
        made.fresh().edit(by=ada, body=f"韦小宝说得好。{PHONE}", names_checked=True)
    assert made.fresh().body == "韦小宝说得好。"


def test_an_accepted_debrief_keeps_the_customer_out_when_it_is_edited(
    told: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    process.submit(told, by=ada)
    for review in Review.select():
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept")
    article = Article.get()
    with pytest.raises(Telling):
        article.edit(by=rita, body="蓝海贸易要的是账。")


def test_a_reviewers_words_are_checked_too(told: Experience, ada: Person, rita: Person) -> None:
    process.submit(told, by=ada)
    review = Review.get(Review.reviewer == rita)
    for comment in (CALL, "韦总那句话删掉"):
        with pytest.raises(Telling):
            process.complete(review.fresh(), by=rita, scores=GOOD, verdict="revise", comment=comment)
    process.complete(
        review.fresh(), by=rita, scores=GOOD, verdict="revise", comment="韦总那句话删掉", names_checked=True
    )
    assert review.fresh().comment == "韦总那句话删掉"


def test_what_an_appeal_and_a_revocation_say_is_checked(
    told: Experience, ada: Person, adam: Person, rita: Person, rob: Person
) -> None:
    process.submit(told, by=ada)
    for review in Review.select():
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="reject", comment="不够。")
    with pytest.raises(Telling) as caught:
        process.appeal(told.fresh(), by=ada, reason=CALL)
    assert set(caught.value.errors) == {"reason"}
    assert told.fresh().state == "rejected"


def test_what_holds_a_number_all_the_same_goes_back_to_its_author(
    told: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    """Handed in before the check knew it: accepted, it is not published but sent back with the reason."""
    process.submit(told, by=ada)
    Experience.update(action=CALL).execute()
    for review in Review.select():
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept")
    found = told.fresh()
    assert found.state == "revision"
    assert "phone number" in found.reason
    assert PHONE not in found.reason
    assert Article.select().count() == 0


@pytest.mark.parametrize("said", ["蓝海续约", "5,600,000", "560万", "560 万", "5600000", "5,600,000.00"])
def test_the_deal_behind_is_not_named(told: Experience, ada: Person, rita: Person, said: str) -> None:
    Deal.update(amount=5_600_000_00).execute()
    told = told.fresh()
    told.save_draft(by=ada, lesson=f"这次{said}，先算账。")
    with pytest.raises(Telling) as caught:
        process.submit(told, by=ada)
    assert set(caught.value.errors) == {"lesson"}
    told.save_draft(by=ada, lesson="15,600,000 和 25600000 是别的数。")
    process.submit(told, by=ada)


def test_an_article_names_its_deal_to_those_who_worked_on_it_alone(
    sign_in: SignIn, told: Experience, ada: Person, ben: Person, mona: Person, rita: Person, rob: Person
) -> None:
    Deal.update(amount=5_600_000_00).execute()
    process.submit(told, by=ada)
    for review in Review.select():
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept")
    article = Article.get()
    for person, sees in ((ada, True), (mona, True), (ben, False), (rita, False)):
        client = sign_in(person)
        page = client.get(article.url).text
        assert ("蓝海续约" in page) is sees
        assert "5,600,000" not in page
        for path in ("/articles", f"/articles/{article.id}/versions", "/needs-me"):
            assert "蓝海" not in client.get(path).text
    (document,) = articles([article.id])
    assert "蓝海" not in document.body + document.title
    told_of = Event.select().where(Event.subject_kind.in_(("article", "experience")))
    assert "蓝海" not in json.dumps([event.changes for event in told_of], ensure_ascii=False)


# ------------------------------------------------------------------ kept where it belongs


def test_a_number_goes_from_the_draft_to_the_contact(told: Experience, ada: Person) -> None:
    told.save_draft(by=ada, action=CALL)
    (find,) = told.personal_data()["action"]
    contact = Contact.get()
    assert [str(one) for one in keeping.keepers(told, ada) if keeping.keepable(find, one)] == [
        str(contact),
        str(contact.customer),
    ]
    for _ in range(2):
        keeping.keep(told, by=ada, field="action", start=find.start, keeper=str(contact))
    assert contact.fresh().phone == PHONE
    assert told.fresh().action == "打 〔…〕 找他"
    event = Event.about(contact).first()
    assert PHONE not in json.dumps(event.changes)


def test_it_is_not_kept_over_another_number_nor_by_who_may_not(
    told: Experience, ada: Person, ben: Person
) -> None:
    told.save_draft(by=ada, action=CALL)
    (find,) = told.personal_data()["action"]
    contact = Contact.get()
    contact.edit(by=ada, phone="13900000000")
    with pytest.raises(Invalid):
        keeping.keep(told, by=ada, field="action", start=find.start, keeper=str(contact))
    assert keeping.keepers(told, ben) == []
    assert told.fresh().action == CALL


# ------------------------------------------------------------------ erased


def test_an_erasure_reaches_versions_search_events_and_notices(
    ada: Person, rita: Person, schools: Topic
) -> None:
    made = Article.add(by=ada, title="标题", body=f"旧：{CALL}", topics=[schools], published=False)
    made.edit(by=ada, body=f"新：{CALL}，再{CALL}")
    Article.update(state="published", published_at=clock.now()).execute()  # before there was a check
    SearchOutbox.delete().execute()
    made = made.fresh()
    # the text's two; one in the first version and its summary each, two in the second's
    assert made.erase(by=rita) == {"phone": 8}
    assert made.fresh().body == "新：打 〔…〕 找他，再打 〔…〕 找他"
    assert PHONE not in made.fresh().html + made.fresh().summary
    assert [v.body for v in ArticleVersion.select()] == ["旧：打 〔…〕 找他", made.body]
    assert PHONE not in json.dumps([event.changes for event in Event.select()])
    (document,) = articles([made.id])
    assert PHONE not in document.body
    assert [(note.kind, note.record) for note in SearchOutbox.select()] == [("article", made.id)]
    event = Event.about(made).first()
    assert (event.verb, event.actor, event.changes) == (
        "personal data erased",
        rita.id,
        {"erased phone": [8, 0]},
    )
    assert made.fresh().erase(by=rita) == {}
    assert Event.select().where(Event.verb == "personal data erased").count() == 1


def test_an_erasure_of_a_question_takes_its_answers_along(ada: Person, ben: Person, wei: Customer) -> None:
    asked = Question.ask(by=ada, text="韦小宝问，能便宜吗？", names_checked=True)
    asked.answer(by=ben, text="小韦同学说不能")
    asked.fresh().erase(by=ada, names=True, words="小韦同学")
    assert asked.fresh().text == "〔…〕问，能便宜吗？"
    assert Answer.get().text == "〔…〕说不能"
    assert "韦" not in json.dumps([note.values for note in Notice.select()], ensure_ascii=False)
    (document,) = questions([asked.id])
    assert "韦" not in document.title + document.body
    # the name in the question and in the asker's notice, the nickname in the answer
    assert Event.about(asked).first().changes == {"erased name": [2, 0], "erased words": [1, 0]}


def test_an_erasure_of_an_article_reaches_what_it_was_born_of(
    told: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    told.save_draft(by=ada, lesson="韦总要的是账。")
    process.submit(told, by=ada, names_checked=True)
    for review in Review.select():
        process.complete(
            review,
            by=review.reviewer,
            scores=GOOD,
            verdict="accept",
            comment="韦总那句好",
            names_checked=True,
        )
    process.erase(Article.get(), by=rita, names=True)
    texts = [Article.get().body, *(v.body for v in ArticleVersion.select()), told.fresh().lesson]
    texts += [told.fresh().reason, *(review.comment for review in Review.select())]
    assert [text for text in texts if "韦总" in text] == []


SECRET = "尚爱民"


def _left_in_any_table(app: Any) -> list[str]:
    """Where the words still stand, whatever keeps them: as text, or within JSON."""
    found = []
    for table in db.get_tables():
        rows: Any = db.execute_sql(f'SELECT * FROM "{table}"').fetchall()
        found += [
            f"{table}: {row}" for row in rows if SECRET in json.dumps(row, default=str, ensure_ascii=False)
        ]
        coded = json.dumps(SECRET)[1:-1]
        found += [f"{table}: {row}" for row in rows if coded in " ".join(map(str, row))]
    return found


def test_after_an_erasure_no_table_holds_the_words(
    app: Any,
    ada: Person,
    ben: Person,
    rita: Person,
    rob: Person,
    mona: Person,
    schools: Topic,
    told: Experience,
) -> None:
    """What waits, what was told, said against it, answered, judged: nothing was left out (RULES 4.10)."""
    waiting = Question.ask(by=ada, text=f"{SECRET}介绍的业主怎么谈？", topic=schools)
    asked = Question.ask(by=ada, text=f"{SECRET}嫌贵怎么办？", topic=schools)
    asked.edit(by=ada, detail=f"{SECRET}说了两次。")
    asked.fresh().choose_best(asked.answer(by=ben, text=f"先夸{SECRET}。"), by=ada)
    article = Article.add(by=ada, title=f"{SECRET}的路子", body="正文。", topics=[schools])
    article.edit(by=ada, body=f"找{SECRET}。")
    found_working(article.fresh(), by=ben)
    said = Objection.say(article.fresh(), by=ben, reason=f"{SECRET}不肯。")
    said.reply(by=ada, text=f"{SECRET}出差了。")
    Objection.say(article.fresh(), by=mona, reason="找不到人。")
    told.save_draft(by=ada, title=f"{SECRET}续约要早谈", lesson=f"先找{SECRET}。")
    process.submit(told, by=ada)
    for review in Review.select():
        comment = f"{SECRET}那句好"
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept", comment=comment)
    born = Article.get(Article.origin_kind == "experience")
    found_working(born, by=ben)
    for question in (waiting, asked):
        assert question.fresh().erase(by=mona, words=SECRET)
    for each in (article, born):
        assert process.erase(each.fresh(), by=mona, words=SECRET)
    SearchOutbox.delete().execute()
    assert _left_in_any_table(app) == []


def test_an_experience_without_an_article_is_erased_on_a_page_of_its_own(
    sign_in: SignIn,
    told: Experience,
    ada: Person,
    ben: Person,
    mona: Person,
    adam: Person,
    rita: Person,
    rob: Person,
) -> None:
    """In review and rejected: its text, the reviews, the reason, what reviewers and author were told."""
    path = f"/experiences/{told.id}/erasing"
    for person in (ada, adam):
        assert sign_in(person).get(path).status_code == 404, "a draft is its author's alone, who rewrites it"
    process.submit(told, by=ada)
    Experience.update(title=f"续约 {PHONE}", lesson=CALL).execute()  # before there was a check
    Notice.update(values={"title": f"续约 {PHONE}"}).execute()
    for person in (ben, rita, rob):
        for method in ("GET", "POST"):
            assert sign_in(person).request(method, path).status_code == 404
    assert f'href="{path}"' in sign_in(ada).get(told.url).text
    assert PHONE in told.fresh().lesson
    answer = sign_in(adam).post(path, data={"words": "先算账"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/needs-me")
    assert (told.fresh().title, told.fresh().lesson) == ("续约 〔…〕", "打 〔…〕 找他")
    assert told.fresh().state == "submitted"
    assert PHONE not in json.dumps([notice.values for notice in Notice.select()])
    for review in Review.select():
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="reject", comment="旧的")
    Experience.update(reason=CALL).execute()
    Review.update(comment=CALL).execute()
    answer = sign_in(mona).post(path, follow_redirects=True)
    assert answer.status_code == 200
    assert "Taken out, in all places together: 3" in answer.text
    assert {told.fresh().reason, *(review.comment for review in Review.select())} == {"打 〔…〕 找他"}
    erased = Event.select().where(
        (Event.verb == "personal data erased") & (Event.subject_kind == "experience")
    )
    assert [event.actor for event in erased.order_by(Event.id)] == [adam.id, mona.id]
    assert sign_in(ada).get(told.url).text.count(PHONE) == 0


def test_an_administrator_who_judges_it_leaves_its_erasure_to_another(
    sign_in: SignIn, told: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    """Its author reads who took something out: a reviewer would be known by it (RULES 4.2)."""
    rita.grant(Role.ADMINISTRATOR, by=None)
    process.submit(told, by=ada)
    assert sign_in(rita).get(f"/experiences/{told.id}/erasing").status_code == 404


def test_one_that_became_an_article_is_erased_with_it(
    sign_in: SignIn, told: Experience, ada: Person, rita: Person, rob: Person
) -> None:
    process.submit(told, by=ada)
    for review in Review.select():
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept")
    answer = sign_in(ada).get(f"/experiences/{told.id}/erasing")
    assert answer.headers["location"] == f"{Article.get().url}/erasing"
