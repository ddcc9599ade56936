"""Commission policies: drafted, proposed, compared, approved by a second person."""

from __future__ import annotations

from starlette.responses import Response

from portal import clock
from portal.clock import Month
from portal.forms.commission.commission import ApprovalForm, PolicyForm, SendBackForm
from portal.i18n import Phrase
from portal.models.commission.back_tests import BackTest, back_test
from portal.models.commission.policies import Policy, PolicyApproval
from portal.models.commission.readers import acknowledge as acknowledge_reading
from portal.models.commission.readers import approve as approve_and_tell
from portal.models.commission.readers import readers_of, unread
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.web import Request, find, form_page, go, named, permit, render, view

UNREAD = 20
"""So many of those who have not read a version are named."""


@view
def index(request: Request) -> Response:
    policies = Policy.visible_to(request.user).order_by(Policy.effective_from.desc(), Policy.id.desc())
    return render(request, "commission/policies/index.html", policies=list(policies.limit(100)))


@view
def show(request: Request, id: int) -> Response:
    return _page(request, find(Policy.visible_to(request.user), id))


def _page(
    request: Request, policy: Policy, approval: ApprovalForm | None = None, back: SendBackForm | None = None
) -> Response:
    form, approvable = approval or back, policy.state == "proposed" and policy.approvable_by(request.user)
    is_approved = policy.state == "approved"
    approved = PolicyApproval.get_or_none(PolicyApproval.policy == policy) if is_approved else None
    readers = readers_of(policy) if is_approved else set[int]()
    everyone, missing = unread(policy, readers) if is_approved and policy.kept_by(request.user) else (0, [])
    hands = [policy.drafted_by_id, policy.proposed_by_id, approved and approved.by_id]
    named_here = Person.select().where(Person.id.in_([*hands, *missing[:UNREAD]])).order_by(Person.sort_name)
    people = {person.id: person for person in named_here}
    products = Product.select().where(Product.id.in_([int(ident) for ident in policy.rates]))
    return render(
        request,
        "commission/policies/show.html",
        status=form.status if form else 200,
        policy=policy,
        people=people,
        products={p.id: p for p in products} if policy.rates else {},
        approved=approved,
        approvable=approvable,
        hindrance=policy.hindrance if approvable else "",
        approval=approval or ApprovalForm(),
        back=back or SendBackForm(),
        tried=BackTest.beside(policy, request.user),
        unread=(everyone, len(missing), [who for who in people if who in missing[:UNREAD]]),
        has_read=request.user.id in readers,
    )


@view
def create(request: Request) -> Response:
    permit(Policy.draftable_by(request.user))
    source = named(Policy.visible_to(request.user), request.query.get("from", ""))
    form = PolicyForm.filled(request.form, source, start=Month.of(clock.today()).next)
    if form.accepts(Policy.draft, by=request.user):
        return go(request, form.result.url)
    return form_page(request, "commission/policies/edit.html", form, policy=None)


@view
def edit(request: Request, id: int) -> Response:
    policy = find(Policy.visible_to(request.user), id)
    permit(policy.editable_by(request.user))
    form = PolicyForm.filled(request.form, policy)
    if form.accepts(policy.redraft, by=request.user):
        return go(request, policy.url)
    return form_page(request, "commission/policies/edit.html", form, policy=policy)


@view
def propose(request: Request, id: int) -> Response:
    policy = find(Policy.visible_to(request.user), id)
    permit(policy.editable_by(request.user))
    form = ApprovalForm(request.form)
    if form.accept(back_test, policy, by=request.user):
        return go(request, policy.url, note=Phrase("Proposed. A second person has to approve it."))
    return _page(request, policy, approval=form)


@view
def send_back(request: Request, id: int) -> Response:
    policy = find(Policy.visible_to(request.user), id)
    permit(policy.approvable_by(request.user))
    form = SendBackForm(request.form)
    if form.accept(policy.send_back, by=request.user, reason=form.reason.data or ""):
        return go(request, policy.url)
    return _page(request, policy, back=form)


@view
def approve(request: Request, id: int) -> Response:
    policy = find(Policy.visible_to(request.user), id)
    permit(policy.approvable_by(request.user))
    form = ApprovalForm(request.form)
    if form.accept(approve_and_tell, policy, by=request.user, compared=bool(form.compared.data)):
        return go(request, policy.url, note=Phrase("Approved. This version never changes from now on."))
    return _page(request, policy, approval=form)


@view
def acknowledge(request: Request, id: int) -> Response:
    policy = find(Policy.visible_to(request.user), id)
    acknowledge_reading(policy, by=request.user)
    return go(request, policy.url)
