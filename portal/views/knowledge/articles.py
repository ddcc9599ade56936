"""Knowledge: found, read, written, corrected, used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote

from peewee import ModelSelect, chunked
from starlette.background import BackgroundTask
from starlette.responses import Response

from portal import clock, i18n
from portal.forms.knowledge.articles import AddTopicForm, ArticleForm
from portal.forms.knowledge.proposals import ArticleChangeForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.base.intake import portal_id
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.experiences import rewrites
from portal.models.experiences.experiences import Experience, worked_on
from portal.models.help.pages import HelpPage
from portal.models.help.site import Site
from portal.models.insights import usage
from portal.models.knowledge import audience, history, merging, proposals, scores, templates, verification
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.knowledge.checks import awaiting, opened_at, opened_now
from portal.models.knowledge.languages import LanguageVersion, pairable_by, told_of
from portal.models.knowledge.outcomes import SuggestionOutcome
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.readership import ReadMark, counts_for
from portal.models.knowledge.shelves import (
    PIECE,
    excerpts,
    may_take_out,
    related,
    topic_counts,
    topics_of,
    whole,
)
from portal.models.knowledge.words import FRESHNESS
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.article_words import WordAbout
from portal.models.sales.deals import Deal
from portal.models.search.lookups import Gap
from portal.tables.cells import BadCell
from portal.tables.days import parse_date
from portal.text import personal_data
from portal.text.dated_tables import in_force
from portal.text.markdown import headings, render_markdown
from portal.text.writing import PairedLine, folded, side_by_side
from portal.views.base.archiving import archiving
from portal.views.base.filters import Filter, Links, Option, Values, Where, only_chosen
from portal.views.base.lists import ListPage
from portal.views.base.selection import Filing, selection
from portal.views.knowledge.files import enclosed
from portal.views.knowledge.objections import said_of
from portal.views.knowledge.proposals import beside_waiting
from portal.views.learning.teaching import Teaching
from portal.web import Request, find, form_page, go, permit, render, view

VERSIONS = 20
WAITS = Phrase("It waits for approval. Nothing changes for readers until then.")


class WrittenFor(Filter):
    """For whom it is written: for me, or for the group whose page or article led here."""

    def options(self, person: Person, chosen: str) -> Iterable[Option]:
        yield Option("me", Phrase("Written for me"))
        if audience.is_one(chosen):
            yield Option(chosen, audience.ReaderGroup(chosen))

    def where(self, chosen: str, person: Person) -> Where:
        if chosen == "me":
            return audience.names_one_of(Article.audience, audience.groups_of(person))
        return audience.names_one_of(Article.audience, [chosen]) if audience.is_one(chosen) else None


class ArticleList(ListPage[Article]):
    """Published knowledge, to read through."""

    noun, template, size = Article, "knowledge/articles/index.html", 20
    picks, asks = True, ("topic", "course")
    title = Phrase("Knowledge")
    subtitle = Phrase("What colleagues learned in the field, ready for your next talk.")
    search = Phrase("Search titles")
    sorts = {"published": Article.published_at, "uses": Article.uses, "title": Article.title}
    usual = "-published"
    orders = {"-published": Phrase("Newest"), "-uses": Phrase("Worked for most"), "title": Phrase("By title")}
    filters = (
        Links(
            name="topic",
            label=Phrase("Topic"),
            every=Phrase("All topics"),
            filled=True,
            offers=lambda me, chosen: Topic.visible_to(me),
            about=Article.on_topic,
        ),
        Values(
            name="kind",
            label=Phrase("Kind and customer type"),
            counted=False,
            field=Article.kind_of,
            words=templates.kinds,
        ),
        Links(
            name="type",
            label=Phrase("Kind and customer type"),
            counted=False,
            field=Article.customer_type,
            offers=lambda me, chosen: CustomerType.visible_to(me),
        ),
        Links(
            name="product",
            label=Phrase("Kind and customer type"),
            counted=False,
            field=Article.product,
            offers=only_chosen(Product),
            passing=True,
        ),
        WrittenFor(name="for", label=Phrase("Kind and customer type"), counted=False),
    )

    exports = {
        Phrase("Title"): lambda article, me: article.title,
        Phrase("Kind"): lambda article, me: i18n.label(article.kind_words),
        Phrase("For whom"): lambda article, me: "; ".join(i18n.label(one) for one in article.audience),
        Phrase("State"): lambda article, me: i18n.label(article.state),
        Phrase("Topics"): lambda article, me: "; ".join(i18n.label(topic) for topic in article.subjects),
        Phrase("Product"): lambda article, me: i18n.label(article.product),
        Phrase("Customer type"): lambda article, me: i18n.label(article.customer_type),
        Phrase("In one sentence"): lambda article, me: article.summary,
        Phrase("Text"): lambda article, me: article.body,
        Phrase("Author"): lambda article, me: i18n.label(article.author),
        Phrase("How long it stays true"): lambda article, me: i18n.gettext(FRESHNESS[article.freshness]),
        Phrase("True until"): lambda article, me: article.review_by,
        Phrase("Publish on"): lambda article, me: article.publish_on,
        Phrase("Ends on"): lambda article, me: article.ends_on,
        Phrase("Published on"): lambda article, me: (
            article.published_at and clock.local(article.published_at).date()
        ),
        Phrase("Language"): lambda article, me: told_of(article).language,
        Phrase("Language versions"): lambda article, me: told_of(article).work,
        Phrase("Version"): lambda article, me: article.edition,
        Phrase("Portal ID"): lambda article, me: portal_id(article),
    }

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        return may_take_out(person)

    def everything(self) -> ModelSelect[Article]:
        return Article.select().where(Article.state == "published")

    def read(self, query: ModelSelect[Article]) -> ModelSelect[Article]:
        return whole(query, brief=True)

    def taken(self, query: ModelSelect[Article]) -> ModelSelect[Article]:
        """With the whole text, which the list does without."""
        return whole(query)

    def lines(self, rows: Iterable[Article]) -> Iterable[Article]:
        for some in chunked(rows, PIECE):
            topics = topics_of(some)
            LanguageVersion.note(some)
            for article in some:
                article.subjects = topics.get(article.id, [])
                yield article

    @cached_property
    def counts(self) -> dict[tuple[str, str], int | None]:
        """How many articles each topic has: asked in one way for all topics, there are many of them."""
        narrowed = self.state.but("topic", "sort")
        found = topic_counts(self.query(topic="") if narrowed else None)
        return {("topic", str(topic)): count for topic, count in found.items()}

    @property
    def tells_use(self) -> bool:
        """Whether it leads to how knowledge is used: the report leads those there whom a topic belongs to."""
        return Gap.open_to(self.person)

    @property
    def excerpts(self) -> dict[int, str]:
        """What is shown of the articles, in the reader's language where they hold it, by the article's id."""
        return excerpts(self.rows, i18n.current())

    @property
    def topics(self) -> dict[int, list[Topic]]:
        """The topics of the articles shown, by the article's id."""
        return topics_of(self.rows)


