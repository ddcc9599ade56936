"""Knowledge: found, read, written, corrected, used."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.forms.knowledge.articles import ArticleForm
from portal.i18n import Phrase
from portal.models.base.listing import listing, number_of
from portal.models.company.customer_types import CustomerType
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import KINDS, Article
from portal.models.knowledge.shelves import (
    helped,
    related,
    shelf,
    topic_counts,
    topics_of,
    whole,
)
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.text.markdown import headings
from portal.text.writing import differences
from portal.web import Request, find, form_page, go, permit, refresh, render, view

VERSIONS = 30
SORTS: dict[str, Any] = {"published": Article.published_at, "uses": Article.uses, "title": Article.title}


@view
def index(request: Request) -> Response:
    query, product = request.query, number_of(request.query.get("product"))
    articles = listing(
        shelf(**{name: query.get(name, "") for name in ("topic", "product", "type", "kind", "q")}),
        sorts=SORTS,
        sort=query.get("sort", "-published"),
        after=query.get("after", ""),
        size=20,
    )
    return render(
        request,
        "knowledge/articles/index.html",
        articles=articles,
        kinds=KINDS,
        counts=topic_counts(),
        topics_by_article=topics_of(articles.rows),
        customer_types=list(CustomerType.select().order_by(CustomerType.position, CustomerType.id)),
        product=Product.get_or_none(Product.id == product) if product else None,
    )


@view
def show(request: Request, id: int) -> Response:
    article = find(whole(Article.visible_to(request.user)), id)
    return render(request, "knowledge/articles/show.html", **_reading(request, article))


def _reading(request: Request, article: Article) -> dict[str, Any]:
    topics, people = article.topics, helped(article)
    return {
        "article": article,
        "authors": article.credited,
        "topics": topics,
        "contents": [heading for heading in headings(article.body) if heading.level <= 3],
        "helped": people,
        "worked": request.user in people,
        "usable": article.usable_by(request.user),
        "related": related(article, topics),
        "deal": _deal_behind(article, request.user),
        "missing": {} if article.published_at else article.missing(),
        "editable": article.editable_by(request.user),
        "managed": article.managed_by(request.user),
        "revoked": article.state == "archived" and article.revoked_at is not None,
    }


def _deal_behind(article: Article, person: Person) -> Deal | None:
    """The deal of which the experience tells that became this article."""
    if article.origin_kind != Experience.kind():
        return None
    told = Deal.visible_to(person).join(Experience, on=(Experience.deal == Deal.id))
    found: Deal | None = told.where(Experience.id == article.origin).first()
    return found


@view
def of_experience(request: Request, id: int) -> Response:
    article = Article.visible_to(request.user).where(Article.was_born_of("experience", id)).first()
    permit(article is not None, otherwise=404)
    return go(request, article.url)


@view
def create(request: Request) -> Response:
    permit(not request.user.is_auditor)
    given = {name: request.query.get(name, "") for name in ("title", "body")}
    form = ArticleForm(request.form, data=given).offering(request.user)
    published = "publish" in request.form
    if form.accepts(Article.add, by=request.user, published=published):
        return go(
            request,
            form.result.url,
            note=Phrase("Published.") if published else Phrase("Saved as a draft: only you see it."),
        )
    return form_page(request, "knowledge/articles/new.html", form)


@view
def edit(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.editable_by(request.user))
    form = ArticleForm(request.form, obj=article).offering(request.user)
    if form.accepts(article.edit, by=request.user):
        return go(request, article.url, note=Phrase("Saved."))
    return form_page(request, "knowledge/articles/edit.html", form, article=article)


@view
def publish(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.editable_by(request.user))
    if not article.missing():
        article.publish(by=request.user)
        request.note(Phrase("Published."))
    return go(request, article.url)


@view
def use(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.usable_by(request.user))
    article.use(by=request.user)
    return refresh(
        request,
        "knowledge/articles/_worked.html",
        to=article.url,
        article=article,
        helped=helped(article),
        worked=True,
        usable=True,
    )


@view
def archive(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.managed_by(request.user))
    article.archive(by=request.user)
    request.note(Phrase("Archived. You can bring it back any time."))
    return go(request, article.url)


@view
def restore(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.managed_by(request.user) and article.revoked_at is None)
    article.restore(by=request.user)
    request.note(Phrase("Brought back."))
    return go(request, article.url)


@view
def versions(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    listed = list(article.versions.limit(VERSIONS))
    older = [*listed[1:], None]
    changes = [
        (version, differences(before.body if before else "", version.body))
        for version, before in zip(listed, older, strict=True)
    ]
    editable = article.editable_by(request.user)
    return render(
        request, "knowledge/articles/versions.html", article=article, changes=changes, editable=editable
    )


@view
def restore_version(request: Request, id: int, version: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.editable_by(request.user))
    chosen = find(article.versions, version)
    article.restore_version(chosen.number, by=request.user)
    request.note(Phrase("Version %(n)s is the text again.", n=chosen.number))
    return go(request, article.url)
