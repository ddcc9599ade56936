"""A bank of questions from a file, a table or GIFT: each comes in as a draft of one exam."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.files.attachments import arrival
from portal.models.learning import marking
from portal.models.learning.exams import DIFFICULTIES, LONGEST_QUESTION, Exam, ExamQuestion
from portal.models.people.people import Person
from portal.tables import gift
from portal.tables.cells import BadCell, parse_lines, parse_text, unguarded
from portal.tables.table import Table, Unreadable, guess_columns, read_table

MOST = 500
"""So many questions come in with one file."""
LARGEST = 4 << 20
"""Bytes: a bank is text."""
LETTERS = "abcdefghijkl"
COLUMNS = {
    "text": "question,question text,stem,text,题目,题干,试题,问题,题目内容,试题内容",
    "sort": "sort,type,question type,题型,类型,试题类型",
    # the choices may stand in one column, a line each, or in one for each letter
    "answers": "answers,options,choices,选项,备选答案,答案选项",
    "right": "right,right answer,correct,correct answer,answer,key,正确答案,标准答案,参考答案,答案",
    "reason": "why it is so,reason,explanation,feedback,解析,答案解析,试题解析,为什么",
    "difficulty": "difficulty,level,难度,难易度",
    "topic": "topic,category,主题,知识点,分类",
    **{
        sign: f"{sign},option {sign},choice {sign},选项{sign},选项 {sign},{sign}选项,{sign} 选项"
        for sign in LETTERS
    },
}
"""What banks call their columns."""
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
NO_QUESTIONS = Phrase("No column of this file says what is asked. Call it “Question”.")
_PICKED = re.compile(r"[A-Za-z]{1,12}")
_APART = re.compile(r"[\s,，、;；/|]+")


@dataclass(frozen=True)
class BankRow:
    """One question as a file has it."""

    row: int
    facts: Mapping[str, Any]
    problem: Phrase | None = None


@dataclass
class BankReport:
    """What became of a file: how many came in, how many were there already, which rows were not taken."""

    added: int = 0
    known: int = 0
    refused: list[tuple[int, Phrase]] = field(default_factory=list)


def read_bank(file: BinaryIO | None, name: str) -> list[BankRow]:
    """The questions in a file; nothing of it is kept. Raises Invalid."""
    if file is None or not name:
        raise Invalid({"file": Phrase("Choose a file.")})
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Invalid({"file": Phrase("The file is larger than %(limit)s MB.", limit=LARGEST >> 20)})
    if (written := _as_gift(data)) is not None:
        rows = [_of_gift(each) for each in gift.read(written)]
    else:
        rows = list(_of_table(_table(data, name)))
    if len(rows) > MOST:
        raise Invalid({"file": Phrase("At most %(most)s questions come in with one file.", most=MOST)})
    if not rows:
        raise Invalid({"file": Phrase("There is no question in this file.")})
    return rows


def _as_gift(data: bytes) -> str | None:
    """The text of a file that is GIFT, which is written in UTF-8; else None."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if gift.is_gift(text) else None


def _table(data: bytes, name: str) -> Table:
    copy = arrival().with_suffix(Path(name).suffix)
    try:
        copy.write_bytes(data)
        return read_table(copy)
    except Unreadable as unreadable:
        raise Invalid({"file": unreadable.message}) from unreadable
    finally:
        copy.unlink(missing_ok=True)


def _of_gift(each: gift.GiftQuestion) -> BankRow:
    facts = {"sort": each.sort, "text": each.text, "answers": each.answers, "reason": each.reason}
    return BankRow(each.line, facts, each.problem)


def _of_table(table: Table) -> Iterator[BankRow]:
    columns = guess_columns(table.headers, COLUMNS, exact=[*LETTERS])
    if "text" not in columns:
        raise Invalid({"file": NO_QUESTIONS})
    topics = {
        _folded(word): topic for topic in Topic.select() for word in (topic.name, topic.name_en) if word
    }
    for row in table.rows:
        try:
            cells = {name: unguarded(parse_lines(row.values[at])) for name, at in columns.items()}
        except BadCell as bad:
            yield BankRow(row.number, {"text": "", "sort": "single", "answers": ""}, bad.message)
            continue
        if not any(cells.values()):
            continue
        choices = [cells[sign] for sign in LETTERS if cells.get(sign)]
        choices = choices or marking.lines_of(cells.get("answers", ""))
        said = parse_text(cells.get("right", ""))
        sort = _meant(SORTS, cells.get("sort", "")) or _sort_of(choices, said)
        facts = {
            "sort": sort,
            "text": cells["text"],
            "answers": _typed(sort, choices, cells.get("right", "")),
            "reason": cells.get("reason", ""),
            "difficulty": _meant(LEVELS, cells.get("difficulty", "")) or 2,
            "topic": topics.get(_folded(cells.get("topic", ""))),
        }
        yield BankRow(row.number, facts, row.problem)


