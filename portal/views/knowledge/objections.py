"""Whether an article worked for who reads it, and why not: one word of each."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import Response

from portal import clock
from portal.forms.base import Form
from portal.forms.knowledge.objections import ObjectionForm, ReplyForm
from portal.i18n import Phrase
from portal.models.base.undoing import FOR
from portal.models.customers.customers import Customer
from portal.models.knowledge.articles import Article
from portal.models.knowledge.objections import Objection, found_working
from portal.models.knowledge.shelves import helped
from portal.models.people.people import Person
from portal.models.sales.article_words import WordAbout, named, offered_to
from portal.models.sales.deals import Deal
from portal.security import address_of
from portal.views.base.undoing import acts_on
from portal.web import Request, find, form_page, go, permit, render, view

_FROM = re.compile(r"/(deal|customer)s/(\d{1,15})(?:/|$)")


def said_of(request: Request, article: Article, form: Form | None = None) -> dict[str, Any]:
    """What `_worked.html` needs of an article; with the form as it was sent, where that was wrong."""
    people: list[Any] = helped(article)
    me, objections = request.user, Objection.of(article)
    for one in objections:
        one.article = article  # known already: asking who may answer costs no query
    worked, objected = me in people, next((one for one in objections if one.person_id == me.id), None)
    changed = [article.updated_at, *(one.at for one in objections if one.person_id == me.id)]
    changed += [one.helped.created_at for one in people if one == me]
    return {
        "article": article,
        "helped": [one for one in people if one.is_counted],
        "worked": worked,
        "usable": article.usable_by(me),
        "objections": objections,
        "objected": objected,
        "near": _near(request),
        "has_words": bool(worked or objected) or getattr(article, "is_told_of", True),
        "objection_form": form if isinstance(form, ObjectionForm) else ObjectionForm(),
        "reply_form": form if isinstance(form, ReplyForm) else ReplyForm(),
        # what is done here by a click leaves a fresh word or state: without there is nothing to look for
        "acts": acts_on(request, article) if any(at > clock.now() - FOR for at in changed) else [],
    }


def _near(request: Request) -> str:
    """The deal or customer whose page led to the article, as `deal-7`; '' for none."""
    if "near" in request.form:
        return str(request.form["near"])[:40]
    came = _FROM.search(address_of(request.http.headers.get("referer", "")).path)
    return f"{came[1]}-{came[2]}" if came else ""


@view
def words(request: Request, id: int) -> Response:
    """For which deals and customers it worked, or did not; and the way to say so for one's own word."""
    return _named(request, find(Article.visible_to(request.user), id))


def _named(request: Request, article: Article) -> Response:
    me = request.user
    near, said = str(request.query.get("near", "")), WordAbout.has_word(me, article)
    facts: dict[str, Any] = {"article": article, "near": near, "told_of": WordAbout.told_to(me, article)}
    facts["named"] = held = WordAbout.named_by(me, article) if said else ""
    facts["works"] = offered_to(me, held or near) if said else []
    page = "knowledge/articles/_words.html" if request.wants_fragment else "knowledge/articles/words.html"
    return render(request, page, **facts)


@view
def name(request: Request, id: int) -> Response:
    """For which deal or customer it worked, or did not."""
    article = find(Article.visible_to(request.user), id)
    permit(article.usable_by(request.user))
    work = named(str(request.form.get("work", "")), request.user)
    permit(work is not None or not request.form.get("work"), otherwise=404)
    if not Form(request.form).accepts(_name, article, work, by=request.user):
        return go(request, article.url, note=Phrase("Say first whether it worked for you."))
    return _named(request, article) if request.wants_fragment else go(request, article.url)


def _name(article: Article, work: Deal | Customer | None, *, by: Person) -> None:
    WordAbout.say(article, work, by=by)


@view
def use(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.usable_by(request.user))
    found_working(article, by=request.user)
    return _answer(request, article, Form())


@view
def say(request: Request, id: int) -> Response:
    article, form = find(Article.visible_to(request.user), id), ObjectionForm(request.form)
    permit(article.usable_by(request.user))
    form.accepts(Objection.say, article, by=request.user)
    return _answer(request, article, form, Phrase("Said. Its author is asked to answer."))


@view
def withdraw(request: Request, id: int) -> Response:
    said = find(Objection.visible_to(request.user), id)
    permit(said.withdrawable_by(request.user))
    said.withdraw(by=request.user)
    return _answer(request, said.article, Form())


@view
def reply(request: Request, id: int) -> Response:
    said, form = find(Objection.visible_to(request.user), id), ReplyForm(request.form)
    permit(said.answerable_by(request.user))
    form.accepts(said.reply, by=request.user)
    return _answer(request, said.article, form, Phrase("Answered."), asked=said)


def _answer(
    request: Request, article: Article, form: Form, note: Phrase | None = None, asked: Objection | None = None
) -> Response:
    """The foot of the article for htmx, and where something is wrong; else the article."""
    if form.status == 200 and not request.wants_fragment:
        return go(request, article.url, note=note)
    facts = {"asked": asked, **said_of(request, article.fresh(), form)}
    page = "knowledge/articles/_worked.html" if request.wants_fragment else "knowledge/articles/said.html"
    return form_page(request, page, form, **facts)
