"""Knowledge through HTTP: read, written, corrected, used."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences import decisions
from portal.models.experiences.experiences import Credit, Experience, ExperienceTopic
from portal.models.experiences.panels import topics_of
from portal.models.knowledge import audience, history
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from portal.models.products.products import Product
from tests.client import Client
from tests.conftest import SignIn
from tests.counting import MOST, queries

HTMX = {"HX-Request": "true"}
TWELFTH = datetime.fromisoformat("2026-05-12T02:00:00+00:00")


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    """Ada's, published."""
    body = "## Before\n\nAsk the owner.\n\n## After\n\nShow the flat."
    return Article.add(by=ada, title="Ask about the school place first", body=body, topics=[schools])


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.text


def test_versions_of_a_draft_stay_its_authors(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    """Nobody looked through them for personal data: with its publication they do not go out (RULES 4.10)."""
    made = Article.add(by=ada, title="标题", body="打 13800001234 找他", topics=[schools], published=False)
    made.edit(by=ada, body="先打电话。")
    made.fresh().publish(by=ada)
    made.fresh().edit(by=rita, body="先打电话，再上门。")
    hidden = ArticleVersion.get(ArticleVersion.number == 1)
    for person in (ben, rita, adam):
        client = sign_in(person)
        listed = page(client, f"{made.url}/versions")
        assert "13800001234" not in listed
        assert "先打电话。" in listed, "the version that was published, whole"
        assert client.get(f"{made.url}/versions/1").status_code == 404
        assert client.get(f"{made.url}/versions/2").status_code == 200
    assert sign_in(rita).post(f"{made.url}/versions/{hidden.id}/restoration").status_code == 404
    assert "13800001234" in page(sign_in(ada), f"{made.url}/versions/1")
    assert "13800001234" not in json.dumps([event.changes for event in Event.select()]), "nor in the log"


def test_an_article_reads_under_its_authors_name(
    sign_in: SignIn, ben: Person, article: Article, schools: Topic
) -> None:
    text = page(sign_in(ben), f"/articles/{article.id}")
    assert "Written by" in text
    assert f'href="/people/{article.author_id}">Ada</a>' in text
    assert '<a href="#part-1">Before</a>' in text
    assert '<h2 id="part-1">Before</h2>' in text
    assert f"/topics/{schools.id}" in text
    assert "Worked for me" in text


def test_the_proposers_name_and_day_stand_on_top_when_they_left(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    lesson = Experience.create(
        author=ada,
        kind_of="suggestion",
        state="accepted",
        title="材料拍成一张照片",
        action="前一天拍照。",
        first_submitted_at=TWELFTH,
        score=8250,
    )
    ExperienceTopic.create(experience=lesson, topic=schools)
    Credit.create(experience=lesson, person=ada, share=1_000_000)
    article = decisions.publish(lesson, lesson.credits(), topics_of(lesson.id), lesson.score)
    ada.edit(by=adam, name="李雷")
    ada.deactivate(by=adam)
    ben.edit(by=ben, locale="zh")
    client = sign_in(ben)
    text = page(client, f"/articles/{article.id}")
    top = text[
        text.index('class="byline-names"') : text.index("</header>", text.index('class="byline-names"'))
    ]
    assert "提出人：" in top
    assert "李雷" in top
    assert "2026-05-12" in top
    assert "82.5" in top
    assert client.get(f"/articles/of-experience/{lesson.id}").headers["location"] == f"/articles/{article.id}"


def test_the_list_narrows_sorts_and_pages(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, families: CustomerType, lakeside: Product
) -> None:
    client = sign_in(ben)
    assert "The shelf is empty" in page(client, "/articles")
    for number in range(23):
        with clock.moved(datetime(2026, 5, 1 + number, tzinfo=UTC)):
            Article.add(by=ada, title=f"Piece {number:02}", body="x", topics=[schools])
    loans = Topic.create(name="贷款", name_en="Loans")
    special = Article.add(
        by=ada, title="Special", body="x", topics=[loans], product=lakeside, customer_type=families
    )
    Use.say(special, by=ben)
    for query in (f"topic={loans.id}", f"product={lakeside.id}", f"type={families.id}", "q=Speci", "q=speci"):
        text = page(client, f"/articles?{query}")
        assert "Special" in text, query
        assert "Piece" not in text, query
    newest = page(client, "/articles")
    assert newest.index("Special") < newest.index("Piece 22") < newest.index("Piece 21")
    assert "Piece 03" not in newest
    after = newest.split("after=")[1].split('"')[0].split("&")[0]
    rest = page(client, f"/articles?after={after}")
    assert "Piece 03" in rest
    assert "Piece 22" not in rest
    assert page(client, "/articles?sort=-uses").index("Special") < newest.index("Piece")
    assert "Nothing here yet" in page(client, "/articles?q=nowhere")
    page(client, "/articles?topic=x&product=-1&type=9999999999999999999&kind=%00&sort=zzz&after=!!")


def test_writing_publishing_and_drafting(sign_in: SignIn, ada: Person, ben: Person, schools: Topic) -> None:
    client = sign_in(ada)
    assert "data-autosave" in page(client, "/articles/new")
    facts = {
        "title": "How to ask",
        "body": "**Ask** first.",
        "topics": str(schools.id),
        "freshness": "process",
    }
    answer = client.post("/articles/new", data=facts | {"publish": "yes"})
    made = Article.get(Article.title == "How to ask")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/articles/{made.id}")
    assert (made.state, made.author, made.topics, made.freshness) == ("published", ada, [schools], "process")
    client.post(
        "/articles/new", data={"title": "Later", "body": "", "freshness": "evergreen", "draft": "yes"}
    )
    draft = Article.get(Article.title == "Later")
    assert draft.state == "draft"
    assert "There is no text yet." in page(client, f"/articles/{draft.id}")
    assert sign_in(ben).get(f"/articles/{draft.id}").status_code == 404
    client.post(f"/articles/{draft.id}/publication")
    assert draft.fresh().state == "draft"
    draft.edit(by=ada, body="Text", topics=[schools])
    client.post(f"/articles/{draft.id}/publication")
    client.post(f"/articles/{draft.id}/publication")
    assert draft.fresh().state == "published"


def test_kind_and_audience_are_chosen_shown_and_listed(
    sign_in: SignIn, ada: Person, ben: Person, sales: Department, schools: Topic
) -> None:
    ben.write(title="Seller", department=sales)
    client = sign_in(ada)
    new = page(client, "/articles/new")
    assert re.search(r'<option selected value="">', new), "who begins with nothing says what it becomes"
    begun = page(client, "/articles/new?template=policy")
    assert re.search(r'<option selected value="policy">', begun)
    facts = {"title": "No pets", "body": "Holds from May.", "topics": str(schools.id), "publish": "yes"}
    facts["freshness"] = "price"
    refused = client.post("/articles/new", data=facts | {"kind_of": ""})
    assert refused.status_code == 422
    assert "Say what kind of knowledge it is." in refused.text
    named = ["job-Seller", f"department-{sales.id}", "job-Nobody"]
    client.post("/articles/new", data={**facts, "kind_of": "policy", "audience": named})
    made = Article.get()
    assert (made.kind_of, made.audience) == ("policy", named[:2]), "who is not here is not named"
    text = page(client, made.url)
    assert "?kind=policy" in text
    assert "?for=job-Seller" in text
    other = Article.add(by=ada, title="For all", body="x", topics=[schools])
    assert "Everybody" in page(client, other.url)
    for query, there in (
        ("kind=policy", "No pets"),
        ("kind=guide", "For all"),
        ("for=job-Seller", "No pets"),
    ):
        listed = page(client, f"/articles?{query}")
        assert [title in listed for title in ("No pets", "For all")] == [
            title == there for title in ("No pets", "For all")
        ]
    assert "No pets" in page(sign_in(ben), "/articles?for=me")
    assert "For all" not in page(sign_in(ben), "/articles?for=me")
    assert "No pets" in page(client, "/articles?for=nonsense")
    client = sign_in(ada)
    client.post(
        f"{made.url}/edit",
        data={**facts, "kind_of": "policy", "audience": "job-Seller", "version": made.version},
    )
    assert made.fresh().audience == ["job-Seller"]


def test_two_who_name_others_see_both(
    sign_in: SignIn, ada: Person, rita: Person, ben: Person, sales: Department, schools: Topic
) -> None:
    ben.write(title="Seller", department=sales)
    made = Article.add(by=ada, title="No pets", body="x", topics=[schools])
    client, path = sign_in(rita), f"{made.url}/edit"
    begun = re.search(r'name="begun" value="([^"]*)"', page(client, path))
    assert begun
    facts: dict[str, object] = {
        "title": "No pets",
        "body": "x",
        "topics": str(schools.id),
        "freshness": "evergreen",
    }
    facts |= {"kind_of": "guide", "version": made.version}
    made.edit(by=ada, audience=[audience.ReaderGroup(f"department-{sales.id}")])
    answer = client.post(path, data={**facts, "audience": "job-Seller", "begun": begun[1]})
    assert answer.status_code == 409
    assert sales.name_en in answer.text
    assert ">department-" not in answer.text


def test_bad_input_keeps_the_text_and_says_why(sign_in: SignIn, ada: Person) -> None:
    client = sign_in(ada)
    body = "Much that took an hour to write"
    for facts in (
        {"title": "", "body": body},
        {"title": "x" * 201, "body": body},
        {"title": "No topic", "body": body},
        {"title": "Which day?", "body": body, "freshness": "dated", "review_by": "31.31.2026"},
        {"title": "What class?", "body": body, "freshness": "eternal"},
    ):
        answer = client.post("/articles/new", data={"freshness": "evergreen", "publish": "yes"} | facts)
        assert answer.status_code == 422, facts
        assert body in answer.text
        assert 'class="field-error"' in answer.text
    assert not Article.select().exists()


def test_editing_is_for_authors_and_reviewers(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, stan: Person, audrey: Person, article: Article
) -> None:
    path = f"/articles/{article.id}/edit"
    for other in (ben, stan, audrey):
        client = sign_in(other)
        assert client.get(path).status_code == 403
        assert client.post(path, data={"title": "Mine", "body": "x"}).status_code == 403
        assert client.post(f"/articles/{article.id}/archiving").status_code == 403
    assert sign_in(audrey).get("/articles/new").status_code == 403
    assert article.fresh().title == article.title
    for one in (ada, rita):
        assert sign_in(one).get(path).status_code == 200


def test_an_edit_makes_a_version_and_a_stale_one_shows_both(
    sign_in: SignIn, ada: Person, rita: Person, article: Article, schools: Topic
) -> None:
    client, path = sign_in(ada), f"/articles/{article.id}/edit"
    facts = {"title": article.title, "topics": str(schools.id), "freshness": "evergreen"}
    sign_in(rita).post(path, data=facts | {"body": "Rita was quicker", "version": article.version})
    answer = client.post(path, data=facts | {"body": "Ada was slower", "version": article.version})
    assert answer.status_code == 409
    assert "Rita was quicker" in answer.text
    assert "Ada was slower" in answer.text
    assert article.fresh().body == "Rita was quicker"
    assert history.versions(article).count() == 2
    version = article.fresh().version
    assert client.post(path, data=facts | {"body": "Ada again", "version": version}).status_code == 303
    assert article.fresh().body == "Ada again"


def test_where_two_texts_of_one_article_differ_is_marked_to_the_word(
    sign_in: SignIn, ada: Person, rita: Person, article: Article, schools: Topic
) -> None:
    client, path = sign_in(ada), f"/articles/{article.id}/edit"
    lines = [f"Line {number}." for number in range(30)]
    facts = {"title": "先问孩子几岁", "topics": str(schools.id), "freshness": "evergreen"}
    article.edit(by=ada, body="\n".join(lines))
    opened = article.fresh().version
    body = "\n".join([*lines[:20], "Ask the owner.", *lines[21:]])
    sign_in(rita).post(path, data={**facts, "title": "先问孩子多大", "body": body, "version": opened})
    mine = "\n".join([*lines[:20], "Ask the tenant.", *lines[21:]])
    answer = client.post(path, data={**facts, "body": mine, "version": opened})
    assert answer.status_code == 409
    assert "先问孩子<del>多大</del>" in answer.text
    assert "先问孩子<ins>几岁</ins>" in answer.text
    shown = answer.text[answer.text.index('data-clash="body"') :].partition("</fieldset>")[0]
    assert "Ask the <del>owner</del>." in shown
    assert "Ask the <ins>tenant</ins>." in shown
    assert "lines stayed" in shown
    assert 'cell">Line 10.' not in shown
    assert mine in answer.text.replace("\r", ""), "what was typed stands in its field"
    stored = re.search(r'name="take-body" value="(\w+)"', shown)
    assert stored
    sent = {**facts, "body": mine, "version": article.fresh().version, "take-body": stored[1]}
    assert client.post(path, data=sent).status_code == 303
    assert (article.fresh().title, article.fresh().body) == ("先问孩子几岁", body)


def test_a_wrong_edit_is_undone_in_two_clicks(
    sign_in: SignIn, ada: Person, ben: Person, article: Article
) -> None:
    for body in ("two", "three", "wrong"):
        article.edit(by=ada, body=body)
    client = sign_in(ada)
    text = page(client, f"/articles/{article.id}/versions")
    third = next(version for version in history.versions(article) if version.number == 3)
    path = f"/articles/{article.id}/versions/{third.id}/restoration"
    assert f'action="{path}"' in text
    assert "<del>three</del>" in text
    assert "<ins>wrong</ins>" in text
    assert sign_in(ben).post(path).status_code == 403
    assert client.post(f"/articles/{article.id}/versions/999/restoration").status_code == 404
    assert client.post(path).status_code == 303
    assert client.post(path).status_code == 303
    assert (article.fresh().body, history.versions(article).first().number) == ("three", 5)


def test_worked_for_me_counts_once(sign_in: SignIn, ada: Person, ben: Person, article: Article) -> None:
    client, path = sign_in(ben), f"/articles/{article.id}/use"
    answer = client.post(path, headers=HTMX)
    assert answer.status_code == 200
    assert 'id="worked"' in answer.text
    assert "<title>" not in answer.text
    assert "worked for 1 colleague" in answer.text
    assert client.post(path).headers["location"] == f"/articles/{article.id}"
    assert (article.fresh().uses, Use.select().count()) == (1, 1)
    assert sign_in(ada).post(path).status_code == 403
    assert client.post("/articles/999/use").status_code == 404


def test_putting_away_hides_and_bringing_back_shows(
    sign_in: SignIn, ada: Person, ben: Person, article: Article, schools: Topic
) -> None:
    client = sign_in(ada)
    Article.add(by=ben, title="Ask for the place in May", body="x", topics=[schools])
    for _ in range(2):
        assert client.post(f"/articles/{article.id}/archiving").status_code == 303
    assert article.title not in page(client, "/articles")
    assert "This is archived" in page(client, f"/articles/{article.id}")
    followed = sign_in(ben).get(f"/articles/{article.id}")
    assert followed.status_code == 404
    for words in (article.title, "This was put away on", "Ask for the place in May"):
        assert words in followed.text, "a link to it says what it was, and what is read now"
    assert "Show the flat." not in followed.text
    for _ in range(2):
        assert client.post(f"/articles/{article.id}/restoring").status_code == 303
    assert article.fresh().state == "published"


def test_what_was_never_read_or_was_taken_back_is_not_named(
    sign_in: SignIn, ada: Person, ben: Person, article: Article, schools: Topic
) -> None:
    draft = Article.add(by=ada, title="Secret plan", body="x", topics=[schools], published=False)
    draft.archive(by=ada)
    article.revoke(by=ada)
    for each in (draft, article):
        answer = sign_in(ben).get(each.url)
        assert answer.status_code == 404
        assert each.title not in answer.text


def test_a_link_by_a_former_title_leads_there(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    made = Article.add(by=ada, title="Working title", body="x", topics=[schools], published=False)
    made.edit(by=ada, title="School places")
    made.fresh().publish(by=ada)
    made.fresh().edit(by=ada, title="Places at schools")

    def led(title: str) -> str:
        return str(sign_in(ben).get("/articles/titled", params={"title": title}).headers["location"])

    assert led("Places at schools") == led("School places") == made.url
    assert led("Working title").startswith("/search"), "what was a draft's is nobody else's"
    later = Article.add(by=ada, title="Places at schools", body="Last year's.", topics=[schools])
    later.end()
    assert led("Places at schools") == made.url, "not to what ended, which everyone may open still"


def test_pages_ask_the_database_little(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, rita: Person, article: Article, schools: Topic
) -> None:
    for number in range(15):
        other = Article.add(by=mona, title=f"Other {number}", body="x", topics=[schools])
        Use.say(other, by=ada)
    Use.say(article, by=mona)
    for path in ("/articles", f"/articles/{article.id}", f"/articles/{article.id}/versions", "/articles/new"):
        for person in (ben, rita):
            client = sign_in(person)
            client.get(path)
            with queries() as statements:
                page(client, path)
            assert len(statements) <= MOST, "\n".join([path, *statements])


def test_what_others_wrote_cannot_act(sign_in: SignIn, ada: Person, ben: Person, schools: Topic) -> None:
    body = "<script>alert(1)</script>\n\n[x](javascript:alert(1))"
    made = Article.add(by=ada, title="<b>bold</b>", body=body, topics=[schools])
    text = page(sign_in(ben), f"/articles/{made.id}")
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    assert "<b>bold</b>" not in text


def test_a_number_is_named_beside_its_field_and_a_name_may_stay_knowingly(
    sign_in: SignIn, ada: Person, article: Article
) -> None:
    Customer.create(name="韦小宝", form="person", owner=ada)
    client, path = sign_in(ada), f"/articles/{article.id}/edit"
    facts = {"title": "Ask", "topics": str(article.topic_ids[0]), "freshness": "evergreen"}
    facts["version"] = str(article.fresh().version)
    answer = client.post(path, data=facts | {"body": "call 13800001234 now"})
    assert answer.status_code == 422
    assert "phone number “13800001234” in “call 13800001234 now”" in answer.text
    assert 'name="names_checked"' not in answer.text
    answer = client.post(path, data=facts | {"body": "韦小宝 asks"})
    assert 'name="names_checked"' in answer.text
    assert client.post(path, data=facts | {"body": "韦小宝 asks", "names_checked": "y"}).status_code == 303


def test_a_draft_with_a_number_is_not_published_and_says_why(
    sign_in: SignIn, ada: Person, schools: Topic
) -> None:
    made = Article.add(by=ada, title="Ask", body="call 13800001234", topics=[schools], published=False)
    client = sign_in(ada)
    assert "phone number “13800001234”" in page(client, made.url)
    assert client.post(f"{made.url}/publication").status_code == 303
    assert made.fresh().state == "draft"


def test_personal_data_is_taken_out_by_a_page_of_its_own(
    sign_in: SignIn, ada: Person, ben: Person, article: Article
) -> None:
    Article.update(body="call 13800001234", html="<p>call 13800001234</p>").execute()
    client = sign_in(ada)
    assert f'href="{article.url}/erasing"' in page(client, f"{article.url}/versions")
    assert "13800001234" not in page(client, f"{article.url}/erasing")
    assert client.post(f"{article.url}/erasing", data={"words": "Ask first"}).status_code == 303
    assert "call 〔…〕" in page(client, article.url)
    assert sign_in(ben).post(f"{article.url}/erasing").status_code == 403


def test_the_page_of_versions_is_bounded_and_every_version_is_reached(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    """A new title and summary are changes too; what one changed is worked out when somebody looks."""
    lines = [f"Line {n}." for n in range(40)]
    made = Article.add(by=ada, title="Rates", body="\n".join(lines), topics=[schools])
    for number in range(2, 23):
        made.edit(by=ada, body="\n".join([*lines[:20], f"Changed {number}.", *lines[21:]]))
    made.edit(by=ada, title="New rates", summary="In short.")
    client = sign_in(ben)
    text = page(client, f"{made.url}/versions")
    assert "<ins>New" in text
    assert "<ins>In" in text
    assert text.count('class="beside"') == 1
    assert 'id="version-4"' in text
    assert 'id="version-3"' not in text
    older = page(client, f"{made.url}/versions?before=4")
    assert 'id="version-1"' in older
    assert "current version" not in older
    part = client.get(f"{made.url}/versions/9/changes", headers={"HX-Request": "true"}).text
    assert "<ins>9" in part
    assert "lines stayed" in part
    assert 'cell">Line 10.' not in part
    assert 'cell">Line 19.' in part
    assert "<html" not in part
    assert "Line 0." in page(client, f"{made.url}/versions/1/changes")
    assert client.get(f"{made.url}/versions/99/changes").status_code == 404
