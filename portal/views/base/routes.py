"""What every noun shares: every URL."""

from __future__ import annotations

from portal.views.base import events, preview
from portal.web import get, post

ROUTES = [
    post("/preview", preview.preview, "preview"),
    get("/admin/events", events.index, "events"),
    post("/admin/events/export", events.export, "events_export"),
]
