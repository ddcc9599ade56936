"""Customers' typical doubts, and the answers to them: one best for each customer type."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Self

from peewee import BooleanField, CharField, Check, ForeignKeyField, ModelSelect, Value, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import MarkdownField, NameField, StateField, TextField, UtcDateTimeField
from portal.models.base.published import Published
from portal.models.base.record import Archivable, Editable, Event, Invalid, Record, Searchable, Stale, along
from portal.models.base.undoing import INSTEAD, MEANWHILE, hinders, undoes
from portal.models.company.customer_types import CustomerType
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.expertise.votes import Vote
from portal.models.files.attachments import Enclosure
from portal.models.knowledge.articles import Article
from portal.models.knowledge.words import ANSWER, QUESTION, QuestionState
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.work.clocks import Clock
from portal.text.markdown import render_markdown
from portal.text.writing import clean, summary_of

LONGEST_DETAIL, LONGEST_ANSWER = 20_000, 50_000
MOST_TOPICS = 5
"""So many topics a question may stand under."""
OPENLY_DONE = ("answered", "article begun")
"""What everyone, an unnamed asker too, does to a question under their own name."""
Settled = Callable[[Iterable["Question"]], None]
_SETTLED: list[Settled] = []


def when_settled(function: Settled) -> Settled:
    """Let what waits for answers know that a question has one, or was put away. Twice is harmless."""
    _SETTLED.append(function)
    return function


_RETURNED: list[Settled] = []


def when_brought_back(function: Settled) -> Settled:
    """Let what ended as a question was put away go on once it is in use again."""
    _RETURNED.append(function)
    return function


class Question(Published, Archivable, Searchable):
    """A customer's typical doubt."""

    called = QUESTION
    texts = ("text", "detail")

    text = NameField(300)
    detail = MarkdownField(default="")
    """Markdown."""
    asker = ForeignKeyField(Person, on_delete="RESTRICT")
    asker_id: int
    is_anonymous = BooleanField(default=False)
    """Whether only an auditor, who says so, learns who asked."""
    topic = ForeignKeyField(Topic, null=True, on_delete="RESTRICT", verbose_name=Phrase("Topic"))
    """The first of its topics: its reviewers are asked. The others are in QuestionTopic."""
    topic_id: int | None
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL", verbose_name=Phrase("Product"))
    product_id: int | None
    state = StateField(QuestionState, max_length=20, default=QuestionState.OPEN, verbose_name=Phrase("State"))
    archived_at = UtcDateTimeField(null=True)
    key = NameField(60, null=True, unique=True)
    """Of the form that it was asked in, so that sent twice it is one."""
    best: BestAnswer | None = None
    """The answer to give, where it is read for many at once. Not kept."""
    has_used_answers: bool = True
    """Whether an answer to it was used in a deal, where that is read along. Not kept."""
    listed_topics: list[Topic] | None = None
    """All its topics, where they are read for many at once. Not kept."""

    class Meta:
        # One for each offered sort, alone and under the filters.
        indexes = (
            (("created_at", "id"), False),
            (("text", "id"), False),
            (("state", "created_at", "id"), False),
            (("topic", "created_at", "id"), False),
            (("product", "created_at", "id"), False),
        )
        constraints = [Check("state IN ('open', 'answered')")]

    @property
    def name(self) -> str:
        """What it is called: as the customer asks it."""
        return str(self.text)

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Questions in use, for everyone; those put away, for their askers and for reviewers; unnamed ones
        for auditors too: nobody gets out of their sight by putting away what they asked.
        """
        if person.is_reviewer:
            return cls.select()
        seen = cls.archived_at.is_null() | (cls.asker == person)
        return cls.select().where(seen | (cls.is_anonymous == True) if person.is_auditor else seen)  # noqa: E712

    @classmethod
    def on_topic(cls, topic: int) -> Any:
        """The condition that a question is about a topic or what lies below it."""
        return cls.under(Topic.with_descendants([topic]))

    @classmethod
    def under(cls, topics: Collection[int]) -> Any:
        """The condition that a question stands under one of these topics, first or not."""
        wanted = sorted(topics)
        further = QuestionTopic.select(QuestionTopic.question).where(QuestionTopic.topic.in_(wanted))
        return cls.topic.in_(wanted) | cls.id.in_(further)

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that a question holds this text."""
        return cls.text.contains(text)

    def editable_by(self, person: Person) -> bool:
        """Its asker and the reviewers of its topic."""
        return person.is_active and (self.asker_id == person.id or self.tended_by(person))

    def tended_by(self, person: Person) -> bool:
        """Reviewers of any of its topics; any reviewer when it has none."""
        if not person.is_reviewer or self.topic_id is None:
            return person.is_reviewer
        return self.topic_id in person.review_topics or bool({*self.topic_ids} & person.review_topics)

    def choosable_by(self, person: Person) -> bool:
        """The best answer is chosen by the asker, the topic's reviewers and, where it is said who asked, the
        asker's managers.
        """
        if self.editable_by(person):
            return True
        return not self.is_anonymous and person.is_active and self._asker_led_by(person)

    @classmethod
    def beside_leader(cls, questions: ModelSelect[Question], person: Person) -> ModelSelect[Question]:
        """The same questions, each with whether a manager leads who asked: their team is not read for it."""
        if not person.is_manager:
            return questions
        return questions.select_extend(
            Value(person.id).alias("leader"), person.leads_in(cls.asker).alias("is_led")
        )

    def _asker_led_by(self, person: Person) -> bool:
        if getattr(self, "leader", None) == person.id:
            return bool(getattr(self, "is_led", False))
        return person.leads(self.asker_id)

    def answerable_by(self, person: Person) -> bool:
        """Every member who is here to help, while it is not put away."""
        return person.is_active and not person.is_auditor and self.archived_at is None

    def erasable_by(self, person: Person) -> bool:
        """Whoever may change it, and administrators."""
        return self.choosable_by(person) or (person.is_active and person.is_administrator)

    # -------------------------------------------------------------- who asked

    @property
    def named_asker(self) -> Person | None:
        """Who asked, as colleagues read it; None where that stays unsaid."""
        return None if self.is_anonymous else self.asker

    def revealable_to(self, person: Person) -> bool:
        """An auditor may learn who asked, and says so."""
        return bool(self.is_anonymous) and person.is_active and person.is_auditor

    def reveal_asker(self, *, by: Person) -> Person:
        """Who asked: that it was looked up stays in the log."""
        self.track("asker revealed", by=by)
        return self.asker

    def track(
        self, verb: str, *, by: Any = None, customer: Any = None, changes: Mapping[str, Any] | None = None
    ) -> None:
        """As every record; what an unnamed asker does as such is nobody's act. What the page shows under
        their name is theirs: an act of nobody's beside it would tell who asked.
        """
        by = by if verb in OPENLY_DONE else self._named(by)
        super().track(verb, by=by, customer=customer, changes=changes)

    def _named(self, by: Any) -> Any:
        unnamed = self.is_anonymous and by is not None and getattr(by, "id", by) == self.asker_id
        return None if unnamed else by

    # -------------------------------------------------------------- nothing tells who a customer is

    @property
    def is_read(self) -> bool:
        return self.archived_at is None

    @property
    def writer(self) -> int | None:
        return self.asker_id

    def bring_back(self, *, by: Person) -> None:
        """It was changed unseen while it was put away: what the refusal names are customers of who asks."""
        self.hand = by.id
        super().bring_back(by=by)

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        """Its answers too: one page shows them all."""
        texts = {name: cleaned(getattr(self, name)) for name in self.texts}
        if changed := {name: text for name, text in texts.items() if text != getattr(self, name)}:
            self.names_checked = True
            self.write(**changed)
        Notice.erase_words(self, cleaned)
        for answer in Answer.select().where(Answer.question == self):
            answer.erase_from(cleaned)
        self.reindex()

    # -------------------------------------------------------------- its life

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field; also of the answer that came with them."""
        found: dict[str, Phrase] = {}
        if "text" in values and not values["text"].strip():
            found["text"] = Phrase("Write the question as the customer asks it.")
        for name, most in (("detail", LONGEST_DETAIL), ("answer", LONGEST_ANSWER)):
            if (length := len(values.get(name) or "")) > most:
                found[name] = Phrase(
                    "This text has %(found)s characters of %(most)s.", found=length, most=most
                )
        return found

    @classmethod
    def ask(
        cls, *, by: Person, text: str, further_topics: Iterable[Topic | int] = (), **fields: Any
    ) -> Question:
        """Ask; `further_topics` stand beside the `topic`. Raises Invalid without a text, and for too many."""
        if not text.strip():
            raise Invalid({"text": Phrase("Write the question as the customer asks it.")})
        first, further = in_order(fields.pop("topic", None), further_topics)
        if (made := cls.sent_before(fields.get("key"), asker=by, text=text)) is not None:
            return made
        with db.atomic():
            question = cls.create(text=text, asker=by, topic=first, **fields)
            question._set_further(further)
            question.track("asked", by=by)
            question.await_answer()
        return question

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change it; `further_topics` are its topics beside the first. Raises Invalid and Stale."""
        if not values.keys() & {"topic", "further_topics"}:
            return super().edit(by=by, version=version, **values)
        before = self._stored_further()
        given = values.pop("further_topics", before)
        first, further = in_order(values.get("topic", self.topic_id), given)
        values |= {"topic": first}
        with db.atomic():
            changes = super().edit(by=by, version=version, **values)
            if before != further:
                if version is not None and version != self.version and not changes:
                    raise Stale(self)
                self._set_further(further)
                if not changes:
                    self.touch({})
                changes |= {"further_topics": [before, further]}
                self.track("topics set", by=by, changes={"further_topics": [before, further]})
            if changes.keys() & {"topic", "further_topics"}:
                self._refile_best()
        return changes

    def touch(self, values: Mapping[str, Any]) -> None:
        super().touch(values)
        if "topic" in values:
            self.listed_topics = None
        if values.get("archived_at"):
            self.settle()
        if values.keys() & {"text", "topic", "archived_at"}:
            Clock.stop(self, "question")
            self.await_answer()
        if "archived_at" in values and not self.is_archived:
            for go_on in _RETURNED:
                go_on([self])
        if "text" in values:
            Clock.rename(self, question=self.text)

    def settle(self) -> None:
        """Nobody waits for an answer any more."""
        Clock.stop(self, "question")
        for end in _SETTLED:
            end([self])

    def set_topic(self, topic: Topic, *, by: Person) -> bool:
        """File it under this topic instead of any other; false when it is there already."""
        before = self.topic_id
        if before == topic.id:
            return False
        further = self._stored_further()
        rest = [each for each in further if each != topic.id]
        changes: dict[str, Any] = {"topic": [before, topic.id]}
        changes |= {"further_topics": [further, rest]} if rest != further else {}
        with db.atomic():
            self._set_further(rest)
            self.write(topic=topic)
            self._refile_best()
            self.track("topic set", by=by, changes=changes)
        return True

    def await_answer(self) -> None:
        """The reviewers of its topic are asked, until somebody answers."""
        if self.state == "open" and self.topic_id is not None and not self.is_archived:
            Clock.start(
                self,
                "question",
                who=f"topic-{self.topic_id}",
                but=[self.asker_id],
                text=Phrase("Nobody has answered “%(question)s” yet.", question=self.text),
                url=self.url,
                since=self.created_at,
            )

    def answer(
        self,
        *,
        by: Person,
        text: str,
        article: Article | None = None,
        names_checked: bool = False,
        key: str | None = None,
    ) -> Answer:
        """Add an answer and tell the asker.

        Raises Invalid for an empty one, for one to a question put away, and for what tells who a customer is.
        """
        if not text.strip():
            raise Invalid({"text": Phrase("Write the answer first.")})
        if self.archived_at:
            raise Invalid(Phrase("This question is archived: bring it back first."))
        text = clean(text)
        if (made := Answer.sent_before(key, question=self, author=by, text=text)) is not None:
            return made
        with db.atomic():
            answer = Answer.create(
                key=key,
                question=self,
                author=by,
                text=text,
                html=render_markdown(text),
                article=article,
                names_checked=names_checked,
            )
            Enclosure.note(answer, text, by=by)
            self.settle_with(answer, by=by)
        return answer

    def settle_with(self, answer: Answer, *, by: Person | None) -> None:
        """It has an answer, given or brought in: nobody waits any more, and whoever asked is told."""
        if self.state == "open":
            Question.update(state="answered").where(Question.id == self.id).execute()
            self.state = "answered"
        self.settle()
        self.reindex()
        self.track("answered", by=by, changes={"answer": [None, answer.id]})
        if self.asker_id not in (answer.author_id, getattr(by, "id", None)):
            Notice.tell(self.asker_id, self.answered_by(answer), about=self, url=answer.url)

    def answered_by(self, answer: Answer) -> Phrase:
        """What its asker is told."""
        return Phrase(
            "%(name)s answered your question “%(question)s”.",
            name=names(answer.author),
            question=self.text,
        )

    def choose_best(
        self, answer: Answer, *, by: Person, customer_type: CustomerType | None = None
    ) -> BestAnswer:
        """Make an answer the best for a customer type, or for everyone; the same again is harmless.

        Its author gets 15 points and evidence, who accepts a colleague's answer gets 2 (RULES 4.3, 4.5): once
        for each answer, never for choosing one's own. An answer that is no longer best gives its back.
        Raises Invalid for another question's answer.
        """
        if answer.question_id != self.id:
            raise Invalid(Phrase("This answer belongs to another question."))
        scope = f"type-{customer_type.id}" if customer_type else ""
        with db.atomic():
            held = self.best_in(scope)
            if held is not None and held.answer_id == answer.id:
                return held
            facts: dict[Any, Any] = {
                BestAnswer.answer: answer,
                BestAnswer.chosen_by: by,
                BestAnswer.at: clock.now(),
            }
            place: dict[Any, Any] = {
                BestAnswer.question: self,
                BestAnswer.customer_type: customer_type,
                BestAnswer.scope: scope,
                BestAnswer.created_at: clock.now(),
            }
            BestAnswer.insert(place | facts).on_conflict(
                conflict_target=[BestAnswer.question, BestAnswer.scope], update=facts
            ).execute()
            chosen = BestAnswer.get((BestAnswer.question == self) & (BestAnswer.scope == scope))
            if held is not None:
                held.forget()
                held.answer._thank_or_take_back()
            if by.id != answer.author_id:
                chosen.cast()
            self.reindex()
            before = held.answer_id if held is not None else None
            self.track("best chosen", by=by, changes={"answer": [before, answer.id], "for": [None, scope]})
        return chosen

    def unchoose_best(self, *, by: Person, customer_type: CustomerType | None = None) -> None:
        """No answer is the best for this type any longer; twice is harmless."""
        scope = f"type-{customer_type.id}" if customer_type else ""
        with db.atomic():
            held = self.best_in(scope)
            if held is None:
                return
            self.unchoose(held)
            self.track("best taken back", by=by, changes={"answer": [held.answer_id, None]})

    def _refile_best(self) -> None:
        """It stands under other topics: what its best answers prove, they prove in these."""
        chosen = BestAnswer.select(BestAnswer.answer).where(BestAnswer.question == self)
        for answer in Answer.select().where(Answer.id.in_(chosen)).order_by(Answer.id):
            answer.question = self
            answer._refile()

    def best_in(self, scope: str) -> BestAnswer | None:
        """What is chosen for a scope, if anything."""
        return BestAnswer.get_or_none((BestAnswer.question == self) & (BestAnswer.scope == scope))

    def unchoose(self, held: BestAnswer) -> None:
        """It is not the best any longer: what it gave goes back."""
        held.forget()
        BestAnswer.delete().where(BestAnswer.id == held.id).execute()
        held.answer._thank_or_take_back()
        self.reindex()

    def choose_as_in(self, act: Event) -> None:
        """The choice of an earlier act holds again, as old as it is: by whom it was, and as it was judged."""
        answer, scope = Answer.get_or_none(Answer.id == act.changes["answer"][1]), act.changes["for"][1]
        if answer is None or act.actor is None:
            return
        kind = int(scope.removeprefix("type-")) if scope else None
        facts: dict[str, Any] = {"question": self, "customer_type": kind, "scope": scope, "at": act.at}
        again = BestAnswer.create(answer=answer, chosen_by=act.actor, **facts)
        if again.decided:
            again.credit()
        elif act.actor != answer.author_id:
            again.cast()
        self.reindex()

    # -------------------------------------------------------------- what belongs to it

    @property
    def further_ids(self) -> list[int]:
        """Ids of its topics beside the first, in the order given; read once where all of them are kept."""
        if self.listed_topics is not None:
            return [topic.id for topic in self.listed_topics[1:]]
        return self._stored_further()

    def _stored_further(self) -> list[int]:
        """As they are by now, for who changes them."""
        rows = QuestionTopic.select().where(QuestionTopic.question == self).order_by(QuestionTopic.id)
        return [row.topic_id for row in rows]

    @property
    def topic_ids(self) -> list[int]:
        """Ids of all its topics, the first of them first."""
        return [self.topic_id, *self.further_ids] if self.topic_id is not None else []

    @property
    def topics(self) -> list[Topic]:
        """All its topics, the first of them first."""
        if self.listed_topics is None:
            list_topics([self])
        return self.listed_topics or []

    def read_topics(self) -> list[Topic]:
        """The same, read along with how topics lie below each other, which its page asks for too."""
        first = self.topic
        if first is None:
            return self.topics
        here = QuestionTopic.question == self
        self.listed_topics = [first, *Topic.filed(QuestionTopic.topic, here)]
        return self.listed_topics

    @property
    def further_topics(self) -> list[Topic]:
        """Its topics beside the first."""
        return self.topics[1:]

    def _set_further(self, topics: Iterable[int]) -> None:
        wanted, held = list(topics), self._stored_further()
        if wanted == held:
            return
        QuestionTopic.delete().where(QuestionTopic.question == self).execute()
        at = clock.now()
        rows = [{"question": self, "topic": topic, "created_at": at} for topic in wanted]
        if rows:
            QuestionTopic.insert_many(rows).execute()
        self.listed_topics = None

    @property
    def html(self) -> str:
        """The detail, made safe."""
        return render_markdown(self.detail) if self.detail else ""

    def edition(self, answer: Answer | None) -> str:
        """What tells a file of it, with an answer, whether one of them was changed since."""
        return f"v{self.version}.{answer.version}" if answer is not None else f"v{self.version}"

    def best_for(self, customer_type: CustomerType | int | None = None) -> Answer | None:
        """The best answer for a customer type; where none is chosen for it, the best for everyone."""
        ident = getattr(customer_type, "id", customer_type)
        chosen = {row.scope: row for row in BestAnswer.select().where(BestAnswer.question == self)}
        best = chosen.get(f"type-{ident}") or chosen.get("")
        return best.answer if best else None


