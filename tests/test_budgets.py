"""What a page may ask of the database: little, on every page, for every role, however many wings there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl

import pytest

from portal import clock, shell
from portal.demo import story
from portal.models.company.topics import Topic
from portal.models.expertise.endorsements import Endorsement
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from tests.company import Company
from tests.counting import MOST, queries

LOGINS = [(str(login.role), login.person) for login in story.entries("logins")]


def looks(company: Company, key: str) -> Iterator[tuple[str, list[str]]]:
    """A page of each kind that someone's links lead to, cold, and what it asked of the database.

    Each section, part and filter of a page is a kind of its own; of a kind several are looked at, because records
    in other states ask other questions.
    """
    browser, waiting, known, visits = company.browser(key), ["/"], set[str](), Counter[tuple[str, ...]]()
    while waiting:
        path = waiting.pop(0)
        query = parse_qsl(path.partition("?")[2])
        parts = sorted(f"{name}={value}" if name in ("tab", "show") else name for name, value in query)
        kind = (company.route(path), *parts)
        if not kind[0] or path in known or visits[kind] >= (1 if parts else 5) or len(parts) > 1:
            continue
        known.add(path)
        shell._counted.clear()
        with queries() as asked:
            answer = browser.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        visits[kind] += 1
        yield path, asked
        waiting += [link for link in map(unescape, LINK.findall(answer.text)) if link not in known]


LINK = re.compile(r'href="(/[^"#]*)')


@pytest.mark.parametrize("key", [key for _, key in LOGINS], ids=[role for role, _ in LOGINS])
def test_a_page_asks_little(company: Company, key: str) -> None:
    many = {path: asked for path, asked in looks(company, key) if len(asked) > MOST}
    assert not many, "\n".join(
        f"{path}: {len(asked)}\n  " + "\n  ".join(asked) for path, asked in many.items()
    )


ACTED_ON = (
    (Article, Article.updated_at, "used"),
    (Question, Question.updated_at, "archived"),
    (Person, None, "endorsed"),
)
"""The nouns whose pages look for what can be undone only after a fresh act, and what makes it fresh."""


@pytest.mark.parametrize("key", [key for _, key in LOGINS], ids=[role for role, _ in LOGINS])
def test_a_page_just_acted_on_asks_little(company: Company, key: str) -> None:
    """Who opens a page within a day of their own act on it is told how to undo it: within the same measure."""
    me, browser, many, offered = company.person(key), company.browser(key), dict[str, list[str]](), 0
    now = clock.now()
    Endorsement.update(at=now).where(Endorsement.by == me).execute()
    for noun, changed, verb in ACTED_ON:
        if changed is not None:
            noun.update({changed: now}).execute()
        topic = Topic.select().first()
        changes = {"topic": [None, topic.id]} if verb == "endorsed" else None
        for record in list(noun.select()):
            record.track(verb, by=me, changes=changes)
            shell._counted.clear()
            with queries() as asked:
                answer = browser.get(record.url)
            offered += 'class="undoing"' in answer.text
            if len(asked) > MOST:
                many[record.url] = asked
    assert offered or me.is_auditor, "nothing was looked for"
    assert not many, "\n".join(
        f"{path}: {len(asked)}\n  " + "\n  ".join(asked) for path, asked in many.items()
    )
