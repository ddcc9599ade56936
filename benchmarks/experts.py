"""Measures whom the portal asks, on a forum whose answers are known: `make bench-experts`.

    python -m benchmarks.experts [FOLDER] [--needs .45 .58 .74]

Walks the forum of a folder in time order (posts.csv, as experts_quantum_se of the public sets in PORTAL_SHARED has it) in a
portal of its own, with the clock of that time: each question under all its tags, each answer by whoever gave it, accepted
answers chosen as the best. Before a question is asked, the portal says whom it would ask; counted is how often the one
whose answer was accepted is among the first 3, 5 and 10, of the questions whose answerer is not the asker and had answered
before. Beside it what plain means come to: the most answers so far, the same with a half-life, BM25 over what each answered,
and E of RULES 4.5 by the question's first topic alone. The files do not say when an answer was accepted: as it was
written, here and in the means beside. The status is 1 where a share is below what is needed.
"""

from __future__ import annotations

import argparse
import csv
import html
import math
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.search import shared
from portal import clock
from portal.migrations import migrate
from portal.models.base import database
from portal.models.base.database import transaction
from portal.models.base.record import SearchOutbox
from portal.models.company.topics import Topic
from portal.models.knowledge.experts import whom_to_ask
from portal.models.knowledge.questions import MOST_TOPICS, Answer, Question, QuestionTopic
from portal.models.people.people import Person
from portal.search import searcher
from portal.search.searcher import Searcher
from portal.settings import Settings

FIRST = (3, 5, 10)
NEEDED = (0.45, 0.58, 0.74)
HALF_LIFE = timedelta(days=90)
TAG = re.compile(r"<[^>]+>")
WORD = re.compile(r"[a-z0-9]+")


@dataclass
class Post:
    """A question or an answer of the forum."""

    id: str
    at: datetime
    by: str
    """Empty where the account is gone."""
    title: str
    text: str
    tags: list[str]
    accepted: str
    parent: Post | None = None
    words: Counter[str] = field(default_factory=Counter)

    @property
    def is_question(self) -> bool:
        return self.parent is None

    @property
    def is_accepted(self) -> bool:
        """Accepted by somebody else than its author: thanking oneself proves nothing."""
        return self.parent is not None and self.parent.accepted == self.id and self.parent.by != self.by


def read(folder: Path) -> list[Post]:
    """The posts of a forum, the oldest first; answers whose question is lost are left out."""
    usual = csv.field_size_limit(1 << 24)  # of the whole process
    try:
        with (folder / "posts.csv").open(encoding="utf-8", newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: (row["created"], int(row["id"])))
    finally:
        csv.field_size_limit(usual)
    posts: dict[str, Post] = {}
    for row in rows:
        if row["type"] == "answer" and row["parent_id"] not in posts:
            continue
        text = " ".join(html.unescape(TAG.sub(" ", row["body_html"])).split())
        title = " ".join(row["title"].split())
        posts[row["id"]] = Post(
            row["id"],
            datetime.fromisoformat(row["created"]).replace(tzinfo=UTC),
            row["owner_user_id"],
            title,
            text,
            row["tags"].split()[:MOST_TOPICS],
            row["accepted_answer_id"],
            posts.get(row["parent_id"]),
            Counter(WORD.findall(f"{title} {text}".lower())),
        )
    return list(posts.values())


def judged(posts: Sequence[Post]) -> dict[str, str]:
    """Who should be named, by question: whose answer was accepted, where they had answered before."""
    by_id = {post.id: post for post in posts}
    first: dict[str, datetime] = {}
    for post in posts:
        if not post.is_question:
            first.setdefault(post.by, post.at)
    found = {}
    for post in posts:
        answer = by_id.get(post.accepted) if post.is_question else None
        if answer and answer.by and answer.is_accepted and first[answer.by] < post.at:
            found[post.id] = answer.by
    return found


def places(named: Mapping[str, Sequence[str]], right: Mapping[str, str]) -> list[float]:
    """How often the right one is among the first 3, 5 and 10."""
    return [
        sum(who in named[question][:first] for question, who in right.items()) / max(len(right), 1)
        for first in FIRST
    ]


# --- The portal ----------------------------------------------------------------------------------------


