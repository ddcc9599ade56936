"""Nothing changed is ever missed: what is saved is found, whatever breaks on the way."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.jobs.worker import run_one
from portal.models.base.database import db, transact
from portal.models.base.record import SearchOutbox
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.rights import choose
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.process import revoke
from portal.models.experiences.reviews import AT_FAULT, Acceptance
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.search.documents import SearchCursor, SearchDocument, SearchFailure
from portal.models.work.jobs import Job
from portal.search import feed, searcher, store
from portal.search.documents import SearchDoc
from portal.search.feed import Feed, Feeder
from portal.search.holder import is_dead
from portal.settings import ROOT, Settings
from tests.parts import MeilisearchServer, timed
from tests.search.parts import ask, check_index, emptied, finds

# --- What a change makes findable ----------------------------------------------------------------------


def change_article(ada: Person, ben: Person) -> tuple[str, str]:
    article = Article.add(by=ada, title="门锁", body="旧", topics=[Topic.create(name="五金")])
    finds(ben, "门锁")
    article.edit(by=ada, body="把手要先拆下来")
    return "把手", str(article)


def change_question(ada: Person, ben: Person) -> tuple[str, str]:
    question = Question.ask(by=ada, text="贷款利率怎么算？")
    finds(ben, "利率")
    question.edit(by=ada, text="公积金可以提前还吗？")
    return "公积金", str(question)


def answer_question(ada: Person, ben: Person) -> tuple[str, str]:
    question = Question.ask(by=ada, text="贷款利率怎么算？")
    finds(ben, "利率")
    question.answer(by=ben, text="按五年期报价加点。")
    return "五年期报价", str(question)


def edit_answer(ada: Person, ben: Person) -> tuple[str, str]:
    question = Question.ask(by=ada, text="贷款利率怎么算？")
    answer = question.answer(by=ben, text="看合同。")
    finds(ben, "利率")
    answer.edit(by=ben, text="看央行公布的基准。")
    return "央行基准", str(question)


def rename_customer(ada: Person, ben: Person) -> tuple[str, str]:
    customer = Customer.add(by=ada, name="明德小学")
    finds(ben, "明德")
    customer.edit(by=ada, name="育才中学")
    return "育才", str(customer)


def add_contact(ada: Person, ben: Person) -> tuple[str, str]:
    customer = Customer.add(by=ada, name="明德小学")
    finds(ben, "明德")
    Contact.add(customer, by=ada, name="欧阳若兰")
    return "若兰", str(customer)


def rename_contact(ada: Person, ben: Person) -> tuple[str, str]:
    customer = Customer.add(by=ada, name="明德小学")
    contact = Contact.add(customer, by=ada, name="周立")
    finds(ben, "明德")
    contact.edit(by=ada, name="欧阳若兰")
    return "oyrl", str(customer)


def change_product(ada: Person, ben: Person) -> tuple[str, str]:
    product = Product.add(by=ada, code="B-7", name="翠湖花园")
    finds(ben, "翠湖")
    product.edit(by=ada, code="RS-485")
    return "rs485", str(product)


def change_person(ada: Person, ben: Person) -> tuple[str, str]:
    finds(ben, "Ada")
    ada.edit(by=ada, title="按揭专员")
    return "按揭专员", str(ada)


def rename_department(ada: Person, ben: Person) -> tuple[str, str]:
    finds(ben, "Ada")
    logistics = Department.create(name="后勤")
    stan = Person.add(by=None, email="s@example.com", name="斯坦", department=logistics)
    finds(ben, "斯坦")
    logistics.edit(by=None, name="综合保障部")
    return "综合保障", str(stan)


def change_deal(ada: Person, ben: Person) -> tuple[str, str]:
    deal = Deal.open(by=ada, title="三居置换")
    finds(ben, "置换")
    deal.edit(by=ada, note="客户想要南向的阳台")
    return "南向阳台", str(deal)


def rename_customer_of_deal(ada: Person, ben: Person) -> tuple[str, str]:
    customer = Customer.add(by=ada, name="明德小学")
    deal = Deal.open(by=ada, title="三居置换", customer=customer)
    finds(ben, "置换")
    customer.edit(by=ada, name="育才中学")
    return "育才 置换", str(deal)


def rename_product_of_deal(ada: Person, ben: Person) -> tuple[str, str]:
    product = Product.add(by=ada, code="B-7", name="翠湖花园")
    deal = Deal.open(by=ada, title="三居置换", product=product)
    finds(ben, "置换")
    product.edit(by=ada, name="金台公馆")
    return "金台 置换", str(deal)


CHANGES = [
    change_article,
    change_question,
    answer_question,
    edit_answer,
    rename_customer,
    add_contact,
    rename_contact,
    change_product,
    change_person,
    rename_department,
    change_deal,
    rename_customer_of_deal,
    rename_product_of_deal,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_is_found(
    app: Starlette, ada: Person, ben: Person, change: Callable[[Person, Person], tuple[str, str]]
) -> None:
    text, expected = change(ada, ben)
    before = ask(ben, text)
    assert not (before.exact and expected in [found.hit.id for found in before.hits])
    assert finds(ben, text)[0] == expected


def test_a_change_of_an_experience_is_found_by_its_author(app: Starlette, ada: Person) -> None:
    draft = Experience.begin(by=ada, kind="suggestion")
    draft.save_draft(by=ada, title="钥匙柜", situation="钥匙常找不到")
    assert finds(ada, "钥匙柜") == [str(draft)]
    draft.save_draft(by=ada, action="每把钥匙挂上编号牌")
    assert finds(ada, "编号牌") == [str(draft)]


def test_what_was_accepted_is_found_as_its_article_alone(app: Starlette, ada: Person) -> None:
    draft = Experience.begin(by=ada, kind="suggestion")
    draft.save_draft(by=ada, title="钥匙柜", situation="钥匙常找不到")
    assert finds(ada, "钥匙柜") == [str(draft)]
    at = clock.now()
    accepted = {"state": "accepted", "first_submitted_at": at, "submitted_at": at, "decided_at": at}
    Experience.update(accepted).where(Experience.id == draft.id).execute()
    draft.reindex()
    assert finds(ada, "钥匙柜") == []


def test_an_accepted_experience_whose_article_was_put_away_is_found_by_who_may_read_it(
    app: Starlette, ada: Person, ben: Person, mona: Person, rita: Person, schools: Topic
) -> None:
    draft = Experience.begin(by=ada, kind="suggestion")
    draft.save_draft(by=ada, title="钥匙柜", situation="钥匙常找不到")
    at = clock.now()
    accepted = {"state": "accepted", "first_submitted_at": at, "submitted_at": at, "decided_at": at}
    Experience.update(accepted).where(Experience.id == draft.id).execute()
    born: dict[str, Any] = {"origin_kind": "experience", "origin": draft.id, "topics": [schools]}
    article = Article.add(by=ada, title="钥匙柜", body="钥匙常找不到", **born)
    draft.reindex()
    for person in (ada, ben, mona, rita):
        assert finds(person, "钥匙柜") == [str(article)]
    article.archive(by=ada)
    for person, found in ((ada, [str(draft)]), (mona, [str(draft)]), (rita, [str(draft)]), (ben, [])):
        assert finds(person, "钥匙柜") == found
    assert [each.status for each in ask(ada, "钥匙柜").hits] == ["archived"]
    check_index(searcher.here())
    article.restore(by=ada)
    for person in (ada, ben, mona, rita):
        assert finds(person, "钥匙柜") == [str(article)]
    check_index(searcher.here())


@pytest.mark.parametrize(
    ("reason", "note", "readers"),
    [
        *((fault, "他的名字和病都写在里面。", ["ada"]) for fault in AT_FAULT),
        ("superseded", "", ["ada", "mona", "rita", "stan"]),
    ],
)
def test_what_was_revoked_for_a_fault_is_found_by_its_author_alone(
    app: Starlette,
    ada: Person,
    ben: Person,
    mona: Person,
    rita: Person,
    stan: Person,
    adam: Person,
    schools: Topic,
    reason: str,
    note: str,
    readers: list[str],
) -> None:
    """Its text names a customer and an illness: nobody else finds it, as little as they open it."""
    draft = Experience.begin(by=ada, kind="suggestion")
    draft.save_draft(by=ada, title="钥匙柜", situation="客户腰不好，钥匙常找不到")
    at = clock.now()
    Credit.create(experience=draft, person=stan, share=3000)
    accepted = {"state": "accepted", "first_submitted_at": at, "submitted_at": at, "decided_at": at}
    Experience.update(accepted).where(Experience.id == draft.id).execute()
    born: dict[str, Any] = {"origin_kind": "experience", "origin": draft.id, "topics": [schools]}
    article = Article.add(by=ada, title="钥匙柜", body="钥匙常找不到", **born)
    Acceptance.create(experience=draft, article=article, at=at, score=8000)
    revoke(draft.fresh(), by=adam, reason=reason, note=note)
    everyone = {"ada": ada, "ben": ben, "mona": mona, "rita": rita, "stan": stan, "adam": adam}
    assert [name for name, person in sorted(everyone.items()) if finds(person, "钥匙柜")] == readers
    if readers != ["ada"]:
        revoke(draft.fresh(), by=adam, reason="privacy breach", note="他的名字和病都写在里面。")
        assert [name for name, person in sorted(everyone.items()) if finds(person, "钥匙柜")] == ["ada"]
    check_index(searcher.here())


def test_a_debrief_is_found_from_its_beginning(app: Starlette, ada: Person) -> None:
    deal = Deal.open(by=ada, title="三居置换")
    closings.lose(deal, by=ada, reason="预算不够", on=clock.today())
    debrief = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert str(debrief) in finds(ada, debrief.title or "", kind="experience")


def test_topics_of_a_draft_narrow_it(app: Starlette, ada: Person, schools: Topic) -> None:
    draft = Experience.begin(by=ada, kind="suggestion")
    draft.save_draft(by=ada, title="钥匙柜")
    assert finds(ada, "钥匙柜", topic=str(schools.id)) == []
    draft.save_draft(by=ada, topics=[schools])
    assert finds(ada, "钥匙柜", topic=str(schools.id)) == [str(draft)]


def test_a_person_is_found_by_what_they_proved_to_know(
    app: Starlette, ada: Person, ben: Person, schools: Topic
) -> None:
    assert finds(ben, "学区") == []
    question = Question.ask(by=ben, text="落户要几年？", topic=schools)
    answer = question.answer(by=ada, text="三年。")
    question.choose_best(answer, by=ben)
    assert str(ada) in finds(ben, "学区")
    schools.edit(by=None, name="入学")
    assert str(ada) in finds(ben, "入学")
    question.unchoose_best(by=ben)
    assert str(ada) not in finds(ben, "入学")


def test_an_author_s_name_finds_what_they_wrote(
    app: Starlette, ada: Person, ben: Person, schools: Topic
) -> None:
    ben.edit(by=None, name="欧阳若兰")
    written = Article.add(by=ben, title="门锁安装", body="先看说明书", topics=[schools])
    asked = Question.ask(by=ada, text="把手松了怎么办？")
    asked.answer(by=ben, text="拧紧螺丝。")
    found = finds(ada, "欧阳若兰")
    assert (found[0], set(found[1:])) == (str(ben), {str(written), str(asked)})
    assert finds(ada, "欧阳若兰 门锁")[0] == str(written)
    assert finds(ada, "ouyangruolan 说明书")[0] == str(written)
    ben.edit(by=None, name="司马青")
    assert set(finds(ada, "司马青")) == {str(ben), str(written), str(asked)}
    assert str(written) not in finds(ada, "欧阳若兰")


def test_a_note_on_a_contact_finds_the_customer_for_whom_it_opens(
    app: Starlette, ada: Person, ben: Person, adam: Person
) -> None:
    customer = Customer.add(by=ada, name="明德小学")
    Contact.add(customer, by=ada, name="周立", note="爱喝普洱")
    assert finds(ada, "普洱") == [str(customer)]
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    assert finds(ben, "普洱") == []


@pytest.mark.parametrize("noun", ["article", "question"])
def test_what_is_put_away_is_not_found_until_it_is_brought_back(
    app: Starlette, ada: Person, ben: Person, schools: Topic, noun: str
) -> None:
    thing: Article | Question
    if noun == "article":
        thing = Article.add(by=ada, title="门锁安装", body="先看说明书", topics=[schools])
    else:
        thing = Question.ask(by=ada, text="门锁安装要多久？")
    assert finds(ben, "门锁") == [str(thing)]
    thing.archive(by=ada)
    assert finds(ben, "门锁") == []
    thing.restore(by=ada)
    assert finds(ben, "门锁") == [str(thing)]


def test_a_record_that_is_gone_is_forgotten_by_all(app: Starlette, ada: Person) -> None:
    product = Product.add(by=ada, code="B-7", name="翠湖花园")
    assert finds(ada, "翠湖") == [str(product)]
    product.delete_instance()
    assert finds(ada, "翠湖") == []
    assert not SearchDocument.select().where(SearchDocument.noun == "product").exists()


# --- The way there -------------------------------------------------------------------------------------


def test_what_was_not_changed_is_not_fed_again(app: Starlette, lakeside: Product) -> None:
    feed = searcher.here().feed
    feed.drain()
    before = SearchDocument.get(SearchDocument.noun == "product").revision
    lakeside.reindex()
    lakeside.reindex()
    feed.drain()
    assert SearchDocument.get(SearchDocument.noun == "product").revision == before
    assert not SearchOutbox.select().exists()


def test_what_is_saved_while_documents_are_made_is_made_again(app: Starlette, ada: Person) -> None:
    """The document is made between reading the outbox and writing the row: a change in that moment counts."""
    product = Product.add(by=ada, code="B-7", name="翠湖花园")
    row = SearchOutbox.select().where(SearchOutbox.kind == "product").get()
    old = store.make({"product": [product.id]})
    product.edit(by=ada, name="金台公馆")
    assert finds(ada, "金台") == [str(product)]
    with pytest.raises(store.Taken):  # a slower one that had read the first row comes too late
        transact(lambda: store.write([row.seq], *old))
    assert finds(ada, "金台") == [str(product)]
    assert finds(ada, "翠湖") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_record_that_cannot_be_read_holds_up_nothing(app: Starlette, ada: Person) -> None:
    bad = Product.add(by=ada, code="B-7", name="翠湖花园")
    good = Product.add(by=ada, code="B-8", name="翠湖公寓")
    db.execute_sql("UPDATE product SET updated_at = 'no moment' WHERE id = ?", (bad.id,))
    assert finds(ada, "翠湖") == [str(good)]
    failure = SearchFailure.get()
    assert (failure.noun, failure.record, failure.attempts) == ("product", bad.id, 1)
    assert "ValueError" in failure.error
    later = clock.now()
    for _ in range(6):
        later += timedelta(hours=1)
        with clock.moved(later):
            searcher.here().feed.drain()
    assert SearchFailure.get().attempts == SearchFailure.MOST_ATTEMPTS
    assert SearchFailure.get().retry_at is None
    Product.update(updated_at=clock.now()).where(Product.id == bad.id).execute()
    SearchFailure.get().retry(by=ada)
    assert set(finds(ada, "翠湖")) == {str(bad), str(good)}
    assert not SearchFailure.select().exists()


def test_a_cursor_is_moved_only_by_who_holds_the_lease(app: Starlette) -> None:
    SearchCursor.of("embedded")
    mine = SearchCursor.take("embedded", "one:1:a")
    assert mine is not None
    assert SearchCursor.take("embedded", "two:2:b") is None
    with clock.moved(clock.now() + timedelta(minutes=5)):
        other = SearchCursor.take("embedded", "two:2:b")
        assert other is not None
        assert not mine.move(7)
        assert other.move(5)
    assert SearchCursor.of("embedded").seq == 5


def test_a_lease_of_who_was_killed_is_free_though_nobody_has_asked_how_it_ended(app: Starlette) -> None:
    """On a busy machine its parent does so late: nothing need wait for that."""
    with subprocess.Popen(["sleep", "60"]) as process:
        named = f"{socket.gethostname()}:{process.pid}:a"
        assert not is_dead(named)
        os.kill(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(named)


def test_what_another_process_is_about_to_feed_is_no_difference(app: Starlette, ada: Person) -> None:
    search = searcher.here()
    search.feed.drain()
    Product.add(by=ada, code="B-1", name="翠湖1期")
    with subprocess.Popen(["sleep", "60"]) as lives:
        lease = SearchCursor.take("embedded", f"{socket.gethostname()}:{lives.pid}:a")
        assert lease is not None
        ends = threading.Timer(0.5, lambda: transact(lease.release))
        ends.start()
        found, down = search.feed.repair()
        ends.join()
        lives.kill()
    assert (set(found.values()), down) == ({0}, {})
    assert set(finds(ada, "翠湖"))


def test_who_feeds_for_longer_than_a_lease_is_named(
    app: Starlette, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "AWAIT_SECONDS", 0)
    search = searcher.here()
    search.feed.drain()
    Product.add(by=ada, code="B-1", name="翠湖1期")
    with subprocess.Popen(["sleep", "60"]) as lives:
        assert SearchCursor.take("embedded", f"{socket.gethostname()}:{lives.pid}:a")
        found, down = search.feed.repair()
        lives.kill()
    assert down == {"embedded": "another process has been feeding it for a minute"}
    assert "embedded" not in found


def test_nobody_is_waited_for_where_ids_have_gaps(
    app: Starlette, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL leaves out an id at every change of a document: the newest id is no revision."""
    monkeypatch.setattr(feed, "AWAIT_SECONDS", 0)
    search = searcher.here()
    Product.add(by=ada, code="B-1", name="翠湖1期")
    search.feed.drain()
    SearchDocument.insert(id=1000, noun="product", record=1000, revision=1, stamp="", gone=True).execute()
    assert search.feed.repair()[1] == {}


