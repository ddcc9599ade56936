"""Forms sent with fields that they do not have: none is taken, whatever it is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from portal import clock
from portal.clock import Month
from portal.models.base.receipts import Receipt
from portal.models.base.record import Record
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.policies import Policy
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person, RoleGrant
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from tests.commission import deal_of, noon
from tests.conftest import SignIn

SCORES = dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "4")
PEOPLE = (
    "owner author asker writer person recorded_by confirmed_by proposed_by decided_by reviewer opened_by "
    "closed_by paid_by approved_by drafted_by taken_by manager chosen_by granted_by by"
)
MOMENTS = (
    "created_at updated_at confirmed_at archived_at deactivated_at published_at decided_at completed_at "
    "closed_at submitted_at first_submitted_at revoked_at followed_up_at taken_at ended_at at claimed_at"
)
DAYS = "on closed_on paid_on left_on hired_on review_by"
NUMBERS = "amount score total bonus share rate counts base_rate recovered round reverses customer deal parent"
SAID = {
    "state": "accepted",
    "stage": "won",
    "trigger": "contract",
    "roles": "administrator",
    "role": "administrator",
    "is_panel_lead": "y",
    "is_administrator": "y",
    "names_checked": "",
    "verdict": "accept",
    "outcome": "upheld",
    "answer": "approve",
    "approved": "y",
    "password": "a-password-of-mine",
    "password_hash": "none",
    "sort_name": "aaa",
    "key": "dispute-1",
    "slug": "mine",
    "html": "<b>mine</b>",
    "origin": "1",
    "result": "done",
}


def extra(stan: Person, form: dict[str, str]) -> dict[str, str]:
    """Every field that Stan would like to have, under each name that a column has, but for the form's own."""
    found = {"id": "999", "version": "999999", **SAID}
    for name in PEOPLE.split():
        found |= {name: str(stan.id), f"{name}_id": str(stan.id), f"{name}.id": str(stan.id)}
    found |= dict.fromkeys(MOMENTS.split(), "2026-01-01T00:00")
    found |= dict.fromkeys(DAYS.split(), "2026-01-01")
    found |= dict.fromkeys(NUMBERS.split(), "1") | {f"{name}_id": "1" for name in NUMBERS.split()}
    return {name: value for name, value in found.items() if name not in form}


@dataclass
class Edit:
    """Who sends which form about a record, and which columns it may change; `None`: the form is refused."""

    by: Person
    path: str
    form: dict[str, str]
    record: Record
    may: str | None


def edits(world: dict[str, Any]) -> dict[str, Edit]:
    ada, mona, adam, fin, rita = (world[name] for name in ("ada", "mona", "adam", "fin", "rita"))
    found: dict[str, Any] = {}

    def edit(by: Person, record: Record, path: str, may: str | None, **form: str) -> None:
        found[path] = Edit(by, path.format(id=record.id), form, record, may)

    edit(ada, world["customer"], "/customers/{id}/edit", "name", name="B", form="organisation")
    edit(ada, world["contact"], "/contacts/{id}/edit", "name", name="B")
    edit(ada, world["deal"], "/deals/{id}/edit", "title customer", title="B", amount="500", customer="")
    edit(ada, world["deal"], "/deals/{id}/stage", "stage", stage="viewing")
    edit(
        ada,
        world["deal"],
        "/deals/{id}/loss",
        "stage closed_on lost_reason reason",
        reason="x",
        on="2026-05-10",
    )
    edit(ada, world["won"], "/deals/{id}/edit?won", None, title="Won", amount="1000000")
    edit(mona, world["product"], "/products/{id}/edit", "name", name="B", code="P-1", owner="")
    edit(ada, world["question"], "/questions/{id}/edit", "text topic", text="B?")
    edit(ada, world["answer"], "/answers/{id}/edit", "text html", text="B.")
    edit(
        ada,
        world["article"],
        "/articles/{id}/edit",
        "title body html text_number summary review_by",
        title="B",
        body="B",
        topics=world["topic"],
    )
    edit(ada, world["draft"], "/experiences/{id}/draft", "title outcome", title="B", situation="Four fell.")
    edit(ada, world["draft"], "/experiences/{id}/edit", "title", title="C", situation="Four fell.")
    edit(
        rita,
        world["review"],
        "/reviews/{id}",
        "verdict " + " ".join(SCORES) + " completed_at comment",
        verdict="revise",
        comment="Say when.",
        **SCORES,
    )
    edit(ada, world["request"], "/requests/{id}/closing", "state result ended_at", result="Car 12")
    edit(ada, ada, "/account", "theme", locale="en", theme="dark")
    edit(ada, ada, "/account/theme", "theme", theme="light")
    edit(
        adam,
        ada,
        "/admin/accounts/{id}",
        "title hired_on left_on posts_told",
        email="ada@example.com",
        name="Ada",
        title="B",
        employee_no="E001",
        department=str(ada.department_id),
        manager=f"#{mona.id}",
    )
    edit(
        fin,
        world["policy"],
        "/commission/policies/{id}/edit",
        "name tiers recovery_text counts_after_leaving preview_working_day requires revocation_months",
        name="B",
        effective_from="2099-01",
        base_rate="2",
        threshold_1="2",
        bonus_1="0.05",
        operator=">=",
        bonus_mode="percentage_points",
        count_by="submitted_at",
        earn_trigger="payment",
        preview_working_day="3",
        close_working_day="5",
        revocation_months="12",
        max_recovery_share="20",
    )
    return found


