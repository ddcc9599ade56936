"""The pages on which experiences are begun, written, handed in and answered."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from portal import clock
from portal.models.base.database import db, transact
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.experiences import process
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import Review, Revocation
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from tests.client import Client
from tests.conftest import SignIn
from tests.counting import queries

WORKS = {"title": "Ask first", "situation": "Four deals fell through.", "action": "Ask the owner first."}


@pytest.fixture
def draft(ada: Person) -> Experience:
    """Ada's suggestion, not written yet."""
    return Experience.begin(by=ada, kind="suggestion")


@pytest.fixture
def deal(ada: Person, families: CustomerType, lakeside: Product) -> Deal:
    customer = Customer.create(name="刘建国", form="person", type=families, owner=ada)
    return Deal.create(
        title="Liu buys Lakeside",
        customer=customer,
        product=lakeside,
        owner=ada,
        stage="won",
        amount=100,
        closed_on=clock.today(),
    )


def typed(experience: Experience, **values: Any) -> dict[str, Any]:
    return {"version": str(experience.fresh().version)} | values


def submitted(client: Client, experience: Experience, topic: Topic, **values: Any) -> Any:
    facts = typed(experience, topics=str(topic.id), **(WORKS | values))
    return client.post(f"/experiences/{experience.id}/submission", data=facts)


def decide(experience: Experience, verdict: str, score: int = 4, comment: str = "写清楚。") -> None:
    names = ("correct", "reusable", "new", "clear", "linked")
    for review in list(Review.select().where(Review.experience == experience)):
        process.complete(
            review, by=review.reviewer, scores=dict.fromkeys(names, score), verdict=verdict, comment=comment
        )


PAGES = ["/experiences", "/experiences/new", "/reviews"]


@pytest.mark.parametrize("path", [*PAGES, "/experiences/1", "/experiences/1/edit", "/reviews/1"])
def test_strangers_must_sign_in(client: Client, path: str) -> None:
    assert client.get(path).headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "path", ["/experiences/{id}", "/experiences/{id}/edit", "/experiences/{id}/revocation"]
)
def test_a_draft_does_not_exist_for_others(
    sign_in: SignIn, draft: Experience, ben: Person, mona: Person, adam: Person, path: str
) -> None:
    for person in (ben, mona, adam):
        client = sign_in(person)
        assert client.get(path.format(id=draft.id)).status_code == 404
        for change in ("edit", "draft", "submission", "withdrawal", "appeal", "revocation"):
            answer = client.post(f"/experiences/{draft.id}/{change}", data={"title": "Mine now"})
            assert answer.status_code == 404
    assert draft.fresh().title == ""


def test_an_empty_list_teaches(sign_in: SignIn, ada: Person) -> None:
    assert "Nothing written yet" in sign_in(ada).get("/experiences").text


def test_mine_are_listed_by_state_with_counts(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, rita: Person, rob: Person
) -> None:
    for number in range(3):
        Experience.begin(by=ada, kind="suggestion").save_draft(by=ada, title=f"Idea {number}")
    Experience.begin(by=ben, kind="suggestion").save_draft(by=ben, title="Ben's own")
    made = Experience.begin(by=ada, kind="suggestion")
    client = sign_in(ada)
    submitted(client, made, schools)
    page = client.get("/experiences").text
    assert "Idea 2" in page
    assert "Ben's own" not in page
    assert "Ben&#39;s own" not in page
    only = client.get("/experiences?state=submitted").text
    assert "Ask first" in only
    assert "Idea 1" not in only


