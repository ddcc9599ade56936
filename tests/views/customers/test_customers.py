"""Customers through the browser: who sees what, what is kept, what is logged."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playhouse.test_utils import count_queries
from starlette.datastructures import FormData

from portal import clock, i18n
from portal.forms.customers.customers import CustomerForm
from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences.prefill import prefilled
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from tests.client import Client
from tests.conftest import SignIn

HTMX = {"HX-Request": "true"}


@pytest.fixture
def family(ada: Person, families: CustomerType) -> Customer:
    """Ada's customer, with everything that is private."""
    return Customer.add(
        by=ada,
        name="李明朗",
        type=families,
        phone="13812345678",
        email="li@example.com",
        address="翠湖路 8 号",
    )


def told(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


# ------------------------------------------------------------------ the list


def test_the_list_is_sorted_by_pinyin_and_narrowed_by_search_and_filter(
    sign_in: SignIn, ada: Person, ben: Person, family: Customer
) -> None:
    Customer.add(by=ben, name="安然")
    browser = sign_in(ada)
    page = told(browser, "/customers")
    assert page.index("安然") < page.index("李明朗")
    page = told(browser, "/customers?sort=-name")
    assert page.index("李明朗") < page.index("安然")
    assert "安然" not in told(browser, "/customers?show=mine")
    assert "安然" not in told(browser, f"/customers?type={family.type_id}")
    assert "李明朗" not in told(browser, "/customers?q=anr")
    assert "安然" not in told(browser, "/customers?q=ming")
    assert "Nobody here fits" in told(browser, "/customers?q=zzz&type=99999999999999999999")


def test_an_empty_list_says_what_will_be_here(sign_in: SignIn, ada: Person) -> None:
    assert "Your customers will be here" in told(sign_in(ada), "/customers")


def test_the_list_goes_on_where_it_stopped(sign_in: SignIn, ada: Person) -> None:
    for i in range(60):
        Customer.add(by=ada, name=f"Customer {i:02d}")
    browser = sign_in(ada)
    page = told(browser, "/customers")
    assert "Customer 49" in page
    assert "Customer 50" not in page
    more = re.search(r'href="(/customers\?[^"]*after=[^"]+)" data-more', page)
    assert more
    page = told(browser, more[1].replace("&amp;", "&"))
    assert "Customer 50" in page
    assert "Customer 49" not in page


def test_lists_and_pages_ask_at_most_twelve_times(
    sign_in: SignIn, mona: Person, ada: Person, family: Customer, lakeside: Product
) -> None:
    for i in range(30):
        one = Customer.add(by=ada, name=f"Customer {i}", type=family.type)
        deal = Deal.open(by=ada, title=f"Deal {i}", customer=family, product=lakeside)
        Interaction.log(family, by=mona, kind_of="call", text="Hello", deal=deal, follow_up_on=clock.today())
        Contact.add(family, by=ada, name=f"Contact {i}", phone="13700001111")
        one.archive(by=ada) if i % 10 == 0 else None
    browser = sign_in(mona)
    base = f"/customers/{family.id}"
    for path in (
        "/customers",
        "/customers?show=team&q=cust",
        base,
        f"{base}?tab=deals",
        f"{base}?tab=contacts",
    ):
        with count_queries() as counted:
            told(browser, path)
        assert counted.count <= 12, (path, counted.count, counted.get_queries())


# ------------------------------------------------------------------ privacy


def test_a_colleague_reads_masked_details_and_the_owner_reads_them(
    sign_in: SignIn, ada: Person, ben: Person, family: Customer
) -> None:
    own = told(sign_in(ada), f"/customers/{family.id}")
    assert "13812345678" in own
    other = told(sign_in(ben), f"/customers/{family.id}")
    assert "138****5678" in other
    assert not {"13812345678", "li@example.com", "翠湖路"} & set(
        re.findall(r"13812345678|li@example.com|翠湖路", other)
    )
    assert "Show in full" not in other


def test_a_manager_asks_and_the_asking_is_logged(sign_in: SignIn, mona: Person, family: Customer) -> None:
    browser = sign_in(mona)
    assert "13812345678" not in told(browser, f"/customers/{family.id}")
    assert not Event.select().where(Event.verb == "revealed").exists()
    answer = browser.post(f"/customers/{family.id}/private", headers=HTMX)
    assert "13812345678" in answer.text
    assert "<title>" not in answer.text
    event = Event.get(Event.verb == "revealed")
    assert (event.actor, event.subject) == (mona.id, family.id)
    assert "13812345678" in browser.post(f"/customers/{family.id}/private").text  # without JavaScript


def test_who_may_not_ask_is_refused(sign_in: SignIn, ben: Person, family: Customer) -> None:
    contact = Contact.add(family, by=None, name="王芳", phone="13700001111")
    browser = sign_in(ben)
    assert browser.post(f"/customers/{family.id}/private").status_code == 403
    assert browser.post(f"/contacts/{contact.id}/private").status_code == 403
    assert not Event.select().where(Event.verb == "revealed").exists()


def test_contacts_are_masked_too(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, family: Customer
) -> None:
    contact = Contact.add(family, by=ada, name="王芳", phone="13700001111")
    path = f"/customers/{family.id}?tab=contacts"
    assert "13700001111" in told(sign_in(ada), path)
    assert "137****1111" in told(sign_in(ben), path)
    assert "13700001111" in sign_in(mona).post(f"/contacts/{contact.id}/private", headers=HTMX).text


def test_a_managers_edit_neither_shows_nor_loses_private_details(
    sign_in: SignIn, mona: Person, family: Customer
) -> None:
    browser = sign_in(mona)
    form = told(browser, f"/customers/{family.id}/edit")
    assert "13812345678" not in form
    sent = {"name": "李明朗", "form": "person", "city": "北京", "version": "1"}
    refused = browser.post(f"/customers/{family.id}/edit", data=sent | {"phone": "13900000000"})
    assert refused.status_code == 422
    assert "You see the value that is here masked" in refused.text
    assert "13900000000" in refused.text
    assert "13812345678" not in refused.text
    assert family.fresh().city == ""
    for phone in ("", "138****5678", "13812345678"):  # nothing, the mask, the same: nothing is overwritten
        again = sent | {"phone": phone, "version": str(family.fresh().version)}
        assert browser.post(f"/customers/{family.id}/edit", data=again).status_code == 303
    assert (family.fresh().phone, family.fresh().city) == ("13812345678", "北京")


def test_a_manager_fills_what_is_empty_and_overwrites_nothing(
    sign_in: SignIn, ada: Person, mona: Person, family: Customer
) -> None:
    """RULES 4.10, for the customer and the people there; the owner changes what is there."""
    contact = Contact.add(family, by=ada, name="王芳", phone="13700001111")
    family.edit(by=ada, email="")
    browser, seller = sign_in(mona), sign_in(ada)
    assert 'name="email"' in told(browser, f"/contacts/{contact.id}/edit")
    for path, name, record in (
        (f"/customers/{family.id}/edit", "李明朗", family),
        (f"/contacts/{contact.id}/edit", "王芳", contact),
    ):
        sent = {"name": name, "form": "person", "email": "new@example.com", "version": str(record.version)}
        assert browser.post(path, data=sent).status_code == 303
        assert record.fresh().email == "new@example.com"
        sent |= {"email": "other@example.com", "version": str(record.fresh().version)}
        assert browser.post(path, data=sent).status_code == 422
        assert record.fresh().email == "new@example.com"
        assert seller.post(path, data=sent | {"phone": "13600002222"}).status_code == 303
        assert (record.fresh().email, record.fresh().phone) == ("other@example.com", "13600002222")


def test_what_the_owner_filled_meanwhile_is_not_shown_to_who_filled_it_too(
    ada: Person, mona: Person, family: Customer
) -> None:
    """Two fill one empty place at one moment: who sees it masked reads that it changed, not to what."""
    family.edit(by=ada, email="")
    with i18n.speaking("en"):
        sent = {
            "name": family.name,
            "form": "person",
            "email": "m@example.com",
            "version": str(family.version),
        }
        form = CustomerForm(FormData(sent), family)
        form.offering(mona, family)
        family.fresh().edit(by=ada, email="secret@example.com", version=family.version)
        assert not form.accepts(family.edit, by=mona)
    assert form.status == 409
    assert "secret@example.com" not in str(form.clashes)


def test_an_export_is_masked_marked_guarded_and_logged(
    sign_in: SignIn, ben: Person, family: Customer, ada: Person
) -> None:
    Customer.add(by=ben, name="=HYPERLINK(1)", phone="13600002222")
    answer = sign_in(ben).post("/customers/export?sort=name")
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeffName,Code,")
    assert "138****5678" in text
    assert "13600002222" in text
    assert "13812345678" not in text
    assert "'=HYPERLINK(1)" in text
    assert "Taken by Ben (ben@example.com)" in text.splitlines()[-1]
    assert answer.headers["content-disposition"].startswith("attachment")
    event = Event.get(Event.verb == "exported")
    assert (event.actor, event.changes["list"], event.changes["rows"]) == (
        ben.id,
        [None, "customers"],
        [None, 2],
    )


# ------------------------------------------------------------------ changes


def test_a_customer_is_added_with_a_name_alone(sign_in: SignIn, ada: Person) -> None:
    browser = sign_in(ada)
    told(browser, "/customers/new")
    answer = browser.post("/customers/new", data={"name": "刘先生", "form": "person"})
    added = Customer.get(Customer.name == "刘先生")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/customers/{added.id}")
    assert added.owner == ada


def test_bad_input_keeps_every_word(sign_in: SignIn, ada: Person, family: Customer) -> None:
    browser = sign_in(ada)
    sent = {"name": "", "form": "person", "email": "nobody", "note": "likes the garden", "revenue": "much"}
    for path in ("/customers/new", f"/customers/{family.id}/edit"):
        answer = browser.post(path, data={**sent, "version": "1"})
        assert answer.status_code == 422
        assert "likes the garden" in answer.text
        assert 'value="nobody"' in answer.text
        assert 'value="much"' in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert Customer.select().count() == 1


def test_a_stale_edit_shows_both_versions_and_loses_nothing(
    sign_in: SignIn, ada: Person, family: Customer
) -> None:
    family.edit(by=ada, city="上海")
    browser = sign_in(ada)
    sent = {"name": "李明朗", "form": "organisation", "city": "北京", "version": "1"}
    answer = browser.post(f"/customers/{family.id}/edit", data=sent)
    assert answer.status_code == 409
    assert "上海" in answer.text
    assert 'value="北京"' in answer.text
    assert family.fresh().city == "上海"
    version = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)
    assert version
    assert (
        browser.post(f"/customers/{family.id}/edit", data={**sent, "version": version[1]}).status_code == 303
    )
    assert family.fresh().city == "北京"