def _meant(words: Mapping[Any, str], text: str) -> Any:
    """The key whose words a cell says, in the company's languages or as other programs do; None for none."""
    wanted = _folded(text)
    if not wanted:
        return None
    return next((key for key, said in words.items() if wanted in _words(words, key, said)), None)


def _words(words: Mapping[Any, str], key: Any, said: str) -> set[str]:
    own: Phrase = marking.SORTS[key] if words is SORTS else DIFFICULTIES[key]
    return {_folded(word) for word in (str(key), *said.split(","), *i18n.in_each_language(own))}


def _folded(text: str) -> str:
    return marking.plain(text)


def _sort_of(choices: Sequence[str], right: str) -> str:
    """What sort of question a row without a word for it is."""
    if choices:
        marked = (
            len(_picked(right)) if right else sum(line.startswith(("*", "＊", "√", "✓")) for line in choices)
        )
        return "multiple" if marked > 1 else "single"
    if marking.faults("true_false", right) is None:
        return "true_false"
    return "numeric" if marking.faults("numeric", right) is None else "text"


def _picked(right: str) -> list[str]:
    """The letters of the right choices: `A`, `ABD`, `A, C`."""
    bare = _APART.sub("", right)
    return list(dict.fromkeys(bare.lower())) if _PICKED.fullmatch(bare) else []


def _typed(sort: str, choices: Sequence[str], right: str) -> str:
    """The answers as exams read them, the right ones marked."""
    if sort not in ("single", "multiple"):
        return right if right and sort in ("true_false", "numeric", "text") else "\n".join(choices) or right
    if not right:
        return "\n".join(choices)
    letters = set(_picked(right))
    said = {_folded(line) for line in marking.lines_of(right)}
    return "\n".join(
        f"*{line}" if sign in letters or _folded(line) in said else line
        for sign, line in zip(LETTERS, choices, strict=False)
    )


def take_in(exam: Exam, *, by: Person, file: BinaryIO | None, name: str) -> BankReport:
    """Write the questions of a file into an exam's bank, as drafts. Raises Invalid.

    What is in the bank already, in use, drafted or taken out, is left as it is: the same file twice brings
    nothing twice. A row that an exam could not ask is named with the reason, and the others come in.
    """
    rows, report = read_bank(file, name), BankReport()
    with db.atomic():
        # of two who bring the same file the second waits, and finds what the first brought
        Exam.update(version=Exam.version).where(Exam.id == exam.id).execute()
        bank = ExamQuestion.select().where(ExamQuestion.exam == exam)
        known = {(each.sort, marking.plain(each.text)) for each in bank}
        for row in rows:
            sort, text = row.facts["sort"], marking.plain(row.facts["text"])
            if (why := row.problem or _unfit(row.facts)) is not None:
                report.refused.append((row.row, why))
            elif (sort, text) in known:
                report.known += 1
            else:
                known.add((sort, text))
                _add(exam, row, by, report)
    return report


def _add(exam: Exam, row: BankRow, by: Person, report: BankReport) -> None:
    add: Callable[..., Any] = ExamQuestion.add
    try:
        with db.atomic():
            add(exam, by=by, **row.facts)
        report.added += 1
    except Invalid as invalid:
        why: Any = next(iter(invalid.errors.values()))
        report.refused.append((row.row, why))


def _unfit(facts: Mapping[str, Any]) -> Phrase | None:
    """Why an exam could not ask it."""
    if len(facts["text"]) > LONGEST_QUESTION:
        return Phrase("The question is longer than %(most)s characters.", most=LONGEST_QUESTION)
    faults = ExamQuestion.faults({name: facts[name] for name in ("text", "sort", "answers")})
    return next(iter(faults.values()), None)
