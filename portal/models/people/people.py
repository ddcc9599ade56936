"""Whoever signs in: persons, their departments and roles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, Self

from peewee import Case, CharField, Check, DateField, ForeignKeyField, ModelSelect, fn

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base import guards
from portal.models.base.database import db, remembered
from portal.models.base.fields import NameField, TextField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Invalid, Record, Searchable, along
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.people.words import PERSON, ROLES
from portal.models.work.clocks import Clock
from portal.text import pinyin
from portal.text.addresses import is_email


class Role(StrEnum):
    """What a person may do beyond being a member. Everyone active is a member."""

    REVIEWER = "reviewer"
    MANAGER = "manager"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    APPROVER = "approver"
    CLOSER = "closer"
    PAYER = "payer"
    ADJUSTER = "adjuster"
    PAYMENTS = "payments"

    @property
    def label(self) -> Phrase:
        return ROLES[self]

    @property
    def is_duty(self) -> bool:
        """Whether it is one of finance's duties (RULES 4.1): while nobody holds it, all of finance does."""
        return self in DUTIES

    @classmethod
    def given(cls) -> frozenset[str]:
        """The duties that someone active holds."""
        return remembered(cls, lambda: frozenset(name for (name,) in _GIVEN.rows()))

    @classmethod
    def held_by(cls, people: Iterable[Person]) -> dict[int, list[str]]:
        """The roles of several people in one query: {person id: [role, ...]}."""
        held: dict[int, list[str]] = {person.id: [] for person in people}
        for grant in RoleGrant.select().where(RoleGrant.person.in_(list(held))).order_by(RoleGrant.id):
            if grant.role not in held[grant.person_id]:
                held[grant.person_id].append(grant.role)
        return held


DUTIES = (Role.APPROVER, Role.CLOSER, Role.PAYER, Role.ADJUSTER, Role.PAYMENTS)
APART = (
    (Role.AUDITOR, Role.ADMINISTRATOR),
    (Role.AUDITOR, Role.FINANCE),
    *((Role.AUDITOR, duty) for duty in DUTIES),
    (Role.CLOSER, Role.REVIEWER),
    (Role.CLOSER, Role.APPROVER),
    (Role.CLOSER, Role.PAYER),
)
"""Roles that one person may not hold together (RULES 4.1)."""
LONGEST_KEY = 240
CORRECTED_WITHIN = 7
"""So many days a job title that was changed by mistake, or for all, may take to be put right."""
KNOWN_AFTER = 30
"""So many days in a post make it known to whoever goes back to it."""
SETTLED = 180
"""So many days after they came somebody who goes back to a post that they held knows it."""


