"""Where the bytes of files lie, each under the hash of its own: in the data folder, or in a bucket of a store
that speaks S3. Nobody is ever led there: the portal asks who may see a file, and hands it out itself.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from portal import clock
from portal.i18n import Phrase

if TYPE_CHECKING:
    from obstore.store import S3Store

NO_STORE = Phrase("The store of files does not answer. Nothing is lost: try again in a few minutes.")
ARRIVING = "arriving-"
LEFT_SECONDS = 86_400
"""A file that nobody knows after a day is nobody's; a copy that nobody opened for a day goes."""
TIDY_SECONDS = 3600
"""How often a process looks for copies that go."""
CONNECT, PATIENCE, TRIES = timedelta(seconds=3), timedelta(seconds=60), 2
"""Time for a store to be reached and to answer one request, and how often each is made anew."""
GIVES_UP = timedelta(seconds=8)
"""No request is made anew after that: somebody waits."""
_PIECE = 1 << 20
_OURS = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}")


class StoreDown(OSError):
    """The store of files does not answer, or not as it should; what it holds is there when it does."""


class Store(Protocol):
    """What both ways to keep files do. A place is `ab/` and the hash of the bytes that lie there."""

    folder: Path
    """Where files lie while they are read, and what is made of them beside them."""

    def put(self, arrived: Path, place: str) -> None:
        """Keep a file that lies in the folder for good; it is moved. Raises StoreDown."""

    def at(self, place: str) -> Path:
        """Where a file lies in the folder once it was fetched, and what is made of it beside."""

    def fetch(self, place: str) -> Path:
        """The file itself, which is not there when the store has none. Raises StoreDown."""

    def drop(self, place: str) -> None:
        """Forget a file and what was made of it. Raises StoreDown."""

    def places(self) -> Iterator[tuple[str, float]]:
        """What is held, and since when (seconds, as the clock of its system says). Raises StoreDown."""

    def since(self, place: str) -> float | None:
        """Since when a place is held; None when it is not. Raises StoreDown."""


