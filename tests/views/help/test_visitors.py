"""What visitors of the help site look for and say: counted, bounded, and nobody's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.database import db
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.help.knocks import AT_MOST, Knock
from portal.models.help.messages import HelpMessage
from portal.models.help.pages import HelpPage
from portal.models.help.site import Site
from portal.models.help.voices import hear, noting
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.search.lookups import Gap, Lookup, missing
from portal.models.search.synonyms import Synonym
from portal.search import visitors
from portal.search.parsing import ParsedQuery
from tests.client import Client
from tests.conftest import SignIn
from tests.counting import queries
from tests.models.help.test_pages import BODY, public
from tests.models.knowledge.test_shelves import plan


@pytest.fixture
def page(adam: Person, ada: Person, rita: Person, schools: Topic) -> HelpPage:
    """Public: of Ada's article on schools the second section."""
    Site.choose(by=adam, is_open=True)
    article = Article.add(by=ada, title="A school place", body=BODY, topics=[schools])
    return public(article, ada, rita)


def get(client: Client, path: str) -> str:
    answer = client.get(path, headers={"accept-language": "en"})
    assert answer.status_code == 200, path
    return answer.text


def counts(page: HelpPage) -> tuple[int, int]:
    page = page.fresh()
    return page.helped, page.did_not_help


# ---------------------------------------------------------------- search


def test_visitors_find_what_is_public_and_nothing_else(
    client: Client, page: HelpPage, ada: Person, rita: Person, schools: Topic
) -> None:
    Article.add(by=ada, title="Inner card", body="The card of the house.", topics=[schools])
    found = get(client, "/help/search?q=card")
    assert page.address in found
    assert "Bring your <mark>card</mark>." in found
    assert "Inner" not in found
    for word in ("margin", "before", "inner", "house", "Ada"):
        answer = get(client, f"/help/search?q={word}")
        assert "Nothing was found" in answer, word
        assert page.address not in answer
    page.article.fresh().edit(by=ada, body=BODY.replace("your card", "your ticket"))
    assert page.address not in get(client, "/help/search?q=ticket"), "a later version"
    page.withdraw(by=ada)
    assert page.address not in get(client, "/help/search?q=card"), "gone at once, whatever an index holds"


