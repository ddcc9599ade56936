"""What every noun shares: every URL."""

from __future__ import annotations

from portal.views.base import events, preview, undoing
from portal.web import get, post

ROUTES = [
    post("/preview", preview.preview, "preview"),
    get("/admin/events", events.index, "events"),
    post("/events/{id:int}/undoing", undoing.undo, "event_undoing"),
    post("/admin/events/export", events.export, "events_export"),
]
