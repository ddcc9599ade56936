"""What customers are like: from where we know it, when it counts, how it fades, and who reads it (RULES 4.5)."""

from __future__ import annotations

import contextlib
import threading
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from portal import clock
from portal.jobs.knowledge import note_faded_traits, weigh_traits
from portal.models.base import database
from portal.models.base.record import Event, Invalid, SearchOutbox
from portal.models.base.undoing import undo
from portal.models.company import lists
from portal.models.company.protected import WORDS, protected_in
from portal.models.company.settings import Setting
from portal.models.customers import traits
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.rights import BY_NEED
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import (
    Trait,
    TraitSource,
    ask_for_weighing,
    reindex_faded,
    suggested,
    weigh_some,
)
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Acceptance
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.sales import handover
from portal.models.sales.deals import Deal
from portal.models.work.jobs import Job
from portal.search.records.customers import customers
from portal.text import naming
from portal.text.naming import plain
from tests.counting import calls, queries

RESALE = "He asked three times about resale."


@pytest.fixture
def family(ada: Person) -> Customer:
    """Ada's customer."""
    return Customer.add(by=ada, name="李明朗", form="person")


@pytest.fixture
def resale(adam: Person) -> TraitKind:
    return kind(adam, "在意转手", name_en="asks about resale", synonyms="resale, 转手, 好不好卖")


def kind(adam: Person, name: str, **facts: object) -> TraitKind:
    made = lists.add("traits", by=adam, name=name, **{"purpose": "To choose who calls them", **facts})
    assert isinstance(made, TraitKind)
    return made


def talk(customer: Customer, by: Person, *, days_ago: float, text: str = RESALE) -> Interaction:
    at = clock.now() - timedelta(days=days_ago)
    return Interaction.log(customer, by=by, kind_of="call", text=text, at=at)


def trait(customer: Customer) -> Trait:
    return Trait.get(Trait.customer == customer)


# ------------------------------------------------------------------ the company's words


@pytest.mark.parametrize(
    ("word", "attribute"),
    [
        ("年龄大", "age"), ("80后", "age"), ("elderly", "age"), ("Young family", "age"),
        ("女性客户", "gender"), ("a woman", "gender"), ("怀孕", "gender"),
        ("信佛教", "religion"), ("Muslim", "religion"),
        ("身体健康", "health"), ("disabled", "health"), ("有病史", "health"),
        ("外地人", "origin"), ("少数民族", "origin"), ("ethnicity", "origin"),
        ("离异", "marital state"), ("divorced", "marital state"),
        ("党员", "politics"), ("political views", "politics"),
        ("六零后", "age"), ("９０后", "age"), ("五十岁以上", "age"), ("年齡", "age"), ("退休", "age"), ("retired", "age"),
        ("女客户", "gender"), ("男业主", "gender"), ("宝妈", "gender"), ("mother", "gender"), ("queer", "gender"),
        ("糖尿病", "health"), ("高血压", "health"), ("残联", "health"), ("deaf", "health"), ("ＨＩＶ", "health"),
        ("回族", "origin"), ("河南人", "origin"), ("黑人", "origin"), ("Chinese", "origin"),
        ("寡妇", "marital state"), ("离过婚", "marital state"), ("widower", "marital state"),
    ],
)  # fmt: skip
def test_a_protected_attribute_is_no_trait_in_either_language(
    adam: Person, word: str, attribute: str
) -> None:
    assert protected_in(word) == attribute
    for noun, more in (("traits", {"purpose": "Any"}), ("soft-traits", {})):
        for field in ("name", "name_en", "synonyms"):
            with pytest.raises(Invalid) as refused:
                lists.add(noun, by=adam, **{"name": "要求稳健", field: word, **more})
            told = str(refused.value.errors[field])
            assert "protected attribute" in told
            assert told[1 : told.index("”")] in plain(word).lower(), "the piece of it is named"
    assert TraitKind.select().count() == 0


def test_every_protected_attribute_has_a_word() -> None:
    assert set(WORDS) == {"age", "gender", "religion", "health", "origin", "marital state", "politics"}


