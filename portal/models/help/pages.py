"""What of an article the whole world reads: asked for by one person, confirmed by another, in these words.

A help page is bound to a version of its article and to the sections that were chosen of it. Whatever becomes
of the article after, it says the same until it is asked for and confirmed anew, or taken down.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from peewee import (
    JOIN,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    ModelDelete,
    ModelSelect,
    fn,
)

from portal import clock
from portal.i18n import Phrase, names
from portal.media import texts as media_texts
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.fields import MarkdownField, NameField, StateField, TextField, UtcDateTimeField
from portal.models.base.published import Published, Telling, copies
from portal.models.base.record import Event, Invalid, Record, Row, Stateful
from portal.models.base.undoing import MEANWHILE, UNDID, hinders, undoes
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.files.attachments import Attachment, Enclosure, named_in
from portal.models.files.file_texts import FileText
from portal.models.files.words import FileReading
from portal.models.help.words import HELP_PAGE, HelpState
from portal.models.knowledge.articles import Article, ArticleVersion, ends_with_it
from portal.models.knowledge.checks import serves_elsewhere
from portal.models.people.absences import Absence
from portal.models.people.approvals import Approval
from portal.models.people.hands import Hands
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, active_with, reviewers_of
from portal.models.work.clocks import Clock, step
from portal.text.grams import terms_of
from portal.text.markdown import Section, plain_text, render_markdown, sections_of, without_notes_of_others
from portal.text.personal_data import Find
from portal.text.writing import slug_of, summary_of, written_in

PURPOSE = "help page"
"""Of the approval that a page waits for."""
ALL_READ = media_texts.MOST - 100
"""A file of more characters may hold some that were not read."""
OVERTAKEN = Phrase("The article was changed since: whoever wants it outside asks for its present version.")
_FILE = re.compile(r'(<(?:a|img)\b[^>]*? (?:href|src)=")/files/(\d{1,18})"')
_PICTURE = re.compile(r'<img\b[^>]*? src="(?!/help/files/)[^"]*"[^>]*>')


_OF_ARTICLE = (Article.id, Article.title, Article.text_number, Article.state)
_NOT_ASKED: dict[str, Any] = {"asked_number": None, "asked_sections": [], "asked_by": None}


class PublicDays(NamedTuple):
    """By what is told what is too old for the world."""

    outdated: Any
    """What was due for a check by this day and was not checked is outdated, where prices hang on it."""
    today: Any
    behind: Any
    """Prices that another text replaced by this moment are too old, checked or not."""

    @classmethod
    def now(cls) -> PublicDays:
        today, term = clock.today(), timedelta(days=Setting.read("fresh.price"))
        return cls(today - timedelta(days=Setting.read("fresh.public_days")), today, clock.now() - term)


class HelpPage(Published, Stateful):
    """One article on the help site: what is public of it, and what is asked for."""

    called = HELP_PAGE
    texts: ClassVar[tuple[str, ...]] = ("title", "summary", "body")
    shown_by: ClassVar[frozenset[str]] = frozenset({"state"})

    article = ForeignKeyField(Article, unique=True, on_delete="CASCADE", verbose_name=Phrase("Article"))
    article_id: int
    state = StateField(HelpState, max_length=20, default=HelpState.ASKED, verbose_name=Phrase("State"))
    slug = NameField(120, null=True, unique=True)
    """Made of the first title that was public: an address that was given out stays."""
    number = IntegerField(null=True, verbose_name=Phrase("Version"))
    """The version of the article that is public, or was last."""
    sections = JSONField(default=list)
    """Which of its sections, by their place."""
    title = NameField(200, default="", verbose_name=Phrase("Title"))
    summary = TextField(default="", verbose_name=Phrase("In one sentence"))
    body = MarkdownField(default="", verbose_name=Phrase("Text"))
    """Markdown: the sections that were chosen, and nothing else."""
    html = TextField(default="")
    plain = TextField(default="")
    """Its words alone, the title in the first line: for the site's own search."""
    files = JSONField(default=list)
    """Ids of the files that stand in that text and in its article."""
    language = NameField(10, default="zh")
    asked_number = IntegerField(null=True)
    """The version that waits for a second person."""
    asked_sections = JSONField(default=list)
    asked_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="help_pages_asked")
    asked_by_id: int | None
    proposed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="help_pages_proposed")
    """Who asked for what is public, and who agreed to it."""
    proposed_by_id: int | None
    agreed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="help_pages_agreed")
    agreed_by_id: int | None
    public_at = UtcDateTimeField(null=True, verbose_name=Phrase("Public since"))
    """When it was put there first."""
    changed_at = UtcDateTimeField(null=True)
    """When the text that is public was put there."""
    freshness = NameField(20, null=True)
    """The class of what is public, and when it was due for a check, as it was confirmed."""
    due_on = DateField(null=True)
    helped = IntegerField(default=0, verbose_name=Phrase("Helped"))
    did_not_help = IntegerField(default=0, verbose_name=Phrase("Did not help"))

    class Meta:
        indexes = ((("state", "changed_at", "id"), False),)
        constraints = [
            Check("state IN ('asked', 'public', 'withdrawn')"),
            Check("state = 'asked' OR (number IS NOT NULL AND slug IS NOT NULL)"),
            Check("(asked_number IS NULL) = (asked_by_id IS NULL)"),
            Check("state = 'asked' OR agreed_by_id <> proposed_by_id"),
            Check("helped >= 0 AND did_not_help >= 0"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Those whose article a person may read."""
        return cls.select().where(cls.article.in_(Article.visible_to(person).select(Article.id)))

    @classmethod
    def in_the_open(cls, days: PublicDays | None = None) -> ModelSelect[Self]:
        """All that the world may read now: what was confirmed and not taken down, while its article is
        published, and no longer than its last day, whenever that is noticed. What is said of prices and
        policies goes so many days after it was due for a check (14 by default, RULES 4.4), or once its
        article has said something else for longer than the term of a check; what is true until a day goes
        after that day. A later version, or another class, makes no older text true for longer.
        `days`: reckoned from now, if from no other.
        """
        days = days or PublicDays.now()
        due, price, dated = Article.review_by, Article.freshness == "price", Article.freshness == "dated"
        was, was_due = fn.COALESCE(cls.freshness, ""), cls.due_on
        other = (Article.text_number != cls.number) | (Article.freshness != was)
        newer = (ArticleVersion.article == cls.article) & (ArticleVersion.number > cls.number)
        behind = fn.EXISTS(ArticleVersion.select(1).where(newer & (ArticleVersion.at <= days.behind)))
        old = (
            (due.is_null(False) & ((price & (due <= days.outdated)) | (dated & (due < days.today))))
            | ((was == "price") & behind)
            | ((was == "price") & ~price & was_due.is_null(False) & (was_due <= days.outdated))
            | ((was == "dated") & other & was_due.is_null(False) & (was_due < days.today))
        )
        ended = Article.ends_on.is_null(False) & (Article.ends_on < days.today)
        mine = (Article.id == cls.article) & (Article.state == "published") & ~old & ~ended
        return cls.select().where((cls.state == HelpState.PUBLIC) & fn.EXISTS(Article.select(1).where(mine)))

    @property
    def is_hidden(self) -> bool:
        """Whether it was confirmed and is not shown all the same."""
        mine = HelpPage.in_the_open().where(HelpPage.id == self.id)
        return self.state == HelpState.PUBLIC and not mine.exists()

    @classmethod
    def askable_by(cls, article: Article, person: Person) -> bool:
        """Whoever may change the article, while it is published."""
        return article.state == "published" and article.editable_by(person)

    def confirmable_by(self, person: Person) -> bool:
        """A reviewer of its topics or a manager, while it is asked for: who neither asks nor wrote any of it
        that is not public yet, nor has that role from who asks.
        """
        if not person.is_active or self.asked_number is None or self.article.state != "published":
            return False
        if not (person.is_manager or bool(set(self.article.topic_ids) & person.review_topics)):
            return False
        asker = self.asked_by_id
        assert asker is not None
        if person.id == asker or person.id in self._writers():
            return False
        return _hands().is_second(asker, person.id) or person.id not in self._barred(asker)

    def _writers(self) -> set[int]:
        return _writers(self.article, since=self.number if self.state == HelpState.PUBLIC else None)

    def _barred(self, asker: int) -> set[int]:
        return _barred(self.article, asker, self._writers())

    def withdrawable_by(self, person: Person) -> bool:
        """Whoever looks after its article, its topics or the site: to take down is quicker than to put up."""
        if not person.is_active:
            return False
        looks_after = self.article.archivable_by(person) or person.is_manager or person.is_administrator
        return looks_after or person.id in (self.asked_by_id, self.proposed_by_id)

    # -------------------------------------------------------------- nothing tells who a customer is

    @property
    def is_read(self) -> bool:
        return self.read_in(self.state)

    def read_in(self, state: str) -> bool:
        return state == HelpState.PUBLIC

    @property
    def writer(self) -> int | None:
        return self.article.author_id

    @property
    def names_to_hide(self) -> list[str]:
        return self.article.names_to_hide

    def check_personal_data(self, names: Iterable[str] = ()) -> None:
        """Raises Invalid with what tells who it is. Nobody says here that a name is an ordinary word: what
        went out to the world does not come back.
        """
        if found := self.personal_data(names):
            raise Telling(found)

    def _find(self, texts: Mapping[str, str], *, numbers_only: bool = False) -> dict[str, list[Find]]:
        """As in every text, and the whole names of all customers and of the people there besides, whoever
        looks after them.
        """
        found, everyone = super()._find(texts), names_in("\n".join(texts.values()))
        for field, text in texts.items():
            held = found.setdefault(field, [])
            taken = {place for find in held for place in range(find.start, find.end)}
            held += [find for find in _whole(text, everyone) if find.start not in taken]
            held.sort(key=lambda find: find.start)
        return {field: finds for field, finds in found.items() if finds}

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        texts = {name: cleaned(getattr(self, name)) for name in self.texts}
        if all(text == getattr(self, name) for name, text in texts.items()):
            return
        slug = _free_slug(texts["title"]) if texts["title"] != self.title and self.slug else self.slug
        made = {"html": public_html(texts["body"], self.files), "plain": _words(texts)}
        values = {**texts, **made, "slug": slug, "changed_at": clock.now()}
        HelpPage.update(**values, version=HelpPage.version + 1).where(HelpPage.id == self.id).execute()
        self.__data__.update(self.fresh().__data__)
        if self.state == HelpState.PUBLIC:
            HelpWord.keep(self)

    # -------------------------------------------------------------- its life

    @classmethod
    def of(cls, article: Article) -> HelpPage | None:
        """What is, was or shall be public of an article."""
        return cls.get_or_none(cls.article == article)

    @classmethod
    def beside(cls, query: ModelSelect[Article]) -> ModelSelect[Article]:
        """Articles, each with its help page as `help_page`, where it has one."""
        read = (cls.id, cls.article, cls.state, cls.number, cls.asked_number)
        joined = query.select_extend(*read)
        return joined.join_from(
            Article, cls, JOIN.LEFT_OUTER, on=(cls.article == Article.id), attr="help_page"
        )

    @classmethod
    def ask(cls, article: Article, *, by: Person, number: int, sections: Iterable[int]) -> HelpPage:
        """Ask a second person to put these sections of the present version on the help site; the same again
        is the same. What is public stays meanwhile. Raises Invalid, also for what tells who a customer is.
        """
        if not cls.askable_by(article, by):
            raise Invalid(Phrase("Only what is published goes on the help site."))
        if number != article.text_number:
            raise Invalid(Phrase("It was changed meanwhile: look at the newest version."))
        chosen = sorted(set(sections))
        texts = texts_of(article, chosen)
        with db.atomic():
            page = cls.of(article) or cls.create(article=article)
            topics = set(article.topic_ids)
            wanted = number, chosen, by.id, topics
            if (page.asked_number, page.asked_sections, page.asked_by_id, page.topic_ids()) == wanted:
                return page
            held = page.number, page.sections, page.topic_ids(public=True)
            if page.state == HelpState.PUBLIC and held == (number, chosen, topics):
                raise Invalid(Phrase("This is public already, word for word."))
            page._check(texts, topics, by=by)
            Approval.withdraw(page, PURPOSE)
            HelpPageTopic.keep(page, topics, public=False)
            page.write(asked_number=number, asked_sections=chosen, asked_by=by)
            page.track("proposed", by=by, changes={"number": [page.number, number]})
            asked = Phrase("Shall everyone outside read it? %(title)s", title=article.title)
            whom: dict[str, Any] = {"who": page._whom(by.id), "but": page._barred(by.id)}
            Approval.ask(page, PURPOSE, asked, by=by, steps={"late": _later()}, **whom)
        return page

    def _ask_no_longer(self) -> None:
        HelpPageTopic.keep(self, (), public=False)
        self.write(**_NOT_ASKED)

    def topic_ids(self, *, public: bool = False) -> set[int]:
        """Ids of the topics that are asked for with it, or that were confirmed with what is public."""
        rows = HelpPageTopic.select(HelpPageTopic.topic).where(HelpPageTopic.page == self)
        return {row.topic_id for row in rows.where(HelpPageTopic.is_public == public)}

    @property
    def asked_topics(self) -> list[Topic]:
        """The topics under which the world would find it, in the company's order."""
        wanted = sorted(self.topic_ids())
        return list(Topic.select().where(Topic.id.in_(wanted)).order_by(Topic.position, Topic.id))

    def _check(self, texts: Mapping[str, str], topics: Iterable[int], *, by: Person) -> None:
        self.hand = by.id
        named = Topic.select().where(Topic.id.in_(sorted(topics)))
        names = "\n".join(f"{topic.name}\n{topic.name_en}" for topic in named)
        if found := self._find({**texts, "topics": names}):
            raise Telling(found)
        faults = [fault for file in self._files(texts["body"]) if (fault := self._fault_of(file))]
        if faults:
            raise Invalid({f"file-{place}": fault for place, fault in enumerate(faults)})

    def _files(self, body: str) -> list[Attachment]:
        """The files that would be public with these words."""
        mine = (Enclosure.subject_kind == Article.kind()) & (Enclosure.subject == self.article_id)
        named = Enclosure.attachment.in_(sorted(named_in(body)))
        held = mine & named & (Attachment.media != "")
        return list(Attachment.select().join(Enclosure).where(held).order_by(Attachment.id))

    def _fault_of(self, file: Attachment) -> Phrase | None:
        """Why a file stays in the house: its name is public with it, and so is every word that it holds. What
        a picture shows, the second person sees.
        """
        said, name = "", file.name
        if not file.kind_of.is_picture:
            read = FileText.get_or_none(FileText.attachment == file)
            if read is None:
                return Phrase(
                    "The file “%(name)s” is not read yet: ask again in some minutes.",
                    name=name,
                )
            if read.state == FileReading.PERSONAL:
                return Phrase(
                    "The file “%(name)s” holds what tells who a person is: bring one without.",
                    name=name,
                )
            if read.state != FileReading.READ or len(read.text) > ALL_READ:
                return Phrase(
                    "Nobody can tell all that the file “%(name)s” says: take it out, or bring one that can "
                    "be read, of at most %(most)s characters.",
                    name=name,
                    most=ALL_READ,
                )
            said = read.text
        found = self._find({"name": file.name, "words of it": _spaced(file.name), "text": said})
        if not found:
            return None
        words = [find.words for finds in found.values() for find in finds]
        told = list({str(each): each for each in words}.values())
        return Phrase("The file “%(name)s” tells who it is: %(finds)s.", name=file.name, finds=told)

    def _whom(self, asker: int) -> str:
        """The reviewers of a topic of its own who may confirm it; where there are none, or all are on leave
        and a manager is here, the managers.
        """
        barred, away = self._barred(asker), Absence.away()
        topics = sorted(self.article.topic_ids)
        asked = [(f"topic-{topic}", list(reviewers_of([topic]))) for topic in topics]
        asked.append((Role.MANAGER.value, list(active_with(Role.MANAGER))))
        able = [(who, {person.id for person in people} - barred) for who, people in asked]
        here = [who for who, people in able if people - away.keys()]
        return next(iter(here or [who for who, people in able if people]), Role.MANAGER.value)

    @classmethod
    def nobody_confirms(cls, article: Article, by: Person, page: HelpPage | None) -> bool:
        """Whether nobody could confirm what this person asks for; `page`: the article's, if it has one."""
        writers = page._writers() if page else _writers(article, since=None)
        return not _seconds(by.id, writers, _able(article))

    def confirm(self, *, by: Person, version: int) -> None:
        """A second person lets the world read what is asked for; twice is harmless. `version`: of this page,
        as they saw it. Raises Invalid, also where the article says something else by now: what was taken out
        of it meanwhile goes to nobody.
        """
        if self.asked_number is None:
            if self.state == HelpState.PUBLIC and self.agreed_by_id == by.id:
                return
            raise Invalid(MEANWHILE)
        if version != self.version:
            raise Invalid(MEANWHILE)
        if not self.confirmable_by(by):
            raise Invalid(Phrase("A reviewer of its topics or a manager confirms it: not who wrote or asks."))
        if self.is_overtaken:
            raise Invalid(OVERTAKEN)
        kept, asker = self.asked_version, self.asked_by
        assert asker is not None
        texts = texts_of(kept, self.asked_sections)
        topics = self.topic_ids()
        self._check(texts, topics, by=asker)
        with db.atomic():
            HelpPageTopic.keep(self, topics, public=True)
            HelpPageTopic.keep(self, (), public=False)
            facts = self._facts(kept, texts, by)
            before = self.number if self.state == HelpState.PUBLIC else None
            Approval.settle(self, PURPOSE, by=by, approve=True)
            self.write(**facts)
            self.step(HelpState.PUBLIC, since=[HelpState.ASKED, HelpState.WITHDRAWN, HelpState.PUBLIC])
            HelpWord.keep(self)
            self.track("confirmed", by=by, changes={"number": [before, self.number]})
            Notice.tell(
                asker, Phrase("It is on the help site now: “%(title)s”", title=self.title), about=self
            )

    def _facts(self, kept: ArticleVersion, texts: Mapping[str, str], by: Person) -> dict[str, Any]:
        now, body = clock.now(), texts["body"]
        files = [each.id for each in self._files(body)]
        return {
            **texts,
            "html": public_html(body, files),
            "plain": _words(texts),
            "files": files,
            "language": written_in(body or texts["title"]),
            "slug": self.slug or _free_slug(texts["title"]),
            "number": kept.number,
            "sections": self.asked_sections,
            **_NOT_ASKED,
            "proposed_by": self.asked_by,
            "agreed_by": by,
            "freshness": self.article.freshness,
            "due_on": self.article.review_by,
            "public_at": self.public_at or now,
            "changed_at": now,
        }

    def refuse(self, *, by: Person, reason: str) -> None:
        """It does not go there, and this is why; what is public stays. Twice is harmless. Raises Invalid."""
        if not reason.strip():
            raise Invalid({"reason": Phrase("Say what speaks against it.")})
        if self.asked_number is None:
            return
        if not self.confirmable_by(by):
            raise Invalid(Phrase("A reviewer of its topics or a manager confirms it: not who wrote or asks."))
        with db.atomic():
            Approval.settle(self, PURPOSE, by=by, approve=False)
            said = Phrase(
                "%(who)s does not put “%(title)s” on the help site: %(reason)s",
                who=names(by),
                title=self.article.title,
                reason=reason.strip(),
            )
            assert self.asked_by is not None
            Notice.tell(self.asked_by, said, about=self)
            self._ask_no_longer()
            self.track("refused", by=by, changes={"reason": [None, reason.strip()]})

    def take_back(self, *, by: Person) -> None:
        """It is not asked for any longer; what is public stays. Twice is harmless."""
        if self.asked_number is None:
            return
        with db.atomic():
            Approval.withdraw(self, PURPOSE)
            self._ask_no_longer()
            self.track("taken back", by=by)

    def withdraw(self, *, by: Person | None) -> bool:
        """Take it down, at once; twice is harmless. Nothing is asked for any longer either."""
        with db.atomic():
            if self.asked_number is not None:
                Approval.withdraw(self, PURPOSE)
                self._ask_no_longer()
            if self.state != HelpState.PUBLIC:
                return False
            self.step(HelpState.WITHDRAWN, since=[HelpState.PUBLIC])
            HelpWord.forget(self)
            self.track("withdrawn", by=by, changes={"number": [self.number, None]})
        return True

    # -------------------------------------------------------------- what is shown

    @property
    def address(self) -> str:
        """Where the world reads it."""
        return f"/help/articles/{self.slug}"

    @property
    def asked_version(self) -> ArticleVersion:
        """The version of its article that is asked for."""
        mine = (ArticleVersion.article == self.article_id) & (ArticleVersion.number == self.asked_number)
        return ArticleVersion.get(mine)

    @property
    def is_overtaken(self) -> bool:
        """Whether what is asked for is no longer what its article says."""
        return self.asked_number is not None and self.asked_number != self.article.text_number

    @property
    def is_behind(self) -> bool:
        """Whether its article says something else by now."""
        return self.state == HelpState.PUBLIC and self.number != self.article.text_number

    @classmethod
    def with_articles(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same with what a list shows of their articles."""
        return query.select_extend(*_OF_ARTICLE).join_from(cls, Article)

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that its title or summary, or those of its article, hold this text."""
        return cls.title.contains(text) | cls.summary.contains(text) | Article.matching(text)

    def chosen_again(self, sections: Sequence[Section]) -> list[int]:
        """The places of the sections of a newer text that were chosen of what is asked for, or public: known
        by their headings, of several that are called the same by which of them it is; where their number
        changed, none of those. A heading that is new is not chosen unasked.
        """
        number = self.asked_number if self.asked_number is not None else self.number
        places = self.asked_sections if self.asked_number is not None else self.sections
        mine = (ArticleVersion.article == self.article_id) & (ArticleVersion.number == number)
        kept = ArticleVersion.get_or_none(mine)
        if kept is None:
            return []
        before, after = _numbered(sections_of(kept.body)), _numbered(sections)
        called = Counter(title for title, _ in before)
        called.subtract(title for title, _ in after)
        chosen = {each for place, each in enumerate(before) if place in places and not called[each[0]]}
        return [place for place, each in enumerate(after) if each in chosen]

    @classmethod
    def holding(cls, file: int) -> Attachment | None:
        """A file that stands in a text that the world may read, and in its article still."""
        held = (Enclosure.subject_kind == Article.kind()) & (Enclosure.attachment == file)
        mine = cls.article.in_(Enclosure.select(Enclosure.subject).where(held))
        if not any(file in page.files for page in cls.in_the_open().where(mine)):
            return None
        return Attachment.get_or_none((Attachment.id == file) & (Attachment.media != ""))


def _numbered(sections: Sequence[Section]) -> list[tuple[str, int]]:
    """Each by its heading, and by which one of that name it is."""
    known = Counter[str]()
    told = list[tuple[str, int]]()
    for each in sections:
        known[each.title] += 1
        told.append((each.title, known[each.title]))
    return told


def _able(article: Article) -> set[int]:
    return {person.id for person in (*reviewers_of(article.topic_ids), *active_with(Role.MANAGER))}


def _writers(article: Article, *, since: int | None) -> set[int]:
    """Who is credited for it, or wrote a version of it after that one."""
    wrote = ArticleVersion.select(ArticleVersion.by).where(ArticleVersion.article == article)
    if since is not None:
        wrote = wrote.where(ArticleVersion.number > since)
    return {*article.credited_ids, *(each.by_id for each in wrote if each.by_id is not None)}


def _hands() -> Hands:
    """From whose hand those who confirm have that role: from now, so that nobody is barred for ever."""
    return Hands({Role.REVIEWER, Role.MANAGER}, clock.now())


def _barred(article: Article, asker: int, writers: set[int]) -> set[int]:
    """Who is no second person for what somebody asks: whom they made one lately is none, while there is
    another.
    """
    able = _able(article)
    return {asker, *writers} | (able - _seconds(asker, writers, able))


def _seconds(asker: int, writers: set[int], able: set[int]) -> set[int]:
    """Who of those able is a second person for it."""
    hands, others = _hands(), able - {asker, *writers}
    return {one for one in others if not hands.bars(asker, one, others)}


class HelpPageTopic(Row):
    """That a page stands under a topic for the world, or would: the second person saw the topic's name with
    it. What its article is filed under after is nobody's business outside.
    """

    page = ForeignKeyField(HelpPage, on_delete="CASCADE", index=False)
    page_id: int
    topic = ForeignKeyField(Topic, on_delete="RESTRICT", index=False)
    topic_id: int
    is_public = BooleanField()
    """Whether that was confirmed; else it is asked for."""

    class Meta:
        indexes = (
            (("page", "is_public", "topic"), True),
            (("topic", "is_public", "page"), False),
        )

    @classmethod
    def keep(cls, page: HelpPage, topics: Iterable[int], *, public: bool) -> None:
        """These, and no others."""
        cls.delete().where((cls.page == page) & (cls.is_public == public)).execute()
        at, wanted = clock.now(), sorted(set(topics))
        rows = [{"page": page, "topic": each, "is_public": public, "created_at": at} for each in wanted]
        if rows:
            cls.insert_many(rows).execute()


class HelpWord(Model):
    """That a public page holds a word, or two characters of Han side by side: what the site's own search
    looks in, so that who asks waits as long however many pages there are. Written and taken out with its
    page.
    """

    if TYPE_CHECKING:

        @classmethod
        def delete(cls) -> ModelDelete: ...  # the stub's descriptor does not know subclasses

    id = BigAutoField()
    page = ForeignKeyField(HelpPage, on_delete="CASCADE")
    page_id: int
    term = BigIntegerField()
    """As `grams.packed` gives it."""
    in_title = BooleanField()

    class Meta:
        database = db
        legacy_table_names = False
        indexes = ((("term", "in_title", "page"), True),)

    @classmethod
    def keep(cls, page: HelpPage) -> None:
        """Those of what is public now, and no others."""
        cls.forget(page)
        title, _, text = page.plain.partition("\n")
        entitled = terms_of(title)
        terms = sorted(entitled | terms_of(text))
        bulk.insert(cls, [{"page": page.id, "term": each, "in_title": each in entitled} for each in terms])

    @classmethod
    def forget(cls, page: HelpPage) -> None:
        """What is not public any more is not looked in."""
        cls.delete().where(cls.page == page).execute()


def texts_of(text: Article | ArticleVersion, sections: Sequence[int]) -> dict[str, str]:
    """What is public of an article's text, or would be, where these sections are chosen. Raises Invalid where
    that is nothing.

    Its summary is its own where all is public; else it would tell of what is not, and is the beginning of
    what is.
    """
    pieces = sections_of(text.body)
    chosen = [piece.text for place, piece in enumerate(pieces) if place in sections]
    body = without_notes_of_others("\n".join(chosen).strip("\n"), text.body)
    if not plain_text(body).strip():
        raise Invalid({"sections": Phrase("Choose at least one section that says something.")})
    whole = len(chosen) == len(pieces)
    return {"title": text.title, "summary": text.summary if whole else summary_of(body), "body": body}


def public_html(body: str, files: Sequence[int]) -> str:
    """A text as the help site shows it: files at the site's own address, as far as they are public."""

    def moved(found: re.Match[str]) -> str:
        return f'{found[1]}/help/files/{found[2]}"' if int(found[2]) in files else found[0]

    return _PICTURE.sub("", _FILE.sub(moved, render_markdown(body)))


def names_in(text: str) -> list[str]:
    """The names of customers and of the people there that stand in a text as a whole."""
    folded = text.casefold()
    rows: Any = (
        Customer.select(Customer.name, Customer.name_en)
        .union_all(Contact.select(Contact.name, Contact.name))
        .tuples()
    )
    return sorted({name for row in rows for name in row if len(name) > 1 and name.casefold() in folded})


def _whole(text: str, known: Iterable[str]) -> Iterable[Find]:
    for name in known:
        edge = r"\b" if name.isascii() else ""
        for found in re.finditer(f"{edge}{re.escape(name)}{edge}", text, re.IGNORECASE):
            yield Find("name", found[0], *found.span())


def _spaced(name: str) -> str:
    """A file's name with its words apart: "ACME-offer.pdf" names ACME."""
    return re.sub(r"[_\W]+", " ", name)


def _words(texts: Mapping[str, str]) -> str:
    return f"{texts['title']}\n{plain_text(texts['body'])}"


def _free_slug(title: str) -> str:
    slug = slug_of(title)
    taken = HelpPage.select().where(HelpPage.slug == slug).exists()
    return f"{slug}-{secrets.token_hex(3)}" if taken else slug


@copies
def in_what_is_public(record: Record, cleaned: Callable[[str], str]) -> None:
    """What is taken out of an article is taken out of what the world reads of it."""
    page = HelpPage.of(record) if isinstance(record, Article) else None
    if page is not None:
        page._erase_from(cleaned)
        Event.erase_words(page, cleaned)
        Notice.erase_words(page, cleaned)


def _later() -> datetime:
    """When it is looked whether somebody is here of whom it was asked."""
    return Calendar.read().add(clock.now(), Setting.read("fresh.approval_days"))


@step(PURPOSE, "late")
def ask_who_is_here(waiting: Clock) -> datetime | None:
    """Nobody answered in time: where all who were asked have left, or are on leave, the next are asked."""
    page = HelpPage.get_or_none(HelpPage.id == waiting.subject)
    if page is None or page.asked_by_id is None:
        return None
    Clock.update(who=page._whom(page.asked_by_id)).where(Clock.id == waiting.id).execute()
    return _later()


@ends_with_it
def take_down(article: Article, by: Person | None) -> None:
    """What is put away is wrong or of no use: brought back, it is asked for and confirmed anew."""
    page = HelpPage.of(article)
    if page is not None:
        page.withdraw(by=by)


@undoes(HelpPage, "withdrawn", ends=["confirmed", "proposed"], right="withdrawable_by")
def up_again(page: HelpPage, event: Event, by: Person) -> None:
    """The words that were confirmed are public again, while the article is."""
    if page.article.state != "published":
        raise Invalid(Phrase("Only what is published goes on the help site."))
    page.step(HelpState.PUBLIC, since=[HelpState.WITHDRAWN])
    HelpWord.keep(page)


@hinders(HelpPage, "withdrawn")
def was_put_away(page: HelpPage, event: Event) -> Phrase | None:
    """Its article was put away since somebody confirmed it, whoever brought it back: it is confirmed anew."""
    last = Event.about(page).where(Event.verb == "confirmed").order_by(Event.id.desc()).first()
    verbs = Event.verb.in_(["archived", "ended", UNDID])
    since = Event.about(page.article).where(verbs & (Event.id > (last.id if last else 0)))
    if all(each.verb == UNDID and each.changes["act"][0] != "restored" for each in since):
        return None
    return Phrase("Its article was put away since: ask for it anew, and a second person looks at it.")


@serves_elsewhere
def visitors_read_it() -> ModelSelect[HelpPage]:
    """What stands on the help site is of use, whoever of the company reads it."""
    return HelpPage.select(1).where((HelpPage.article == Article.id) & (HelpPage.state == HelpState.PUBLIC))
