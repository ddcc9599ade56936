"""What of an article the world reads: by two people, in words that stay as they were confirmed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from peewee import IntegrityError

from portal import clock
from portal.media.kinds import PNG, TEXT
from portal.models.base import undoing
from portal.models.base.published import Telling
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo
from portal.models.company.calendar import Calendar
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.files.attachments import Arrived, Attachment, Enclosure
from portal.models.files.file_texts import FileText
from portal.models.help.pages import HelpPage, HelpWord, PublicDays, texts_of
from portal.models.help.reading import (
    _open_topics,
    beside,
    links_within,
    on_topic,
    open_topics,
    page_at,
    topics_of,
)
from portal.models.knowledge.articles import Article
from portal.models.people.absences import Absence
from portal.models.people.approvals import Approval
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.people.sessions import close_account
from portal.models.work.clocks import Clock
from portal.text.grams import packed, terms_of
from portal.text.markdown import sections_of
from tests.models.knowledge.test_shelves import plan
from tests.views.company.test_logo import png

BODY = "Before all.\n\n## For everyone\n\nBring your card.\n\n## For us\n\nThe margin is thin.\n"


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    """Ada's: the second of its three sections is for everyone."""
    return Article.add(by=ada, title="A school place", body=BODY, topics=[schools])


def ask(article: Article, by: Person, *sections: int) -> HelpPage:
    article = article.fresh()
    return HelpPage.ask(article, by=by, number=article.text_number, sections=sections or (1,))


def public(article: Article, by: Person, second: Person, *sections: int) -> HelpPage:
    page = ask(article, by, *sections).fresh()
    page.confirm(by=second, version=page.version)
    return page.fresh()


def in_the_open() -> list[int]:
    return [page.article_id for page in HelpPage.in_the_open()]


# ---------------------------------------------------------------- by two people


def test_one_asks_and_another_lets_it_out(article: Article, ada: Person, rita: Person) -> None:
    page = ask(article, ada)
    assert in_the_open() == [], "asked is not public"
    assert [need.url for need in needs(rita) if need.kind == "help page"] == [page.url]
    page.fresh().confirm(by=rita, version=page.version)
    page = page.fresh()
    assert in_the_open() == [article.id]
    assert (page.title, page.body) == ("A school place", "## For everyone\n\nBring your card.")
    assert (page.number, page.slug, page.proposed_by, page.agreed_by) == (1, "a-school-place", ada, rita)
    assert "margin" not in json.dumps(page.__data__, default=str)
    assert [event.verb for event in Event.about(page)] == ["confirmed", "proposed"]
    assert not [need for need in needs(rita) if need.kind == "help page"]
    assert Notice.of(ada).first().url == page.url


def test_nobody_lets_out_what_is_their_own_or_what_they_ask_for(
    article: Article, ada: Person, ben: Person, rita: Person, rob: Person, adam: Person, mona: Person
) -> None:
    page = ask(article, rita).fresh()
    for person in (ada, ben, rita, adam):
        assert not page.confirmable_by(person), person.name
        with pytest.raises(Invalid):
            page.fresh().confirm(by=person, version=page.version)
    assert page.confirmable_by(rob)
    assert page.confirmable_by(mona)
    assert in_the_open() == []


def test_who_wrote_what_is_not_public_yet_does_not_confirm_it(
    article: Article, ada: Person, rita: Person, rob: Person, mona: Person
) -> None:
    article.fresh().edit(by=rita, body=BODY.replace("your card", "your secret"))
    article.fresh().edit(by=ada, summary="In short")
    page = ask(article, ada).fresh()
    assert not page.confirmable_by(rita), "she wrote a version of it"
    with pytest.raises(Invalid):
        page.confirm(by=rita, version=page.version)
    assert not [need for need in needs(rita) if need.kind == "help page"]
    assert [need.url for need in needs(rob) if need.kind == "help page"] == [page.url]
    page.confirm(by=rob, version=page.version)
    article.fresh().edit(by=ada, body=BODY.replace("your card", "your ticket"))
    assert ask(article, ada).fresh().confirmable_by(rita), "what she wrote was confirmed by another"


