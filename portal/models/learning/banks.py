"""A bank of questions from a file, a table or GIFT: each comes in as a draft of one exam."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undoes
from portal.models.company.topics import Topic
from portal.models.files.attachments import arrival
from portal.models.knowledge.articles import Article
from portal.models.learning import marking
from portal.models.learning.exams import DIFFICULTIES, DRAFT, LONGEST_QUESTION, Exam, ExamQuestion
from portal.models.people.people import Person
from portal.tables import gift
from portal.tables.cells import BadCell, parse_lines, unguarded
from portal.tables.delimited import text_of
from portal.tables.table import Table, TableRow, Unreadable, guess_columns, read_table

MOST = 500
"""So many questions come in with one file."""
SHOWN = 20
"""So many of what a file holds are shown before it comes in."""
SAMPLED, SAMPLES, SHORT = 50, 2, 40
"""Of a column so many different values of so many rows are shown, so much of each."""
LARGEST = 4 << 20
"""Bytes: a bank is text."""
LETTERS = "abcdefghijkl"
PLACES = [str(place) for place in range(1, len(LETTERS) + 1)]
MARKS = "*＊√✓"
"""What stands before a choice that is right."""
TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods")
COLUMNS = {
    "text": "question,question text,stem,text,题目,题干,试题,问题,题目内容,试题内容",
    "sort": "sort,type,question type,题型,类型,试题类型",
    # the choices may stand in one column, a line each, or in one for each letter
    "answers": "answers,options,choices,选项,备选答案,答案选项",
    "right": "right,right answer,correct,correct answer,answer,key,正确答案,标准答案,参考答案,答案",
    "reason": "why it is so,reason,explanation,feedback,解析,答案解析,试题解析,为什么",
    "difficulty": "difficulty,level,难度,难易度",
    "topic": "topic,category,主题,知识点,分类",
    "article": "article,to read,source,read again,文章,依据,出处,参考资料",
    **{
        sign: f"{sign},option {sign},choice {sign},选项{sign},选项 {sign},{sign}选项,{sign} 选项,"
        f"option {at},choice {at},选项{at},选项 {at}"
        for at, sign in enumerate(LETTERS, 1)
    },
}
"""What banks call their columns."""
FIELDS: dict[str, Phrase] = {
    "text": Phrase.among("exams", "Question"),
    "sort": Phrase.among("exams", "Sort"),
    "answers": Phrase("Answers, a line each"),
    "right": Phrase("What is right"),
    "reason": Phrase("Why it is so"),
    "difficulty": Phrase("Difficulty"),
    "topic": Phrase("Topic"),
    "article": Phrase("Article"),
    **{sign: Phrase("Answer %(sign)s", sign=sign.upper()) for sign in LETTERS},
}
"""What a column becomes, as it is chosen where a bank calls it otherwise."""
SORTS = {
    "single": "single choice,multiple choice (one answer),单选,单选题,单项选择题",
    "multiple": "multiple choice,multiple answer,多选,多选题,多项选择题,不定项选择题",
    "true_false": "true/false,true or false,判断,判断题,是非题",
    "order": "ordering,order,排序,排序题",
    "match": "matching,match,配对,匹配,连线题,配对题",
    "numeric": "numerical,number,数字,数值题,计算题",
    "text": "short answer,fill in the blank,填空,填空题,简答题",
}
LEVELS = {1: "1,easy,易,容易,简单", 2: "2,medium,中,中等,适中,一般", 3: "3,hard,difficult,难,困难,较难"}
NO_QUESTIONS = Phrase("No column of this file says what is asked. Choose in the list which one it is.")
UNCLEAR = Phrase("Which choice is right? Name it by its letter, or write it as the choice is written.")
_APART = re.compile(r"[\s,，、;；/|]+")
_ADDRESS = re.compile(r"/articles/(\d{1,12})(?!\d)")
_BETWEEN = re.compile("[-→>.]+")
"""What stands between the letters of an order."""
_LABEL = re.compile(r"[(（]?([A-Za-zＡ-Ｚ])\s*[)）.．、:：]\s*(?=\S)")


@dataclass(frozen=True)
class ChosenColumns:
    """What somebody chose each column of a table to be, in their order, by FIELDS; `headers` marks it."""

    fields: Sequence[str] = ()
    headers: str = ""


@dataclass(frozen=True)
class BankColumn:
    """A column of a file: what it is called, what stands in it first, what it becomes; empty: nothing."""

    header: str
    samples: Sequence[str]
    becomes: str


@dataclass(frozen=True)
class BankChoice:
    """One choice of a row: the letter that names it, and its text."""

    sign: str
    text: str
    was_marked: bool = False

    @property
    def is_marked(self) -> bool:
        """Whether it is called right where it stands."""
        return self.was_marked or self.bare != self.text

    @property
    def bare(self) -> str:
        """Its text without that mark."""
        return self.text.lstrip(f"{MARKS} ") or self.text


@dataclass(frozen=True)
class BankRow:
    """One question as a file has it."""

    row: int
    facts: Mapping[str, Any]
    problem: Phrase | None = None
    doubts: Sequence[Phrase] = ()
    """What of it was not understood and is left to who reads the draft."""


@dataclass
class BankReport:
    """What became of a file: how many came in, how many were there already, which rows were not taken."""

    added: int = 0
    known: int = 0
    refused: list[tuple[int, Phrase]] = field(default_factory=list)
    doubts: list[tuple[int, Phrase]] = field(default_factory=list)
    """Rows that came in without something they said."""
    unread: Sequence[str] = ()
    """Columns of which nothing came in."""
    first: list[ExamQuestion] = field(default_factory=list)
    """The first of those that came in."""


def read_bank(
    file: BinaryIO | None, name: str, *, by: Person, columns: ChosenColumns | None = None
) -> tuple[list[BankRow], list[str]]:
    """The questions in a file, and what its columns are called of which nothing is read; nothing of it is
    kept. Raises Invalid.
    """
    unread: list[str] = []
    data = _bytes_of(file, name)
    if (written := _as_gift(data, name)) is not None:
        topics = _topics()
        rows = [_of_gift(each, topics) for each in islice(gift.read(written), MOST + 1)]
    else:
        table = _table(data, name)
        chosen = _columns(table, columns)
        rows, used = list(_of_table(table, by, chosen)), chosen.values()
        unread = [header for at, header in enumerate(table.headers) if header and at not in used]
    if len(rows) > MOST:
        raise Invalid({"file": Phrase("At most %(most)s questions come in with one file.", most=MOST)})
    if not rows:
        raise Invalid({"file": Phrase("There is no question in this file.")})
    return rows, unread


def _bytes_of(file: BinaryIO | None, name: str) -> bytes:
    if file is None or not name:
        raise Invalid({"file": Phrase("Choose a file.")})
    file.seek(0)
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Invalid({"file": Phrase("The file is larger than %(limit)s MB.", limit=LARGEST >> 20)})
    return data


def columns_of(
    file: BinaryIO | None, name: str, *, columns: ChosenColumns | None = None
) -> tuple[list[BankColumn], str]:
    """The columns of a table with what each becomes, and what marks it; none of GIFT, or of no table."""
    try:
        data = _bytes_of(file, name)
        if _as_gift(data, name) is not None:
            return [], ""
        table = _table(data, name)
    except Invalid:
        return [], ""
    mark = _mark(table)
    if columns is not None and columns.headers == mark:
        becomes = dict(enumerate(columns.fields))
    else:
        becomes = {at: field for field, at in _columns(table, None).items()}
    rows = [row.values for row in table.rows[:SAMPLED]]
    return [
        BankColumn(header, _samples(values[at] for values in rows), becomes.get(at, ""))
        for at, header in enumerate(table.headers)
    ], mark


def _samples(cells: Iterable[Any]) -> list[str]:
    said = dict.fromkeys(str(cell).strip()[:SHORT] for cell in cells if cell is not None)
    return [each for each in said if each][:SAMPLES]


def _mark(table: Table) -> str:
    return sha256("\n".join(table.headers).encode()).hexdigest()[:16]


def _columns(table: Table, chosen: ChosenColumns | None) -> dict[str, int]:
    """Which column holds which field: as somebody chose for this table, else as its headers suggest. Raises
    Invalid.
    """
    if chosen is None or chosen.headers != _mark(table):
        return guess_columns(table.headers, COLUMNS, exact=[*LETTERS])
    found: dict[str, int] = {}
    for at, name in enumerate(chosen.fields[: len(table.headers)]):
        if name in found:
            words = Phrase("Two columns become “%(field)s”.", field=i18n.gettext(FIELDS[name]))
            raise Invalid({"file": words})
        if name in FIELDS:
            found[name] = at
    return found


def _as_gift(data: bytes, name: str) -> str | None:
    """The text of a file that is GIFT; else None. What is called a table is one, braces or not."""
    if Path(name).suffix.lower() in TABLES or data.startswith((b"PK", b"\xd0\xcf", b"%PDF")):
        return None
    text = text_of(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    headers = guess_columns(re.split(r"[\t,;|]", first[:LONGEST_QUESTION]), COLUMNS, exact=COLUMNS)
    return text if not {"text", "right"} <= headers.keys() and gift.is_gift(text) else None


def _table(data: bytes, name: str) -> Table:
    copy = arrival().with_suffix(Path(name).suffix)
    try:
        copy.write_bytes(data)
        return read_table(copy, max_rows=MOST)
    except Unreadable as unreadable:
        raise Invalid({"file": unreadable.message}) from unreadable
    finally:
        copy.unlink(missing_ok=True)


def _topics() -> dict[str, Topic]:
    """Topics by what they are called, in either language."""
    return {
        marking.plain(word): topic for topic in Topic.select() for word in (topic.name, topic.name_en) if word
    }


def _articles(said: Iterable[str], by: Person) -> dict[str, Article]:
    """Published articles by their title or address, as cells say them; none where two are called the same."""
    titles = {each for each in said if each}
    numbers = {int(link[1]) for each in titles if (link := _ADDRESS.search(each))}
    named = Article.title.in_(sorted(titles) or [""]) | Article.id.in_(sorted(numbers) or [0])
    rows = list(Article.visible_to(by).where(named & (Article.state == "published")))
    called = Counter(each.title for each in rows)
    found = {each.title: each for each in rows if called[each.title] == 1}
    return found | {str(each.id): each for each in rows}


def _of_gift(each: gift.GiftQuestion, topics: Mapping[str, Topic]) -> BankRow:
    facts = {"sort": each.sort, "text": each.text, "answers": each.answers, "reason": each.reason}
    topic = topics.get(marking.plain(each.category))
    return BankRow(each.line, facts | {"topic": topic}, each.problem)


def _of_table(table: Table, by: Person, columns: Mapping[str, int]) -> Iterator[BankRow]:
    if "text" not in columns:
        raise Invalid({"file": NO_QUESTIONS})
    topics, at_article = _topics(), columns.get("article")
    said = [] if at_article is None else [str(row.values[at_article] or "").strip() for row in table.rows]
    articles = _articles(said, by)
    for row in table.rows:
        try:
            cells = {name: unguarded(parse_lines(row.values[at])) for name, at in columns.items()}
            if any(len(cell) > gift.LONGEST for cell in cells.values()):
                raise BadCell("long", gift.TOO_LONG)
        except BadCell as bad:
            yield BankRow(row.number, {"text": "", "sort": "single", "answers": ""}, bad.message)
            continue
        if any(cells.values()):
            yield _of_cells(row, cells, topics, articles)


def _of_cells(
    row: TableRow, cells: Mapping[str, str], topics: Mapping[str, Topic], articles: Mapping[str, Article]
) -> BankRow:
    said = {name: cells.get(name, "").strip() for name in ("sort", "right", "difficulty", "topic", "article")}
    choices = _choices(cells)
    sort = _meant(SORTS, said["sort"]) or _sort_of(choices, said["right"])
    level, topic = _meant(LEVELS, said["difficulty"]), topics.get(marking.plain(said["topic"]))
    answers = _typed(sort, choices, said["right"])
    address = _ADDRESS.search(said["article"])
    article = articles.get(address[1] if address else said["article"])
    facts = {
        "sort": sort,
        "text": cells["text"],
        "answers": answers or "",
        "reason": cells.get("reason", ""),
        "difficulty": level or 2,
        "topic": topic,
        "article": article,
    }
    doubts = []
    if said["difficulty"] and level is None:
        words = Phrase(
            "“%(said)s” is no difficulty here: it came in as a medium one.", said=said["difficulty"]
        )
        doubts.append(words)
    if said["topic"] and topic is None:
        doubts.append(Phrase("There is no topic “%(said)s”: it came in without one.", said=said["topic"]))
    if said["article"] and article is None:
        doubts.append(
            Phrase("There is no one article “%(said)s” to read: it came in without it.", said=said["article"])
        )
    unknown = said["sort"] and _meant(SORTS, said["sort"]) is None
    problem = gift.NO_SORT if unknown else UNCLEAR if answers is None else None
    return BankRow(row.number, facts, row.problem or problem, doubts)


def _meant(words: Mapping[Any, str], text: str) -> Any:
    """The key whose words a cell says, in the company's languages or as other programs do; None for none."""
    wanted = marking.plain(text)
    if not wanted:
        return None
    return next((key for key, said in words.items() if wanted in _words(words, key, said)), None)