CHANGES = ["edit", "owner", "archiving", "restoring", "contacts/new"]


@pytest.mark.parametrize("change", CHANGES)
def test_only_owner_and_managers_change_a_customer(
    sign_in: SignIn,
    client: Client,
    ben: Person,
    stan: Person,
    adam: Person,
    family: Customer,
    change: str,
) -> None:
    path = f"/customers/{family.id}/{change}"
    for other in (ben, stan, adam):
        assert sign_in(other).post(path, data={"name": "Mine"}).status_code == 403
    assert client.post(path).status_code in (303, 401)
    assert sign_in(ben).post(f"/customers/999999/{change}").status_code == 404
    assert [event.verb for event in Event.about(family)] == ["added"]


def test_handing_over_is_done_by_name(sign_in: SignIn, ada: Person, ben: Person, family: Customer) -> None:
    browser = sign_in(ada)
    assert f"Ben #{ben.id}" in told(browser, f"/customers/{family.id}/owner")
    answer = browser.post(f"/customers/{family.id}/owner", data={"to": "Somebody"})
    assert answer.status_code == 422
    assert 'value="Somebody"' in answer.text
    assert browser.post(f"/customers/{family.id}/owner", data={"to": "Ben"}).status_code == 303
    assert family.fresh().owner == ben
    assert browser.get(f"/customers/{family.id}/owner").status_code == 403  # it is no longer hers


