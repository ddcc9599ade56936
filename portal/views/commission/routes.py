"""Commission: statements, months, policies: every URL."""

from __future__ import annotations

from portal.views.commission import adjustments, commission, disputes, periods, policies, statements, years
from portal.web import form, get, post

ROUTES = [
    get("/commission", commission.index, "commission"),
    get("/commission/team", commission.team, "commission_team"),
    get("/commission/statements", commission.look_up, "statements"),
    get("/commission/statements/{month}/{person:int}", statements.show, "statement"),
    get("/commission/statements/{month}/{person:int}/difference", years.difference, "statement_difference"),
    get("/commission/years/{year:int}/{person:int}", years.show, "commission_year"),
    post(
        "/commission/statements/{id:int}/acknowledgement", statements.acknowledge, "statement_acknowledgement"
    ),
    post("/commission/statements/{id:int}/handout", statements.hand_over, "statement_handout"),
    form("/commission/statements/{id:int}/disputes/new", disputes.create, "dispute_new"),
    form(
        "/commission/statements/{month}/{person:int}/disputes/new",
        disputes.create_of_month,
        "dispute_of_month",
    ),
    get("/commission/disputes", disputes.index, "disputes"),
    get("/commission/disputes/{id:int}", disputes.show, "dispute"),
    post("/commission/disputes/{id:int}/messages", disputes.say, "dispute_message"),
    post("/commission/disputes/{id:int}/resolution", disputes.resolve, "dispute_resolution"),
    post("/commission/disputes/{id:int}/withdrawal", disputes.withdraw, "dispute_withdrawal"),
    get("/commission/periods", periods.index, "periods"),
    get("/commission/periods/{month}", periods.show, "period"),
    get("/commission/periods/{month}/progress", periods.progress, "period_progress"),
    post("/commission/periods/{month}/preview", periods.preview, "period_preview"),
    post("/commission/periods/{month}/close", periods.close, "period_close"),
    post("/commission/periods/{month}/payment", periods.pay, "period_payment"),
    post("/commission/periods/{month}/export", periods.export, "period_export"),
    form("/commission/payroll/columns", periods.columns, "payroll_columns"),
    get("/commission/adjustments", adjustments.index, "adjustments"),
    form("/commission/adjustments/new", adjustments.create, "adjustment_new"),
    post("/commission/adjustments/{id:int}/decision", adjustments.decide, "adjustment_decision"),
    get("/commission/policies", policies.index, "policies"),
    form("/commission/policies/new", policies.create, "policy_new"),
    get("/commission/policies/{id:int}", policies.show, "policy"),
    form("/commission/policies/{id:int}/edit", policies.edit, "policy_edit"),
    post("/commission/policies/{id:int}/proposal", policies.propose, "policy_proposal"),
    post("/commission/policies/{id:int}/return", policies.send_back, "policy_return"),
    post("/commission/policies/{id:int}/approval", policies.approve, "policy_approval"),
    post("/commission/policies/{id:int}/acknowledgement", policies.acknowledge, "policy_acknowledgement"),
]
