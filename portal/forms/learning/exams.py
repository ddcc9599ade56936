"""Forms of exams and their questions."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from typing import Any, Self
from zlib import compress, decompressobj
from zlib import error as zlib_error

from wtforms import fields
from wtforms.validators import ValidationError

from portal import i18n
from portal.forms.base import (
    Choice,
    Flag,
    Form,
    FormKey,
    Pick,
    TextArea,
    TextLine,
    Upload,
    Version,
    Whole,
)
from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.learning.banks import LARGEST, ChosenColumns
from portal.models.learning.courses import Lesson
from portal.models.learning.exams import DIFFICULTIES, LONGEST_QUESTION, Exam
from portal.models.learning.marking import SORTS

MOST_PACKED = 240 * 1024
"""Signs: a field of a form with a file holds hardly more."""
MOST_NAME = 200
LEVELS = tuple((str(level), words) for level, words in DIFFICULTIES.items())


class ExamForm(Form):
    """The rules of one exam."""

    draws = Whole(Phrase("Questions in an exam"), required=True, least=1, most=100)
    pass_mark = Whole(Phrase("Right answers to pass, in percent"), required=True, least=1, most=100)
    minutes = Whole(Phrase("Minutes"), required=True, least=1, most=300)
    is_open = Flag(Phrase("Open to learners"))
    version = Version()


class PickAnswer(Pick):
    """A best answer, called by its question and its beginning: several of one question are told apart."""

    def offer(self, records: Any) -> None:
        super().offer(records)
        names = {ident: f"{each.question.text}: {each.gist}" for ident, each in self.records.items()}
        self.choices = self.offered = [("", self.blank), *names.items()]


class ExamQuestionForm(Form):
    """A question, and what is right."""

    sort = Choice(
        Phrase.among("exams", "Sort"), choices=tuple(SORTS.items()), required=True, default="single"
    )
    text = TextArea(Phrase.among("exams", "Question"), required=True, longest=LONGEST_QUESTION, rows=3)
    answers = TextArea(Phrase("Answers"), required=True, longest=6000, rows=6)
    reason = TextArea(Phrase("Why it is so"), longest=2000, rows=2)
    difficulty = Choice(Phrase("Difficulty"), choices=LEVELS, required=True, default="2", coerce=str)
    topic = Pick(Phrase("Topic"))
    article = Pick(Phrase("Article"))
    answer = PickAnswer(Phrase("Best answer"))
    key = FormKey()
    version = Version()

    def offering(self, person: Any, exam: Exam) -> Self:
        """With the topics, and the articles of the course's lessons."""
        self.topic.offer(Topic.visible_to(person))
        lessons = Lesson.select(Lesson.article).where(
            (Lesson.course == exam.course_id) & Lesson.article.is_null(False) & Lesson.removed_at.is_null()
        )
        self.article.offer(Article.select().where(Article.id.in_(lessons)).order_by(Article.title))
        self.answer.offer(exam.best_answers(self.record))
        return self

    def validate_answer(self, field: Any) -> None:
        """It asks about one of the two: what has changed is then known."""
        if field.data and self.article.data:
            raise ValidationError(i18n.gettext("Choose either an article or a best answer."))

    @property
    def facts(self) -> dict[str, Any]:
        found = super().facts
        given = str(found["difficulty"])
        return found | {"difficulty": int(given) if given in dict(LEVELS) else 2}


class QuestionFileForm(Form):
    """A file of questions. What was looked at is handed on by the page itself, so that it is chosen once."""

    file = Upload(Phrase("File"), render_kw={"accept": ".csv,.tsv,.txt,.gift,.xlsx,.xls,.ods"})
    seen = fields.HiddenField()
    """The file that was looked at, packed as text."""
    seen_name = fields.HiddenField()
    headers = fields.HiddenField()
    columns: Sequence[str] = ()

    def choosing(self, columns: Sequence[str]) -> Self:
        """With what each column was chosen to be."""
        self.columns = columns
        return self

    @cached_property
    def upload(self) -> dict[str, Any]:
        """The file and its name, chosen now or looked at before, and what its columns are."""
        given, chosen = self.file.data, ChosenColumns(self.columns, self.headers.data or "")
        if name := getattr(given, "filename", "") or "":
            return {"file": given.file, "name": name, "columns": chosen}
        name, data = (self.seen_name.data or "")[:MOST_NAME], unpacked(self.seen.data or "")
        return {"file": BytesIO(data) if data else None, "name": name if data else "", "columns": chosen}

    def hand_on(self, headers: str) -> None:
        """Let the page hold the file that was looked at, where there is room for it."""
        file = self.upload["file"]
        file.seek(0)
        self.seen.data = packed(file.read())
        self.seen_name.data, self.headers.data = self.upload["name"], headers


def packed(data: bytes) -> str:
    """Bytes as text of a page; none where that is too long for one."""
    text = b64encode(compress(data)).decode()
    return text if len(text) <= MOST_PACKED else ""


def unpacked(text: str) -> bytes:
    """The bytes again, no more than a bank may have; none where it is no such text."""
    try:
        return decompressobj().decompress(b64decode(text.encode(), validate=True), LARGEST + 1)
    except (ValueError, zlib_error):
        return b""


class ReleaseForm(Form):
    """What the bank was like when it was read."""

    seen = fields.HiddenField()


class NumberForm(Form):
    """The number of a certificate."""

    number = TextLine(Phrase("Number"), longest=20)
