"""Knowledge and questions, many at once: what a company wrote before it had the portal.

Nobody gains by it: neither points nor evidence, neither score nor credit come with a file, and whose a text
is stays as it is (RULES 4.3, 4.5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, partial, reduce
from itertools import pairwise
from typing import Any

from peewee import chunked

from portal import clock, i18n
from portal.i18n import Phrase, names
from portal.models.base import bulk
from portal.models.base.intake import Comparison, Intake, Source, stored_as
from portal.models.base.published import Published
from portal.models.base.record import Event, Invalid, note_links
from portal.models.files.attachments import Enclosure
from portal.models.knowledge.answers import chosen_of
from portal.models.knowledge.articles import NOT_APPROVED, Article, ArticleTopic, ArticleVersion
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.audience import EVERYBODY, MOST, ReaderGroup, called
from portal.models.knowledge.filing import check_days, unready
from portal.models.knowledge.freshness import FRESH, check_named_day
from portal.models.knowledge.languages import LanguageVersion
from portal.models.knowledge.questions import Answer, BestAnswer, Question, QuestionTopic, in_order
from portal.models.knowledge.routing import Routing
from portal.models.knowledge.templates import ArticleTemplate
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.words import BORN, KINDS, ArticleState
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock
from portal.tables.cells import parse_lines
from portal.tables.handbook import PLACE
from portal.tables.names import key
from portal.text.languages import tag_of
from portal.text.markdown import render_markdown
from portal.text.writing import clean, summary_of

COLUMNS = {
    "title": Phrase("Title"),
    "summary": Phrase("In one sentence"),
    "body": Phrase("Text"),
    "kind_of": Phrase("Kind"),
    "audience": Phrase("For whom"),
    "topics": Phrase("Topics"),
    "review_by": Phrase("True until"),
    "publish_on": Phrase("Publish on"),
    "ends_on": Phrase("Ends on"),
    "author": Phrase("Author"),
    "state": Phrase("State"),
    "text": Phrase("Question"),
    "further_topics": Phrase("Further topics"),
    "detail": Phrase("What lies behind it"),
    "asker": Phrase("Asked by"),
    "answer": Phrase("Answer"),
    "answered by": Phrase("Answered by"),
    "customer_type": Phrase("Customer type"),
}


_FILE = re.compile(rf"!?\[([^\[\]\n]*)\]\((?:/files/|{PLACE})\d+(?:-\d+)?\)")


def said(column: str, problem: str) -> Phrase:
    """A problem with the column that it is in."""
    return Phrase("%(column)s: %(problem)s", column=COLUMNS[column], problem=problem)


def together(problems: Iterable[Phrase]) -> Phrase | None:
    """Several as one text; None for none."""
    whole = list(problems)
    return (
        reduce(lambda one, other: Phrase("%(one)s %(other)s", one=one, other=other), whole) if whole else None
    )


def refusal(check: Callable[[], None], column: str = "") -> list[Phrase]:
    """What a check would refuse; `column` is where, when there is but one."""
    try:
        check()
    except Invalid as refused:
        return [said(column or name, problem) for name, problem in refused.errors.items()]
    return []


class _Written(Intake[Any]):
    """What comes in under somebody's name."""

    at_once, is_slow = 25, True

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._found: dict[tuple[Any, ...], list[Phrase]] = {}
        """What was found in which texts: to look through them for personal data takes long."""

    def _refused_once(self, key: tuple[Any, ...], record: Published, column: str = "") -> list[Phrase]:
        """What others may not read in a record's texts; `key` is all that it depends on."""
        if key not in self._found:
            self._found[key] = refusal(record.check_personal_data, column)
        return self._found[key]

    def _writer(self, named: int | None) -> int | None:
        """Whose it is: who is named, else who brings it."""
        return named if named is not None else getattr(self.by, "id", None)

    def _not_theirs(self, column: str, writer: int | None) -> list[Phrase]:
        """Why a text may not come in under a name: words are put into nobody's mouth by those who have no
        say over them.
        """
        if writer is None:
            return [said(column, Phrase("Say who it is."))]
        if self.by is None or self.by.is_administrator or writer == self.by.id or self.by.leads(writer):
            return []
        told = Phrase(
            "You bring in what you and your team wrote; an administrator brings in what others wrote."
        )
        return [said(column, told)]

    def _readers(self, writer: int | None) -> set[int | None]:
        """Those whose customers' names may not stand in a text: who wrote it, and who brings it."""
        return {writer, getattr(self.by, "id", writer)}

    def _tell(self, writers: Iterable[int | None]) -> None:
        """Whoever did not bring it themselves learns that something stands under their name now."""
        for writer in {one for one in writers if one is not None} if self.by is not None else ():
            if writer != self.by.id:
                told = Phrase("%(name)s brought in knowledge under your name.", name=names(self.by))
                person, number = Person.get_by_id(writer), self.source.number
                Notice.tell(writer, told, about=person, key=f"knowledge import {number} {writer}")

    def _kept(self, column: str, given: int | None, kept: int) -> list[Phrase]:
        """A cell that names another writer than the one on record is never written."""
        if given is None or given == kept:
            return []
        return [said(column, Phrase("It stays with %(name)s.", name=names(Person.get_by_id(kept))))]