class QuestionTopic(Record):
    """A topic that a question is about beside its first."""

    question = ForeignKeyField(Question, on_delete="CASCADE", index=False)
    question_id: int
    topic = ForeignKeyField(Topic, on_delete="RESTRICT", index=False)
    topic_id: int

    class Meta:
        indexes = ((("question", "topic"), True), (("topic", "question"), False))


def list_topics(questions: Iterable[Question]) -> None:
    """Read all topics of many questions at once, and keep them with each."""
    listed = list(questions)
    ids = [each.id for each in listed if each.topic_id is not None]
    rows = along(QuestionTopic.select().where(QuestionTopic.question.in_(ids)), QuestionTopic.topic)
    further: dict[int, list[Topic]] = {}
    for row in rows.order_by(QuestionTopic.id) if ids else ():
        further.setdefault(row.question_id, []).append(row.topic)
    for each in listed:
        each.listed_topics = [each.topic, *further.get(each.id, ())] if each.topic is not None else []


def in_order(topic: Topic | int | None, further: Iterable[Topic | int]) -> tuple[int | None, list[int]]:
    """The first topic and the others, each once. Raises Invalid for more than five."""
    given: list[Any] = [topic, *further] if topic is not None else list(further)
    ids: list[int] = list(dict.fromkeys(getattr(each, "id", each) for each in given))
    if len(ids) > MOST_TOPICS:
        most = Phrase("A question stands under %(most)s topics at most.", most=MOST_TOPICS)
        raise Invalid({"further_topics": most})
    return (ids[0], ids[1:]) if ids else (None, [])