class Folder:
    """Files on this machine's disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, arrived: Path, place: str) -> None:
        self.at(place).parent.mkdir(exist_ok=True)
        arrived.replace(self.at(place))

    def at(self, place: str) -> Path:
        return self.folder / place

    def fetch(self, place: str) -> Path:
        return self.at(place)

    def drop(self, place: str) -> None:
        path = self.at(place)
        for made in path.parent.glob(f"{path.name}*"):
            made.unlink(missing_ok=True)

    def places(self) -> Iterator[tuple[str, float]]:
        for path in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):
                yield f"{path.parent.name}/{path.name[:64]}", path.stat().st_mtime

    def since(self, place: str) -> float | None:
        try:
            return self.at(place).stat().st_mtime
        except FileNotFoundError:
            return None


class Bucket(Folder):
    """Files in a bucket; what was opened lately is copied beside the portal, checked against its hash."""

    def __init__(self, url: str, copies: Path) -> None:
        """`url` as PORTAL_FILES_URL says it, `copies` a folder that may be lost at any time."""
        super().__init__(copies)
        self.url = url
        self._tidied = time.monotonic()

    @cached_property
    def _held(self) -> S3Store:
        """Made by the process that asks for it: its threads do not live through a fork."""
        from obstore.store import S3Store  # noqa: PLC0415 - an extra

        parts = urlsplit(self.url)
        given = parse_qs(parts.query)
        bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
        scheme = "http" if parts.scheme == "s3+http" else "https"
        host = parts.netloc.rpartition("@")[2]
        is_virtual = given.get("style") == ["virtual"]
        return S3Store(
            bucket,
            prefix=prefix or None,
            endpoint=f"{scheme}://{bucket}.{host}" if is_virtual else f"{scheme}://{host}",
            access_key_id=unquote(parts.username or ""),
            secret_access_key=unquote(parts.password or ""),
            region=given.get("region", ["us-east-1"])[0],
            virtual_hosted_style_request=is_virtual,
            client_options={
                "allow_http": scheme == "http",
                "connect_timeout": CONNECT,
                "timeout": PATIENCE,
                "user_agent": "portal",
            },
            retry_config={"max_retries": TRIES, "retry_timeout": GIVES_UP},
        )

    def put(self, arrived: Path, place: str) -> None:
        if not self._is_held_lately(place):
            self._ask("put", place, arrived)
        super().put(arrived, place)

    def fetch(self, place: str) -> Path:
        path = self.at(place)
        try:
            os.utime(path)
        except FileNotFoundError:
            self._tidy()
            self.folder.mkdir(parents=True, exist_ok=True)
            coming = self.folder / f"{ARRIVING}{secrets.token_hex(8)}"
            try:
                if self.bring(place, coming):
                    super().put(coming, place)
            finally:
                coming.unlink(missing_ok=True)
        return path

    def bring(self, place: str, to: Path) -> bool:
        """Write what lies at a place to a file of one's own; false when nothing does. Raises StoreDown."""
        try:
            answer = self._ask("get", place)
        except FileNotFoundError:
            return False
        digest = hashlib.sha256()
        with to.open("xb") as file:
            pieces = iter(answer.stream(min_chunk_size=_PIECE))
            while piece := bytes(self._told(next, pieces, b"")):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != place[-64:]:
            raise StoreDown("the store of files gave other bytes than it was given")
        return True

    def drop(self, place: str) -> None:
        super().drop(place)
        with suppress(FileNotFoundError):
            self._ask("delete", place)

    def places(self) -> Iterator[tuple[str, float]]:
        pages = iter(self._ask("list"))
        while page := self._told(next, pages, None):
            for each in page:
                if _OURS.fullmatch(each["path"]):  # what else lies in a bucket is none of the portal's
                    yield each["path"], each["last_modified"].timestamp()

    def since(self, place: str) -> float | None:
        try:
            return float(self._ask("head", place)["last_modified"].timestamp())
        except FileNotFoundError:
            return None

    def take_over(self, folder: Path) -> int:
        """Put what lies in a folder of files into the store, and take it from there; how many. Raises
        StoreDown; what is there already is not sent again.
        """
        count = 0
        for path in sorted(folder.glob("??/*")):
            place = f"{path.parent.name}/{path.name}"
            if len(path.name) == 64:
                if self.since(place) is None:
                    self._ask("put", place, path)
                count += 1
            path.unlink()
        return count

    def _is_held_lately(self, place: str) -> bool:
        """Whether it was put there just now: by whoever sent it ahead of what it belongs to."""
        since = self.since(place)
        return since is not None and since > clock.now().timestamp() - LEFT_SECONDS / 2

    def _tidy(self) -> None:
        if time.monotonic() < self._tidied + TIDY_SECONDS:
            return
        self._tidied = time.monotonic()
        self.forget_copies()

    def forget_copies(self) -> None:
        """Take away the copies that nobody opened for a day."""
        for path in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < clock.now().timestamp() - LEFT_SECONDS:
                    path.unlink()

    def _ask(self, verb: str, *facts: Any) -> Any:
        """Raises StoreDown, and FileNotFoundError for what is not there."""
        try:
            import obstore  # noqa: PLC0415 - an extra
        except ImportError:
            raise StoreDown("the extra is not installed: pip install -e '.[s3]'") from None
        return self._told(getattr(obstore, verb), self._held, *facts, absent=verb != "put")

    @staticmethod
    def _told(do: Any, *facts: Any, absent: bool = False) -> Any:
        from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

        try:
            return do(*facts)
        except FileNotFoundError as error:
            if absent and "NoSuchBucket" not in str(error):
                raise
            raise StoreDown(_line(error)) from error
        except (BaseError, OSError, ValueError) as error:
            raise StoreDown(_line(error)) from error


def _line(error: Exception) -> str:
    """What went wrong, without what the library says of its own insides."""
    return " ".join(str(error).partition("\n\nDebug source")[0].split())[:300]


def store_of(folder: Path, url: str) -> Folder | Bucket:
    """The store that a configuration names: the folder itself, unless it names a bucket."""
    return Bucket(url, folder.with_name("copies")) if url else Folder(folder)
