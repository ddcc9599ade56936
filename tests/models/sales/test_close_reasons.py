"""Why deals are won and lost: reasons of the company's list, said at closing, corrected, taken in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.base import undoing
from portal.models.base.intake import Source
from portal.models.base.record import Event, Invalid, SearchOutbox, Stale
from portal.models.experiences.experiences import Experience
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.close_reasons import CloseReason
from portal.models.sales.deals import Deal, DealReason, reasons_of
from portal.models.sales.intake import DealIntake
from portal.models.sales.words import Stage
from portal.search.highlight import snippet
from portal.search.parsing import ParsedQuery
from portal.search.records.sales import deals
from tests.conftest import SignIn
from tests.models.imports.test_imports import counts, done, work


class Why:
    """A company's list: three for lost, one for won alone, one for both, one that is offered no more."""

    def __init__(self) -> None:
        make = CloseReason.create
        self.price = make(name="价格", name_en="Price", position=1)
        self.slow = make(name="回复太慢", name_en="Slow replies", position=2, for_won=False)
        self.plan = make(name="计划有变", name_en="Plan changed", position=3, for_won=False)
        self.trust = make(name="信任", name_en="Trust", position=4, for_lost=False)
        self.old = make(name="旧", position=5, for_won=False, for_lost=False)


@pytest.fixture
def why(ada: Person) -> Why:
    return Why()


@pytest.fixture
def deal(ada: Person) -> Deal:
    return Deal.open(by=ada, title="Three rooms", amount=100_00)


def names(deal: Deal) -> list[str]:
    return [each.name_en or each.name for each in deal.fresh().reasons]


def test_whoever_closes_says_why_in_the_companys_order_and_corrects_it_with_its_history(
    deal: Deal, ada: Person, why: Why
) -> None:
    closings.lose(deal, by=ada, on=clock.today(), reasons=[why.slow, why.price])
    assert (deal.stage, deal.lost_reason, names(deal)) == ("lost", "", ["Price", "Slow replies"])
    deal.say_why(by=ada, reasons=[why.price, why.slow])
    assert Event.about(deal).first().verb == "lost"
    before = deal.version
    deal.say_why(by=ada, reasons=[why.plan], version=before)
    said = Event.about(deal).first()
    assert (said.verb, names(deal)) == ("said why", ["Plan changed"])
    assert [[each["en"] for each in some] for some in said.changes["reasons"]] == [
        ["Price", "Slow replies"],
        ["Plan changed"],
    ]
    with pytest.raises(Stale):
        deal.say_why(by=ada, reasons=[why.price], version=before)
    for wrong in ([], [why.trust], [why.old], [why.price, why.slow, why.plan, why.trust]):
        with pytest.raises(Invalid) as refused:
            deal.fresh().say_why(by=ada, reasons=wrong)
        assert set(refused.value.errors) == {"reasons"}
    assert names(deal) == ["Plan changed"]


def test_a_closing_takes_one_to_three_that_fit_how_it_ended_or_ones_own_words(
    deal: Deal, ada: Person, why: Why
) -> None:
    with pytest.raises(Invalid) as refused:
        closings.lose(deal, by=ada, on=clock.today(), reasons=[])
    assert set(refused.value.errors) == {"reason"}
    with pytest.raises(Invalid) as refused:
        closings.win(deal, by=ada, amount=1, on=clock.today(), reasons=[why.slow])
    assert set(refused.value.errors) == {"reasons"}
    assert deal.fresh().is_open
    with pytest.raises(Invalid):
        deal.say_why(by=ada, reasons=[why.price])
    closings.win(deal, by=ada, amount=1, on=clock.today(), reasons=[why.trust])
    assert names(deal) == ["Trust"]
    why.trust.edit(by=ada, for_won=False)
    deal.fresh().say_why(by=ada, reasons=[why.trust, why.price])  # what is offered no more stays
    assert names(deal) == ["Price", "Trust"]


def test_what_is_open_again_ended_for_no_reason(deal: Deal, ada: Person, mona: Person, why: Why) -> None:
    closings.lose(deal, by=ada, on=clock.today(), reasons=[why.price])
    undoing.undo(Event.about(deal).first(), by=ada)
    assert (deal.fresh().stage, names(deal)) == ("lead", [])
    closings.win(deal.fresh(), by=ada, amount=1, on=clock.today(), reasons=[why.trust])
    closings.reopen(deal.fresh(), by=mona)
    assert (deal.fresh().stage, DealReason.select().count()) == ("negotiation", 0)


def test_reasons_are_found_by_both_names_and_anew_when_they_are_renamed(
    deal: Deal, ada: Person, why: Why
) -> None:
    closings.lose(deal, by=ada, on=clock.today(), reasons=[why.plan])
    (found,) = deals([deal.id])
    assert set(found.body.splitlines()) >= {"计划有变", "Plan changed"}
    SearchOutbox.delete().execute()
    why.plan.edit(by=ada, position=9)
    assert not SearchOutbox.select().exists()
    why.plan.edit(by=ada, name="改主意")
    assert [(note.kind, note.record) for note in SearchOutbox.select()] == [("deal", deal.id)]


