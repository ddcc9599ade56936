"""What the pages of the help site ask: written once, since strangers come often."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, NamedTuple

from peewee import ModelSelect, Value, fn

from portal.models.base.prepared import Prepared
from portal.models.company.topics import Topic
from portal.models.help.pages import HelpPage, HelpPageTopic, PublicDays
from portal.models.help.words import HelpState
from portal.models.knowledge.articles import ArticleTopic
from portal.models.knowledge.languages import LanguageVersion
from portal.models.knowledge.merged import ArticleMerge
from portal.text.languages import OWN_NAMES

NEWEST, BESIDE, A_PAGE = 8, 5, 50
NEAREST = 50
"""So many pages of a topic, those that helped most, compete to stand beside one: of all of them nobody asks
whether they are too old.
"""
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_OUTSIDE = re.compile(r"(?:https?:|mailto:|tel:|#|/help/files/)")
_ARTICLE = re.compile(r"/articles/(\d{1,18})(?:[#?]|$)")


class PublicVersion(NamedTuple):
    """One of several languages in which the world may read a page."""

    slug: str
    language: str
    """As `portal.text.languages` tags it."""
    title: str

    @property
    def address(self) -> str:
        return HelpPage(slug=self.slug).address

    @property
    def name(self) -> str:
        """How the language calls itself."""
        return OWN_NAMES.get(self.language, self.language)

    @property
    def locale(self) -> str:
        """The language without its script."""
        return self.language.partition("-")[0]


def versions_of(page: HelpPage) -> list[PublicVersion]:
    """The languages in which the world may read a page now, its own among them; none where that is one."""
    rows = _VERSIONS.rows(article=page.article_id, **PublicDays.now()._asdict())
    found = [PublicVersion(*row) for row in rows]
    return found if len(found) > 1 and any(each.slug == page.slug for each in found) else []


def all_versions() -> dict[str, list[PublicVersion]]:
    """Of each page that the world may read in several languages all of these, by the page's slug."""
    read: Any = _versions(PublicDays.now()).select_extend(LanguageVersion.work).tuples()
    works = defaultdict[str, list[PublicVersion]](list)
    for *told, work in read:
        works[work].append(PublicVersion(*told))
    return {each.slug: together for together in works.values() if len(together) > 1 for each in together}


def page_at(slug: str) -> HelpPage | None:
    """The page of an address, if the world may read it."""
    return _AT.first(slug=slug, **PublicDays.now()._asdict())


def led_to(slug: str) -> HelpPage | None:
    """The page of what the article at this address was merged into, if the world may read that."""
    was: Any = HelpPage.alias()
    into = ArticleMerge.select(ArticleMerge.into).join(was, on=(was.article == ArticleMerge.article))
    there = HelpPage.article.in_(into.where(was.slug == slug))
    found: HelpPage | None = HelpPage.in_the_open().where(there).first()
    return found


def newest() -> list[HelpPage]:
    """The newest pages."""
    return _NEWEST(**PublicDays.now()._asdict())


def beside(page: HelpPage, topic: Topic) -> list[HelpPage]:
    """Other pages of a topic, those first that helped most."""
    return _BESIDE(topic=topic.id, page=page.id, **PublicDays.now()._asdict())


def on_topic(topic: int, at: int) -> list[HelpPage]:
    """A page of what is public about a topic, counted from 1, and one more where there are more."""
    first = (at - 1) * A_PAGE
    return _ON_TOPIC(topic=topic, **PublicDays.now()._asdict(), first=first)


def open_topics() -> list[Topic]:
    """The topics of all that the world may read, in the company's order."""
    return _OPEN_TOPICS(**PublicDays.now()._asdict())


def topics_of(page: HelpPage) -> list[Topic]:
    """The topics that a page stands under, in the company's order."""
    return _TOPICS(page=page.id)


def brief(query: ModelSelect[HelpPage]) -> ModelSelect[HelpPage]:
    """The same pages without their texts: what a list shows of them."""
    read = (HelpPage.id, HelpPage.slug, HelpPage.title, HelpPage.summary, HelpPage.language)
    return query.select(*read, HelpPage.changed_at)


def links_within(html: str, *, base: str) -> str:
    """A public text's links as they lead for a visitor: outside, and to what is public of an article. What
    else lies within the portal is nobody's business: of such a link the words stay. `base`: the portal's own
    address.
    """
    if "<a " not in html:
        return html
    own = re.compile(re.escape(base) + r"(?=[/?#]|$)")
    named = [_ARTICLE.match(own.sub("", found[1])) for found in _LINK.finditer(html)]
    wanted = sorted({int(found[1]) for found in named if found})
    pages = HelpPage.in_the_open().where(HelpPage.article.in_(wanted)) if wanted else []
    known = {page.article_id: page.address for page in pages}

    def led(found: re.Match[str]) -> str:
        href = own.sub("", found[1])
        if (article := _ARTICLE.match(href)) and int(article[1]) in known:
            return f'<a href="{known[int(article[1])]}">{found[2]}</a>'
        return found[0] if href == found[1] and _OUTSIDE.match(href) else found[2]

    return _LINK.sub(led, html)