@pytest.mark.parametrize(
    "word",
    [
        "要求稳健",
        "wants safety",
        "和家人一起决定",
        "asks about resale",
        "cautious",
        "电话里可信",
        "manages a household budget",
        *"老人房 单身公寓 婚房 年轻化 关注健康住宅 在意本地人口碑 毛病多 三年后 集中风险 女儿把关 上班族 上海人民广场".split(),
        *(
            "sick of waiting",
            "likes old houses",
            "look for single price",
            "race cars",
            "speaks Chinese",
            "patient",
        ),
    ],
)
def test_a_word_for_what_they_want_is_no_protected_attribute(word: str) -> None:
    assert protected_in(word) is None


def test_a_trait_is_not_named_after_a_person(adam: Person, ada: Person, family: Customer) -> None:
    for name in (ada.name, "像李明朗一样"):
        with pytest.raises(Invalid) as refused:
            kind(adam, name)
        assert "names a person" in refused.value.errors["name"]


def test_a_trait_has_a_purpose_and_a_level_that_is_kept(adam: Person) -> None:
    with pytest.raises(Invalid) as refused:
        kind(adam, "要求稳健", purpose=" ")
    assert "purpose" in refused.value.errors
    with pytest.raises(Invalid) as refused:
        kind(adam, "要求稳健", level=4)
    assert "level" in refused.value.errors


# ------------------------------------------------------------------ when it counts


def test_two_conversations_of_different_days_confirm_it(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=3))
    assert trait(family).until is None
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=0))
    assert trait(family).is_confirmed
    assert trait(family).holds


def test_the_same_note_twice_and_two_of_one_day_do_not(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    first = talk(family, ada, days_ago=0)
    Trait.note(family, resale, by=ada, source=first)
    Trait.note(family, resale, by=ada, source=first)
    assert TraitSource.select().count() == 1
    assert [event.verb for event in Event.select().where(Event.subject_kind == "trait_source")] == ["kept"]
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=0))
    assert not trait(family).is_confirmed


def test_the_word_of_the_customer_confirms_it_at_once(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    Trait.note(family, resale, by=ada)
    assert trait(family).is_confirmed
    assert trait(family).confidence() == pytest.approx(1.0, abs=1e-6)


def test_a_colleague_alone_confirms_nothing_of_another_s_customer(
    family: Customer, ada: Person, ben: Person, resale: TraitKind
) -> None:
    for days in (3, 2, 1):
        Trait.note(family, resale, by=ben, source=talk(family, ben, days_ago=days))
    assert not trait(family).is_confirmed
    assert Notice.select().where(Notice.person == ada).count() == 3
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=0))
    assert trait(family).is_confirmed


def test_what_the_owner_took_back_a_colleague_does_not_bring_back(
    family: Customer, ada: Person, ben: Person, resale: TraitKind
) -> None:
    said = talk(family, ben, days_ago=1)
    Trait.note(family, resale, by=ben, source=said).withdraw(by=ada)
    with pytest.raises(Invalid):
        Trait.note(family, resale, by=ben, source=said)
    Trait.note(family, resale, by=ada, source=said)
    assert TraitSource.get().state == "kept"


def test_confidence_is_reckoned_as_by_hand(family: Customer, ada: Person, resale: TraitKind) -> None:
    """Two talks, 365 and 0 days old: .5 x 1/2 + .5 = .75. The bar of .25 is 1.585 half-lives away: 578.5 days."""
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=365))
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=0))
    known = trait(family)
    assert known.weight == pytest.approx(0.75, abs=1e-4)
    assert known.until is not None
    assert (known.until - clock.now()) / timedelta(days=1) == pytest.approx(578.53, abs=0.1)
    assert known.confidence(clock.now() + timedelta(days=365)) == pytest.approx(0.375, abs=1e-4)


def test_what_speaks_against_it_weighs_as_much(family: Customer, ada: Person, resale: TraitKind) -> None:
    """Twice yes (1.0) and once no (.5): .5 for it. The customer's own no (1.0 more): .5 against it."""
    for days in (2, 1):
        Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=days))
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=0), holds=False)
    assert (trait(family).holds, round(trait(family).weight, 2)) == (True, 0.5)
    Trait.note(family, resale, by=ada, holds=False)
    known = trait(family)
    assert (known.holds, round(known.weight, 2), known.is_confirmed) == (False, 0.5, True)
    assert not Trait.select().where(Trait.standing()).exists()


