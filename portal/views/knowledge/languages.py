"""Which articles are one in several languages, said by hand."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.knowledge.articles import Article
from portal.models.knowledge.languages import LanguageVersion, pairable_by
from portal.text.languages import OWN_NAMES, language_in
from portal.web import Request, find, go, permit, render, view


@view
def offer(request: Request, id: int) -> Response:
    article = _found(request, id)
    words = request.query.get("q", "")
    return render(
        request,
        "knowledge/articles/languages.html",
        article=article,
        words=words,
        versions=LanguageVersion.of(article),
        others=LanguageVersion.offered(article, words, by=request.user),
        languages=OWN_NAMES,
        language=request.query.get("language") or language_in(article.body or article.title),
    )


@view
def pair(request: Request, id: int) -> Response:
    article = _found(request, id)
    chosen = Article.id == number_of(str(request.form.get("other")))
    other = Article.visible_to(request.user).where(chosen).first() or article
    try:
        LanguageVersion.pair(article, other, language=str(request.form.get("language")), by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        kept = {name: str(request.form.get(name, ""))[:100] for name in ("q", "language")}
        return go(request, f"{article.url}/languages?{urlencode(kept)}")
    return go(request, article.url, note=Phrase("Each leads to the other now."))


@view
def part(request: Request, id: int) -> Response:
    article = _found(request, id)
    LanguageVersion.part(article, by=request.user)
    return go(request, article.url, note=Phrase("It is one of its own again."))


def _found(request: Request, id: int) -> Article:
    article = find(Article.visible_to(request.user), id)
    permit(pairable_by(article, request.user))
    return article