@view
def index(request: Request) -> Response:
    return ArticleList(request).page()


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return ArticleList(request, path="/articles").sheet()


@view
def show(request: Request, id: int) -> Response:
    readable = awaiting(proposals.noted(whole(Article.visible_to(request.user))))
    readable = LanguageVersion.beside(merging.noted(WordAbout.noted(readable)))
    beside = usage.beside(SuggestionOutcome.beside(HelpPage.beside(readable)))
    article = beside.where(Article.id == id).first() if id < 2**63 else None
    if article is None or article.is_archived:
        into = merging.leads_to(id) if id < 2**63 else None
        if into is not None:
            return go(request, into.url)
    if article is None:
        return _put_away(request, id)
    facts = _reading(request, article)
    return _counted(request, render(request, "knowledge/articles/show.html", **facts), article, facts)


def _put_away(request: Request, id: int) -> Response:
    """Whoever follows a link to what was read once, and is not any more, reads what it was and what is read
    about the same now.
    """
    article = find(whole(Article.once_read(), brief=True), id)
    others = related(article, article.read_topics())
    return render(request, "knowledge/articles/put_away.html", status=404, article=article, related=others)


def _counted(request: Request, response: Response, article: Article, facts: dict[str, Any]) -> Response:
    """Reading writes nothing: that somebody reads is counted once the answer has left."""
    authors, topics = ([one.id for one in facts[name]] for name in ("authors", "topics"))
    if request.is_by_a_reader and counts_for(article, request.user, authors):
        mark = {"person": request.user.id, "key": request.settings.signing_secret}
        count = partial(ReadMark.read, article.id, topics, **mark)
        response.background = BackgroundTask(transact, count)
    return response