class Person(Editable, Searchable):
    """Someone who works here, or did: records keep their name for ever."""

    called = PERSON

    email = CharField(254, unique=True, verbose_name=Phrase("E-mail"))
    """Lower case."""
    name = NameField(120, verbose_name=Phrase("Full name"))
    name_en = NameField(120, default="", verbose_name=Phrase("English name"))
    sort_name = CharField(LONGEST_KEY, default="", index=True)
    """Pinyin of the name, for sorting."""
    password_hash = CharField(255, default="")
    title = NameField(120, default="", verbose_name=Phrase("Title"))
    title_en = NameField(120, default="", verbose_name=Phrase("Job title in English"))
    phone = CharField(40, default="", verbose_name=Phrase("Phone"))
    employee_no = CharField(40, null=True, unique=True, verbose_name=Phrase("Employee number"))
    department = ForeignKeyField(
        Department, null=True, on_delete="RESTRICT", verbose_name=Phrase("Department")
    )
    department_id: int | None
    manager: ForeignKeyField[Any] = ForeignKeyField(
        "self", null=True, on_delete="RESTRICT", verbose_name=Phrase("Direct manager")
    )
    manager_id: int | None
    hired_on = DateField(null=True)
    in_post_since = UtcDateTimeField(null=True)
    """When they went over from another post to this one; empty: they began in it, or know it from before."""
    posts_told = TextField(default="")
    """What `posts` gives, as JSON."""
    left_on = DateField(null=True, verbose_name=Phrase("Left on"))
    deactivated_at = UtcDateTimeField(null=True)
    languages = CharField(200, default="", verbose_name=Phrase("Languages spoken"))
    """Codes, a space between them; empty while nothing was said."""
    locale = CharField(10, default=partial(Setting.read, "company.language"), verbose_name=Phrase("Language"))
    """The company's language, until they choose their own."""
    theme = CharField(10, default="auto", verbose_name=Phrase("Theme"))

    class Meta:
        constraints = [Check("locale IN ('zh', 'en')"), Check("theme IN ('auto', 'light', 'dark')")]

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self.email = self.email.strip().lower()
        self.sort_name = self.derived(self.__data__)["sort_name"]
        return super().save(*args, **kwargs)

    @classmethod
    def derived(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The name that lists sort by: a family name is read as one."""
        return {"sort_name": pinyin.name_sort_key(values["name"])[:LONGEST_KEY]} if "name" in values else {}

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        errors: dict[str, Phrase] = {}
        if "email" in values and not is_email(values["email"]):
            errors["email"] = Phrase("This is not an e-mail address. Write one such as name@example.com.")
        if "name" in values and not values["name"].strip():
            errors["name"] = Phrase.among("people", "A name is needed.")
        return errors

    @classmethod
    def visible_to(cls, person: Person | None) -> ModelSelect[Self]:
        """Colleagues know each other, also those who left."""
        return cls.select() if person is not None else cls.select().where(False)

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that a person's name or title holds this text: Chinese, English or pinyin."""
        together = fn.REPLACE(cls.sort_name, " ", "")
        return (
            cls.name.contains(text)
            | cls.name_en.contains(text)
            | cls.title.contains(text)
            | cls.title_en.contains(text)
            | cls.sort_name.contains(text.lower())
            | together.contains(text.lower().replace(" ", ""))
        )

    @classmethod
    def add(
        cls, *, by: Person | None, email: str, name: str, roles: Iterable[str] = (), **fields: Any
    ) -> Person:
        """Take someone in. Raises Invalid when the e-mail is taken or malformed."""
        email = email.strip().lower()
        if faults := cls.faults({"email": email, "name": name}):
            raise Invalid(faults)
        with db.atomic():
            if cls.get_or_none(cls.email == email):
                raise Invalid({"email": Phrase("Someone with this e-mail is already here.")})
            number = fields.pop("employee_no", None) or None
            if number and cls.get_or_none(cls.employee_no == number):
                raise Invalid({"employee_no": Phrase("Someone else has this already.")})
            person = cls.create(email=email, name=name.strip(), employee_no=number, **fields)
            person.track("joined", by=by)
            for role in roles:
                person.grant(Role(role), by=by)
        return person

    @classmethod
    def with_place(cls, people: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same people, whatever was read along with them, with department and manager."""
        return along(cls.select().where(cls.id.in_(people.select(cls.id))), cls.department, cls.manager)

    @property
    def known_words(self) -> list[str]:
        """What everyone knows of them: their names and their address."""
        return [self.email.partition("@")[0], self.email, self.name, self.name_en]

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    @property
    def spoken(self) -> list[str]:
        """The codes of the languages that they speak, as they said."""
        return self.languages.split()

    def speaks(self, language: str) -> bool:
        """Whether they can be asked in a language: anyone in any while they said nothing of it."""
        return not self.languages or language in self.spoken

    @property
    def avatar(self) -> str:
        """One or two characters of the name shown: a Chinese given name, else initials."""
        name = i18n.label(self)
        if name and "\u4e00" <= name[0] <= "\u9fff":
            return name[-2:] if len(name) > 2 else name[-1:]
        return "".join(word[0] for word in name.split()[:2]).upper()

    @cached_property
    def grants(self) -> list[RoleGrant]:
        """The roles held now, read once per request."""
        return _GRANTS(person=self.id)

    def holds(self, role: Role) -> bool:
        return self.is_active and any(grant.role == role for grant in self.grants)

    def does(self, duty: Role) -> bool:
        """Whether a duty of finance is theirs: it was given to them, or to nobody and they are in finance."""
        return self.is_finance and (self.holds(duty) or duty not in Role.given())

    @property
    def is_reviewer(self) -> bool:
        return self.holds(Role.REVIEWER)

    @property
    def is_manager(self) -> bool:
        return self.holds(Role.MANAGER)

    @property
    def is_finance(self) -> bool:
        return self.holds(Role.FINANCE)

    @property
    def is_administrator(self) -> bool:
        return self.holds(Role.ADMINISTRATOR)

    @property
    def is_auditor(self) -> bool:
        return self.holds(Role.AUDITOR)

    @cached_property
    def review_topics(self) -> frozenset[int]:
        """Topics this person reviews, with everything below them: all, where the role names none."""
        mine = [grant.topic_id for grant in self.grants if grant.role == Role.REVIEWER]
        if None in mine:
            return frozenset(Topic.parents())
        return Topic.with_descendants(topic for topic in mine if topic is not None)

    @cached_property
    def team(self) -> frozenset[int]:
        """Ids of the people this person leads: direct and indirect reports, and the departments led."""
        if not self.is_manager:
            return frozenset()
        given: dict[str, Any] = {"me": self.id}
        if led := self._led_departments:
            given["departments"] = led
        return frozenset(ident for (ident,) in _TEAMS[bool(led)].rows(**given)) - {self.id}

    @property
    def _led_departments(self) -> list[int]:
        return sorted({g.department_id for g in self.grants if g.role == Role.MANAGER and g.department_id})

    def or_led(self, person: Any) -> Any:
        """A person's id within a query: one's own where it is of the team. What is told of oneself and one's
        team together costs no question of its own so.
        """
        return Case(None, [(self.leads_in(person), self.id)], person) if self.is_manager else person

    def leads_in(self, person: Any) -> Any:
        """The condition, within a query, that a person is in this manager's team."""
        return person.in_(_team(self.id, self._led_departments or None)) & (person != self.id)

    def leads(self, other: Person | int | None) -> bool:
        """Whether the other person is in this manager's team: of a direct report that is known at once."""
        if isinstance(other, Person) and other.manager_id == self.id != other.id and self.is_manager:
            return True
        return getattr(other, "id", other) in self.team

    def touch(self, values: Mapping[str, Any]) -> None:
        """Whoever goes to another department leaves a note of the one they were in (RULES 4.1); whoever goes
        over to another post begins in it now. A title that is only written down is no other post.
        """
        with db.atomic():
            moves = bool({"department", "title"} & values.keys())
            stored = Person.get_or_none(Person.id == self.id) if moves else None
            stored = stored or self
            department, post = stored.department_id, stored.title
            if goes := post != self.title:
                self._go_over(stored)
                values = {**values, "in_post_since": self.in_post_since, "posts_told": self.posts_told}
            super().touch(values)
            if goes and post and self.title:
                self._see_post_renamed(post)
            if department != self.department_id:
                Transfer.note(self, department)

    @property
    def posts(self) -> list[list[Any]]:
        """The posts of who went over to another, the first first: title, English title, and moment, which the
        first has not.
        """
        told: list[list[Any]] = json.loads(self.posts_told or "[]")
        return told

    @property
    def joined_on(self) -> date:
        """The day they came: as they were hired, else as their account was made."""
        return self.hired_on or clock.local(self.created_at).date()

    def _go_over(self, before: Person) -> None:
        """Begin in the post that they have from now on. Back within some days it was a mistake, and all is as
        it was; a title that is taken away or written down is no other post.
        """
        held = before.posts
        if not held and before.title:
            held = [[before.title, before.title_en, None]]
        if held and self.title and held[-1][0] != self.title:
            late = clock.now() - timedelta(days=CORRECTED_WITHIN)
            back = [
                place
                for place, (title, _, _) in enumerate(held[:-1])
                if title == self.title and datetime.fromisoformat(held[place + 1][2]) > late
            ]
            now = [self.title, self.title_en, clock.now().isoformat()]
            held = held[: back[-1] + 1] if back else [*held, now]
        self._hold(held)

    def _hold(self, posts: list[list[Any]]) -> None:
        """The posts that they had and have. Who came long ago and goes back to one of them knows it."""
        self.posts_told, self.in_post_since = json.dumps(posts), None
        began = [datetime.fromisoformat(at) if at else None for _, _, at in posts]
        if began and (last := began[-1]):
            ends = [(at or clock.start_of(self.joined_on), until) for at, until in pairwise(began)]
            long = [
                title
                for (title, _, _), (at, until) in zip(posts, ends, strict=False)
                if until is not None and (until - at).days >= KNOWN_AFTER
            ]
            settled = (clock.local(last).date() - self.joined_on).days >= SETTLED
            self.in_post_since = None if settled and posts[-1][0] in long else last

    def _see_post_renamed(self, post: str) -> None:
        """Once nobody has the post before any more, and all who have this one, two at least, came from it
        within some days, the job title got another name: in what it names all are as long as they were.
        """
        here = Person.deactivated_at.is_null()
        if Person.select().where(here & (Person.title == post)).exists():
            return
        late = (clock.now() - timedelta(days=CORRECTED_WITHIN)).isoformat()
        those = list(Person.select().where(here & (Person.title == self.title)))
        came = [each for each in those if each.posts[-2:-1] and each.posts[-2][0] == post]
        if len(those) != len(came) or len(came) < 2 or any(each.posts[-1][2] < late for each in came):
            return
        for each in came:
            each._hold([*each.posts[:-2], [*each.posts[-1][:2], each.posts[-2][2]]])
            facts = {"posts_told": each.posts_told, "in_post_since": each.in_post_since}
            Person.update(facts).where(Person.id == each.id).execute()
            if each.id == self.id:
                self.posts_told, self.in_post_since = each.posts_told, each.in_post_since

    def editable_by(self, person: Person) -> bool:
        return bool(person == self) or person.is_administrator

    def grant(
        self,
        role: Role,
        *,
        by: Person | None,
        topic: Topic | None = None,
        department: Department | None = None,
    ) -> None:
        """Give a role; twice is harmless. Raises Invalid for roles that must be apart."""
        role = Role(role)
        with db.atomic():
            self._grant(role, by=by, topic=topic, department=department)
        self._forget_roles()

    def _grant(
        self, role: Role, *, by: Person | None, topic: Topic | None, department: Department | None
    ) -> None:
        # Of two roles given at one moment the second waits for the first: what must be apart stays so.
        Person.update(version=Person.version).where(Person.id == self.id).execute()
        held = {g.role for g in RoleGrant.select().where(RoleGrant.person == self)}
        if role.is_duty and by is not None and by.id == self.id:
            raise Invalid({"role": Phrase("Nobody gives a duty to themselves.")})
        if role.is_duty and Role.FINANCE not in held:
            raise Invalid({"role": Phrase("This is for someone in finance: give that role first.")})
        for one, other in (*APART, *(pair[::-1] for pair in APART)):
            if role == one and other in held:
                raise Invalid({"role": Phrase("These two roles must be held by different people.")})
        scope = f"topic-{topic.id}" if topic else f"department-{department.id}" if department else ""
        made = (
            RoleGrant.insert(
                person=self, role=role, topic=topic, department=department, scope=scope, granted_by=by
            )
            .on_conflict_ignore()
            .execute()
        )
        if made:
            self.track("granted", by=by, changes={"role": [None, role], "scope": [None, scope]})

    def correct(self, *, by: Person, version: int | None = None, **facts: Any) -> None:
        """Edit who someone is. Raises Invalid when an e-mail or employee number is taken, and Stale."""
        facts["employee_no"] = facts.get("employee_no") or None
        facts["email"] = facts["email"].strip().lower()
        for name in ("email", "employee_no"):
            other = Person.get_or_none((getattr(Person, name) == facts[name]) & (Person.id != self.id))
            if facts[name] and other is not None:
                raise Invalid({name: Phrase("Someone else has this already.")})
        if facts.get("manager") is not None and self.id in {facts["manager"].id, facts["manager"].manager_id}:
            raise Invalid({"manager": Phrase("Two people cannot be each other's manager.")})
        self._check_days(facts.get("hired_on", self.hired_on), facts.get("left_on", self.left_on))
        self.edit(by=by, version=version, **facts, **self.derived(facts))

    def end(self, left_on: date | None, *, by: Person) -> None:
        """Note someone's last day of employment, until which months are theirs (RULES 4.1, proration). Raises
        Invalid.
        """
        self._check_days(self.hired_on, left_on)
        self.edit(by=by, left_on=left_on)

    @staticmethod
    def _check_days(hired: date | None, left: date | None) -> None:
        if hired is not None and left is not None and left < hired:
            raise Invalid({"left_on": Phrase("Nobody leaves before they joined.")})

    def grant_scoped(
        self, *, by: Person, role: str, topic: Topic | None = None, department: Department | None = None
    ) -> bool:
        """Give a role with the scope that it takes: a reviewer's topic, a manager's department."""
        self.grant(
            Role(role),
            by=by,
            topic=topic if role == Role.REVIEWER else None,
            department=department if role == Role.MANAGER else None,
        )
        return True

    def withdraw(self, role: Role, *, by: Person | None, scope: str | None = None) -> None:
        """Take a role back; twice is harmless. Raises Invalid for the last administrator."""
        if role == Role.ADMINISTRATOR:
            self._not_the_last_administrator()
        if role == Role.FINANCE:
            for duty in DUTIES:
                self.withdraw(duty, by=by)
        gone = RoleGrant.delete().where((RoleGrant.person == self) & (RoleGrant.role == role))
        if scope is not None:
            gone = gone.where(RoleGrant.scope == scope)
        if gone.execute():
            self.track("withdrawn", by=by, changes={"role": [role, None], "scope": [scope, None]})
            Clock.hasten(self, "role")
        self._forget_roles()

    def deactivate(self, *, by: Person) -> None:
        """They left; the name stays on all they wrote. `sessions.close_account` signs them out too."""
        if not self.is_active:
            return
        self._not_the_last_administrator()
        self.write(deactivated_at=clock.now())
        Clock.hasten(self)
        self.track("deactivated", by=by)

    def reactivate(self, *, by: Person) -> None:
        """Open the account again."""
        if self.is_active:
            return
        self.write(deactivated_at=None)
        self.track("reactivated", by=by)

    def _not_the_last_administrator(self) -> None:
        others = (
            RoleGrant.select()
            .join(Person, on=RoleGrant.person)
            .where(
                (RoleGrant.role == Role.ADMINISTRATOR)
                & (RoleGrant.person != self)
                & Person.deactivated_at.is_null()
            )
        )
        mine = RoleGrant.select().where((RoleGrant.person == self) & (RoleGrant.role == Role.ADMINISTRATOR))
        if mine.exists() and not others.exists():
            raise Invalid(
                {"role": Phrase("The last administrator stays: make someone else administrator first.")}
            )

    def _forget_roles(self) -> None:
        for name in ("grants", "review_topics", "team"):
            self.__dict__.pop(name, None)


class RoleGrant(Record):
    """One role of one person, for one topic or department or in general."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    role = CharField(20)
    topic = ForeignKeyField(Topic, null=True, on_delete="CASCADE")
    topic_id: int | None
    department = ForeignKeyField(Department, null=True, on_delete="CASCADE")
    department_id: int | None
    scope = CharField(60, default="")
    """Makes the unique key: an empty topic is no value to a database."""
    granted_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")

    class Meta:
        indexes = ((("person", "role", "scope"), True),)
        constraints = [
            Check(
                "role IN ('reviewer', 'manager', 'finance', 'administrator', 'auditor', 'approver', "
                "'closer', 'payer', 'adjuster', 'payments')"
            )
        ]


class Transfer(Record):
    """The department that someone was in until a day; from that day on they are in the next one noted, or
    in that of today.

    Who has none was always where they are. Of several on one day the first counts: it names where one was.
    """

    person = ForeignKeyField(Person, on_delete="CASCADE", index=False)
    person_id: int
    department = ForeignKeyField(Department, null=True, on_delete="RESTRICT")
    department_id: int | None
    on = DateField()

    class Meta:
        indexes = ((("person", "on"), True),)

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        guards.forbid_updates("transfer", when="TRUE")

    @classmethod
    def note(cls, person: Person, department: int | None) -> None:
        """They leave this department today."""
        row = {"person": person, "department": department, "on": clock.today(), "created_at": clock.now()}
        cls.insert(row).on_conflict_ignore().execute()


def auditors() -> ModelSelect[RoleGrant]:
    """The ids of those who audit: they read, and stay out of what the others do."""
    return RoleGrant.select(RoleGrant.person).where(RoleGrant.role == Role.AUDITOR.value)


def active_with(*roles: Role) -> list[Person]:
    """Everyone who works here and holds one of these roles."""
    granted = RoleGrant.select(RoleGrant.person).where(RoleGrant.role.in_([role.value for role in roles]))
    return list(Person.select().where(Person.id.in_(granted) & Person.deactivated_at.is_null()))


def reviewers_of(topics: Iterable[int]) -> ModelSelect[Person]:
    """Active reviewers of any of these topics or of a topic above them; those without topics review all."""
    above = list(Topic.with_ancestors(topics))
    allowed = RoleGrant.topic.in_(above) | RoleGrant.topic.is_null()
    return (
        Person.select()
        .join(RoleGrant, on=(RoleGrant.person == Person.id))
        .where((RoleGrant.role == Role.REVIEWER) & allowed & Person.deactivated_at.is_null())
        .distinct()
        .order_by(Person.id)
    )


def _team(me: Any, departments: Any = None) -> Any:
    first = Person.manager == me
    if departments is not None:
        first |= Person.department.in_(_departments(departments))
    below, report = Person.select(Person.id).where(first).cte("led", recursive=True), Person.alias()
    further = report.select(report.id).join(below, on=(report.manager == below.c.id))
    team = below.union(further)
    return team.select_from(team.c.id)


_TEAMS = {True: Prepared[Any](_team), False: Prepared[Any](_team, ["me"])}
"""By whether departments are led too."""


def _departments(led: Iterable[int]) -> Any:
    """The departments led and all below them, as a query within another."""
    top, below = Department.select(Department.id).where(Department.id.in_(list(led))), Department.alias()
    found = top.cte("departments", recursive=True)
    found = found.union(below.select(below.id).join(found, on=(below.parent == found.c.id)))
    return found.select_from(found.c.id)


_GIVEN = Prepared[RoleGrant](
    lambda: (
        RoleGrant.select(RoleGrant.role)
        .join(Person, on=(RoleGrant.person == Person.id))
        .where(RoleGrant.role.in_(list(DUTIES)) & Person.deactivated_at.is_null())
        .distinct()
    )
)
_GRANTS = Prepared[RoleGrant](lambda person: RoleGrant.select().where(RoleGrant.person == person))
