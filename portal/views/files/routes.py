"""Files: every URL."""

from __future__ import annotations

from portal.views.files import attachments
from portal.web import form, get

ROUTES = [
    form("/files/new", attachments.create, "file_new"),
    get("/files/{id:int}", attachments.show, "file"),
]