def _filed() -> ModelSelect[HelpPageTopic]:
    """What was confirmed to stand under a topic, while its article does."""
    mine = HelpPage.id == HelpPageTopic.page
    still = (ArticleTopic.article == HelpPage.article) & (ArticleTopic.topic == HelpPageTopic.topic)
    filed = HelpPageTopic.select(HelpPageTopic.page).join(HelpPage, on=mine).join(ArticleTopic, on=still)
    return filed.where(HelpPageTopic.is_public)


def _on_topic(topic: Any, days: PublicDays) -> ModelSelect[HelpPage]:
    there = (HelpPageTopic.topic == topic) & HelpPageTopic.is_public
    about = HelpPage.id.in_(HelpPageTopic.select(HelpPageTopic.page).where(there))
    still = (ArticleTopic.article == HelpPage.article) & (ArticleTopic.topic == topic)
    filed = fn.EXISTS(ArticleTopic.select(Value(1)).where(still))
    return brief(HelpPage.in_the_open(days)).where(about & filed)


def _beside(topic: Any, page: Any, outdated: Any, today: Any, behind: Any) -> ModelSelect[HelpPage]:
    near: Any = HelpPage.alias()
    there = near.id.in_(_filed().where(HelpPageTopic.topic == topic)) & (near.id != page)
    pool = near.select(near.id).where((near.state == HelpState.PUBLIC) & there)
    nearest = pool.order_by(near.helped.desc(), near.id).limit(NEAREST).alias("nearest")
    public = brief(HelpPage.in_the_open(PublicDays(outdated, today, behind)))
    found: ModelSelect[HelpPage] = public.join(nearest, on=(nearest.c.id == HelpPage.id))
    return found.order_by(HelpPage.helped.desc(), HelpPage.id).limit(BESIDE)


def _open_topics(outdated: Any, today: Any, behind: Any) -> ModelSelect[Topic]:
    """Each topic asks until its first public page is found: all of them are not looked through."""
    days = PublicDays(outdated, today, behind)
    one = HelpPage.in_the_open(days).where(HelpPage.id == HelpPageTopic.page)
    held = _filed().where((HelpPageTopic.topic == Topic.id) & fn.EXISTS(one.select(Value(1))))
    return Topic.select().where(fn.EXISTS(held.select(Value(1)))).order_by(Topic.position, Topic.id)


def _topics(page: Any) -> ModelSelect[Topic]:
    mine = _filed().select(HelpPageTopic.topic).where(HelpPageTopic.page == page)
    return Topic.select().where(Topic.id.in_(mine)).order_by(Topic.position, Topic.id)


def _versions(days: PublicDays) -> ModelSelect[HelpPage]:
    tied = LanguageVersion.article == HelpPage.article
    found = HelpPage.in_the_open(days).select(HelpPage.slug, LanguageVersion.language, HelpPage.title)
    return found.join(LanguageVersion, on=tied).order_by(LanguageVersion.language)


def _versions_of(article: Any, outdated: Any, today: Any, behind: Any) -> ModelSelect[HelpPage]:
    mine = LanguageVersion.alias()
    same = mine.select(mine.work).where(mine.article == article)
    return _versions(PublicDays(outdated, today, behind)).where(LanguageVersion.work.in_(same))


_VERSIONS = Prepared[HelpPage](_versions_of)
_AT = Prepared[HelpPage](
    lambda slug, outdated, today, behind: (
        HelpPage.in_the_open(PublicDays(outdated, today, behind)).where(HelpPage.slug == slug).limit(1)
    )
)
_NEWEST = Prepared[HelpPage](
    lambda outdated, today, behind: (
        brief(HelpPage.in_the_open(PublicDays(outdated, today, behind)))
        .order_by(HelpPage.changed_at.desc(), HelpPage.id.desc())
        .limit(NEWEST)
    )
)
_BESIDE = Prepared[HelpPage](_beside)
_ON_TOPIC = Prepared[HelpPage](
    lambda topic, outdated, today, behind, first: (
        _on_topic(topic, PublicDays(outdated, today, behind))
        .order_by(HelpPage.title, HelpPage.id)
        .limit(A_PAGE + 1)
        .offset(first)
    )
)
_OPEN_TOPICS = Prepared[Topic](_open_topics)
_TOPICS = Prepared[Topic](_topics)
