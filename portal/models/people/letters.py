"""Mail the portal sends: kept in the outbox page, and handed to a mail server where one is set up."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from itsdangerous import BadSignature
from peewee import CharField, Check, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record
from portal.models.people.intake import NO_ADDRESS
from portal.models.people.notices import Notice
from portal.models.people.people import Person, RoleGrant
from portal.models.people.sessions import person_of_token, reset_token
from portal.models.people.signing import digest, signer
from portal.models.people.tries import house_of
from portal.models.work.jobs import Job

MOST_AT_ONCE = 1000
"""Letters that one press writes: the next press writes the rest."""
MOST_AN_HOUR, HOUR = 3, timedelta(hours=1)
RESET_JOB, RESET_WINDOW = "send reset link", timedelta(minutes=5)
MOST_WAITING = 100
"""Links for new passwords that wait to be sent; from one place a fifth of them."""
INVITED, INVITED_FOR = "invitation", timedelta(days=7)
REPORT, REPORTS, REPORTED_FOR = "report", "/articles/usage/week", timedelta(days=30)
"""A letter that tells something and opens nothing, the page that tells it, and how long its copy is kept."""
SUBJECTS = {
    "reset": Phrase("Set a new password"),
    "invitation": Phrase("Welcome: choose your password"),
    "report": Phrase("Knowledge last week"),
}
TEXTS = {
    "reset": Phrase(
        "Open this address within one hour to set a new password. If you did not ask, ignore it."
    ),
    "invitation": Phrase(
        "You have an account. Open this address within seven days to choose your password. "
        "It is for you alone: do not pass it on."
    ),
}


class Letter(Record):
    """One mail. Its row holds no secret: the link is made when it is sent or shown."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    purpose = CharField(20)
    address = CharField(254, default="")
    """Where it went: an invitation opens nothing once its person has another address."""
    body = TextField(default="")
    """What a report tells; of others the words are known, and the link is made when it is sent."""
    sent_at = UtcDateTimeField(null=True)
    error = TextField(default="")

    class Meta:
        constraints = [Check("purpose IN ('reset', 'invitation', 'report')")]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Letter]:
        """Administrators see what was sent, newest first."""
        letters = cls.select(cls, Person).join(Person).order_by(cls.id.desc())
        return letters if person.is_administrator else letters.where(False)

    @classmethod
    def ask_for_reset(cls, email: str, *, address: str = "") -> bool:
        """Someone forgot the password of this e-mail address: the answer and the work for it are always the
        same, done once in five minutes. However many are asked for, from one place or in all, few wait:
        whoever is not signed in keeps no other work from being done.
        """
        email, window = email.strip().lower(), int(clock.now().timestamp() // RESET_WINDOW.total_seconds())
        here = f"reset {digest(house_of(address))[:24]} "
        waiting = Job.select().where((Job.name == RESET_JOB) & (Job.state == "waiting"))
        near = waiting.where(Job.key.startswith(here))
        if near.count() < MOST_WAITING // 5 and waiting.count() < MOST_WAITING:
            Job.enqueue(RESET_JOB, key=f"{here}{digest(email)[:24]} {window}", email=email)
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
    def invite(cls, person: Person, *, by: Person | None) -> None:
        """Send someone the link to choose a first password; who has one gets the link for a new one."""
        if person.password_hash:
            cls._post(person, "reset")
        else:
            cls._post(person, INVITED)
            person.track("invited", by=by)

    @classmethod
    def invite_all(cls, *, by: Person) -> int:
        """Invite whoever has no password and no invitation that still opens; how many that are.

        Pressed twice, or by two at once, nobody gets two letters.
        """
        with db.atomic():
            waiting = cls.uninvited().limit(MOST_AT_ONCE)
            Person.update(version=Person.version).where(Person.id.in_(waiting.select(Person.id))).execute()
            found = list(cls.uninvited().limit(MOST_AT_ONCE))
            for person in found:
                cls.invite(person, by=by)
        return len(found)

    @classmethod
    def report(cls, person: Person, body: str) -> None:
        """Mail somebody a report, in their own language; nobody who does not want it."""
        if UnwantedLetter.wants(person):
            cls._post(person, REPORT, body)

    @classmethod
    def forget_old(cls) -> None:
        """What a report told a month ago is forgotten, sent or not."""
        cls.delete().where((cls.purpose == REPORT) & (cls.created_at < clock.now() - REPORTED_FOR)).execute()

    @classmethod
    def _post(cls, person: Person, purpose: str, body: str = "") -> None:
        letter = cls.create(person=person, purpose=purpose, address=person.email, body=body)
        Job.enqueue("send letter", letter=letter.id)

    # -------------------------------------------------------------- invitations

    @classmethod
    def strangers(cls) -> ModelSelect[Person]:
        """Who works here and never chose a password, by name; without those of whom no address is known."""
        never = Person.deactivated_at.is_null() & (Person.password_hash == "")
        return Person.select().where(never & ~Person.email.endswith(NO_ADDRESS)).order_by(Person.sort_name)

    @classmethod
    def uninvited(cls) -> ModelSelect[Person]:
        """Of those, who has no invitation that still opens: not invited yet, or it has run out."""
        return cls.strangers().where(~fn.EXISTS(cls.select(1).where((cls.person == Person.id) & _opens())))

    @classmethod
    def invitations(cls) -> ModelSelect[Letter]:
        """The invitations that still open, the latest of each person, by name."""
        latest = fn.MAX(cls.id)
        newest = cls.select(latest).join(Person).where(_opens()).group_by(cls.person)
        return (
            cls.select(cls, Person).join(Person).where(cls.id.in_(newest)).order_by(Person.sort_name, cls.id)
        )

    @classmethod
    def for_a_sheet(cls) -> ModelSelect[Letter]:
        """The invitations that may be handed out as a list: whoever holds it could sign in as anyone on it.
        So people with a role, who give rights and pay, get theirs one by one.
        """
        held = RoleGrant.select(RoleGrant.person)
        return cls.invitations().where(Letter.person.not_in(held))

    @property
    def good_until(self) -> datetime:
        return self.created_at + (INVITED_FOR if self.purpose == INVITED else HOUR)

    @property
    def opens_still(self) -> bool:
        """Whether an invitation opens the account of its person: the newest one, within seven days, at the
        address it went to, while they have no password and did not leave since. A reset's link is made anew.
        """
        if self.purpose != INVITED:
            return self.person.is_active
        # asked of this person alone: of everyone, a few hundred letters would each read all the others
        theirs = Letter.select(Letter.id).join(Person).where((Letter.person == self.person_id) & _opens())
        newest = theirs.order_by(Letter.id.desc()).first()
        return newest is not None and newest.id == self.id

    @property
    def subject(self) -> Phrase:
        return SUBJECTS[self.purpose]

    def link(self, settings: Any) -> str:
        """The address that this letter leads to, made afresh: good once, for an hour; an invitation's for
        seven days from when it was written, however often it is shown.
        """
        if self.purpose == REPORT:
            return f"{settings.address}{REPORTS}"
        secret = settings.signing_secret
        token = (
            signer(secret, INVITED).dumps(self.id)
            if self.purpose == INVITED
            else reset_token(self.person, secret)
        )
        return f"{settings.address}/sign-in/reset/{token}"

    def show_link(self, settings: Any, *, by: Person) -> str:
        """The link, for an administrator to hand over where there is no mail server.

        It leaves an event and tells the person: whoever holds the link can take over the account. Raises
        Invalid for an invitation that opens nothing any more.
        """
        if self.purpose == REPORT:
            raise Invalid(Phrase("A report opens nothing."))
        if not self.opens_still:
            raise Invalid(Phrase("This invitation opens nothing any more. Send a new one."))
        return self._shown(settings, by=by)

    @classmethod
    def show_sheet(cls, settings: Any, *, by: Person) -> list[tuple[Letter, str]]:
        """The invitations that may be handed out as a list, each with its link, shown as by `show_link`."""
        return [(each, each._shown(settings, by=by)) for each in cls.for_a_sheet()]

    def _shown(self, settings: Any, *, by: Person) -> str:
        """The link of a letter that is known to open something, with its event and the word to its person."""
        self.person.track("reset link shown", by=by)
        told = Phrase(
            "%(name)s saw the link that sets your password. If you did not ask, say so.", name=names(by)
        )
        Notice.tell(self.person, told, about=self.person, url="/account/password")
        return self.link(settings)

    def send(self, settings: Any, say: Any) -> None:
        """Hand it to the mail server; without one it waits in the outbox. Raises OSError, to be retried."""
        if self.sent_at or not settings.smtp_url or not self.opens_still:
            return
        message = EmailMessage()
        message["Subject"], message["To"], message["From"] = (
            say(self.subject),
            self.person.email,
            settings.mail_from,
        )
        words = self.body or say(TEXTS[self.purpose])
        message.set_content(f"{words}\n\n{self.link(settings)}\n")
        with mail_server(settings.smtp_url) as smtp:
            smtp.send_message(message)
        self.sent_at = clock.now()
        self.save()


class UnwantedLetter(Record):
    """That somebody does not want reports by mail: the page tells the same."""

    person = ForeignKeyField(Person, on_delete="CASCADE", unique=True, backref="unwanted_letters")
    person_id: int

    @classmethod
    def choose(cls, *, by: Person, wanted: bool) -> None:
        """Whether they want them, from now on; twice is harmless."""
        if wanted:
            cls.delete().where(cls.person == by).execute()
        else:
            cls.insert({"person": by.id, "created_at": clock.now()}).on_conflict_ignore().execute()

    @classmethod
    def wants(cls, person: Person) -> bool:
        """Whether they get reports by mail."""
        return not cls.select().where(cls.person == person).exists()


def person_of_link(token: str, secret: str) -> Person | None:
    """Whose password the link of a letter sets; None when it is old, used or forged."""
    try:
        letter = Letter.get_or_none(Letter.id == int(signer(secret, INVITED).loads(token)))
    except (BadSignature, ValueError, TypeError):
        return person_of_token(token, secret)
    return letter.person if letter is not None and letter.purpose == INVITED and letter.opens_still else None


def _opens() -> Any:
    """The condition that an invitation opens the account of the person read beside it."""
    left = Event.select(1).where(
        (Event.subject_kind == Person.kind())
        & (Event.subject == Person.id)
        & (Event.verb == "deactivated")
        & (Event.at >= Letter.created_at)
    )
    never = Person.deactivated_at.is_null() & (Person.password_hash == "")
    young = (Letter.purpose == INVITED) & (Letter.created_at > clock.now() - INVITED_FOR)
    return young & never & (Letter.address == Person.email) & ~fn.EXISTS(left)


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
