"""Mail the portal sends: kept in the outbox page, and handed to a mail server where one is set up."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from peewee import CharField, Check, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.record import Record
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.people.sessions import reset_token
from portal.models.work.jobs import Job

MOST_AN_HOUR, HOUR = 3, timedelta(hours=1)
SUBJECTS = {
    "reset": Phrase("Set a new password"),
    "invitation": Phrase("Welcome: choose your password"),
}
TEXTS = {
    "reset": Phrase(
        "Open this address within one hour to set a new password. If you did not ask, ignore it."
    ),
    "invitation": Phrase("You have an account. Open this address within one hour to choose your password."),
}


class Letter(Record):
    """One mail. Its row holds no secret: the link is made when it is sent or shown."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    purpose = CharField(20)
    sent_at = UtcDateTimeField(null=True)
    error = TextField(default="")

    class Meta:
        constraints = [Check("purpose IN ('reset', 'invitation')")]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Letter]:
        """Administrators see what was sent, newest first."""
        letters = cls.select(cls, Person).join(Person).order_by(cls.id.desc())
        return letters if person.is_administrator else letters.where(False)

    @classmethod
    def ask_for_reset(cls, email: str) -> bool:
        """Someone forgot the password of this address: the answer and the work for it are always the same."""
        email = email.strip().lower()
        Job.enqueue("send reset link", email=email)
        return True

    @classmethod
    def password_reset(cls, email: str) -> None:
        """Send a reset link if the address has an account, three times an hour at most: whoever knows the
        address can ask.
        """
        person = Person.get_or_none((Person.email == email) & Person.deactivated_at.is_null())
        if person is not None:
            hour = (cls.person == person) & (cls.purpose == "reset") & (cls.created_at > clock.now() - HOUR)
            if cls.select().where(hour).count() < MOST_AN_HOUR:
                cls._post(person, "reset")

    @classmethod
    def invite(cls, person: Person) -> None:
        """Send someone the link to choose a first password."""
        cls._post(person, "invitation")

    @classmethod
    def _post(cls, person: Person, purpose: str) -> None:
        letter = cls.create(person=person, purpose=purpose)
        Job.enqueue("send letter", letter=letter.id)

    @property
    def subject(self) -> Phrase:
        return SUBJECTS[self.purpose]

    def link(self, settings: Any) -> str:
        """The address that this letter leads to, made afresh: good for one hour, once."""
        return f"{settings.address}/sign-in/reset/{reset_token(self.person, settings.signing_secret)}"

    def show_link(self, settings: Any, *, by: Person) -> str:
        """The link, for an administrator to hand over where there is no mail server.

        It leaves an event and tells the person: whoever holds the link can take over the account.
        """
        self.person.track("reset link shown", by=by)
        told = Phrase(
            "%(name)s saw the link that sets your password. If you did not ask, say so.", name=by.name
        )
        Notice.tell(self.person, told, about=self.person, url="/account/password")
        return self.link(settings)

    def send(self, settings: Any, say: Any) -> None:
        """Hand it to the mail server; without one it waits in the outbox. Raises OSError, to be retried."""
        if self.sent_at or not settings.smtp_url:
            return
        message = EmailMessage()
        message["Subject"], message["To"], message["From"] = (
            say(self.subject),
            self.person.email,
            settings.mail_from,
        )
        message.set_content(f"{say(TEXTS[self.purpose])}\n\n{self.link(settings)}\n")
        with mail_server(settings.smtp_url) as smtp:
            smtp.send_message(message)
        self.sent_at = clock.now()
        self.save()


class UntrustedServer(ssl.SSLError):
    """Who answers is not the mail server that was named, as far as anyone vouches for it."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(
            f"the certificate of the mail server {host} is not trusted ({why}): name the server in "
            "PORTAL_SMTP_URL as the certificate does, and an authority of your own in SSL_CERT_FILE"
        )

    def __str__(self) -> str:
        return str(self.args[0])


@contextmanager
def mail_server(url: str, *, seconds: int = 10) -> Iterator[smtplib.SMTP]:
    """A mail server that is ready to take letters. Raises OSError and SMTPException.

    Letters and the password go encrypted where the server offers it; with `smtps` and `smtp+starttls`, to the
    one that the certificate names, or not at all.
    """
    host = urlsplit(url).hostname or "localhost"
    try:
        smtp = _connected(url, host, seconds)
    except ssl.SSLCertVerificationError as error:
        raise UntrustedServer(host, error.verify_message) from error
    with smtp:
        yield smtp


def _connected(url: str, host: str, seconds: int) -> smtplib.SMTP:
    """Encrypted, and signed in, as the address asks."""
    server = urlsplit(url)
    if server.scheme == "smtps":
        checked = ssl.create_default_context()
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, server.port or 0, timeout=seconds, context=checked)
    else:
        smtp = smtplib.SMTP(host, server.port or 0, timeout=seconds)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.scheme == "smtp+starttls":
            smtp.starttls(context=ssl.create_default_context())
        elif server.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=_unchecked())
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _unchecked() -> ssl.SSLContext:
    """Encryption with whoever answers: better than none, where nobody asked for more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def is_encrypted(server: smtplib.SMTP) -> bool:
    """Whether what is said to a mail server is encrypted on its way."""
    return isinstance(server.sock, ssl.SSLSocket)