def _words(words: Mapping[Any, str], key: Any, said: str) -> set[str]:
    own: Phrase = marking.SORTS[key] if words is SORTS else DIFFICULTIES[key]
    return {marking.plain(word) for word in (str(key), *said.split(","), *i18n.in_each_language(own))}


def _choices(cells: Mapping[str, str]) -> list[BankChoice]:
    """The choices of a row: each with the letter of its column, or of its line, and no letter in its text."""
    lettered = [BankChoice(sign, cells[sign]) for sign in LETTERS if cells.get(sign)]
    lines = marking.lines_of(cells.get("answers", ""))
    choices = lettered or [BankChoice(LETTERS[at : at + 1], line) for at, line in enumerate(lines)]
    labels = [_LABEL.match(each.bare) for each in choices]
    if all(found and found[1].lower() == each.sign for found, each in zip(labels, choices, strict=True)):
        return [BankChoice(each.sign, _LABEL.sub("", each.bare), each.is_marked) for each in choices]
    return choices


def _sort_of(choices: Sequence[BankChoice], right: str) -> str:
    """What sort of question a row without a word for it is."""
    if choices:
        many = len(_right_of(choices, right) or ()) if right else sum(each.is_marked for each in choices)
        return "multiple" if many > 1 else "single"
    if _truth(right):
        return "true_false"
    return "numeric" if marking.faults("numeric", right) is None else "text"