def test_nobody_makes_their_own_second_person(
    article: Article, ada: Person, rita: Person, stan: Person, schools: Topic
) -> None:
    stan.grant("reviewer", by=ada, topic=schools)  # type: ignore[arg-type]
    page = ask(article, ada).fresh()
    stan = Person.get_by_id(stan.id)
    assert not page.confirmable_by(stan)
    assert page.confirmable_by(rita)
    assert not [need for need in needs(stan) if need.kind == "help page"]
    with clock.moved(clock.now() + timedelta(days=31)):
        assert page.confirmable_by(stan), "for a month"


def test_where_there_is_no_other_nobody_is_locked_out(
    article: Article, ada: Person, mona: Person, stan: Person, schools: Topic
) -> None:
    stan.grant("reviewer", by=ada, topic=schools)  # type: ignore[arg-type]
    page = ask(article, ada).fresh()
    assert not page.confirmable_by(Person.get_by_id(stan.id)), "there is Mona"
    Person.update(deactivated_at=clock.now()).where(Person.id == mona.id).execute()
    assert page.confirmable_by(Person.get_by_id(stan.id))


def test_a_reviewer_of_other_topics_does_not(article: Article, ada: Person, stan: Person) -> None:
    stan.grant("reviewer", by=None, topic=Topic.create(name="贷款"))  # type: ignore[arg-type]
    assert not ask(article, ada).confirmable_by(Person.get_by_id(stan.id))


def test_the_database_itself_refuses_one_alone(article: Article, ada: Person, rita: Person) -> None:
    page = public(article, ada, rita)
    with pytest.raises(IntegrityError):
        HelpPage.update(agreed_by=ada).where(HelpPage.id == page.id).execute()


def test_only_who_may_change_it_asks_and_only_for_what_is_published(
    article: Article, ada: Person, ben: Person, schools: Topic
) -> None:
    with pytest.raises(Invalid):
        ask(article, ben)
    draft = Article.add(by=ada, title="Draft", body="Not yet.", topics=[schools], published=False)
    with pytest.raises(Invalid):
        ask(draft, ada, 0)
    assert HelpPage.select().count() == 0


def test_asking_twice_is_asking_once(article: Article, ada: Person, rita: Person) -> None:
    first, again = ask(article, ada), ask(article, ada)
    assert (first, first.version) == (again, again.version)
    assert Approval.select().count() == 1
    other = ask(article, ada, 0, 1)
    assert other.asked_sections == [0, 1]
    assert [a.state for a in Approval.select().order_by(Approval.id)] == ["withdrawn", "asked"]


def test_what_is_public_already_is_not_asked_for(article: Article, ada: Person, rita: Person) -> None:
    public(article, ada, rita)
    with pytest.raises(Invalid, match="already"):
        ask(article, ada)
    assert ask(article, ada, 0, 1).asked_sections == [0, 1]


def test_what_was_not_looked_at_is_not_confirmed(article: Article, ada: Person, rita: Person) -> None:
    """While Rita reads, Ada asks for another section: her click is not for that one."""
    seen = ask(article, ada).fresh()
    ask(article, ada, 2)
    with pytest.raises(Invalid):
        seen.fresh().confirm(by=rita, version=seen.version)
    assert in_the_open() == []


def test_confirming_twice_is_harmless(article: Article, ada: Person, rita: Person, rob: Person) -> None:
    page = ask(article, ada).fresh()
    page.confirm(by=rita, version=page.version)
    page.fresh().confirm(by=rita, version=page.version)
    assert Event.select().where(Event.verb == "confirmed").count() == 1
    with pytest.raises(Invalid):
        page.fresh().confirm(by=rob, version=page.version)


