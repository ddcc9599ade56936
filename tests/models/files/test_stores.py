"""What both ways to keep files promise, in the data folder and in a bucket of a real server."""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette

from portal import backup, clock, configuration, settings
from portal.jobs.retention import forget_what_is_old
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.files import attachments
from portal.models.files.attachments import Attachment, Enclosure
from portal.models.files.file_texts import FileText
from portal.models.files.stores import Bucket, Folder, StoreDown, store_of
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.work.jobs import Job
from portal.settings import Settings
from tests.conftest import SignIn
from tests.media.test_texts import word
from tests.models.files.test_enclosures import brought, photo
from tests.parts import FileStore

LARGE = os.urandom(12 << 20)
"""More than goes to a store in one piece."""


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, app: Starlette, tmp_path: Path) -> Iterator[Folder | Bucket]:
    url = request.getfixturevalue("file_store").bucket() if request.param == "bucket" else ""
    attachments.keep_in(tmp_path / "files", url)
    yield attachments.store()
    attachments._store = None


@pytest.fixture
def bucket(file_store: FileStore, app: Starlette, tmp_path: Path) -> Iterator[Bucket]:
    attachments.keep_in(tmp_path / "files", file_store.bucket())
    held = attachments.store()
    assert isinstance(held, Bucket)
    yield held
    attachments._store = None
    file_store.start()


