"""Deals and their money: every URL."""

from __future__ import annotations

from portal.views.sales import answers, articles, callers, deals, payments
from portal.web import form, get, post

ROUTES = [
    get("/deals", deals.index, "deals"),
    post("/deals/export", deals.export, "deals_export"),
    post("/deals/selection", deals.select, "deals_selection"),
    post("/deals/selection/owner", deals.select_owner, "deals_selection_owner"),
    form("/deals/new", deals.create, "deal_new"),
    get("/deals/{id:int}", deals.show, "deal"),
    form("/deals/{id:int}/edit", deals.edit, "deal_edit"),
    form("/deals/{id:int}/owner", deals.hand_over, "deal_owner"),
    post("/deals/{id:int}/stage", deals.move, "deal_stage"),
    form("/deals/{id:int}/win", deals.win, "deal_win"),
    form("/deals/{id:int}/loss", deals.lose, "deal_loss"),
    form("/deals/{id:int}/reasons", deals.say_why, "deal_reasons"),
    post("/deals/{id:int}/reopening", deals.reopen, "deal_reopening"),
    post("/deals/{id:int}/archiving", deals.archive, "deal_archiving"),
    post("/deals/{id:int}/restoring", deals.restore, "deal_restoring"),
    form("/deals/{id:int}/interactions", deals.log, "deal_interaction"),
    post("/deals/{id:int}/answers", answers.use, "deal_answers"),
    get("/deals/{id:int}/articles", articles.of_deal, "deal_articles"),
    post("/deals/{id:int}/articles", articles.use_in_deal, "deal_article"),
    get("/requests/{id:int}/articles", articles.of_request, "request_articles"),
    post("/requests/{id:int}/articles", articles.use_for_request, "request_article"),
    post("/deals/{id:int}/customer", deals.make_customer, "deal_customer"),
    form("/deals/{id:int}/payments/new", deals.pay, "deal_payment_new"),
    form("/deal-lines/{id:int}/reversal", deals.reverse, "deal_line_reversal"),
    form("/deals/{id:int}/shares", deals.share, "deal_shares"),
    get("/deals/{id:int}/callers", callers.of_deal, "deal_callers"),
    get("/customers/{id:int}/callers", callers.of_customer, "customer_callers"),
    get("/deals/{id:int}/fitting-answers", answers.of_deal, "deal_fitting"),
    get("/customers/{id:int}/fitting-answers", answers.of_customer, "customer_fitting"),
    get("/payments", payments.index, "payments"),
    post("/payments/confirmation", payments.confirm, "payments_confirmation"),
    form("/payments/bank", payments.bank, "payments_bank"),
]