def _reading(request: Request, article: Article) -> dict[str, Any]:
    topics, authors, me = article.read_topics(), article.credited, request.user
    rewrite = rewrites.latest(article) if article.score is not None and not article.has_score else None
    return {
        **said_of(request, article),
        "authors": authors,
        "topics": topics,
        "taken_in": merging.taken_in(article),
        "languages": LanguageVersion.others(article),
        "pairable": pairable_by(article, me),
        "mergeable": merging.mergeable_by(article, me, [topic.id for topic in topics]),
        "html": in_force(article.html, clock.today()),
        "contents": [heading for heading in headings(article.body) if heading.level <= 3],
        "related": related(article, topics),
        "deal": _deal_behind(article, me),
        "missing": {} if article.published_at else article.missing(),
        "found": []
        if article.published_at
        else [personal_data.said(each) for each in article.personal_data().values()],
        "editable": article.editable_by(me),
        "checkable": verification.checkable_by(article, me),
        "opened": opened_now(article, me, _secret(request)) if article.is_due else "",
        "managed": article.archivable_by(me),
        "minor": scores.minor_to(article, me),
        "rewrite": rewrite,
        "suggestable": proposals.suggestable_by(article, me),
        **_proposed(article, me),
        "reviewable": rewrites.reviewable_by(article, me, rewrite),
        "revoked": article.state == "archived" and article.revoked_at is not None,
        "read": usage.read_of(article) if article.is_read and article.editable_by(me) else None,
        "help_page": getattr(article, "help_page", None),
        **_outcome(article, me, authors, topics),
        "help_askable": Site.is_open() and HelpPage.askable_by(article, me),
    }


def _outcome(article: Article, person: Person, authors: list[Person], topics: list[Topic]) -> dict[str, Any]:
    """What becomes of a suggestion, and whether this person may say so."""
    outcome: SuggestionOutcome | None = getattr(article, "outcome", None)
    if outcome is not None:
        outcome.article = article  # known already: asking who may answer costs no query
    credited, subjects = [one.id for one in authors], [one.id for one in topics]
    owed = outcome is not None and outcome.answerable_among(person, credited, subjects)
    return {"outcome": outcome, "outcome_owed": owed}


def _proposed(article: Article, person: Person) -> dict[str, Any]:
    """What waits for it, as far as a person may read that, who approved it, who else improved it."""
    kept = proposals.of_article(article)
    waiting = [each for each in kept if each.is_waiting]
    if waiting and not article.editable_by(person):
        seen = Proposal.visible_to(person).where(Proposal.id.in_([each.id for each in waiting]))
        shown = {each.id for each in seen}
        waiting = [each for each in waiting if each.id in shown]
    mine = kept[0] if kept and kept[0].state == "refused" and kept[0].by_id == person.id else None
    others = {each.by.id: each.by for each in kept if each.sort == "suggestion" and each.became}
    approval = proposals.approval_among(kept, article)
    return {"waiting": waiting, "refused": mine, "improvers": list(others.values()), "approval": approval}


def _deal_behind(article: Article, person: Person) -> Deal | None:
    """The deal of which the experience tells that became this article, for those who worked on it and lead
    them: by its title, amount and customer everyone else would learn who is behind a lesson.
    """
    if article.origin_kind != Experience.kind():
        return None
    told = Deal.visible_to(person).join(Experience, on=(Experience.deal == Deal.id))
    theirs = Deal.owner.in_(sorted(person.team)) | worked_on(person)
    found: Deal | None = told.where((Experience.id == article.origin) & theirs).first()
    return found


def _secret(request: Request) -> str:
    return str(request.settings.signing_secret)


@view
def check(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(verification.verifiable_by(article, request.user))
    opened = opened_at(article, request.user, str(request.form.get("opened", "")), _secret(request))
    if opened is None:
        return go(request, article.url, note=Phrase("Read it first, then say whether it is true."))
    try:
        verification.verify(article, by=request.user, opened_at=opened)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, article.url)
    return go(request, article.url, note=Phrase("Checked. Thank you."))


@view
def keep(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.archivable_by(request.user))
    verification.keep(article, by=request.user)
    return go(request, article.url, note=Phrase("It stays."))