def _typed(sort: str, choices: Sequence[BankChoice], right: str) -> str | None:
    """The answers as exams read them, the right ones marked; None where what is right is not clear."""
    if sort == "true_false":
        return _truth(right) or _truth_of(choices, right)
    if not right or not choices:
        return "\n".join(each.text for each in choices) or right
    chosen = _right_of(choices, right)
    if sort == "order":
        return "\n".join(each.text for each in chosen) if len(chosen) == len(choices) else None
    if not chosen or sort not in ("single", "multiple"):
        return None
    if any(each.is_marked and each not in chosen for each in choices):
        return None
    return "\n".join(f"*{each.bare}" if each in chosen else each.bare for each in choices)


def _right_of(choices: Sequence[BankChoice], right: str) -> list[BankChoice]:
    """The choices that a cell calls right, as it lists them: by their words, else by letters or numbers; none
    where it calls none, or could mean two.
    """
    by_words = _by_words(choices, [right]) or _by_words(choices, marking.lines_of(right))
    by_words = by_words or _by_words(choices, _APART.split(right.strip()))
    by_sign = _by_sign(choices, right)
    if by_words and by_sign and by_words != by_sign and len(right.strip()) == 1:
        return []
    return by_words or by_sign


def _by_words(choices: Sequence[BankChoice], parts: Sequence[str]) -> list[BankChoice]:
    """The choices that these parts name, each by its whole text; none unless each part names one."""
    known = {folded(each.bare): each for each in reversed(choices)}
    labelled = {folded(f"{each.sign}.{each.bare}"): each for each in choices if each.sign}
    found = [(known | labelled).get(folded(part)) for part in parts]
    chosen = [each for each in found if each is not None]
    return chosen if len(chosen) == len(parts) == len({each.sign for each in chosen}) else []