class ArticleIntake(_Written):
    """Articles as a file brings them: published where publishing one would be allowed."""

    model = Article
    parts = (ArticleTopic.article, ArticleVersion.article, LanguageVersion.article)

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """The kinds that an article may be given, by their names: the company's first."""
        own = {
            key(each): kind for kind, words in KINDS.items() for each in (kind, *i18n.in_each_language(words))
        }
        return own | {key(name): kind for kind, name in ArticleTemplate.named().items()}

    @cached_property
    def _groups(self) -> dict[str, list[ReaderGroup]]:
        """The groups that read, by their names."""
        found = dict[str, list[ReaderGroup]]()
        for name, groups in called().items():
            found.setdefault(key(name), []).extend(groups)
        return found

    def _filed(
        self, row: Mapping[str, Any], article: Article | None = None
    ) -> tuple[dict[str, Any], list[Phrase]]:
        """What kind of knowledge a row says that it is, and for whom; and what it says that cannot be."""
        found, problems = dict[str, Any](), list[Phrase]()
        if said_kind := row.get("kind_of"):
            kind = self._kind(said_kind, article)
            if kind is None:
                none = Phrase(
                    "“%(value)s” is no kind of knowledge that it can be given.", value=said_kind[:40]
                )
                problems.append(said("kind_of", none))
            else:
                found["kind_of"] = kind
        if readers := row.get("audience"):
            groups, told = self._readers_of(readers, article)
            if told is not None:
                problems.append(said("audience", told))
            else:
                found["audience"] = groups
        return found, problems

    def _kind(self, words: str, article: Article | None) -> str | None:
        """The kind of this name; None where there is none, or what is on record was born as another."""
        held = None if article is None else article.kind_of
        if article is not None and key(words) in map(key, i18n.in_each_language(article.kind_words)):
            return held
        kind = self._kinds.get(key(words))
        return None if kind != held and (kind in BORN or held in BORN) else kind

    def _readers_of(
        self, names: Sequence[str], article: Article | None
    ) -> tuple[list[ReaderGroup], Phrase | None]:
        """The groups of these names; why not, where one is no group, or may be several."""
        if len(names) == 1 and key(names[0]) in map(key, EVERYBODY):
            return [], None
        held = [] if article is None else article.audience
        groups = list[ReaderGroup]()
        for name in names:
            meant = self._groups.get(key(name), [])
            on_record = [each for each in held if each in meant or key(each.label) == key(name)]
            if not meant and not on_record:
                return [], Phrase("“%(name)s” is no job or department here.", name=name[:40])
            if len(meant) > 1 and not on_record:
                return [], Phrase("“%(name)s” may be several: a job or department.", name=name[:40])
            groups += [each for each in on_record or meant if each not in groups]
        if len(groups) > MOST:
            return [], Phrase("Name at most %(most)s: what is for more is for everybody.", most=MOST)
        return groups, None

    def left_out(self, values: Mapping[str, Any]) -> Phrase | None:
        told = self._filed(values)[1]
        if self._is_mine(values) and (tells := self._telling(values)):
            told.append(Phrase("It comes in as your draft, which nobody else reads."))
            told += tells
        if self._was_put_away(values):
            told.append(Phrase("It was put away here: it comes in as a draft, which its author alone reads."))
        return together(told)

    def _was_put_away(self, row: Mapping[str, Any]) -> bool:
        """Whether everyone could read these very words here until somebody put them away, or merged them into
        others: a file does not bring them back before everyone.
        """
        if not row.get("body"):
            return False
        gone = (Article.state == ArticleState.ARCHIVED) & Article.published_at.is_null(False)
        alike = Article.select(Article.body).where(gone & (Article.title == row["title"]))
        return any(not _shows_other(row["body"], parse_lines(each.body)) for each in alike)

    def _is_mine(self, row: Mapping[str, Any]) -> bool:
        """Whether whoever brings a row is its author: their draft is read by nobody else."""
        return self.by is not None and self._writer(row.get("author")) == self.by.id

    def _telling(self, row: Mapping[str, Any]) -> list[Phrase]:
        """What in the texts of a row that everyone shall read tells who somebody is (RULES 4.10)."""
        if (row.get("state") or ArticleState.PUBLISHED) != ArticleState.PUBLISHED:
            return []
        author, problems = self._writer(row.get("author")), list[Phrase]()
        texts = {name: row[name] for name in Article.texts if row.get(name)}
        for reader in self._readers(author):
            found = self._refused_once((reader, *texts.items()), Article(**texts, author=reader))
            problems += [problem for problem in found if problem not in problems]
        return problems

    def unfit(self, values: Mapping[str, Any]) -> Phrase | None:
        state, author = values.get("state") or ArticleState.PUBLISHED, self._writer(values.get("author"))
        problems = self._not_theirs("author", author)
        problems += _wrong_days(values.get("publish_on"), values.get("ends_on"))
        problems += _too_far(values.get("freshness") or Article.freshness.default, values.get("review_by"))
        if state == ArticleState.ARCHIVED:
            problems.append(said("state", Phrase("What is put away does not come in. Bring it as a draft.")))
        elif state == ArticleState.PUBLISHED:
            facts = [values.get("freshness") or Article.freshness.default, values.get("review_by")]
            missing = unready(clean(values.get("body") or ""), bool(values.get("topics")), *facts)
            problems += [said(name, problem) for name, problem in missing.items()]
            tells = self._telling(values)
            if not self._is_mine(values) or any(each.values["column"] == COLUMNS["title"] for each in tells):
                problems += tells  # a title stands in the log, a draft's too
        return together(problems)

    def take_in(self, rows: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        complete, slugs, at = dict[int, dict[str, Any]](), set[str](), clock.now()
        given, rows = rows, {number: self._unread(row) for number, row in rows.items()}
        for number, row in rows.items():
            if (why := self.unfit(row)) is not None:
                raise Invalid(why)
            own = {"topics", "kind_of", "audience"}
            plain = {name: value for name, value in self._until_its_day(row).items() if name not in own}
            plain |= self._filed(row)[0]
            complete[number] = Article.facts_of(plain, slugs) | {"author": self._writer(row.get("author"))}
            slugs.add(complete[number]["slug"])
        made = super().take_in(complete)
        topics = [(made[number], topic) for number, row in rows.items() for topic in row.get("topics", ())]
        bulk.insert(
            ArticleTopic, [{"article": one, "topic": topic, "created_at": at} for one, topic in topics]
        )
        texts = {number: {name: row[name] for name in Article.texts} for number, row in complete.items()}
        first = {"number": 1, "by": self.by, "at": at, "created_at": at}
        bulk.insert(ArticleVersion, [{**texts[n], "article": made[n], **first} for n in rows])
        self._tell(row["author"] for row in complete.values())
        self._await_publication(made[number] for number, row in rows.items() if row is not given[number])
        dated = [made[number] for number, row in rows.items() if {"publish_on", "ends_on"} & row.keys()]
        for article in bulk.read(Article, Article.id, dated):
            article._await_day()
            article._await_end()
        return made

    @staticmethod
    def _until_its_day(row: Mapping[str, Any]) -> Mapping[str, Any]:
        """What everyone shall read from a day to come on waits for it, in the words that came in."""
        begins = row.get("publish_on")
        if row.get("state") == ArticleState.DRAFT or begins is None or begins <= clock.today():
            return row
        return {**row, "state": ArticleState.DRAFT, "scheduled_number": 1}

    def _await_publication(self, drafts: Iterable[int]) -> None:
        """What shall be read waits for its author, who asks for its approval; who brought it in is told."""
        waiting = list(drafts)
        articles = bulk.read(Article, Article.id, waiting)
        for article in articles:
            article._await_publication()
        if waiting and self.by is not None:
            told = Phrase("Some articles came in as drafts: they name people, or wait to be approved.")
            if any(self._was_put_away(each.__data__) for each in articles):
                told = Phrase("Some articles came in as drafts: they were put away here before.")
            key = f"drafts of import {self.source.number}"
            Notice.tell(self.by, told, about=self.by, url="/needs-me", key=key)

    def take_back(self, records: Sequence[Any]) -> set[int]:
        for what in ("draft", "publication", "end"):
            Clock.stop_many(Article.kind(), what, [article.id for article in records])
        works = LanguageVersion.works_of(article.id for article in records)
        stay = super().take_back(records)
        LanguageVersion.leave_alone(works)
        Enclosure.forget(Article.kind(), {article.id for article in records} - stay)
        return stay

    def tie(self, rows: Mapping[int, Mapping[str, Any]], new: Collection[int]) -> None:
        groups = dict[str, dict[str, int]]()
        for record, row in rows.items():
            if (work := row.get("same_as")) and (language := tag_of(row.get("written_in") or "")):
                groups.setdefault(work, {}).setdefault(language, record)
        for versions in groups.values():
            LanguageVersion.tie(versions, new=new, by=self.by)

    def _unread(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """What stands under a topic whose articles are approved comes in as a draft: nobody approved it; and
        what tells who somebody is: whoever brings it takes that out; and what was put away.
        """
        if row.get("state") == ArticleState.DRAFT:
            return row
        waits = TopicRule.demanding(row.get("topics", ())) or self._telling(row) or self._was_put_away(row)
        return {**row, "state": ArticleState.DRAFT} if waits else row

    @classmethod
    def held(cls, name: str, ids: Collection[int]) -> dict[int, Any]:
        if name != "topics":
            return super().held(name, ids)
        found: dict[int, Any] = dict.fromkeys(ids, ())
        pairs = bulk.find((ArticleTopic.article, ArticleTopic.topic), ArticleTopic.article, ids)
        for article, topic in pairs:
            found[article] += (topic,)
        return found

    def compare(self, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[Comparison]:
        own = {"author", "state", "topics", "body", "kind_of", "audience"}
        compared = super().compare([(r, {n: v for n, v in row.items() if n not in own}) for r, row in found])
        held = self.held("topics", {article.id for article, _row in found})
        for (article, row), one in zip(found, compared, strict=True):
            if _shows_other(row.get("body", ""), parse_lines(article.body)):
                one.changes["body"] = row["body"]
            if row.get("topics") and set(row["topics"]) != set(held[article.id]):
                one.changes["topics"] = sorted(row["topics"])
            if one.changes.get("freshness", article.freshness) in FRESH:
                one.changes.pop("review_by", None)  # the portal's own day
            if article.published_at is not None:
                one.changes.pop("publish_on", None)  # that day was
            kept = [] if row.get("edition") else _kept_since(article, one.changes, held[article.id])
            one.problem = one.problem or together(_wrong_change(article, one.changes))
            filed, problems = self._filed(row, article)
            if filed.get("kind_of", article.kind_of) != article.kind_of:
                one.changes["kind_of"] = filed["kind_of"]
            if set(filed.get("audience", article.audience)) != set(article.audience):
                one.changes["audience"] = filed["audience"]
            left = kept + problems + self._kept("author", row.get("author"), article.author_id)
            if row.get("state", article.state) != article.state:
                left.append(said("state", Phrase("It is changed on the page of the article itself.")))
            one.left_out = together(left)
            if one.changes and article.asks(one.changes):
                one.problem = one.problem or NOT_APPROVED
            if one.changes and (article.is_read or article.scheduled_number is not None):
                one.problem = one.problem or self._refused(article, one.changes, held[article.id])
            if one.changes and one.problem is None:
                one.problem = together(_outdated(row.get("edition", ""), article.edition))
        return compared

    def _refused(
        self, article: Article, changes: Mapping[str, Any], topics: Sequence[int], *, again: bool = False
    ) -> Phrase | None:
        """Why a published article would not stand a change. `again`: it stood like that before."""
        facts = {name: value for name, value in changes.items() if name != "topics"}
        if article.summary in ("", summary_of(article.body)):
            facts.setdefault("summary", summary_of(clean(facts.get("body", article.body))))
        after = Article(**{**article.__data__, **facts})
        after.names_checked = again
        until = after.review_by if "review_by" in changes or after.freshness == article.freshness else None
        missing = unready(after.body, bool(changes.get("topics", topics)), after.freshness, until)
        problems = [said(name, problem) for name, problem in missing.items()]
        about = [name for name in Article.texts if name in facts]
        if about:
            problems += refusal(partial(after.check_personal_data, about))
        return together(problems)

    def revise(self, record: Any, changes: Mapping[str, Any], row: int) -> dict[str, Any]:
        """As an edit by hand: a new version, without the score that the old one was given (RULES 4.2)."""
        follow = {"body": "summary", "freshness": "review_by"}
        names = {*changes, *(other for name, other in follow.items() if name in changes)} - {"topics"}
        before = {name: stored_as(record.__data__.get(name)) for name in names}
        if "topics" in changes:
            before["topics"] = sorted(record.topic_ids)
        record.edit(by=self.by, version=record.version, **changes)
        return before

    def stands(self, record: Any, before: Mapping[str, Any]) -> bool:
        topics = before.get("topics") or record.topic_ids
        if record.asks(_dated(before)) or _wrong_change(record, _dated(before)):
            return False
        return not record.is_read or self._refused(record, _dated(before), topics, again=True) is None

    def put_back(self, record: Any, before: Mapping[str, Any], row: int) -> None:
        """The old text is the present one again, as a version of its own."""
        values = _dated(before)
        if changes := record.edit(by=self.by, names_checked=True, **values):
            if values.get("freshness") in FRESH:
                record.write(review_by=values["review_by"])  # the day on which it was due before
            told = {name: change for name, change in changes.items() if name in before}
            record.track("import undone", by=self.by, changes=told)


def _kept_since(article: Article, changes: dict[str, Any], topics: Collection[int]) -> list[Phrase]:
    """Take out of the changes the words and topics that stood here before somebody changed them: the file is
    as it was, and what they wrote, and where they filed it, stays. Gives what is said of that.
    """
    if not {"summary", "body", "topics"} & changes.keys():
        return []
    filed, since = _filed_before(article, topics)
    older = {"topics"} if changes.get("topics") in filed else set[str]()
    if texts := {"summary", "body"} & changes.keys():
        for was in _versions_before(article, since):
            older |= {
                name for name in texts if not _shows_other(changes[name], parse_lines(getattr(was, name)))
            }
    for name in older:
        del changes[name]
    return [said(name, Phrase("It was changed here since, and stays.")) for name in COLUMNS if name in older]


def _filed_before(article: Article, topics: Collection[int]) -> tuple[list[list[int]], datetime | None]:
    """Under which topics it stood before each change of them, since an import of it was taken back; and when
    that was.
    """
    found, held = list[list[int]](), set(topics)
    verbs = Event.verb.in_(["edited", "topic added", "import undone"])
    for event in Event.about(article).where(verbs):
        if event.verb == "import undone":
            return found, event.at
        if event.verb == "topic added":
            held -= {event.changes["topic"][1]}
        elif "topics" in event.changes:
            held = set(event.changes["topics"][0])
        found.append(sorted(held))
    return found, None


def _versions_before(article: Article, since: datetime | None) -> list[ArticleVersion]:
    """The texts that were replaced, after a moment if one is given."""
    mine = ArticleVersion.select().where(ArticleVersion.article == article)
    versions = list(mine.order_by(ArticleVersion.number))
    return [was for was, now in pairwise(versions) if since is None or now.at > since]


def _shows_other(given: str, kept: str) -> bool:
    """Whether a text that comes in is another. Where it names files of its own archive, those of the text
    here are taken for them, and their words are compared: a new picture under old words is brought by hand.
    """
    if PLACE in given:
        given, kept = (_FILE.sub(r"\1", text) for text in (given, kept))
    return given not in ("", kept)


def _wrong_days(publish_on: date | None, ends_on: date | None) -> list[Phrase]:
    """Why an article would not be found between these days, from today on."""
    first = max(publish_on or clock.today(), clock.today())
    return refusal(partial(check_days, first, ends_on))


def _too_far(freshness: str, named: date | None) -> list[Phrase]:
    """Why what names its own day would not name this one."""
    return refusal(partial(check_named_day, freshness, named))


def _wrong_change(article: Article, changes: Mapping[str, Any]) -> list[Phrase]:
    """Why an article's days do not change so: as it would be refused by hand, and what waits for its day goes
    on waiting for one, as its author expects it to be read.
    """
    freshness, named = changes.get("freshness", article.freshness), changes.get("review_by")
    if named != article.review_by and (far := _too_far(freshness, named)):
        return far
    if not {"publish_on", "ends_on"} & changes.keys():
        return []
    begins, ends = (changes.get(name, getattr(article, name)) for name in ("publish_on", "ends_on"))
    if article.scheduled_number is not None and (begins is None or begins <= clock.today()):
        return [said("publish_on", Phrase("It waits for its day: name one to come."))]
    return _wrong_days(begins, ends)


def _dated(before: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as they were before a row, out of JSON; topics that there were none of are left."""
    days = {name: before.get(name) for name in ("review_by", "publish_on", "ends_on")}
    values = dict(before) | {name: date.fromisoformat(day) for name, day in days.items() if day}
    return {name: value for name, value in values.items() if name != "topics" or value}


def _outdated(given: str, now: str) -> list[Phrase]:
    """Why a file does not change what somebody changed since it was taken: their words would be lost."""
    if given in ("", now):
        return []
    return [Phrase("It was changed since this file was taken out. Take it out anew.")]


ANSWER = ("answer", "author", "customer_type")
"""What a row says of the answer."""


class QuestionIntake(_Written):
    """Questions as a file brings them, each with the answer to give.

    That answer is the best one by its author's own word: for that nobody is thanked (RULES 4.3).
    """

    model = Question
    parts = (Answer.question, BestAnswer.question, QuestionTopic.question)

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._answers: dict[int, Answer | None] = {}
        """The answer that the row changes, by question compared last; None where it adds one."""
        self._authors: dict[int, int | None] = {}

    def unfit(self, values: Mapping[str, Any]) -> Phrase | None:
        asker = self._writer(values.get("asker"))
        problems = self._not_theirs("asker", asker)
        texts = {name: values[name] for name in Question.texts if values.get(name)}
        for reader in self._readers(asker):
            found = self._refused_once((reader, *texts.items()), Question(**texts, asker=reader))
            problems += [problem for problem in found if problem not in problems]
        if values.get("answer"):
            problems += self._unfit_answer(values["answer"], self._writer(values.get("author")))
        return together(problems + _too_many(values.get("topic"), values.get("further_topics", ())))

    def _unfit_answer(self, text: str, author: int | None) -> list[Phrase]:
        problems = self._not_theirs("answered by", author)
        for reader in self._readers(author):
            found = self._refused_once((reader, "answer", text), Answer(text=text, author=reader), "answer")
            problems += [problem for problem in found if problem not in problems]
        return problems

    def take_in(self, rows: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        questions, further = dict[int, dict[str, Any]](), dict[int, list[int]]()
        for number, row in rows.items():
            if (why := self.unfit(row)) is not None:
                raise Invalid(why)
            facts = {name: value for name, value in row.items() if name not in (*ANSWER, "further_topics")}
            facts["topic"], further[number] = in_order(row.get("topic"), row.get("further_topics", ()))
            state = "answered" if row.get("answer") else "open"
            questions[number] = {**facts, "asker": self._writer(row.get("asker")), "state": state}
        made, at = super().take_in(questions), clock.now()
        topics = [(made[number], topic) for number, several in further.items() for topic in several]
        bulk.insert(
            QuestionTopic, [{"question": one, "topic": topic, "created_at": at} for one, topic in topics]
        )
        stored: dict[int, Question] = {one.id: one for one in bulk.read(Question, Question.id, made.values())}
        answered = {number: row for number, row in rows.items() if row.get("answer")}
        answers = [
            self._answer(stored[made[n]], row["answer"], self._writer(row.get("author")))
            for n, row in answered.items()
        ]
        ids = bulk.insert(Answer, answers)
        note_links(Answer, dict(zip(ids, answers, strict=True)), new=True)
        best = [
            {
                "question": answer["question"],
                "answer": ident,
                "customer_type": row.get("customer_type"),
                "scope": _scope(row.get("customer_type")),
                "chosen_by": answer["author"],
                "at": answer["created_at"],
                "created_at": answer["created_at"],
            }
            for ident, answer, row in zip(ids, answers, answered.values(), strict=True)
        ]
        bulk.insert(BestAnswer, best)
        for question in stored.values():
            question.await_answer()
        self._tell([*(row["asker"] for row in questions.values()), *(one["author"] for one in answers)])
        return made

    def _answer(self, question: Question, text: str, author: int | None) -> dict[str, Any]:
        """An answer as it is written: of the same moment as the question that came with it."""
        text, at = clean(text), question.created_at
        facts = {"question": question.id, "author": author, "text": text, "html": render_markdown(text)}
        return facts | {"created_at": at, "updated_at": at}

    @classmethod
    def held(cls, name: str, ids: Collection[int]) -> dict[int, Any]:
        if name == "further_topics":
            found: dict[int, Any] = dict.fromkeys(ids, ())
            pairs = (QuestionTopic.question, QuestionTopic.topic)
            for question, topic in bulk.find(pairs, QuestionTopic.question, ids):
                found[question] += (topic,)
            return found
        if name not in ANSWER or not ids:
            return super().held(name, ids)
        best = chosen_of(ids)
        return {
            q: one.answer.author_id if name == "author" else one.customer_type_id for q, one in best.items()
        }

    def compare(self, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[Comparison]:
        own = {*ANSWER, "asker", "detail"}
        compared = super().compare([(r, {n: v for n, v in row.items() if n not in own}) for r, row in found])
        ids = {question.id for question, _row in found}
        topics = self.held("further_topics", ids)
        best = {
            (one.question_id, one.scope): one.answer_id
            for one in BestAnswer.select().where(bulk.among(BestAnswer.question, sorted(ids)))
        }
        answers: dict[int, list[Answer]] = {}
        for answer in bulk.read(Answer, Answer.question, ids):
            answers.setdefault(answer.question_id, []).append(answer)
        for (question, row), one in zip(found, compared, strict=True):
            if row.get("detail", "") not in ("", parse_lines(question.detail)):
                one.changes["detail"] = row["detail"]
            problems = self._compare_topics(question, row, one, topics[question.id])
            # who stays unnamed is not told by what a file may not say
            kept = question.asker_id if question.named_asker is not None else row.get("asker")
            left = self._kept("asker", row.get("asker"), kept or question.asker_id)
            mine = best.get((question.id, _scope(row.get("customer_type"))))
            if row.get("answer"):
                known = answers.get(question.id, [])
                told = self._compare_answer(question, row, one, known, mine)
                problems, left = problems + told[0], left + told[1]
            if one.changes:
                given = next((each for each in answers.get(question.id, ()) if each.id == mine), None)
                problems += _outdated(row.get("edition", ""), question.edition(given))
            texts = [name for name in Question.texts if name in one.changes]
            if texts and question.is_read:
                facts = {name: one.changes[name] for name in texts}
                after = Question(**{**question.__data__, **facts})
                problems += refusal(partial(after.check_personal_data, texts))
            one.problem, one.left_out = one.problem or together(problems), together(left)
        return compared

    def _compare_topics(
        self, question: Question, row: Mapping[str, Any], one: Comparison, held: Sequence[int]
    ) -> list[Phrase]:
        """What a row says of the topics beside the first; why that may not be."""
        given, first = row.get("further_topics") or held, one.changes.get("topic", question.topic_id)
        further = [topic for topic in given if topic != first]
        if row.get("further_topics") and set(further) != set(held):
            one.changes["further_topics"] = sorted(further)
        return _too_many(first, further)

    def _compare_answer(
        self,
        question: Question,
        row: Mapping[str, Any],
        one: Comparison,
        known: Sequence[Answer],
        best: int | None,
    ) -> tuple[list[Phrase], list[Phrase]]:
        """What a row says of the answer: why that may not be, and what of it is not written."""
        chosen = next((answer for answer in known if answer.id == best), None)
        alike = (answer for answer in known if parse_lines(answer.text) == row["answer"])
        same = chosen if chosen and parse_lines(chosen.text) == row["answer"] else next(alike, None)
        left = list[Phrase]()
        if (on_record := same or chosen) is not None:
            left = self._kept("answered by", row.get("author"), on_record.author_id)
        if same is not None:
            if row.get("customer_type") and chosen is None:
                told = Phrase("For whom an answer is the best is chosen on the page of the question.")
                left.append(said("customer_type", told))
            return [], left
        one.changes["answer"] = row["answer"]
        self._answers[question.id], self._authors[question.id] = chosen, self._writer(row.get("author"))
        if chosen is None:
            problems = self._unfit_answer(row["answer"], self._authors[question.id])
            if question.is_archived:
                problems.append(Phrase("This question is archived: bring it back first."))
            return problems, left
        chosen.question, one.before["answer"] = question, chosen.text
        if self.by is not None and not chosen.editable_by(self.by):
            return [said("answer", Phrase("It is not yours to change."))], left
        after = Answer(**{**chosen.__data__, "text": row["answer"]})
        return refusal(after.check_personal_data, "answer"), left

    def revise(self, record: Any, changes: Mapping[str, Any], row: int) -> dict[str, Any]:
        values = {name: value for name, value in changes.items() if name != "answer"}
        before = {name: stored_as(record.__data__.get(name)) for name in values}
        if values.keys() & {"topic", "further_topics"}:
            before |= {"topic": record.topic_id, "further_topics": record.further_ids}
        if values:
            record.edit(by=self.by, version=record.version, **values)
        else:
            record.touch({})
        if "answer" in changes:
            before |= self._revise_answer(record, changes["answer"])
            record.reindex()
        return before

    def _revise_answer(self, question: Question, text: str) -> dict[str, Any]:
        if (answer := self._answers[question.id]) is not None:
            was = answer.text
            answer.edit(by=self.by, version=answer.version, text=text)
            return {"answer": [answer.id, was, answer.version]}
        facts = self._answer(question, text, self._authors[question.id])
        at = clock.now()
        (ident,) = bulk.insert(Answer, [facts | {"created_at": at, "updated_at": at}])
        note_links(Answer, {ident: facts}, new=True)
        was, answer = question.state, Answer.get_by_id(ident)
        question.settle_with(answer, by=self.by)
        self._tell([facts["author"]])
        return {"added": [ident, was]}

    @classmethod
    def built_on(cls, ids: Collection[int]) -> set[int]:
        """Where somebody answered, changed the answer, or chose it."""
        found = set[int]()
        for some in chunked(sorted(ids), bulk.BATCH):
            mine = Answer.select(Answer.question).join(Question).where(bulk.among(Question.id, some))
            added: Any = mine.where((Answer.created_at != Question.created_at) | (Answer.version != 1))
            theirs = bulk.among(BestAnswer.question, some) & (BestAnswer.chosen_by != Answer.author)
            chosen: Any = BestAnswer.select(BestAnswer.question).join(Answer).where(theirs)
            asked: Any = Ask.select(Ask.question).where(bulk.among(Ask.question, some))
            found |= {ident for (ident,) in (*added.tuples(), *chosen.tuples(), *asked.tuples())}
        return found

    def stands(self, record: Any, before: Mapping[str, Any]) -> bool:
        ident, version = before["answer"][::2] if "answer" in before else (before.get("added", [None])[0], 1)
        answer = Answer.get_or_none((Answer.id == ident) & (Answer.version == version)) if ident else None
        if ident is not None and answer is None:
            return False
        if "added" in before and BestAnswer.select().where(BestAnswer.answer == ident).exists():
            return False
        facts = {name: before[name] for name in Question.texts if name in before}
        after = Question(**{**record.__data__, **facts})
        after.names_checked = True
        return not facts or not refusal(partial(after.check_personal_data, list(facts)))

    def put_back(self, record: Any, before: Mapping[str, Any], row: int) -> None:
        values = {name: value for name, value in before.items() if name not in ("answer", "added")}
        if not values or not record.edit(by=self.by, names_checked=True, **values):
            record.touch({})
        if "answer" in before:
            ident, text, _version = before["answer"]
            Answer.get_by_id(ident).edit(by=self.by, names_checked=True, text=text)
        if "added" in before:
            ident, state = before["added"]
            answer = Answer.get_by_id(ident)
            answer.delete_instance()
            if not Answer.select().where(Answer.question == record).exists():
                self._unanswered(record, answer, state)
        record.reindex()
        record.track("import undone", by=self.by)

    def _unanswered(self, question: Question, answer: Answer, state: str) -> None:
        """Its only answer went: who asked hears so, and experts are asked again if they were asked then."""
        told = question.answered_by(answer)
        Notice.take_back(question, told, since=answer.created_at, by=self.by or question.asker)
        _set_state(question, state)
        question.await_answer()
        asked = Routing.of(question)
        if state != "open" or question.is_archived or asked is None or asked.ended_at is None:
            return
        if asked.ended_at >= answer.created_at:
            by = self.by or question.asker
            Routing.put(question, by=by, like=asked.like, is_urgent=asked.is_urgent)

    def take_back(self, records: Sequence[Any]) -> set[int]:
        Clock.stop_many(Question.kind(), "question", [question.id for question in records])
        return super().take_back(records)


def _too_many(first: int | None, further: Sequence[int]) -> list[Phrase]:
    """Why a question does not stand under all of these topics."""
    return refusal(lambda: in_order(first, further) and None)


def _scope(customer_type: int | None) -> str:
    return f"type-{customer_type}" if customer_type else ""


def _set_state(question: Question, state: str) -> None:
    Question.update(state=state).where(Question.id == question.id).execute()
    question.state = state
