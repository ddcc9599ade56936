"""The shelves of knowledge: what is published about what, and who stands behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import cache, reduce
from operator import or_
from typing import Any

from peewee import JOIN, ModelSelect, Select, Value, fn

from portal import clock
from portal.models.base.database import Latest
from portal.models.base.prepared import Prepared
from portal.models.base.record import Event, SearchOutbox, names_of
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Expertise, expertise
from portal.models.knowledge.articles import Article, ArticleCredit, ArticleTopic
from portal.models.knowledge.merged import ArticleMerge
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.text.writing import excerpt, written_in

BEST_FIRST = (Article.uses.desc(), Article.published_at.desc(), Article.id.desc())
"""What worked for most comes first."""
NEWEST = 50
"""How many articles of a topic, the newest, compete to be shown as its best."""
_LOOKED_THROUGH = 20_000
"""In so many characters of a text its other language is looked for."""
COUNTED = 99
"""Up to how many articles a topic's number counts."""
SECONDS = 60
"""So long the counts of topics are taken to hold while nobody does anything."""


PIECE = 500
"""Records of which what belongs to them is read in one go."""


def may_take_out(person: Person) -> bool:
    """Whoever looks after knowledge may take it out as a file; who reads it has the portal (RULES 4.10)."""
    return not person.is_auditor and (person.is_reviewer or person.is_manager or person.is_administrator)


def whole(articles: ModelSelect[Article], *, brief: bool = False) -> ModelSelect[Article]:
    """The same articles with the names of author, product and customer type; `brief`: without their text."""
    long = {"body", "html"} if brief else set()
    read = [field for name, field in Article._meta.fields.items() if name not in long]
    return (
        articles.select(
            *read, *names_of(Person), Person.deactivated_at, *names_of(Product), *names_of(CustomerType)
        )
        .join(Person, on=Article.author)
        .switch(Article)
        .join(Product, JOIN.LEFT_OUTER, on=Article.product)
        .switch(Article)
        .join(CustomerType, JOIN.LEFT_OUTER, on=Article.customer_type)
    )


def published() -> ModelSelect[Article]:
    """All that is published, without its text, with the names of author, product and customer type."""
    return whole(Article.select().where(Article.state == "published"), brief=True)


def topic_counts(among: ModelSelect[Article] | None = None) -> dict[int, int | None]:
    """How many published articles each topic in use has, with those of the topics below it, by its id.

    `among`: of these articles only; of all they are counted once until something is another one, and whoever
    is given them must not change them. None where there are more than `COUNTED`: counting them all would cost
    more than the page.
    """
    if among is None:
        return _LATEST.of(_QUIET.of(_happened(), lambda: tuple(_RESTS.rows())), _counted)
    links: Any = (
        ArticleTopic.select(ArticleTopic.article, ArticleTopic.topic)
        .where(ArticleTopic.article.in_(among.select(Article.id).order_by().limit(COUNTED + 1)))
        .tuples()
    )
    parents, held = Topic.parents(), defaultdict[int, set[int]](set)
    for article, topic in links:
        above: int | None = topic
        while above is not None and article not in held[above]:
            held[above].add(article)
            above = parents.get(above)
    many = len(set().union(*held.values())) > COUNTED
    return {topic: None if many else len(held[topic]) for topic in parents}