def test_archiving_twice_from_two_tabs_is_harmless(sign_in: SignIn, ada: Person, family: Customer) -> None:
    browser = sign_in(ada)
    for _ in range(2):
        assert browser.post(f"/customers/{family.id}/archiving").status_code == 303
    assert "李明朗" not in told(browser, "/customers")
    assert "李明朗" in told(browser, "/customers?show=archived")
    assert browser.post(f"/customers/{family.id}/restoring").status_code == 303
    assert "李明朗" in told(browser, "/customers")


def test_a_contact_is_added_and_edited(sign_in: SignIn, ada: Person, family: Customer) -> None:
    browser = sign_in(ada)
    assert browser.post(f"/customers/{family.id}/contacts/new", data={"name": ""}).status_code == 422
    browser.post(f"/customers/{family.id}/contacts/new", data={"name": "王芳", "decides": "y"})
    contact = Contact.get()
    assert (contact.name, contact.decides) == ("王芳", True)
    told(browser, f"/contacts/{contact.id}/edit")
    sent = {"name": "王芳", "title": "CFO", "version": "1"}
    assert browser.post(f"/contacts/{contact.id}/edit", data=sent).status_code == 303
    assert browser.post(f"/contacts/{contact.id}/edit", data={**sent, "title": "CEO"}).status_code == 409
    assert contact.fresh().title == "CFO"


