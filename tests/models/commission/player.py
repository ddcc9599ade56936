"""Histories at random, each played twice: with the portal's own verbs, and into the independent model.

What the two say of every statement is compared to the cent: of open months as they are reckoned at the time, of
closed ones as they were kept.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from portal import clock
from portal.models.base import undoing
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid
from portal.models.commission import closing
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.calculation import Reckoning
from portal.models.commission.merit import Merit
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import reckon, reckon_one
from portal.models.commission.statements import Line, Statement
from portal.models.company import lists
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences import process, rubric
from portal.models.experiences.experiences import Experience
from portal.models.experiences.panels import panel
from portal.models.experiences.reviews import AT_FAULT, Acceptance, Revocation
from portal.models.knowledge.articles import Article
from portal.models.knowledge.uses import Use
from portal.models.people.absences import Absence
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.sales.lines import TRIGGERS, DealLine
from portal.models.sales.shares import share_with
from tests.models.commission.independent import (
    Company,
    Due,
    Extra,
    Lesson,
    Money,
    Rule,
    Sale,
    Worker,
    following,
    month_of,
)

ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Europe/London", "Asia/Kathmandu")
MILLION = 1_000_000
BEGIN = date(2026, 1, 15)
PARTS = ([MILLION], [500_000, 500_000], [333_333, 666_667], [600_000, 300_000, 100_000])
SCORES = dict.fromkeys(rubric.NAMES, 5)


@dataclass
class Cast:
    """Those whom every history needs: who approves, closes, reviews; what is sold and to whom."""

    fin: Person
    fiona: Person
    admin: Person
    reviewers: list[Person]
    topic: Topic
    products: list[Product]
    readers: list[Person]
    """Who write nothing, and say what worked for them."""
    customers: list[Customer]
    """One without a type, one with."""

    @classmethod
    def met(cls) -> Cast:
        def add(name: str, *roles: Role) -> Person:
            return Person.add(by=None, email=f"{name}@pay.example", name=name, roles=roles)

        kind = CustomerType.create(name="Family")
        return cls(
            add("fin", Role.FINANCE),
            add("fiona", Role.FINANCE),
            add("adam", Role.ADMINISTRATOR),
            [add(f"reviewer-{number}", Role.REVIEWER) for number in range(6)],
            Topic.create(name="Doubts"),
            [Product.create(code=code, name=code) for code in ("P-1", "P-2")],
            [add(f"reader-{number}") for number in range(3)],
            [Customer.create(name="Plain"), Customer.create(name="Typed", type=kind)],
        )


@dataclass
class Score:
    """How many statements were compared, and what differed."""

    histories: int = 0
    statements: int = 0
    cents_apart: int = 0
    differences: list[str] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)


def play(seed: int, cast: Cast, score: Score, *, acts: int = 90, whole: bool = True) -> None:
    """One history, taken back at its end. `whole`: of all kinds of acts; without those that came later the dice
    fall as they fell before them.
    """
    zone = clock.zone().key
    history = History(seed, cast, score, whole=whole)
    with db.atomic() as undo:
        try:
            clock.use_zone(ZONES[seed % len(ZONES)])
            history.tell(acts)
        finally:
            clock.use_zone(zone)
            undo.rollback()
    score.histories += 1


class History:
    """What happens in one company from one winter to the next summer."""

    def __init__(self, seed: int, cast: Cast, score: Score, *, whole: bool = True) -> None:
        self.whole = whole
        self.dice, self.cast, self.score = random.Random(seed), cast, score
        self.seed = seed
        self.model = Company(ZONES[seed % len(ZONES)])
        self.at = datetime(BEGIN.year, BEGIN.month, BEGIN.day, 9, tzinfo=UTC)
        self.staff: list[int] = []
        self.groups: list[int] = []
        self.deals: list[int] = []
        self.lessons: dict[int, Lesson] = {}
        self.said: dict[tuple[int, int], datetime] = {}
        """When a reader first said of an article that it worked."""
        self.asked_back: dict[int, date] = {}
        """When each that is to be revised was sent back."""
        self.share_next = 0
        self.triggers = self.dice.choice(
            (["payment"], ["payment"], ["payment", "delivery"], ["contract", "payment"], list(TRIGGERS))
        )
        """At which events the policies of this company pay."""
        asks: list[list[str]] = [[], [], ["customer", "product"], ["customer_type"], ["product"]]
        self.asks = asks if self.dice.random() < 0.33 else asks[:1]
        self.months: set[tuple[int, int]] = set()

    # the stage

    @contextmanager
    def moment(self, least: int = 1, most: int = 90) -> Iterator[datetime]:
        """A little later, in the company."""
        self.at += timedelta(minutes=self.dice.randint(least, most), seconds=self.dice.randint(1, 59))
        with clock.moved(self.at):
            yield self.at

    def tell(self, acts: int) -> None:
        self._found()
        todo: list[tuple[Callable[[], None], int]] = [
            (self._win, 10),
            (self._pay, 18),
            (self._deliver, 6 if len(self.triggers) > 1 else 1),
            (self._take_back, 5),
            (self._share, 6),
            (self._reopen, 3 if self.whole else 1),
            (self._undo, 4 * self.whole),
            (self._hand_over, 3 * self.whole),
            (self._fill_in, 4),
            (self._write, 15),
            (self._decide, 18),
            (self._hand_in_again, 4 * self.whole),
            (self._appeal, 2 * self.whole),
            (self._revoke, 4),
            (self._transfer, 4),
            (self._regroup, 1),
            (self._join, 2),
            (self._leave, 2),
            (self._use, 12 * self.whole),
            (self._go_on_leave, 3 * self.whole),
            (self._correct_days, 2),
            (self._policy, 3 if len(self.triggers) > 1 else 1),
            (self._adjust, 3),
            (self._close, 7),
            (self._pay_month, 3),
            (self._confirm, 6),
        ]
        for _ in range(acts):
            self.at += timedelta(hours=self.dice.choice((1, 3, 10, 20, 40, 70, 200)))
            act = self.dice.choices([act for act, _ in todo], [weight for _, weight in todo])[0]
            try:
                act()
                self.score.acts[act.__name__] += 1
            except Invalid:
                self.score.acts[f"{act.__name__} refused"] += 1
        self._compare()

    def _found(self) -> None:
        """Groups, first policies, people: before the month begins in which it starts."""
        with self.moment():
            for number in range(self.dice.choice((0, 2, 3))):
                parent = self.dice.choice([None, *self.groups]) if self.dice.random() < 0.4 else None
                above = Department.get_by_id(parent) if parent else None
                made = lists.add("departments", by=None, name=f"Group {number}", parent=above)
                self.groups.append(made.id)
                self.model.above[made.id] = [(date.min, parent)]
        begin, scopes = self.at, [*self.groups[::-1], None]
        if self.dice.random() < 0.7:  # else the company is new: what covers somebody first may begin earlier
            self.at = datetime(2025, 9, 20, 9, tzinfo=UTC)
            scopes.reverse()
        for group in scopes:
            if group is None or self.dice.random() < 0.7:
                start = (2025, self.dice.choice((10, 12))) if group else (2025, 11)
                with suppress(Invalid):
                    self._policy(group, start)
        self.at = max(begin, self.at)
        for _ in range(self.dice.randint(2, 4)):
            self._join()

    def _someone(self) -> Person:
        """Mostly one of two, so that months fill."""
        return Person.get_by_id(self.dice.choice(self.staff[:2] if self.dice.random() < 0.7 else self.staff))

    def _today(self) -> date:
        return self.model.day_of(self.at)

    def _earlier(self) -> date:
        """Today or a while ago."""
        back = self.dice.choice((0, 0, 0, 1, 3, 10, 30, 50, 80))
        if self.dice.random() < 0.01:
            return date(1990, 5, 5)
        return self._today() - timedelta(days=back)

    # people and groups

    def _join(self) -> None:
        with self.moment():
            group = self.dice.choice([None, *self.groups])
            hired = (
                None if self.dice.random() < 0.6 else self._today() - timedelta(days=self.dice.randint(0, 40))
            )
            name = f"seller-{len(self.staff)}"
            made = Person.add(
                by=None, email=f"{name}@pay.example", name=name, hired_on=hired, department=group
            )
            self.staff.append(made.id)
            self.model.people[made.id] = Worker(hired, None, [(date.min, group)])

    def _transfer(self) -> None:
        person, group = self._someone(), self.dice.choice([None, *self.groups])
        with self.moment():
            person.edit(by=self.cast.admin, department=group)
            self.model.people[person.id].groups.append((self.model.day_of(clock.now()), group))

    def _regroup(self) -> None:
        if not self.groups:
            return
        group = Department.get_by_id(self.dice.choice(self.groups))
        parent = self.dice.choice([None, *self.groups])
        with self.moment():
            above = Department.get_by_id(parent) if parent else None
            lists.change(group, by=self.cast.admin, name=group.name, parent=above)
            self.model.above[group.id].append((self.model.day_of(clock.now()), parent))

    def _leave(self) -> None:
        person = self._someone()
        with self.moment():
            left = self._today() + timedelta(days=self.dice.randint(-40, 20))
            person.edit(by=self.cast.admin, left_on=left)
            self.model.people[person.id].left = left

    def _correct_days(self) -> None:
        person, worker = self._someone(), None
        with self.moment():
            worker = self.model.people[person.id]
            hired = self.dice.choice([None, self._today() - timedelta(days=self.dice.randint(1, 120))])
            left = self.dice.choice([None, worker.left])
            person.edit(by=self.cast.admin, hired_on=hired, left_on=left)
            worker.hired, worker.left = hired, left

    # policies

    def _policy(self, group: int | None = None, start: tuple[int, int] | None = None) -> None:
        dice = self.dice
        if start is None:
            group = dice.choice([None, *self.groups])
            start = following(month_of(self._today()))
            if dice.random() < 0.3:
                start = following(start)
        tiers = dice.choice(([[2, 500]], [[1, 300]], [[1, 300]], [[2, 500], [3, 800]], [[1, 100], [2, 2500]]))
        products = {
            one.id: dice.choice((10_000, 35_000)) for one in self.cast.products if dice.random() < 0.3
        }
        facts: dict[str, Any] = {
            "base_rate": dice.choice((20_000, 20_000, 15_000, 33_333)),
            "rates": products,
            "tiers": tiers,
            "operator": dice.choice((">=", ">=", ">")),
            "count_by": dice.choice(("submitted_at", "submitted_at", "decided_at")),
            "bonus_mode": dice.choice(("percentage_points", "percentage_points", "relative_percent")),
            "earn_trigger": dice.choice(self.triggers),
            "proration": dice.random() < 0.3,
            "counts_after_leaving": dice.random() < 0.7,
            "revocation_months": dice.choice((1, 2, 6)),
            "max_recovery_share": dice.choice((200_000, 200_000, 1_000_000, 0)),
            "base_wage": dice.choice((0, 0, 5_000_00)),
            "minimum_wage": dice.choice((0, 0, 2_420_00)),
            "requires": dice.choice(self.asks),
            "cap": dice.choice((0, 0, 300_00, 5_000_00, 200_000_00)) if self.whole else 0,
            "uses_needed": dice.choice((0, 0, 1, 2)) if self.whole else 0,
            "use_days": dice.choice((60, 20, 5)) if self.whole else 60,
            "leave_prorates": dice.random() < 0.4 if self.whole else False,
        }
        with self.moment():
            department = Department.get_by_id(group) if group else None
            made = Policy.draft(
                by=self.cast.fin,
                name="Policy",
                department=department,
                effective_from=clock.Month(*start),
                **facts,
            )
            made.propose(by=self.cast.fin)
            made.approve(by=self.cast.fiona)
        self.model.rules.append(
            Rule(
                made.id,
                group,
                start,
                _part(facts["base_rate"]),
                {ident: _part(rate) for ident, rate in products.items()},
                tuple((threshold, _part(bonus)) for threshold, bonus in tiers),
                facts["operator"] == ">",
                facts["count_by"] == "decided_at",
                facts["bonus_mode"] == "relative_percent",
                facts["earn_trigger"],
                facts["proration"],
                facts["counts_after_leaving"],
                facts["revocation_months"],
                _part(facts["max_recovery_share"]),
                facts["base_wage"],
                facts["minimum_wage"],
                frozenset(facts["requires"]),
                facts["cap"],
                facts["uses_needed"],
                facts["use_days"],
                facts["leave_prorates"],
            )
        )

    # deals and their money

    def _win(self) -> None:
        owner, dice = self._someone(), self.dice
        customer = dice.choice([None, *self.cast.customers, self.cast.customers[1]])
        product = dice.choice([None, *self.cast.products])
        with self.moment():
            deal = Deal.open(by=owner, title="Sale", stage="negotiation", customer=customer, product=product)
            has = {"customer"} if customer else set()
            has |= {"customer_type"} if customer and customer.type_id else set()
            has |= {"product"} if product else set()
            self.model.sales[deal.id] = Sale(owner.id, has, product.id if product else None)
            self.deals.append(deal.id)
        if dice.random() < 0.4:
            self._share_deal(deal)
        amount = dice.choice((dice.randint(100, 10**5), dice.randint(10**5, 10**9)))
        with self.moment():
            on = self._earlier()
            paid = on + timedelta(days=dice.randint(0, 5)) if dice.random() < 0.2 else None
            deal = deal.fresh()
            closings.win(deal, by=owner, amount=amount, on=on, paid_on=paid and min(paid, self._today()))
            self._note_money(deal)
            self.share_next = deal.id

    def _note_money(self, deal: Deal) -> None:
        """Lines that the verbs wrote and the model does not know yet: amount and day are the verb's own."""
        for line in DealLine.of(deal).order_by(DealLine.id):
            if line.id not in self.model.money:
                facts = (line.id, deal.id, line.trigger, line.on, line.amount, clock.now(), line.reverses_id)
                pays = line.trigger == "payment" or any(
                    rule.trigger == line.trigger and rule.start <= month_of(line.on)
                    for rule in self.model.rules
                )
                waits = pays and line.reverses_id is None
                self.model.money[line.id] = Money(*facts, waits=waits)
                self.months.add(month_of(line.on))
                if waits and self.dice.random() < 0.7:
                    line.confirm(by=self.cast.fin)
                    self._confirmed(self.model.money[line.id])

    @staticmethod
    def _confirmed(money: Money) -> None:
        money.waits, money.confirmed = False, clock.now()

    def _confirm(self) -> None:
        """Finance says of a payment that it came, now and then on another day than was written down."""
        waiting = [ident for ident, money in self.model.money.items() if money.waits]
        if not waiting:
            raise Invalid("nothing waits")
        line = DealLine.get_by_id(self.dice.choice(waiting))
        with self.moment():
            on = self._earlier() if self.dice.random() < 0.2 else None
            line.confirm(by=self.cast.fin, on=on)
            known = self.model.money[line.id]
            known.day = on or known.day
            self._confirmed(known)
            self.months.add(month_of(known.day))

    def _a_deal(self) -> Deal:
        if not self.deals:
            raise Invalid("no deal")
        return Deal.get_by_id(self.dice.choice(self.deals[-8:]))

    def _pay(self) -> None:
        self._record("payment")

    def _deliver(self) -> None:
        self._record(self.dice.choice(("delivery", "invoice")))

    def _record(self, trigger: str) -> None:
        deal = self._a_deal()
        whole = deal.amount or 0
        amount = self.dice.choice((whole, whole // 2, whole // 3, max(100, whole // 7)))
        left = whole - sum(line.amount for line in DealLine.of(deal) if line.trigger == trigger)
        if left <= 0:  # another deal, whose money is still to come
            known = [Deal.get_by_id(ident) for ident in self.deals]
            deal = next((one for one in known if one.is_won and not DealLine.standing(one)[1:]), deal)
            whole = amount = left = deal.amount or 0
        with self.moment():
            DealLine.record(deal, trigger, min(amount, left), self._earlier(), by=deal.owner)
            self._note_money(deal)

    def _take_back(self) -> None:
        deal = self._a_deal()
        standing = DealLine.standing(deal)
        if not standing:
            raise Invalid("nothing to take back")
        self.share_next = deal.id
        line = self.dice.choice(standing)
        with self.moment():
            days = (self._today() - line.on).days
            on = line.on + timedelta(days=self.dice.choice((0, days, days, max(0, days - 3))))
            line.reverse(by=self.cast.fin, reason="given back", on=on)
            self._note_money(deal)

    def _reopen(self) -> None:
        """Mostly one of which a contract alone stands: money keeps a deal closed."""
        known = [Deal.get_by_id(ident) for ident in self.deals[-8:]] if self.whole else []
        open_still = (one for one in known if one.is_won and len(DealLine.standing(one)) == 1)
        deal = next(open_still, None) or self._a_deal()
        with self.moment():
            closings.reopen(deal, by=self.cast.fin)
            self._note_money(deal)
        self._win_anew(deal.fresh())

    def _hand_over(self) -> None:
        """A deal goes to somebody else, whatever stands of it: what was won stays with who won it."""
        self._give(self._a_deal())

    def _give(self, deal: Deal) -> None:
        to = Person.get_by_id(self.dice.choice(self.staff))
        with self.moment() as at:
            if deal.hand_over(to, by=self.cast.fin):
                self.model.sales[deal.id].handed.append((at, to.id))

    def _undo(self) -> None:
        """Won by mistake: undone by a click, perhaps handed over, won anew."""
        self._win()
        deal = Deal.get_by_id(self.deals[-1])
        act = Event.about(deal).where(Event.verb == "won").get()
        with self.moment() as at:
            undoing.undo(act, by=Person.get_by_id(act.actor))
            self.model.sales[deal.id].undone.append(at)
            self._note_money(deal.fresh())
        self._win_anew(deal.fresh())

    def _win_anew(self, deal: Deal) -> None:
        if self.whole and self.dice.random() < 0.6:
            self._give(deal)
        deal = deal.fresh()
        with self.moment():
            on = self._earlier()
            amount = (deal.amount or 100_00) + self.dice.choice((0, 100_00))
            closings.win(deal, by=deal.owner, amount=amount, on=on)
            self._note_money(deal)
        if self.whole and self.dice.random() < 0.6:
            with self.moment():
                DealLine.record(deal, "payment", amount, self._today(), by=deal.owner)
                self._note_money(deal)

    def _share(self) -> None:
        """Mostly one whose money was just taken back, or that was just won."""
        known = self.share_next if self.dice.random() < 0.5 else 0
        self._share_deal(Deal.get_by_id(known) if known else self._a_deal())

    def _share_deal(self, deal: Deal) -> None:
        parts = self.dice.choice(PARTS)
        if len(parts) > len(self.staff):
            return
        shares = dict(zip(self.dice.sample(self.staff, len(parts)), parts, strict=True))
        with self.moment() as at:
            share_with(deal, {Person.get_by_id(who): part for who, part in shares.items()}, by=deal.owner)
            sale = self.model.sales[deal.id]
            sale.shares.append((at, {who: _part(part) for who, part in shares.items()}))

    def _fill_in(self) -> None:
        deal = self._a_deal()
        sale, values = self.model.sales[deal.id], dict[str, Any]()
        with self.moment():
            if deal.customer_id is None or "customer_type" not in sale.has:
                values["customer"] = self.cast.customers[1]
            if deal.product_id is None and self.dice.random() < 0.5:
                values["product"] = self.dice.choice(self.cast.products)
            deal.edit(by=deal.owner, **values)
            sale.has |= {"customer", "customer_type"} if "customer" in values else set()
            if "product" in values:
                sale.has.add("product")
                sale.product = values["product"].id

    # experiences

    def _write(self) -> None:
        author = self._someone()
        words = [f"{self.dice.getrandbits(40):x}" for _ in range(8)]
        with self.moment():
            made = Experience.begin(by=author, kind="suggestion")
            made.save_draft(
                by=author,
                title=" ".join(words[:2]),
                situation=" ".join(words[2:5]),
                action=" ".join(words[5:]),
                topics=[self.cast.topic],
            )
            others = {}
            if self.dice.random() < 0.3 and len(self.staff) > 1:
                other = self.dice.choice([who for who in self.staff if who != author.id])
                others = {Person.get_by_id(other): self.dice.choice((500_000, 333_333))}
            process.submit(made, by=author, co_authors=others, duplicate_checked=True, names_checked=True)
            if self.dice.random() < 0.7:
                for person in others:
                    process.agree_to_share(made.fresh(), by=person)
            else:
                others = {}  # what nobody agreed to share is its author's
            credit = {author.id: _part(MILLION - sum(others.values()))}
            credit |= {person.id: _part(part) for person, part in others.items()}
            self.lessons[made.id] = Lesson(clock.now(), credit)
            self.model.lessons.append(self.lessons[made.id])

    def _decide(self) -> None:
        """The panel of one that waits accepts it, merges it or rejects it."""
        waiting = [ident for ident, one in self.lessons.items() if one.accepted is None]
        if not waiting:
            raise Invalid("nothing waits")
        made = Experience.get_by_id(self.dice.choice(waiting))
        known = [ident for ident, one in self.lessons.items() if one.accepted and one.fault is None]
        known = [i for i in known if Experience.get_by_id(i).state == "accepted"]
        verdicts = ("accept", "accept", "accept", "accept", "merge", "reject")
        verdict = self.dice.choice((*verdicts, "revise") if self.whole else verdicts)
        into = Experience.get_by_id(self.dice.choice(known)) if verdict == "merge" and known else None
        verdict = "accept" if verdict == "merge" and into is None else verdict
        more: dict[str, Any] = {"into": into} if into else {}
        with self.moment():
            for review in panel(made):
                if review.is_open:
                    process.complete(
                        review, by=review.reviewer, scores=SCORES, verdict=verdict, comment="Read.", **more
                    )
            state = made.fresh().state
            if state == "revision":
                self.asked_back.setdefault(made.id, self._today())
            if state in ("accepted", "merged"):
                self.lessons[made.id].accepted = clock.now()
            if state == "merged" and into is not None:  # half the credit, and none of a re-write of one's own
                lesson = self.lessons[made.id]
                lesson.counts = not lesson.credit.keys() & self.lessons[into.id].credit.keys()
                lesson.credit = {
                    who: Fraction(int(s * MILLION) // 2, MILLION) for who, s in lesson.credit.items()
                }

    def _hand_in_again(self) -> None:
        """What was to be revised: soon, it keeps its day; long after 10 working days, it is as if new."""
        days = {ident: (self._today() - asked).days for ident, asked in self.asked_back.items()}
        sure = [ident for ident, past in days.items() if past <= 8 or past >= 30]
        if not sure:
            raise Invalid("nothing to revise")
        made, lesson = Experience.get_by_id(sure[0]), self.lessons[sure[0]]
        others = {p: round(s * MILLION) for p, s in lesson.credit.items() if p != made.author_id}
        with self.moment():
            made.save_draft(by=made.author, situation=f"{self.dice.getrandbits(80):x}")
            shared = {Person.get_by_id(person): part for person, part in others.items()}
            process.submit(
                made, by=made.author, co_authors=shared, duplicate_checked=True, names_checked=True
            )
            for person in shared:
                process.agree_to_share(made.fresh(), by=person)
            if days[made.id] > 8:
                lesson.submitted = clock.now()
            del self.asked_back[made.id]

    def _appeal(self) -> None:
        """Once, against a rejection: other reviewers judge it, and its day stays."""
        rejected = [ident for ident in self.lessons if Experience.get_by_id(ident).state == "rejected"]
        if not rejected:
            raise Invalid("nothing was rejected")
        made = Experience.get_by_id(self.dice.choice(rejected))
        with self.moment():
            process.appeal(made, by=made.author, reason="They overlooked it.")

    def _revoke(self) -> None:
        known = [ident for ident, one in self.lessons.items() if one.accepted]
        if not known:
            raise Invalid("nothing to revoke")
        ident, reason = self.dice.choice(known), self.dice.choice(Revocation.REASONS)
        with self.moment() as at:
            process.revoke(Experience.get_by_id(ident), by=self.cast.admin, reason=reason, note="Found.")
            if reason in AT_FAULT and self.lessons[ident].fault is None:
                self.lessons[ident].fault = at

    def _used_article(self) -> tuple[Article, Person]:
        """One that is published, mostly of late, and one of the readers."""
        ids = [one.article_id for one in Acceptance.select().order_by(Acceptance.id.desc()) if one.article_id]
        known = [one for one in map(Article.get_by_id, ids) if one.state == "published"][:4]
        if not known:
            raise Invalid("nothing to use")
        return self.dice.choice(known), self.dice.choice(self.cast.readers)

    def _lessons_in(self, article: Article) -> list[Lesson]:
        """The lessons that stand in it: what it was born of, and what was merged into that."""
        born = Acceptance.get(Acceptance.article == article).experience_id
        ids = [i for i in self.lessons if i == born or Experience.get_by_id(i).merged_into_id == born]
        return [self.lessons[ident] for ident in ids]

    def _use(self) -> None:
        article, person = self._used_article()
        said = Use.get_or_none((Use.article == article) & (Use.person == person))
        with self.moment(2) as at:
            if said is not None:
                Use.take_back(article, by=person)
            else:
                Use.say(article, by=person)
                at = self.said.setdefault((article.id, person.id), at)  # said again, it is as old as it was
            for lesson in self._lessons_in(article):
                if said is not None:
                    lesson.used.pop(person.id, None)
                elif lesson.accepted and at >= lesson.accepted:
                    lesson.used[person.id] = at

    def _go_on_leave(self) -> None:
        """Noted by an administrator, or by oneself, which lowers nothing; now and then taken back."""
        person, dice = self._someone(), self.dice
        known = list(Absence.coming(person))
        with self.moment():
            if known and dice.random() < 0.3:
                gone = dice.choice(known)
                gone.take_back(by=self.cast.admin)
                leave = self.model.people[person.id].leave
                if (gone.first_day, gone.last_day) in leave:
                    leave.remove((gone.first_day, gone.last_day))
                return
            first = self._today() + timedelta(days=dice.randint(-40, 20))
            last = max(self._today(), first) + timedelta(days=dice.choice((0, 3, 10, 35)))
            by = dice.choice((self.cast.admin, self.cast.admin, person))
            Absence.note(by=by, person=person, first_day=first, last_day=last)
            if by != person:
                self.model.people[person.id].leave.append((first, last))

    # finance

    def _adjust(self) -> None:
        person = self._someone()
        month = month_of(self._today() - timedelta(days=self.dice.choice((0, 20, 40, 90, 150))))
        amount = self.dice.choice((-1, 1)) * self.dice.randint(1, 500_00)
        waives = amount > 0 and self.dice.random() < 0.4
        about, by = clock.Month(*month), self.cast.fin
        with self.moment():
            made = Adjustment.propose(person, about, amount, "Agreed by hand", by=by, waives=waives)
        if self.dice.random() < 0.8:
            with self.moment() as at:
                made.decide(by=self.cast.fiona, approve=True)
                self.model.extras.append(Extra(made.id, person.id, month, amount, at, waives))
                self.months.add(month)

    def _close(self) -> None:
        """A month that is over: mostly the oldest open one since the first close, sometimes any."""
        over, month = [], (2025, 12)
        while month < month_of(self._today()):
            if month not in self.model.closes:
                over.append(month)
            month = following(month)
        if not over:
            raise Invalid("none is over")
        chosen = over[-1] if self.dice.random() < 0.6 else self.dice.choice(over)
        with self.moment() as at:
            closing.close(clock.Month(*chosen), by=self.cast.fin.id)
            self.model.close(chosen, at)

    def _pay_month(self) -> None:
        unpaid = [month for month, close in self.model.closes.items() if close.paid is None]
        if not unpaid:
            raise Invalid("none to pay")
        month = self.dice.choice(unpaid)
        with self.moment() as at:
            Period.of(clock.Month(*month)).pay(by=self.cast.fiona)
            self.model.closes[month].paid = at

    # what both say

    def _compare(self) -> None:
        with clock.moved(self.at):
            self._compare_kept()
            month, last = (2025, 10), following(following(month_of(self._today())))
            months = {each for each in self.months if each < month}
            while month <= last:
                months.add(month)
                month = following(month)
            for each in sorted(months - self.model.closes.keys()):
                self._compare_open(each)

    def _compare_kept(self) -> None:
        for month in self.model.closes:
            kept = {
                one.person_id: one for one in Statement.select().where(Statement.month == clock.Month(*month))
            }
            for person in self.staff:
                if (person, month) not in self.model.kept:
                    continue  # came later
                due = self.model.kept[person, month]
                lines: list[Any] = []
                total = counted = 0
                if person in kept:
                    lines = [
                        (e.kind_of, month_of(e.about.first_day), e.deal_line_id, e.amount)
                        for e in Line.of(kept[person])
                    ]
                    total, counted = kept[person].total, kept[person].counted
                self._same(("kept", month, person), lines, total, None, due, counted)

    def _compare_open(self, month: tuple[int, int]) -> None:
        when = clock.Month(*month)
        everyone = {one.person: one for one in reckon(when)}
        alone = self.dice.choice(self.staff) if self.dice.random() < 0.4 else None
        for person in self.staff:
            due, found = self.model.due(person, month), everyone.get(person)
            self._same_open(("open", month, person), found, due)
            if person == alone:
                one = reckon_one(Person.get_by_id(person), when)
                self._same_open(("alone", month, person), one, due)
                merit = Merit.of(Person.get_by_id(person), when)
                if merit is not None and merit.counted != due.counted * MILLION:
                    self._differ(("merit", month, person), merit.counted, due.counted, 0)

    def _same_open(self, where: Any, found: Reckoning | None, due: Due) -> None:
        if found is None:
            self._same(where, [], 0, frozenset(), due, 0)
            return
        lines = [
            (e.kind.value, month_of(e.about.first_day), e.earning.line if e.earning else None, e.amount)
            for e in found.lines
        ]
        pending = frozenset(each.line for each in found.pending)
        self._same(where, lines, found.total, pending, due, found.facts.counted)

    def _same(
        self,
        where: Any,
        lines: list[Any],
        total: int,
        pending: frozenset[int] | None,
        due: Due,
        counted: int,
    ) -> None:
        self.score.statements += 1
        theirs = sorted(str(line) for line in lines if line[3])
        ours = sorted(str((e.kind, e.about, e.line, e.amount)) for e in due.lines if e.amount)
        carried = sum(line[3] for line in lines if line[0] == "carry" and line[3] > 0)
        if theirs != ours or total != due.total or carried != due.carried:
            self._differ(where, theirs, ours, abs(total - due.total))
        if pending is not None and pending != due.pending:
            self._differ(where, sorted(pending), sorted(due.pending), 0)
        if counted != due.counted * MILLION and (lines or counted):
            self._differ(where, counted, due.counted, 0)

    def _differ(self, where: Any, theirs: Any, ours: Any, cents: int) -> None:
        self.score.cents_apart += cents
        self.score.differences.append(f"seed {self.seed} {where}: portal {theirs}, rules {ours}")


def _part(millionths: int) -> Fraction:
    return Fraction(millionths, MILLION)
