"""What the company chooses, and its lists of words: every URL."""

from __future__ import annotations

from portal.views.company import admin, calendar, lists, rules
from portal.web import form, get, post

ROUTES = [
    get("/admin", admin.index, "admin"),
    form("/admin/company", admin.company, "company"),
    get("/logo/{sha256}", admin.logo, "logo"),
    post("/admin/company/logo", admin.choose_logo, "logo_choice"),
    post("/admin/company/logo/removal", admin.remove_logo, "logo_removal"),
    form("/admin/company/sign-in", admin.sign_in, "sign_in_rule"),
    form("/admin/retention", admin.retention, "retention"),
    form("/admin/company/working-days", calendar.calendar, "working_days"),
    post("/admin/company/working-days/days", calendar.choose_day, "working_day_new"),
    post("/admin/company/working-days/days/{id:int}/removal", calendar.remove_day, "working_day_removal"),
    get("/rules", rules.index, "rules"),
    form("/admin/rules/{page}", rules.edit, "rules_edit"),
    get("/rule-changes/{id:int}", rules.show, "rule_change"),
    post("/rule-changes/{id:int}/approval", rules.approve, "rule_change_approval"),
    post("/rule-changes/{id:int}/refusal", rules.refuse, "rule_change_refusal"),
    post("/rule-changes/{id:int}/withdrawal", rules.withdraw, "rule_change_withdrawal"),
    get("/admin/words/{noun}", lists.index, "words"),
    form("/admin/words/{noun}/new", lists.create, "word_new"),
    form("/admin/words/{noun}/{id:int}", lists.edit, "word_edit"),
]