# ------------------------------------------------------------------ contacts written down, and the timeline


def test_a_call_is_written_down_in_one_form_and_appears_on_top(
    sign_in: SignIn, ada: Person, family: Customer
) -> None:
    browser = sign_in(ada)
    key = re.search(r'name="key"[^>]*value="([^"]+)"', told(browser, f"/customers/{family.id}"))
    assert key
    tomorrow = clock.today() + timedelta(days=1)
    sent = {"kind_of": "call", "text": "谈了学区", "key": key[1], "follow_up_on": tomorrow.isoformat()}
    for _ in range(2):  # a double click
        answer = browser.post(f"/customers/{family.id}/interactions", data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/customers/{family.id}")
    said = Interaction.get()
    assert (said.text, said.follow_up_on, said.person) == ("谈了学区", tomorrow, ada)
    page = told(browser, f"/customers/{family.id}")
    assert page.index("谈了学区") < page.index("added this")
    assert f"Follow up on {tomorrow.isoformat()}" in page
    assert browser.post(f"/interactions/{said.id}/follow-up").status_code == 303
    assert "Kept" in told(browser, f"/customers/{family.id}")


def test_saying_what_became_of_a_promise_takes_it_off_the_bell_at_once(
    sign_in: SignIn, ada: Person, family: Customer
) -> None:
    browser, promise = sign_in(ada), {"follow_up_on": clock.today().isoformat()}
    address = f"/customers/{family.id}/interactions"
    browser.post(address, data={"kind_of": "call", "text": "Ring today"} | promise)
    bell = re.compile(r'id="needs-me" class="count">(\d+)<')
    assert bell.findall(browser.get("/customers").text)[:1] == ["1"]
    browser.post(address, data={"kind_of": "call", "text": "Rang"})
    assert bell.findall(browser.get("/customers").text)[:1] == ["1"]
    page = browser.post(f"/interactions/{Interaction.get().id}/follow-up", data={"kept": "n"})
    assert "Not kept" in browser.get(page.headers["location"]).text
    assert not bell.findall(browser.get("/customers").text)


def test_its_writer_corrects_and_withdraws_what_was_written_down(
    sign_in: SignIn, ada: Person, mona: Person, family: Customer
) -> None:
    said = Interaction.log(family, by=ada, kind_of="call", text="Wants two rooms")
    browser, path = sign_in(ada), f"/interactions/{said.id}/edit"
    form = browser.get(path).text
    assert "Wants two rooms" in form
    sent = {"kind_of": "call", "text": "Wants three rooms", "on": clock.today().isoformat(), "version": "1"}
    assert browser.post(path, data=sent).headers["location"] == f"/customers/{family.id}"
    assert "Wants two rooms" in browser.get(path).text, "what it said before"
    refused = browser.post(path, data=sent | {"text": "Wants four rooms"})
    assert refused.status_code == 409, "another tab wrote meanwhile"
    assert browser.post(path, data=sent | {"text": " ", "version": "2"}).status_code == 422
    other = sign_in(mona)
    page = other.get(f"/customers/{family.id}").text
    assert "Wants three rooms" in page
    assert "changed" in page
    assert other.post(path, data=sent | {"version": "2"}).status_code == 403
    assert browser.post(f"/interactions/{said.id}/archiving").status_code == 303
    page = other.get(f"/customers/{family.id}").text
    assert "Wants three rooms" not in page
    assert "Withdrawn by whoever wrote it down" in page
    assert browser.post(f"/interactions/{said.id}/restoring").status_code == 303
    assert "Wants three rooms" in other.get(f"/customers/{family.id}").text


def test_a_call_on_the_customers_page_is_about_a_deal(
    sign_in: SignIn, ada: Person, ben: Person, family: Customer
) -> None:
    """The one that is open is proposed; of several one is chosen; an edit says it otherwise; its page shows it."""
    browser, chosen = sign_in(ada), re.compile(r'<option selected value="(\d+)">')
    assert 'name="deal"' not in browser.get(family.url).text, "there is none to choose"
    first = Deal.open(by=ada, title="Three rooms", customer=family)
    page = told(browser, family.url).partition("quick-add")[2]
    assert chosen.findall(page)[:1] == [str(first.id)]
    second = Deal.open(by=ada, title="Two rooms", customer=family)
    page = browser.get(family.url).text.partition("quick-add")[2].partition("</form>")[0]
    assert not chosen.search(page), "which of two is theirs to say"
    sent = {"kind_of": "call", "text": "Fears the loan", "deal": str(second.id)}
    assert browser.post(f"{family.url}/interactions", data=sent).status_code == 303
    assert "Fears the loan" in browser.get(second.url).text
    assert "Fears the loan" not in browser.get(first.url).text

    said = Interaction.get()
    path, facts = f"/interactions/{said.id}/edit", {"kind_of": "call", "text": said.text}
    facts["on"] = clock.today().isoformat()
    assert chosen.findall(browser.get(path).text)[:1] == [str(second.id)]
    assert browser.post(path, data=facts | {"version": "1", "about": str(first.id)}).status_code == 303
    assert "Fears the loan" in browser.get(first.url).text
    begun = prefilled(first, by=ada)
    assert "Fears the loan" in "".join(str(text) for text in begun.values()), "and the debrief begins with it"
    assert browser.post(path, data=facts | {"version": "2", "about": ""}).status_code == 303
    assert said.fresh().deal is None
    other = Deal.open(by=ben, title="Of another", customer=Customer.add(by=ben, name="Another"))
    for address, name in ((path, "about"), (f"{family.url}/interactions", "deal")):
        answer = browser.post(address, data=facts | {"version": "3", name: str(other.id)})
        assert answer.status_code == 422, "a deal of somebody else"
    assert Interaction.select().count() == 1
    second.archive(by=ada)
    closings.lose(first, by=ada, on=clock.today(), reason="Dear")
    assert 'name="deal"' not in browser.get(family.url).text


def test_a_phone_number_shown_in_full_can_be_called(
    sign_in: SignIn, ada: Person, ben: Person, family: Customer
) -> None:
    Customer.update(phone="138 0013 8000").where(Customer.id == family.id).execute()
    assert '<a href="tel:13800138000">138 0013 8000</a>' in sign_in(ada).get(f"/customers/{family.id}").text
    assert "tel:" not in sign_in(ben).get(f"/customers/{family.id}").text


@pytest.mark.parametrize("phone", ["abc电话", "12"])
def test_a_phone_without_a_number_is_refused_and_an_old_one_is_no_link(
    sign_in: SignIn, ada: Person, family: Customer, phone: str
) -> None:
    browser, made = sign_in(ada), Contact.add(family, by=ada, name="Mr Wei")
    paths = (
        "/customers/new",
        f"{family.url}/edit",
        f"{family.url}/contacts/new",
        f"/contacts/{made.id}/edit",
    )
    for path in paths:
        version = (made if path.startswith("/contacts") else family).version
        sent = {"name": "Wei", "form": "organisation", "phone": phone, "version": version}
        answer = browser.post(path, data=sent)
        assert answer.status_code == 422, path
        assert "There is no phone number in this" in answer.text
        assert f'value="{phone}"' in answer.text
    Customer.update(phone=phone).where(Customer.id == family.id).execute()
    Contact.update(phone=phone).where(Contact.id == made.id).execute()
    page = told(browser, family.url) + told(browser, f"{family.url}?tab=contacts")
    assert phone in page
    assert "tel:" not in page
    family.fresh().edit(by=ada, phone=phone, note="Written in those days.")
    made.fresh().edit(by=ada, phone=phone, note="So was this.")
    assert (family.fresh().phone, family.fresh().note) == (phone, "Written in those days.")
    family.fresh().edit(by=ada, phone="95588")
    assert "tel:95588" in told(browser, family.url)


def test_a_contact_without_words_is_shown_again(sign_in: SignIn, ada: Person, family: Customer) -> None:
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    sent = {"kind_of": "visit", "text": "", "follow_up_on": yesterday}
    answer = sign_in(ada).post(f"/customers/{family.id}/interactions", data=sent)
    assert answer.status_code == 422
    assert "This day has passed." in answer.text
    assert Interaction.select().count() == 0


def test_a_contact_is_written_down_from_anywhere(
    sign_in: SignIn, ada: Person, audrey: Person, family: Customer
) -> None:
    browser = sign_in(ada)
    assert f"李明朗 #{family.id}" in told(browser, "/interactions/new")
    for name, status in (("Nobody", 422), (f"李明朗 #{family.id}", 303)):
        sent = {"customer": name, "kind_of": "note", "text": "met at the fair"}
        answer = browser.post("/interactions/new", data=sent)
        assert answer.status_code == status
    assert Interaction.get().customer == family
    assert sign_in(audrey).post("/interactions/new", data={"text": "x"}).status_code == 403


def test_the_timeline_leads_back_outside_only_within_the_portal(
    sign_in: SignIn, ada: Person, family: Customer
) -> None:
    sent = {"kind_of": "call", "text": "Hello", "next": "https://elsewhere.example"}
    answer = sign_in(ada).post(f"/customers/{family.id}/interactions", data=sent)
    assert answer.headers["location"] == f"/customers/{family.id}"


def test_the_timeline_is_told_in_pieces_and_filtered(sign_in: SignIn, ada: Person, family: Customer) -> None:
    start = clock.now() - timedelta(days=30)
    for i in range(25):
        with clock.moved(start + timedelta(days=i)):
            Interaction.log(family, by=ada, kind_of="call", text=f"Call number {i:02d}.")
            if i == 3:
                family.edit(by=ada, city="上海")
            if i == 4:
                Deal.open(by=ada, title="翠湖三居", customer=family)
    browser = sign_in(ada)
    seen, path = "", f"/customers/{family.id}"
    while path:
        page = told(browser, path)
        seen += page
        more = re.search(r'href="([^"]*after=[^"]+)" data-more="happened"', page)
        path = more[1].replace("&amp;", "&") if more else ""
    numbers = [int(n) for n in re.findall(r'keep-lines">Call number (\d+)\.', seen)]
    assert numbers == sorted(range(25), reverse=True)
    assert seen.count("opened the deal") == 1
    assert "翠湖三居" in seen
    changes = told(browser, f"/customers/{family.id}?show=changes")
    assert "changed City" in changes
    assert 'keep-lines">Call number' not in changes
    assert "opened the deal" in told(browser, f"/customers/{family.id}?show=deals")
    assert "changed City" not in told(browser, f"/customers/{family.id}?show=talk")
    assert told(browser, f"/customers/{family.id}?after=nonsense")


def test_going_back_and_sending_again_makes_no_second_customer(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    """../shared/cases/back-and-submit-again.json"""
    sent = {"name": "后退再存公司", "form": "organisation"}
    browser = sign_in(ada)
    assert browser.post("/customers/new", data=sent).status_code == 303
    again = browser.post("/customers/new", data=sent)
    assert again.status_code == 422
    made = Customer.get(Customer.name == "后退再存公司")
    assert f'<a href="{made.url}">后退再存公司</a>' in again.text
    assert sign_in(ben).post("/customers/new", data=sent | {"name": " 后退再存公司　"}).status_code == 422
    assert Customer.select().count() == 1
    assert browser.post("/customers/new", data=sent | {"another": "y"}).status_code == 303
    assert Customer.select().count() == 2
