"""Letters, and old tries to sign in."""

from __future__ import annotations

from portal import i18n, settings
from portal.i18n import Phrase
from portal.jobs.registry import MOMENT, daily, work
from portal.models.base.database import transact
from portal.models.people.letters import Letter
from portal.models.people.passkeys import UsedChallenge
from portal.models.people.tries import SignInFailure
from portal.models.work.jobs import Job


@work("send letter", Phrase("Send an e-mail"), term=MOMENT)
def send_letter(job: Job) -> None:
    def send() -> None:
        letter = Letter.get_or_none(Letter.id == job.facts["letter"])
        if letter is not None:
            with i18n.speaking(letter.person.locale):
                letter.send(settings.read(), i18n.gettext)

    transact(send)


@work("send reset link", Phrase("Send a link for a new password"), term=MOMENT)
def send_reset_link(job: Job) -> None:
    transact(lambda: Letter.password_reset(job.facts["email"]))


@work("forget old failures", Phrase("Forget old failed sign-ins"), term=MOMENT, every=daily)
def forget_old_failures(job: Job) -> None:
    transact(SignInFailure.forget_old)
    transact(UsedChallenge.forget_old)
