"""What each post needs at each stage of a deal: the list, its upkeep, and the gap that is put to experts."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from portal import i18n
from portal.forms.learning.post_needs import PostNeedForm
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.learning.post_needs import PostNeed
from portal.models.people.people import Person
from portal.models.sales.deals import OPEN_STAGES
from portal.models.sales.words import Stage
from portal.views.base.archiving import archiving
from portal.views.base.tabs import Facts
from portal.web import Request, find, form_page, go, local_path, permit, render, view


def needs_at(stage: str, person: Person) -> Facts:
    """What stands beside a deal in a stage: what the post of who looks needs there."""
    found = PostNeed.of(person.title, stage) if person.title and stage in OPEN_STAGES else []
    return {"post_needs": found}


@view
def index(request: Request) -> Response:
    posts = PostNeed.posts(listed=True)
    asked, first = request.query.get("post", request.user.title), next(iter(posts), None)
    post = next((each.name for each in posts if each.name == asked), first.name if first else asked)
    needs, away = PostNeed.of(post), PostNeed.of(post, archived=True)
    stages = [(Stage.of(stage), [each for each in needs if each.stage == stage]) for stage in OPEN_STAGES]
    kept = [topic.id for topic in PostNeed.topics_kept_by(request.user)]
    jobs = [
        (i18n.label(each), f"/post-needs?post={quote(each.name)}", None, each.name == post) for each in posts
    ]
    mine_lacks = bool(posts and asked) and asked == request.user.title != post
    facts: Facts = {"jobs": jobs, "post": post, "kept": kept, "away": away, "mine_lacks": mine_lacks}
    return render(request, "learning/post_needs/index.html", stages=stages, **facts)


@view
def create(request: Request) -> Response:
    permit(bool(PostNeed.topics_kept_by(request.user)))
    begun = {name: request.query.get(name, "") for name in ("post", "stage")}
    form = PostNeedForm(request.form, data=begun).offering(request.user)
    if form.accepts(PostNeed.add, by=request.user):
        return go(request, form.result.url, note=Phrase("Written down."))
    return form_page(request, "learning/post_needs/edit.html", form, need=None)


@view
def edit(request: Request, id: int) -> Response:
    need = find(PostNeed.whole(PostNeed.visible_to(request.user)), id)
    form = PostNeedForm(request.form, obj=need).offering(request.user, need)
    permit(form.keeps(need))
    if form.accepts(need.change, by=request.user):
        return go(request, need.url, note=Phrase("Saved."))
    return form_page(request, "learning/post_needs/edit.html", form, need=need)


archive, restore = archiving(PostNeed)


@view
def ask(request: Request, id: int) -> Response:
    need = find(PostNeed.visible_to(request.user), id)
    permit(PostNeed.askable_by(request.user))
    try:
        need.ask(by=request.user)
        request.note(Phrase("Experts are asked. You are told as soon as someone answers."))
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, local_path(str(request.form.get("next", "")), need.url))