class Answer(Published, Editable):
    """One possible answer."""

    called = ANSWER
    texts = ("text",)

    question = ForeignKeyField(Question, on_delete="CASCADE", backref="answers")
    question_id: int
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    author_id: int
    text = MarkdownField()
    """Markdown."""
    html = TextField(default="")
    article = ForeignKeyField(Article, null=True, on_delete="SET NULL")
    article_id: int | None
    key = NameField(60, null=True, unique=True)
    """Of the form that it was given in, so that sent twice it is one."""

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Whoever may read the question."""
        return cls.select().where(cls.question.in_(Question.visible_to(person).select(Question.id)))

    def editable_by(self, person: Person) -> bool:
        """Its author, and the reviewers of the question's topic."""
        return person.is_active and (self.author_id == person.id or self.question.tended_by(person))

    def edit(
        self, *, by: Any, version: int | None = None, names_checked: bool = False, **values: Any
    ) -> dict[str, list[Any]]:
        """Change it. Raises Invalid for an empty text, and Stale."""
        if "text" in values:
            if not values["text"].strip():
                raise Invalid({"text": Phrase("Write the answer first.")})
            values["text"] = clean(values["text"])
            values["html"] = render_markdown(values["text"])
        before = self.text
        changes = super().edit(by=by, version=version, names_checked=names_checked, **values)
        if changes:
            Enclosure.note(self, self.text, by=by, before=[before])
            self.reindex()
        return changes

    def reindex(self) -> None:
        """It is found as its question."""
        self.question.reindex()

    @property
    def writer(self) -> int | None:
        return self.author_id

    def erase_from(self, cleaned: Callable[[str], str]) -> None:
        """Take personal data out of it, its events, and what people were told of it."""
        text = cleaned(self.text)
        if text != self.text:
            self.names_checked = True
            self.write(text=text, html=render_markdown(text))
        Event.erase_words(self, cleaned)
        Notice.erase_words(self, cleaned)

    def _erase_from(self, cleaned: Callable[[str], str]) -> None:
        self.erase_from(cleaned)
        self.question.reindex()

    def draft_article(self, *, by: Person) -> Article:
        """Begin an article of it, once: its author's draft, which goes the way of any. Raises Invalid where
        its author is not here to publish it.
        """
        if self.article is not None:
            return self.article
        if not self.author.is_active:
            raise Invalid(Phrase("Whoever wrote it works here no longer: write the article yourself."))
        question = self.question
        facts: dict[str, Any] = {"topics": question.topic_ids, "product": question.product_id}
        with db.atomic():
            made = Article.add(by=self.author, title=question.text, body=self.text, published=False, **facts)
            nobody_yet = (Answer.id == self.id) & Answer.article.is_null()
            if not Answer.update(article=made).where(nobody_yet).execute():
                raise Invalid(MEANWHILE)
            self.article = made
            question.track("article begun", by=by, changes={"answer": [None, self.id]})
            if by.id != self.author_id:
                told = Phrase(
                    "%(name)s began an article of your answer to “%(question)s”: look at it and publish it.",
                    name=names(by),
                    question=question.text,
                )
                Notice.tell(self.author_id, told, about=made, url=f"{made.url}/edit")
        return made

    @property
    def gist(self) -> str:
        """Its beginning, as words without marks."""
        return summary_of(self.text)

    @property
    def url(self) -> str:
        """Its place on the question's page."""
        return f"/questions/{self.question_id}#answer-{self.id}"

    @property
    def is_put_away(self) -> bool:
        return self.question.is_archived

    def _thank_or_take_back(self) -> None:
        """Thank its author and whoever else chose it first, once; or take that back. One's own choice is no
        thanks, what is held is none yet, and of one colleague's choices three in 7 days count (RULES 4.3).
        """
        gives, thanks = Setting.read("points.best_answer"), Setting.read("points.chooser")
        best = self._counted_choice()
        thanked, accepted = self._keys()
        if best is None:
            PointEntry.reverse(thanked)
            PointEntry.reverse(accepted)
            Evidence.withdraw(self, kind="best answer")
            return
        if self._is_thanked() or (self._is_beyond(best) and not best.is_released):
            return
        thanked, accepted = self._keys(times=1)
        PointEntry.award(self.author_id, gives, "best answer", subject=self, key=thanked)
        if self.question.named_asker is not None or best.chosen_by_id != self.question.asker_id:
            PointEntry.award(best.chosen_by_id, thanks, "answer accepted", subject=self, key=accepted)
        Evidence.record(self.author_id, self.question.topic_ids, "best answer", self, since=best.at)
        key = f"best answer:{self.id}"
        Notice.tell(self.author_id, self.chosen_best(best), about=self, key=key, undoable=True)

    def _counted_choice(self) -> BestAnswer | None:
        """The first that somebody else chose it by, and that is not held."""
        chosen = (BestAnswer.answer == self) & (BestAnswer.chosen_by != self.author_id)
        choices = BestAnswer.select().where(chosen).order_by(BestAnswer.id)
        return next((each for each in choices if not each.is_held), None)

    def _refile(self) -> None:
        """What it proves, it proves in the topics that its question has now, as old as the choice."""
        best, topics = self._counted_choice(), self.question.topic_ids
        if best is not None and self._is_thanked():
            Evidence.withdraw(self, kind="best answer", but=topics)
            Evidence.record(self.author_id, topics, "best answer", self, since=best.at)

    def chosen_best(self, best: BestAnswer) -> Phrase:
        """What its author is told."""
        if self.question._named(best.chosen_by_id) is None:
            return Phrase(
                "Your answer to “%(question)s” was chosen as the best.", question=self.question.text
            )
        return Phrase(
            "%(name)s chose your answer to “%(question)s” as the best.",
            name=names(best.chosen_by),
            question=self.question.text,
        )

    def _is_beyond(self, best: BestAnswer) -> bool:
        """Whether who chose it chose three others of its author in the last days already."""
        recent = (BestAnswer.at > clock.now() - timedelta(days=Setting.read("votes.days"))) & (
            BestAnswer.answer != self
        )
        others = BestAnswer.between(best.giver, self.author_id).where(recent)
        return bool(len({each.answer_id for each in others}) >= Setting.read("votes.words"))

    def _entries(self) -> ModelSelect[PointEntry]:
        mine = (PointEntry.subject_kind == self.kind()) & (PointEntry.subject == self.id)
        return PointEntry.select().where(mine & (PointEntry.reason == "best answer"))

    def _is_thanked(self) -> bool:
        return self._entries().count() % 2 == 1

    def _keys(self, *, times: int = 0) -> tuple[str, str]:
        number = self._entries().where(PointEntry.reverses.is_null()).count() + times
        return f"best answer:{self.id}:{number}", f"answer accepted:{self.id}:{number}"


