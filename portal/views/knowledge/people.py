"""The yellow pages: who is here, who knows what, and why we believe it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import clock
from portal.forms.knowledge.people import EndorsementForm, OwnPageForm
from portal.i18n import Phrase
from portal.models.base.listing import Listing, number_of
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.own_topics import OwnTopic, Sort
from portal.models.knowledge import yellow_pages
from portal.models.knowledge.badges import Badge
from portal.models.knowledge.precedence import Precedence, parts_of
from portal.models.knowledge.strength import History
from portal.models.knowledge.yellow_pages import (
    entries,
    known_for,
    marks,
    proofs,
    thanks,
    who_knows,
    with_place,
    written_by,
)
from portal.models.people.absences import Absence
from portal.models.people.people import Person
from portal.models.people.words import LANGUAGES
from portal.search import searcher
from portal.search.who import about, asks_of_alone
from portal.views.base.filters import Links, only_chosen
from portal.views.base.lists import Column, ListPage
from portal.views.base.undoing import acts_on
from portal.views.knowledge.sparks import Spark
from portal.views.people.roster import ROSTER
from portal.web import Request, find, form_page, go, permit, render, view

ARTICLES, CHARTED = 12, 5
"""So many articles are shown, and of so many topics how strong somebody was."""


class PeopleList(ListPage[Person]):
    """Who is here; asked for a topic, who knows it best.

    No rows are chosen: nothing is done to many colleagues at once. They are invited together where the
    accounts are kept, and whoever leaves is seen off one by one, with what they hold.
    """

    noun, template, size = Person, "knowledge/people/index.html", 30
    title = Phrase("People")
    subtitle = Phrase("Who is here and who knows what, with the evidence.")
    search = Phrase("Name, pinyin or job")
    sorts = {"name": Person.sort_name}
    filters = (
        Links(
            name="department",
            label=Phrase("Department"),
            every=Phrase("All departments"),
            counted=False,
            offers=lambda me, chosen: Department.select().order_by(Department.id),
            about=lambda chosen: Person.department.in_(list(Department.with_descendants([chosen]))),
        ),
        Links(name="topic", offers=only_chosen(Topic), about=lambda topic: None, passing=True),
    )

    columns = (
        Phrase("Full name"),
        Phrase("Department"),
        Phrase("Knows"),
        Column(Phrase("Expertise"), align="end"),
    )

    exports = ROSTER

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """Who keeps the people takes them out, and who leads some takes these: nobody else has a use for a
        file of colleagues (RULES 4.10).
        """
        return person.is_administrator or (person.is_manager and not person.is_auditor)

    def taken(self, query: ModelSelect[Person]) -> ModelSelect[Person]:
        """Of a manager their own people; asked for a topic, who knows it."""
        among: list[Any] = [Person.id.in_([each.id for each, _ in self.ranked])] if self.topic else []
        if not self.person.is_administrator:
            among.append(Person.id.in_(sorted(self.person.team)))
        return Person.with_place(query.where(*among) if among else query)

    @property
    def heads(self) -> list[Column]:
        return super().heads if self.topic else super().heads[:-1]

    def everything(self) -> ModelSelect[Person]:
        return entries()

    def matching(self, text: str) -> Any:
        """A question for people is about what they know: 谁懂贷款 finds those known for 贷款."""
        return Person.id.is_null(False) if self.asked_for else super().matching(about(text))

    @cached_property
    def subjects(self) -> dict[int, Topic]:
        """All topics by id."""
        return Topic.every()

    @property
    def topic(self) -> Topic | None:
        """The topic asked for, which ranks the list."""
        return self.subjects.get(number_of(self.state["topic"])) or self.asked_for

    @cached_property
    def asked_for(self) -> Topic | None:
        """The topic for which a question in the box asks, and for nothing else, where somebody knows it."""
        for topic in searcher.here().asked_about(self.state.q, self.subjects):
            if asks_of_alone((topic.name, topic.name_en), self.state.q):
                return topic if who_knows(topic, entries(), self.subjects, size=1) else None
        return None

    @cached_property
    def ranked(self) -> list[tuple[Person, Precedence]]:
        """Who knows the topic, best first, with what each is ordered by."""
        if self.topic is None:
            return []
        known = who_knows(self.topic, self.query(), self.subjects)
        ranked = [(person, Precedence.of(parts_of(one))) for person, one in known]
        return sorted(ranked, key=lambda each: -each[1].proved)

    @cached_property
    def found(self) -> Listing[Person]:
        if self.topic:
            return Listing([person for person, _ in self.ranked], "", "expertise")
        return super().found


@view
def index(request: Request) -> Response:
    people = PeopleList(request)
    text = people.state.q
    return people.page(
        query_text=text,
        asks_for_all=bool(text) and request.http.app.state.search.named(text).asks_for_all,
        topic=people.topic,
        ranked={person.id: precedence for person, precedence in people.ranked},
        known=known_for(people.rows, people.subjects),
        topics=[each for each in people.subjects.values() if each.archived_at is None],
    )


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return PeopleList(request, path="/people").sheet()


@view
def show(request: Request, id: int) -> Response:
    person = find(with_place(Person.visible_to(request.user)), id)
    return render(request, "knowledge/people/show.html", **_page(request, person))


def _page(request: Request, person: Person) -> dict[str, Any]:
    topics = Topic.every()
    own, sees = person.id == request.user.id, OwnTopic.may_see_hidden(request.user, person)
    marked, history, now = marks(person, request.user), History(person), clock.now()
    said = {sort: {each: topics[each] for each in ids} for sort, ids in marked.said.items()}
    hidden = said[Sort.HIDDEN]
    told = {sort: [topic for each, topic in said[sort].items() if own or each not in hidden] for sort in said}
    shown = [(topics[one.topic_id], one) for one in history.known(now, but=hidden) if one.pieces]
    months, strength = history.strength([topic.id for topic, _ in shown[:CHARTED]], but=hidden)
    may_note = person.is_active and Absence.may_note(request.user, person)
    form = EndorsementForm(request.form)
    form.topic.offer(topic for topic in topics.values() if topic.archived_at is None)
    written = written_by(person, ARTICLES)
    return {
        "person": person,
        "acts": acts_on(request, person) if marked.acted else [],
        "absences": marked.absences,
        "may_note": may_note,
        "known": shown,
        "hidden": list(hidden.values()) if sees else [],
        "months": months,
        "lines": [Spark.of(topics[topic], scores) for topic, scores in strength.items()],
        "wanted": told[Sort.WANTED],
        "declared": told[Sort.DECLARED],
        "languages": [LANGUAGES[code] for code in person.spoken if code in LANGUAGES],
        "proofs": proofs(shown),
        "thanks": thanks(written, shown),
        "badges": Badge.best(marked.badges),
        "articles": written,
        "given": [topic for topic in topics.values() if topic.id in marked.given],
        "form": form,
        "own": own,
        "may_endorse": Endorsement.may_give(request.user, person),
    }


@view
def endorse(request: Request, id: int) -> Response:
    person = find(Person.visible_to(request.user), id)
    permit(Endorsement.may_give(request.user, person))
    form = EndorsementForm(request.form).offering(request.user)
    if form.accept(Endorsement.give, by=request.user, person=person, topic=form.topic.data):
        return go(request, person.url)
    return render(
        request,
        "knowledge/people/show.html",
        status=form.status,
        **_page(request, person) | {"form": form},
    )


@view
def take_back(request: Request, id: int) -> Response:
    person = find(Person.visible_to(request.user), id)
    topic = find(Topic.select(), number_of(str(request.form.get("topic"))))
    Endorsement.take_back(by=request.user, person=person, topic=topic)
    return go(request, person.url)


@view
def say(request: Request, id: int) -> Response:
    person = find(Person.visible_to(request.user), id)
    permit(person.id == request.user.id)
    said, topics = OwnTopic.of(person), Topic.every()
    form = OwnPageForm.of(
        person, request.form, {sort: [topics[each] for each in said[sort]] for sort in said}
    )
    if form.accepts(yellow_pages.say, person):
        return go(request, person.url, note=Phrase("Saved."))
    return form_page(request, "knowledge/people/edit.html", form, person=person)


@view
def hide(request: Request, id: int) -> Response:
    permit(id == request.user.id)
    OwnTopic.hide(find(Topic.select(), number_of(str(request.form.get("topic")))), by=request.user)
    return go(request, request.user.url)


@view
def unhide(request: Request, id: int) -> Response:
    permit(id == request.user.id)
    OwnTopic.show(find(Topic.select(), number_of(str(request.form.get("topic")))), by=request.user)
    return go(request, request.user.url)
