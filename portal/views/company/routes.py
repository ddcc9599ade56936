"""What the company chooses, and its lists of words: every URL."""

from __future__ import annotations

from portal.views.company import admin, lists
from portal.web import form, get

ROUTES = [
    get("/admin", admin.index, "admin"),
    form("/admin/company", admin.company, "company"),
    get("/admin/words/{noun}", lists.index, "words"),
    form("/admin/words/{noun}/new", lists.create, "word_new"),
    form("/admin/words/{noun}/{id:int}", lists.edit, "word_edit"),
]
