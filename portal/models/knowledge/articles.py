"""Pieces of knowledge and their life: written, published, used, corrected, put away."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Self

from peewee import BigIntegerField, CharField, Check, DateField, ForeignKeyField, IntegerField, ModelSelect

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base.database import db, remembered
from portal.models.base.fields import (
    LinesField,
    MarkdownField,
    NameField,
    RateField,
    StateField,
    TextField,
    UtcDateTimeField,
)
from portal.models.base.prepared import Prepared
from portal.models.base.published import Published, names_of_origin, what_tells
from portal.models.base.record import Event, Invalid, Record, Searchable, Stale, Stateful, along
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.company.customer_types import CustomerType
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.files.attachments import Enclosure
from portal.models.knowledge.audience import ReaderGroup
from portal.models.knowledge.filing import check_days, check_filing, last_day_over, unready
from portal.models.knowledge.freshness import CHECKS, FRESH, UNUSED, ahead, check_named_day
from portal.models.knowledge.templates import ArticleTemplate
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.words import ARTICLE, KINDS, ArticleState
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.work.clocks import Clock
from portal.text.markdown import render_markdown
from portal.text.personal_data import Find
from portal.text.writing import clean, reads_the_same, slug_of, summary_of, written_in

LONGEST_BODY = 100_000
LONGEST_WHY = 500
NOT_APPROVED = Phrase(
    "What stands under this topic is approved before it is read. Change it on its own page."
)


Ending = Callable[["Article", Person | None], None]
_ENDS: list[Ending] = []
Returning = Callable[["Article"], None]
_RETURNS: list[Returning] = []
_REWORDED: list[Returning] = []
Obstacle = Callable[["Article"], Phrase | None]
_OBSTACLES: list[Obstacle] = []
STORY = "story-"
"""What the key of a story of a deal begins with: the deal and who tells it follow."""


def told_once(text: Any, found: dict[str, list[Find]]) -> dict[str, list[Find]]:
    """What was found in a title, summary and body, without a summary that is the beginning of the body."""
    derived = "body" in found and text.summary == summary_of(text.body)
    return {name: finds for name, finds in found.items() if not (derived and name == "summary")}


def ends_with_it(end: Ending) -> Ending:
    """Let a wing end what must not outlive an article that is put away, nor come back with it."""
    _ENDS.append(end)
    return end


def returns_with_it(return_: Returning) -> Returning:
    """Let a wing begin anew what ended with an article that was put away, and is back."""
    _RETURNS.append(return_)
    return return_


def rewords_with_it(follow: Returning) -> Returning:
    """Let a wing follow what an article says now, where it was changed."""
    _REWORDED.append(follow)
    return follow


def hinders_publishing(obstacle: Obstacle) -> Obstacle:
    """Let a wing say why everyone may not read an article yet; None where nothing stands against it."""
    _OBSTACLES.append(obstacle)
    return obstacle


class Article(Published, Stateful, Searchable):
    """A piece of knowledge, under its author's name."""

    called = ARTICLE
    texts = ("title", "summary", "body")

    title = NameField(200, verbose_name=Phrase("Title"))
    slug = NameField(120, unique=True)
    kind_of = CharField(20, column_name="kind", default="guide", verbose_name=Phrase("Kind"))
    """A key of `templates.kinds`; '' of a draft of which nobody said it yet."""
    audience: Any = LinesField(ReaderGroup, default=list, verbose_name=Phrase("For whom"))
    """The jobs and departments that it is for; none: everybody. Everybody reads it either way."""
    state = StateField(
        ArticleState, max_length=20, default=ArticleState.PUBLISHED, verbose_name=Phrase("State")
    )
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    author_id: int
    origin_kind = CharField(40, default="")
    """The noun of what it was born of, such as an accepted experience; '' for what was written as it is."""
    origin = BigIntegerField(null=True)
    score = IntegerField(null=True, verbose_name=Phrase("Score"))
    """What its reviewers gave it when it was accepted, in hundredths: 7000 is 70."""
    text_number = IntegerField(default=1)
    """Which of its versions the present text is."""
    scored_number = IntegerField(null=True)
    """Which of its versions the score belongs to: what was accepted, or changed from it in no matter."""
    proposed_at = UtcDateTimeField(null=True)
    """When it was first submitted; empty for what was written as it is."""
    product = ForeignKeyField(
        Product, null=True, on_delete="SET NULL", index=False, verbose_name=Phrase("Product")
    )
    product_id: int | None
    customer_type = ForeignKeyField(CustomerType, null=True, on_delete="SET NULL", index=False)
    customer_type_id: int | None
    summary = TextField(default="", verbose_name=Phrase("In one sentence"))
    body = MarkdownField(default="", verbose_name=Phrase("Text"))
    """Markdown."""
    html = TextField(default="")
    """The body rendered and made safe, once, at save."""
    language = CharField(10, default="zh")
    freshness = CharField(20, default="evergreen")
    review_by = DateField(null=True, verbose_name=Phrase("Next check"))
    checked_at = UtcDateTimeField(null=True, verbose_name=Phrase("Last check"))
    """When its term began: published, or looked at last; empty for what was never read."""
    postponed = IntegerField(default=0)
    """By how many days its next check lies later, since it worked for others meanwhile (RULES 4.4)."""
    uses = IntegerField(default=0)
    """For how many colleagues it worked, without votes that give nothing: kept beside the rows of Use, to
    sort by.
    """
    published_at = UtcDateTimeField(null=True)
    publish_on = DateField(null=True, verbose_name=Phrase("Publish on"))
    """The day on which it is read by everyone, where that shall not be at once."""
    scheduled_number = IntegerField(null=True)
    """The version that is published on that day; empty while nobody said that it shall be."""
    ends_on = DateField(null=True, verbose_name=Phrase("Ends on"))
    """The last day on which it is found."""
    ended_at = UtcDateTimeField(null=True)
    """When that day was over: it is found no longer, and says so to who opens it."""
    archived_at = UtcDateTimeField(null=True)
    revoked_at = UtcDateTimeField(null=True)
    """When what it was born of was taken back: it stays put away."""
    subjects: Sequence[Topic] = ()
    """Its topics, where they are read for many at once. Not kept."""
    helped: Any
    """What colleagues said for whom it worked (`uses`)."""
    is_unused: bool = False
    """Whether it waits to be kept or put away, where that is read along. Not kept."""
    is_proposed: bool = True
    """Whether a text was ever proposed for it, where that is read along. Not kept."""
    is_shared: bool = True
    """Whether others are credited beside its author, where that is read along. Not kept."""
    key = NameField(60, null=True, unique=True)
    """Of the form that it was written in, so that sent twice it is one."""

    class Meta:
        indexes = (
            (("origin_kind", "origin"), True),
            (("state", "published_at", "id"), False),
            (("state", "uses", "id"), False),
            (("state", "title", "id"), False),
            (("state", "review_by", "id"), False),
            (("product", "state", "uses", "published_at", "id"), False),
            (("customer_type", "state", "uses", "published_at", "id"), False),
            (("author", "state", "published_at", "id"), False),
        )
        constraints = [
            Check("kind <> '' OR state <> 'published'"),
            Check("state IN ('draft', 'published', 'archived')"),
            Check("language IN ('zh', 'en')"),
            Check("freshness IN ('price', 'product', 'process', 'evergreen', 'dated')"),
            Check("uses >= 0"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """What is published, for everyone; one's own; for reviewers and managers also what was read and put
        away, but for the story of a deal: it would tell a reviewer who wrote the debrief that they judge.
        A draft is its author's, put away too: nobody looked through it.
        """
        ended = cls.ended_at.is_null(False) & cls.revoked_at.is_null()
        seen = (cls.state == "published") | (cls.author == person) | ended
        if person.is_reviewer or person.is_manager:
            was_read = (cls.state == "archived") & cls.published_at.is_null(False)
            seen |= was_read & (cls.key.is_null() | ~cls.key.startswith(STORY))
        return cls.select().where(seen)

    @classmethod
    def once_read(cls) -> ModelSelect[Self]:
        """What everyone could read until it was put away: links to it say what it was. What was taken back,
        and the story of a deal, say nothing.
        """
        gone = (cls.state == "archived") & cls.published_at.is_null(False) & cls.revoked_at.is_null()
        return cls.select().where(gone & (cls.key.is_null() | ~cls.key.startswith(STORY)))

    @classmethod
    def on_topic(cls, topic: int) -> Any:
        """The condition that an article is about a topic or what lies below it."""
        below = sorted(Topic.with_descendants([topic]))
        return cls.id.in_(ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(below)))

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that an article's title or summary holds this text."""
        return cls.title.contains(text) | cls.summary.contains(text)

    def editable_by(self, person: Person) -> bool:
        """Its author and reviewers, while it is not put away."""
        return self.state != "archived" and self.archivable_by(person)

    def tended_by(self, person: Person, topics: Collection[int] | None = None) -> bool:
        """Whom one of its topics names to look after it. `topics`: its own, where they are known."""
        known = self.topic_ids if topics is None else topics
        rules = map(TopicRule.of, known) if person.is_active else ()
        return any(person.id in (rule.owner_id, rule.deputy_id) for rule in rules if rule is not None)

    def archivable_by(self, person: Person) -> bool:
        """Its author, reviewers, and managers of the author."""
        if not person.is_active:
            return False
        return self.author_id == person.id or person.is_reviewer or person.leads(self.author_id)

    def usable_by(self, person: Person) -> bool:
        """Everyone but its author and the auditor, who changes nothing, may say that it worked."""
        return self.state == "published" and self.author_id != person.id and not person.is_auditor

    def erasable_by(self, person: Person) -> bool:
        """Whoever may archive it, and administrators."""
        return self.archivable_by(person) or (person.is_active and person.is_administrator)

    def judged_by(self, person: Person) -> bool:
        """The reviewers of its topics, but for those who wrote it."""
        if not person.is_active or not person.is_reviewer or person.id in self.credited_ids:
            return False
        return bool(set(self.topic_ids) & person.review_topics)

    # -------------------------------------------------------------- nothing tells who a customer is

    @property
    def is_read(self) -> bool:
        return self.read_in(self.state)

    def read_in(self, state: str) -> bool:
        return state == "published"

    @property
    def writer(self) -> int | None:
        return self.author_id

    @property
    def names_to_hide(self) -> list[str]:
        return names_of_origin(self.origin_kind, self.origin)

    def personal_data(
        self, names: Iterable[str] = (), *, numbers_only: bool = False
    ) -> dict[str, list[Find]]:
        """As every text; a summary that is the beginning of the text is not told of twice."""
        return told_once(self, super().personal_data(names, numbers_only=numbers_only))

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        texts = {name: cleaned(getattr(self, name)) for name in ("title", "body")}
        derived = self.summary in ("", summary_of(self.body))
        texts["summary"] = summary_of(texts["body"]) if derived else cleaned(self.summary)
        if changed := {name: text for name, text in texts.items() if text != getattr(self, name)}:
            slug = _free_slug(texts["title"]) if "title" in changed else self.slug
            self.names_checked = True
            self.write(**changed, slug=slug, html=render_markdown(texts["body"]))
        for kept in ArticleVersion.select().where(ArticleVersion.article == self):
            names = (*self.texts, "note")
            before = [getattr(kept, name) for name in names]
            after = [cleaned(text) for text in before]
            if after != before:
                for name, text in zip(names, after, strict=True):
                    setattr(kept, name, text)
                kept.save()
        Notice.erase_words(self, cleaned)

    # -------------------------------------------------------------- its life

    @classmethod
    def was_born_of(cls, kind: str, origin: int) -> Any:
        """The condition that an article was born of this record."""
        return (cls.origin_kind == kind) & (cls.origin == origin)

    @classmethod
    def born_of(
        cls,
        origin: Record,
        *,
        credits: Mapping[int, int],
        topics: Iterable[int],
        kind: str,
        title: str,
        **fields: Any,
    ) -> Article:
        """What an accepted record becomes, published at once under its author's name; again gives the same.

        `credits`: shares in millionths by person id, kept for ever.
        """
        mine, slug = cls.was_born_of(origin.kind(), origin.id), slug_of(title)
        near: list[Article] = list(cls.select().where(mine | (cls.slug == slug)))
        for one in near:
            if (one.origin_kind, one.origin) == (origin.kind(), origin.id):
                return one
        facts: dict[str, Any] = {"kind_of": kind, "origin_kind": origin.kind(), "origin": origin.id}
        facts |= {"state": ArticleState.PUBLISHED, "published_at": clock.now(), "scored_number": 1}
        with db.atomic():
            slug = _another(slug) if near else slug
            # what its author said of names holds: numbers were looked for when it was handed in
            article = cls._create(title=title, slug=slug, names_checked=True, joined=True, **facts, **fields)
            ArticleCredit.share_out(article, credits)
            article._set_topics(topics, held=set())
            article._keep_version(by=article.author_id, number=1)
            article.track("published")
        return article

    @classmethod
    def add(
        cls,
        *,
        by: Person,
        title: str,
        body: str,
        topics: Iterable[Topic | int] = (),
        published: bool = True,
        **fields: Any,
    ) -> Article:
        """Write an article; published at once when asked. Raises Invalid when something it needs is missing.

        What is not published stays a draft that its author alone sees.
        """
        if not title.strip():
            raise Invalid({"title": Phrase("A title is needed.")})
        check_days(fields.get("publish_on"), fields.get("ends_on"))
        check_named_day(fields.get("freshness") or cls.freshness.default, fields.get("review_by"))
        check_filing(fields)
        if (made := cls.sent_before(fields.get("key"), author=by, title=title, body=clean(body))) is not None:
            return made
        with db.atomic():
            article = cls._create(title=title, body=body, author=by, **fields)
            article._set_topics(topics)
            article._keep_version(by=by.id, number=1)
            Enclosure.note(article, article.body, by=by)
            article.track("written", by=by)
            if published:
                article.publish(by=by)
            article._await_publication()
        return article

    @classmethod
    def _create(cls, *, title: str, body: str, **fields: Any) -> Article:
        body = clean(body)
        facts = {
            "language": written_in(body or title),
            "html": render_markdown(body),
            "state": "draft",
        } | fields
        facts["summary"] = facts.get("summary") or summary_of(body)
        if facts["state"] == ArticleState.PUBLISHED:
            facts |= {"review_by": next_check(cls.freshness.default), "checked_at": clock.now()}
        if "slug" not in facts:
            facts["slug"] = _free_slug(title)
        return cls.create(title=title, body=body, **facts)

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        found: dict[str, Phrase] = {}
        if "title" in values and not values["title"].strip():
            found["title"] = Phrase("A title is needed.")
        if (length := len(values.get("body") or "")) > LONGEST_BODY:
            found["body"] = Phrase(
                "This text has %(found)s characters of %(most)s.", found=length, most=LONGEST_BODY
            )
        return found

    @classmethod
    def facts_of(cls, values: Mapping[str, Any], taken: Collection[str] = ()) -> dict[str, Any]:
        """All that a new article is stored with; `taken`: the slugs of others that come with it."""
        body, state = clean(values.get("body") or ""), values.get("state") or ArticleState.PUBLISHED
        facts = {**values, "body": body, "state": state, "html": render_markdown(body)}
        facts["language"] = written_in(body or values["title"])
        facts["summary"] = values.get("summary") or summary_of(body)
        facts["slug"] = _free_slug(values["title"], taken)
        if state == ArticleState.PUBLISHED:
            facts["published_at"] = facts["checked_at"] = clock.now()
        if (freshness := values.get("freshness") or cls.freshness.default) in FRESH:
            told = values.get("review_by")
            # Who brings in what is overdue has not looked whether it holds; looking late earns nothing.
            due = told if told and told < clock.today() else next_check(freshness)
            facts["review_by"] = due if state == ArticleState.PUBLISHED else None
        return facts

    @classmethod
    def begun_with(cls, key: str | None, person: Person) -> Article | None:
        """The draft that a person began with the form of this key, if there is one."""
        mine = (cls.key == key) & (cls.author == person) & (cls.state == "draft")
        found: Article | None = cls.get_or_none(mine) if key else None
        return found

    def save_draft(self, *, by: Person, version: int | None = None, **values: Any) -> None:
        """Keep what its author has written so far: no version of its own, which the next edit makes. Raises
        Stale when the version is old and something differs.
        """
        topics = values.pop("topics", None)
        values = {name: value for name, value in values.items() if name in self._meta.fields}
        values |= self.texts_after(values)
        changes = self.changed_fields(values)
        held = set(self.topic_ids)
        refiled = topics is not None and {topic.id for topic in topics} != held
        if not (changes or refiled):
            return
        if version is not None and version != self.version:
            raise Stale(self)
        if not values["title"].strip():
            raise Invalid({"title": Phrase("A title is needed.")})
        check_named_day(values.get("freshness", self.freshness), values.get("review_by"))
        check_filing(values, self.kind_of)
        if "body" in changes:
            values["html"] = render_markdown(values["body"])
            values["language"] = written_in(values["body"] or values["title"])
        was = self.body
        with db.atomic():
            for name, value in values.items():
                setattr(self, name, value)
            self.touch(values)
            if topics is not None:
                self._set_topics(topics, held=held)
            Enclosure.note(self, self.body, by=by, before=self._bodies_before(was, by))
            self._await_publication()

    def _is_ahead(self) -> bool:
        """Whether its text saved itself since its last version was kept."""
        kept = self._version(self.text_number) if self.state == "draft" else None
        return kept is not None and any(getattr(kept, name) != getattr(self, name) for name in self.texts)

    def keep_what_saved_itself(self, *, by: Person | None) -> None:
        """The text of a draft that saved itself is a version, before anything is said of it."""
        if self._is_ahead():
            self.write(text_number=self.text_number + 1)
            self._keep_version(by=getattr(by, "id", None), number=self.text_number)

    def missing(self) -> dict[str, Phrase]:
        """What stands between a draft and its publication, by field."""
        linked = ArticleTopic.select().where(ArticleTopic.article == self).exists()
        found = unready(self.body, linked, self.freshness, self.review_by, self.kind_of)
        return found if self.state == ArticleState.PUBLISHED else found | last_day_over(self.ends_on)

    def publish(self, *, by: Person, names_checked: bool = False, approved: bool = False) -> None:
        """Show a draft to everyone; twice is harmless. Raises Invalid naming what is missing, or what would
        tell who a customer is, and where its topic has it approved first (`proposals.publish`).
        """
        self.names_checked = self.names_checked or names_checked
        if self.state == "published":
            return
        if not approved and TopicRule.demanding(self.topic_ids):
            raise Invalid(NOT_APPROVED)
        self.check_publishable()
        self.keep_what_saved_itself(by=by)
        if self.publish_on is not None and self.publish_on > clock.today():
            return self._schedule(by=by)
        with db.atomic():
            self._publish(by=by)
            self._await_publication()
            self._await_end()

    def check_publishable(self) -> None:
        """Raises Invalid naming what is missing, or why everyone may not read it yet."""
        if missing := self.missing():
            raise Invalid(missing)
        self._check_unhindered()

    def _check_unhindered(self) -> None:
        for obstacle in _OBSTACLES:
            if (why := obstacle(self)) is not None:
                raise Invalid(why)

    def _schedule(self, *, by: Person | None) -> None:
        """It is read from its day on, in the words that it has now. Raises Invalid for what would tell who a
        customer is.
        """
        self.check_personal_data()
        with db.atomic():
            if self.scheduled_number is None:
                self.track("scheduled", by=by, changes={"publish_on": [None, str(self.publish_on)]})
            self.write(scheduled_number=self.text_number)
            Clock.stop(self, "draft")
            self._await_day()

    def _await_day(self) -> None:
        """Its day comes, where it has one and is to be published then."""
        Clock.stop(self, "publication")
        if self.scheduled_number is not None and self.publish_on is not None:
            Clock.start(self, "publication", steps={"due": clock.start_of(self.publish_on)})

    def unschedule(self) -> None:
        """It is not published on its day any more: whoever wrote it says so anew."""
        if self.scheduled_number is not None:
            self.write(scheduled_number=None)
            self._await_day()
            self._await_publication()

    def _await_end(self) -> None:
        """Its last day comes, where it has one."""
        Clock.stop(self, "end")
        if self.state == ArticleState.PUBLISHED and self.ends_on is not None:
            due = clock.start_of(self.ends_on + timedelta(days=1))
            Clock.start(self, "end", steps={"due": due})

    def end(self) -> None:
        """Its last day is over: it is found no longer, and whoever opens it reads that. Twice is harmless."""
        now = clock.now()
        with db.atomic():
            if self.step("archived", since=("published",), archived_at=now, ended_at=now):
                self.track("ended", changes={"ends_on": [None, str(self.ends_on)]})
                self.await_no_check()
                for end in _ENDS:
                    end(self, None)

    def _publish(self, *, by: Person | None) -> None:
        self.state, self.published_at = "published", self.published_at or clock.now()
        self.archived_at, self.scheduled_number = None, None
        self.checked_at, self.postponed = clock.now(), 0
        if self.freshness in FRESH:  # a day that came with the draft would be thanked for at once
            self.review_by = next_check(self.freshness)
        self.touch(
            {name: getattr(self, name) for name in ("state", "published_at", "archived_at", "review_by")}
            | {"scheduled_number": None, "checked_at": self.checked_at, "postponed": 0}
        )
        Clock.stop(self, "publication")
        self.track("published", by=by)
        Enclosure.keep_only(self, self.body)

    def texts_after(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Its texts as an edit would store them: a summary that is the beginning of the text follows it."""
        texts = {name: str(values.get(name, getattr(self, name)) or "") for name in self.texts}
        texts["body"] = clean(texts["body"])
        if texts["summary"] in ("", summary_of(self.body)):
            texts["summary"] = summary_of(texts["body"])
        return texts

    def asks(self, values: Mapping[str, Any]) -> bool:
        """Whether what everyone reads would become another text, or stand under another topic, that is
        approved before it is read. What was never published is approved when it is.
        """
        if self.published_at is None:
            return False
        held, topics = self.topic_ids, values.get("topics")
        after = held if topics is None else [getattr(topic, "id", topic) for topic in topics]
        before, demanding = TopicRule.demanding(held), TopicRule.demanding(after)
        if before != demanding:
            return True
        texts = self.texts_after(values)
        return bool(before) and not all(
            reads_the_same(getattr(self, name), text) for name, text in texts.items()
        )

    def edit(
        self,
        *,
        by: Any,
        version: int | None = None,
        names_checked: bool = False,
        approved: bool = False,
        note: str = "",
        **values: Any,
    ) -> dict[str, list[Any]]:
        """Change it, keeping the text as it was as a version; `note`: what changes, and why, stays with the
        new one. Raises Invalid and Stale, and Invalid for what is approved first (`proposals.change`).

        `topics` sets its topics. Credit is not edited: author and origin stay.
        """
        topics = values.get("topics")
        self.names_checked, self.hand = names_checked, getattr(by, "id", by)
        if version is not None and version != self.version:
            raise Stale(self)
        if "title" in values and not values["title"].strip():
            raise Invalid({"title": Phrase("A title is needed.")})
        if not approved and self.asks(values):
            raise Invalid(NOT_APPROVED)
        note = self._why(note, approved=approved)
        check_filing(values, self.kind_of, is_read=self.is_read)
        values.pop("topics", None)
        if {"publish_on", "ends_on"} & values.keys():
            days = (values.get(name, getattr(self, name)) for name in ("publish_on", "ends_on"))
            check_days(*days)
        if "body" in values:
            values["body"] = clean(values["body"])
        if values.get("summary", self.summary) in ("", summary_of(self.body)):
            values["summary"] = summary_of(values.get("body", self.body))
        rewritten = any(name in values and values[name] != getattr(self, name) for name in self.texts)
        rewritten = rewritten or self._is_ahead()
        if rewritten and "body" in values:
            values["html"] = render_markdown(values["body"])
            values["language"] = written_in(values["body"] or self.title)
        values, was = self._with_its_day(values), self.body
        with db.atomic():
            before = sorted(self.topic_ids)
            if topics is not None:
                self._set_topics(topics)
            if rewritten:
                values |= self._next_number(values)
            changes = self._write(values, by=by, topics=(before, sorted(self.topic_ids)))
            if rewritten:
                self._keep_version(by=getattr(by, "id", by), number=self.text_number, note=note)
                Enclosure.note(self, self.body, by=by, before=self._bodies_before(was, by))
                self._reworded()
            if "review_by" in changes and not self.is_due:
                self.await_no_check()
            if self.scheduled_number is not None:
                self._schedule_anew(changes)
            if "ends_on" in changes:
                self._await_end()
            if changes and self.state == "draft" and getattr(by, "id", by) == self.author_id:
                self._await_publication()
            if self.state == "published" and (missing := self.missing()):
                raise Invalid(missing)
        return changes

    def _reworded(self) -> None:
        for follow in _REWORDED:
            follow(self)

    @staticmethod
    def _why(note: str, *, approved: bool) -> str:
        """The reason of an edit, which whoever reads the versions reads: with nobody's number in it. Raises
        Invalid; of what was approved before that was looked for, nothing is told.
        """
        told = what_tells({"note": note}, "note")
        if told and not approved:
            raise Invalid(told)
        return "" if told else note

    def _schedule_anew(self, changes: Mapping[str, Any]) -> None:
        """What waits for its day was changed: approved words do not go out as others, another day counts.
        Raises Invalid for what would tell who a customer is: on its day nobody is asked.
        """
        asks = bool({*self.texts, "topics"} & changes.keys()) and TopicRule.demanding(self.topic_ids)
        if asks or self.publish_on is None or self.publish_on <= clock.today():
            self.unschedule()
        else:
            if rewritten := [name for name in self.texts if name in changes]:
                self.check_personal_data(rewritten)
            self.write(scheduled_number=self.text_number)
            self._await_day()

    def _with_its_day(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """These values with the day that follows from the class: the portal says when a check is due, and
        whoever moved that day would be thanked for each check again. Another class counts from the last
        check: nobody has looked at it anew. What is dated names its own, within three years. Raises Invalid.
        """
        freshness = values.get("freshness", self.freshness)
        if freshness not in FRESH:
            named = values.get("review_by")
            if named != self.review_by:
                check_named_day(freshness, named)
            return dict(values) | ({"postponed": 0} if self.postponed else {})
        rest = {name: value for name, value in values.items() if name != "review_by"}
        if freshness == self.freshness:
            return rest
        since = clock.local(self.checked_at).date() if self.checked_at else clock.today()
        postponed = self.postponement(freshness)
        term = Setting.read(f"fresh.{freshness}") + postponed
        return rest | {"review_by": since + timedelta(days=term), "postponed": postponed}

    def postponement(self, freshness: str) -> int:
        """Days by which its check is put off: a quarter of its term for each colleague for whom it worked
        since the last one, at most one term (RULES 4.4).
        """
        if freshness not in FRESH or self.checked_at is None:
            return 0
        term: int = Setting.read(f"fresh.{freshness}")
        use = self.helped.model
        since: int = self.helped.where(use.counts() & (use.at > self.checked_at)).count()
        return min(term, term * since // 4)

    def add_topic(self, topic: Topic, *, by: Person) -> bool:
        """File it under one topic more; false when it is there already. Raises Invalid where what stands
        under the topic is approved first.
        """
        if topic.id in self.topic_ids:
            return False
        if self.asks({"topics": [*self.topic_ids, topic]}):
            raise Invalid(NOT_APPROVED)
        with db.atomic():
            self._set_topics([*self.topic_ids, topic])
            self.touch({})
            self.track("topic added", by=by, changes={"topic": [None, topic.id]})
        return True

    def _await_publication(self) -> None:
        """What its author began waits for them until everyone may read it, or it is put away.

        A draft that an import brought in was not begun here: it waits once its author goes on with it.
        """
        if self.state != "draft" or self.scheduled_number is not None:
            return Clock.stop(self, "draft")
        asked, who = Phrase("Finish and publish: %(title)s", title=self.title), f"person-{self.author_id}"
        Clock.start(self, "draft", who=who, text=asked, url=self.url, since=self.created_at)
        Clock.rename(self, title=self.title)

    def _write(
        self, values: dict[str, Any], *, by: Any, topics: tuple[list[int], list[int]]
    ) -> dict[str, list[Any]]:
        changes = self.changed_fields(values)
        if topics[0] != topics[1]:
            changes["topics"] = list(topics)
        if not changes:
            return {}
        for name, value in values.items():
            setattr(self, name, value)
        self.touch(values)
        unsaid = ("html", "text_number", "scored_number", "postponed")
        self.track("edited", by=by, changes={k: v for k, v in changes.items() if k not in unsaid})
        return changes

    def _next_number(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new version; with the very words that were scored it has the score again."""
        number = self.text_number + 1
        scored = self.scored_version
        text = [values.get(name, getattr(self, name)) for name in self.texts]
        same = scored is not None and text == [getattr(scored, name) for name in self.texts]
        return {"text_number": number, "scored_number": number if same else self.scored_number}

    def _version(self, number: int | None) -> ArticleVersion | None:
        mine = (ArticleVersion.article == self) & (ArticleVersion.number == number)
        return ArticleVersion.get_or_none(mine) if number is not None else None

    def restore_version(self, number: int, *, by: Person, version: int | None = None) -> None:
        """Make the text of an earlier version the present one, as a new version. Raises Invalid and Stale."""
        old = self._version(number)
        if old is None:
            raise Invalid(Phrase("There is no such version."))
        if version is not None and version != self.version:
            raise Stale(self)
        texts = {name: getattr(old, name) for name in self.texts}
        note = i18n.gettext(Phrase("Version %(n)s is the text again.", n=number))
        with db.atomic():
            self.keep_what_saved_itself(by=by)
            if self.edit(by=by, note=note, **texts):
                self.track("version restored", by=by, changes={"from version": [None, number]})

    def restorable_by(self, person: Person) -> bool:
        """Whoever may archive it, a draft its author alone; nobody where it was put away for good."""
        theirs = self.published_at is not None or self.author_id == person.id
        return self.revoked_at is None and theirs and self.archivable_by(person)

    @property
    def edition(self) -> str:
        """What tells a file of it whether it was changed since."""
        return f"v{self.version}"

    @property
    def is_archived(self) -> bool:
        return bool(self.state == "archived")

    def await_no_check(self) -> None:
        for what in (*CHECKS, UNUSED):
            Clock.stop(self, what)

    def archive(self, *, by: Person | None) -> bool:
        """Put it away: no longer listed or found; what ended is not read at its address either. Twice
        is harmless. False when it was put away already.
        """
        with db.atomic():
            if self.ended_at is not None:
                self.write(ended_at=None)
                self.track("archived", by=by)
                return True
            gone: dict[str, Any] = {"archived_at": clock.now(), "scheduled_number": None}
            stepped = self.step("archived", since=("draft", "published"), **gone)
            if stepped:
                self.track("archived", by=by)
                self._end_with_it(by)
        return stepped

    def _end_with_it(self, by: Person | None) -> None:
        """It is put away: nobody waits for it, and what must not outlive it ends."""
        self.await_no_check()
        self._await_publication()
        for end in _ENDS:
            end(self, by)
        for what in ("publication", "end"):
            Clock.stop(self, what)

    def restore(self, *, by: Person) -> bool:
        """Bring it back as it was; twice is harmless. False when it is back. Raises Invalid after a
        revocation.
        """
        if self.state != "archived":
            return False
        if self.revoked_at is not None:
            raise Invalid(Phrase("Its acceptance was revoked: it stays archived."))
        if self.published_at:
            self._check_unhindered()
        as_it_was, self.hand = "published" if self.published_at else "draft", by.id
        over = self.ends_on is not None and self.ends_on < clock.today()
        facts: dict[str, Any] = {"archived_at": None, "ended_at": None}
        with db.atomic():
            stepped = self.step(as_it_was, since=("archived",), **facts | ({"ends_on": None} if over else {}))
            if stepped:
                self.track("restored", by=by)
                self._come_back()
        return stepped

    def _come_back(self) -> None:
        """It is there again: what it waited for, it waits for."""
        self._await_publication()
        self._await_end()
        for each in _RETURNS:
            each(self)

    def revoke(self, *, by: Person) -> None:
        """What it was born of was taken back: put it away for good; twice is harmless."""
        if self.revoked_at is None:
            self.write(revoked_at=clock.now())
        self.archive(by=by)

    # -------------------------------------------------------------- what was accepted

    @property
    def has_score(self) -> bool:
        """Whether the present text is what the score was given for (RULES 4.2)."""
        return self.score is not None and self.scored_number == self.text_number

    @property
    def scored_version(self) -> ArticleVersion | None:
        """What was accepted, as it stood."""
        return self._version(self.scored_number)

    # -------------------------------------------------------------- what belongs to it

    @property
    def kind_words(self) -> str | Phrase:
        """What sort of knowledge it is; of a suggestion, whether it is about a product or how people work."""
        if self.kind_of == "suggestion":
            return Phrase("Product suggestion") if self.product_id else Phrase("Process suggestion")
        if not self.kind_of:
            return Phrase("Not chosen yet")
        return KINDS.get(self.kind_of) or ArticleTemplate.named().get(self.kind_of, self.kind_of)

    @property
    def topic_ids(self) -> list[int]:
        """Ids of its topics."""
        return [row.topic_id for row in ArticleTopic.select().where(ArticleTopic.article == self)]

    @property
    def topics(self) -> list[Topic]:
        """Its topics, in the company's order."""
        return remembered(f"topics of {self}", lambda: _TOPICS(article=self.id))

    def read_topics(self) -> list[Topic]:
        """The same, read along with how topics lie below each other, which its page asks for too."""
        found = Topic.filed(ArticleTopic.topic, ArticleTopic.article == self)
        return sorted(found, key=lambda topic: (topic.position, topic.id))

    @property
    def credited_ids(self) -> list[int]:
        """Who is credited for it, the author first: credit is never edited away."""
        rows = ArticleCredit.select(ArticleCredit.person).where(ArticleCredit.article == self)
        others = [row.person_id for row in rows.order_by(ArticleCredit.share.desc(), ArticleCredit.id)]
        return [self.author_id, *(ident for ident in others if ident != self.author_id)]

    @property
    def credited(self) -> list[Person]:
        """The people whose names stand on top of it for ever, its author first."""
        if not self.origin_kind or not self.is_shared:
            return [self.author]
        rows = along(
            ArticleCredit.select().where(ArticleCredit.article == self), ArticleCredit.person, whole=True
        )
        others = [row.person for row in rows.order_by(ArticleCredit.share.desc(), ArticleCredit.id)]
        return [self.author, *(person for person in others if person.id != self.author_id)]

    @property
    def proposed_on(self) -> date:
        """The day it was proposed: when it was first submitted, else written."""
        return clock.local(self.proposed_at or self.published_at or self.created_at).date()

    @property
    def is_overdue(self) -> bool:
        """Whether the day for checking it has passed."""
        return self.review_by is not None and self.review_by < clock.today()

    @property
    def is_due(self) -> bool:
        """Whether its day has passed, or is near."""
        near = clock.today() + ahead(self.freshness)
        return self.state == "published" and self.review_by is not None and self.review_by <= near

    def _bodies_before(self, was: str, by: Any) -> Iterator[str]:
        """The text before a change, and former versions of others: what somebody took out of their own they
        may put in again. None is read before it is asked for.
        """
        yield was
        former = ArticleVersion.select(ArticleVersion.body).where(ArticleVersion.article == self)
        others = ArticleVersion.by.is_null() | (ArticleVersion.by != by)
        yield from (row.body for row in former.where((ArticleVersion.number < self.text_number) & others))

    def _set_topics(self, topics: Iterable[Topic | int], held: set[int] | None = None) -> None:
        wanted = {topic.id if isinstance(topic, Topic) else topic for topic in topics}
        held = set(self.topic_ids) if held is None else held
        if gone := held - wanted:
            mine = (ArticleTopic.article == self) & ArticleTopic.topic.in_(list(gone))
            ArticleTopic.delete().where(mine).execute()
        at = clock.now()
        new = [{"article": self, "topic": topic, "created_at": at} for topic in sorted(wanted - held)]
        if new:
            ArticleTopic.insert_many(new).execute()

    def _keep_version(self, *, by: int | None, number: int, note: str = "") -> None:
        texts: Mapping[str, Any] = {name: getattr(self, name) for name in self.texts}
        facts = {"note": note[:LONGEST_WHY], "at": clock.now()}
        ArticleVersion.create(article=self, number=number, by=by, **facts, **texts)


class ArticleCredit(Record):
    """A person's share of the credit for an article, in millionths; written when it is born, for ever."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    share = RateField()

    class Meta:
        indexes = ((("article", "person"), True),)
        constraints = [Check("share > 0 AND share <= 1000000")]

    @classmethod
    def share_out(cls, article: Article, credits: Mapping[int, int]) -> None:
        """Write down who is credited with how much."""
        at = clock.now()
        rows = [
            {"article": article, "person": person, "share": share, "created_at": at}
            for person, share in credits.items()
        ]
        if rows:
            cls.insert_many(rows).execute()


class ArticleVersion(Record):
    """An article as it once stood."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    number = IntegerField()
    title = NameField(200)
    summary = TextField(default="")
    body = TextField()
    by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    by_id: int | None
    at = UtcDateTimeField(default=clock.now)
    note = NameField(LONGEST_WHY, default="")
    """What changed, and why, in the words of who changed it."""

    class Meta:
        indexes = ((("article", "number"), True),)


class ArticleTopic(Record):
    """A topic that an article is about."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    topic = ForeignKeyField(Topic, on_delete="RESTRICT")
    topic_id: int

    class Meta:
        indexes = ((("article", "topic"), True), (("topic", "article"), False))


@undoes(Article, "topic added", right="editable_by", same=lambda act, later: act.changes == later.changes)
def out_of_the_topic(article: Article, event: Event, by: Person) -> None:
    """Out of the topic again, unless it would then belong nowhere."""
    topic, held = event.changes["topic"][1], article.topic_ids
    if topic not in held:
        raise Invalid(MEANWHILE)
    rest = [each for each in held if each != topic]
    if article.state == ArticleState.PUBLISHED and not rest:
        raise Invalid(Phrase("It belongs to no other topic: choose another one on its page first."))
    article._set_topics(rest)
    article.touch({})


@undoes(Article, "archived", ends=["restored"], right="restorable_by")
def bring_back(article: Article, event: Event, by: Person) -> None:
    """As it was: read by all, or a draft."""
    if article.revoked_at is not None:
        raise Invalid(Phrase("Its acceptance was revoked: it stays archived."))
    if article.published_at:
        article._check_unhindered()
    as_it_was, article.hand = "published" if article.published_at else "draft", by.id
    if not article.is_archived or not article.step(as_it_was, since=["archived"], archived_at=None):
        raise Invalid(MEANWHILE)
    article._come_back()
    if article.state == ArticleState.PUBLISHED and last_day_over(article.ends_on):
        article.end()


@undoes(Article, "restored", ends=["archived", "published"], right="archivable_by")
def put_away_again(article: Article, event: Event, by: Person) -> None:
    """Out of the lists again."""
    since = ["draft", "published"]
    gone: dict[str, Any] = {"archived_at": clock.now(), "scheduled_number": None}
    if article.is_archived or not article.step("archived", since=since, **gone):
        raise Invalid(MEANWHILE)
    article._end_with_it(by)


def _topics(article: Any) -> ModelSelect[Topic]:
    mine = ArticleTopic.select(ArticleTopic.topic).where(ArticleTopic.article == article)
    return Topic.select().where(Topic.id.in_(mine)).order_by(Topic.position, Topic.id)


_TOPICS = Prepared[Topic](_topics)


def _free_slug(title: str, taken: Collection[str] = ()) -> str:
    slug = slug_of(title)
    while slug in taken or Article.select().where(Article.slug == slug).exists():
        slug = _another(slug)
    return slug


def _another(slug: str) -> str:
    return f"{slug[:80]}-{secrets.token_hex(3)}"


def next_check(freshness: str) -> date | None:
    """When what is looked at today is due again; None of what names its own day."""
    if freshness not in FRESH:
        return None
    return clock.today() + timedelta(days=Setting.read(f"fresh.{freshness}"))