def _by_sign(choices: Sequence[BankChoice], right: str) -> list[BankChoice]:
    """The choices that a cell names by letters, `A`, `ABD`, `A, C`, or by numbers, `2` or `1, 3`."""
    known = {each.sign: each for each in choices if each.sign}
    signs = [part for part in _APART.split(unicodedata.normalize("NFKC", right).lower()) if part]
    if not all(part.isdecimal() for part in signs):
        signs = [*_BETWEEN.sub("", "".join(signs))]
    elif any(marking.faults("numeric", each.bare) is None for each in choices):
        return []  # among numbers a number is meant as one
    else:
        signs = [LETTERS[int(part) - 1 : int(part)] if part in PLACES else "" for part in signs]
    are_known = all(sign in known for sign in signs) and len(set(signs)) == len(signs)
    return [known[sign] for sign in signs] if are_known else []


def _truth(right: str) -> str | None:
    """True or false as an exam reads it, from its words or from T, F, Y and N."""
    short = {"t": "true", "y": "true", "f": "false", "n": "false"}.get(right.lower(), right)
    return short if marking.faults("true_false", short) is None else None


def _truth_of(choices: Sequence[BankChoice], right: str) -> str | None:
    """True or false where they stand among the choices; as it stands where there are none."""
    if not choices:
        return right
    chosen = _right_of(choices, right) if right else [each for each in choices if each.is_marked]
    return _truth(chosen[0].bare) if len(chosen) == 1 else None