def test_it_fades_is_found_no_longer_and_comes_back(family: Customer, ada: Person, resale: TraitKind) -> None:
    Trait.note(family, resale, by=ada)
    assert "转手" in customers([family.id])[0].body
    with clock.moved(clock.now() + timedelta(days=731)):  # two half-lives: 1 -> .25 is the bar
        assert trait(family).is_faded
        assert "转手" not in customers([family.id])[0].body
        SearchOutbox.delete().execute()
        reindex_faded()
        assert SearchOutbox.waiting()["customer"][0] == 1
        Trait.note(family, resale, by=ada)  # said anew
        assert trait(family).is_confirmed


def test_other_rules_weigh_all_anew_in_pieces(
    family: Customer, ada: Person, adam: Person, resale: TraitKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (2, 1):
        Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=days))
    Trait.note(Customer.add(by=ada, name="Guest"), resale, by=ada)
    with clock.moved(clock.now() + timedelta(minutes=1)):
        Setting.choose("traits.sources", 3, by=adam)
        ask_for_weighing()
        assert trait(family).is_confirmed, "no request waits for it"
        job = Job.get(Job.name == "weigh traits")
        since = datetime.fromisoformat(job.facts["since"])
        monkeypatch.setattr(traits, "PIECE", 1)
        with clock.moved(clock.now() + timedelta(minutes=1)):
            assert weigh_some(since) == trait(family).id  # and is killed
            weighed = trait(family).weighed_at
            with clock.moved(clock.now() + timedelta(minutes=1)):
                weigh_traits(job)
    assert not trait(family).is_confirmed
    assert trait(family).weighed_at == weighed, "it went on with what was left"
    assert Trait.select().where(Trait.weighed_at <= since).count() == 0


def test_a_note_asks_as_much_of_many_sources_as_of_few(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    asked = []
    for days in (1, 2, 3, 20):
        for each in range(TraitSource.select().count(), days):
            Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=each))
        said = talk(family, ada, days_ago=days)
        with queries() as counted:
            Trait.note(family, resale, by=ada, source=said)
        asked.append(len(counted))
    assert asked[1] == asked[-1]


def test_what_counted_when_it_was_said_counts_on(
    family: Customer, ada: Person, ben: Person, resale: TraitKind
) -> None:
    """Ada's two talks as its owner confirm it, for ever; Ben's of before he owns it are one voice, for ever."""
    other = Customer.add(by=ada, name="Guest")
    for days in (3, 1):
        Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=days))
        Trait.note(other, resale, by=ben, source=talk(other, ben, days_ago=days))
    for customer, confirmed in ((family, True), (other, False)):
        handover.hand_over(customer.fresh(), to=ben, by=ada)
        trait(customer).weigh()
        assert trait(customer).is_confirmed is confirmed


def test_sources_that_disagree_are_no_age(family: Customer, ada: Person, resale: TraitKind) -> None:
    """The customer's own word of today, and two talks against it: 1.0 - .5 - .5 is nothing, and not long ago."""
    for days in (1, 2):
        Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=days), holds=False)
    Trait.note(family, resale, by=ada)
    assert not trait(family).is_confirmed
    assert not trait(family).is_faded
    assert Trait.of(family, to=ada)[0].is_contested


def test_a_debrief_that_stands_no_longer_or_is_of_another_customer_is_no_source(
    family: Customer, ada: Person, adam: Person, rita: Person, resale: TraitKind
) -> None:
    other, day = Customer.add(by=ada, name="Guest"), clock.now()
    deal = Deal.open(by=ada, title="Three rooms", customer=family)
    debrief = Experience.create(
        author=ada,
        kind_of="debrief",
        deal=deal,
        title="What sold it",
        state="accepted",
        first_submitted_at=day,
    )
    Acceptance.create(experience=debrief, at=day, score=80)
    Trait.note(family, resale, by=ada, source=debrief)
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=3))
    assert trait(family).is_confirmed
    deal.fresh().edit(by=ada, customer=other)
    assert not trait(family).is_confirmed
    deal.fresh().edit(by=ada, customer=family)
    assert trait(family).is_confirmed
    process.revoke(debrief.fresh(), by=adam, reason="false", note="No such talk was had.")
    assert not trait(family).is_confirmed
    with pytest.raises(Invalid):
        Trait.note(family, resale, by=ada, source=debrief.fresh())