def test_who_refuses_says_why(article: Article, ada: Person, rita: Person) -> None:
    page = ask(article, ada).fresh()
    with pytest.raises(Invalid):
        page.refuse(by=rita, reason=" ")
    page.refuse(by=rita, reason="Not true for all")
    page.fresh().refuse(by=rita, reason="Not true for all")
    assert in_the_open() == []
    assert "Not true for all" in Notice.of(ada).first().phrase
    assert Event.select().where(Event.verb == "refused").count() == 1


def test_where_nobody_reviews_the_topic_the_managers_are_asked(
    article: Article, ada: Person, mona: Person
) -> None:
    assert not HelpPage.nobody_confirms(article, ada, HelpPage.of(article))
    page = ask(article, ada)
    assert [need.url for need in needs(mona) if need.kind == "help page"] == [page.url]
    assert HelpPage.nobody_confirms(article, mona, HelpPage.of(article))


# ---------------------------------------------------------------- bound to a version


def test_later_changes_are_not_public(article: Article, ada: Person, rita: Person) -> None:
    page = public(article, ada, rita)
    article.fresh().edit(by=ada, title="Secret", body=BODY.replace("your card", "your secret"))
    page = page.fresh()
    assert "secret" not in f"{page.title} {page.html}".lower()
    assert page.is_behind
    again = ask(article, ada)
    assert "secret" not in again.fresh().html, "asked for is not public either"
    again.fresh().confirm(by=rita, version=again.version)
    page = page.fresh()
    assert (page.number, page.title, page.slug) == (2, "Secret", "a-school-place"), "its address stays"
    assert not page.is_behind


def test_an_edit_between_question_and_answer_is_not_let_out(
    article: Article, ada: Person, rita: Person
) -> None:
    page = ask(article, ada).fresh()
    article.fresh().edit(by=ada, body=BODY.replace("your card", "your secret"))
    with pytest.raises(Invalid):
        HelpPage.ask(article.fresh(), by=ada, number=1, sections=[1])
    with pytest.raises(Invalid, match="asks for its present version"):
        page.fresh().confirm(by=rita, version=page.version)
    assert page.fresh().is_overtaken
    assert in_the_open() == [], "nor what was taken out of it meanwhile"
    assert not public(article, ada, rita).is_overtaken
    assert "your secret" in page.fresh().html


def test_a_summary_does_not_tell_of_what_is_not_public(article: Article) -> None:
    assert article.summary.startswith("Before all.")
    assert texts_of(article, [1])["summary"] == "Bring your card."
    assert texts_of(article, [0, 1, 2])["summary"] == article.summary


def test_sections_that_say_nothing_are_not_let_out(article: Article, ada: Person) -> None:
    for sections in ((), (7,)):
        with pytest.raises(Invalid):
            HelpPage.ask(article, by=ada, number=1, sections=sections)


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "",
        "no heading",
        "\n\n# One\n## Two\ntext",
        "One\n===\ntext\nTwo\n---\nmore",
        "```\n# no heading\n```\n# One\n> # quoted\n\n- # listed",
        "~~~\nopen to the end\n# no heading",
    ],
)
def test_sections_together_are_the_text(text: str) -> None:
    assert "\n".join(section.text for section in sections_of(text)) == text


def test_what_looks_like_a_heading_within_another_thing_cuts_nothing() -> None:
    text = "start\n```\n# no heading\n```\n# One\n> # quoted\n\n- # listed"
    assert [section.title for section in sections_of(text)] == ["", "One"]


def test_the_same_headings_are_chosen_again(article: Article, ada: Person, rita: Person) -> None:
    page = public(article, ada, rita)
    changed = "# New\n\nfirst\n\n" + BODY
    assert [s.title for s in sections_of(changed)] == ["New", "For everyone", "For us"]
    assert page.chosen_again(sections_of(changed)) == [1], "what is new is not chosen unasked"