def folded(text: str) -> str:
    """A text as it is compared here: width, case and spaces make no difference, every sign does."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".。;")


def take_in(
    exam: Exam, *, by: Person, file: BinaryIO | None, name: str, columns: ChosenColumns | None = None
) -> BankReport:
    """Write the questions of a file into an exam's bank, as drafts. Raises Invalid.

    What is in the bank already, in use, drafted or taken out, is left as it is: the same question of the same
    choices does not come in twice. A row that an exam could not ask is named with the reason, and the others
    come in.
    """
    (rows, unread), made = read_bank(file, name, by=by, columns=columns), list[int]()
    report = BankReport(unread=unread)
    with db.atomic():
        # of two who bring the same file the second waits, and finds what the first brought
        Exam.update(version=Exam.version).where(Exam.id == exam.id).execute()
        bank = ExamQuestion.select().where(ExamQuestion.exam == exam)
        known = {_same(each.sort, each.text, each.answers) for each in bank}
        for row in rows:
            if (why := row.problem or _unfit(row.facts)) is not None:
                report.refused.append((row.row, why))
            elif (same := _same(*(row.facts[name] for name in ("sort", "text", "answers")))) in known:
                report.known += 1
            else:
                known.add(same)
                made += _add(exam, row, by, report)
        if made:
            changes = {"count": [None, len(made)], "questions": [None, made]}
            exam.track("file brought in", by=by, changes=changes)
    return report


def try_out(
    exam: Exam, *, by: Person, file: BinaryIO | None, name: str, columns: ChosenColumns | None = None
) -> BankReport:
    """What would become of a file: nothing of it is written. Raises Invalid."""
    with db.atomic() as trial:
        report = take_in(exam, by=by, file=file, name=name, columns=columns)
        trial.rollback()
    return report


@undoes(Exam, "file brought in", right="editable_by")
def take_back(exam: Exam, event: Event, by: Person) -> None:
    """The questions of a file go out of the bank, so that the same file can come in anew. What was read and
    changed or put to use since stays, and so does what was taken out by itself.
    """
    made = event.changes["questions"][1]
    untouched = (ExamQuestion.state == DRAFT) & (ExamQuestion.version == 1) & (ExamQuestion.exam == exam)
    for start in range(0, len(made), 500):
        ExamQuestion.delete().where(untouched & ExamQuestion.id.in_(made[start : start + 500])).execute()


def _same(sort: str, text: str, answers: str) -> tuple[str, ...]:
    """What two questions have in common that are one: sort, text and choices, whichever of these are right.
    Banks ask under one stem about many things.
    """
    shown = marking.shown(sort, answers, Random(0))  # noqa: S311 - nobody sees it
    return sort, folded(text), *sorted(folded(line) for line in (*shown.lefts, *shown.options))


def _add(exam: Exam, row: BankRow, by: Person, report: BankReport) -> list[int]:
    add: Callable[..., Any] = ExamQuestion.add
    try:
        with db.atomic():
            made = add(exam, by=by, **row.facts)
        report.added += 1
        report.first += [made] if report.added <= SHOWN else []
        report.doubts += [(row.row, words) for words in row.doubts]
    except Invalid as invalid:
        why: Any = next(iter(invalid.errors.values()))
        report.refused.append((row.row, why))
        return []
    return [made.id]


def _unfit(facts: Mapping[str, Any]) -> Phrase | None:
    """Why an exam could not ask it."""
    if len(facts["text"]) > LONGEST_QUESTION:
        return Phrase("The question is longer than %(most)s characters.", most=LONGEST_QUESTION)
    faults = ExamQuestion.faults({name: facts[name] for name in ("text", "sort", "answers")})
    return next(iter(faults.values()), None)