def test_what_faded_in_a_standstill_is_found_no_longer(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    Trait.note(family, resale, by=ada)
    Job.create(name="note faded traits", state="finished", started_at=clock.now())
    job = Job.create(name="note faded traits", state="running")
    with clock.moved(clock.now() + timedelta(days=760)):  # it faded on day 730, the worker was off
        SearchOutbox.delete().execute()
        note_faded_traits(job)
        assert SearchOutbox.waiting()["customer"][0] == 1


def test_two_at_once_are_both_weighed(
    family: Customer, ada: Person, ben: Person, resale: TraitKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada's and Ben's talks of two days: each waits for the other before it adds up."""
    first, second = talk(family, ada, days_ago=3), talk(family, ben, days_ago=1)
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=0)).withdraw(by=ada)
    both, read = threading.Barrier(2, timeout=0.5), TraitSource.of_trait

    def late(known: Trait) -> list[TraitSource]:
        found = read(known)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait()
        return found

    monkeypatch.setattr(TraitSource, "of_trait", late)
    threads = [
        threading.Thread(
            target=database.transact, args=[partial(Trait.note, family, resale, by=by, source=said)]
        )
        for by, said in ((ada, first), (ben, second))
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert trait(family).is_confirmed
    assert trait(family).weight == pytest.approx(1.0, abs=0.01)


def test_a_conversation_taken_back_takes_its_trait_along(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    first, second = talk(family, ada, days_ago=2), talk(family, ada, days_ago=1)
    for said in (first, second):
        Trait.note(family, resale, by=ada, source=said)
    second.archive(by=ada)
    assert not trait(family).is_confirmed
    second.fresh().restore(by=ada)
    assert trait(family).is_confirmed
    second = second.fresh()
    second.correct(by=ada, kind_of="call", text=RESALE, at=first.at, contact=None)
    assert not trait(family).is_confirmed, "moved to the day of the other"


def test_another_customer_s_conversation_is_no_source(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    other = Customer.add(by=ada, name="Guest")
    with pytest.raises(Invalid):
        Trait.note(family, resale, by=ada, source=talk(other, ada, days_ago=0))
    withdrawn = talk(family, ada, days_ago=0)
    withdrawn.archive(by=ada)
    with pytest.raises(Invalid):
        Trait.note(family, resale, by=ada, source=withdrawn)


# ------------------------------------------------------------------ proposed, undone, erased


def test_words_in_a_note_propose_it_and_a_decision_ends_that(
    family: Customer, ada: Person, adam: Person, resale: TraitKind
) -> None:
    safe = kind(adam, "要求稳健", name_en="wants safety", synonyms="谨慎，cautious")
    said = talk(family, ada, days_ago=0, text="他问了三次好不好卖，比较谨慎。")
    other = talk(family, ada, days_ago=0, text="Presale papers are overcautiously kept.")

    def proposed() -> dict[int, list[TraitKind]]:
        known = Trait.of(family, to=ada)
        return suggested([(said, said.text), (other, other.text)], known, [resale, safe])

    assert proposed() == {said.id: [resale, safe]}
    assert Trait.select().count() == 0, "nothing is kept by itself"
    Trait.note(family, resale, by=ada, source=said)
    Trait.dismiss(family, safe, by=ada, source=said)
    assert proposed() == {}
    assert [known.kind for known in Trait.of(family, to=ada) if known.kept] == [resale]


def test_many_words_are_looked_for_in_one_reading_of_each_text(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    """20 texts and 40 kinds of 3 words each: a text is folded once, not once for each word."""
    kinds = [resale, *(TraitKind(id=9 + each, name=f"词{each}", synonyms="甲乙, 丙丁") for each in range(39))]
    said = [(talk(family, ada, days_ago=each), RESALE) for each in range(20)]
    with calls(plain) as folded:
        found = suggested(said, [], kinds)
    assert all(ones == [resale] for ones in found.values())
    assert len(found) == 20
    assert len(folded) <= 3 * 20 + 5 * 40


def test_of_many_names_those_are_read_with_which_a_piece_of_the_word_begins(
    adam: Person, ada: Person, family: Customer
) -> None:
    for number in range(30):
        Customer.add(by=ada, name=f"赵{number}", form="person")
    Customer.add(by=ada, name="周敏一家", form="person")
    read = list(TraitKind.names_known("像李明朗一样"))
    assert "李明朗" in read
    assert "赵1" not in read
    with calls(naming.standing) as looked, pytest.raises(Invalid) as refused:
        kind(adam, "要求稳健", synonyms="周敏一家那样", name_en="wants safety")
    assert "names a person" in refused.value.errors["synonyms"]
    assert len(looked) == 1


def test_each_decision_is_undone_to_what_was_before(family: Customer, ada: Person, resale: TraitKind) -> None:
    said = talk(family, ada, days_ago=0)
    source = Trait.note(family, resale, by=ada, source=said)
    source.withdraw(by=ada)
    undo(Event.about(source).first(), by=ada)
    assert source.fresh().state == "kept"
    undo(Event.about(source).where(Event.verb == "kept").first(), by=ada)
    assert source.fresh().state == "open"
    assert suggested([(said, said.text)], Trait.of(family, to=ada), [resale]) == {said.id: [resale]}


def test_events_name_no_trait(family: Customer, ada: Person, resale: TraitKind) -> None:
    Trait.note(family, resale, by=ada, source=talk(family, ada, days_ago=0)).withdraw(by=ada)
    told = [str(event.changes) for event in Event.select().where(Event.subject_kind == "trait_source")]
    assert len(told) == 2
    assert not any("转手" in each or "resale" in each for each in told)


def test_a_customer_who_is_erased_leaves_no_trait(family: Customer, ada: Person, resale: TraitKind) -> None:
    Trait.note(family, resale, by=ada)
    Interaction.delete().where(Interaction.customer == family).execute()
    Customer.delete().where(Customer.id == family.id).execute()
    assert Trait.select().count() == TraitSource.select().count() == 0


# ------------------------------------------------------------------ who reads it


def test_a_level_says_who_reads_it_everywhere(
    family: Customer, ada: Person, ben: Person, mona: Person, adam: Person
) -> None:
    """1: whoever opens the customer; 2: Ada and Mona, who leads her; 3: Ada alone."""
    for level in (1, 2, 3):
        Trait.note(family, kind(adam, f"特征{'甲乙丙'[level - 1]}", level=level), by=ada)
    for person, levels in ((ada, {1, 2, 3}), (mona, {1, 2}), (ben, {1})):
        assert {known.kind.level for known in Trait.of(family, to=person)} == levels
        found = {
            kind.level
            for kind in TraitKind.select()
            if Customer.select().where(Trait.having(kind.id, to=person)).exists()
        }
        assert found == levels
    document = customers([family.id])[0]
    assert "特征甲" in document.body
    assert "特征乙" not in document.body
    assert [(part.groups, "特征丙" in part.text) for part in document.restricted] == [
        (frozenset({f"user:{ada.id}"}), True)
    ]


def test_who_may_not_open_the_customer_learns_nothing(
    family: Customer, ada: Person, stan: Person, adam: Person, resale: TraitKind
) -> None:
    Setting.choose(BY_NEED, True, by=adam)
    Trait.note(family, resale, by=ada)
    assert Customer.known_to(stan).where(Trait.having(resale.id, to=stan)).count() == 0
    assert Customer.known_to(ada).where(Trait.having(resale.id, to=ada)).count() == 1
    assert Trait.of(family, to=stan) == []
    assert list(TraitSource.visible_to(stan)) == []


def test_another_word_for_it_finds_the_customer_anew(
    family: Customer, ada: Person, adam: Person, resale: TraitKind
) -> None:
    Trait.note(family, resale, by=ada)
    SearchOutbox.delete().execute()
    facts: dict[str, Any] = {"name": "在意转手", "purpose": "Any", "level": 1, "synonyms": "脱手"}
    lists.change(resale, by=adam, **facts)
    assert SearchOutbox.waiting()["customer"][0] == 1
    assert "脱手" in customers([family.id])[0].body


def test_the_moment_of_a_source_is_that_of_the_conversation(
    family: Customer, ada: Person, resale: TraitKind
) -> None:
    said = talk(family, ada, days_ago=10)
    source = Trait.note(family, resale, by=ada, source=said)
    assert isinstance(source.at, datetime)
    assert source.at == said.at
