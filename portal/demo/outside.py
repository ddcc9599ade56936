"""What of the story the world reads: the help site, opened, and what is put on it by two."""

from __future__ import annotations

from portal.models.help.pages import HelpPage
from portal.models.help.site import Site
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.text.markdown import sections_of


def open_site(by: Person, welcome: str, welcome_en: str) -> None:
    Site.choose(by=by, is_open=True, contact=True, welcome=welcome, welcome_en=welcome_en)


def ask(article: Article, by: Person) -> HelpPage:
    """Ask that the whole of an article is read outside."""
    whole = range(len(sections_of(article.body)))
    return HelpPage.ask(article, by=by, number=article.text_number, sections=whole)


def confirm(page: HelpPage, by: Person) -> None:
    now = page.fresh()
    now.confirm(by=by, version=now.version)