def test_of_two_headings_of_one_name_the_same_one_is_chosen_again(
    article: Article, ada: Person, rita: Person
) -> None:
    """The other is for us alone; where there is one more, nobody knows which: none goes out unasked."""
    twice = "# Mind\n\nOpen.\n\n# Mind\n\nSecret."
    article.edit(by=ada, body=twice)
    page = HelpPage.ask(article.fresh(), by=ada, number=article.text_number, sections=[0])
    assert page.chosen_again(sections_of(twice + " More.")) == [0]
    assert page.chosen_again(sections_of("# Mind\n\nNew.\n\n" + twice)) == []


def test_the_world_finds_it_under_the_topics_that_were_confirmed(
    article: Article, ada: Person, rita: Person, schools: Topic
) -> None:
    secret = Topic.create(name="Takeover of ACME (secret)")
    page = ask(article, ada).fresh()
    article.fresh().add_topic(secret, by=ada)
    assert page.asked_topics == [schools]
    page.confirm(by=rita, version=page.version)
    for topics in (open_topics(), topics_of(page)):
        assert topics == [schools], "nobody confirmed that name"
    assert on_topic(secret.id, 1) == []
    assert [each.id for each in on_topic(schools.id, 1)] == [page.id]
    again = ask(article, ada).fresh()
    assert again.asked_topics == [schools, secret], "which is something to ask for"
    assert topics_of(page) == [schools]
    again.confirm(by=rita, version=again.version)
    assert topics_of(page) == [schools, secret]
    article.fresh().edit(by=ada, topics=[schools])
    assert topics_of(page) == [schools], "what it is no longer filed under goes at once"
    assert open_topics() == [schools]


def test_a_topics_name_tells_of_no_customer(article: Article, ada: Person, ben: Person) -> None:
    Customer.add(by=ben, name="ACME")
    article.fresh().add_topic(Topic.create(name="Takeover of ACME (secret)"), by=ada)
    with pytest.raises(Telling, match="ACME"):
        ask(article, ada)


# ---------------------------------------------------------------- taken down


def test_it_is_down_at_once_and_a_click_brings_it_back(article: Article, ada: Person, rita: Person) -> None:
    page = public(article, ada, rita)
    assert page.withdraw(by=ada)
    assert in_the_open() == []
    assert not page.fresh().withdraw(by=ada), "twice is harmless"
    act = Event.about(page).first()
    undoing.undo(act, by=ada)
    assert in_the_open() == [article.id]


def test_what_was_put_away_comes_back_without_its_page(article: Article, ada: Person, rita: Person) -> None:
    """It was put away because it was wrong: who brings it back to mend it does not show it to the world."""
    page = public(article, ada, rita)
    article.fresh().archive(by=ada)
    assert in_the_open() == []
    assert page.fresh().state == "withdrawn"
    article.fresh().restore(by=ada)
    assert in_the_open() == []
    waiting = ask(article, ada)
    article.fresh().archive(by=ada)
    assert waiting.fresh().asked_number is None
    assert not [need for need in needs(rita) if need.kind == "help page"]


def test_no_click_brings_back_what_is_no_longer_published(
    article: Article, ada: Person, rita: Person
) -> None:
    page = public(article, ada, rita)
    page.withdraw(by=ada)
    article.fresh().archive(by=ada)
    with pytest.raises(Invalid):
        undoing.undo(Event.about(page).first(), by=ada)


def test_no_click_shows_again_what_was_put_away_meanwhile(
    article: Article, ada: Person, rita: Person
) -> None:
    page = public(article, ada, rita)
    article.fresh().archive(by=ada)
    article.fresh().restore(by=ada)
    down = Event.about(page).first()
    assert down.verb == "withdrawn"
    assert undoing.undoable(page.fresh(), by=ada) == []
    with pytest.raises(Invalid, match="put away since"):
        undoing.undo(down, by=ada)
    assert in_the_open() == []
    again = ask(article, ada).fresh()
    again.confirm(by=rita, version=again.version)
    again.fresh().withdraw(by=ada)
    undoing.undo(Event.about(page).first(), by=ada)
    assert in_the_open() == [article.id], "what was confirmed since comes back by a click"