class BestAnswer(Vote):
    """The best answer to a question for one customer type, or for everyone."""

    sort = Phrase("Best answer")

    question = ForeignKeyField(Question, on_delete="CASCADE")
    question_id: int
    customer_type = ForeignKeyField(CustomerType, null=True, on_delete="CASCADE")
    customer_type_id: int | None
    scope = CharField(40, default="")
    """`type-3`, or empty for everyone: makes the unique key."""
    answer = ForeignKeyField(Answer, on_delete="CASCADE")
    answer_id: int
    chosen_by = ForeignKeyField(Person, on_delete="RESTRICT")
    chosen_by_id: int
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("question", "scope"), True),)

    @property
    def giver(self) -> int:
        return self.chosen_by_id

    @property
    def receiver(self) -> int:
        return self.answer.author_id

    @classmethod
    def sides(cls) -> tuple[ModelSelect[Self], Any, Any]:
        return cls.select().join(Answer), cls.chosen_by, Answer.author

    @classmethod
    def whole(cls) -> ModelSelect[Self]:
        return cls.select(cls, Answer).join(Answer)

    @property
    def is_unnamed(self) -> bool:
        """It is the choice of an asker who stays unnamed."""
        question = self.answer.question
        return bool(question.is_anonymous and self.chosen_by_id == question.asker_id)

    def says_the_same(self, other: Vote) -> bool:
        """The same answer for another customer type is one vote."""
        return isinstance(other, BestAnswer) and other.answer_id == self.answer_id

    def credit(self) -> None:
        self.answer._thank_or_take_back()


