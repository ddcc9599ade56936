"""The audit log and the list of jobs speak in words: nothing is shown as it is stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from portal.clock import moved, now
from portal.models.base.nouns import COMMON, NOUNS
from portal.models.base.record import Event
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.knowledge.articles import Article
from portal.models.knowledge.templates import ArticleTemplate
from portal.models.people.people import Person, Role
from portal.models.sales.deals import Deal
from portal.models.sales.words import Stage
from portal.models.work.jobs import Job
from portal.settings import ROOT
from portal.views.base.events import acts
from tests.conftest import SignIn

VERB = re.compile(r'(?:\.track\(\s*|\bverb = )"([a-z_ ]+)"')


def test_every_verb_has_words() -> None:
    """Whatever a model writes into an event, an auditor can read."""
    written = {
        verb for path in (ROOT / "portal" / "models").rglob("*.py") for verb in VERB.findall(path.read_text())
    }
    assert "revision asked" in written
    told = COMMON.keys() | {verb for noun in NOUNS.values() for verb in noun.events}
    assert not written - told - {"run", "undo"}, "two names of import jobs are no verbs"


def test_events_are_told_in_the_reader_s_language(
    sign_in: SignIn, audrey: Person, ada: Person, ben: Person, adam: Person
) -> None:
    customer = Customer.add(by=ada, name="林女士")
    deal = Deal.open(by=ada, customer=customer, title="三居")
    deal.move(Stage.NEGOTIATION, by=ada)
    deal.hand_over(ben, by=ada)
    schools = Topic.create(name="学区", name_en="Schools")
    ben.grant(Role.REVIEWER, by=adam, topic=schools)
    ben.withdraw(Role.REVIEWER, by=adam, scope=f"topic-{schools.id}")
    browser = sign_in(audrey)
    browser.post("/account/language", data={"locale": "zh"})
    page = re.sub(
        r'<form method="get" class="list-narrow".*?</form>', "", browser.get("/admin/events").text, flags=re.S
    )
    for words in (
        "推进阶段",
        "授予角色",
        "收回角色",
        "新负责人",
        "谈判",
        f'href="/deals/{deal.id}">商机 三居',
    ):
        assert words in page
    assert f"<ins>{ben.name}</ins>" in page, "a person is named, not numbered"
    assert "<ins>学区</ins>" in page, "so is a topic"
    for raw in (f"topic-{schools.id}", "handed over", "negotiation", "granted", ">reviewer<", ">person<"):
        assert raw not in page
    browser.post("/account/language", data={"locale": "en"})
    assert "moved to another stage" in browser.get("/admin/events?about=deal").text
    assert Event.select().count() >= 6


def test_kinds_and_readers_of_an_article_are_called_as_on_its_page(
    sign_in: SignIn, audrey: Person, ada: Person, adam: Person, schools: Topic, sales: Department
) -> None:
    weekly = ArticleTemplate.add(by=adam, name="Weekly", body="## This week")
    article = Article.add(by=ada, title="Ask first", body="One question.", topics=[schools])
    article.edit(by=ada, kind_of="policy", audience=[f"department-{sales.id}", "job-Seller"])
    article.edit(by=ada, kind_of=str(weekly.id))
    page = sign_in(audrey).get("/admin/events?about=article").text
    for words in (
        "<del>How-to</del>",
        "<ins>Policy</ins>",
        "<ins>Weekly</ins>",
        "<del>Everybody</del>",
        f"<ins>{sales.name_en}, Seller</ins>",
    ):
        assert words in page


def test_jobs_are_named_in_words(sign_in: SignIn, adam: Person) -> None:
    Job.enqueue("forget old searches", key="once")
    Job.update(state="dead", error="x", finished_at=now()).execute()
    browser = sign_in(adam)
    browser.post("/account/language", data={"locale": "zh"})
    page = browser.get("/admin/jobs").text
    assert "清理旧的搜索记录" in page
    assert "forget old searches" not in page
    job = Job.get()
    again = browser.post(f"/admin/jobs/{job.id}/retry", headers={"HX-Request": "true"}).text
    assert "清理旧的搜索记录" in again
    assert "forget old searches" not in again


def test_stored_choices_are_told_in_words(sign_in: SignIn, adam: Person, ada: Person) -> None:
    """What a person chose is named as the form names it, in the log and on the customer's timeline."""
    browser = sign_in(adam)
    browser.post("/account/language", data={"locale": "zh"})
    browser.post("/account/theme", data={"theme": "dark"})
    page = browser.get("/admin/events").text
    assert "<dt>外观</dt>" in page
    assert "<ins>深色</ins>" in page
    customer = Customer.add(by=ada, name="林女士", form="person")
    customer.edit(by=ada, form="organisation")
    told = sign_in(ada)
    told.post("/account/language", data={"locale": "zh"})
    page = told.get(f"/customers/{customer.id}").text
    assert "<del>个人或家庭</del> → <ins>单位</ins>" in page


def test_events_are_narrowed_by_person_day_act_and_record(
    sign_in: SignIn, audrey: Person, ada: Person, ben: Person
) -> None:
    with moved(datetime(2026, 5, 31, 15, 59, tzinfo=UTC)):  # the last minute of May in Shanghai
        lin = Customer.add(by=ada, name="林女士")
    with moved(datetime(2026, 5, 31, 16, 0, tzinfo=UTC)):
        wei = Customer.add(by=ben, name="韦先生")
        wei.archive(by=ben)
    browser = sign_in(audrey)

    def found(query: str) -> set[str]:
        page = browser.get(f"/admin/events?about=customer{query}").text
        return {one.name for one in (lin, wei) if f">Customer {one.name}<" in page}

    assert found("") == {"林女士", "韦先生"}, "a record is named, not numbered"
    assert found("&q=Ada") == {"林女士"}
    assert found("&act=archived") == {"韦先生"}
    assert found("&from=2026-06-01") == {"韦先生"}
    assert found("&to=2026-05-31") == {"林女士"}
    assert found("&from=x&to=2026-13-40&act=none") == set()
    assert found("&from=x&to=0001-01-01") == {"林女士", "韦先生"}, "what is no day narrows nothing"


def test_the_log_goes_out_as_a_file_to_the_auditor_alone(
    sign_in: SignIn, audrey: Person, adam: Person, ada: Person
) -> None:
    Customer.add(by=ada, name="=1+1")
    for path in ("/admin/events/export", "/admin/reviews/export"):
        assert sign_in(adam).post(path).status_code == 403
        assert sign_in(ada).post(path).status_code == 403
    rows = sign_in(audrey).post("/admin/events/export?about=customer").text.splitlines()
    assert rows[0].lstrip("\ufeff") == "When,Who,What,Record,Changes"
    assert ",Ada,added,Customer =1+1," in rows[1]
    event = Event.select().order_by(Event.id.desc()).first()
    assert event is not None
    assert (event.verb, event.actor, event.changes["rows"]) == ("exported", audrey.id, [None, 1])


def test_the_auditor_has_a_place_of_their_own(sign_in: SignIn, audrey: Person, ada: Person) -> None:
    assert 'data-go="audit"' in sign_in(audrey).get("/").text
    assert 'data-go="audit"' not in sign_in(ada).get("/").text


def test_what_can_be_done_is_named_without_what_it_was_done_to() -> None:
    """In the list of acts to choose from nothing is filled in."""
    assert not [str(words) for words in acts().values() if "%(" in str(words)]