def test_put_away_again_by_a_click_it_is_down_as_well(
    article: Article, ada: Person, rita: Person, mona: Person
) -> None:
    article.fresh().archive(by=ada)
    article.fresh().restore(by=ada)
    back = Event.about(article).first()
    page = public(article, ada, rita)
    undoing.undo(back, by=ada)
    assert (article.fresh().state, page.fresh().state) == ("archived", "withdrawn")
    article.fresh().restore(by=ada)
    assert in_the_open() == []
    with pytest.raises(Invalid, match="put away since"):
        undoing.undo(Event.about(page).first(), by=ada)


def test_an_article_that_is_a_draft_again_is_not_public(article: Article, ada: Person, rita: Person) -> None:
    public(article, ada, rita)
    Article.update(state="draft").where(Article.id == article.id).execute()
    assert in_the_open() == []
    assert open_topics() == []


def test_prices_are_hidden_14_days_after_they_were_due(
    article: Article, ada: Person, rita: Person, schools: Topic
) -> None:
    article.edit(by=ada, freshness="price")
    page = public(article, ada, rita)
    due = article.fresh().review_by
    assert due is not None
    for days, shown in ((0, True), (13, True), (14, False)):
        with clock.moved(clock.start_of(due + timedelta(days=days)) + timedelta(hours=1)):
            assert (in_the_open() == [article.id]) == shown, days
            assert page.is_hidden == (not shown)
    evergreen = Article.add(by=ada, title="Old", body="Always so.", topics=[schools])
    public(evergreen, ada, rita, 0)
    with clock.moved(clock.start_of(due + timedelta(days=4000))):
        assert in_the_open() == [evergreen.id], "only prices and policies"


def test_a_price_that_another_replaced_is_not_public_for_ever(
    article: Article, ada: Person, rita: Person
) -> None:
    """Checked is the new text: of the old one, which is public still, nobody says that it is true."""
    article.edit(by=ada, freshness="price")
    page = public(article, ada, rita)
    began = clock.now()
    article.fresh().edit(by=ada, body=BODY.replace("your card", "your ticket"))
    for days, shown in ((29, True), (31, False)):  # a price is good for 30 days
        with clock.moved(began + timedelta(days=days)):
            Article.update(review_by=clock.today() + timedelta(days=30)).execute()
            assert (in_the_open() == [article.id]) == shown, days
            assert (page_at("a-school-place") is not None) == shown
    with clock.moved(began + timedelta(days=31)):
        public(article, ada, rita)
        assert in_the_open() == [article.id], "confirmed anew it is shown"
    assert page.fresh().freshness == "price"


def test_after_its_last_day_it_is_gone_whenever_that_is_noticed(
    article: Article, ada: Person, rita: Person
) -> None:
    public(article, ada, rita)
    article.fresh().edit(by=ada, ends_on=clock.today())
    assert in_the_open() == [article.id]
    with clock.moved(clock.now() + timedelta(days=1)):
        assert article.fresh().is_read, "nothing has ended it yet"
        assert in_the_open() == []


def test_where_its_reviewers_are_on_leave_a_manager_who_is_here_is_asked(
    article: Article, ada: Person, rita: Person, mona: Person
) -> None:
    def asked(person: Person) -> list[str]:
        return [need.url for need in needs(person) if need.kind == "help page"]

    today = clock.today()
    for one, others in ((rita, (mona,)), (mona, (rita,))):
        Absence.note(by=one, person=one, first_day=today, last_day=today + timedelta(days=20))
        page = ask(article, ada)
        assert [bool(asked(other)) for other in others] == [True], one.name
        page.take_back(by=ada)


def test_where_its_reviewers_leave_while_it_waits_the_managers_are_asked(
    article: Article, ada: Person, rita: Person, mona: Person
) -> None:
    page = ask(article, ada)
    close_account(rita, by=mona)
    with clock.moved(Calendar.read().add(clock.now(), 3) + timedelta(minutes=1)):
        for ident in Clock.due():
            Clock.get_by_id(ident).advance()
        assert [need.url for need in needs(mona) if need.kind == "help page"] == [page.url]
        page = page.fresh()
        page.confirm(by=mona, version=page.version)
        assert in_the_open() == [article.id]


