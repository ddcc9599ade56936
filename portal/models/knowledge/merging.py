"""Two articles become one: the second leads to the first for ever, what hung on it goes on with the first.

What was earned stays where it was earned: nobody gains or loses points, evidence or credit (RULES 4.2, 4.3).
Votes are not moved; the first counts each colleague once for whom either worked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from peewee import ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.record import Editable, Event, Invalid, along
from portal.models.base.undoing import MEANWHILE, hinders, undoes
from portal.models.knowledge.articles import Article, ArticleVersion, hinders_publishing, returns_with_it
from portal.models.knowledge.merged import ArticleMerge
from portal.models.knowledge.questions import Answer
from portal.models.knowledge.shelves import BEST_FIRST
from portal.models.knowledge.uses import recount
from portal.models.people.notices import Notice
from portal.models.people.people import Person

StoredWith = Callable[[Article], Mapping[str, Any]]
OWN_GAIN = Phrase(
    "You wrote the one that stays and not the other: let somebody else who looks after both merge them."
)


JUDGED_OWN = Phrase("Its reviewers accepted it: let somebody else who looks after both merge them.")
Staying = Callable[[Article], Any]
AfterMerge = Callable[[Article, Article], None]
Since = Callable[[Any], Mapping[str, Any]]


class _Following(NamedTuple):
    link: ForeignKeyField[Any]
    facts: StoredWith
    staying: Staying | None
    since: Since


_FOLLOWING: list[_Following] = []
_FOLLOWS: list[AfterMerge] = []


def goes_on(
    link: ForeignKeyField[Any],
    facts: StoredWith = lambda article: {},
    staying: Staying | None = None,
    since: Since = lambda row: {},
) -> None:
    """Let what links an article go on with the one that it is merged into; `facts`: what else is stored then,
    of that one; `staying`: the condition of what stays where it is, given that one; `since`: what is
    stored of a row that comes back, given that row, instead of what was there before.
    """
    _FOLLOWING.append(_Following(link, facts, staying, since))


def follows_a_merge(follow: AfterMerge) -> AfterMerge:
    """Let a module go on from two articles that became one, or are two again: given both."""
    _FOLLOWS.append(follow)
    return follow


goes_on(Answer.article)


def mergeable_by(article: Article, person: Person, topics: Collection[int] | None = None) -> bool:
    """Whoever looks after it: who wrote it, reviewers, whom its topics belong to (RULES 4.4). `topics`: its
    own, where they are known.
    """
    if not article.is_read:
        return False
    return article.editable_by(person) or article.tended_by(person, topics)


def noted(articles: ModelSelect[Article]) -> ModelSelect[Article]:
    """The same articles, each with whether another was merged into it, for `taken_in`."""
    there = ArticleMerge.select(1).where(ArticleMerge.into == Article.id)
    return articles.select_extend(fn.EXISTS(there).alias("has_taken_in"))


def offered(article: Article, words: str, size: int = 20) -> list[Article]:
    """Into what it may be merged, by what its title or summary says: the best proven first."""
    others = Article.select().where((Article.state == "published") & (Article.id != article.id))
    others = others.where(Article.matching(words.strip())).order_by(*BEST_FIRST)
    return list(along(others.limit(size), Article.author))


def merge(article: Article, into: Article, *, by: Person) -> None:
    """`article` is read no longer: its address leads to `into`. Twice is harmless. Raises Invalid."""
    held = ArticleMerge.get_or_none(ArticleMerge.article == article)
    if held is not None and held.into_id == into.id:
        return
    _check(article, into, by)
    now = clock.now()
    with db.atomic():
        _hold(article, into)
        if not article.step("archived", since=("published",), archived_at=now, scheduled_number=None):
            raise Invalid(MEANWHILE)
        moved = _move(article, into)
        ArticleMerge.create(article=article, into=into, by=by, at=now, moved=moved)
        article._end_with_it(by)
        for follow in _FOLLOWS:
            follow(article, into)
        recount(into)
        article.track("merged", by=by, changes={"into": [None, into.title]})
        into.track("took in", by=by, changes={"article": [None, article.title]})
        _tell(article, into, by)


def _check(article: Article, into: Article, by: Person) -> None:
    if article.id == into.id:
        raise Invalid(Phrase("Choose another one: it cannot be merged into itself."))
    if not (mergeable_by(article, by) and mergeable_by(into, by)):
        raise Invalid(Phrase("Both have to be published, and yours to look after."))
    if by.id in into.credited_ids and by.id not in article.credited_ids:
        raise Invalid(OWN_GAIN)
    if article.score is not None and by.id in article.credited_ids:  # each later vote would pay for both
        raise Invalid(JUDGED_OWN)


def _hold(*both: Article) -> None:
    """Both are read still, and nobody merges either meanwhile: two that lead to each other lead nowhere."""
    read = Article.id.in_(sorted(each.id for each in both)) & (Article.state == "published")
    if Article.update(version=Article.version).where(read).execute() < len(both):
        raise Invalid(MEANWHILE)


def _move(article: Article, into: Article) -> dict[str, dict[str, dict[str, Any]]]:
    """What links the one links the other; gives each row's fields as they were, by noun and id."""
    moved = dict[str, dict[str, dict[str, Any]]]()
    for link, facts, staying, _since in _FOLLOWING:
        model: Any = link.model
        goes = (link == article) if staying is None else (link == article) & ~staying(into)
        for row in model.select().where(goes):
            after = {link.name: into.id, **facts(into)}
            before = {name: row.__data__[name] for name in after}
            _store(row, after)
            moved.setdefault(model.kind(), {})[str(row.id)] = before
    earlier = list(ArticleMerge.select().where(ArticleMerge.into == article))
    for one in earlier:
        ArticleMerge.update(into=into).where(ArticleMerge.id == one.id).execute()
        moved.setdefault(ArticleMerge.kind(), {})[str(one.id)] = {"into": article.id}
    return moved