@view
def of_experience(request: Request, id: int) -> Response:
    article = Article.visible_to(request.user).where(Article.was_born_of("experience", id)).first()
    permit(article is not None, otherwise=404)
    return go(request, article.url)


@view
def create(request: Request) -> Response:
    permit(not request.user.is_auditor)
    offered = templates.offered_to(request.user, request.locale)
    begun = next((one for one in offered if one.key == request.query.get("template")), None)
    published = "publish" in request.form
    draft = _begun(request) if request.form.get("version") else None  # its page knows what it saved
    given = {} if request.form else _given(request, begun)
    form = ArticleForm(request.form, obj=draft, data=given).offering(request.user, is_read=published)
    verb = proposals.write if draft is None else partial(proposals.go_on, draft)
    if form.accepts(verb, by=request.user, published=published):
        return go(request, form.result.url, note=_written(form.result, published))
    facts = {"beginnings": offered, "begun": begun.key if begun else "", "draft": draft}
    return form_page(request, "knowledge/articles/new.html", form, **facts)


def _given(request: Request, begun: Any) -> dict[str, Any]:
    """What a new article begins with: what the link to its page says, or a template."""
    about = Topic.visible_to(request.user).where(Topic.id == number_of(request.query.get("topic")))
    given: dict[str, Any] = {name: request.query.get(name, "") for name in ("title", "body")}
    given["topics"] = list(about)
    given["kind_of"] = begun.key if begun else ""
    return given | ({"body": begun.body, "freshness": begun.freshness} if begun else {})


def _begun(request: Request) -> Article | None:
    """What the page of this form has saved by itself, if it did."""
    return Article.begun_with(ArticleForm(request.form).key.data, request.user)


@view
def begin_draft(request: Request) -> Response:
    """What the page of a new article posts by itself: once there is a title, it is a draft."""
    permit(not request.user.is_auditor)
    return _saved(request, _begun(request))


@view
def draft(request: Request, id: int) -> Response:
    """What the page of a draft posts by itself while its author writes."""
    article = find(Article.visible_to(request.user), id)
    permit(article.author_id == request.user.id)
    return _saved(request, article)


def _saved(request: Request, article: Article | None) -> Response:
    if article is not None and not proposals.saves_itself(article, request.user):
        raise Invalid(Phrase("It was handed in already."))
    form = ArticleForm(request.form, obj=article).offering(request.user)
    if article is not None:
        form.accepts(proposals.save_draft, article, by=request.user)
    elif form.accepts(proposals.write, by=request.user, published=False):
        article = form.result
    answer = render(request, "knowledge/articles/_kept.html", status=form.status, form=form)
    answer.headers["X-Version"] = str(article.version if article else 0)
    answer.headers["X-Begun"] = form.begun if form.status == 422 else form.goes_on_from
    if article is not None:
        answer.headers["X-Place"] = f"{article.url}/edit"
    return answer


def _written(article: Article, published: bool) -> Phrase:
    if not published:
        return Phrase("Saved as a draft: only you see it.")
    return Phrase("Published.") if article.is_read else _on_its_day(article) or WAITS


def _on_its_day(article: Article) -> Phrase | None:
    """What is said of an article that is published on a later day."""
    if article.scheduled_number is None or article.publish_on is None:
        return None
    return Phrase("It is published on %(day)s.", day=i18n.day(article.publish_on))


@view
def titled(request: Request) -> Response:
    """What is called so, as one text names another; else what is found for it."""
    title = request.query.get("title", "")
    article = history.titled(title, request.user) or merging.titled(title, request.user)
    return go(request, article.url if article else f"/search?q={quote(title)}")


@view
def edit(request: Request, id: int) -> Response:
    article = find(proposals.noted(Article.visible_to(request.user)), id)
    permit(article.editable_by(request.user))
    mine = proposals.waiting_of(article, request.user) if article.is_read else None
    if mine is not None and not request.form:
        return go(request, f"{mine.url}/edit")
    form = ArticleChangeForm(request.form, obj=article).offering(request.user, is_read=article.is_read)
    if form.accepts(proposals.change, article, by=request.user):
        return go(request, article.url, note=WAITS if form.result else Phrase("Saved."))
    if mine is not None:
        return beside_waiting(request, mine)
    about: dict[str, Any] = {"article": article, "enclosed": enclosed(article)}
    about["saves_itself"] = proposals.saves_itself(article, request.user)
    return form_page(request, "knowledge/articles/edit.html", form, **about)