def test_a_list_page_costs_at_most_12_queries(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    for number in range(30):
        Experience.begin(by=ada, kind="suggestion").save_draft(by=ada, title=f"Idea {number}")
    client = sign_in(ada)
    client.get("/experiences")
    with queries() as asked:
        client.get("/experiences")
    assert len(asked) <= 12


# ------------------------------------------------------------------ beginning


def test_closed_deals_of_mine_are_offered_for_their_debrief(
    sign_in: SignIn, ada: Person, ben: Person, deal: Deal
) -> None:
    assert deal.title in sign_in(ada).get("/experiences/new").text
    assert deal.title not in sign_in(ben).get("/experiences/new").text
    assert "Write the debrief" in sign_in(ada).get(f"/experiences/new?deal={deal.id}").text


@pytest.mark.parametrize("asked", ["0", "999999", "x", "-1", "9" * 30, "²"])
def test_a_deal_that_is_not_there_is_no_accident(sign_in: SignIn, ada: Person, asked: str) -> None:
    assert sign_in(ada).get(f"/experiences/new?deal={asked}").status_code == 200
    answer = sign_in(ada).post("/experiences/new", data={"kind": "debrief", "deal": asked})
    assert answer.status_code == 404


def test_beginning_a_debrief_twice_opens_the_same_draft(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    client, facts = sign_in(ada), {"kind": "debrief", "deal": str(deal.id)}
    first = client.post("/experiences/new", data=facts)
    assert (first.status_code, first.headers["location"]) == (
        303,
        client.post("/experiences/new", data=facts).headers["location"],
    )
    assert Experience.select().count() == 1
    assert "Lakeside Gardens" in client.get(first.headers["location"]).text


def test_a_debrief_of_anothers_deal_is_refused_with_the_reason(
    sign_in: SignIn, ben: Person, deal: Deal
) -> None:
    answer = sign_in(ben).post("/experiences/new", data={"kind": "debrief", "deal": str(deal.id)})
    assert answer.status_code == 422
    assert "by those who worked on the deal" in answer.text


@pytest.mark.parametrize("kind", ["", "poem"])
def test_an_unknown_kind_is_refused(sign_in: SignIn, ada: Person, kind: str) -> None:
    assert sign_in(ada).post("/experiences/new", data={"kind": kind}).status_code == 422


# ------------------------------------------------------------------ writing


def test_a_draft_survives_with_every_word(
    sign_in: SignIn, ada: Person, draft: Experience, schools: Topic, lakeside: Product
) -> None:
    client = sign_in(ada)
    facts = typed(
        draft,
        title="半成品",
        situation="**写到一半**\n\n第二段 😀",
        topics=str(schools.id),
        product=str(lakeside.id),
        co_author_1="ben@example.com",
        co_share_1="30",
    )
    assert client.post(f"/experiences/{draft.id}/edit", data=facts).status_code == 303
    found = draft.fresh()
    assert (found.title, found.situation, found.product_id) == (
        "半成品",
        "**写到一半**\n\n第二段 😀",
        lakeside.id,
    )
    page = client.get(f"/experiences/{draft.id}/edit").text
    for words in ("半成品", "第二段 😀", "ben@example.com", 'value="30"'):
        assert words in page


def test_autosave_keeps_the_draft_and_tells_what_is_missing(
    sign_in: SignIn, ada: Person, draft: Experience
) -> None:
    client = sign_in(ada)
    answer = client.post(
        f"/experiences/{draft.id}/draft",
        data=typed(draft, title="Ask first", action="Call 13812345678"),
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert 'id="lacking"' in answer.text
    assert "<html" not in answer.text
    assert "13812345678" in answer.text
    assert draft.fresh().title == "Ask first"
    assert answer.headers["X-Version"] == str(draft.fresh().version)


def test_who_names_a_file_reads_that_reviewers_cannot_open_it(
    sign_in: SignIn, ada: Person, draft: Experience, schools: Topic, rita: Person, rob: Person
) -> None:
    client, said = sign_in(ada), "Reviewers cannot open your file"
    assert said not in client.get(f"{draft.url}/edit").text
    facts = typed(draft, title="Show the plan", action="[The plan](/files/7) says more.")
    assert said in client.post(f"{draft.url}/draft", data=facts).text
    assert said in client.get(f"{draft.url}/edit").text
    submitted(client, draft, schools)
    assert said not in client.get(draft.url).text, "the text that went out names none"
    Experience.update(action="[The plan](/files/7)").where(Experience.id == draft.id).execute()
    assert said in client.get(draft.url).text, "it can still be withdrawn"


def test_a_second_tab_with_an_old_version_loses_nothing(
    sign_in: SignIn, ada: Person, draft: Experience
) -> None:
    client, old = sign_in(ada), typed(draft)
    draft.save_draft(by=ada, title="From the first tab")
    for path in ("draft", "edit", "submission"):
        answer = client.post(f"/experiences/{draft.id}/{path}", data=old | {"title": "From the second tab"})
        assert answer.status_code == 409
    assert draft.fresh().title == "From the first tab"
    assert "From the second tab" in answer.text
    assert "From the first tab" in answer.text


def test_in_chinese_no_blank_parts_two_sentences(sign_in: SignIn, ada: Person) -> None:
    ada.write(locale="zh")
    draft = Experience.begin(by=ada, kind="question")
    browser = sign_in(ada)
    pages = [browser.get(f"{draft.url}/edit").text, browser.get(f"/people/{ada.id}/badges").text]
    for page, said in zip(pages, ("除不尽的归你。积分和提成", "只有你自己看得到。匿名选出"), strict=True):
        assert said in page


def test_a_draft_without_a_title_is_found_by_its_first_words(sign_in: SignIn, ada: Person) -> None:
    draft = Experience.begin(by=ada, kind="question")
    draft.save_draft(by=ada, doubt="Is it loud & far?")
    browser = sign_in(ada)
    for path in ("/experiences", f"{draft.url}/edit", "/needs-me"):
        assert "Draft without a title, “Is it loud &amp; far?”" in browser.get(path).text, path
    ada.write(locale="zh")
    assert "没有标题的草稿“Is it loud &amp; far?”" in browser.get("/needs-me").text


def test_too_long_a_title_is_refused_with_the_text_kept(
    sign_in: SignIn, ada: Person, draft: Experience
) -> None:
    answer = sign_in(ada).post(
        f"/experiences/{draft.id}/edit", data=typed(draft, title="x" * 201, action="kept")
    )
    assert answer.status_code == 422
    assert "x" * 201 in answer.text
    assert "kept" in answer.text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**重点：**要快", "<strong>重点：</strong>要快"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<table>"),
    ],
)
def test_the_preview_shows_what_will_be_published(sign_in: SignIn, ada: Person, text: str, html: str) -> None:
    client = sign_in(ada)
    assert html in client.post("/preview?part=action", data={"action": text, "lesson": "other"}).text
    assert html in client.post("/preview", data={"body": text}).text
    assert "<script" not in client.post("/preview", data={"body": text}).text


