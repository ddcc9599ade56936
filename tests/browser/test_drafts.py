"""Never lose a word: what is typed comes back, what was handed in does not, and Back tells what is true."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.knowledge.proposals import Proposal
from portal.models.people.people import Person
from tests.browser.conftest import OpenPage, ready

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is about the browser


@pytest.fixture
def wei(ada: Person) -> Customer:
    return Customer.add(by=ada, name="Wei", city="Beijing")


def kept(page: Page, drafts: int) -> None:
    """So many drafts are on this device, once what was typed last is kept."""
    page.wait_for_timeout(400)
    held = "Object.keys(localStorage).filter(key => key.startsWith('draft:'))"
    page.wait_for_function(f"{held}.length === {drafts}")


def test_a_half_typed_call_log_survives_reload_and_theme_and_language(
    ada: Person, wei: Customer, open_page: OpenPage
) -> None:
    page = open_page(ada, wei.url)
    page.locator("textarea[name=text]").fill("Half a call")
    page.reload()
    offer, said = page.locator(".draft-offer"), page.locator("textarea[name=text]")
    expect(offer).to_contain_text("You began this on")
    expect(offer).to_contain_text("Half a call")
    expect(said).to_have_value("")
    for place, value in (("theme", "dark"), ("language", "zh")):
        with page.expect_navigation():
            page.evaluate(f"document.querySelector('form[action$={place}] [value={value}]').click()")
        expect(page.locator(".draft-offer")).to_contain_text("Half a call")
    page.get_by_role("button", name="继续写").click()
    expect(said).to_have_value("Half a call")
    expect(said).to_be_focused()
    expect(page.locator(".draft-offer")).to_have_count(0)
    page.locator("form.quick-add button.btn-primary").click()
    expect(page.get_by_text("已记下").first).to_be_visible()
    assert Interaction.get().text == "Half a call"
    kept(page, 0)
    page.reload()
    expect(page.locator(".draft-offer")).to_have_count(0)


def test_what_was_begun_in_a_folded_form_is_offered_where_it_is_seen(
    ada: Person, wei: Customer, open_page: OpenPage
) -> None:
    page = open_page(ada, wei.url)
    form = page.locator("form[action*='requests']").first
    page.locator("details", has=form).first.evaluate("fold => { fold.open = true }")
    form.locator("textarea, input:not([type=hidden])").first.fill("Wants a parking place")
    kept(page, 1)
    page.reload()
    offer = page.locator(".draft-offer")
    expect(offer).to_be_visible()
    expect(offer).to_contain_text("Wants a parking place")
    page.get_by_role("button", name="Write on").click()
    expect(form.locator("textarea, input:not([type=hidden])").first).to_be_visible()


def test_a_suggestion_gone_on_with_is_one_of_the_text_that_it_was_begun_on(
    ada: Person, ben: Person, schools: Topic, open_page: OpenPage
) -> None:
    article = Article.add(by=ada, title="Ask first", body="One.", topics=[schools])
    page = open_page(ben, f"{article.url}/suggestion")
    page.locator("textarea[name=body]").fill("One. And two.")
    kept(page, 1)
    article.fresh().edit(by=ada, body="Quite another text.")
    page.reload()
    page.get_by_role("button", name="Write on").click()
    expect(page.locator("textarea[name=body]")).to_have_value("One. And two.")
    with page.expect_navigation():
        page.get_by_role("button", name="Suggest", exact=True).click()
    expect(page.get_by_text("The text moved on since this was written")).to_be_visible()
    assert Proposal.get().base_number == 1


def test_what_was_thrown_away_does_not_come_back_but_for_an_undo(
    ada: Person, wei: Customer, open_page: OpenPage
) -> None:
    page = open_page(ada, "/customers/new")
    page.get_by_label("Name", exact=False).first.fill("Half a customer")
    page.goto("/customers")
    page.goto("/customers/new")
    page.get_by_role("button", name="Throw away").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".draft-offer")).to_contain_text("Half a customer")
    page.get_by_role("button", name="Throw away").click()
    page.reload()
    expect(page.locator(".draft-offer")).to_have_count(0)
    kept(page, 0)


def test_a_refused_form_keeps_its_draft_until_it_is_taken(ada: Person, open_page: OpenPage) -> None:
    page = open_page(ada, "/customers/new", expected=("422",))
    page.locator("[name=name]").fill("Half")
    page.locator("[name=email]").fill("nobody")
    page.locator("main form .btn-primary").click()
    expect(page.locator("[name=email]")).to_be_focused()
    ready(page)
    kept(page, 1)
    page.locator("[name=email]").fill("half@example.com")
    page.locator("main form .btn-primary").click()
    expect(page.get_by_text("Half is in.")).to_be_visible()
    kept(page, 0)


def test_back_after_handing_in_tells_so_and_sent_again_is_one_record(
    ada: Person, open_page: OpenPage
) -> None:
    page = open_page(ada, "/customers/new")
    page.locator("[name=name]").fill("Half")
    page.locator("main form .btn-primary").dblclick()
    expect(page.get_by_text("Half is in.")).to_be_visible()
    made = page.url
    page.go_back()
    expect(page.locator(".draft-offer")).to_contain_text("You handed this in on")
    expect(page.get_by_role("link", name="Open it")).to_have_attribute(
        "href", made[made.index("/customers") :]
    )
    link = page.get_by_role("link", name="Open it")
    ink, ground = (
        link.evaluate(f"element => getComputedStyle(element).{part}") for part in ("color", "backgroundColor")
    )
    assert (ink, ground) == ("rgb(255, 255, 255)", "rgb(11, 107, 102)"), (
        "a filled button says its words in white"
    )
    expect(page.locator("[name=name]")).to_have_value("Half")  # the browser filled it in again
    page.locator("main form .btn-primary").dblclick()
    page.wait_for_url(made)
    assert Customer.select().count() == 1, "Back, and sent again: one record"
    page.goto("/customers/new")
    expect(page.locator(".draft-offer")).to_have_count(0)


def test_two_tabs_on_one_draft_lose_neither_s_words(ada: Person, wei: Customer, open_page: OpenPage) -> None:
    one = open_page(ada, f"{wei.url}/edit")
    two = one.context.new_page()
    two.goto(f"{wei.url}/edit")
    ready(two)
    one.locator("[name=city]").fill("Shanghai")
    one.locator("[name=source]").fill("A fair")
    two.locator("[name=city]").fill("Tianjin")
    two.locator("[name=note]").fill("Likes tea.")
    two.wait_for_timeout(400)
    one.close()
    two.reload()
    two.get_by_role("button", name="Write on").click()
    expect(two.locator("[name=source]")).to_have_value("A fair")
    expect(two.locator("[name=note]")).to_have_value("Likes tea.")
    city, offer = two.locator("[name=city]"), two.locator(".draft-offer")
    expect(city).to_have_value("Tianjin")
    expect(offer).to_contain_text("Shanghai")
    offer.get_by_role("button").click()
    expect(city).to_have_value("Shanghai")
    expect(offer).to_contain_text("Tianjin")
    two.locator("main form .btn-primary").click()
    expect(two.get_by_text("Saved.")).to_be_visible()
    assert (wei.fresh().city, wei.fresh().note, wei.fresh().source) == ("Shanghai", "Likes tea.", "A fair")
    kept(two, 0)


def test_nobody_else_on_this_device_sees_a_draft(
    ada: Person, ben: Person, wei: Customer, open_page: OpenPage
) -> None:
    page = open_page(ada, "/customers/new")
    page.locator("[name=name]").fill("Ada's own")
    page.wait_for_timeout(400)
    other = open_page(ben, "/account")
    token = next(cookie["value"] for cookie in other.context.cookies() if cookie["name"] == "session")
    address = page.url.removesuffix("/customers/new")
    page.context.add_cookies([{"name": "session", "value": token, "url": address}])
    page.goto("/customers/new")
    expect(page.locator(".draft-offer")).to_have_count(0)
    kept(page, 0)  # it is gone from the device


def test_a_session_that_ended_loses_nothing(ada: Person, wei: Customer, open_page: OpenPage) -> None:
    page = open_page(ada, wei.url, expected=("401",))
    page.locator("textarea[name=text]").fill("Half a call")
    held = page.context.cookies()
    page.context.clear_cookies()
    page.locator("form.quick-add button.btn-primary").click()
    again = page.locator("form button")
    expect(again).to_contain_text("2.")
    page.context.add_cookies(held)  # type: ignore[arg-type]
    again.click()
    expect(page.get_by_text("Written down.")).to_be_visible()
    assert Interaction.select().count() == 1
    kept(page, 0)


def test_both_versions_are_chosen_from(ada: Person, mona: Person, wei: Customer, open_page: OpenPage) -> None:
    page = open_page(ada, f"{wei.url}/edit", expected=("409",))
    page.locator("[name=city]").fill("Tianjin")
    wei.edit(by=mona, city="Shanghai", note="From Mona.")
    page.locator("main form .btn-primary").click()
    expect(page.locator("#stale")).to_be_focused()
    ready(page)
    expect(page.locator(".clash")).to_have_count(1)
    page.get_by_label("As it is stored now").check()
    page.locator("[name=city]").fill("Suzhou")
    expect(page.get_by_label("As you wrote it")).to_be_checked()
    page.get_by_label("As it is stored now").check()
    page.locator("[name=city]").fill("Tianjin")
    page.get_by_label("As it is stored now").check()
    page.locator("main form .btn-primary").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert (wei.fresh().city, wei.fresh().note) == ("Shanghai", "From Mona.")
    for _ in range(2):  # saved as it is, and opened once more: an edit is not handed in for ever
        page.goto(f"{wei.url}/edit")
        ready(page)
        expect(page.locator(".draft-offer")).to_have_count(0)
        page.locator("main form .btn-primary").click()
        expect(page.locator("#messages .note")).to_be_focused()
    page.go_back()
    expect(page.locator(".draft-offer")).to_contain_text("You handed this in on")
    kept(page, 0)


def test_a_reviewer_s_notes_are_the_reviewer_s(
    rita: Person, rob: Person, ada: Person, schools: Topic, open_page: OpenPage
) -> None:
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="Ask first", situation="Four deals fell through.", action="Ask the owner.")
    process.submit(made, by=ada, topics=[schools])
    page = open_page(rita, "/reviews")
    notes = page.locator("main form textarea").first
    notes.fill("Not convinced")
    page.locator("label", has=page.locator("input[name=correct][value='4']")).click()
    page.wait_for_timeout(400)
    page.reload()
    page.get_by_role("button", name="Write on").click()
    expect(notes).to_have_value("Not convinced")
    expect(page.locator("input[name=correct][value='4']")).to_be_checked()
    other = open_page(rob, "/reviews")
    expect(other.locator("main form textarea").first).to_have_value("")
    expect(other.locator(".draft-offer")).to_have_count(0)


def test_no_password_is_kept(ada: Person, open_page: OpenPage) -> None:
    page = open_page(ada, "/account/password")
    page.locator("main input[type=password]").first.fill("a long secret of mine")
    kept(page, 0)


def test_what_one_did_is_said_and_has_the_focus(ada: Person, wei: Customer, open_page: OpenPage) -> None:
    page = open_page(ada, wei.url)
    page.locator("textarea[name=text]").fill("Likes tea.")
    page.locator("form.quick-add button.btn-primary").click()
    expect(page.locator("#messages .note")).to_be_focused()
    expect(page.get_by_role("status").and_(page.locator("#messages"))).to_contain_text("Written down.")


# ---------------------------------------------------------------- a form that saves itself


@pytest.fixture
def draft(ada: Person, rita: Person, rob: Person, schools: Topic) -> Experience:
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, situation="Four deals fell through.", action="Ask the owner.", topics=[schools])
    return made.fresh()


def state(page: Page) -> Locator:
    return page.locator("[data-autosave-state]")


def write(page: Page, name: str, text: str, then: str = "Saved at") -> None:
    page.locator(f"#{name}").fill(text)
    expect(state(page)).to_contain_text("Saving")
    expect(state(page)).to_contain_text(then)


def test_two_tabs_that_save_themselves_merge_and_ask_where_both_wrote(
    ada: Person, draft: Experience, open_page: OpenPage
) -> None:
    path = f"/experiences/{draft.id}/edit"
    one = open_page(ada, path, expected=("409",))
    two = one.context.new_page()
    two.goto(path)
    ready(two)
    write(one, "title", "Ask first")
    write(two, "outcome", "Fewer deals fall through.")
    expect(two.locator("#title")).to_have_value(
        "Ask first"
    )  # what the other wrote is shown where nothing was typed
    write(one, "action", "Ask the owner at once.")
    two.locator("#lesson").fill("Only with their leave.")
    write(two, "action", "Ask the tenant.", then="differently in two places")
    expect(state(two)).not_to_contain_text("by itself")
    expect(two.locator(".clash")).to_contain_text("Ask the owner at once.")
    two.reload()  # and nothing typed is lost by that
    ready(two)
    expect(state(two)).to_contain_text("differently in two places")
    clash = two.locator(".clash")
    expect(clash).to_contain_text("Ask the tenant.")
    for name, value in (
        ("title", "Ask first"),
        ("action", "Ask the tenant."),
        ("lesson", "Only with their leave."),
    ):
        expect(two.locator(f"#{name}")).to_have_value(value)
    found = draft.fresh()
    assert (found.title, found.action, found.lesson) == ("Ask first", "Ask the owner at once.", "")
    two.get_by_role("button", name="Save draft").click()
    expect(two.locator("#stale")).to_be_focused()  # first one chooses
    ready(two)
    assert draft.fresh().action == "Ask the owner at once."
    clash.get_by_label("As it is stored now").check()
    expect(two.locator("#action")).to_have_value("Ask the owner at once.")
    clash.get_by_label("As you wrote it").check()
    expect(two.locator("#action")).to_have_value("Ask the tenant.")
    expect(state(two)).to_contain_text("Saved at")
    found = draft.fresh()
    assert (found.title, found.action, found.outcome, found.lesson) == (
        "Ask first",
        "Ask the tenant.",
        "Fewer deals fall through.",
        "Only with their leave.",
    )
    write(two, "action", "Ask the tenant, too.")  # one goes on without being asked again
    assert draft.fresh().action == "Ask the tenant, too."
    kept(two, 0)


def test_what_is_stored_may_be_chosen_and_stays_so(
    ada: Person, draft: Experience, open_page: OpenPage
) -> None:
    page = open_page(ada, f"/experiences/{draft.id}/edit", expected=("409",))
    draft.save_draft(by=ada, action="Ask the owner at once.", topics=[], co_authors=[["Ben", 20]])
    write(page, "action", "Ask the tenant.", then="differently in two places")
    page.get_by_label("As it is stored now").check()
    expect(state(page)).to_contain_text("Saved at")
    write(page, "title", "Ask first")
    found = draft.fresh()
    assert (found.title, found.action, found.co_authors) == (
        "Ask first",
        "Ask the owner at once.",
        [["Ben", 20]],
    )
    assert list(found.topics) == []
    expect(page.get_by_label("Schools")).not_to_be_checked()


def test_what_the_server_does_not_take_is_said_so(
    ada: Person, draft: Experience, open_page: OpenPage
) -> None:
    page = open_page(ada, f"/experiences/{draft.id}/edit", expected=("422",))
    page.locator("#title").evaluate("field => field.removeAttribute('maxlength')")
    write(page, "title", "A" * 201, then="does not take it like this")
    expect(page.locator("#unsaved .form-errors")).to_contain_text("Title")
    write(page, "title", "Ask first")
    expect(page.locator("#unsaved .form-errors")).to_have_count(0)


def test_back_after_handing_in_an_experience_leads_on_to_it(
    ada: Person, draft: Experience, open_page: OpenPage
) -> None:
    path = f"/experiences/{draft.id}/edit"
    page = open_page(ada, path, expected=("422",))
    other = page.context.new_page()
    other.goto(path)
    ready(other)
    write(page, "title", "Ask first")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    ready(page)
    expect(page.locator(".draft-offer")).to_have_count(0)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#messages .note")).to_be_focused()
    page.go_back()
    if not page.url.endswith(draft.url):  # the browser held the page, or asked for it and was led on
        expect(page.locator(".draft-offer")).to_contain_text("You handed this in on")
        expect(page.locator("form.writing")).to_be_hidden()
        expect(page.get_by_role("link", name="Open it")).to_have_attribute("href", draft.url)
    write(other, "lesson", "Only with their leave.", then="handed in already")
    expect(state(other).get_by_role("link")).to_have_attribute("href", path)
    other.get_by_role("button", name="Save draft").click()
    expect(other.locator(".form-errors")).to_contain_text("with its reviewers")
    expect(other.locator("#lesson")).to_have_value("Only with their leave.")
    assert draft.fresh().lesson == ""
