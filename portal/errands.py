"""What the worker does: each job's function, and what is due each day."""

from __future__ import annotations

from portal import i18n, settings
from portal.jobs import PERIODIC, daily, work
from portal.models.base import transact
from portal.models.jobs import Job
from portal.models.letters import Letter
from portal.models.sessions import SignInFailure


@work("send letter")
def send_letter(job: Job) -> None:
    def send() -> None:
        letter = Letter.get_or_none(Letter.id == job.facts["letter"])
        if letter is not None:
            with i18n.speaking(letter.person.locale):
                letter.send(settings.read(), i18n.gettext)

    transact(send)


@work("forget old failures")
def forget_old_failures(job: Job) -> None:
    transact(SignInFailure.forget_old)


PERIODIC["forget old failures"] = daily
