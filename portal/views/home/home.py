"""My day: what needs me, and where I stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.base.undoing import just_done
from portal.models.commission.reckoning import reckon_one
from portal.models.home.my_day import MyDay, folds, unfolded
from portal.models.home.setting_up import is_due
from portal.models.learning.paths import Path
from portal.models.people.needs import Need, needs, settled
from portal.models.people.notices import Notice
from portal.shell import count_anew
from portal.views.home.answers import InPlace, answers_to
from portal.views.home.deciding import facts_of
from portal.web import (
    Request,
    ask_to_confirm,
    find,
    go,
    local_path,
    may_go_on,
    opens,
    permit,
    refresh,
    render,
    view,
)


@view
def home(request: Request) -> Response:
    day = MyDay.of(request.user)
    count_anew(request.user, len(day.needs))  # the bell says what the list shows, and asks nothing again
    path = Path.running(request.user)
    return render(request, "home/home.html", day=day, set_up=is_due(request.user), path=path)


@view
def month_so_far(request: Request) -> Response:
    day = MyDay.of(request.user)
    return render(
        request, "home/_month_so_far.html", reckoning=reckon_one(request.user, day.month), merit=day.merit
    )


@view
def needs_me(request: Request) -> Response:
    notices = Notice.current_of(request.user).limit(50)
    return render(request, "home/needs_me.html", notices=list(notices), **_waiting(request))


def _waiting(request: Request) -> dict[str, Any]:
    """What waits, with the number that the bell says: it is the list's."""
    found = needs(request.user)
    count_anew(request.user, len(found))
    facts = {"answers": answers_to(found, request.user), "facts": facts_of(found)}
    folded = folds(found)
    return {"needs": unfolded(found, folded), "needs_me": len(found), "folds": folded, **facts}


@view
def answer(request: Request, id: int) -> Response:
    """Where it stands. What somebody else settled meanwhile is gone from the list, and it is said so."""
    waiting = {need.id: need for need in needs(request.user)}
    chosen = str(request.form.get("answer", ""))
    given = {each.name: each for each in answers_to(waiting.values(), request.user).get(id, ())}
    if id not in waiting:
        find(settled(request.user), id)
        return _answered(request, Phrase("This is settled already."))
    permit(chosen in given, otherwise=422)
    if given[chosen].confirmed and not may_go_on(request):
        return ask_to_confirm(request)
    if wrong := _give(request, given[chosen], waiting[id]):
        return _refused(request, id, chosen, *wrong)
    return _answered(request, given[chosen].said, list(waiting)[list(waiting).index(id) + 1 :])


def _give(request: Request, chosen: InPlace, need: Need) -> tuple[str, str] | None:
    """What is wrong with it, if anything: in which field, and the words."""
    text, amount = (str(request.form.get(name, "")) for name in ("text", "amount"))
    try:
        with db.atomic():
            chosen.give(need, by=request.user, text=text, amount=amount)
    except Invalid as invalid:
        return next(iter(invalid.errors.items()))
    return None


def _answered(request: Request, said: Phrase, following: Sequence[int] = ()) -> Response:
    """The list as it is now, on what follows: the first that still waits of those ids, else the last. Beside
    what was done stands how to undo it.
    """
    if request.wants_fragment:
        facts = _waiting(request)
        ids = [need.id for need in (*facts["needs"], *(one for fold in facts["folds"] for one in fold.needs))]
        following = [ident for ident in following if ident in ids] or ids[-1:]
        facts |= {"said": said, "act": just_done(request.user), "next_up": following[:1]}
        return render(request, "home/_needs.html", **facts)
    return go(request, "/needs-me", note=said)


def _refused(request: Request, id: int, chosen: str, field: str, problem: str) -> Response:
    """The list with what was typed."""
    typed, sum_typed = (str(request.form.get(name, "")) for name in ("text", "amount"))
    facts = {"problem": problem, "refused": id, "chosen": chosen, "typed": typed, "sum_typed": sum_typed}
    facts["sum_is_wrong"] = field == "amount"
    page = "home/_needs.html" if request.wants_fragment else "home/needs_me.html"
    notices = Notice.current_of(request.user).limit(50)
    return render(request, page, status=422, notices=list(notices), **facts, **_waiting(request))


@view
def read_notice(request: Request, id: int) -> Response:
    """What it leads to, or what became of that: no notice leads to a page that does not open."""
    notice = find(Notice.of(request.user), id)
    notice.read()
    to = local_path(notice.url, "/needs-me") if request.form.get("open") else "/needs-me"
    if not opens(request, to):
        request.note(notice.what_became(), "warning")
        return go(request, "/needs-me")
    return refresh(request, "home/_notice.html", to=to, notice=notice.fresh())


@view
def read_all_notices(request: Request) -> Response:
    Notice.read_all(request.user)
    return go(request, "/needs-me")
