"""How what stands under a topic is approved before it is read: by whom, in how many steps.

A topic without a rule of its own has that of the nearest topic above it. An article under several topics
follows the strictest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, ModelSelect

from portal import i18n
from portal.i18n import Phrase, names
from portal.models.base.database import db, remembered
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Invalid
from portal.models.company.topics import Topic
from portal.models.knowledge.words import TOPIC_RULE, WAYS
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, active_with, reviewers_of
from portal.models.work.clocks import Clock

STEPS = {"none": (), "expert": ("expert",), "two": ("expert", "owner")}
"""Who approves one after the other: a reviewer of the topic, whom the topic belongs to."""
TOPIC_OWNER = "topic owner"
"""The step of what waits for whom a topic belongs to, once it belongs to someone else."""
STRICTNESS = {"none": 0, "expert": 1, "two": 2}


class TopicRule(Editable):
    """How the articles under a topic, and under those below it, are approved."""

    called = TOPIC_RULE

    topic = ForeignKeyField(Topic, on_delete="CASCADE", unique=True)
    topic_id: int
    way = CharField(10, default="none", verbose_name=Phrase("How its articles are approved"))
    """A key of STEPS."""
    owner = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", backref="topics_owned", verbose_name=Phrase("Topic owner")
    )
    owner_id: int | None
    deputy = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", backref="topics_deputed", verbose_name=Phrase("Deputy")
    )
    deputy_id: int | None
    chosen_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="topic_rules_chosen")
    """Who named owner and deputy: they are no second person for what that one writes."""
    chosen_by_id: int | None

    class Meta:
        constraints = [
            Check("way IN ('none', 'expert', 'two')"),
            Check("way <> 'two' OR owner_id IS NOT NULL"),
            Check("deputy_id IS NULL OR deputy_id <> owner_id"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Everyone reads how a topic's articles are approved."""
        return cls.select()

    @property
    def url(self) -> str:
        return f"/topics/{self.topic_id}"

    @property
    def name(self) -> str:
        return str(self.topic.name)

    # -------------------------------------------------------------- which rule holds

    @classmethod
    def every(cls) -> dict[int, TopicRule]:
        """All rules by topic: few, and asked for at most once in a transaction."""
        return remembered(_RULES, lambda: {rule.topic_id: rule for rule in _RULES()}, table="topic_rule")

    @classmethod
    def of(cls, topic: int) -> TopicRule | None:
        """The topic's own, or of the nearest above it; None where nobody chose one."""
        rules, seen, here = cls.every(), set[int](), topic
        if not rules:
            return None
        parents = Topic.parents()
        while here not in rules:
            seen.add(here)
            above = parents.get(here)
            if above is None or above in seen:
                return None
            here = above
        return rules[here]

    @classmethod
    def demanding(cls, topics: Iterable[int]) -> frozenset[int]:
        """Those of the topics whose articles are approved."""
        found = ((topic, cls.of(topic)) for topic in topics)
        return frozenset(topic for topic, rule in found if rule is not None and STEPS[rule.way])

    @classmethod
    def strictest(cls, topics: Iterable[int], leaving: Iterable[int] = ()) -> tuple[int, TopicRule] | None:
        """The topic whose experts approve what stands under all of these, with the rule; None for none. What
        is `leaving` topics is approved by theirs only where that is stricter.
        """
        stays = set(topics)
        demanding = sorted(cls.demanding({*stays, *leaving}))
        rules = {topic: cls.of(topic) for topic in demanding}
        found = [(topic, rule) for topic, rule in rules.items() if rule is not None]
        order = {topic: (STRICTNESS[rule.way], topic in stays, -topic) for topic, rule in found}
        return max(found, key=lambda each: order[each[0]], default=None)

    @property
    def steps(self) -> tuple[str, ...]:
        """Who approves, one after the other."""
        return STEPS[self.way]

    @property
    def way_words(self) -> Phrase:
        return WAYS[self.way]

    # -------------------------------------------------------------- its life

    @classmethod
    def choose(
        cls,
        topic: Topic,
        *,
        by: Person | None,
        way: str,
        owner: Person | None = None,
        deputy: Person | None = None,
        version: int | None = None,
    ) -> TopicRule:
        """Say how the articles of a topic are approved from now on. The same again is harmless.

        What waits for approval already is answered by those whom it was asked of. Raises Invalid and Stale.
        """
        if faults := cls._faults_of(way, owner, deputy):
            raise Invalid(faults)
        facts: dict[str, Any] = {"way": way, "owner": owner, "deputy": deputy}
        with db.atomic():
            held = cls.get_or_none(cls.topic == topic)
            named_before = [held.owner, held.deputy] if held is not None else []
            if held is None:
                held = cls.create(topic=topic, chosen_by=by, **facts)
                held.track("chosen", by=by, changes={"way": ["none", way]})
            else:
                named, before = held.changed_fields({"owner": owner, "deputy": deputy}), held.way
                held.edit(by=by, version=version, **facts)
                if named:
                    held.write(chosen_by=by)
                if STRICTNESS[way] < STRICTNESS[before]:
                    held._tell_weakened(by)
            if named_before != [owner, deputy]:
                below = [f"topic-{each}" for each in sorted(Topic.with_descendants([topic.id]))]
                for who in [*(str(one) for one in named_before if one is not None), *below]:
                    Clock.hasten(who, TOPIC_OWNER)
        return held

    def _tell_weakened(self, by: Person | None) -> None:
        """Fewer people look at what stands under it now: that is told, before anyone makes use of it."""
        told = Phrase(
            "Less approval is asked for from now on: %(topic)s (%(way)s)",
            topic=names(self.topic),
            way={locale: i18n.said(locale, self.way_words.msgid) for locale in i18n.LOCALES},
        )
        watching = active_with(Role.AUDITOR, Role.MANAGER, Role.ADMINISTRATOR)
        for person in {one.id: one for one in (*watching, *reviewers_of([self.topic_id]))}.values():
            if by is None or person.id != by.id:
                Notice.tell(person, told, about=self)

    @staticmethod
    def _faults_of(way: str, owner: Person | None, deputy: Person | None) -> dict[str, Phrase]:
        found: dict[str, Phrase] = {}
        if way == "two" and owner is None:
            found["owner"] = Phrase("Say whom the topic belongs to: that person approves second.")
        if deputy is not None and owner is None:
            found["deputy"] = Phrase("A deputy stands in for an owner: name one.")
        if owner is not None and deputy is not None and owner.id == deputy.id:
            found["deputy"] = Phrase("Someone else stands in for the owner.")
        for name, one in (("owner", owner), ("deputy", deputy)):
            if one is not None and one.is_auditor:
                found[name] = Phrase("Choose someone who works here and does not audit.")
        return found


_RULES = Prepared[TopicRule](TopicRule.select, names=())