def test_chinese_and_the_companys_words_are_understood(
    client: Client, page: HelpPage, ada: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    made = Article.add(by=ada, title="学区房怎么看", body="先查学区范围，再看房龄。", topics=[schools])
    chinese = public(made, ada, rita, 0)
    assert chinese.address in get(client, "/help/search?q=学区")
    assert chinese.address in get(client, "/help/search?q=房龄怎么看")
    Synonym.add(by=adam, words="学区、学位")
    assert chinese.address in get(client, "/help/search?q=学位")


def test_the_title_counts_more(page: HelpPage, ada: Person, rita: Person, schools: Topic) -> None:
    body = "A long text that says place once, and many other words besides, of all sorts and colours."
    other = public(Article.add(by=ada, title="Other", body=body, topics=[schools]), ada, rita, 0)
    assert [answer.address for answer in visitors.search("place")] == [page.address, other.address]


def found(text: str) -> list[str]:
    return [answer.title.striptags() for answer in visitors.search(text)]


def test_words_are_found_however_they_are_written(
    page: HelpPage, ada: Person, rita: Person, schools: Topic
) -> None:
    """In each form of the word, by what it begins with, as a code with and without its sign, by one character
    of Han wherever it stands, in other width and in traditional characters.
    """
    texts = {
        "Cover": "Our policy on claims. The meter is an RS-485.",
        "发票": "增值税先算，税费后付。学区要查。",
    }
    for title, body in texts.items():
        public(Article.add(by=ada, title=title, body=body, topics=[schools]), ada, rita, 0)
    for text in ("policies", "poli", "CLAIM", "claiming", "rs485", "rs-485", "ｐｏｌｉｃｙ"):
        assert found(text) == ["Cover"], text
    for text in ("税", "增值税", "税费", "學區", "发票", "查"):
        assert found(text) == ["发票"], text
    for text in ("licy", "区税", "rs48"):
        assert found(text) == (["Cover"] if text == "rs48" else []), text


def test_a_word_is_found_by_any_beginning_of_it(
    client: Client, page: HelpPage, ada: Person, rita: Person, schools: Topic
) -> None:
    """Longer than its stem, too, in the title and in the text, as the last word that is typed."""
    texts = {"Eligibility for a place": "Who may ask.", "Before you ask": "First comes your qualification."}
    for title, body in texts.items():
        public(Article.add(by=ada, title=title, body=body, topics=[schools]), ada, rita, 0)
    for text in ("eli", "elig", "eligib", "Eligibi", "eligibilit", "place eligib"):
        assert found(text)[0] == "Eligibility for a place", text
    for text in ("qual", "qualif", "qualifica", "qualificatio"):
        assert found(text) == ["Before you ask"], text
    for text in ("eligibx", "qualificata"):
        assert found(text) == [], text
    assert "your <mark>qualification</mark>" in get(client, "/help/search?q=qualifica")


def test_what_is_too_old_stands_before_nothing(
    page: HelpPage, ada: Person, rita: Person, schools: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even its number is told: what is public comes up however many newer pages are not, or not any more."""
    monkeypatch.setattr(visitors, "CANDIDATES", 1)
    for n in range(5):
        made = Article.add(by=ada, title=f"Card {n}", body="Your card: bring the card.", topics=[schools])
        public(made, ada, rita, 0)
        Article.update(freshness="price", review_by=clock.today() - timedelta(days=90)).where(
            Article.id == made.id
        ).execute()
    assert found("card") == ["A school place"]


def test_how_many_hold_a_word_costs_no_more(
    page: HelpPage, ada: Person, rita: Person, schools: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a word that many pages hold some are read; those that hold another word as well, or have it in their
    title, come first. Nothing looks through all pages.
    """
    titles = ["Alpha", *(f"Page {n}" for n in range(6)), "Omega card"]
    for title in titles:
        body = "Bring the card." + (" And the rare umbrella." if title == "Alpha" else "")
        public(Article.add(by=ada, title=title, body=body, topics=[schools]), ada, rita, 0)
    monkeypatch.setattr(visitors, "LOOKED_AT", 3)
    assert found("card")[0] == "Omega card"
    assert found("umbrella card")[0] == "Alpha"
    parsed = ParsedQuery.of("card umbrella ")
    terms = parsed.content_terms
    documents, held = visitors._found(parsed, terms)
    assert (documents, [len(pages) for pages in held]) == (9, [3, 1])
    with queries() as asked:
        visitors.search("card umbrella")
    asked_for = [each for each in asked if 'FROM "setting"' not in each]
    assert len(asked_for) == 3, (
        "where the words stand, the pages, and which of them are one in several languages"
    )
    for number, form in enumerate(visitors._forms(parsed, terms[0])):
        told = plan(visitors._holding(number, form).bind(db))
        assert "SCAN help_word" not in told
        assert "Seq Scan" not in told
        assert "TEMP B-TREE" not in told


@pytest.mark.parametrize(
    "text", ["%", "_", "'", '"', "\\", "?!", "a" * 5000, "<script>alert(1)</script>", "学" * 300, "\u0000x"]
)
def test_whatever_is_typed_is_answered(client: Client, page: HelpPage, text: str) -> None:
    answer = client.get("/help/search", params={"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert answer.headers["cache-control"] == "no-store", "what somebody types is nobody else's"
    assert "set-cookie" not in answer.headers


def test_what_is_looked_for_in_vain_is_a_gap_of_nobody(
    client: Client, page: HelpPage, sign_in: SignIn, rita: Person, ada: Person, schools: Topic
) -> None:
    get(client, "/help/search?q=parking space")
    get(client, "/help/search?q=Parking space?")
    get(client, "/help/search?q=card")
    assert [(row.person_id, row.folded, row.found) for row in Lookup.select().order_by(Lookup.id)] == [
        (None, "parking space", 0),
        (None, "card", 1),
    ]
    (gap,) = missing()
    assert (gap.text, gap.recent, gap.people, gap.outside) == ("parking space", 1, 0, 1)
    assert "1 on the help site" in get(sign_in(rita), "/search/gaps")
    article = Gap.of("parking space").write(by=ada)
    article.edit(by=ada, body="Behind the house.", topics=[schools])
    article.fresh().publish(by=ada)
    assert Gap.settle() == 1, "nobody is told of what nobody asked for"


def test_nothing_is_noted_that_tells_who_somebody_is(
    client: Client, page: HelpPage, ada: Person, sign_in: SignIn
) -> None:
    Customer.add(by=ada, name="Hengda Homes")
    for text in ("13800001234", "call 13800001234 now", "contract of Hengda Homes", "?!"):
        client.get("/help/search", params={"q": text})
    get(sign_in(ada), "/help/search?q=of a colleague")
    assert Lookup.select().count() == 0
    get(client, "/help/search?q=parking")
    kept = str(list(Lookup.select().dicts())) + str(list(Knock.select().dicts()))
    assert "testclient" not in kept
    assert "127.0.0.1" not in kept


def note_search(text: str, *, found: int, address: str, key: str) -> None:
    if note := noting(text, found=found, address=address, key=key):
        note()


def _read_names(asked: list[str]) -> bool:
    return any('FROM "contact"' in query or 'FROM "customer"' in query for query in asked)


def test_names_are_read_of_what_counts_and_while_nothing_is_written(
    client: Client, page: HelpPage, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Customer.add(by=ada, name="Hengda Homes")
    monkeypatch.setitem(AT_MOST, "search", 2)
    with queries() as asked:
        note = noting("Hengda Homes contract", found=0, address="192.0.2.1", key="k")
    assert _read_names(asked)
    assert note is not None
    with queries() as asked:
        note()
    assert not _read_names(asked)
    assert Lookup.select().count() == 0
    note_search("parking", found=0, address="192.0.2.1", key="k")
    assert Lookup.select().count() == 1
    for text in ("parking", "Hengda Homes contract", "Hengda Homes", "card"):
        with queries() as asked:
            assert noting(text, found=0, address="192.0.2.1", key="k") is None, (
                "what tells a name counted as well"
            )
        assert not _read_names(asked), text
    with queries() as asked:
        client.get("/help/search?q=parking")
    names = next(place for place, query in enumerate(asked) if _read_names([query]))
    written = next(place for place, query in enumerate(asked) if query.startswith("INSERT"))
    assert names < written
    with queries() as asked:
        client.get("/help/search?q=parking")
    assert not _read_names(asked)


def test_one_address_fills_no_list(page: HelpPage) -> None:
    for n in range(AT_MOST["search"] + 5):
        note_search(f"word {n}", found=0, address="192.0.2.1", key="k")
    assert Lookup.select().count() == AT_MOST["search"]
    note_search("word 1", found=0, address="192.0.2.2", key="k")
    assert Lookup.select().count() == AT_MOST["search"] + 1, "others go on"


# ---------------------------------------------------------------- did it help?


def test_a_visitor_says_once_a_day_whether_it_helped(client: Client, page: HelpPage) -> None:
    assert "Did this help?" in get(client, page.address)
    answer = client.post(f"{page.address}/voice", data={"helped": "yes"})
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    assert "Thank you" in get(client, answer.headers["location"].partition("#")[0])
    client.post(f"{page.address}/voice", data={"helped": "no"})
    assert counts(page) == (1, 0)
    with clock.moved(clock.now() + timedelta(days=1)):
        client.post(f"{page.address}/voice", data={"helped": "no"})
    assert counts(page) == (1, 1)


def test_colleagues_do_not_count_and_nonsense_is_nothing(
    client: Client, page: HelpPage, sign_in: SignIn, ada: Person
) -> None:
    assert sign_in(ada).post(f"{page.address}/voice", data={"helped": "yes"}).status_code == 303
    assert client.post(f"{page.address}/voice", data={"helped": "maybe"}).status_code == 404
    assert client.post("/help/articles/none/voice", data={"helped": "yes"}).status_code == 404
    page.withdraw(by=ada)
    assert client.post(f"{page.address}/voice", data={"helped": "yes"}).status_code == 404
    assert counts(page) == (0, 0)


def test_who_says_so_all_the_time_is_asked_to_wait(
    client: Client, page: HelpPage, ada: Person, rita: Person, schools: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AT_MOST, "voice", 1)
    other = public(Article.add(by=ada, title="Other", body="Other words.", topics=[schools]), ada, rita, 0)
    assert client.post(f"{page.address}/voice", data={"helped": "yes"}).status_code == 303
    answer = client.post(f"{other.address}/voice", data={"helped": "yes"}, headers={"accept-language": "en"})
    assert answer.status_code == 429
    assert "Please wait" in answer.text
    assert client.post(f"{page.address}/voice", data={"helped": "yes"}).status_code == 303, "it was counted"
    assert (counts(page), counts(other)) == ((1, 0), (0, 0))
    hear(other, helped=True, address="192.0.2.2", key="k")
    assert counts(other) == (1, 0), "others go on"


def test_a_vote_changes_nothing_that_somebody_edits(
    client: Client, page: HelpPage, ada: Person, rita: Person
) -> None:
    """Its count is no new version: who confirms meanwhile is not told that something changed."""
    article = page.article.fresh()
    article.edit(by=ada, body=BODY + "\n\nMore.")
    asked = HelpPage.ask(article.fresh(), by=ada, number=2, sections=[1]).fresh()
    client.post(f"{page.address}/voice", data={"helped": "yes"})
    asked.confirm(by=rita, version=asked.version)
    assert counts(page) == (1, 0)


def test_what_is_known_of_an_address_is_forgotten(page: HelpPage) -> None:
    Knock.first("voice", 1, address="192.0.2.1", key="k")
    (first,) = Knock.select()
    with clock.moved(clock.now() + timedelta(days=1)):
        Knock.first("voice", 1, address="192.0.2.1", key="k")
        assert {row.who for row in Knock.select()} != {first.who}, "another one each day"
        Knock.forget_old()
        assert Knock.select().count() == 2
    with clock.moved(clock.now() + timedelta(days=3)):
        Knock.forget_old()
        assert Knock.select().count() == 1


def test_the_log_of_knocks_tells_nothing_of_what_was_done(page: HelpPage) -> None:
    known = {"address": "192.0.2.1", "key": "k"}
    for door, what in (("message", "wei@example.org Call me"), ("search", "parking"), ("search", "card")):
        assert Knock.first(door, what, **known)
        assert not Knock.first(door, what, **known), "once a day"
    kept = str(list(Knock.select().dicts()))
    for word in ("wei", "example", "Call", "parking", "192"):
        assert word not in kept
    message, one, other = Knock.select().order_by(Knock.id)
    assert one.who == other.who
    assert message.who != one.who, "nor who writes what they looked for"
    assert Knock.first("search", "parking", address="192.0.2.1", key="another")


def test_of_one_house_all_addresses_count_together(page: HelpPage) -> None:
    def knocked(address: str) -> bool:
        return Knock.first("voice", 1, address=address, key="k")

    assert knocked("2001:db8:1:2::5")
    assert not knocked("2001:db8:1:2:ffff::9"), "the same 64 bits"
    assert knocked("2001:db8:1:3::5")
    assert knocked("192.0.2.1")
    assert not knocked("::ffff:192.0.2.1"), "the same, written as IPv6"
    assert knocked("192.0.2.2")


def test_a_message_that_begins_as_another_is_another(page: HelpPage) -> None:
    for end in ("first", "second", "second"):
        facts = {"name": "Wei", "reach": "wei@example.org", "text": "Hello, " + "please " * 40 + end}
        HelpMessage.send(**facts, language="en", page=None, address="192.0.2.1", key="k")
    assert [row.text[-6:] for row in HelpMessage.select().order_by(HelpMessage.id)] == [" first", "second"]