def _store(row: Any, values: Mapping[str, Any]) -> None:
    if isinstance(row, Editable):
        row.write(**values)
        return
    model = type(row)
    model.update(dict(values)).where(model.id == row.id).execute()


def _tell(article: Article, into: Article, by: Person) -> None:
    said = Phrase(
        "%(who)s merged “%(article)s” into “%(into)s”. Your name and what you earned stay.",
        who=names(by),
        article=article.title,
        into=into.title,
    )
    for person in {*article.credited_ids, *into.credited_ids} - {by.id}:
        Notice.tell(person, said, about=into)


# ------------------------------------------------------------------ where it leads


def leads_to(article: int) -> Article | None:
    """What an article was merged into, if it was, while that is read."""
    held = ArticleMerge.select(ArticleMerge, Article).join(Article, on=ArticleMerge.into)
    row = held.where((ArticleMerge.article == article) & (Article.state == "published")).first()
    return row.into if row is not None else None


def titled(title: str, person: Person) -> Article | None:
    """What somebody may read into which an article of this title was merged, the last first."""
    was = ArticleMerge.select(ArticleMerge.into).join(Article, on=ArticleMerge.article)
    former = ArticleVersion.select(ArticleVersion.article).where(ArticleVersion.title == title)
    was = was.where((Article.title == title) | Article.id.in_(former))
    found: Article | None = Article.visible_to(person).where(Article.id.in_(was)).first()
    return found


def taken_in(article: Article) -> list[Article]:
    """What was merged into it, with who wrote it: their names stand on top of it too."""
    if not getattr(article, "has_taken_in", True):
        return []
    merged = ArticleMerge.select(ArticleMerge.article).where(ArticleMerge.into == article)
    return list(along(Article.select().where(Article.id.in_(merged)).order_by(Article.id), Article.author))


@hinders_publishing
def leads_elsewhere(article: Article) -> Phrase | None:
    """What was merged is not brought back beside what it was merged into, while that is read."""
    into = leads_to(article.id) if article.published_at is not None else None
    return Phrase("It was merged into “%(title)s”.", title=into.title) if into is not None else None


# ------------------------------------------------------------------ for a day it is undone


def _separable(article: Article, event: Event, by: Person) -> bool:
    return article.archivable_by(by) or article.tended_by(by)


@undoes(Article, "merged", right=_separable, ends=["restored"], goes_to_record=True)
def two_again(article: Article, event: Event, by: Person) -> None:
    """Both are read; what went on with the other and still hangs on it comes back. New votes stay there."""
    held = ArticleMerge.get_or_none(ArticleMerge.article == article)
    article.hand = by.id
    if held is None or not article.step("published", since=["archived"], archived_at=None):
        raise Invalid(MEANWHILE)
    article._come_back()


@hinders(Article, "merged")
def was_revoked(article: Article, event: Event) -> Phrase | None:
    """What was taken back meanwhile does not come back with it."""
    return Phrase("Its acceptance was revoked: it stays archived.") if article.revoked_at else None


@returns_with_it
def stands_alone(article: Article) -> None:
    """It is read again, also where what it was merged into is put away: what went on with that comes back."""
    held = ArticleMerge.get_or_none(ArticleMerge.article == article)
    if held is None:
        return
    ArticleMerge.delete().where(ArticleMerge.id == held.id).execute()
    _move_back(held)
    for follow in _FOLLOWS:
        follow(article, held.into)
    recount(article)
    recount(held.into)


def _move_back(held: ArticleMerge) -> None:
    """Row by row, what nobody took elsewhere since."""
    following = {each.link.model.kind(): each for each in _FOLLOWING}
    tables = {
        ArticleMerge.kind(): ArticleMerge,
        **{kind: each.link.model for kind, each in following.items()},
    }
    for kind, rows in held.moved.items():
        model: Any = tables[kind]
        follows = following.get(kind)
        name = follows.link.name if follows is not None else "into"
        for ident, before in rows.items():
            row = model.get_or_none(model.id == int(ident))
            if row is not None and row.__data__[name] == held.into_id:
                _store(row, {**before, **(follows.since(row) if follows is not None else {})})