def answer_counts(questions: Iterable[Question]) -> dict[int, int]:
    """How many answers each question has, by its id."""
    rows: Any = (
        Answer.select(Answer.question, fn.COUNT(Answer.id))
        .where(Answer.question.in_([question.id for question in questions]))
        .group_by(Answer.question)
        .tuples()
    )
    return dict(rows)


def _same_scope(act: Event, later: Event) -> bool:
    """Whether both say which answer is the best for the same customers."""
    return bool(act.changes.get("for") == later.changes.get("for"))


def _was_tended(question: Question, event: Event, by: Person) -> bool:
    """Whether they might file it then: having put it under a topic of others is no reason against."""
    before = Question(**{**question.__data__, "topic": event.changes["topic"][0]})
    return before.editable_by(by)


@undoes(Question, "topic set", right=_was_tended)
def under_the_topic_before(question: Question, event: Event, by: Person) -> None:
    """Back to where it belonged before; those who look after the other topic need not answer it."""
    before, topic = event.changes["topic"]
    if question.topic_id != topic:
        raise Invalid(MEANWHILE)
    further = event.changes.get("further_topics", [question.further_ids])[0]
    question._set_further([each for each in further if each != before] if before is not None else [])
    question.write(topic=Topic.get_by_id(before) if before is not None else None)
    question._refile_best()


