"""What colleagues are like to work with: said of others, taken back, hidden by whom it is about."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.company.settings import Setting
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.soft_traits import HiddenTrait, SoftTrait, SoftWord, known_as, words_of
from portal.models.people.people import Person
from portal.views.base.tabs import Facts
from portal.web import Request, find, go, permit, render, view


@view
def show(request: Request, id: int) -> Response:
    person = find(Person.visible_to(request.user), id)
    template = (
        "knowledge/people/_soft_traits.html"
        if request.wants_fragment
        else "knowledge/people/soft_traits.html"
    )
    return render(request, template, person=person, **_said_of(person, request.user))


def _said_of(person: Person, viewer: Person) -> Facts:
    own, may_say = person.id == viewer.id, Endorsement.may_give(viewer, person)
    given, to_give = words_of(viewer, person) if may_say else ([], [])
    return {
        "own": own,
        "words_needed": Setting.read("traits.words"),
        "known_as": known_as([person.id]).get(person.id, []),
        "hidden_traits": known_as([person.id], hidden=True).get(person.id, []) if own else [],
        "words_given": given,
        "words_to_give": to_give,
    }


def _asked(request: Request) -> Any:
    return find(SoftTrait.visible_to(request.user), number_of(str(request.form.get("trait", ""))))


@view
def say(request: Request, id: int) -> Response:
    person = find(Person.visible_to(request.user), id)
    permit(Endorsement.may_give(request.user, person))
    SoftWord.give(by=request.user, person=person, trait=_asked(request))
    needed = Setting.read("traits.words")
    return go(
        request, person.url, note=Phrase("Said. It shows once %(count)s colleagues say so.", count=needed)
    )


@view
def take_back(request: Request, id: int) -> Response:
    person = find(Person.visible_to(request.user), id)
    permit(Endorsement.may_give(request.user, person))
    SoftWord.take_back(by=request.user, person=person, trait=_asked(request))
    return go(request, person.url)


@view
def hide(request: Request, id: int) -> Response:
    person, trait = find(Person.visible_to(request.user), id), _asked(request)
    permit(person.id == request.user.id)
    if request.form.get("answer") == "show":
        HiddenTrait.show(trait, by=request.user)
    else:
        HiddenTrait.hide(trait, by=request.user)
    return go(request, person.url)
