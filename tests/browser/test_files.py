"""Pictures and files come into a text by choosing, pasting and dropping, and without JavaScript."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.models.company.topics import Topic
from portal.models.files import attachments
from portal.models.files.attachments import Attachment, Enclosure
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from tests.browser.conftest import OpenPage
from tests.models.files.test_enclosures import brought, photo


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, ada: Person) -> Iterator[None]:
    attachments.keep_in(tmp_path / "files")
    yield
    attachments._store = None


def give(page: Page, how: str, name: str, data: bytes, kind: str) -> None:
    """Paste or drop a file into the text."""
    page.locator(".editor-text").evaluate(
        """(area, [how, name, data, type]) => {
          const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)), carried = new DataTransfer();
          carried.items.add(new File([bytes], name, { type }));
          area.focus();
          const known = how === "paste" ? new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true })
            : new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
          area.dispatchEvent(known);
        }""",
        [how, name, base64.b64encode(data).decode(), kind],
    )


def test_pictures_are_chosen_pasted_and_dropped_and_seen_by_readers(
    ada: Person, ben: Person, schools: Topic, open_page: OpenPage
) -> None:
    page = open_page(ada, "/articles/new")
    page.get_by_label("Title").fill("Which key")
    text = page.locator(".editor-text")
    text.fill("Look:\n")
    picture = photo(format="PNG")
    page.locator("[data-enclose]").set_input_files(
        {"name": "钥匙.png", "mimeType": "image/png", "buffer": picture}
    )
    expect(text).to_have_value("Look:\n![钥匙](/files/1)")
    give(page, "paste", "image.png", photo((60, 60), format="PNG"), "image/png")
    expect(text).to_have_value("Look:\n![钥匙](/files/1)\n![image](/files/2)")
    give(page, "drop", "费率.pdf", b"%PDF-1.7 rates", "application/pdf")
    expect(text).to_have_value("Look:\n![钥匙](/files/1)\n![image](/files/2)\n[费率.pdf](/files/3)")
    shown = page.locator(".editor-preview img")
    expect(shown).to_have_count(2)
    expect(shown.first).to_have_js_property("naturalWidth", 40)
    page.get_by_label("Schools").check()
    page.select_option("#kind_of", "guide")
    page.get_by_role("button", name="Publish").click()
    expect(page).to_have_url(re.compile(r"/articles/\d+$"))
    assert len(Enclosure.of(Article.get())) == 3
    reader = open_page(ben, Article.get().url)
    expect(reader.locator(".prose img").first).to_have_js_property("naturalWidth", 40)
    with reader.expect_download() as fetched:
        reader.get_by_role("link", name="费率.pdf").click()
    assert fetched.value.suggested_filename == "费率.pdf"


def test_what_cannot_come_in_is_said_and_leaves_the_text(ada: Person, open_page: OpenPage) -> None:
    page = open_page(ada, "/articles/new", expected=("422", "INTERNET_DISCONNECTED"))
    text = page.locator(".editor-text")
    text.fill("Look:")
    give(page, "drop", "tool.exe", b"MZ\x90\x00", "application/octet-stream")
    expect(page.get_by_text("tool.exe: A text can hold pictures")).to_be_visible()
    expect(text).to_have_value("Look:")
    page.context.set_offline(True)
    give(page, "paste", "image.png", photo(format="PNG"), "image/png")
    expect(page.get_by_text("image.png: ")).to_be_visible()
    expect(text).to_have_value("Look:")


def test_text_beside_a_picture_on_the_clipboard_is_what_is_pasted(ada: Person, open_page: OpenPage) -> None:
    """A word processor lays a picture of the words beside them."""
    page = open_page(ada, "/articles/new")
    page.locator(".editor-text").evaluate(
        """(area) => {
          const carried = new DataTransfer();
          carried.items.add(new File(["x"], "image.png", { type: "image/png" }));
          carried.setData("text/plain", "Words");
          carried.setData("text/html", "<p><b>Words</b></p>");
          area.focus();
          area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator(".editor-text")).to_have_value("**Words**")
    assert Attachment.select().count() == 0


def test_without_javascript_a_file_comes_in_by_its_line(
    ada: Person, tmp_path: Path, open_page: OpenPage
) -> None:
    page = open_page(ada, "/articles/new", java_script_enabled=False)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Picture or file for a text").click()
    (tmp_path / "门店.png").write_bytes(photo(format="PNG"))
    other = opened.value
    other.get_by_label("File").set_input_files(tmp_path / "门店.png")
    other.get_by_role("button", name="Bring it").click()
    expect(other.locator("code")).to_have_text("![门店](/files/1)")
    expect(other.locator(".prose img")).to_be_visible()


def test_a_file_is_taken_out_for_good(ada: Person, ben: Person, schools: Topic, open_page: OpenPage) -> None:
    file = brought(ada, "门店.jpg")
    article = Article.add(by=ada, title="Shop", body=f"See {file.markdown}", topics=[schools])
    page = open_page(ada, f"{article.url}/edit", expected=("404",))  # its line stands there still
    page.get_by_text("门店.jpg").click()
    page.get_by_role("button", name="Take out for good").click()
    expect(page.get_by_text("Taken out for good: 门店.jpg")).to_be_visible()
    assert not file.file.exists()
    assert open_page(ben, article.url, expected=("404",)).request.get(file.url).status == 404
