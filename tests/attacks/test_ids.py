"""Ids of others' records, in the address, below another record and in the body: refused, and nothing changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import Dispute
from portal.models.commission.statements import Line, Statement
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge import history
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from tests.attacks.parts import changed, everything
from tests.commission import MAY, approved, close, deal_of, noon, paid, product
from tests.conftest import SignIn

MAY_10 = date(2026, 5, 10)


@dataclass
class Attack:
    """Who sends what where; what the answer may be."""

    who: str
    path: str
    sent: dict[str, Any]
    answer: int


@pytest.fixture
def ids(
    ada: Person,
    ben: Person,
    stan: Person,
    rita: Person,
    rob: Person,
    fin: Person,
    fiona: Person,
    adam: Person,
    schools: Topic,
) -> dict[str, int]:
    """What Ada and Ben have, by the names that the attacks give it."""
    approved(fin, fiona)
    found: dict[str, Any] = {"ada": ada, "ben": ben, "stan": stan, "fin": fin, "topic": schools}
    with clock.moved(noon(MAY_10)):
        for person in (ada, ben):
            paid(person, "100000.00", MAY_10)
    close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 8))):
        for person in (ada, ben):
            statement = Statement.of(person, MAY)
            assert statement
            found[f"statement of {person.name}"] = statement
            found[f"line of {person.name}"] = Line.of(statement)[0]
        found["dispute"] = Dispute.open(
            found["statement of Ada"], found["line of Ada"], "It is less than agreed.", by=ada
        )
    for person in (ada, ben):
        name = person.name
        customer = Customer.add(by=person, name=f"Customer of {name}", phone="13800001111")
        contact = Contact.add(customer, by=person, name=f"Contact of {name}")
        deal = Deal.open(by=person, title=f"Open deal of {name}", customer=customer, amount=500_00)
        won = deal_of(person, "900.00", customer=customer, product=product())
        line = DealLine.receive(won, by=person, amount=100_00, on=MAY_10)
        question = Question.ask(by=person, text=f"What does {name} ask?", topic=schools)
        article = Article.add(
            by=person, title=f"Article of {name}", body="One", topics=[schools], published=True
        )
        article.edit(by=person, body="Two", version=article.version)
        suggestion = Experience.begin(by=person, kind="suggestion")
        suggestion.save_draft(by=person, title=f"Draft of {name}", action="Call 13911112222 first.")
        found |= {
            f"customer of {name}": customer,
            f"contact of {name}": contact,
            f"deal of {name}": deal,
            f"won of {name}": won,
            f"payment of {name}": line,
            f"question of {name}": question,
            f"answer of {name}": question.answer(by=person, text=f"{name}'s answer"),
            f"article of {name}": article,
            f"version of {name}": history.versions(article).first(),
            f"draft of {name}": suggestion,
            f"request of {name}": CustomerRequest.add(customer, by=person, text="A taxi"),
            f"act of {name}": Event.about(question).first(),
            f"note of {name}": Interaction.log(
                customer, by=person, kind_of="call", text="Hello", follow_up_on=clock.today()
            ),
        }
    gone = DealLine.receive(found["won of Ada"], by=ada, amount=50_00, on=MAY_10)
    found |= {"gone": gone, "reversal": gone.reverse(by=fin, reason="It never came")}
    handed = Experience.begin(by=ada, kind="question")
    handed.save_draft(
        by=ada, title="Ask first", situation="Four fell through.", doubt="?", action="Ask.", lesson="Ask."
    )
    process.submit(handed, by=ada, topics=[schools])
    found |= {"handed": handed, "review": Review.get(Review.reviewer == rita)}
    found["adjustment"] = Adjustment.propose(ben, MAY, 5_00, "Paid too little", by=fin)
    return {name.replace(" ", "_"): record.id for name, record in found.items()}


STRANGE = {
    # what is somebody else's whole, with all that the form needs
    "/customers/{customer_of_Ada}/edit": {"name": "Mine", "form": "person"},
    "/customers/{customer_of_Ada}/owner": {"to": "Stan #{stan}", "with_deals": "y"},
    "/customers/{customer_of_Ada}/archiving": {},
    "/customers/{customer_of_Ada}/private": {},
    "/customers/{customer_of_Ada}/contacts/new": {"name": "Mine"},
    "/contacts/{contact_of_Ada}/edit": {"name": "Mine"},
    "/contacts/{contact_of_Ada}/archiving": {},
    "/contacts/{contact_of_Ada}/private": {},
    "/interactions/{note_of_Ada}/follow-up": {},
    "/requests/{request_of_Ada}/withdrawal": {},
    "/deals/{deal_of_Ada}/edit": {"title": "Mine", "amount": "1"},
    "/deals/{deal_of_Ada}/owner": {"to": "Stan #{stan}"},
    "/deals/{deal_of_Ada}/stage": {"stage": "viewing"},
    "/deals/{deal_of_Ada}/win": {"amount": "500", "on": "2026-05-10"},
    "/deals/{deal_of_Ada}/loss": {"reason": "price", "on": "2026-05-10"},
    "/deals/{won_of_Ada}/reasons": {},
    "/deals/{won_of_Ada}/reopening": {},
    "/events/{act_of_Ada}/undoing": {},
    "/deals/{won_of_Ada}/archiving": {},
    "/deals/{won_of_Ada}/payments/new": {"trigger": "payment", "amount": "1", "on": "2026-05-10"},
    "/deals/{won_of_Ada}/shares": {"person_1": "Stan #{stan}", "share_1": "100"},
    "/deal-lines/{payment_of_Ada}/reversal": {"reason": "It never came"},
    "/payments/confirmation": {"line": "{payment_of_Ada}"},
    "/payments/bank": {},
    "/questions/{question_of_Ada}/edit": {"text": "Mine"},
    "/questions/{question_of_Ada}/best": {"answer": "{answer_of_Ada}"},
    "/questions/{question_of_Ada}/best/withdrawal": {"answer": "{answer_of_Ada}"},
    "/questions/{question_of_Ada}/archiving": {},
    "/questions/{question_of_Ada}/erasing": {"words": "Ada"},
    "/answers/{answer_of_Ada}/edit": {"text": "Mine"},
    "/articles/{article_of_Ada}/edit": {"title": "Mine", "body": "Mine"},
    "/articles/{article_of_Ada}/archiving": {},
    "/articles/{article_of_Ada}/publication": {},
    "/articles/{article_of_Ada}/minor-change": {},
    "/articles/{article_of_Ada}/erasing": {"words": "Two"},
    "/articles/{article_of_Ada}/versions/{version_of_Ada}/restoration": {},
    "/experiences/{draft_of_Ada}/edit": {"title": "Mine"},
    "/experiences/{draft_of_Ada}/draft": {"title": "Mine"},
    "/experiences/{draft_of_Ada}/submission": {"title": "Mine", "situation": "a", "action": "b"},
    "/experiences/{draft_of_Ada}/withdrawal": {},
    "/experiences/{draft_of_Ada}/co-author": {"answer": "agree"},
    "/experiences/{handed}/withdrawal": {},
    "/experiences/{handed}/appeal": {"reason": "It is unjust, and mine."},
    "/experiences/{handed}/co-author": {"answer": "agree"},
    "/experiences/{handed}/revocation": {"reason": "false", "note": "It is."},
    "/reviews/{review}": dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "5")
    | {"verdict": "accept"},
    "/reviews/{review}/decline": {},
    "/commission/statements/{statement_of_Ada}/acknowledgement": {},
    "/commission/statements/{statement_of_Ada}/disputes/new": {"text": "It is less than agreed."},
    "/commission/disputes/{dispute}/messages": {"text": "Never mind."},
    "/commission/disputes/{dispute}/resolution": {"outcome": "rejected", "text": "No."},
    "/commission/disputes/{dispute}/withdrawal": {},
    "/commission/adjustments/{adjustment}/decision": {"answer": "approve"},
    "/admin/accounts/{ada}": {"email": "stan@example.org", "name": "Mine"},
    "/admin/accounts/{stan}/roles": {"role": "administrator"},
    "/admin/accounts/{ada}/leaving": {},
}


def test_a_stranger_changes_nothing_of_others(sign_in: SignIn, stan: Person, ids: dict[str, int]) -> None:
    """Stan works in logistics. What he sends would be right if it came from whoever may."""
    browser, before, wrong = sign_in(stan), everything(), dict[str, Any]()
    for path, facts in STRANGE.items():
        sent = {name: value.format(**ids) for name, value in facts.items()}
        answer = browser.post(path.format(**ids), data=sent)
        if answer.status_code not in (403, 404) or changed(before):
            wrong[path], before = (answer.status_code, sorted(changed(before))), everything()
    assert wrong == {}


NESTED = {
    "a contact of another customer": Attack(
        "ada",
        "/customers/{customer_of_Ada}/interactions",
        {"kind_of": "call", "text": "Hello", "contact": "{contact_of_Ben}"},
        422,
    ),
    "a deal of another customer": Attack(
        "ada",
        "/customers/{customer_of_Ada}/interactions",
        {"kind_of": "call", "text": "Hello", "deal": "{won_of_Ben}"},
        422,
    ),
    "a contact of another customer, from anywhere": Attack(
        "ada",
        "/interactions/new",
        {"customer": "#{customer_of_Ada}", "kind_of": "call", "text": "Hi", "contact": "{contact_of_Ben}"},
        422,
    ),
    "a customer who is not there": Attack(
        "ada", "/interactions/new", {"customer": "#999999", "kind_of": "call", "text": "Hi"}, 422
    ),
    "reporting to somebody at another customer": Attack(
        "ada", "/contacts/{contact_of_Ada}/edit", {"name": "C", "reports_to": "{contact_of_Ben}"}, 422
    ),
    "reporting to oneself": Attack(
        "ada", "/contacts/{contact_of_Ada}/edit", {"name": "C", "reports_to": "{contact_of_Ada}"}, 422
    ),
    "another question's answer as the best": Attack(
        "ada", "/questions/{question_of_Ada}/best", {"answer": "{answer_of_Ben}"}, 422
    ),
    "a customer type that is not there": Attack(
        "ada",
        "/questions/{question_of_Ada}/best",
        {"answer": "{answer_of_Ada}", "customer_type": "999"},
        422,
    ),
    "another article's version": Attack(
        "ada", "/articles/{article_of_Ada}/versions/{version_of_Ben}/restoration", {}, 404
    ),
    "a debrief of a colleague's deal": Attack(
        "ada", "/experiences/new", {"kind": "debrief", "deal": "{won_of_Ben}"}, 422
    ),
    "a debrief of a deal that is open": Attack(
        "ada", "/experiences/new", {"kind": "debrief", "deal": "{deal_of_Ada}"}, 422
    ),
    "a number kept at a stranger's customer": Attack(
        "ada",
        "/experiences/{draft_of_Ada}/contact",
        {
            "title": "Draft of Ada",
            "action": "Call 13911112222 first.",
            "keep": "action:5:customer-{customer_of_Ben}",
        },
        422,
    ),
    "a colleague's line in a dispute": Attack(
        "ada",
        "/commission/statements/{statement_of_Ada}/disputes/new?line={line_of_Ben}",
        {"text": "This one too."},
        404,
    ),
    "a draft into which it is merged": Attack("rita", "/reviews/{review}", {"into": "{draft_of_Ben}"}, 422),
    "itself, into which it is merged": Attack("rita", "/reviews/{review}", {"into": "{handed}"}, 422),
    "a product that is not there": Attack(
        "ada", "/deals/{deal_of_Ada}/edit", {"title": "Deal", "product": "999"}, 422
    ),
    "one person twice": Attack(
        "ada",
        "/deals/{deal_of_Ada}/shares",
        {"person_1": "#{ada}", "share_1": "50", "person_2": "Ada", "share_2": "50"},
        422,
    ),
    "more than the whole": Attack(
        "ada",
        "/deals/{deal_of_Ada}/shares",
        {"person_1": "#{ada}", "share_1": "100", "person_2": "#{ben}", "share_2": "1"},
        422,
    ),
    "shares once money came": Attack(
        "ada", "/deals/{won_of_Ada}/shares", {"person_1": "#{ben}", "share_1": "100"}, 422
    ),
    "an owner who is not there": Attack("ada", "/deals/{deal_of_Ada}/owner", {"to": "#999999"}, 422),
    "money for oneself": Attack(
        "fin",
        "/commission/adjustments/new",
        {"person": "#{fin}", "month": "2026-05", "amount": "5", "reason": "Paid too little"},
        422,
    ),
    "deciding what one proposed": Attack(
        "fin", "/commission/adjustments/{adjustment}/decision", {"answer": "approve"}, 403
    ),
    "what was taken back": Attack("fin", "/payments/confirmation", {"line": "{gone}"}, 303),
    "what takes back": Attack("fin", "/payments/confirmation", {"line": "{reversal}"}, 303),
    "taking back what takes back": Attack(
        "fin", "/deal-lines/{reversal}/reversal", {"reason": "So that it stands again"}, 422
    ),
    "one's own manager": Attack(
        "adam", "/admin/accounts/{ada}", {"email": "ada@example.com", "name": "Ada", "manager": "#{ada}"}, 422
    ),
    "another's address": Attack(
        "adam", "/admin/accounts/{ada}", {"email": "BEN@example.com", "name": "Ada"}, 422
    ),
    "a role that there is not": Attack("adam", "/admin/accounts/{ada}/roles", {"role": "owner"}, 422),
    "a duty for oneself": Attack("adam", "/admin/accounts/{ada}/roles", {"role": "payer"}, 422),
    "a topic that is not there": Attack(
        "adam", "/admin/accounts/{ada}/roles", {"role": "reviewer", "topic": "999"}, 422
    ),
    "oneself endorsed": Attack("ada", "/people/{ada}/endorsements", {"topic": "{topic}"}, 403),
}


def test_what_a_body_names_must_belong_to_the_record(
    request: pytest.FixtureRequest, sign_in: SignIn, ids: dict[str, int]
) -> None:
    before, wrong = everything(), dict[str, Any]()
    for name, attack in NESTED.items():
        sent = {key: value.format(**ids) for key, value in attack.sent.items()}
        if "into" in sent:
            sent |= dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "4") | {
                "verdict": "merge"
            }
        person: Person = request.getfixturevalue(attack.who)
        answer = sign_in(person).post(attack.path.format(**ids), data=sent)
        if answer.status_code != attack.answer or changed(before):
            wrong[name], before = (answer.status_code, sorted(changed(before))), everything()
    assert wrong == {}


def test_an_id_that_is_none_is_none(sign_in: SignIn, stan: Person, ids: dict[str, int]) -> None:
    browser, before = sign_in(stan), everything()
    for ident in ("0", "-1", "999999", "9" * 30, "²", "1 OR 1=1", f"{ids['customer_of_Ada']} "):
        for path in ("/customers/{}/edit", "/deals/{}/win", "/deal-lines/{}/reversal", "/reviews/{}"):
            answer = browser.post(path.format(ident), data={"reason": "x"})
            assert answer.status_code in (403, 404), (path, ident)
    assert changed(before) == {}
