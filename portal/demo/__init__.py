"""One demo company's story: who works there, whom they serve, what they sold and what they learned."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from portal import clock
from portal.demo import story
from portal.demo.replay import Replay
from portal.models.base.database import transact
from portal.models.people.notices import Notice
from portal.models.people.passwords import hash_password
from portal.models.people.people import Person
from portal.models.people.sessions import password_is
from portal.models.work.clocks import Clock
from portal.settings import Settings

PASSWORD = "anjuli-demo-2026"  # noqa: S105 - printed for everyone to see
READ_AFTER = timedelta(days=7)
"""What people were told longer ago, they have seen."""


class NotEmpty(Exception):
    """People work in this portal already: the demo company is told in an empty one only."""


def has_people() -> bool:
    """Whether anyone works in this portal yet."""
    return Person.select().exists()


def tell(settings: Settings) -> None:
    """Tell the demo company's story up to this moment, whole or not at all. Raises NotEmpty."""
    password_hash = hash_password(PASSWORD)
    transact(lambda: _tell(password_hash))


def _tell(password_hash: str) -> None:
    if has_people():
        raise NotEmpty
    replay = Replay(story.story(), clock.now(), password_hash=password_hash, nothing=None)
    replay.play()
    for due in Clock.due():  # else the first to look would see what is over by the next minute
        Clock.get_by_id(due).advance()
    seen = replay.now - READ_AFTER
    for notice in Notice.select().where(Notice.at < seen):
        with clock.moved(notice.at + timedelta(hours=3)):
            notice.read()


def logins() -> list[tuple[str, Person]]:
    """The role and the person of each demo login that still works; empty when another company is here."""
    company = story.chapter("company")
    emails = {login.role: company["people"].by_key[login.person].email for login in company["logins"].entries}
    found = {p.email: p for p in Person.select().where(Person.email.in_(list(emails.values())))}
    known: dict[str, bool] = {}
    working: list[tuple[str, Person]] = []
    for role, email in emails.items():
        person = found.get(email)
        if person is None or not person.is_active:
            continue
        if person.password_hash not in known:  # one hash for all: asked once, hashing takes a while
            known[person.password_hash] = password_is(person, PASSWORD)
        if known[person.password_hash]:
            working.append((role, person))
    return working


def table(found: list[tuple[str, Person]]) -> str:
    """The logins in both languages, in columns."""
    company = story.chapter("company")
    labels = {login.role: login.label for login in company["logins"].entries}
    rows = [("ROLE", "角色", "NAME", "姓名", "E-MAIL 邮箱")]
    rows += [(role, labels[role], person.name_en, person.name, person.email) for role, person in found]
    widths = [max(_width(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join(_padded(cell, wide) for cell, wide in zip(row, widths, strict=True)) for row in rows]
    names = " ".join(each.value for each in company["people"].entries[0].names_company)
    password = f"password 密码: {PASSWORD}"
    return "\n".join(
        [f"{names}: sign in as 演示登录", "", *(f"  {line.rstrip()}" for line in lines), "", f"  {password}"]
    )


def _width(text: str) -> int:
    """Columns on a terminal: a wide character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, wide: int) -> str:
    return text + " " * (wide - _width(text))
