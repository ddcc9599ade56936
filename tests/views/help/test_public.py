"""The help site as strangers and machines meet it: what is public, all of it, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.media.kinds import PNG
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.files.attachments import Arrived, Attachment
from portal.models.help.pages import HelpPage
from portal.models.help.site import Site
from portal.models.knowledge import merging
from portal.models.knowledge.articles import Article
from portal.models.knowledge.languages import LanguageVersion
from portal.models.people.people import Person
from tests.client import Client
from tests.conftest import SignIn
from tests.counting import queries
from tests.models.help.test_pages import BODY, public
from tests.views.company.test_logo import png

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
BASE = "http://127.0.0.1:8000"


@pytest.fixture
def opened(adam: Person) -> None:
    Site.choose(by=adam, is_open=True, title="Anjuli Help", title_en="Anjuli Help")


@pytest.fixture
def page(ada: Person, rita: Person, schools: Topic) -> HelpPage:
    """Of Ada's article on schools the second section."""
    article = Article.add(by=ada, title="A school place", body=BODY, topics=[schools])
    return public(article, ada, rita)


def get(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.text


def chosen(form: str) -> list[str]:
    """The sections that are ticked."""
    boxes = re.findall(r'<input[^>]*name="section"[^>]*>', form)
    return [found[1] for box in boxes if "checked" in box and (found := re.search(r'value="(\d+)"', box))]


def tree_of(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - the portal's own answer


def addresses(client: Client, start: str = "/help") -> Iterator[tuple[str, str]]:
    """What a crawler finds: every address of this host that it is led to, with what it answers."""
    seen, waiting = set[str](), [start, "/help/sitemap.xml", "/help/feed.xml", "/robots.txt"]
    while waiting:
        path = waiting.pop().replace(BASE, "").partition("#")[0]
        if path in seen or not path.startswith("/"):
            continue
        seen.add(path)
        answer = client.get(path)
        yield path, answer.text if "image" not in answer.headers.get("content-type", "") else ""
        assert answer.status_code == 200, path
        assert "set-cookie" not in answer.headers, path
        if path.startswith("/help"):
            waiting += re.findall(r'(?:href|src)="([^"]+)"', answer.text)
            waiting += re.findall(r"<(?:loc|id)>([^<]+)<", answer.text)


# ---------------------------------------------------------------- closed, until somebody opens it


def test_closed_there_is_nothing(client: Client, page: HelpPage, sign_in: SignIn, adam: Person) -> None:
    for path in ("/help", page.address, "/help/feed.xml", "/help/sitemap.xml", "/help/anything"):
        for who in (client, sign_in(adam)):
            answer = who.get(path)
            assert answer.status_code == 404, path
            assert "card" not in answer.text
    assert "Disallow: /\n" in get(client, "/robots.txt")
    assert "help" not in get(client, "/robots.txt")


def test_an_administrator_opens_it_and_nobody_else(
    client: Client, sign_in: SignIn, adam: Person, rita: Person, page: HelpPage
) -> None:
    sent = {"is_open": "y", "title": "帮助中心", "title_en": "Help centre", "welcome_en": "Ask <us>"}
    assert sign_in(rita).post("/admin/help-site", data=sent).status_code == 403
    assert sign_in(adam).post("/admin/help-site", data=sent).status_code == 303
    home = client.get("/help", headers={"accept-language": "en"}).text
    assert "<title>Help · Help centre</title>" in home
    assert "Ask &lt;us&gt;" in home
    assert "帮助中心" in client.get("/help", headers={"accept-language": "zh-CN"}).text
    assert Setting.history(["help.is_open"])[0].actor == adam.id
    sign_in(adam).post("/admin/help-site", data={"title": "帮助中心"})
    assert client.get("/help").status_code == 404


# ---------------------------------------------------------------- what is there


@pytest.mark.usefixtures("opened")
def test_strangers_and_crawlers_get_what_is_public_and_nothing_else(
    client: Client, page: HelpPage, ada: Person, rita: Person, schools: Topic
) -> None:
    secret = Topic.create(name="机密", name_en="Confidential")
    Article.add(by=ada, title="Inner matters", body="Inner words.", topics=[secret, schools])
    asked = Article.add(by=ada, title="Asked only", body="Asked words.", topics=[schools])
    HelpPage.ask(asked, by=ada, number=1, sections=[0])
    down = public(
        Article.add(by=ada, title="Down now", body="Down words.", topics=[secret, schools]), ada, rita, 0
    )
    down.withdraw(by=ada)
    page.article.fresh().edit(by=ada, title="Secret title", body=BODY + "\n\nSecret words.")
    found = dict(addresses(client))
    assert page.address in found
    assert f"/help/topics/{schools.id}" in found
    said = "".join(found.values())
    for word in ("Inner", "Asked", "Down", "Confidential", "机密", "Secret", "Before all", "is thin", "Ada"):
        assert word not in said, word
    assert "Bring your card." in found[page.address]
    for path in (down.address, f"/help/topics/{secret.id}", "/help/articles/asked-only", "/help/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "etag" not in answer.headers
        assert not re.search("Down|Asked|Confidential|机密", answer.text)
    inside = [path for path in found if not path.startswith(("/help", "/static/", "/robots.txt"))]
    assert inside == [], "no way leads into the portal"


@pytest.mark.usefixtures("opened")
def test_the_page_is_the_same_whoever_asks(
    client: Client, page: HelpPage, sign_in: SignIn, ada: Person
) -> None:
    english = {"accept-language": "en"}
    anonymous, signed = (
        client.get(page.address, headers=english),
        sign_in(ada).get(page.address, headers=english),
    )
    assert anonymous.text == signed.text
    assert anonymous.headers["etag"] == signed.headers["etag"]
    assert "Ada" not in signed.text
    assert {each.strip() for each in anonymous.headers["vary"].split(",")} <= {
        "Accept-Language",
        "Accept-Encoding",
    }


@pytest.mark.usefixtures("opened")
def test_what_is_kept_is_asked_for_anew_and_taken_down_is_gone_at_once(
    client: Client, page: HelpPage, ada: Person, schools: Topic
) -> None:
    topic = f"/help/topics/{schools.id}"
    for path in ("/help", page.address, topic, "/help/feed.xml", "/help/sitemap.xml"):
        first = client.get(path)
        assert first.headers["cache-control"] == "public, no-cache"
        again = client.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    held = client.get(page.address).headers["etag"]
    page.withdraw(by=ada)
    answer = client.get(page.address, headers={"if-none-match": held})
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("opened")
def test_its_words_are_in_the_language_that_is_asked_for(client: Client, page: HelpPage) -> None:
    chinese = client.get(page.address, headers={"accept-language": "zh-TW,zh;q=0.9"}).text
    english = client.get(page.address, headers={"accept-language": "en-GB"}).text
    assert '<html lang="zh-CN">' in chinese
    assert "全部主题" in chinese
    assert '<html lang="en">' in english
    assert "All topics" in english
    assert '<article lang="en">' in chinese, "what was written stays in its own language"
    chosen = client.get(f"{page.address}?lang=en", headers={"accept-language": "zh"}).text
    assert '<html lang="en">' in chosen
    assert 'href="/help"' not in chosen, "the pages to which it leads are in that language too"
    assert 'href="/help?lang=en"' in chosen
    assert 'href="/help"' in english
    assert f'<link rel="canonical" href="{BASE}{page.address}">' in chosen


@pytest.mark.usefixtures("opened")
def test_a_visitor_reads_which_price_holds_too(
    client: Client, ada: Person, rita: Person, schools: Topic
) -> None:
    begins = clock.today() + timedelta(days=3)
    body = f"| Item | Price | From |\n| --- | --- | --- |\n| A | 5 | {clock.today()} |\n| A | 6 | {begins} |"
    page = public(Article.add(by=ada, title="Prices", body=body, topics=[schools]), ada, rita, 0)
    mark = r'<span class="tag [^>]*>([^<]*)<'
    assert re.findall(mark, get(client, f"{page.address}?lang=en")) == ["holds today", "not yet"]
    held = client.get(page.address).headers["etag"]
    with clock.moved(clock.start_of(begins)):
        assert re.findall(mark, get(client, f"{page.address}?lang=en")) == ["no longer", "holds today"]
        again = client.get(page.address, headers={"if-none-match": held})
        assert again.status_code == 200  # what a browser keeps of it is not shown on


@pytest.mark.usefixtures("opened")
def test_who_wrote_it_is_said_only_if_the_company_says_so_and_they_are_here(
    client: Client, page: HelpPage, adam: Person, ada: Person
) -> None:
    assert "Ada" not in get(client, page.address)
    Site.choose(by=adam, names=True)
    assert "Ada" in get(client, page.address)
    Person.update(deactivated_at=clock.now()).where(Person.id == ada.id).execute()
    answer = get(client, page.address)
    assert "Ada" not in answer
    assert "Bring your card." in answer, "what was public stays public"


@pytest.mark.usefixtures("opened")
def test_machines_read_it(client: Client, page: HelpPage, schools: Topic) -> None:
    feed = tree_of(get(client, "/help/feed.xml"))
    assert client.get("/help/feed.xml").headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert [e.text for e in feed.findall("a:entry/a:id", ATOM)] == [f"{BASE}{page.address}"]
    assert feed.findtext("a:entry/a:title", None, ATOM) == "A school place"
    tree = tree_of(get(client, "/help/sitemap.xml"))
    assert [e.text for e in tree.findall("s:url/s:loc", MAP)] == [
        f"{BASE}/help",
        f"{BASE}/help/topics/{schools.id}",
        f"{BASE}{page.address}",
    ]
    robots = get(client, "/robots.txt").splitlines()
    assert "Disallow: /" in robots
    assert "Allow: /help" in robots
    assert f"Sitemap: {BASE}/help/sitemap.xml" in robots
    told = re.search(r'<script type="application/ld\+json">(.*?)</script>', get(client, page.address), re.S)
    assert told
    facts = json.loads(told[1])
    assert (facts["@type"], facts["headline"], facts["url"]) == (
        "Article",
        "A school place",
        f"{BASE}{page.address}",
    )


@pytest.mark.usefixtures("opened")
def test_a_title_ends_no_script(client: Client, ada: Person, rita: Person, schools: Topic) -> None:
    title = "</script><script>alert(1)</script>"
    page = public(Article.add(by=ada, title=title, body="Words & more.", topics=[schools]), ada, rita, 0)
    answer = get(client, page.address)
    assert "<script>alert" not in answer
    told = re.search(r"ld\+json\">(.*?)</script>", answer, re.S)
    assert told
    assert json.loads(told[1])["headline"] == title
    for path in ("/help/feed.xml", "/help/sitemap.xml"):
        tree_of(get(client, path))


@pytest.mark.usefixtures("opened")
def test_files_are_at_its_own_address_only_where_they_are_public(
    client: Client, ada: Person, rita: Person, schools: Topic
) -> None:
    shown, hidden = (Attachment.bring(Arrived(f"{n}.png", PNG, png(width=n)), by=ada) for n in (1, 2))
    body = f"# A\n\n{shown.markdown}\n\n# B\n\n{hidden.markdown}"
    page = public(Article.add(by=ada, title="Pictures", body=body, topics=[schools]), ada, rita, 0)
    assert f'<img src="/help/files/{shown.id}"' in get(client, page.address)
    answer = client.get(f"/help/files/{shown.id}")
    assert (answer.status_code, answer.content) == (200, png(width=1))
    assert answer.headers["content-type"] == "image/png"
    mark = {"if-none-match": answer.headers["etag"]}
    assert client.get(f"/help/files/{shown.id}", headers=mark).status_code == 304
    assert client.get(f"/help/files/{hidden.id}").status_code == 404
    assert client.get(f"/files/{shown.id}").status_code == 303, (
        "the portal's own address still asks who it is"
    )
    page.withdraw(by=ada)
    assert client.get(f"/help/files/{shown.id}", headers=mark).status_code == 404


@pytest.mark.usefixtures("opened")
def test_links_into_the_portal_are_words(
    client: Client, page: HelpPage, ada: Person, rita: Person, schools: Topic
) -> None:
    body = f"[that](/articles/{page.article_id}) [him](/customers/77) [her]({BASE}/people/3) [out](https://a.example/)"
    other = public(Article.add(by=ada, title="Links", body=body, topics=[schools]), ada, rita, 0)
    answer = get(client, other.address)
    assert f'<a href="{page.address}">that</a> him her <a href="https://a.example/"' in answer
    page.withdraw(by=ada)
    assert f"{page.article_id})" not in get(client, other.address)
    assert "<p>that him her <a" in get(client, other.address)


@pytest.mark.usefixtures("opened")
def test_a_topic_has_pages_of_fifty(client: Client, ada: Person, rita: Person, schools: Topic) -> None:
    for n in range(51):
        public(Article.add(by=ada, title=f"Title {n:02}", body="Words.", topics=[schools]), ada, rita, 0)
    first = get(client, f"/help/topics/{schools.id}")
    assert "Title 49" in first
    assert "Title 50" not in first
    assert f'href="/help/topics/{schools.id}?page=2"' in first
    assert "Title 50" in get(client, f"/help/topics/{schools.id}?page=2")
    for path in ("?page=3", "?page=99999999999999999999", "?page=-1", "?page=x"):
        assert client.get(f"/help/topics/{schools.id}{path}").status_code in (200, 404)
    assert client.get(f"/help/topics/{schools.id}?page=3").status_code == 404


@pytest.mark.usefixtures("opened")
def test_odd_addresses_lead_nowhere(client: Client, page: HelpPage) -> None:
    odd = [
        "/help/articles/%00",
        "/help/articles/..%2f",
        "/help/files/0",
        "/help/topics/0",
        "/help//x",
        "/help/a/b/c",
    ]
    for path in odd:
        assert client.get(path).status_code == 404, path
    assert client.post("/help").status_code in (403, 404, 405)


@pytest.mark.usefixtures("opened")
def test_a_page_asks_little_of_the_database(client: Client, page: HelpPage, app: Starlette) -> None:
    for path in ("/help", page.address, f"/help/topics/{HelpPage.get().article.topic_ids[0]}"):
        with queries() as asked:
            get(client, path)
        assert len(asked) <= 6, (path, asked)


# ---------------------------------------------------------------- in several languages


@pytest.fixture
def chinese(page: HelpPage, ada: Person, rita: Person, schools: Topic) -> HelpPage:
    """The Chinese version of the page."""
    article = Article.add(by=ada, title="学位怎么申请", body="请带上您的证件。", topics=[schools])
    LanguageVersion.pair(article, page.article.fresh(), language="zh-Hans", by=rita)
    return public(article, ada, rita, 0)


def in_language(client: Client, path: str, language: str) -> str:
    answer = client.get(path, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.usefixtures("opened")
def test_public_versions_lead_to_each_other(client: Client, page: HelpPage, chinese: HelpPage) -> None:
    for each in (page, chinese):
        for language in ("en", "zh"):
            text = in_language(client, each.address, language)
            links = re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', text)
            assert links == [("en", f"{BASE}{page.address}"), ("zh-Hans", f"{BASE}{chinese.address}")]
            assert f'<link rel="canonical" href="{BASE}{each.address}">' in text
    assert re.search(r"Also in.*>简体中文</a>", in_language(client, page.address, "en"), re.S)
    chosen = in_language(client, f"{page.address}?lang=en", "en")
    assert f'href="{chinese.address}?lang=zh"' in chosen, "who chose a language goes on in the other"
    tree = tree_of(get(client, "/help/sitemap.xml"))
    xhtml = "{http://www.w3.org/1999/xhtml}link"
    named = {
        url.findtext("s:loc", None, MAP): [(e.get("hreflang"), e.get("href")) for e in url.findall(xhtml)]
        for url in tree.findall("s:url", MAP)
    }
    both = [("en", f"{BASE}{page.address}"), ("zh-Hans", f"{BASE}{chinese.address}")]
    assert named[f"{BASE}{page.address}"] == named[f"{BASE}{chinese.address}"] == both
    assert named[f"{BASE}/help"] == []


@pytest.mark.usefixtures("opened")
def test_a_visitor_is_offered_their_language_and_never_sent_there(
    client: Client, page: HelpPage, chinese: HelpPage
) -> None:
    text = in_language(client, page.address, "zh-CN,zh;q=0.9,en;q=0.5")
    assert re.search(rf'class="note">这一页有中文版：<a href="{chinese.address}"', text)
    assert "Bring your card." in text, "what was asked for is there"
    assert "You can read this in English" in in_language(client, chinese.address, "en-GB")
    for own, language in ((page, "en"), (chinese, "zh")):
        assert 'class="note"' not in in_language(client, own.address, language)
    assert "Accept-Language" in client.get(page.address).headers["vary"]


@pytest.mark.usefixtures("opened")
def test_a_visitor_finds_one_of_them(
    client: Client, page: HelpPage, ada: Person, rita: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="学位卡怎么用", body="请带上您的 card。", topics=[schools])
    chinese = public(article, ada, rita, 0)

    def found(words: str, language: str) -> list[str]:
        text = in_language(client, f"/help/search?q={words}", language)
        return [each for each in (page.address, chinese.address) if f'href="{each}"' in text]

    assert found("card", "zh") == [page.address, chinese.address], "two that nobody paired"
    LanguageVersion.pair(article.fresh(), page.article.fresh(), language="zh-Hans", by=rita)
    assert found("card", "zh") == [chinese.address]
    assert found("card", "en") == [page.address]
    assert found("学位", "en") == [chinese.address]
    chinese.fresh().withdraw(by=ada)
    assert found("card", "zh") == [page.address]


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("way", ["asked", "withdrawn", "archived", "merged", "overdue", "apart"])
def test_of_a_version_that_is_not_public_nothing_is_told(
    client: Client, page: HelpPage, ada: Person, rita: Person, schools: Topic, way: str
) -> None:
    inner = Article.add(by=ada, title="内部的题目", body="内部的话。", topics=[schools])
    LanguageVersion.pair(inner, page.article.fresh(), language="zh-Hans", by=rita)
    if way == "asked":
        HelpPage.ask(inner, by=ada, number=inner.text_number, sections=(0,))
    else:
        theirs = public(inner, ada, rita, 0)
        assert "zh-Hans" in get(client, page.address)
        match way:
            case "withdrawn":
                theirs.withdraw(by=ada)
            case "archived":
                inner.fresh().archive(by=ada)
            case "merged":
                other = Article.add(by=ada, title="另一篇", body="另一篇的话。", topics=[schools])
                merging.merge(inner.fresh(), other, by=rita)
            case "overdue":
                Article.update(freshness="price", review_by=clock.today() - timedelta(days=99)).where(
                    Article.id == inner.id
                ).execute()
            case _:
                LanguageVersion.part(inner, by=ada)
    for path in (page.address, "/help/sitemap.xml"):
        for language in ("zh", "en"):
            text = in_language(client, path, language)
            assert not re.search(r'rel="alternate" hreflang|xhtml|zh-Hans', text), path
            assert way == "apart" or "内部" not in text
            assert "另一篇" not in text


# ---------------------------------------------------------------- in the house


def test_the_way_from_an_article_to_the_world(
    sign_in: SignIn, client: Client, ada: Person, rita: Person, ben: Person, schools: Topic, opened: None
) -> None:
    article = Article.add(by=ada, title="A school place", body=BODY, topics=[schools])
    hers = sign_in(ada)
    assert f"/articles/{article.id}/help-page" in get(hers, article.url)
    assert "help-page" not in get(sign_in(ben), article.url), "who may not ask is not offered it"
    form = get(hers, f"/articles/{article.id}/help-page")
    assert not chosen(form), "nothing goes out unasked"
    assert "Nobody else reviews" not in form
    empty = hers.post(f"/articles/{article.id}/help-page", data={"number": "1"})
    assert empty.status_code == 422
    assert "Choose at least one section" in empty.text
    sent = hers.post(f"/articles/{article.id}/help-page", data={"number": "1", "section": ["1"]})
    assert sent.status_code == 303
    page = HelpPage.get()
    assert sent.headers["location"] == page.url
    mine = get(hers, page.url)
    assert "Let everyone read it" not in mine
    assert "margin" not in mine, "what is asked for, and nothing else"
    seconds = sign_in(rita)
    assert "Let everyone read it" in get(seconds, page.url)
    assert re.search(r"Topics: *Schools", get(seconds, page.url)), "which everyone reads as well"
    assert page.url in get(seconds, "/needs-me")
    assert client.get("/help/articles/a-school-place").status_code == 404
    assert hers.post(f"{page.url}/confirmation", data={"version": page.version}).status_code == 403
    answer = seconds.post(f"{page.url}/confirmation", data={"version": page.version})
    assert answer.status_code == 303
    assert "Bring your card." in get(client, "/help/articles/a-school-place")
    assert "Public: version 1" in get(hers, article.url)
    article.fresh().edit(by=ada, body=BODY + "\n\nMore.")
    assert "the article is at version 2" in get(hers, article.url)
    assert chosen(get(hers, f"/articles/{article.id}/help-page")) == ["1"], "the same section as before"
    assert sign_in(ben).post(f"{page.url}/withdrawal").status_code == 403
    down = hers.post(f"{page.url}/withdrawal")
    assert down.status_code == 303
    assert client.get("/help/articles/a-school-place").status_code == 404
    assert "Undo" in get(hers, page.url)


def test_what_was_not_seen_is_not_confirmed(
    sign_in: SignIn, ada: Person, rita: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="A school place", body=BODY, topics=[schools])
    page = HelpPage.ask(article, by=ada, number=1, sections=[1]).fresh()
    HelpPage.ask(article, by=ada, number=1, sections=[2])
    answer = sign_in(rita).post(f"{page.url}/confirmation", data={"version": page.version})
    assert answer.status_code == 422
    assert "changed meanwhile" in answer.text
    assert "The margin is thin." in answer.text, "what is asked for now is shown"
    assert page.fresh().state == "asked"


def test_what_the_article_says_no_longer_is_not_offered_to_be_let_out(
    sign_in: SignIn, ada: Person, rita: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="Margin", body="The margin is 12.", topics=[schools])
    page = HelpPage.ask(article, by=ada, number=1, sections=[0]).fresh()
    article.fresh().edit(by=ada, body="The margin is ours.")
    second = sign_in(rita)
    seen = get(second, page.url)
    assert "asks for its present version" in seen
    assert "Let everyone read it" not in seen
    assert f"/articles/{article.id}/help-page" in get(sign_in(ada), page.url)
    answer = second.post(f"{page.url}/confirmation", data={"version": page.version})
    assert answer.status_code == 422
    assert "asks for its present version" in answer.text
    assert second.post(f"{page.url}/refusal", data={"reason": "Changed"}).status_code == 303


def test_a_customers_name_is_named_and_stops_it(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    article = Article.add(by=ada, title="Case", body="We did it for Hengda Homes.", topics=[schools])
    Customer.add(by=ben, name="Hengda Homes")
    answer = sign_in(ada).post(f"/articles/{article.id}/help-page", data={"number": "1", "section": ["0"]})
    assert answer.status_code == 422
    assert "Hengda Homes" in answer.text
    assert HelpPage.select().count() == 0


def test_refusing_needs_a_reason(sign_in: SignIn, ada: Person, rita: Person, schools: Topic) -> None:
    article = Article.add(by=ada, title="A school place", body=BODY, topics=[schools])
    page = HelpPage.ask(article, by=ada, number=1, sections=[1])
    assert sign_in(rita).post(f"{page.url}/refusal", data={"reason": ""}).status_code == 422
    assert sign_in(rita).post(f"{page.url}/refusal", data={"reason": "No"}).status_code == 303
    assert page.fresh().asked_number is None
    assert sign_in(ada).post(f"{page.url}/taking-back").status_code == 303, "twice is harmless"


def test_the_list_shows_and_exports_what_is_public(
    sign_in: SignIn, page: HelpPage, rita: Person, ada: Person, audrey: Person
) -> None:
    listed = get(sign_in(rita), "/help-pages?show=public")
    assert "A school place" in listed
    assert "closed" in listed
    assert "A school place" not in get(sign_in(rita), "/help-pages?show=asked")
    assert sign_in(ada).get("/help-pages").status_code == 403
    sheet = sign_in(rita).post("/help-pages/export")
    assert sheet.status_code == 200
    assert sign_in(audrey).post("/help-pages/export").status_code == 403


def test_prices_that_nobody_checks_are_gone_from_every_door(
    client: Client, ada: Person, rita: Person, schools: Topic, opened: None
) -> None:
    article = Article.add(by=ada, title="Rates", body="Two percent.", topics=[schools])
    article.edit(by=ada, freshness="price")
    page = public(article, ada, rita, 0)
    with clock.moved(clock.now() + timedelta(days=60)):
        assert client.get(page.address).status_code == 404
        assert "Rates" not in "".join(text for _, text in addresses(client))


def test_what_was_merged_leads_to_the_page_of_the_other(
    client: Client, opened: None, page: HelpPage, ada: Person, rita: Person, schools: Topic
) -> None:
    """An address that was given out is followed for ever."""
    other = public(Article.add(by=ada, title="The better one", body=BODY, topics=[schools]), ada, rita)
    merging.merge(page.article.fresh(), other.article.fresh(), by=rita)
    answer = client.get(f"/help/articles/{page.fresh().slug}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, other.address)
    assert "no-cache" in answer.headers["cache-control"], "whoever parts them again is heard by browsers too"
    other.article.fresh().archive(by=rita)
    assert client.get(f"/help/articles/{page.fresh().slug}", follow_redirects=False).status_code == 404