def _happened() -> tuple[Any, ...]:
    """Tells that nobody did anything since: what the counts rest on grows with the company, and is asked for
    again only after an act, or once a minute is over: an act may be written after a later one.
    """
    return (*_LAST_ACT.rows(), int(clock.now().timestamp()) // SECONDS)


def _counted() -> dict[int, int | None]:
    return {row.id: row.held if row.held <= COUNTED else None for row in _COUNTS()}


def _counts() -> Any:
    top = Topic.select(Topic.id, Topic.id.alias("top")).where(Topic.archived_at.is_null())
    below = top.cte("below", recursive=True, columns=("id", "top"))
    further = Topic.select(Topic.id, below.c.top).join(below, on=(Topic.parent == below.c.id))
    below = below.union(further)
    some = (
        ArticleTopic.select(ArticleTopic.article)
        .join(Article)
        .join_from(ArticleTopic, below, on=(below.c.id == ArticleTopic.topic))
        .where((below.c.top == Topic.id) & (Article.state == "published"))
        .distinct()
        .limit(COUNTED + 1)
        .alias("some")
    )
    return (
        Topic.select(Topic.id, Select([some], [fn.COUNT(1)]).alias("held"))
        .where(Topic.archived_at.is_null())
        .with_cte(below)
        .objects()
    )


def _rests() -> Any:
    """What is another once any topic, what is published, or what that is about, is: an id that was given back
    may come again for another link.
    """
    link, none = ArticleTopic, Value(0)
    tree = fn.SUM(Topic.id * Topic.parent)
    topics = Topic.select(fn.COUNT(Topic.id), fn.SUM(Topic.version), fn.COUNT(Topic.archived_at), tree)
    shown = Article.select(fn.COUNT(Article.id), fn.SUM(Article.id), fn.MAX(Article.id), none)
    about = link.select(
        fn.COUNT(link.id), fn.SUM(link.topic), fn.SUM(link.id * link.topic), fn.SUM(link.id * link.article)
    )
    return topics.union_all(shown.where(Article.state == "published")).union_all(about)


_COUNTS = Prepared[Any](_counts)
_RESTS = Prepared[Any](_rests)
_LAST_ACT = Prepared[Any](lambda: Event.select(Event.id, Event.created_at).order_by(Event.id.desc()).limit(1))
_LATEST = Latest[dict[int, int | None]]()
_QUIET = Latest[tuple[Any, ...]]()


def topics_of(articles: Iterable[Article]) -> dict[int, list[Topic]]:
    """The topics of each article, by its id."""
    found: defaultdict[int, list[Topic]] = defaultdict(list)
    ids = [article.id for article in articles]
    for topic in _TOPICS(articles=ids) if ids else ():
        found[topic.of].append(topic)
    return found


def excerpts(articles: Collection[Article], language: str) -> dict[int, str]:
    """What lists show of each article, by its id, in the reader's language where it holds that: the text is
    read only of those whose summary is in the other.
    """
    strange = [each.id for each in articles if each.summary and written_in(each.summary) != language]
    begun: Any = Article.select(Article.id, fn.SUBSTR(Article.body, 1, _LOOKED_THROUGH)).tuples()
    texts = dict(begun.where(Article.id.in_(strange))) if strange else {}
    return {each.id: excerpt(each.summary, texts.get(each.id, ""), language) for each in articles}


_TOPICS = Prepared[Any](
    lambda articles: (
        Topic.select(*names_of(Topic), ArticleTopic.article.alias("of"))
        .join(ArticleTopic, on=(ArticleTopic.topic == Topic.id))
        .where(ArticleTopic.article.in_(articles))
        .order_by(Topic.position, Topic.id)
        .objects()
    )
)


def helped(article: Article) -> list[Person]:
    """The colleagues who said that it worked, or what was merged into it did, each once, the latest first;
    `helped.created_at` says since when, `is_counted` whether they are among its `uses`.
    """
    found = dict[int, Any]()
    said: list[Any] = list(_HELPED(article=article.id))
    for person in said:
        known = found.get(person.id)
        person.is_counted = bool(person.is_counted) or (known is not None and known.is_counted)
        found[person.id] = person
    return list(found.values())


def _merged(article: Any) -> ModelSelect[ArticleMerge]:
    return ArticleMerge.select(ArticleMerge.article).where(ArticleMerge.into == article)


def _is_counted(article: Any) -> Any:
    """The condition that a word stands among the `uses`: it gives something, and is of none who wrote it."""
    credited = ArticleCredit.select(ArticleCredit.person).where(ArticleCredit.article == article)
    author = Article.select(Article.author).where(Article.id == article)
    return Use.counts() & Use.person.not_in(credited) & Use.person.not_in(author)


_HELPED = Prepared[Person](
    lambda article: (
        Person.select(Person, Use.id, Use.created_at, _is_counted(article).alias("is_counted"))
        .join(Use, on=(Use.person == Person.id), attr="helped")
        .where((Use.article == article) | Use.article.in_(_merged(article)))
        .order_by(Use.id.desc())
    )
)


def related(article: Article, topics: Iterable[Topic], size: int = 5) -> list[Article]:
    """Other knowledge on these topics, its product or customer type: what worked for most comes first."""
    found = best(
        topics=[topic.id for topic in topics],
        products=[article.product_id] if article.product_id else (),
        types=[article.customer_type_id] if article.customer_type_id else (),
        size=size + 1,
    )
    return [other for other in found if other.id != article.id][:size]


def best_of(topics: Iterable[int], size: int = 8) -> list[Article]:
    """The articles about these topics that worked for most."""
    return best(topics=list(topics), size=size)


def best(
    *,
    topics: Collection[int] = (),
    products: Collection[int] = (),
    types: Collection[int] = (),
    size: int,
) -> list[Article]:
    """Published articles about any of these topics, products or customer types, what worked for most first.

    Read by index from the best of each, and the newest of each topic: it costs the same on any shelf.
    """
    if not (topics or products or types):
        return []
    asked = [*topics, *products, *types]
    given = {f"about{n}": ident for n, ident in enumerate(asked)}
    return _best(len(topics), len(products), len(types), size)(**given)


@cache
def _best(topics: int, products: int, types: int, size: int) -> Prepared[Article]:
    """Asks for the best about so many topics, products and types."""

    def write(*about: Any) -> Any:
        pools = [_newest(topic, n) for n, topic in enumerate(about[:topics])]
        fields = [Article.product] * products + [Article.customer_type] * types
        pools += [
            Article.select(Article.id).where(field == one)
            for field, one in zip(fields, about[topics:], strict=True)
        ]
        nearest = reduce(or_, (_best_in(pool, size, n) for n, pool in enumerate(pools)))
        found = whole(Article.select().where(Article.id.in_(nearest)), brief=True)
        return found.order_by(*BEST_FIRST).limit(size)

    return Prepared(write, [f"about{n}" for n in range(topics + products + types)])


def _newest(topic: Any, n: int) -> ModelSelect[Article]:
    about = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic == topic)
    newest = about.order_by(ArticleTopic.article.desc()).limit(NEWEST).alias(f"newest{n}")
    found: ModelSelect[Article] = Article.select(Article.id).join(
        newest, on=(newest.c.article_id == Article.id)
    )
    return found


def _best_in(pool: ModelSelect[Article], size: int, n: int) -> Any:
    first = pool.where(Article.state == "published").order_by(*BEST_FIRST).limit(size).alias(f"best{n}")
    return Select([first], [first.c.id])


def knowers(topics: Iterable[int], size: int = 5) -> list[tuple[Person, Expertise]]:
    """The people here who know any of these topics best, each with the topic they know best."""
    best: dict[int, Expertise] = {}
    for known in expertise(topics=topics, here=True):
        if known.score > 0:
            best.setdefault(known.person_id, known)
    first = list(best.values())[:size]
    ids = [known.person_id for known in first]
    people = {person.id: person for person in _PEOPLE(ids=ids)} if ids else {}
    return [(people[known.person_id], known) for known in first]


_PEOPLE = Prepared[Person](lambda ids: Person.select().where(Person.id.in_(ids)))


def reindex_due() -> None:
    """Ask for the search documents of what came due for a check in the last days."""
    due = (Article.review_by >= clock.today() - timedelta(days=7)) & (Article.review_by < clock.today())
    rows = Article.select(Article.id).where((Article.state == "published") & due)
    SearchOutbox.note(Article.kind(), [article.id for article in rows])