# ------------------------------------------------------------------ handing in


@pytest.mark.parametrize(
    ("state", "appealed", "english", "chinese"),
    [
        ("submitted", None, "Withdraw it on its page", "撤回"),
        ("accepted", None, "is an article now", "改进那篇文章"),
        ("merged", None, "merged into another experience", "提出修改建议"),
        ("rejected", None, "Appeal once on its page", "申诉一次"),
        ("rejected", 1, "Write a new one", "另写一条"),
    ],
)
def test_what_stands_says_why_and_what_can_be_done(
    sign_in: SignIn, ada: Person, state: str, appealed: int | None, english: str, chinese: str
) -> None:
    """The page that saves by itself, and the button, in the language of who writes; nothing is changed."""
    one = Experience.create(
        author=ada, kind_of="suggestion", state=state, first_submitted_at=clock.now(), appeal_round=appealed
    )
    browser = sign_in(ada)
    for language, words in (("en", english), ("zh", chinese)):
        Person.update(locale=language).where(Person.id == ada.id).execute()
        for path in ("draft", "edit"):
            answer = browser.post(f"{one.url}/{path}", data=typed(one, title="Late", action="Too late"))
            assert answer.status_code == 422
            assert words in answer.text
    assert one.fresh().title == ""


def test_submitting_leads_to_the_page_that_says_what_comes_next(
    sign_in: SignIn, ada: Person, draft: Experience, schools: Topic, rita: Person, rob: Person
) -> None:
    client = sign_in(ada)
    answer = submitted(client, draft, schools)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/experiences/{draft.id}")
    assert draft.fresh().state == "submitted"
    page = client.get(f"/experiences/{draft.id}").text
    assert "2 reviewers read it without your name" in page
    assert "Rita" not in page
    assert submitted(client, draft, schools).status_code == 303
    assert client.get(f"/experiences/{draft.id}/edit").status_code == 303
    assert Review.select().count() == 2


def test_what_is_missing_is_said_beside_its_field_and_the_draft_is_kept(
    sign_in: SignIn, ada: Person, draft: Experience, schools: Topic
) -> None:
    client = sign_in(ada)
    answer = submitted(client, draft, schools, situation="", lesson="Half a sentence")
    assert answer.status_code == 422
    assert 'id="situation-error"' in answer.text
    assert (draft.fresh().state, draft.fresh().lesson) == ("draft", "Half a sentence")
    # the page goes on from the version just kept
    again = client.post(
        f"/experiences/{draft.id}/submission", data=typed(draft, topics=str(schools.id), **WORKS)
    )
    assert again.status_code == 303


