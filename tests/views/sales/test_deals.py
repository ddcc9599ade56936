"""Deals through the browser: moved, won, lost, paid, shared."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from peewee import IntegrityError
from playhouse.test_utils import count_queries

from portal import clock
from portal.models.base import undoing
from portal.models.base.record import Event
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences.experiences import Experience
from portal.models.expertise.expertise import Evidence
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal, DealShare
from portal.models.sales.lines import DealLine
from tests.client import Client
from tests.conftest import SignIn


@pytest.fixture
def deal(ada: Person, lakeside: Product) -> Deal:
    """Ada's open deal."""
    customer = Customer.add(by=ada, name="刘先生")
    return Deal.open(by=ada, title="翠湖花园三居", customer=customer, product=lakeside, amount=20_500_00)


def told(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


def today() -> str:
    return clock.today().isoformat()


def test_a_wrong_amount_is_refused_in_the_persons_language(sign_in: SignIn, ada: Person) -> None:
    Person.update(locale="zh").where(Person.id == ada.id).execute()
    answer = sign_in(ada).post("/deals/new", data={"title": "车位", "amount": "十万"})
    assert answer.status_code == 422
    assert "“十万”不是金额。" in answer.text


def test_a_deal_begun_at_a_customer_is_named_after_them(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    page = told(sign_in(ada), f"/deals/new?customer={deal.customer_id}")
    assert re.search(r'name="title"[^>]* value="刘先生"', page)


def test_the_list_shows_open_deals_and_by_filter_the_others(
    sign_in: SignIn, ada: Person, ben: Person, deal: Deal
) -> None:
    won = Deal.open(by=ben, title="Garage")
    closings.win(won, by=ben, amount=100, on=clock.today())
    browser = sign_in(ada)
    assert "Garage" not in told(browser, "/deals")
    assert "Garage" in told(browser, "/deals?show=won")
    assert "Garage" in told(browser, "/deals?show=all&sort=-amount")
    assert "翠湖花园三居" in told(browser, "/deals?show=mine&q=刘先生")
    assert "翠湖花园三居" not in told(browser, "/deals?q=nothing")
    assert "翠湖花园三居" in told(browser, f"/deals?product={deal.product_id}")
    assert "No deal fits" in told(browser, "/deals?product=999999")


def test_a_lead_is_worked_and_becomes_a_customer_with_all_that_was_said(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    lead = Deal.open(by=ada, title="Orchard School", note="Met at the fair", source="Trade fair")
    browser = sign_in(ada)
    assert "Make this a customer" in told(browser, lead.url)
    key = re.search(r'name="key"[^>]* value="([^"]+)"', told(browser, lead.url))
    assert key
    sent = {
        "kind_of": "call",
        "text": "Wants oak",
        "follow_up_on": today(),
        "key": key[1],
        "deal": str(lead.id),
    }
    for _ in range(2):
        assert browser.post(f"{lead.url}/interactions", data=sent).headers["location"] == lead.url
    assert Interaction.select().count() == 1
    assert "Wants oak" in told(browser, lead.url)
    assert "Follow up: Wants oak" in told(browser, "/")
    assert browser.post(f"{lead.url}/interactions", data=sent | {"text": " ", "key": ""}).status_code == 422
    assert sign_in(ben).post(f"{lead.url}/customer").status_code == 403
    made = browser.post(f"{lead.url}/customer").headers["location"]
    customer = Customer.get()
    assert made == customer.url == browser.post(f"{lead.url}/customer").headers["location"]
    assert (customer.name, customer.owner, customer.note) == ("Orchard School", ada, "Met at the fair")
    assert customer.source == lead.source == "Trade fair"
    assert all("Trade fair" in told(browser, page) for page in (lead.url, customer.url))
    assert lead.fresh().customer == customer
    assert customer.form == "organisation"
    person = Deal.open(by=ada, title="吕先生 · 翠堤湾两居").make_customer(by=ada)
    assert person.form == "person"
    assert "Wants oak" in told(browser, customer.url)
    assert "Follow up with Orchard School: Wants oak" in told(browser, "/")
    assert "Make this a customer" not in told(browser, lead.url)


def test_a_lead_has_one_main_action_at_a_time(sign_in: SignIn, ada: Person) -> None:
    lead = Deal.open(by=ada, title="Orchard School")
    browser = sign_in(ada)

    def main() -> list[str]:
        found = re.findall(r"btn-primary[^>]*>(?:<svg.*?</svg>)?\s*<span>([^<]+)", browser.get(lead.url).text)
        return [label for label in found if label != "Write down"]  # of the call box

    assert main() == ["Make this a customer"]
    closings.lose(lead, by=ada, reason="price", on=clock.today())
    assert main() == ["Write the debrief"]
    assert "Make this a customer" in told(browser, lead.url)


def test_making_a_customer_is_undone_until_somebody_writes_on_it(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    """The lead is one again with what was said to it, and the customer is in no list."""
    lead, browser = Deal.open(by=ada, title="Orchard School", note="Wants oak"), sign_in(ada)
    said = Interaction.log(None, by=ada, kind_of="call", text="Oak?", deal=lead)
    for _ in range(2):
        page = told(browser, browser.post(f"{lead.url}/customer").headers["location"])
        customer = lead.fresh().customer
        assert customer is not None
        message = page.partition('id="messages"')[2].partition("</form>")[0]
        address = re.search(r'action="(/events/\d+/undoing)"', message)
        assert address, "it stands beside the message"
        assert (said.fresh().customer, customer.is_archived) == (customer, False)
        browser.get(f"{customer.url}")
        lead.fresh().move("viewing", by=ada)  # the deal itself may go on
        assert sign_in(ben).post(address[1]).status_code in (403, 404)
        undone = browser.post(address[1], data={"next": customer.url, "whole": "1"})
        assert undone.headers["location"] == lead.url, "not to the customer, who is in no list any more"
        message = told(browser, lead.url).partition('id="messages"')[2].partition("<h1")[0]
        assert "Undone. It is as it was." in message
        assert "/undoing" not in message, "there is no undoing of the undoing"
        assert (lead.fresh().customer, said.fresh().customer, lead.fresh().stage) == (None, None, "viewing")
        assert customer.fresh().is_archived
        lead.fresh().move("lead", by=ada)
    assert Customer.select().count() == 1, "made again, it is the same one"
    customer = lead.fresh().make_customer(by=ada)
    made = Event.about(lead).where(Event.verb == "customer made").first()
    assert undoing.why_not(made, lead.fresh(), by=ada) is None
    Interaction.log(customer, by=ben, kind_of="call", text="She prefers ash")
    browser.post(f"/events/{made.id}/undoing")
    assert lead.fresh().customer == customer, "Ben's words stay where he wrote them"
    why = undoing.why_not(made, lead.fresh(), by=ada)
    assert why is not None
    assert "has written on this customer since" in why
    other = Deal.open(by=ada, title="Lane School")
    customer = other.make_customer(by=ada)
    made = Event.about(other).where(Event.verb == "customer made").first()
    Deal.open(by=ada, title="A second one", customer=customer)
    assert undoing.why_not(made, other.fresh(), by=ada), "another deal hangs on it"


def test_a_customer_with_whom_somebody_went_on_is_not_written_over(ada: Person) -> None:
    """Made, undone, brought back on its page and put away again: the lead becomes one of its own."""
    lead = Deal.open(by=ada, title="Orchard School", note="Wants oak")
    customer = lead.make_customer(by=ada)
    undoing.undo(Event.get(Event.verb == "customer made"), by=ada)
    customer = customer.fresh()
    customer.restore(by=ada)
    customer.edit(by=ada, note="Asked for ash, and only after the holidays")
    customer.archive(by=ada)
    assert lead.fresh().make_customer(by=ada) != customer
    assert customer.fresh().note == "Asked for ash, and only after the holidays"
    assert customer.fresh().is_archived


def test_a_lead_of_a_known_name_is_asked_about(sign_in: SignIn, ada: Person) -> None:
    Customer.add(by=ada, name="Orchard School")
    lead = Deal.open(by=ada, title="orchard school")
    browser = sign_in(ada)
    assert browser.post(f"{lead.url}/customer").headers["location"] == f"{lead.url}/edit"
    assert "There is a customer of this name already" in told(browser, f"{lead.url}/edit")
    assert lead.fresh().customer is None
    assert Customer.select().count() == 1


def test_what_was_said_to_a_lead_opens_as_the_lead_does(ada: Person, ben: Person, mona: Person) -> None:
    lead = Deal.open(by=ada, title="Orchard School")
    Interaction.log(None, by=ada, kind_of="call", text="Wants oak", deal=lead)
    Setting.choose("rights.need", True, by=None)
    assert [Interaction.visible_to(each).count() for each in (ada, ben, mona)] == [1, 0, 1]
    with pytest.raises(IntegrityError):
        Interaction.create(person=ada, kind_of="call", text="of nothing")


def test_a_day_that_passed_is_flagged_while_the_deal_is_open(
    sign_in: SignIn, ada: Person, deal: Deal
) -> None:
    browser, yesterday = sign_in(ada), clock.today() - timedelta(days=1)
    for on, late in ((clock.today(), False), (yesterday, True)):
        deal.fresh().edit(by=ada, expected_on=on)
        assert ("overdue" in told(browser, "/deals")) == ("overdue" in told(browser, deal.url)) == late
    closings.lose(deal.fresh(), by=ada, reason="price", on=clock.today())
    assert "overdue" not in told(browser, "/deals?show=all")


def test_lists_and_pages_ask_at_most_twelve_times(
    sign_in: SignIn, mona: Person, ada: Person, deal: Deal
) -> None:
    assert deal.customer is not None
    for i in range(30):
        other = Deal.open(by=ada, title=f"Deal {i}", customer=deal.customer, product=deal.product)
        Interaction.log(deal.customer, by=ada, kind_of="call", text=f"Call {i}", deal=other)
    closings.win(deal, by=ada, amount=20_500_00, on=clock.today())
    for _ in range(10):
        DealLine.receive(deal, by=ada, amount=100, on=clock.today())
    browser = sign_in(mona)
    paths = ["/deals", "/deals?show=team", f"/deals/{deal.id}", f"/deals/{deal.id}?tab=money"]
    paths += ["/products", f"/products/{deal.product_id}", f"/products/{deal.product_id}?tab=deals"]
    for path in paths:
        with count_queries() as counted:
            told(browser, path)
        assert counted.count <= 12, (path, counted.count, counted.get_queries())


def test_a_deal_is_opened_for_a_customer_named(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    browser = sign_in(ada)
    assert f"刘先生 #{deal.customer_id}" in told(browser, f"/deals/new?customer={deal.customer_id}")
    assert browser.get("/deals/new?customer=999999").status_code == 404
    bad = browser.post(
        "/deals/new", data={"title": "", "customer": "Who?", "amount": "1.234", "note": "kept"}
    )
    assert bad.status_code == 422
    assert "kept" in bad.text
    assert 'value="Who?"' in bad.text
    sent = {"title": "Garage", "customer": "刘先生", "product": str(deal.product_id), "amount": "12,345.60"}
    assert browser.post("/deals/new", data=sent).status_code == 303
    opened = Deal.get(Deal.title == "Garage")
    assert (opened.amount, opened.customer, opened.owner) == (12_345_60, deal.customer, ada)


def test_of_two_with_one_name_the_number_tells(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    other = Customer.add(by=ada, name="刘先生")
    browser = sign_in(ada)
    assert browser.post("/deals/new", data={"title": "Garage", "customer": "刘先生"}).status_code == 422
    sent = {"title": "Garage", "customer": f"刘先生 #{other.id}"}
    assert browser.post("/deals/new", data=sent).status_code == 303
    assert Deal.get(Deal.title == "Garage").customer == other


def test_what_was_said_about_a_deal_is_in_its_story(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    browser = sign_in(ada)
    closings.lose(deal, by=ada, reason="price", on=clock.today())
    page = told(browser, f"/deals/{deal.id}")
    writing = 'action="/experiences/new"><input type="hidden" name="kind" value="debrief">'
    assert writing in re.sub(r">\s+<", "><", page)
    sent = {"kind_of": "call", "text": "She called again", "deal": str(deal.id), "next": f"/deals/{deal.id}"}
    answer = browser.post(f"/customers/{deal.customer_id}/interactions", data=sent)
    assert answer.headers["location"] == f"/deals/{deal.id}"
    page = told(browser, f"/deals/{deal.id}")
    assert page.index("She called again") < page.index("lost the deal") < page.index("opened the deal")


def test_fitting_knowledge_and_who_can_help_stand_beside_the_deal(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, deal: Deal
) -> None:
    article = Article.create(
        title="How to answer about schools",
        slug="schools",
        author=ben,
        product=deal.product,
        state="published",
        published_at=clock.now(),
    )
    Article.create(title="Still a draft", slug="draft", author=ben, product=deal.product, state="draft")
    ArticleTopic.create(article=article, topic=schools)
    Evidence.create(
        person=ben, topic=schools, kind_of="verified article", subject_kind="article", subject=1, key="k"
    )
    page = told(sign_in(ada), f"/deals/{deal.id}")
    assert "How to answer about schools" in page
    assert "Still a draft" not in page
    assert "Who can help" in page
    assert f'href="/people/{ben.id}"' in page
    assert "Who can help" not in told(sign_in(ben), f"/deals/{deal.id}")
    for where in (f"/deals/{deal.id}", f"/products/{deal.product_id}"):
        section = told(sign_in(ada), f"{where}?tab=knowledge")
        assert section.count(">How to answer about schools<") == 1, "in its section, and not beside it again"
        assert "Who can help" in section


def test_a_deal_that_is_in_the_stage_already_is_not_said_to_move(
    sign_in: SignIn, ada: Person, deal: Deal
) -> None:
    browser = sign_in(ada)
    said = [
        "Moved to Viewing."
        in browser.post(f"/deals/{deal.id}/stage", data={"stage": "viewing"}, follow_redirects=True).text
        for _ in range(2)
    ]
    assert said == [True, False]


def test_stages_are_moved_by_their_buttons(sign_in: SignIn, ada: Person, ben: Person, deal: Deal) -> None:
    browser = sign_in(ada)
    for _ in range(2):
        assert browser.post(f"/deals/{deal.id}/stage", data={"stage": "viewing"}).status_code == 303
    assert deal.fresh().stage == "viewing"
    assert "moved the deal from Lead to Viewing" in told(browser, f"/deals/{deal.id}")
    assert browser.post(f"/deals/{deal.id}/stage", data={"stage": "won"}).status_code == 422
    assert sign_in(ben).post(f"/deals/{deal.id}/stage", data={"stage": "lead"}).status_code == 403
    assert deal.fresh().stage == "viewing"


def test_winning_offers_the_debrief(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, deal: Deal
) -> None:
    browser = sign_in(ada)
    assert 'value="20500.00"' in told(browser, f"/deals/{deal.id}/win")
    bad = browser.post(f"/deals/{deal.id}/win", data={"amount": "0", "on": "2100-01-01"})
    assert bad.status_code == 422
    assert 'value="2100-01-01"' in bad.text
    sent = {"amount": "20,500.00", "on": today(), "paid_on": today()}
    for _ in range(2):
        answer = browser.post(f"/deals/{deal.id}/win", data=sent)
        debrief = Experience.get(Experience.deal == deal)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/experiences/{debrief.id}/edit")
    assert [(line.trigger, line.amount) for line in DealLine.of(deal).order_by(DealLine.id)] == [
        ("contract", 20_500_00),
        ("payment", 20_500_00),
    ]
    page = told(browser, f"/deals/{deal.id}")
    writing = 'action="/experiences/new"><input type="hidden" name="kind" value="debrief">'
    assert writing in re.sub(r">\s+<", "><", page)
    assert "Not written yet" in page
    other = told(sign_in(mona), f"/deals/{deal.id}")
    assert "Debrief not written yet" in other
    assert 'action="/experiences/new"' not in other
    assert "ebrief" not in told(sign_in(ben), f"/deals/{deal.id}")


def test_a_debrief_begun_is_shown_to_its_author_alone(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, deal: Deal
) -> None:
    """Who leads the owner reads that it is begun; others, who may be its reviewers, not even that."""
    closings.lose(deal, by=ada, reason="price", on=clock.today())
    Experience.create(author=ada, kind_of="debrief", deal=deal, title="Why we lost")
    assert "Why we lost" in told(sign_in(ada), f"/deals/{deal.id}")
    other = told(sign_in(mona), f"/deals/{deal.id}")
    assert "Why we lost" not in other
    assert "has been begun" in other
    assert "ebrief" not in told(sign_in(ben), f"/deals/{deal.id}")


def test_losing_asks_why(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    browser = sign_in(ada)
    told(browser, f"/deals/{deal.id}/loss")
    bad = browser.post(f"/deals/{deal.id}/loss", data={"reason": "", "competitor": "隔壁", "on": today()})
    assert bad.status_code == 422
    assert 'value="隔壁"' in bad.text
    sent = {"reason": "价格", "competitor": "隔壁", "on": today()}
    assert browser.post(f"/deals/{deal.id}/loss", data=sent).status_code == 303
    assert (deal.fresh().stage, deal.fresh().lost_reason) == ("lost", "价格")


def test_reopening_is_the_managers_and_finances(
    sign_in: SignIn, ada: Person, mona: Person, fin: Person, deal: Deal
) -> None:
    closings.win(deal, by=ada, amount=100, on=clock.today(), paid_on=clock.today())
    assert sign_in(ada).post(f"/deals/{deal.id}/reopening").status_code == 403
    refused = sign_in(mona).post(f"/deals/{deal.id}/reopening")
    assert refused.status_code == 422
    assert "Reverse its payments first" in refused.text
    payment = next(line for line in DealLine.of(deal) if line.trigger == "payment")
    payment.confirm(by=fin)
    path = f"/deal-lines/{payment.id}/reversal"
    assert sign_in(ada).post(path, data={"reason": "x"}).status_code == 403
    browser = sign_in(fin)
    assert "Take back ¥1.00" in told(browser, path)
    assert browser.post(path, data={"reason": ""}).status_code == 422
    for _ in range(2):
        assert browser.post(path, data={"reason": "bounced"}).status_code == 303
    assert sum(line.amount for line in DealLine.of(deal) if line.trigger == "payment") == 0
    assert sign_in(mona).post(f"/deals/{deal.id}/reopening").status_code == 303
    assert deal.fresh().stage == "negotiation"


def test_a_payment_sent_twice_is_recorded_once(
    sign_in: SignIn, ada: Person, ben: Person, fin: Person, deal: Deal
) -> None:
    closings.win(deal, by=ada, amount=20_500_00, on=clock.today())
    browser, path = sign_in(fin), f"/deals/{deal.id}/payments/new"
    key = re.search(r'name="key"[^>]*value="([^"]+)"', told(browser, path))
    assert key
    sent = {"amount": "500", "on": today(), "key": key[1]}
    for _ in range(2):
        assert browser.post(path, data=sent).status_code == 303
    assert browser.post(path, data={**sent, "amount": "20500", "key": "new"}).status_code == 422
    assert sign_in(ben).post(path, data=sent).status_code == 403
    assert [line.amount for line in DealLine.of(deal) if line.trigger == "payment"] == [500_00]
    page = told(browser, f"/deals/{deal.id}?tab=money")
    assert "¥500.00 of ¥20,500.00" in page
    changed = browser.post(path, data={**sent, "amount": "200"})
    assert changed.status_code == 422, "back, another amount, and sent again: not as if it were recorded"
    assert f"¥500.00 of {today()} was recorded for {deal.title}" in changed.text


def test_a_form_of_another_deal_records_nothing_as_if_it_had(
    sign_in: SignIn, ada: Person, fin: Person, deal: Deal
) -> None:
    other = Deal.open(by=ada, title="Garage")
    for each in (deal, other):
        closings.win(each, by=ada, amount=500_00, on=clock.today())
    sent = {"amount": "500", "on": today(), "key": "import-1-2-payment"}
    assert sign_in(fin).post(f"/deals/{deal.id}/payments/new", data=sent).status_code == 303
    refused = sign_in(fin).post(f"/deals/{other.id}/payments/new", data=sent)
    assert (refused.status_code, f"was recorded for {deal.title}" in refused.text) == (422, True)
    keys = [line.key for line in DealLine.of(deal) if line.trigger == "payment"]
    assert keys == ["form-import-1-2-payment"], "never taken for a file's"
    DealLine.standing(deal)[0].reverse(by=fin, reason="bounced")
    again = sign_in(ada).post(f"/deals/{deal.id}/payments/new", data=sent)
    assert again.status_code == 422, "what finance took back is not recorded by sending the old form"


def test_shares_are_set_in_percent(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, deal: Deal
) -> None:
    browser, path = sign_in(ada), f"/deals/{deal.id}/shares"
    assert f"Ada #{ada.id}" in told(browser, path)
    bad = [
        {"person_1": "Ada", "share_1": "60", "person_2": "Ben", "share_2": "30"},
        {"person_1": "Ada", "share_1": "60", "person_2": "Ada", "share_2": "40"},
        {"person_1": "Ada", "share_1": "100", "person_2": "Ben", "share_2": ""},
    ]
    for sent in bad:
        assert browser.post(path, data=sent).status_code == 422
    assert DealShare.select().count() == 0
    sent = {"person_1": "Ada", "share_1": "66.6667", "person_2": f"Ben #{ben.id}", "share_2": "33.3333"}
    for _ in range(2):
        assert browser.post(path, data=sent).status_code == 303
    assert deal.shares() == {ada.id: 666_667, ben.id: 333_333}
    assert sign_in(stan).post(path, data=sent).status_code == 403


def test_a_stale_edit_keeps_both(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    deal.edit(by=ada, note="from the other tab")
    sent = {"title": deal.title, "amount": "20500", "note": "from this tab", "version": "1"}
    answer = sign_in(ada).post(f"/deals/{deal.id}/edit", data=sent)
    assert answer.status_code == 409
    assert "from the other tab" in answer.text
    assert "from this tab" in answer.text
    assert deal.fresh().note == "from the other tab"


def test_an_export_is_logged(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    text = sign_in(ada).post("/deals/export?show=mine").content.decode("utf-8")
    assert "翠湖花园三居" in text
    assert "20500.00" in text
    assert Event.get(Event.verb == "exported").changes["asked"] == [None, "show=mine"]


@pytest.mark.parametrize(
    "change", ["edit", "owner", "win", "loss", "archiving", "restoring", "shares", "stage"]
)
def test_only_owner_and_managers_change_a_deal(
    sign_in: SignIn, client: Client, ben: Person, stan: Person, adam: Person, deal: Deal, change: str
) -> None:
    path = f"/deals/{deal.id}/{change}"
    for other in (ben, stan, adam):
        assert sign_in(other).post(path, data={"title": "Mine"}).status_code == 403
    assert client.post(path).status_code in (303, 401)
    assert sign_in(ben).post(f"/deals/999999/{change}").status_code == 404
    assert [e.verb for e in Event.about(deal)] == ["opened"]


def test_handing_over_and_archiving(sign_in: SignIn, mona: Person, ben: Person, deal: Deal) -> None:
    browser = sign_in(mona)
    told(browser, f"/deals/{deal.id}/owner")
    assert browser.post(f"/deals/{deal.id}/owner", data={"to": "Ben"}).status_code == 303
    assert deal.fresh().owner == ben
    for change in ("archiving", "archiving", "restoring"):
        assert browser.post(f"/deals/{deal.id}/{change}").status_code == 303
    assert not deal.fresh().is_archived


def test_products_are_kept_by_managers_and_administrators(
    sign_in: SignIn, ada: Person, adam: Person, lakeside: Product
) -> None:
    sent = {"name": "贷款服务", "code": "S-1", "list_price": "100"}
    assert sign_in(ada).post("/products/new", data=sent).status_code == 403
    assert sign_in(ada).post(f"/products/{lakeside.id}/edit", data=sent).status_code == 403
    browser = sign_in(adam)
    told(browser, "/products/new")
    assert browser.post("/products/new", data={**sent, "code": "A-1024"}).status_code == 422
    assert browser.post("/products/new", data=sent).status_code == 303
    stale = {**sent, "code": "A-1024", "version": "0"}
    assert browser.post(f"/products/{lakeside.id}/edit", data=stale).status_code == 409
    assert browser.post(f"/products/{lakeside.id}/archiving").status_code == 303
    page = told(browser, "/products?sort=-price")
    assert "贷款服务" in page
    assert "Lakeside" not in page
    assert "Lakeside" in told(browser, "/products?show=archived")
    assert browser.post(f"/products/{lakeside.id}/restoring").status_code == 303
    for tab in ("knowledge", "questions", "deals", "timeline"):
        assert "Lakeside" in told(browser, f"/products/{lakeside.id}?tab={tab}")


def test_a_product_has_an_owner_who_is_told(
    sign_in: SignIn, ada: Person, ben: Person, audrey: Person, adam: Person, lakeside: Product
) -> None:
    """Scenario S52: on its page, in the list; who had it is told as well, and who left may stay for the while."""
    browser, edit = sign_in(adam), f"/products/{lakeside.id}/edit"

    def sent(owner: str) -> int:
        facts = {"name": "翠湖花园", "name_en": "Lakeside", "code": "A-1024", "owner": owner}
        return browser.post(edit, data={**facts, "version": lakeside.fresh().version}).status_code

    assert (sent("Nobody"), sent(f"Audrey #{audrey.id}")) == (422, 422)
    assert sent("Ada") == 303
    assert lakeside.fresh().owner == ada
    assert [str(one.phrase) for one in Notice.unread_by(ada)] == ["Adam made you the owner of Lakeside."]
    for page in (f"/products/{lakeside.id}", "/products"):
        assert f'href="{ada.url}"' in sign_in(ben).get(page).text
    assert f'value="Ada #{ada.id}"' in browser.get(edit).text
    ada.deactivate(by=adam)
    assert sent(f"Ada #{ada.id}") == 303
    assert sent("Ben") == 303
    assert sent("Ben") == 303
    assert [str(one.phrase) for one in Notice.unread_by(ben)] == ["Adam made you the owner of Lakeside."]
    assert sent("") == 303
    assert lakeside.fresh().owner is None
    assert "Lakeside is no longer yours: Adam." in [str(one.phrase) for one in Notice.unread_by(ben)]