def test_another_class_makes_no_price_true_for_longer(article: Article, ada: Person, rita: Person) -> None:
    article.edit(by=ada, freshness="price")
    public(article, ada, rita)
    due = article.fresh().review_by
    assert due is not None
    article.fresh().edit(by=ada, freshness="evergreen")
    for days, shown in ((13, True), (14, False)):
        with clock.moved(clock.start_of(due + timedelta(days=days)) + timedelta(hours=1)):
            assert (in_the_open() == [article.id]) == shown, days


def test_what_is_true_until_a_day_is_hidden_after_it(article: Article, ada: Person, rita: Person) -> None:
    last = clock.today() + timedelta(days=10)
    article.edit(by=ada, freshness="dated", review_by=last)
    public(article, ada, rita)
    noon = clock.start_of(last) + timedelta(hours=12)
    for at, shown in ((noon, True), (noon + timedelta(days=1), False)):
        with clock.moved(at):
            assert (in_the_open() == [article.id]) == shown
    later = last + timedelta(days=90)
    article.fresh().edit(by=ada, body=BODY.replace("your card", "your ticket"), review_by=later)
    with clock.moved(noon + timedelta(days=1)):
        assert in_the_open() == [], "that day is the new text's"
        article.fresh().edit(by=ada, body=BODY, review_by=later)
        public(article, ada, rita)
        assert in_the_open() == [article.id]


# ---------------------------------------------------------------- nothing tells who a customer is


@pytest.mark.parametrize(
    "told", ["Ring 13800001234.", "Write to wang@example.org.", "As Hengda Homes did.", "As 韦小宝 did."]
)
def test_what_tells_who_a_customer_is_is_not_asked_for(
    article: Article, ada: Person, ben: Person, told: str
) -> None:
    customer = Customer.add(by=ben, name="Hengda Homes")
    Contact.add(customer, by=ben, name="韦小宝")
    text = BODY.replace("Bring your card.", told)
    article.edit(by=ada, body=text.replace("Ring 13800001234.", "Ring.").replace("wang@example.org", "us"))
    Article.update(body=text).where(Article.id == article.id).execute()
    with pytest.raises(Telling):
        ask(article, ada)
    assert HelpPage.select().count() == 0


def test_nobody_says_that_a_customers_name_is_an_ordinary_word(
    article: Article, ada: Person, rita: Person
) -> None:
    page = ask(article, ada).fresh()
    Customer.add(by=ada, name="Your Card")
    page.names_checked = True
    with pytest.raises(Telling):
        page.confirm(by=rita, version=page.version)
    assert in_the_open() == []
    assert page.fresh().asked_number == 1, "it still waits"


def test_a_name_in_a_section_that_is_not_public_hinders_nothing(
    article: Article, ada: Person, rita: Person
) -> None:
    Customer.add(by=rita, name="margin")
    assert public(article, ada, rita).state == "public"


def test_what_is_erased_is_erased_for_the_world_too(article: Article, ada: Person, rita: Person) -> None:
    page = public(article, ada, rita)
    article.fresh().erase(by=ada, words="your card\nschool")
    page = page.fresh()
    kept = json.dumps(page.__data__, default=str)
    assert "card" not in kept
    assert "school" not in kept, "not even in its address"
    assert page.state == "public"
    down = page
    down.withdraw(by=ada)
    article.fresh().erase(by=ada, words="Bring")
    assert "Bring" not in json.dumps(page.fresh().__data__, default=str), "nor what is down"