@pytest.fixture
def world(
    ada: Person,
    mona: Person,
    stan: Person,
    rita: Person,
    rob: Person,
    fin: Person,
    adam: Person,
    schools: Topic,
    lakeside: Product,
) -> dict[str, Any]:
    customer = Customer.add(by=ada, name="A")
    question = Question.ask(by=ada, text="A?", topic=schools)
    draft = Experience.begin(by=ada, kind="suggestion")
    draft.save_draft(by=ada, title="A", situation="Four fell.")
    handed = Experience.begin(by=ada, kind="question")
    handed.save_draft(by=ada, title="H", situation="Four.", doubt="?", action="Ask.", lesson="Ask.")
    process.submit(handed, by=ada, topics=[schools])
    request = CustomerRequest.add(customer, by=ada, text="A taxi")
    request.take(by=ada)
    return {
        "ada": ada,
        "mona": mona,
        "adam": adam,
        "fin": fin,
        "rita": rita,
        "stan": stan,
        "topic": str(schools.id),
        "customer": customer,
        "contact": Contact.add(customer, by=ada, name="A"),
        "deal": Deal.open(by=ada, title="A", customer=customer, amount=500_00),
        "won": deal_of(ada, "1000.00", customer=customer),
        "product": Product.create(code="P-1", name="A"),
        "question": question,
        "answer": question.answer(by=ada, text="A."),
        "article": Article.add(by=ada, title="A", body="A", topics=[schools], published=True),
        "draft": draft,
        "review": Review.get(Review.reviewer == rita),
        "request": request,
        "policy": Policy.draft(by=fin, name="A", effective_from=Month(2099, 1)),
    }


def test_an_edit_takes_its_own_fields_alone(sign_in: SignIn, world: dict[str, Any], stan: Person) -> None:
    wrong: dict[str, Any] = {}
    for name, edit in edits(world).items():
        before, grants = edit.record.fresh().__data__, RoleGrant.select().count()
        form = edit.form | ({} if "version" not in before else {"version": str(before["version"])})
        answer = sign_in(edit.by).post(edit.path, data=form | extra(stan, form))
        after = edit.record.fresh().__data__
        different = {key for key in before if before[key] != after[key]}
        may = set((edit.may or "").split()) | {"version", "updated_at", "sort_name"}
        fine = (303, 204, 200) if edit.may is not None else (422,)
        if answer.status_code not in fine or different - may or RoleGrant.select().count() != grants:
            wrong[name] = (answer.status_code, sorted(different - may))
        elif edit.may is not None and not different & may:
            wrong[name] = "nothing was changed at all: the form is not the right one"
    assert not wrong, "\n".join(f"{n}: {w}" for n, w in wrong.items())


def test_what_is_new_is_as_its_form_says(sign_in: SignIn, world: dict[str, Any], stan: Person) -> None:
    """Payments are unconfirmed and by who sent them; proposals undecided; texts by their author."""
    ada, fin, won = world["ada"], world["fin"], world["won"]
    made: list[tuple[Person, str, dict[str, str], type[Any], dict[str, Any]]] = [
        (
            ada,
            f"/deals/{won.id}/payments/new",
            {"trigger": "payment", "amount": "300", "on": "2026-05-10"},
            DealLine,
            {"amount": 300_00, "recorded_by": ada, "confirmed_at": None, "confirmed_by": None, "deal": won,
             "reverses": None, "on": date(2026, 5, 10)},
        ),
        (
            fin,
            "/commission/adjustments/new",
            {"person": f"#{ada.id}", "month": "2026-05", "amount": "5", "reason": "Paid too little"},
            Adjustment,
            {"amount": 5_00, "person": ada, "proposed_by": fin, "key": "form-dispute-1"},
        ),
        (ada, "/customers/new", {"name": "C", "form": "person"}, Customer,
         {"owner": ada, "archived_at": None, "version": 1}),
        (ada, "/deals/new", {"title": "C", "amount": "7"}, Deal,
         {"owner": ada, "stage": "lead", "closed_on": None, "amount": 7_00, "archived_at": None}),
        (ada, "/questions/new", {"text": "C?"}, Question, {"asker": ada, "state": "open", "archived_at": None}),
        (ada, "/articles/new", {"title": "C", "body": "C", "topics": world["topic"]}, Article,
         {"author": ada, "origin": None, "revoked_at": None, "score": None}),
        (ada, f"/customers/{world['customer'].id}/interactions", {"kind_of": "call", "text": "C"}, Interaction,
         {"person": ada, "customer": world["customer"], "followed_up_at": None}),
        (ada, f"/customers/{world['customer'].id}/requests/new", {"text": "C"}, CustomerRequest,
         {"writer": ada, "state": "open", "taken_by": None, "ended_at": None}),
        (fin, "/commission/policies/new", {**edits(world)["/commission/policies/{id}/edit"].form}, Policy,
         {"state": "draft"}),
    ]  # fmt: skip
    for by, path, form, model, right in made:
        Receipt.delete().execute()  # forms of two people never have one key: here they have
        more = extra(stan, form)
        if model is Interaction:
            more = {name: value for name, value in more.items() if name not in ("on", "deal", "contact")}
        if model in (Deal, Customer):
            more.pop("customer", None)
        before = model.select().count()
        with clock.moved(noon(date(2026, 5, 12))):
            assert sign_in(by).post(path, data=form | more).status_code == 303, path
        assert model.select().count() == before + 1
        record = model.select().order_by(model.id.desc()).first()
        assert {name: getattr(record, name) for name in right} == right, path
        assert record.id != 999
    assert AdjustmentDecision.select().count() == 0
    assert [(g.person, g.role) for g in RoleGrant.select().where(RoleGrant.person.in_([stan, ada]))] == []
