"""What is forgotten in time, each day, each for itself."""

from __future__ import annotations

from collections.abc import Callable

from portal.i18n import Phrase
from portal.jobs.registry import WHILE, daily, work
from portal.models.base.database import transact
from portal.models.base.receipts import Receipt
from portal.models.company.settings import Setting
from portal.models.experiences.voice import VoiceNote
from portal.models.files.attachments import Attachment
from portal.models.imports.imports import Import
from portal.models.knowledge.readership import Readership, ReadMark
from portal.models.people.letters import Letter
from portal.models.people.notices import Notice
from portal.models.people.sessions import Session
from portal.models.work.jobs import Job

FORGOTTEN: tuple[Callable[[], None], ...] = (
    Session.forget_old,
    Notice.forget_old,
    Letter.forget_old,
    Receipt.forget_old,
    ReadMark.forget_old,
    Readership.forget_old,
    Import.discard_abandoned,
    VoiceNote.forget_old,
    Attachment.sweep,
    lambda: Job.forget_old(Setting.kept_since("jobs")),
)


@work("forget what is old", Phrase("Forget what is old"), term=WHILE, every=daily)
def forget_what_is_old(job: Job) -> None:
    failures = []
    for forget in FORGOTTEN:
        try:
            transact(forget)
        except Exception as error:  # one that fails keeps no other
            failures.append(error)
    try:
        Attachment.sweep_bytes()
    except Exception as error:
        failures.append(error)
    if failures:
        raise ExceptionGroup("not all that is old was forgotten", failures)