def test_words_are_looked_in_while_they_are_public_and_no_longer(
    article: Article, ada: Person, rita: Person
) -> None:
    """At each step of its life the site's search holds the words that the world may read, and no other."""

    def held() -> dict[int, bool]:
        return {word.term: word.in_title for word in HelpWord.select()}

    def public_words(title: str, text: str) -> dict[int, bool]:
        return dict.fromkeys(terms_of(text), False) | dict.fromkeys(terms_of(title), True)

    page = ask(article, ada).fresh()
    assert held() == {}, "asked for is not public"
    page.confirm(by=rita, version=page.version)
    first = public_words("A school place", "For everyone Bring your card.")
    assert held() == first
    page.fresh().withdraw(by=ada)
    assert held() == {}
    undo(Event.about(page).where(Event.verb == "withdrawn").get(), by=ada)
    assert held() == first, "as it was confirmed"
    article.fresh().edit(by=ada, body=BODY.replace("your card", "your ticket"))
    page = ask(article, ada).fresh()
    assert held() == first, "until somebody confirms it"
    page.confirm(by=rita, version=page.version)
    assert held() == public_words("A school place", "For everyone Bring your ticket.")
    article.fresh().erase(by=ada, words="your ticket")
    assert packed("ticket") not in held()
    assert packed("bring") in held()
    article.fresh().archive(by=ada)
    assert held() == {}


# ---------------------------------------------------------------- files and links


@pytest.fixture
def pictures(ada: Person, app: Any) -> list[Attachment]:
    return [Attachment.bring(Arrived(f"{n}.png", PNG, png(width=n)), by=ada) for n in (1, 2, 3)]


def test_only_files_of_the_public_text_are_public(
    ada: Person, ben: Person, rita: Person, schools: Topic, pictures: list[Attachment]
) -> None:
    shown, hidden, foreign = pictures
    body = f"# A\n\n{shown.markdown}\n\n![x](/files/{foreign.id})\n\n# B\n\n{hidden.markdown}"
    article = Article.add(by=ada, title="Pictures", body=body, topics=[schools])
    foreign.by = ben
    foreign.save()
    db_held = [held for held in pictures if HelpPage.holding(held.id)]
    assert db_held == []
    page = public(article, ada, rita, 0)
    assert HelpPage.holding(shown.id) == shown
    assert HelpPage.holding(hidden.id) is None
    assert HelpPage.holding(10**9) is None
    assert f'src="/help/files/{shown.id}"' in page.html
    assert "/files/" not in page.html.replace("/help/files/", "")
    page.withdraw(by=ada)
    assert HelpPage.holding(shown.id) is None


def test_a_file_that_the_article_does_not_hold_is_opened_to_nobody(
    ada: Person, ben: Person, rita: Person, schools: Topic, pictures: list[Attachment]
) -> None:
    """Ben names Ada's loose file in his own text: it is neither opened in the house nor to the world."""
    secret = pictures[0]
    article = Article.add(by=ben, title="Mine", body=f"Look {secret.markdown}", topics=[schools])
    page = public(article, ben, rita, 0)
    assert page.files == []
    assert HelpPage.holding(secret.id) is None
    assert "<img" not in page.html


def _enclosed(by: Person, topic: Topic, name: str, said: str) -> Article:
    file = Attachment.bring(Arrived(name, TEXT, said.encode()), by=by)
    return Article.add(by=by, title="Forms", body=f"Fill in {file.markdown}", topics=[topic])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ACME_offer.txt", "Two percent."),
        ("offer.txt", "We offer ACME two percent."),
        ("offer.txt", "Ring 13800001234."),
        ("long.txt", "word " * 12_000 + "ACME"),
        ("empty.txt", " "),
    ],
)
def test_a_file_that_tells_who_a_customer_is_stays_in_the_house(
    ada: Person, ben: Person, schools: Topic, app: Any, name: str, said: str
) -> None:
    Customer.add(by=ben, name="ACME")
    article = _enclosed(ada, schools, name, said)
    assert FileText.read_next()
    with pytest.raises(Invalid, match=name):
        ask(article, ada, 0)
    assert HelpPage.select().count() == 0