@undoes(Question, "best chosen", ends=["best taken back"], right="choosable_by", same=_same_scope)
def choose_as_before(question: Question, event: Event, by: Person) -> None:
    """The best answer is what it was before, if there was one; thanks and points go back."""
    (before, chosen), scope = event.changes["answer"], event.changes["for"][1]
    held = question.best_in(scope)
    if held is None or held.answer_id != chosen or held.chosen_by_id != by.id:
        raise Invalid(MEANWHILE)
    earlier = Event.about(question).where((Event.id < event.id) & (Event.verb == "best chosen"))
    mine = (each for each in earlier if each.changes["answer"][1] == before and _same_scope(event, each))
    act = next(mine, None)
    if before is not None and act is None:
        raise Invalid(Phrase("The answer before came with an import: choose it as the best again."))
    told = held.answer.chosen_best(held)
    question.unchoose(held)
    Notice.take_back(held.answer, told, since=event.at, by=by)
    if act is not None:
        question.choose_as_in(act)


@hinders(Question, "best chosen")
def looked_at(question: Question, event: Event) -> Phrase | None:
    """What somebody let count, or dropped, is not said anew."""
    held = question.best_in(event.changes["for"][1])
    return held.decided if held is not None and held.chosen_by_id == event.actor else None


INSTEAD[Question.kind(), "best taken back"] = Phrase("Choose the best answer once more.")