# --- Building anew -------------------------------------------------------------------------------------


def test_a_lost_index_is_built_again_by_itself(app: Starlette, settings: Settings, lakeside: Product) -> None:
    ada = Person.add(by=None, email="a@example.com", name="Ada")
    assert finds(ada, "翠湖") == [str(lakeside)]
    shutil.rmtree(settings.data / "search")
    searcher.connect(settings)
    assert finds(ada, "翠湖") == [str(lakeside)]


def test_changes_made_while_the_index_is_rebuilt_are_in_it(app: Starlette, ada: Person) -> None:
    for number in range(5):
        Product.add(by=ada, code=f"B-{number}", name=f"翠湖{number}期")
    feed = searcher.here().feed
    feed.drain()
    gone = Product.get(Product.code == "B-3")
    told: list[tuple[int, int]] = []

    def meanwhile(done: int, total: int) -> None:
        told.append((done, total))
        Product.get(Product.code == "B-1").edit(by=ada, name="金台公馆")
        gone.delete_instance()
        feed.step()
        assert ask(ada, "金台").total == 1, "the old index goes on being fed"

    assert feed.feeders[-1].rebuild(meanwhile)
    assert told == [(7, 7)]  # five products, Ada, and Mona who leads her
    assert len(finds(ada, "翠湖")) == 3
    assert finds(ada, "金台") != []
    check_index(searcher.here())