@view
def publish(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.editable_by(request.user))
    try:
        checked = "names_checked" in request.form
        waits = proposals.publish(article, by=request.user, names_checked=checked)
        request.note(WAITS if waits else _on_its_day(article) or Phrase("Published."))
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, article.url)


@view
def minor(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.judged_by(request.user))
    try:
        scores.call_minor(article, by=request.user, number=number_of(str(request.form.get("number"))))
        request.note(Phrase("The score holds for this version too."))
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, article.url)


@view
def review(request: Request, id: int) -> Response:
    """A changed text goes to a panel again."""
    article = find(Article.visible_to(request.user), id)
    permit(article.editable_by(request.user))
    try:
        number = number_of(str(request.form.get("number")))
        rewrites.review_again(article, by=request.user, number=number)
        request.note(Phrase("Reviewers read the changed text now. The score follows; pay stays as it was."))
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, article.url)


@view
def version(request: Request, id: int, number: int) -> Response:
    """One version to read as it stood."""
    article = find(Article.visible_to(request.user), id)
    kept = history.read_by(article, request.user).where(ArticleVersion.number == number).first()
    permit(kept is not None, otherwise=404)
    day, html = _day_in(request.query.get("day", "")), render_markdown(kept.body)
    on = day if day is not None and history.on_day(article, day, request.user) == kept else None
    return render(request, "knowledge/articles/version.html", article=article, kept=kept, html=html, on=on)


archive, restore = archiving(Article)
select, select_topic, select_course = selection(
    ArticleList, Filing(AddTopicForm, Article.add_topic), Teaching()
)


@view
def versions(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    readable = history.read_by(article, request.user)
    if before := number_of(request.query.get("before")):
        readable = readable.where(ArticleVersion.number < before)
    listed = list(readable.limit(VERSIONS + 1))
    shown, older = listed[:VERSIONS], listed[VERSIONS:]
    me = request.user
    facts: dict[str, Any] = {"editable": article.editable_by(me), "erasable": article.erasable_by(me)}
    rows = _changed(*listed[:2]) if len(listed) > 1 else []
    facts |= {"versions": shown, "rows": rows, "older": bool(older)}
    return render(request, "knowledge/articles/versions.html", article=article, **facts)


@view
def version_changes(request: Request, id: int, number: int) -> Response:
    """What one version changed: worked out when somebody looks."""
    article = find(Article.visible_to(request.user), id)
    readable = history.read_by(article, request.user).where(ArticleVersion.number <= number)
    pair = list(readable.limit(2))
    permit(bool(pair) and pair[0].number == number, otherwise=404)
    facts: dict[str, Any] = {"version": pair[0], "rows": _changed(*pair) if len(pair) > 1 else []}
    if request.wants_fragment:
        return render(request, "knowledge/articles/_changes.html", article=article, **facts)
    return render(request, "knowledge/articles/changes.html", article=article, **facts)


def _changed(version: ArticleVersion, before: ArticleVersion) -> list[PairedLine]:
    """Title, summary and text as they were beside as they are, but for long runs of lines that stayed."""
    said = ("\n\n".join((each.title, each.summary, each.body)) for each in (before, version))
    return folded(side_by_side(*said))


@view
def version_on(request: Request, id: int) -> Response:
    """What everyone read at the end of a day."""
    article, day = find(Article.visible_to(request.user), id), _day_in(request.query.get("day", ""))
    kept = history.on_day(article, day, request.user) if day is not None else None
    if kept is not None:
        return go(request, f"{article.url}/versions/{kept.number}?day={day}")
    return go(request, f"{article.url}/versions", note=Phrase("There was nothing to read of it on that day."))


def _day_in(text: str) -> date | None:
    try:
        return parse_date(text)
    except BadCell:
        return None


@view
def restore_version(request: Request, id: int, version: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.editable_by(request.user))
    chosen = find(history.read_by(article, request.user), version)
    try:
        waits = proposals.restore_version(article, chosen.number, by=request.user)
        request.note(WAITS if waits else Phrase("Version %(n)s is the text again.", n=chosen.number))
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, article.url)