def test_a_file_is_public_once_it_was_read_and_names_nobody(
    ada: Person, ben: Person, rita: Person, schools: Topic, app: Any
) -> None:
    article = _enclosed(ada, schools, "form.txt", "Name, address of Hengda.")
    with pytest.raises(Invalid, match=r"form\.txt.* not read yet"):
        ask(article, ada, 0)
    assert FileText.read_next()
    page = ask(article, ada, 0).fresh()
    customer = Customer.add(by=ben, name="Hengda")
    with pytest.raises(Invalid, match="Hengda"):
        page.confirm(by=rita, version=page.version)
    assert in_the_open() == []
    customer.edit(by=ben, name="Another")
    page.fresh().confirm(by=rita, version=page.version)
    assert [HelpPage.holding(file) is not None for file in page.fresh().files] == [True]


def test_a_file_taken_out_of_the_article_is_gone_for_the_world(
    ada: Person, rita: Person, schools: Topic, pictures: list[Attachment]
) -> None:
    held = pictures[0]
    article = Article.add(by=ada, title="One", body=f"Look {held.markdown}", topics=[schools])
    public(article, ada, rita, 0)
    Enclosure.take_out(article, held, by=ada)
    assert HelpPage.holding(held.id) is None


def test_links_lead_outside_or_to_what_is_public(
    article: Article, ada: Person, rita: Person, schools: Topic
) -> None:
    page = public(article, ada, rita)
    other = Article.add(by=ada, title="Inner", body="Inner.", topics=[schools])
    base = "https://portal.example"
    for href, led in (
        (f"/articles/{article.id}", page.address),
        (f"/articles/{article.id}#part-1", page.address),
        (f"{base}/articles/{article.id}", page.address),
        (f"/articles/{other.id}", None),
        ("/customers/5", None),
        (f"{base}/customers/5", None),
        (base, None),
        ("//elsewhere.example/x", None),
        ("customers/5", None),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
        (f"{base}.elsewhere.example/x", f"{base}.elsewhere.example/x"),
        ("mailto:us@example.org", "mailto:us@example.org"),
        ("#part-2", "#part-2"),
        ("/help/files/3", "/help/files/3"),
    ):
        html = links_within(f'<p><a href="{href}" rel="noopener noreferrer">Words</a></p>', base=base)
        assert "Words" in html
        assert (f'href="{led}"' in html) if led else ("<a" not in html), href


def test_a_footnote_of_a_section_that_is_not_chosen_leaves_no_mark(ada: Person, schools: Topic) -> None:
    body = "## Open\n\nSaid[^1].\n\n## Closed\n\n[^1]: Not for the world."
    made = texts_of(Article.add(by=ada, title="Notes", body=body, topics=[schools]), [0])
    assert made["body"] == "## Open\n\nSaid."


def test_the_topics_of_the_site_are_found_without_a_look_through_its_pages(
    ada: Person, rita: Person, schools: Topic
) -> None:
    Topic.create(name="Empty")
    public(Article.add(by=ada, title="A school place", body=BODY, topics=[schools]), ada, rita)
    assert [topic.id for topic in open_topics()] == [schools.id]
    told = plan(_open_topics(*PublicDays.now()))
    assert told.count("SCAN") <= 1, told  # the topics themselves
    assert "Seq Scan on help_page" not in told, told


def test_what_helped_most_stands_beside_and_nothing_that_is_taken_down(
    ada: Person, rita: Person, schools: Topic
) -> None:
    pages = [
        public(Article.add(by=ada, title=f"Place {n}", body=BODY, topics=[schools]), ada, rita)
        for n in range(8)
    ]
    for n, page in enumerate(pages):
        HelpPage.update(helped=n).where(HelpPage.id == page.id).execute()
    pages[7].withdraw(by=ada)
    pages[6].article.fresh().archive(by=ada)
    found = beside(pages[0], schools)
    assert [page.id for page in found] == [page.id for page in pages[5:0:-1]]