def test_an_administrator_s_rebuild_is_a_job_with_progress(app: Starlette, lakeside: Product) -> None:
    searcher.here().feed.drain()
    job = Job.enqueue("rebuild search", engine="embedded")
    run_one()
    done = job.fresh()
    assert (done.state, done.done, done.total) == ("finished", 1, 1)


def portal(settings: Settings, *words: str) -> str:
    """Runs a command of the portal in a process of its own; gives what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "portal", *words],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "PORTAL_DATA": str(settings.data),
        "PORTAL_DATABASE_URL": settings.database,
        "PORTAL_SEARCH_URL": settings.search_url,
        "PORTAL_SEARCH_KEY": settings.search_key,
    }


def test_a_differing_index_is_found_out_and_repaired(app: Starlette, ada: Person, settings: Settings) -> None:
    for number in range(4):
        Product.add(by=ada, code=f"B-{number}", name=f"翠湖{number}期")
    search = searcher.here()
    search.feed.drain()
    search.embedded.delete(["product-1"])
    search.embedded.index(
        [
            SearchDoc("product-2", "product", "不对的名字", groups=frozenset({"staff"})),
            SearchDoc("product-99", "product", "没有的产品", groups=frozenset({"staff"})),
        ]
    )
    search.embedded.close_writer()
    SearchDocument.update(stamp="old").where(SearchDocument.record == 4).execute()
    assert "embedded: 3 differences, repaired" in portal(settings, "check", "--search")
    assert "embedded: no differences" in portal(settings, "check", "--search")
    assert len(finds(ada, "翠湖")) == 4
    assert "embedded: built anew" in portal(settings, "reindex")
    assert len(finds(ada, "翠湖")) == 4


# --- With a server -------------------------------------------------------------------------------------


@pytest.fixture
def with_server(app: Starlette, settings: Settings, meilisearch_server: MeilisearchServer) -> Settings:
    """The portal's settings with a Meilisearch server that has no index yet; search is connected to it."""
    server = emptied(meilisearch_server)
    given = replace(settings, search_url=server.url, search_key=server.master_key)
    searcher.connect(given)
    return given