def test_personal_data_is_named_beside_its_field(
    sign_in: SignIn, ada: Person, draft: Experience, schools: Topic
) -> None:
    answer = submitted(sign_in(ada), draft, schools, action="Call 13812345678 first", names_checked="y")
    assert answer.status_code == 422
    assert 'id="action-error"' in answer.text
    assert "phone number “13812345678”" in answer.text
    assert draft.fresh().state == "draft"


def test_a_near_duplicate_is_asked_about_once(
    sign_in: SignIn, ada: Person, ben: Person, draft: Experience, schools: Topic
) -> None:
    submitted(sign_in(ada), draft, schools)
    mine, client = Experience.begin(by=ben, kind="suggestion"), sign_in(ben)
    answer = submitted(client, mine, schools)
    assert answer.status_code == 422
    assert "Improve that one instead?" in answer.text
    assert 'name="duplicate_checked"' in answer.text
    assert f"/experiences/{draft.id}" not in answer.text  # in review: nobody else's to see
    assert submitted(client, mine, schools, duplicate_checked="y").status_code == 303


def test_who_says_no_shares_shares_alike_and_no_point_is_made_of_thirds(
    sign_in: SignIn,
    ada: Person,
    ben: Person,
    stan: Person,
    rita: Person,
    rob: Person,
    draft: Experience,
    schools: Topic,
) -> None:
    """A third is 333,333 millionths, what is over is the author's; of 20 points 6.67 each: 7, 7 and 6."""
    client = sign_in(ada)
    assert submitted(client, draft, schools, co_author_1="Ben", co_author_9="Stan").status_code == 303
    shares = {credit.person_id: credit.share for credit in Credit.select()}
    assert shares == {ada.id: 333_334, ben.id: 333_333, stan.id: 333_333}
    for person in (ben, stan):
        process.agree_to_share(draft.fresh(), by=person)
    decide(draft, "accept")
    assert [PointEntry.total(person) for person in (ada, ben, stan)] == [7, 7, 6]


def test_co_authors_are_named_by_name_or_e_mail(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, draft: Experience, schools: Topic
) -> None:
    client = sign_in(ada)
    wrong = submitted(client, draft, schools, co_author_1="Nobody", co_share_1="30")
    assert wrong.status_code == 422
    assert 'id="co_author_1-error"' in wrong.text
    two = {"co_author_1": "Ben", "co_share_1": "", "co_author_9": "Stan", "co_share_9": "5"}
    assert 'id="co_share_1-error"' in submitted(client, draft, schools, **two).text
    nothing = submitted(client, draft, schools, co_author_1="Ben", co_share_1="0")
    assert 'id="co_share_1-error"' in nothing.text, "nothing is not a half"
    seventh = {"co_author_1": "", "co_share_1": "", "co_author_7": "Nobody", "co_share_7": "5"}
    hidden = submitted(client, draft, schools, **seventh).text
    assert 'id="co_author_7-error"' in hidden
    assert hidden.index("<details open>") < hidden.index('id="co_author_7-error"')
    twice = {"co_author_1": "Ben", "co_share_1": "5", "co_author_2": "ben@example.com", "co_share_2": "5"}
    assert 'id="co_author_2-error"' in submitted(client, draft, schools, **twice).text
    right = submitted(
        client,
        draft,
        schools,
        co_author_1="Ben",
        co_share_1="30",
        co_author_2="stan@example.com",
        co_share_2="5",
    )
    assert right.status_code == 303
    assert {c.person_id: c.share for c in Credit.select()} == {
        ada.id: 650_000,
        ben.id: 300_000,
        stan.id: 50_000,
    }
    assert sign_in(ben).get(f"/experiences/{draft.id}").status_code == 404
    assert "with 30 %" in sign_in(ben).get(f"/experiences/{draft.id}/co-author").text
    assert sign_in(ada).get(f"/experiences/{draft.id}/co-author").status_code == 200
    assert sign_in(ben).post(f"/experiences/{draft.id}/co-author", data={"agrees": "yes"}).status_code == 303
    assert sign_in(stan).post(f"/experiences/{draft.id}/co-author", data={"agrees": "no"}).status_code == 303
    assert sign_in(stan).get(f"/experiences/{draft.id}/co-author").status_code == 404
    assert sign_in(ben).get(f"/experiences/{draft.id}").status_code == 200
    assert sign_in(ben).post(f"/experiences/{draft.id}/withdrawal").status_code == 403