@pytest.mark.parametrize(
    ("asked", "lang", "shown"),
    [
        ("首付", "zh", "计划有变\n<mark>首付</mark>不够，等明年。"),
        ("首付", "en", "计划有变\n<mark>首付</mark>不够，等明年。"),
        ("plan", "en", "Lake Homes · L-1 · <mark>Plan</mark> changed"),
        ("计划", "zh", "<mark>计划</mark>有变\n首付不够，等明年。"),
    ],
)
def test_what_is_shown_of_a_deal_that_is_found_is_in_one_language(
    ada: Person, why: Why, asked: str, lang: str, shown: str
) -> None:
    lakeside = Product.add(by=ada, code="L-1", name="翠湖", name_en="Lake Homes")
    deal = Deal.open(by=ada, title="Three rooms", amount=100_00, product=lakeside, note="首付不够，等明年。")
    closings.lose(deal, by=ada, on=clock.today(), reasons=[why.plan])
    (found,) = deals([deal.id])
    assert snippet(ParsedQuery.of(asked), found.body, lang=lang) == shown.replace("\n", " · ")


HEAD = "code,title,owner,stage,close date,amount,reasons\n"


def test_they_come_in_with_deals_and_go_back_with_the_import(adam: Person, ada: Person, why: Why) -> None:
    day = clock.today() - timedelta(days=400)  # closed long ago: nobody is asked for the debrief
    kept = Deal.open(by=ada, title="Kept", code="D-0")
    closings.lose(kept, by=ada, on=day, reasons=[why.slow])
    made = done(
        f"{HEAD}D-0,Kept,Ada,Lost,{day},,Price; 计划有变\nD-1,New,Ada,Won,{day},5,Trust\n"
        f"D-2,Wrong,Ada,Won,{day},5,Slow replies\nD-3,Open,Ada,Lead,,5,Price\n",
        by=adam,
        kind="deals",
    )
    assert counts(made) == (2, 1, 0, 1)
    by_code = {each.code: names(each) for each in Deal.select()}
    assert by_code == {"D-0": ["Price", "Plan changed"], "D-1": ["Trust"], "D-3": []}
    assert "said why" in [event.verb for event in Event.about(kept)]
    again = done(f"{HEAD}D-0,Kept,Ada,Lost,{day},,Plan changed; 价格\n", by=adam, kind="deals")
    assert counts(again) == (0, 0, 1, 0)
    made.undo(by=adam)
    work()
    assert (names(kept), DealReason.select().count()) == (["Slow replies"], 1)


def test_a_deal_that_a_file_opens_again_has_none_until_that_is_taken_back(
    adam: Person, ada: Person, why: Why
) -> None:
    kept = Deal.open(by=ada, title="Kept", code="D-0")
    closings.lose(kept, by=ada, on=clock.today(), reasons=[why.slow])
    made = done("code,title,owner,stage\nD-0,Kept,Ada,Lead\n", by=adam, kind="deals")
    assert (kept.fresh().stage, names(kept)) == (Stage.LEAD, [])
    made.undo(by=adam)
    work()
    assert (kept.fresh().stage, names(kept)) == (Stage.LOST, ["Slow replies"])


def test_a_deal_that_a_file_turns_keeps_no_reason_of_the_other_end(
    adam: Person, ada: Person, why: Why
) -> None:
    day = clock.today() - timedelta(days=400)
    turned = {"D-0": [why.slow], "D-1": [why.price], "D-2": [why.slow], "D-3": [why.price]}
    for code, reasons in turned.items():
        closings.lose(Deal.open(by=ada, title=code, code=code), by=ada, on=day, reasons=reasons)
    Deal.open(by=ada, title="Open", code="D-4")
    made = done(
        f"{HEAD}D-0,D-0,Ada,Won,{day},5,\nD-1,D-1,Ada,Won,{day},5,Trust\nD-2,D-2,Ada,Won,{day},5,Slow replies\n"
        f"D-3,D-3,Ada,Won,{day},5,Price\n",
        by=adam,
        kind="deals",
    )
    assert counts(made) == (0, 3, 0, 1), "D-2 was won for what loses deals alone"
    now = {each.code: (each.stage, names(each)) for each in Deal.select()}
    assert now["D-0"] == ("won", [])
    assert now["D-1"] == ("won", ["Trust"])
    assert now["D-2"] == ("lost", ["Slow replies"])
    assert now["D-3"] == ("won", ["Price"])
    made.undo(by=adam)
    work()
    assert [names(each) for each in Deal.select().order_by(Deal.code)] == [
        *([each.name_en for each in reasons] for reasons in turned.values()),
        [],
    ]
    done("code,title,owner,stage,reasons\nD-4,Open,Ada,,Price\n", by=adam, kind="deals")
    assert names(Deal.get(code="D-4")) == [], "it is open"


