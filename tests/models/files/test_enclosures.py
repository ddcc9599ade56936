"""Files in texts: what may come in, who may open it, how it goes."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from portal import clock
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.files import attachments
from portal.models.files.attachments import MOST_A_DAY, Arrived, Attachment, Enclosure
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.people import Person
from tests.parts import timed

SECRET = b"Canon-4711 31.2304N"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, ada: Person) -> Iterator[None]:
    attachments.keep_in(tmp_path / "files")
    yield
    attachments._store = None


def photo(size: tuple[int, int] = (40, 20), *, turned: int = 1, format: str = "JPEG") -> bytes:
    """A picture, red on its left, with a camera's notes."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = turned, SECRET.decode()
    made = io.BytesIO()
    image.save(made, format, **({"exif": notes} if format in ("JPEG", "WEBP", "PNG") else {}))
    return made.getvalue()


def office(*parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return made.getvalue()


def read(data: bytes, name: str = "a.jpg") -> Arrived:
    return Arrived.read(io.BytesIO(data), name)


def brought(by: Person, name: str = "门店 [1].jpg", data: bytes | None = None) -> Attachment:
    return Attachment.bring(read(data or photo(), name), by=by)


@pytest.mark.parametrize(
    ("name", "data", "media", "kept_as"),
    [
        ("店.JPEG", photo(), "image/jpeg", "店.jpeg"),
        ("店.png", photo(), "image/jpeg", "店.jpg"),  # named as what it is
        ("a.png", photo(format="PNG"), "image/png", "a.png"),
        ("a.webp", photo(format="WEBP"), "image/webp", "a.webp"),
        ("a.gif", photo(format="GIF"), "image/gif", "a.gif"),
        ("../../etc/费率.pdf", b"%PDF-1.7 x", "application/pdf", "费率.pdf"),
        ("C:\\x\\表.xlsx", office("[Content_Types].xml", "xl/workbook.xml"), None, "表.xlsx"),
        ("字" * 200 + ".docx", office("word/document.xml"), None, "字" * 80 + ".docx"),
        ("页.pptx", office("ppt/presentation.xml"), None, "页.pptx"),
        ("价.csv", "名称,价格".encode("gb18030"), "text/plain", "价.csv"),
        (".txt", b"Notes.", "text/plain", "file.txt"),
    ],
)
def test_what_may_stand_in_a_text(name: str, data: bytes, media: str | None, kept_as: str) -> None:
    arrived = read(data, name if name != ".txt" else "..txt")
    assert arrived.name == kept_as
    assert media is None or arrived.kind.media == media


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.exe", b"MZ\x90\x00"),
        ("a.txt", b"MZ\x90\x00\x03"),
        ("a.zip", office("readme")),
        ("a.docm", office("word/document.xml", "word/vbaProject.bin")),
        ("a.docx", b"PK\x03\x04 half"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic"),
        ("a.jpg", b"\xff\xd8\xff and no more"),
        ("a.png", photo(format="PNG")[:60]),
        ("a.gif", b"GIF89a/*" + b"\x00" * 20),
        ("a.jpg", b""),
        ("a.txt", b"x" * (20 * 1024 * 1024 + 1)),
    ],
)
def test_what_may_not(name: str, data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read(data, name)
    assert "file" in refused.value.errors


def test_a_picture_that_unpacks_without_end_is_refused() -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")  # 100 kB that are 900 million pixels
    with pytest.raises(Invalid):
        read(bomb.getvalue(), "a.png")


@timed
def test_a_film_of_large_pictures_is_refused_before_it_is_unpacked() -> None:
    frames = [Image.new("P", (6000, 6000), color) for color in range(7)]
    film = io.BytesIO()
    frames[0].save(film, "GIF", save_all=True, append_images=frames[1:])
    began = time.perf_counter()
    with pytest.raises(Invalid):
        read(film.getvalue(), "a.gif")
    assert time.perf_counter() - began < 8


def test_a_film_stays_one() -> None:
    frames = [Image.new("RGB", (30, 20), color) for color in ("red", "white")]
    film = io.BytesIO()
    frames[0].save(film, "GIF", save_all=True, append_images=frames[1:], duration=200)
    with Image.open(io.BytesIO(read(film.getvalue(), "a.gif").data)) as image:
        assert (getattr(image, "n_frames", 1), image.size) == (2, (30, 20))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_upright_and_tells_nothing_of_its_camera(format: str) -> None:
    arrived = read(photo(turned=6, format=format), "a")  # taken with the phone on its side
    with Image.open(io.BytesIO(arrived.data)) as image:
        assert image.size == (20, 40)
        red, white = image.convert("RGB").getpixel((10, 5)), image.convert("RGB").getpixel((10, 35))
        assert isinstance(red, tuple)
        assert isinstance(white, tuple)
        assert (red[1] < 60, white[1] > 200) == (True, True)
        assert not dict(image.getexif())
    assert SECRET not in arrived.data


def test_a_large_picture_is_made_as_large_as_a_page_needs() -> None:
    with Image.open(io.BytesIO(read(photo((5000, 2500))).data)) as image:
        assert image.size == (2400, 1200)


def test_a_program_behind_a_picture_does_not_come_in() -> None:
    assert b"<script>" not in read(photo() + b"<script>alert(1)</script>").data


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_a_picture_written_anew_stays_as_it_is(format: str) -> None:
    """What goes out of a portal and comes back is the same picture, no further blurred; what hides in one is
    still left out.
    """
    once = read(photo(turned=6, format=format)).data
    assert read(once).data == once
    for hidden in (once + b"<script>", photo(format=format)):
        again = read(hidden).data
        assert again != hidden
        assert SECRET not in again
        assert b"<script>" not in again
    if format == "JPEG":
        noted = once[:2] + b"\xff\xfe\x00\x09" + b"secret!" + once[2:]
        assert b"secret!" not in read(noted).data
        with pytest.raises(Invalid):
            read(once[:200] + b"\xff\xd9")


def test_brought_twice_it_is_one_and_not_without_end(ada: Person, ben: Person) -> None:
    first = brought(ada)
    assert brought(ada) == first
    assert brought(ben) != first
    assert first.markdown == f"![门店  1](/files/{first.id})"
    row = {"name": "x", "size": 1, "sha256": "0" * 64, "path": "00/0", "by": ada.id, "media": "text/plain"}
    Attachment.insert_many([row | {"created_at": clock.now()}] * (MOST_A_DAY - 1)).execute()
    with pytest.raises(Invalid):
        brought(ada, data=photo((10, 10)))
    assert brought(ada) == first


def opens(attachment: Attachment, *people: Person) -> list[bool]:
    return [attachment in list(Attachment.visible_to(each)) for each in people]


def test_who_may_read_the_text_may_open_its_files(ada: Person, ben: Person, schools: Topic) -> None:
    file = brought(ada)
    assert opens(file, ada, ben) == [True, False]
    draft = Article.add(by=ada, title="A", body=f"See {file.markdown}", topics=[schools], published=False)
    assert opens(file, ada, ben) == [True, False]
    draft.publish(by=ada)
    assert opens(file, ada, ben) == [True, True]
    draft.fresh().edit(by=ada, body="Nothing any more.")  # its versions still show it
    assert opens(file, ada, ben) == [True, True]
    draft.fresh().archive(by=ada)
    assert opens(file, ada, ben) == [True, False]


def test_who_writes_the_number_of_anothers_file_opens_it_to_nobody(
    ada: Person, ben: Person, fin: Person, schools: Topic
) -> None:
    file = brought(ada)
    thief = Article.add(by=ben, title="B", body=f"![x](/files/{file.id})", topics=[schools])
    question = Question.ask(by=fin, text="Why?", topic=schools)
    question.answer(by=ben, text=f"[x](/files/{file.id})")
    thief.edit(by=ben, body=f"Again: [x](/files/{file.id})")
    assert opens(file, ada, ben, fin) == [True, False, False]
    assert Enclosure.of(thief) == []
    assert Enclosure.of(Answer.get()) == []


def test_who_changes_a_text_does_not_open_their_own_file_that_another_named_in_it(
    ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """The number of a reviewer's file is planted, and its owner corrects a word, or brings the version back."""
    file = brought(rita)
    planted = Article.add(by=ben, title="B", body=f"[x](/files/{file.id}) teh", topics=[schools])
    planted.edit(by=rita, body=f"[x](/files/{file.id}) the")
    planted.fresh().edit(by=rita, body="Nothing.")
    planted.fresh().restore_version(2, by=rita)
    question = Question.ask(by=ada, text="Why?", topic=schools)
    answer = question.answer(by=ben, text=f"[x](/files/{file.id}) teh")
    answer.edit(by=rita, text=f"[x](/files/{file.id}) the")
    assert opens(file, rita, ben, ada) == [True, False, False]


def test_a_file_that_a_draft_named_and_what_is_published_does_not_stays_its_author_s(
    ada: Person, ben: Person, schools: Topic
) -> None:
    kept, dropped = brought(ada), brought(ada, data=photo((8, 8)))
    draft = Article.add(
        by=ada, title="A", body=f"{kept.markdown} {dropped.markdown}", topics=[schools], published=False
    )
    draft.edit(by=ada, body=kept.markdown)
    draft.fresh().publish(by=ada)
    assert opens(kept, ada, ben) == [True, True]
    assert opens(dropped, ada, ben) == [True, False]
    assert Enclosure.of(draft) == [kept]


def test_taken_out_it_does_not_come_back_with_the_next_change(ada: Person, schools: Topic) -> None:
    file = brought(ada)
    one, other = (
        Article.add(by=ada, title=title, body=f"See {file.markdown}", topics=[schools]) for title in "AB"
    )
    Enclosure.take_out(one, file, by=ada)
    one.edit(by=ada, title="Another title")
    assert Enclosure.of(one) == []
    assert Enclosure.of(other) == [file]


def test_whoever_took_it_out_of_their_own_draft_may_put_it_in_again(
    ada: Person, ben: Person, schools: Topic
) -> None:
    file = brought(ada)
    draft: dict[str, Any] = {"body": f"See {file.markdown}", "topics": [schools], "published": False}
    article = Article.add(by=ada, title="A", **draft)
    article.edit(by=ada, body="See nothing.")
    article.publish(by=ada)
    assert (Enclosure.of(article), opens(file, ben)) == ([], [False])
    article.edit(by=ada, body=f"See {file.markdown} again")
    assert (Enclosure.of(article), opens(file, ben)) == ([file], [True])


@pytest.mark.parametrize(
    "text", ["https://elsewhere.example/files/{id}", "/files/{id}9", "/other/files/{id}", "x/files/{id}"]
)
def test_what_only_looks_like_it_is_none(ada: Person, schools: Topic, text: str) -> None:
    file = brought(ada)
    article = Article.add(by=ada, title="A", body=f"[x]({text.format(id=file.id)})", topics=[schools])
    assert Enclosure.of(article) == []


def test_an_answer_and_its_changes_hold_files(ada: Person, ben: Person, schools: Topic) -> None:
    first, second = brought(ada), brought(ada, data=photo((8, 8)))
    question = Question.ask(by=ben, text="Why?", topic=schools)
    answer = question.answer(by=ada, text=f"So: {first.markdown}")
    answer.edit(by=ada, text=f"So: {second.markdown}")
    assert Enclosure.of(answer) == [second, first]
    assert opens(second, ben) == [True]


def test_taken_out_it_is_gone_from_the_disk_unless_another_text_holds_it(
    ada: Person, ben: Person, schools: Topic
) -> None:
    file = brought(ada)
    one, other = (
        Article.add(by=ada, title=title, body=f"See {file.markdown}", topics=[schools]) for title in "AB"
    )
    Enclosure.take_out(one, file, by=ada)
    assert Enclosure.of(one) == []
    assert file.file.exists()
    assert opens(file, ben) == [True]
    Enclosure.take_out(other, file, by=ada)
    assert not file.file.exists()
    assert Attachment.get_or_none(Attachment.id == file.id) is None
    told = Event.select().where((Event.verb == "file taken out") & (Event.actor == ada.id))
    assert [each.subject for each in told.order_by(Event.id)] == [one.id, other.id]
    Enclosure.take_out(other, file, by=ada)  # twice is harmless


def test_what_stands_in_no_text_is_swept_after_thirty_days(ada: Person, schools: Topic) -> None:
    loose, held = brought(ada), brought(ada, data=photo((8, 8)))
    Article.add(by=ada, title="A", body=f"See {held.markdown}", topics=[schools])
    Attachment.sweep()
    assert opens(loose, ada) == [True]
    with clock.moved(clock.now() + timedelta(days=31)):
        Attachment.sweep()
    assert opens(loose, ada) == [False]
    assert not loose.file.exists()
    assert opens(held, ada) == [True]
    assert held.file.exists()


def test_what_an_import_brought_is_nobodys_to_open(ada: Person) -> None:
    kept = Attachment.keep(io.BytesIO("客户,电话".encode()), "客户.csv", by=ada)
    assert opens(kept, ada) == [False]
