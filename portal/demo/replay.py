"""Plays the story: every act at its own moment, by a clock that shows it, with the models' own verbs.

An act names a verb (`do`) and its facts: `with` those that the entry says, `stage=begins` when it says them
under another name. `at` is the moment, or the field that says it: without one it does not happen. `each`
plays the act for each of a list, `only` where the entry says this (`true`: anything), `of` is the record
whose verb it is, when not the entry's own. In a fact, `$owner` is what the entry says (a record, when it
names an entry), `$it` the one of the list, `$this` the entry's own record, `$position` the entry's place.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from portal import clock, i18n
from portal.demo import learner, outside
from portal.demo.story import DAYS, Group, Mistake, Moment, StoryEntry, StoryField
from portal.migrations import models
from portal.models.base.record import Record
from portal.models.commission import back_tests, closing
from portal.models.experiences import panels, process
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.learning import certificates, exams
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.sales import closings

PROCESSES: tuple[Any, ...] = (
    back_tests,
    certificates,
    closing,
    closings,
    exams,
    learner,
    outside,
    panels,
    process,
)
NOUNS: dict[str, Any] = {noun.__name__.rpartition(".")[2]: noun for noun in (*models(), *PROCESSES)}
"""Whose verbs an act may name."""
CHANGED_BY_OTHERS = (Article, Exam, ExamQuestion, Experience)
"""Whom the verbs of other nouns change: read anew where another entry names one."""
FIRST = Moment(-12, 1, 9)
"""When the company began to use the portal: who was there before is taken in then."""
LAST = Moment(2, DAYS, 19, 50)
"""The story ends here: what would come later is told as the last thing that happened."""
FACT = re.compile(r"\$(\w+(?:\.\w+)*)")


@cache
def verb(named: str) -> tuple[Any, Callable[..., Any], dict[str, bool]]:
    """Noun, verb, and which facts are needed, of a name like `Deal.move`. Raises KeyError, AttributeError."""
    noun_name, _, name = named.partition(".")
    noun = NOUNS[noun_name]
    call = getattr(noun, name)
    facts = inspect.signature(call).parameters.items()
    return noun, call, {fact: given.default is given.empty for fact, given in facts}


@dataclass(frozen=True)
class Scene:
    """One act of one entry, and of one in its list if the act is for each of them."""

    act: Mapping[str, Any]
    entry: StoryEntry
    position: int
    one: StoryEntry | None

    def holder(self, name: str) -> StoryEntry | None:
        """Who says something under a name: the one of the list, else the entry."""
        return next((each for each in (self.one, self.entry) if each and name in each.fields), None)

    def says(self, name: str) -> Any:
        """What is said under a name, as it is written. Raises Mistake when nobody could say it."""
        if (holder := self.holder(name)) is None:
            raise Mistake(f"{self.entry.place}: nobody says {name}")
        return getattr(holder, name)

    @property
    def moment(self) -> Moment | None:
        """When it happens; None when it does not."""
        for name, wanted in self.act.get("only", {}).items():
            if not (self.says(name) if wanted is True else self.says(name) in wanted):
                return None
        at = self.act["at"]
        moment = self.says(at) if isinstance(at, str) else Moment(*at)
        return moment and min(max(moment, FIRST), LAST)


class Replay:
    """One telling of the story at `now`; `given` are facts that no chapter knows."""

    def __init__(self, story: Mapping[str, Group], now: datetime, **given: Any) -> None:
        self.story, self.now, self.given = story, now, given
        self.records: dict[StoryEntry | None, Record] = {}

    def play(self) -> None:
        """Let everything happen, in its order; of the same moment, what was said first happens first."""
        timed = [(scene.moment, scene) for scene in self._scenes()]
        scenes = [(moment, number, scene) for number, (moment, scene) in enumerate(timed) if moment]
        with i18n.speaking("zh"):
            for moment, _, scene in sorted(scenes, key=lambda each: each[:2]):
                with clock.moved(moment.at(self.now, clock.zone())):
                    try:
                        self._perform(scene)
                    except Exception as error:
                        error.add_note(f"{scene.entry.place}: {scene.act['do']}")
                        raise

    def _scenes(self) -> Iterator[Scene]:
        for group in self.story.values():
            for position, entry in enumerate(group.entries):
                for act in group.acts:
                    for one in self._each(act.get("each"), entry):
                        yield Scene(act, entry, position, one)

    @staticmethod
    def _each(name: str | None, entry: StoryEntry) -> Iterator[StoryEntry | None]:
        if name is None:
            yield None
            return
        it = replace(entry.fields[name], name="it", many=False)
        for one in getattr(entry, name):
            yield one if isinstance(one, StoryEntry) else StoryEntry(entry.place, {"it": it}, {"it": one})

    def _perform(self, scene: Scene) -> None:
        rest = {"at", "do", "each", "only", "of", "with"}
        words = (word.partition("=") for word in scene.act.get("with", "").split())
        facts = {name: f"${field or name}" for name, _, field in words}
        facts |= {name: fact for name, fact in scene.act.items() if name not in rest}
        made = self._call(scene.act["do"], facts, scene, scene.act.get("of", "$this"))
        if isinstance(made, Record):
            self.records.setdefault(scene.one or scene.entry, made)

    def _call(self, named: str, facts: Mapping[str, Any], scene: Scene, of: Any = None) -> Any:
        try:
            noun, call, known = verb(named)
        except (KeyError, AttributeError):
            raise Mistake(f"{scene.entry.place}: no verb is called {named}") from None
        # Python refuses what a verb does not know, but not for verbs that take any field of their noun.
        if unknown := [name for name in facts if name not in known and not hasattr(noun, name)]:
            raise Mistake(f"{scene.entry.place}: {named} knows no {', '.join(unknown)}")
        values = {name: self._fact(fact, scene) for name, fact in facts.items()}
        values = {name: value for name, value in values.items() if value is not None or known.get(name)}
        return call(*([self._fact(of, scene)] if "self" in known else []), **values)

    def _fact(self, fact: Any, scene: Scene) -> Any:
        match fact:
            case str() if whole := FACT.fullmatch(fact):
                return self._said(whole[1], scene)
            case str():
                return FACT.sub(lambda named: str(self._said(named[1], scene)), fact)
            case {"do": named, **facts}:
                return self._call(named, {str(name): each for name, each in facts.items()}, scene)
            case {"after": day, "days": days}:
                return self._fact(day, scene) + timedelta(days)
            case dict():
                return {name: self._fact(each, scene) for name, each in fact.items()}
        return fact

    def _said(self, path: str, scene: Scene) -> Any:
        name, *parts = path.split(".")
        if holder := scene.holder(name):
            value = self._known(holder.fields[name], getattr(holder, name), scene)
        else:
            given = self.given | {"this": self.records.get(scene.entry), "position": scene.position}
            value = given[name] if name in given else scene.says(name)
        for part in parts:
            value = value[int(part)] if part.isdigit() else getattr(value, part)
        return value

    def _known(self, field: StoryField, said: Any, scene: Scene) -> Any:
        """What a field says: the record for a key, the day of a moment."""
        if field.many:
            return [self._known(replace(field, many=False), each, scene) for each in said]
        if said is None or not field.of:
            return said
        match field.of:
            case "Moment":
                return clock.local(said.at(self.now, clock.zone())).date()
            case "Month":  # 2 is the current one
                return clock.Month.of(self.now).plus(said - 2)
            case "Day":  # so many days from now
                return clock.local(self.now).date() + timedelta(said)
        if isinstance(said, int):  # the place in a list of the entry itself
            return self.records[getattr(scene.entry, field.of)[said]]
        named = self.story[field.of].by_key.get(said) if field.of in self.story else None
        if named not in self.records:
            raise Mistake(f"{scene.entry.place}: {field.name} = {said!r} is not there among the {field.of}")
        record = self.records[named]
        return record.fresh() if isinstance(record, CHANGED_BY_OTHERS) else record