def test_a_new_reason_in_a_file_lets_no_unfit_one_of_its_row_through(ada: Person, why: Why) -> None:
    intake = DealIntake(Source(ada))
    new = why.old.id + 1  # what the file adds
    for stage, reasons, fits in (
        ("won", (why.slow.id, new), False),
        ("lost", (why.slow.id, new), True),
        ("won", (why.trust.id, new), True),
        ("lost", (why.slow.id, why.price.id, why.plan.id, new), False),
    ):
        assert (intake.unfit({"stage": stage, "reasons": reasons}) is None) == fits, (stage, reasons)


def test_the_pages_ask_show_correct_and_take_them_out(
    sign_in: SignIn, ada: Person, ben: Person, deal: Deal, why: Why
) -> None:
    browser = sign_in(ada)
    page = browser.get(f"/deals/{deal.id}/loss").text
    assert "Slow replies" in page
    assert "Trust" not in page
    assert "旧" not in page
    sent: dict[str, object] = {"on": clock.today().isoformat(), "reason": "Too dear"}
    bad = browser.post(f"/deals/{deal.id}/loss", data=sent)
    assert (bad.status_code, deal.fresh().is_open) == (422, True)
    assert "Too dear" in bad.text
    done_so = browser.post(f"/deals/{deal.id}/loss", data={**sent, "reasons": str(why.slow.id)})
    assert done_so.status_code == 303
    assert names(deal) == ["Slow replies"]
    page = browser.get(f"/deals/{deal.id}").text
    assert "Slow replies · Too dear" in page  # in the timeline
    assert f"/deals/{deal.id}/reasons" in page
    assert f"/deals/{deal.id}/reasons" not in sign_in(ben).get(f"/deals/{deal.id}").text
    form = {"version": deal.fresh().version, "reasons": [str(why.price.id), str(why.plan.id)]}
    assert browser.post(f"/deals/{deal.id}/reasons", data=form).status_code == 303
    assert names(deal) == ["Price", "Plan changed"]
    assert browser.post(f"/deals/{deal.id}/reasons", data={"version": 99}).status_code == 422
    sheet = browser.post("/deals/export?show=lost").text
    assert "Price, Plan changed" in sheet
    assert "Too dear" in sheet
    DealReason.delete().execute()
    assert "not said" in browser.get(f"/deals/{deal.id}").text


def test_where_the_list_has_none_for_such_deals_nobody_is_asked_for_one(
    sign_in: SignIn, ada: Person, deal: Deal, why: Why
) -> None:
    closings.win(deal, by=ada, amount=1, on=clock.today())
    browser, path = sign_in(ada), f"/deals/{deal.id}/reasons"
    assert path in browser.get(deal.url).text
    CloseReason.update(for_won=False).execute()
    assert path not in browser.get(deal.url).text
    for answer in (browser.get(path), browser.post(path, data={"version": deal.fresh().version})):
        assert (answer.status_code, answer.headers["location"]) == (303, deal.url)
    assert "The list has no reason for deals that ended so." in browser.get(deal.url).text
    deal.keep_reasons([why.trust])
    assert path in browser.get(deal.url).text, "what it has may be corrected"


def test_its_debrief_begins_without_them_since_reviewers_would_find_the_deal_by_them(
    deal: Deal, ada: Person, why: Why, sign_in: SignIn
) -> None:
    """The way to them stands beside the text, for its author alone (RULES 4.2)."""
    closings.lose(deal, by=ada, on=clock.today(), reasons=[why.slow, why.plan])
    debrief = Experience.begin(by=ada, kind="debrief", deal=deal)
    assert not any("Slow" in str(getattr(debrief, name)) for name in debrief.texts)
    page = sign_in(ada).get(f"{debrief.url}/edit").text
    assert f"/deals/{deal.id}/reasons" in page
    assert f"/themes?month={clock.today():%Y-%m}&amp;stage=lost" in page


def test_reasons_of_many_are_read_in_one_question(ada: Person, why: Why) -> None:
    some = [Deal.open(by=ada, title=f"D{n}") for n in range(3)]
    for each in some[:2]:
        closings.lose(each, by=ada, on=clock.today(), reasons=[why.plan, why.price])
    assert reasons_of(some) == {each.id: [why.price, why.plan] for each in some[:2]}


def test_the_administrator_edits_the_list(sign_in: SignIn, adam: Person, ada: Person, why: Why) -> None:
    browser = sign_in(adam)
    assert "Slow replies" in browser.get("/admin/words/close-reasons").text
    sent = {"name": "天气", "name_en": "Weather", "for_lost": "y", "key": "k" * 20}
    assert browser.post("/admin/words/close-reasons/new", data=sent).status_code == 303
    made = CloseReason.get(CloseReason.name == "天气")
    assert (made.for_won, made.for_lost, made in list(CloseReason.offered_for("lost"))) == (False, True, True)
    assert sign_in(ada).get("/admin/words/close-reasons").status_code == 403