def test_both_engines_are_fed_and_find_the_same(with_server: Settings, ada: Person, ben: Person) -> None:
    customer = Customer.add(by=ada, name="北京宏远科技有限公司", phone="138-1234-5678")
    search = searcher.here()
    assert search.engines[0].name == "meilisearch"
    for text, person, expected in (
        ("远科", ben, [str(customer)]),
        ("13812345678", ada, [str(customer)]),
        ("13812345678", ben, []),
    ):
        assert finds(person, text) == expected
        page = ask(person, text)
        assert page.degraded == ""
        search.engines.reverse()
        assert [found.hit.id for found in ask(person, text).hits] == expected
        search.engines.reverse()
    check_index(search)


def test_while_one_engine_is_built_the_other_gets_what_changes(
    with_server: Settings,
    meilisearch_server: MeilisearchServer,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Product.add(by=ada, code="B-1", name="翠湖一期")
    searcher.here().feed.drain()
    emptied(meilisearch_server)
    searcher.connect(with_server)
    search = searcher.here()
    way = Feed._go_on
    seen: list[dict[str, int]] = []

    def meanwhile(feed: Feed, building: Feeder, done: int, total: int) -> None:
        assert building.name == "meilisearch"
        Product.add(by=ada, code=f"M-{len(seen)}", name="金台公馆")
        way(feed, building, done, total)
        seen.append(search.embedded.counted(["金台"])[1])

    monkeypatch.setattr(Feed, "_go_on", meanwhile)
    search.feed.drain()
    assert seen == [{"金台": 1}], "one piece, and what came meanwhile does not make it longer"
    assert len(finds(ada, "金台")) == 1
    check_index(search)


def test_a_search_is_one_request_to_the_server_whatever_the_words(
    with_server: Settings, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Product.add(by=ada, code="B-1", name="翠湖一期")
    assert finds(ada, "翠湖") == [str(first)]
    server = searcher.here().server
    assert server is not None
    asked: list[int] = []
    way = server._ask

    def counted(queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        asked.append(len(queries))
        return way(queries)

    monkeypatch.setattr(server, "_ask", counted)
    for text in ("翠湖", "never asked before", "一期 电梯", "B-1", "cui"):
        ask(ada, text)
    assert len(asked) == 5


def test_a_server_that_was_away_catches_up_by_itself(
    with_server: Settings, meilisearch_server: MeilisearchServer, ada: Person
) -> None:
    first = Product.add(by=ada, code="B-1", name="翠湖一期")
    assert finds(ada, "翠湖") == [str(first)]
    meilisearch_server.kill()
    second = Product.add(by=ada, code="B-2", name="翠湖二期")
    assert set(finds(ada, "翠湖")) == {str(first), str(second)}
    assert ask(ada, "翠湖").degraded == "local"
    cursor = SearchCursor.of("meilisearch")
    assert cursor.waiting == 1
    assert "unreachable" in cursor.error
    assert cursor.behind_since is not None
    meilisearch_server.start()
    with clock.moved(clock.now() + timedelta(seconds=20)):
        searcher.here().feed.drain()
    assert SearchCursor.of("meilisearch").waiting == 0
    assert SearchCursor.of("meilisearch").error == ""
    check_index(searcher.here())


def test_a_server_that_lost_its_data_is_filled_again(
    with_server: Settings, meilisearch_server: MeilisearchServer, ada: Person
) -> None:
    product = Product.add(by=ada, code="B-1", name="翠湖一期")
    finds(ada, "翠湖")
    emptied(meilisearch_server)
    searcher.connect(with_server)
    assert finds(ada, "翠湖") == [str(product)]
    assert ask(ada, "翠湖").degraded == ""
    check_index(searcher.here())


# --- Kill at any moment --------------------------------------------------------------------------------


def worker(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "portal", "worker"]
    before = log.stat().st_size if log.exists() else 0
    with log.open("ab") as told:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(settings), stdout=told, stderr=subprocess.STDOUT
        )
    for _ in range(600):
        if log.stat().st_size > before:
            return process
        time.sleep(0.05)
    process.kill()
    raise RuntimeError("the worker does not start")


def fed_so_far() -> int:
    """The last change that the embedded engine was given."""
    cursor = SearchCursor.known("embedded")
    return cursor.seq if cursor else 0


def test_killed_at_any_moment_the_index_equals_the_database(
    with_server: Settings, meilisearch_server: MeilisearchServer, ada: Person, tmp_path: Path
) -> None:
    chance = random.Random(20261122)
    log = tmp_path / "worker.log"
    made = 0
    for round_ in range(6):
        processes = [worker(with_server, log) for _ in range(1 + round_ % 3 // 2)]  # sometimes two at once
        try:
            began = time.monotonic()
            until = began + chance.uniform(0.2, 2.5)
            if round_ in (1, 4):
                transact(
                    lambda: Job.enqueue("rebuild search", engine=chance.choice(["embedded", "meilisearch"]))
                )
            while time.monotonic() < until or made < 15 * (round_ + 1):  # on a busy machine too
                made += 1
                transact(partial(write_something, chance, ada, made))
                time.sleep(0.03)
            while round_ == 4 and not fed_so_far() and time.monotonic() < began + 60:
                time.sleep(0.05)  # a busy machine has not got so far as to feed yet
            if round_ % 2:
                meilisearch_server.kill()
        finally:
            for process in processes:
                process.send_signal(signal.SIGKILL)
                process.wait()
        meilisearch_server.start()
    assert SearchCursor.of("embedded").seq > 0, "the workers got so far as to feed"
    search = searcher.connect(with_server)
    with clock.moved(clock.now() + timedelta(seconds=90)):
        while search.feed.step():
            pass
        while run_one():
            search.feed.drain()
        assert not SearchOutbox.select().exists(), log.read_text()[-3000:]
        assert SearchCursor.of("embedded").waiting == SearchCursor.of("meilisearch").waiting == 0
        check_index(search)
        assert not SearchFailure.select().exists()
    live = Product.select().count()
    assert (
        SearchDocument.select().where((SearchDocument.noun == "product") & ~SearchDocument.gone).count()
        == live
    )
    assert live > 20


def write_something(chance: random.Random, ada: Person, number: int) -> None:
    known = list(Product.select().order_by(Product.id))
    act = chance.random()
    if not known or act < 0.5:
        Product.add(by=ada, code=f"K-{number}", name=f"翠湖{number}期")
    elif act < 0.9:
        chance.choice(known).fresh().edit(by=ada, name=f"金台{number}号")
    else:
        chance.choice(known).delete_instance()


@timed
def test_a_change_is_found_soon_under_load(
    app: Starlette, settings: Settings, ada: Person, tmp_path: Path
) -> None:
    """By a worker in a process of its own, over changes written at about 20 a second: the median, within what a
    busy machine takes.
    """
    searcher.here().feed.drain()
    process = worker(settings, tmp_path / "worker.log")
    waits: list[float] = []
    try:
        for number in range(40):
            transact(partial(Product.add, by=ada, code=f"L-{number}", name="湖"))
            if number % 8 == 0:
                begun = time.monotonic()
                while not ask(ada, f"L-{number}").hits and time.monotonic() - begun < 30:
                    time.sleep(0.02)
                waits.append(time.monotonic() - begun)
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert sorted(waits)[len(waits) // 2] < 8, waits
