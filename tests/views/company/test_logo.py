"""The logo: what is accepted is told by the content, and it stands on every page at an address of its own."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import pytest
from PIL import Image

from portal.models.base.record import Event, Invalid
from portal.models.company.logos import Logo, read
from portal.models.company.settings import Setting
from portal.models.people.people import Person
from tests.client import Client
from tests.commission import MAY, approved, close, paid
from tests.conftest import SignIn


def png(width: int = 4, height: int = 2) -> bytes:
    """A whole picture, of one colour."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = (b"\0" + b"\x20\x60\x50" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def jpeg(width: int, height: int) -> bytes:
    """Headers as cameras write them: what is told of the picture comes after other segments."""
    exif = b"\xff\xe1" + struct.pack(">H", 10) + b"Exif\0\0\xff\xc0"
    frame = b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + b"\3" + b"\0" * 9
    return b"\xff\xd8\xff\xe0\0\4\0\0" + exif + b"\xff" + frame + b"\xff\xd9"


def webp(form: bytes, width: int, height: int) -> bytes:
    body = {
        b"VP8X": b"\0" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
        b"VP8L": b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + b"\0" * 5,
        b"VP8 ": b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height),
    }[form]
    inner = b"WEBP" + form + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


PICTURES = [
    ("image/png", png(640, 1)),
    ("image/jpeg", jpeg(640, 1)),
    ("image/webp", webp(b"VP8X", 640, 1)),
    ("image/webp", webp(b"VP8L", 640, 1)),
    ("image/webp", webp(b"VP8 ", 640, 1)),
]


@pytest.mark.parametrize(("media_type", "content"), PICTURES)
def test_a_picture_is_known_by_its_content(media_type: str, content: bytes) -> None:
    assert read(content) == (media_type, 640, 1)


def test_1024_pixels_a_side_and_256_kb_are_the_most() -> None:
    assert read(jpeg(1024, 1024)).width == 1024
    for width, height in ((1025, 1), (1, 1025)):
        with pytest.raises(Invalid) as refused:
            read(jpeg(width, height))
        assert f"{width} × {height} pixels" in refused.value.errors["file"]
    filler = jpeg(8, 8)
    read(filler + b"\0" * (256 * 1024 - len(filler)))
    with pytest.raises(Invalid) as refused:
        read(filler + b"\0" * (256 * 1024 - len(filler) + 1))
    assert "257 KB" in refused.value.errors["file"]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [b"", SVG, b"GIF89a" + b"\0" * 40, b"<html>", png()[:-12], jpeg(8, 8)[:12], png(0, 4), webp(b"VP8X", 9, 9)[:20]],
    ids=["nothing", "svg", "gif", "page", "cut", "cut jpeg", "no pixels", "cut webp"],
)  # fmt: skip
def test_what_is_no_picture_is_refused_and_told_what_would_be(
    sign_in: SignIn, adam: Person, content: bytes
) -> None:
    answer = sign_in(adam).post("/admin/company/logo", files={"file": ("logo.png", content, "image/png")})
    assert answer.status_code == 422
    assert "A PNG, JPEG or WebP picture of at most 256 KB" in answer.text
    assert not Logo.select().exists()


def put_up(browser: Client, content: bytes) -> str:
    files = {"file": ("../x.svg", content, "text/html")}
    assert browser.post("/admin/company/logo", files=files).status_code == 303
    return f"/logo/{Setting.read('company.logo')}"


def test_it_stands_on_every_page_and_at_the_door(
    sign_in: SignIn, client: Client, adam: Person, ada: Person
) -> None:
    address = put_up(sign_in(adam), png())
    for page in (sign_in(ada).get("/"), client.get("/sign-in"), sign_in(adam).get("/admin/company")):
        assert f'src="{address}"' in page.text
    answer = client.get(address)
    assert read(answer.content) == ("image/png", 4, 2)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "set-cookie" not in answer.headers
    assert client.get("/logo/" + "0" * 64).status_code == 404


def test_another_has_another_address_and_the_old_one_is_gone(
    sign_in: SignIn, client: Client, adam: Person
) -> None:
    first, second = put_up(sign_in(adam), png()), put_up(sign_in(adam), png(5, 5))
    assert first != second
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert put_up(sign_in(adam), png(5, 5)) == second
    assert Event.select().where(Event.subject_kind == "logo").count() == 2, "the same again is no change"


def test_it_is_taken_off_and_that_is_undone(sign_in: SignIn, client: Client, adam: Person) -> None:
    browser = sign_in(adam)
    address = put_up(browser, png())
    assert browser.post("/admin/company/logo/removal").status_code == 303
    assert Setting.read("company.logo") == ""
    assert client.get(address).status_code == 404
    assert "brand-logo" not in client.get("/sign-in").text
    assert "Undo" in browser.get("/admin/company").text
    event = Event.select().where(Event.verb == "taken off").get()
    browser.post(f"/events/{event.id}/undoing")
    assert client.get(address).status_code == 200
    browser.post("/admin/company/logo/removal")
    browser.post("/admin/company/logo/removal")  # twice


def test_who_does_not_administer_changes_no_logo(sign_in: SignIn, mona: Person, client: Client) -> None:
    files = {"file": ("logo.png", png(), "image/png")}
    assert sign_in(mona).post("/admin/company/logo", files=files).status_code == 403
    assert client.post("/admin/company/logo", files=files).status_code == 401
    assert not Logo.select().exists()


def test_it_stands_on_statements(
    sign_in: SignIn, adam: Person, ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    paid(ada, "100000.00", MAY.first_day)
    close(MAY, fin)
    put_up(sign_in(adam), png())
    page = sign_in(ada).get(f"/commission/statements/{MAY}/{ada.id}").text
    assert '<p class="brand statement-head"><img class="brand-logo"' in page


def photo(format: str) -> bytes:
    """As a phone takes it, lying on its side: with the place, the device and a remark."""
    picture, exif = Image.new("RGB", (8, 4), "teal"), Image.Exif()
    exif[0x0112], exif[0x0110], exif[0x010E] = 6, "Phone of Ada", "At home"
    exif.get_ifd(0x8825)[1] = "N"
    made = io.BytesIO()
    picture.save(made, format, exif=exif)
    return made.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_what_a_camera_wrote_into_it_does_not_go_out(
    sign_in: SignIn, client: Client, adam: Person, format: str
) -> None:
    sent = photo(format)
    assert b"Phone of Ada" in sent
    answer = client.get(put_up(sign_in(adam), sent))
    assert answer.headers["content-type"] == f"image/{format.lower()}"
    assert b"Phone of Ada" not in answer.content
    assert b"At home" not in answer.content
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert not shown.getexif()
        assert shown.size == (4, 8)  # upright
    kept = Logo.get()
    assert (kept.width, kept.height) == (4, 8)
    assert kept.sha256 == hashlib.sha256(answer.content).hexdigest()


def test_a_picture_that_only_begins_like_one_is_refused(sign_in: SignIn, adam: Person) -> None:
    files = {"file": ("logo.jpg", jpeg(640, 1), "image/jpeg")}
    answer = sign_in(adam).post("/admin/company/logo", files=files)
    assert answer.status_code == 422
    assert "a broken one" in answer.text
    assert not Logo.select().exists()