# ------------------------------------------------------------------ answered


@pytest.fixture
def pending(
    sign_in: SignIn, ada: Person, rita: Person, rob: Person, draft: Experience, schools: Topic
) -> Experience:
    """Ada's suggestion, with Rita and Rob."""
    submitted(sign_in(ada), draft, schools)
    return draft.fresh()


def test_the_author_sees_the_outcome_without_the_reviewers_names(
    sign_in: SignIn, ada: Person, pending: Experience
) -> None:
    decide(pending, "revise", 3, "- 写上日期")
    page = sign_in(ada).get(f"/experiences/{pending.id}").text
    assert "The reviewers ask for changes" in page
    assert "写上日期" in page
    assert "Rita" not in page
    assert "Rob" not in page


def test_while_in_review_the_author_sees_no_scores(
    sign_in: SignIn, ada: Person, rita: Person, pending: Experience
) -> None:
    review = Review.get(Review.reviewer == rita)
    names = ("correct", "reusable", "new", "clear", "linked")
    process.complete(review, by=rita, scores=dict.fromkeys(names, 1), verdict="reject", comment="早了点")
    page = sign_in(ada).get(f"/experiences/{pending.id}").text
    assert "早了点" not in page
    assert "How it was judged" not in page


def test_accepted_others_are_led_to_the_article(
    sign_in: SignIn, ada: Person, stan: Person, pending: Experience
) -> None:
    decide(pending, "accept")
    article = Article.get()
    answer = sign_in(stan).get(f"/experiences/{pending.id}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/articles/{article.id}")
    assert f"/articles/{article.id}" in sign_in(ada).get(f"/experiences/{pending.id}").text


def test_withdrawing_twice_is_harmless(sign_in: SignIn, ada: Person, pending: Experience) -> None:
    client = sign_in(ada)
    for _ in range(2):
        assert client.post(f"/experiences/{pending.id}/withdrawal").status_code == 303
    assert pending.fresh().state == "withdrawn"


def test_after_the_decision_nothing_is_withdrawn(sign_in: SignIn, ada: Person, pending: Experience) -> None:
    decide(pending, "accept")
    assert sign_in(ada).post(f"/experiences/{pending.id}/withdrawal").status_code == 303
    assert pending.fresh().state == "accepted"


def test_an_appeal_needs_a_reason_and_is_one(
    sign_in: SignIn, ada: Person, pending: Experience, rosa: Person
) -> None:
    decide(pending, "reject", 1)
    client, path = sign_in(ada), f"/experiences/{pending.id}"
    assert "You can appeal once" in client.get(path).text
    empty = client.post(f"{path}/appeal", data={"reason": ""})
    assert empty.status_code == 422
    assert client.post(f"{path}/appeal", data={"reason": "The law is cited."}).status_code == 303
    assert client.post(f"{path}/appeal", data={"reason": "Again"}).status_code == 303
    assert pending.fresh().state == "submitted"
    assert "The law is cited." in sign_in(rosa).get("/reviews").text


def test_revoking_is_for_administrators_and_the_authors_managers(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, adam: Person, pending: Experience
) -> None:
    decide(pending, "accept")
    path = f"/experiences/{pending.id}/revocation"
    for person in (ada, ben, rita):
        assert sign_in(person).get(path).status_code == 403
        assert sign_in(person).post(path, data={"reason": "false", "note": "x"}).status_code == 403
    client = sign_in(adam)
    assert client.get(path).status_code == 200
    wrong = client.post(path, data={"reason": "false", "note": ""})
    assert wrong.status_code == 422
    for _ in range(2):
        assert client.post(path, data={"reason": "false", "note": "Never happened."}).status_code == 303
    assert Revocation.select().count() == 1
    assert "Never happened." in sign_in(ada).get(f"/experiences/{pending.id}").text


