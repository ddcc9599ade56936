"""What learning is called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class CourseState(State):
    """Whether a course is open to learners."""

    DRAFT = "draft", Phrase("Draft"), "neutral", "pencil"
    PUBLISHED = "published", Phrase("Published"), "success", "circle-check"


class LearnerState(State):
    """Where a learner is in a course."""

    DONE = "done", Phrase.among("courses", "Finished"), "success", "circle-check"
    LATE = "late", Phrase.among("courses", "Late"), "warning", "alert-triangle"
    GOING = "going", Phrase("On the way"), "info", "clock"


class QuestionUse(State):
    """Whether an exam draws a question."""

    DRAFT = "draft", Phrase("Draft"), "neutral", "pencil"
    READY = "ready", Phrase.among("exams", "In use"), "success", "circle-check"
    CHECK = "check", Phrase("To be checked"), "warning", "refresh"
    GONE = "gone", Phrase("Taken out"), "neutral", "archive"


class AttemptState(State):
    """How an attempt stands."""

    RUNNING = "running", Phrase.among("exams", "Running"), "info", "clock"
    PASSED = "passed", Phrase.among("exams", "Passed"), "success", "circle-check"
    FAILED = "failed", Phrase.among("exams", "Not passed"), "warning", "x"


class CertificateState(State):
    """Whether a certificate holds."""

    VALID = "valid", Phrase("Valid"), "success", "circle-check"
    CHANGED = "changed", Phrase("Short test due"), "warning", "refresh"
    LAPSED = "lapsed", Phrase("Lapsed"), "neutral", "x"
    EXPIRED = "expired", Phrase("Expired"), "neutral", "history"


COURSE = Noun(
    "course",
    Phrase("Course"),
    Phrase("Courses"),
    icon="school",
    path="/courses/{id}",
    states=CourseState,
    events={
        "topic set": Said(Phrase("filed it under a topic"), "bookmark", brief=Phrase("filed")),
        "published": Said(
            Phrase("published the course"), "circle-check", "success", brief=Phrase("published")
        ),
        "lessons added": Said(Phrase("added lessons"), "plus", brief=Phrase("lessons added")),
    },
)

LESSON = Noun(
    "lesson",
    Phrase("Lesson"),
    Phrase("Lessons"),
    icon="book-2",
    path="/lessons/{id}",
    events={
        "taken out": Said(Phrase("took the lesson out"), "archive", brief=Phrase("taken out")),
        "put back": Said(Phrase("put the lesson back"), "refresh", brief=Phrase("put back")),
        "brought up to date": Said(Phrase("took the present version"), "refresh"),
        "file taken out": Said(Phrase("took out the file “%(file)s”"), "paperclip"),
        "debate held": Said(Phrase("said that the debate was held"), "check"),
        "seats freed": Said(Phrase("freed the seats of the debate"), "refresh"),
    },
)

OBSERVATION = Noun(
    "observation",
    Phrase("Observation"),
    Phrase("Observations"),
    icon="eye",
    open_to_auditors=False,
    events={
        "file taken out": Said(Phrase("took out the file “%(file)s”"), "paperclip"),
        "recording forgotten": Said(Phrase("took out where the recording lies"), "x"),
    },
)

ENROLMENT = Noun(
    "enrolment",
    Phrase("Enrolment"),
    Phrase("Enrolments"),
    icon="school",
    icon_waiting="school",
    events={
        "enrolled": Said(Phrase("enrolled"), "school", "info"),
        "due date set": Said(Phrase("set a due date"), "calendar-event"),
        "observed": Said(Phrase("watched the role play"), "eye", "info"),
        "finished": Said(Phrase("finished the course"), "circle-check", "success"),
        "exam opened": Said(Phrase("can take the exam of the course now"), "clipboard-check", "info"),
        "asked again": Said(
            Phrase("was asked to take “%(lesson)s” once more"),
            "refresh",
            brief=Phrase("was asked to take a lesson once more"),
        ),
        "left the course": Said(Phrase("left the course"), "x"),
    },
)

EXAM = Noun(
    "exam",
    Phrase("Exam"),
    Phrase("Exams"),
    icon="clipboard-check",
    icon_waiting="clipboard-check",
    path="/exams/{id}",
    events={
        "opened": Said(Phrase("opened the exam"), "circle-check", "success"),
        "closed": Said(Phrase("closed the exam"), "x"),
        "read": Said(Phrase("read the question bank"), "eye"),
        "read to release": Said(Phrase("read the exam, to release it"), "eye"),
        "released": Said(Phrase("released the exam: it gives evidence"), "shield-check", "success"),
        "release void": Said(Phrase("changed: it has to be released again"), "refresh", "warning"),
        "file brought in": Said(Phrase("brought questions in from a file"), "file-import"),
        "drafts made": Said(Phrase("drafted questions"), "plus"),
    },
)

EXAM_QUESTION = Noun(
    "exam_question",
    Phrase("Exam question"),
    Phrase("Exam questions"),
    icon="help-circle",
    path="/exam-questions/{id}/edit",
    open_to_auditors=False,
    states=QuestionUse,
    events={
        "put to use": Said(Phrase("put the question to use"), "circle-check", "success"),
        "taken out": Said(Phrase("took the question out"), "archive"),
        "brought back": Said(Phrase("brought the question back"), "refresh"),
        "checked": Said(Phrase("checked the question"), "shield-check", "success"),
        "to be checked": Said(Phrase("must be checked: its knowledge has changed"), "refresh", "warning"),
    },
)

ATTEMPT = Noun(
    "attempt",
    Phrase("Attempt"),
    Phrase("Attempts"),
    icon="clipboard-check",
    path="/attempts/{id}",
    open_to_auditors=False,
    states=AttemptState,
    events={
        "started": Said(Phrase("started an exam"), "clock", "info"),
        "handed in": Said(Phrase("handed the exam in"), "send"),
        "time over": Said(Phrase("ran out of time"), "hourglass"),
    },
)

CERTIFICATE = Noun(
    "certificate",
    Phrase("Certificate"),
    Phrase("Certificates"),
    icon="certificate",
    path="/certificates/{id}",
    states=CertificateState,
    events={
        "issued": Said(Phrase("was certified"), "certificate", "success"),
        "confirmed": Said(Phrase("passed the short test"), "shield-check", "success"),
        "short test put off": Said(Phrase("put the short test off: it cannot be taken now"), "clock"),
        "short test not needed": Said(Phrase("needs no short test any more"), "shield-check"),
        "lapsed": Said(Phrase("lost the certificate: the short test was not passed in time"), "x", "warning"),
        "expired": Said(Phrase("holds an expired certificate"), "history"),
    },
)

POST_NEED = Noun(
    "post_need",
    Phrase("What a job needs"),
    Phrase("What each job needs"),
    icon="list-check",
    path="/post-needs",
    events={
        "added": Said(Phrase("wrote down what a job needs"), "list-check", quotes="title"),
        "asked for": Said(Phrase("put a gap to experts"), "send"),
    },
)

PATH_STEP = Noun(
    "path_step",
    Phrase("Step of a path"),
    Phrase("Steps of a path"),
    icon="flag",
    path="/path-steps/{id}",
    events={"added": Said(Phrase("wrote down a step"), "list-check", quotes="title")},
)

MENTORSHIP = Noun(
    "mentorship",
    Phrase("Mentor"),
    Phrase("Mentors"),
    icon="users",
    events={
        "confirmed": Said(Phrase("chose the mentor"), "user-plus", "info"),
        "ended": Said(Phrase("ended the mentor’s time"), "user-minus"),
    },
)
