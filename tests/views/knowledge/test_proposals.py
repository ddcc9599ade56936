"""Approval and suggestions through HTTP: asked, read beside what changes, answered, sent back."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from portal import clock
from portal.models.company.topics import Topic
from portal.models.knowledge import history, proposals
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.models.people.sessions import close_account
from portal.search import searcher
from tests.client import Client
from tests.conftest import SignIn
from tests.counting import MOST, queries

HIDDEN = ("password", "current_password", "confirm_proof", "confirm_answer", "token", "opened")
TEXT = {"title": "Ask first", "body": "Zanzibar comes first.", "freshness": "evergreen"}


@pytest.fixture(autouse=True)
def rule(schools: Topic, adam: Person, sign_in: SignIn) -> TopicRule:
    """Chosen on the topic's page by an administrator."""
    sent = {"way": "expert"}
    answer = sign_in(adam).post(f"/topics/{schools.id}/rule", data=sent)
    assert answer.status_code == 303
    return TopicRule.get()


def page(client: Client, path: str) -> str:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    return answer.text


def published(by: Client, topic: Topic, expert: Person) -> Article:
    by.post("/articles/new", data={**TEXT, "topics": str(topic.id), "publish": "yes"})
    Proposal.get().approve(by=expert)
    return Article.get()