def place_of(data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    return f"{digest[:2]}/{digest}"


def put(store: Folder | Bucket, data: bytes) -> str:
    arrived = attachments.arrival()
    arrived.write_bytes(data)
    store.put(arrived, place_of(data))
    assert not arrived.exists()
    return place_of(data)


def beside(store: Folder | Bucket) -> Folder | Bucket:
    """The same store as another machine sees it: with no copies of its own."""
    return Bucket(store.url, store.folder.with_name("elsewhere")) if isinstance(store, Bucket) else store


@pytest.mark.parametrize("data", [b"x", LARGE], ids=["small", "large"])
def test_what_is_put_is_there_for_everybody(store: Folder | Bucket, data: bytes) -> None:
    began = time.time()
    place = put(store, data)
    assert put(store, data) == place  # twice is once
    other = beside(store)
    assert store.fetch(place).read_bytes() == other.fetch(place).read_bytes() == data
    assert other.fetch(place).read_bytes() == data
    since = store.since(place)
    assert since is not None
    assert abs(since - began) < 60
    assert [held for held, _ in other.places()] == [place]


def test_what_is_dropped_is_gone_with_all_that_was_made_of_it(store: Folder | Bucket) -> None:
    place, stays = put(store, b"one"), put(store, b"two")
    made = store.at(place).with_name(f"{store.at(place).name}.first.table2")
    made.write_text("made of it")
    for _ in range(2):
        store.drop(place)
        assert not store.fetch(place).exists()
        assert not made.exists()
        assert (store.since(place), beside(store).fetch(place).exists()) == (None, False)
    assert [held for held, _ in store.places()] == [stays]


def test_a_file_of_a_text_comes_and_goes(
    store: Folder | Bucket, sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    browser = sign_in(ada)
    sent = browser.post("/files/new", files={"file": ("门店.jpg", photo())}, headers={"HX-Request": "true"})
    assert sent.status_code == 200
    file = Attachment.get()
    assert sign_in(ben).get(file.url).status_code == 404  # whoever may not see it is not asked of the store
    article = Article.add(by=ada, title="A", body=file.markdown, topics=[schools], published=True)
    store.at(file.path).unlink() if isinstance(store, Bucket) else None
    seen = sign_in(ben).get(file.url)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
    assert hashlib.sha256(seen.content).hexdigest() == file.sha256
    assert not any("s3" in value or "127.0.0.1" in value for value in seen.headers.values())
    Enclosure.take_out(article, file, by=ada)
    assert list(store.places()) == []


def test_what_nobody_knows_is_swept_after_a_day(store: Folder | Bucket, ada: Person, schools: Topic) -> None:
    held = brought(ada)
    Article.add(by=ada, title="A", body=held.markdown, topics=[schools])
    orphan = put(store, b"nobody's")
    for hours, left in ((23, {held.path, orphan}), (25, {held.path})):
        with clock.moved(clock.now() + timedelta(hours=hours)):
            forget_what_is_old(Job())
        assert {place for place, _ in store.places()} == left
    assert held.file.exists()


def test_a_copy_goes_when_nobody_opened_it_for_a_day_and_comes_back(bucket: Bucket) -> None:
    place, recent = put(bucket, b"one"), put(bucket, b"two")
    os.utime(bucket.at(place), (time.time() - 90_000,) * 2)
    bucket.forget_copies()
    assert (bucket.at(place).exists(), bucket.at(recent).exists()) == (False, True)
    assert bucket.fetch(place).read_bytes() == b"one"


def test_bytes_that_are_not_what_was_put_are_never_shown(bucket: Bucket) -> None:
    wrong = place_of(b"good")
    bucket._ask("put", wrong, b"evil")
    with pytest.raises(StoreDown, match="other bytes"):
        bucket.fetch(wrong)
    assert not bucket.at(wrong).exists()
    assert list(bucket.folder.glob("arriving-*")) == []


def test_what_else_lies_in_a_bucket_is_left_alone(bucket: Bucket) -> None:
    bucket._ask("put", "ab/letter.txt", b"somebody's")
    assert list(bucket.places()) == []


def test_a_store_that_is_away_is_told_of_and_loses_nothing(
    bucket: Bucket, file_store: FileStore, sign_in: SignIn, ada: Person, schools: Topic
) -> None:
    held = Attachment.keep(io.BytesIO(word("组合贷款")), "a.docx", by=ada)
    held.media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    held.save()
    article = Article.add(by=ada, title="A", body=held.markdown, topics=[schools], published=True)
    kept = held.file.read_bytes()
    bucket.at(held.path).unlink()
    file_store.stop()
    browser, told = sign_in(ada), "The store of files does not answer. Nothing is lost"
    page = browser.get(held.url)
    assert (page.status_code, told in page.text) == (503, True)
    sent = browser.post("/files/new", files={"file": ("a.jpg", photo())}, headers={"HX-Request": "true"})
    assert (sent.status_code, told in sent.text) == (422, True)
    with pytest.raises(Invalid, match="does not answer"):
        Attachment.keep(io.BytesIO(b"name\nx"), "a.csv", by=ada)
    assert [each.id for each in Attachment.select()] == [held.id]
    assert browser.get(article.url).status_code == 200
    for minutes in (0, 11, 22, 33):  # it is asked again as long as it takes: that is no fault of the file's
        with clock.moved(clock.now() + timedelta(minutes=minutes)):
            assert FileText.read_next()
    with pytest.raises(ExceptionGroup, match="not all"):
        forget_what_is_old(Job())
    file_store.start()
    again = Bucket(file_store.bucket(), bucket.folder.with_name("new"))
    attachments._store = again
    coming = attachments.arrival()
    coming.write_bytes(kept)
    again.put(coming, held.path)
    with clock.moved(clock.now() + timedelta(minutes=60)):
        assert FileText.read_next()
    assert FileText.get().text == "组合贷款"
    assert browser.get(held.url).content == kept


def test_a_bucket_that_is_not_there_is_no_empty_one(bucket: Bucket) -> None:
    lost = Bucket(bucket.url.replace("bucket-", "no-bucket-"), bucket.folder)
    with pytest.raises(StoreDown):
        lost.fetch("ab/" + "ab" * 32)
    with pytest.raises(StoreDown):
        next(lost.places())
    with pytest.raises(StoreDown):
        put(lost, b"a file")


def _database(folder: Path, place: str) -> None:
    with closing(sqlite3.connect(folder / "portal.db")) as made:
        made.execute("CREATE TABLE person (id)")
        made.execute("CREATE TABLE attachment (path)")
        made.executemany("INSERT INTO attachment VALUES (?)", [(place,), (place,), ("ff/" + "ff" * 32,)])
        made.commit()


def test_a_backup_holds_the_files_and_gives_them_back_to_any_store(
    bucket: Bucket, file_store: FileStore, tmp_path: Path
) -> None:
    place = put(bucket, b"a file")
    one = Settings(data=tmp_path / "one", files_url=bucket.url)
    one.data.mkdir()
    _database(one.data, place)
    assert backup.write(one, tmp_path / "kept.tar.gz") > 0
    with tarfile.open(tmp_path / "kept.tar.gz") as archive:
        assert sorted(archive.getnames()) == [f"files/{place}", "portal.db"]
    backup.restore(Settings(data=tmp_path / "two"), tmp_path / "kept.tar.gz")
    assert (tmp_path / "two" / "files" / place).read_bytes() == b"a file"
    other = Settings(data=tmp_path / "three", files_url=file_store.bucket())
    backup.restore(other, tmp_path / "kept.tar.gz")
    assert not (other.data / "files" / place).exists()
    held = store_of(other.data / "files", other.files_url)
    assert held.fetch(place).read_bytes() == b"a file"
    file_store.stop()
    with pytest.raises(backup.Refused, match="nothing was written"):
        backup.write(one, tmp_path / "later.tar.gz")
    with pytest.raises(backup.Refused, match="nothing was restored"):
        backup.restore(Settings(data=tmp_path / "four", files_url=bucket.url), tmp_path / "kept.tar.gz")
    assert list((tmp_path / "four").iterdir()) == []
    assert not (tmp_path / "later.tar.gz").exists()


def test_a_portal_that_begins_to_use_a_store_is_told_what_to_do(
    bucket: Bucket, file_store: FileStore, tmp_path: Path
) -> None:
    here = Settings(data=tmp_path, files_url=bucket.url)
    assert configuration._files(here).level == "ok"
    old = Folder(tmp_path / "files")
    old.folder.mkdir()
    (old.folder / "new").write_bytes(b"a file")
    old.put(old.folder / "new", place_of(b"a file"))
    found = configuration._files(here)
    assert (found.level, "portal files" in found.text) == ("wrong", True)
    assert (bucket.take_over(old.folder), bucket.take_over(old.folder)) == (1, 0)
    assert configuration._files(here).level == "ok"
    assert bucket.fetch(place_of(b"a file")).read_bytes() == b"a file"
    file_store.stop()
    found = configuration._files(here)
    assert (found.level, "PORTAL_FILES_URL" in found.text, "se/cret" in found.text) == ("wrong", True, False)
    shown = dict(configuration.shown(here))
    assert shown["files_url"] == "set"
    assert "cret" not in repr(here)


@pytest.mark.parametrize(
    "url", ["http://a:b@host/bucket", "s3://host/bucket", "s3://key:secret@host", "s3://key@host/bucket", "x"]
)
def test_an_address_that_lacks_something_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="PORTAL_FILES_URL") as refused:
        settings.read({"PORTAL_FILES_URL": url})
    assert "secret" not in str(refused.value)
    assert "key" not in str(refused.value)


def test_files_on_their_way_unencrypted_are_named() -> None:
    far = Settings(files_url="s3+http://key:secret@store.example/bucket")
    near = Settings(files_url="s3+http://key:secret@127.0.0.1:9000/bucket")
    assert ["PORTAL_FILES_URL" in line for line in far.unencrypted()] == [True]
    assert near.unencrypted() == []


def test_a_bucket_that_is_mostly_another_portal_s_is_left_alone(bucket: Bucket, ada: Person) -> None:
    """As when a portal is set up anew beside the bucket of its former self, before its backup is back."""
    kept = Attachment.keep(io.BytesIO(b"known"), "known.txt", by=ada)
    places = [put(bucket, b"file %d" % n) for n in range(attachments.MOST_LOOSE + 1)]
    with clock.moved(clock.now() + timedelta(days=2)):
        with pytest.raises(StoreDown, match="21 of 22"):
            Attachment.sweep_bytes()
        assert all(bucket.since(place) is not None for place in places)
        bucket.drop(places[0])
        Attachment.sweep_bytes()
        assert [place for place, _ in bucket.places()] == [kept.path]