def test_a_number_is_kept_on_the_contact_by_one_click(
    sign_in: SignIn, ada: Person, deal: Deal, schools: Topic
) -> None:
    assert deal.customer is not None
    contact = Contact.add(deal.customer, by=ada, name="韦小宝")
    made, client = Experience.begin(by=ada, kind="debrief", deal=deal), sign_in(ada)
    text = "打 13800001234 找他"
    page = client.post(
        f"/experiences/{made.id}/submission", data=typed(made, action=text, topics=str(schools.id))
    ).text
    assert f'value="action:2:{contact}"' in page
    answer = client.post(
        f"/experiences/{made.id}/contact",
        data=typed(made, action=text, title="写到一半", keep=f"action:2:{contact}"),
    )
    assert answer.status_code == 303
    assert (made.fresh().action, made.fresh().title) == ("打 〔…〕 找他", "写到一半")
    assert contact.fresh().phone == "13800001234"
    assert (
        client.post(f"/experiences/{made.id}/contact", data=typed(made, keep="nonsense")).status_code == 303
    )


def test_what_is_published_is_improved_from_its_own_page(
    sign_in: SignIn, ada: Person, ben: Person, audrey: Person, pending: Experience
) -> None:
    """Its text is there already, twice is one draft, and submitting it asks whether it goes into that one."""
    decide(pending, "accept")
    article = Article.get(Article.origin == pending.id)
    assert 'name="improves"' not in sign_in(ada).get(article.url).text, "her own"
    client = sign_in(ben)
    assert f'name="improves" value="{pending.id}"' in client.get(article.url).text
    begun = {
        client.post("/experiences/new", data={"improves": str(pending.id)}).headers["location"] for _ in "12"
    }
    assert len(begun) == 1
    mine = Experience.get(Experience.author == ben)
    assert (mine.title, mine.action, mine.topics) == (pending.title, pending.action, pending.topics)
    facts = {"topics": [str(each.id) for each in mine.topics], "version": str(mine.version)}
    page = client.post(f"{mine.url}/submission", data=WORKS | facts).text
    assert 'name="improvement" value="y"' in page
    assert f"Hand it in to improve “{pending.title}”" in page, "the button says into what it goes"
    article.archive(by=ada)
    for ident in (pending.id, mine.id, 0, 10**30):
        assert client.post("/experiences/new", data={"improves": str(ident)}).status_code == 404
    assert sign_in(audrey).post("/experiences/new", data={"improves": str(pending.id)}).status_code == 403


def test_nobody_who_writes_waits_while_it_is_looked_for_what_a_text_repeats(
    app: Any, sign_in: SignIn, ada: Person, draft: Experience, schools: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes while search compares; and what came of that is handed in with the rest."""
    search, wrote = app.state.search, list[bool]()

    def compared(experience: Experience) -> list[int]:
        def write() -> None:
            transact(lambda: Person.update(title="Seller").where(Person.id == ada.id).execute())
            db.close()

        thread = Thread(target=write)
        thread.start()
        thread.join(timeout=3)
        wrote.append(not thread.is_alive())
        found: list[int] = type(search).repeated(search, experience)
        return found

    monkeypatch.setattr(search, "repeated", compared)
    assert submitted(sign_in(ada), draft, schools).status_code == 303
    assert (wrote, draft.fresh().state) == ([True], "submitted")


def test_what_is_written_in_another_tab_meanwhile_is_not_handed_in_unread(
    app: Any, sign_in: SignIn, ada: Person, draft: Experience, schools: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at is one text, and what stands there by then another: nothing of it goes out."""
    search = app.state.search

    def compared(experience: Experience) -> list[int]:
        later = draft.fresh()
        writing = Thread(target=write, args=[later])
        writing.start()
        writing.join(timeout=3)
        return []

    def write(later: Experience) -> None:
        transact(lambda: later.save_draft(by=ada, title="Call 13812345678"))
        db.close()

    monkeypatch.setattr(search, "repeated", compared)
    answer = submitted(sign_in(ada), draft, schools)
    assert answer.status_code == 409
    assert (draft.fresh().state, draft.fresh().title) == ("draft", "Call 13812345678")


def test_the_page_says_who_will_read_it_and_names_nobody(
    sign_in: SignIn, ada: Person, rita: Person, draft: Experience, schools: Topic
) -> None:
    html = sign_in(ada).get(f"{draft.url}/edit").text
    assert "2 reviewers of its topics read it, without your name" in html
    assert rita.name not in html.replace(rita.email, "").partition("<datalist")[0]