class Forum:
    """A portal in which a forum happens, from its first day on."""

    def __init__(self, search: Searcher) -> None:
        self.search = search
        self.people: dict[str, Person] = {}
        self.topics: dict[str, Topic] = {}
        self.questions: dict[str, Question] = {}
        self.seconds = 0.0
        """What saying whom to ask took in all, in seconds."""

    @classmethod
    def begin(cls, folder: Path) -> Forum:
        """In a folder of its own."""
        settings = Settings(data=folder)
        database.connect(settings.database)
        migrate()
        return cls(searcher.connect(settings))

    def named(self, posts: Sequence[Post], wanted: Mapping[str, str]) -> dict[str, list[str]]:
        """Whom the portal would ask each of the questions wanted, as each is about to be asked."""
        found: dict[str, list[str]] = {}
        with database.db.connection_context():
            for post in posts:
                with clock.moved(post.at):
                    if post.id in wanted:
                        found[post.id] = self._whom_to_ask(post)
                        if len(found) == len(wanted):
                            break
                    self._happens(post)
        return found

    def _whom_to_ask(self, post: Post) -> list[str]:
        self.search.feed.drain()
        asker, topics = self._person(post.by), [self._topic(tag).id for tag in post.tags]
        started = time.perf_counter()
        with transaction(write=False):
            like = self.search.alike(asker, post.title, post.text)
            knowers = whom_to_ask(topics, like=like, but=asker, size=FIRST[-1])
        self.seconds += time.perf_counter() - started
        return [knower.person.name for knower in knowers]

    def _happens(self, post: Post) -> None:
        # Written without the checks of the forms: the forum's texts are full of addresses and numbers.
        now, by = clock.now(), self._person(post.by)
        facts = {"created_at": now, "updated_at": now}
        if post.parent is None:
            topics = [self._topic(tag) for tag in post.tags]
            made = Question.insert(
                text=post.title[:300],
                detail=post.text,
                asker=by,
                topic=topics[0] if topics else None,
                **facts,
            ).execute()
            rows = [{"question": made, "topic": topic, "created_at": now} for topic in topics[1:]]
            if rows:
                QuestionTopic.insert_many(rows).execute()
            self.questions[post.id] = Question.get_by_id(made)
            SearchOutbox.note(Question.kind(), [made])
            return
        question = self.questions[post.parent.id]
        made = Answer.insert(question=question, author=by, text=post.text or "-", **facts).execute()
        SearchOutbox.note(Question.kind(), [question.id])
        if post.is_accepted:
            question.choose_best(Answer.get_by_id(made), by=question.asker)

    def _person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = Person.add(by=None, email=f"someone{name}@example.com", name=name or "Gone")
        return self.people[name]

    def _topic(self, tag: str) -> Topic:
        if tag not in self.topics:
            self.topics[tag] = Topic.create(name=tag, name_en=tag)
        return self.topics[tag]


# --- Plain means ---------------------------------------------------------------------------------------

Means = Callable[[Post, Sequence[Post]], Mapping[str, float]]
"""What each person is worth for a question, of the answers before it."""


def most_answers(post: Post, answers: Sequence[Post]) -> Mapping[str, float]:
    return Counter(answer.by for answer in answers)


def fading_answers(post: Post, answers: Sequence[Post]) -> Mapping[str, float]:
    worth = defaultdict[str, float](float)
    for answer in answers:
        worth[answer.by] += 2 ** (-((post.at - answer.at) / HALF_LIFE))
    return worth


def first_topic(post: Post, answers: Sequence[Post]) -> Mapping[str, float]:
    """E(u, t): 8 for a best answer, with a half-life of a year."""
    worth = defaultdict[str, float](float)
    for answer in answers:
        if answer.is_accepted and answer.parent and {*post.tags[:1]} & {*answer.parent.tags}:
            worth[answer.by] += 8 * 2 ** (-((post.at - answer.at) / timedelta(days=365)))
    return worth


def bm25(post: Post, answers: Sequence[Post]) -> Mapping[str, float]:
    """Over each answer, added up for its author (k1 = 1.2, b = 0.75)."""
    worth = defaultdict[str, float](float)
    held = Counter(word for answer in answers for word in answer.words)
    mean = sum(answer.words.total() for answer in answers) / max(len(answers), 1)
    rare = {
        word: math.log(1 + (len(answers) - held[word] + 0.5) / (held[word] + 0.5))
        for word in post.words
        if held[word]
    }
    for answer in answers:
        long = 1.2 * (0.25 + 0.75 * answer.words.total() / mean)
        for word, weight in rare.items():
            if times := answer.words[word]:
                worth[answer.by] += weight * times * 2.2 / (times + long)
    return worth


BESIDE: dict[str, Means] = {
    "most answers": most_answers,
    "most answers, half-life of 90 days": fading_answers,
    "BM25 over past answers": bm25,
    "E by the first topic": first_topic,
}


def ordered(
    posts: Sequence[Post], wanted: Mapping[str, str], means: Means
) -> Iterator[tuple[str, list[str]]]:
    """The people by what they are worth, for each of the questions wanted."""
    answers: list[Post] = []
    for post in posts:
        if post.id in wanted:
            worth = {who: each for who, each in means(post, answers).items() if who != post.by}
            yield post.id, sorted(worth, key=lambda who: (-worth[who], who))
        if not post.is_question and post.by:
            answers.append(post)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=shared() / "experts_quantum_se")
    parser.add_argument("--needs", nargs=3, type=float, default=NEEDED, help="shares of the first 3, 5, 10")
    options = parser.parse_args()
    if not (options.folder / "posts.csv").is_file():
        sys.exit(f"no forum at {options.folder}: set PORTAL_SHARED to the folder of the data sets")
    posts = read(options.folder)
    right = judged(posts)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bench-experts-") as folder:
        forum = Forum.begin(Path(folder))
        reached = places(forum.named(posts, right), right)
    took = time.perf_counter() - started
    print(f"{options.folder.name}: {len(right)} questions whose answerer had answered before\n")
    print(f"{'':36}" + "".join(f"{f'first {first}':>10}" for first in FIRST))
    for name, means in BESIDE.items():
        shares = places(dict(ordered(posts, right, means)), right)
        print(f"{name:36}" + "".join(f"{share:10.3f}" for share in shares))
    print(f"{'whom the portal asks':36}" + "".join(f"{share:10.3f}" for share in reached))
    print(f"{'needed':36}" + "".join(f"{share:10.3f}" for share in options.needs))
    each = 1000 * forum.seconds / max(len(right), 1)
    print(f"\n{each:.0f} ms to say whom to ask, search included; {took:.0f} s in all")
    return int(any(share < need for share, need in zip(reached, options.needs, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
