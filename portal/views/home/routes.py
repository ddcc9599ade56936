"""The first page, what needs a person, and what they were told: every URL."""

from __future__ import annotations

from portal.views.home import home, leaving, setting_up
from portal.web import form, get, post

ROUTES = [
    get("/", home.home, "home"),
    get("/month-so-far", home.month_so_far, "month_so_far"),
    get("/needs-me", home.needs_me, "needs_me"),
    post("/needs-me/{id:int}/answer", home.answer, "need_answer"),
    post("/notices/{id:int}/reading", home.read_notice, "notice_reading"),
    post("/notices/reading", home.read_all_notices, "notices_reading"),
    get("/set-up", setting_up.show, "set_up"),
    form("/set-up/topics", setting_up.topics, "set_up_topics"),
    post("/set-up/later", setting_up.later, "set_up_later"),
    form("/admin/accounts/{id:int}/leaving", leaving.leaving, "account_leaving"),
]