def test_the_flow_works_as_it_comes(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """S58: submitted, approved by an expert, read by all; nobody finds it before."""
    author, expert, reader = sign_in(ada), sign_in(rita), sign_in(ben)
    sent = {**TEXT, "topics": str(schools.id), "publish": "yes"}
    answer = author.post("/articles/new", data=sent, follow_redirects=True)
    assert "It waits for approval. Nothing changes for readers until then." in answer.text
    article, proposal = Article.get(), Proposal.get()
    for path in (
        "/articles",
        "/search?q=Zanzibar",
        "/search/suggest?q=Zanzibar",
        f"/topics/{schools.id}",
        "/",
    ):
        searcher.here().feed.drain()
        assert "Zanzibar comes" not in page(reader, path), path
        assert "Ask first" not in page(reader, path), path
    assert reader.get(article.url).status_code == reader.get(proposal.url).status_code == 404
    assert "Zanzibar comes first." in page(expert, proposal.url)
    assert "Approve: Ask first" in page(expert, "/needs-me")
    answer = expert.post(f"{proposal.url}/approval", data={"edition": "1"}, follow_redirects=True)
    assert "Approved. Everyone reads it now." in answer.text
    searcher.here().feed.drain()
    assert "Zanzibar comes first." in page(reader, article.url)
    assert "Approved by Rita on" in page(reader, article.url)
    assert "Ask first" in page(reader, "/search?q=Zanzibar")


def test_an_edit_waits_and_is_answered_where_it_waits(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    author, expert = sign_in(ada), sign_in(rita)
    article = published(author, schools, rita)
    sent = {**TEXT, "body": "Madagascar comes first.", "topics": str(schools.id), "note": "It moved."}
    answer = author.post(
        f"{article.url}/edit", data={**sent, "version": str(article.version)}, follow_redirects=True
    )
    assert "A change waits for approval" in answer.text
    assert "Madagascar" not in page(sign_in(ben), article.url)
    assert "A change waits" not in page(sign_in(ben), article.url)
    assert (
        f"/proposals/{Proposal.get(Proposal.state == 'waiting').id}/edit"
        in author.get(f"{article.url}/edit").headers["location"]
    )
    waits = page(expert, "/needs-me")
    assert "Why: It moved." in waits
    assert "“Zanzibar comes first.” → “Madagascar comes first.”" in waits
    (need,) = needs(rita)
    answer = expert.post(f"/needs-me/{need.id}/answer", data={"answer": "return", "text": "Name the day."})
    assert Proposal.get(Proposal.sort == "change").reason == "Name the day."
    assert "Name the day." in page(author, article.url)
    assert Article.get().body == "Zanzibar comes first."


def test_what_is_sent_back_without_a_reason_keeps_the_page(
    sign_in: SignIn, ada: Person, rita: Person, schools: Topic
) -> None:
    sign_in(ada).post("/articles/new", data={**TEXT, "topics": str(schools.id), "publish": "yes"})
    url = Proposal.get().url
    answer = sign_in(rita).post(f"{url}/refusal", data={"edition": "1", "reason": ""})
    assert answer.status_code == 422
    assert Proposal.get().is_waiting
    assert sign_in(ada).post(f"{url}/approval", data={"edition": "1"}).status_code == 403
    assert sign_in(ada).post(f"{url}/withdrawal").status_code == 303
    assert Proposal.get().state == "withdrawn"


def test_an_answer_to_an_older_text_is_none(
    sign_in: SignIn, ada: Person, rita: Person, schools: Topic
) -> None:
    """Two tabs: the expert reads, the author writes on, the expert presses."""
    author, expert = sign_in(ada), sign_in(rita)
    author.post("/articles/new", data={**TEXT, "topics": str(schools.id), "publish": "yes"})
    proposal, article = Proposal.get(), Article.get()
    sent = {**TEXT, "body": "Never ask.", "topics": str(schools.id), "version": str(article.version)}
    author.post(f"{article.url}/edit", data=sent)
    answer = expert.post(f"{proposal.url}/approval", data={"edition": "1"}, follow_redirects=True)
    assert "It was changed meanwhile: read the newest text first." in answer.text
    assert Article.get().state == "draft"


def test_a_reader_suggests_and_both_texts_are_shown_where_it_moved_on(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person
) -> None:
    free = Topic.create(name="其他", name_en="Other")
    article = Article.add(by=ada, title="Ask first", body="One.\n\nTwo.", topics=[free])
    reader, author = sign_in(ben), sign_in(ada)
    assert "Suggest a change" in page(reader, article.url)
    assert "Suggest a change" not in page(author, article.url)
    nothing = reader.post(f"{article.url}/suggestion", data={"title": "Ask first", "body": "One.\n\nTwo."})
    assert nothing.status_code == 422
    sent = {"title": "Ask first", "body": "One.\n\nThree."}
    assert reader.post(f"{article.url}/suggestion", data=sent).status_code == 303
    proposal = Proposal.get()
    article.fresh().edit(by=ada, body="Zero.\n\nTwo.")
    shown = page(author, proposal.url)
    assert "The text moved on since this was written" in shown
    assert "<ins>Zero</ins>" in shown
    assert "<ins>Three</ins>" in shown
    refused = author.post(f"{proposal.url}/approval", data={"edition": "1"}, follow_redirects=True)
    assert "Carry the change over" in refused.text
    sent = {"title": "Ask first", "body": "Zero.\n\nThree.", "version": str(proposal.fresh().version)}
    assert reader.post(f"{proposal.url}/edit", data=sent).status_code == 303
    author.post(f"{proposal.url}/approval", data={"edition": "2"})
    assert article.fresh().body == "Zero.\n\nThree."
    assert "Improved by" in page(reader, article.url)


def test_what_was_written_on_an_older_text_says_so_whichever_page_it_was_written_in(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    """Else whoever accepts it takes back, unseen, what changed while it was written."""
    free = Topic.create(name="其他", name_en="Other")
    article = Article.add(by=ada, title="Ask first", body="One.", topics=[free])
    reader = sign_in(ben)

    def opened(path: str) -> dict[str, str]:
        text = page(reader, path)
        return {
            n: v for n in ("number", "version") for v in re.findall(rf'name="{n}"[^>]*value="(\d+)"', text)
        }

    begun = opened(f"{article.url}/suggestion")
    article.fresh().edit(by=ada, body="Quite another text.")
    reader.post(f"{article.url}/suggestion", data={"title": "Ask first", "body": "One. And two.", **begun})
    made = Proposal.get()
    assert (made.base_number, made.has_moved) == (1, True)
    begun = opened(f"{made.url}/edit")
    article.fresh().edit(by=ada, body="Quite another text, once more.")
    late = {"title": "Ask first", "body": "Quite another text. And two.", **begun}
    assert reader.post(f"{made.url}/edit", data=late).status_code == 303
    assert (made.fresh().base_number, made.fresh().has_moved) == (2, True)
    carried = {**late, "body": "Quite another text, once more. And two.", **opened(f"{made.url}/edit")}
    assert reader.post(f"{made.url}/edit", data=carried).status_code == 303
    made.fresh().approve(by=ada)
    assert article.fresh().body == "Quite another text, once more. And two."


def test_who_may_not_sees_nothing_and_changes_nothing(
    sign_in: SignIn, ada: Person, stan: Person, audrey: Person, rita: Person, schools: Topic
) -> None:
    article = published(sign_in(ada), schools, rita)
    proposals.change(article, by=ada, body="Other.")
    waiting = Proposal.get(Proposal.state == "waiting")
    for person in (stan, audrey):
        client = sign_in(person)
        assert client.get(waiting.url).status_code == 404
        for act in ("approval", "refusal", "withdrawal"):
            assert (
                client.post(f"{waiting.url}/{act}", data={"edition": "1", "reason": "No."}).status_code == 404
            )
    assert sign_in(audrey).get(f"{article.url}/suggestion").status_code == 403
    assert sign_in(stan).post(f"/topics/{schools.id}/rule", data={"way": "none"}).status_code == 403
    assert sign_in(rita).get(f"/topics/{schools.id}/rule").status_code == 403
    two = sign_in(ada).post(f"/topics/{schools.id}/rule", data={"way": "two"})
    assert two.status_code == 403


def test_two_steps_need_an_owner(sign_in: SignIn, adam: Person, schools: Topic, rule: TopicRule) -> None:
    sent = {"way": "two", "version": str(rule.version)}
    answer = sign_in(adam).post(f"/topics/{schools.id}/rule", data=sent)
    assert answer.status_code == 422
    assert "Say whom the topic belongs to" in answer.text
    assert TopicRule.get().way == "expert"


def test_pages_ask_little(sign_in: SignIn, ada: Person, rita: Person, schools: Topic) -> None:
    article = published(sign_in(ada), schools, rita)
    proposals.change(article, by=ada, body="Other.")
    waiting = Proposal.get(Proposal.state == "waiting")
    client = sign_in(rita)
    for path in (article.url, f"{article.url}/versions", waiting.url):
        with queries() as asked:
            page(client, path)
        assert len(asked) <= MOST, path


def test_an_article_begins_from_a_template_and_goes_out_on_its_day(
    sign_in: SignIn, ada: Person, adam: Person
) -> None:
    free, author = Topic.create(name="其他", name_en="Other"), sign_in(ada)
    begun = page(author, "/articles/new?template=guide")
    assert "## Steps" in begun
    sent = {"name": "Weekly", "body": "## This week", "freshness": "process"}
    assert sign_in(adam).post("/admin/templates/new", data=sent).status_code == 303
    assert "Weekly" in page(author, "/articles/new")
    assert author.post("/admin/templates/new", data=sent).status_code == 403
    later = {**TEXT, "topics": str(free.id), "publish": "yes", "publish_on": "2099-05-12"}
    answer = author.post("/articles/new", data=later, follow_redirects=True)
    assert "It is published on 2099-05-12" in answer.text
    assert Article.get().state == "draft"
    wrong = {**later, "title": "Other", "ends_on": "2099-05-11"}
    answer = author.post("/articles/new", data=wrong)
    assert answer.status_code == 422
    assert "Its last day lies before its first." in answer.text


def test_a_topic_is_followed_on_its_page(sign_in: SignIn, ben: Person, schools: Topic) -> None:
    reader = sign_in(ben)
    assert "Follow" in page(reader, f"/topics/{schools.id}")
    for _ in range(2):
        reader.post(f"/topics/{schools.id}/follow")
    assert "Stop following" in page(reader, f"/topics/{schools.id}")
    assert "You hear of what is for everybody" not in page(reader, f"/topics/{schools.id}")
    ben.write(title="Seller")
    for _ in range(2):
        reader.post(f"/topics/{schools.id}/follow", data={"narrowed": "yes"})
    text = " ".join(page(reader, f"/topics/{schools.id}").split())
    assert "You hear of what is for everybody and for Seller" in text
    reader.post(f"/topics/{schools.id}/follow", data={"narrowed": "no"})
    assert "Only what is for me" in page(reader, f"/topics/{schools.id}")
    reader.post(f"/topics/{schools.id}/follow/withdrawal")
    assert "Stop following" not in page(reader, f"/topics/{schools.id}")
    assert "Only what is for me" not in page(reader, f"/topics/{schools.id}")


def test_what_was_read_on_a_day(sign_in: SignIn, ada: Person, ben: Person) -> None:
    free, author = Topic.create(name="其他", name_en="Other"), sign_in(ada)
    days = ["2026-05-11", "2026-05-13"]
    with clock.moved(datetime.fromisoformat(f"{days[0]}T23:30:00+08:00")):
        article = Article.add(by=ada, title="Rates", body="Three percent.", topics=[free])
    with clock.moved(datetime.fromisoformat(f"{days[1]}T09:00:00+08:00")):
        article.edit(by=ada, body="Four percent.")
        for person, day, said in (
            (ben, "2026-05-10", "There was nothing to read of it on that day."),
            (ben, "2026-05-11", "Three percent."),
            (ben, "2026-05-12", "Three percent."),
            (ada, "2026-05-13", "Four percent."),
            (ada, "2026-05-14", "There was nothing to read of it on that day."),
            (ada, "soon", "There was nothing to read of it on that day."),
        ):
            address = f"{article.url}/version-on-a-day?day={day}"
            assert said in page(sign_in(person), address), day
    led = author.get(f"{article.url}/version-on-a-day?day=2026-05-12").headers["location"]
    assert led.endswith("/versions/1?day=2026-05-12")
    said = "This is what everyone read at the end of"
    assert said in page(author, led)
    for other in ("", "?day=2026-05-14", "?day=soon", "?day=9999-12-31"):
        assert said not in page(author, f"{article.url}/versions/1{other}"), "of no other day"


def test_two_tabs_of_one_person_lose_no_words(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """What waits is written on where both changed other parts, and shown beside it where they changed the same."""
    author = sign_in(ada)
    article = published(author, schools, rita)
    begun = re.search(r'name="begun" value="([^"]+)"', page(author, f"{article.url}/edit"))
    assert begun is not None
    sent = {**TEXT, "summary": "", "topics": str(schools.id), "begun": begun[1]}
    sent["version"] = str(article.version)
    first = {**sent, "body": "Tab one.", "note": "It moved."}
    assert author.post(f"{article.url}/edit", data=first).status_code == 303
    assert author.post(f"{article.url}/edit", data=first).status_code == 303  # a double click
    held = Proposal.get(Proposal.state == "waiting")
    assert (held.edition, held.body) == (1, "Tab one.")
    assert author.post(f"{article.url}/edit", data={**sent, "title": "Ask twice"}).status_code == 303
    held = held.fresh()
    assert (held.title, held.body, held.note) == ("Ask twice", "Tab one.", "It moved.")
    both = author.post(f"{article.url}/edit", data={**sent, "body": "Tab two."})
    assert both.status_code == 409
    assert "Tab one." in both.text
    assert "Tab two." in both.text
    assert f'action="{held.url}/edit"' in both.text
    blind = author.post(f"{article.url}/edit", data={**TEXT, "body": "Tab three.", "topics": str(schools.id)})
    assert blind.status_code == 409
    assert held.fresh().body == "Tab one."


def test_an_old_version_is_not_put_over_what_waits(
    sign_in: SignIn, ada: Person, rita: Person, schools: Topic
) -> None:
    author = sign_in(ada)
    article = published(author, schools, rita)
    proposals.change(article, by=ada, body="Two.")
    Proposal.get(Proposal.state == "waiting").approve(by=rita)
    proposals.change(article.fresh(), by=ada, body="Three.")
    old = history.versions(article).where(ArticleVersion.number == 1).get()
    answer = author.post(url_of(author, article, old), follow_redirects=True)
    assert "A change of yours waits for approval." in answer.text
    assert Proposal.get(Proposal.state == "waiting").body == "Three."


def url_of(client: Client, article: Article, version: ArticleVersion) -> str:
    """Where its page says that it is restored."""
    found = re.search(
        rf'action="([^"]+/versions/{version.id}[^"]*)"', page(client, f"{article.url}/versions")
    )
    assert found is not None
    return found[1]


def test_what_a_leaver_proposed_is_gone_on_with_by_who_may_change_the_article(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, rob: Person, mona: Person, schools: Topic
) -> None:
    """Nobody else carries it over to what the article says by now, and sent back it would be nobody's."""
    article = published(sign_in(ada), schools, rita)
    change = proposals.change(article, by=ada, body="What Ada learned last.")
    assert change is not None
    assert "has left" not in page(sign_in(rita), change.url)
    assert not change.editable_by(mona)
    close_account(ada, by=mona)
    article.fresh().edit(by=rita, approved=True, body="What Rita says.")
    assert "Ada has left" in page(sign_in(rita), change.url)
    assert "Carry it over" in page(sign_in(mona), change.url)
    assert not change.fresh().editable_by(ben), "may not change the article either"
    change.fresh().revise(by=mona, body="What Rita says. What Ada learned last.")
    change.fresh().approve(by=rob)
    assert article.fresh().body == "What Rita says. What Ada learned last."


def test_a_second_suggestion_shows_both_and_words_outlive_their_article(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    free = Topic.create(name="其他", name_en="Other")
    article = Article.add(by=ada, title="Ask first", body="One.", topics=[free])
    reader = sign_in(ben)
    sent = {"title": "Ask first", "body": "Mine.", "note": "Why."}
    assert reader.post(f"{article.url}/suggestion", data=sent).status_code == 303
    both = reader.post(f"{article.url}/suggestion", data={**sent, "body": "Mine, again."})
    assert both.status_code == 409
    assert Proposal.get().body == "Mine."
    long = "What I know of it, in many words that nobody types again gladly."
    article.fresh().archive(by=ada)
    short = "不对，应为百分之三，见新价目表。"
    secrets = {name: f"Correct horse battery staple of {name}, as typed." for name in HIDDEN}
    gone = reader.post(f"{article.url}/suggestion", data={"title": short, "body": long, **secrets})
    assert gone.status_code == 404
    assert long in gone.text
    assert short in gone.text
    assert "What you wrote is here" in gone.text
    assert "battery staple" not in gone.text, "nothing secret is shown, nor what no person wrote"
    assert long not in reader.get(f"{article.url}/suggestion").text


def test_a_draft_put_away_stays_its_author_s(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, mona: Person
) -> None:
    """Nobody looked through it for personal data: whoever put it away alone reads it and brings it back."""
    made = Article.add(by=ada, title="Draft", body="Secret 13800138000.", published=False)
    assert sign_in(ada).post(f"{made.url}/archiving").status_code == 303
    for person in (ben, rita, mona):
        client = sign_in(person)
        for path in (made.url, f"{made.url}/versions", f"{made.url}/versions/1"):
            assert client.get(path).status_code == 404, (person.name, path)
        assert client.post(f"{made.url}/restoring").status_code == 404
        assert not made.fresh().restorable_by(person)
    assert "Secret" in page(sign_in(ada), made.url)
    assert made.fresh().restore(by=ada)
