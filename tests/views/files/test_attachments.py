"""A file is served as what it is, to whoever may read its text, and to nobody else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.models.company.topics import Topic
from portal.models.files import attachments
from portal.models.files.attachments import Attachment
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person, Role
from tests.conftest import SignIn
from tests.models.files.test_enclosures import brought, photo


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, ada: Person) -> Iterator[None]:
    attachments.keep_in(tmp_path / "files")
    yield
    attachments._store = None


def test_a_picture_is_shown_and_anything_else_handed_out(sign_in: SignIn, ada: Person) -> None:
    picture, rates = brought(ada, "门店.jpg"), brought(ada, "费率.pdf", b"%PDF-1.7 <script>")
    seen, taken = sign_in(ada).get(picture.url), sign_in(ada).get(rates.url)
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["content-disposition"].startswith("inline; filename*=utf-8''%E9%97%A8%E5%BA%97.jpg")
    assert taken.headers["content-type"] == "application/pdf"
    assert taken.headers["content-disposition"].startswith("attachment; ")
    for answer in (seen, taken):
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-cache"
        again = sign_in(ada).get(picture.url, headers={"If-None-Match": seen.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_who_may_not_read_the_text_finds_no_file(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    file = brought(ada)
    draft = Article.add(by=ada, title="A", body=f"See {file.markdown}", topics=[schools], published=False)
    assert sign_in(ben).get(file.url).status_code == 404
    assert sign_in(ben).get(file.url, headers={"If-None-Match": f'"{file.sha256}"'}).status_code == 404
    draft.publish(by=ada)
    assert sign_in(ben).get(file.url).status_code == 200


def test_what_an_import_brought_is_not_served(sign_in: SignIn, ada: Person) -> None:
    file = Attachment.keep(io.BytesIO(b"a,b"), "a.csv", by=ada)
    assert sign_in(ada).get(file.url).status_code == 404


def test_the_editor_is_answered_with_a_line_or_with_what_is_wrong(sign_in: SignIn, ada: Person) -> None:
    browser, htmx = sign_in(ada), {"HX-Request": "true"}
    came = browser.post("/files/new", files={"file": ("门店.jpg", photo())}, headers=htmx)
    file = Attachment.get()
    assert f'data-markdown="![门店](/files/{file.id})"' in came.text
    refused = browser.post("/files/new", files={"file": ("a.exe", b"MZ\x90\x00")}, headers=htmx)
    assert refused.status_code == 422
    assert 'class="field-error">A text can hold pictures' in refused.text
    nothing = browser.post("/files/new", files={"file": ("", b"")}, headers=htmx)
    assert "Choose a file" in nothing.text
    large = browser.post("/files/new", content=b"", headers={"Content-Length": f"{60 << 20}"})
    assert large.status_code == 413


def test_an_auditor_brings_nothing(sign_in: SignIn, ada: Person) -> None:
    ada.grant(Role.AUDITOR, by=None)
    assert sign_in(ada).post("/files/new", files={"file": ("门店.jpg", photo())}).status_code == 403
