"""Every URL, one line each, grouped by noun: the table of contents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from portal.settings import ROOT, Settings
from portal.views import (
    account,
    accounts,
    adjustments,
    admin,
    articles,
    commission,
    contacts,
    customers,
    deals,
    disputes,
    experiences,
    home,
    imports,
    interactions,
    people,
    periods,
    policies,
    preview,
    products,
    questions,
    reviews,
    search,
    search_admin,
    sign_in,
    statements,
    topics,
    vocabulary,
)

BOTH = ("GET", "POST")


def get(path: str, view: Callable[..., Any], name: str) -> Route:
    """A page."""
    return Route(path, view, name=name, methods=["GET"])


def post(path: str, view: Callable[..., Any], name: str) -> Route:
    """A change."""
    return Route(path, view, name=name, methods=["POST"])


def form(path: str, view: Callable[..., Any], name: str) -> Route:
    """A form's page and its change."""
    return Route(path, view, name=name, methods=list(BOTH))


def routes(settings: Settings) -> Sequence[BaseRoute]:
    """The whole site."""
    return [
        get("/", home.home, "home"),
        get("/month-so-far", home.month_so_far, "month_so_far"),
        get("/needs-me", home.needs_me, "needs_me"),
        post("/notices/{id:int}/reading", home.read_notice, "notice_reading"),
        post("/notices/reading", home.read_all_notices, "notices_reading"),
        # signing in
        form("/sign-in", sign_in.sign_in, "sign_in"),
        post("/sign-out", sign_in.sign_out, "sign_out"),
        post("/language", sign_in.choose_language, "choose_language"),
        form("/sign-in/forgotten", sign_in.forgotten, "forgotten"),
        form("/sign-in/reset/{token}", sign_in.reset, "reset"),
        # one's own account
        form("/account", account.show, "account"),
        post("/account/theme", account.theme, "theme"),
        post("/account/language", account.language, "language"),
        form("/account/password", account.password, "password"),
        get("/account/sessions", account.session_list, "sessions"),
        post("/account/sessions/{id:int}/revocation", account.revoke_session, "session_revocation"),
        # search
        get("/search", search.results, "search"),
        get("/search/suggest", search.suggest, "search_suggest"),
        post("/search/clicks", search.click, "search_clicks"),
        get("/search/saved", search.saved, "saved_searches"),
        post("/search/saved", search.save, "search_save"),
        post("/search/saved/{id:int}/removal", search.forget, "saved_search_removal"),
        get("/search/gaps", search.gaps, "search_gaps"),
        post("/search/gaps/question", search.gap_question, "gap_question"),
        post("/search/gaps/article", search.gap_article, "gap_article"),
        post("/search/gaps/dismissal", search.gap_dismissal, "gap_dismissal"),
        # imports
        get("/imports", imports.index, "imports"),
        form("/imports/new", imports.create, "import_new"),
        get("/imports/{id:int}", imports.show, "import"),
        form("/imports/{id:int}/file", imports.file, "import_file"),
        form("/imports/{id:int}/columns", imports.columns, "import_columns"),
        form("/imports/{id:int}/check", imports.check, "import_check"),
        post("/imports/{id:int}/run", imports.start, "import_run"),
        get("/imports/{id:int}/rejected", imports.rejected, "import_rejected"),
        post("/imports/{id:int}/undo", imports.undo, "import_undo"),
        post("/imports/{id:int}/resumption", imports.resume, "import_resumption"),
        # administration
        get("/admin/search", search_admin.index, "admin_search"),
        get("/admin/search/rebuild", search_admin.progress, "admin_search_progress"),
        post("/admin/search/rebuild", search_admin.rebuild, "admin_search_rebuild"),
        post("/admin/search/failures/{id:int}/retry", search_admin.retry, "search_failure_retry"),
        form("/admin/search/words", search_admin.words, "search_words"),
        form("/admin/search/words/{id:int}", search_admin.word, "search_word"),
        post("/admin/search/words/{id:int}/removal", search_admin.remove_word, "search_word_removal"),
        get("/admin", admin.index, "admin"),
        form("/admin/company", admin.company, "company"),
        get("/admin/accounts", accounts.index, "accounts"),
        form("/admin/accounts/new", accounts.create, "account_new"),
        form("/admin/accounts/{id:int}", accounts.edit, "account_edit"),
        post("/admin/accounts/{id:int}/roles", accounts.grant, "account_role"),
        post("/admin/accounts/{id:int}/roles/withdrawal", accounts.withdraw, "account_role_withdrawal"),
        post("/admin/accounts/{id:int}/deactivation", accounts.deactivate, "account_deactivation"),
        post("/admin/accounts/{id:int}/reactivation", accounts.reactivate, "account_reactivation"),
        post("/admin/accounts/{id:int}/invitation", accounts.invite, "account_invitation"),
        get("/admin/words/{noun}", vocabulary.index, "words"),
        form("/admin/words/{noun}/new", vocabulary.create, "word_new"),
        form("/admin/words/{noun}/{id:int}", vocabulary.edit, "word_edit"),
        get("/admin/jobs", admin.jobs, "jobs"),
        post("/admin/jobs/{id:int}/retry", admin.retry, "job_retry"),
        get("/admin/letters", admin.letters, "letters"),
        post("/admin/letters/{id:int}/link", admin.letter_link, "letter_link"),
        get("/admin/events", admin.events, "events"),
        # knowledge
        get("/articles", articles.index, "articles"),
        form("/articles/new", articles.create, "article_new"),
        get("/articles/of-experience/{id:int}", articles.of_experience, "article_of_experience"),
        get("/articles/{id:int}", articles.show, "article"),
        form("/articles/{id:int}/edit", articles.edit, "article_edit"),
        post("/articles/{id:int}/publication", articles.publish, "article_publication"),
        post("/articles/{id:int}/use", articles.use, "article_use"),
        post("/articles/{id:int}/archive", articles.archive, "article_archive"),
        post("/articles/{id:int}/restoration", articles.restore, "article_restoration"),
        get("/articles/{id:int}/versions", articles.versions, "article_versions"),
        post(
            "/articles/{id:int}/versions/{version:int}/restoration",
            articles.restore_version,
            "article_version_restoration",
        ),
        # questions
        get("/questions", questions.index, "questions"),
        form("/questions/new", questions.create, "question_new"),
        get("/questions/{id:int}", questions.show, "question"),
        form("/questions/{id:int}/edit", questions.edit, "question_edit"),
        form("/questions/{id:int}/answers", questions.answer, "question_answers"),
        post("/questions/{id:int}/best", questions.choose_best, "question_best"),
        post("/questions/{id:int}/best/withdrawal", questions.unchoose_best, "question_best_withdrawal"),
        post("/questions/{id:int}/archive", questions.archive, "question_archive"),
        post("/questions/{id:int}/restoration", questions.restore, "question_restoration"),
        get("/answers/{id:int}", questions.show_answer, "answer"),
        form("/answers/{id:int}/edit", questions.edit_answer, "answer_edit"),
        # people: who knows what
        get("/people", people.index, "people"),
        get("/people/{id:int}", people.show, "person"),
        get("/people/{id:int}/points", people.points, "person_points"),
        post("/people/{id:int}/endorsements", people.endorse, "endorsements"),
        post("/people/{id:int}/endorsements/withdrawal", people.take_back, "endorsement_withdrawal"),
        get("/topics", topics.index, "topics"),
        get("/topics/{id:int}", topics.show, "topic"),
        # experiences and their reviews
        get("/experiences", experiences.index, "experiences"),
        form("/experiences/new", experiences.new, "experience_new"),
        get("/experiences/{id:int}", experiences.show, "experience"),
        form("/experiences/{id:int}/edit", experiences.edit, "experience_edit"),
        post("/experiences/{id:int}/draft", experiences.draft, "experience_draft"),
        post("/experiences/{id:int}/submission", experiences.submission, "experience_submission"),
        post("/experiences/{id:int}/withdrawal", experiences.withdrawal, "experience_withdrawal"),
        post("/experiences/{id:int}/appeal", experiences.appeal, "experience_appeal"),
        form("/experiences/{id:int}/revocation", experiences.revocation, "experience_revocation"),
        get("/reviews", reviews.index, "reviews"),
        form("/reviews/{id:int}", reviews.show, "review"),
        post("/reviews/{id:int}/decline", reviews.decline, "review_decline"),
        post("/preview", preview.preview, "preview"),
        # customers, the people there, and every contact with them
        get("/customers", customers.index, "customers"),
        post("/customers/export", customers.export, "customers_export"),
        form("/customers/new", customers.create, "customer_new"),
        get("/customers/{id:int}", customers.show, "customer"),
        form("/customers/{id:int}/edit", customers.edit, "customer_edit"),
        form("/customers/{id:int}/owner", customers.hand_over, "customer_owner"),
        post("/customers/{id:int}/archiving", customers.archive, "customer_archiving"),
        post("/customers/{id:int}/restoring", customers.restore, "customer_restoring"),
        post("/customers/{id:int}/private", customers.reveal, "customer_private"),
        form("/customers/{id:int}/contacts/new", contacts.create, "contact_new"),
        form("/contacts/{id:int}/edit", contacts.edit, "contact_edit"),
        post("/contacts/{id:int}/archiving", contacts.archive, "contact_archiving"),
        post("/contacts/{id:int}/restoring", contacts.restore, "contact_restoring"),
        post("/contacts/{id:int}/private", contacts.reveal, "contact_private"),
        form("/interactions/new", interactions.create, "interaction_new"),
        post("/customers/{id:int}/interactions", interactions.log, "interaction_log"),
        post("/interactions/{id:int}/follow-up", interactions.follow_up, "interaction_follow_up"),
        # deals and their money
        get("/deals", deals.index, "deals"),
        post("/deals/export", deals.export, "deals_export"),
        form("/deals/new", deals.create, "deal_new"),
        get("/deals/{id:int}", deals.show, "deal"),
        form("/deals/{id:int}/edit", deals.edit, "deal_edit"),
        form("/deals/{id:int}/owner", deals.hand_over, "deal_owner"),
        post("/deals/{id:int}/stage", deals.move, "deal_stage"),
        form("/deals/{id:int}/win", deals.win, "deal_win"),
        form("/deals/{id:int}/loss", deals.lose, "deal_loss"),
        post("/deals/{id:int}/reopening", deals.reopen, "deal_reopening"),
        post("/deals/{id:int}/archiving", deals.archive, "deal_archiving"),
        post("/deals/{id:int}/restoring", deals.restore, "deal_restoring"),
        form("/deals/{id:int}/payments/new", deals.pay, "deal_payment_new"),
        form("/deal-lines/{id:int}/reversal", deals.reverse, "deal_line_reversal"),
        form("/deals/{id:int}/shares", deals.share, "deal_shares"),
        # what is sold
        get("/products", products.index, "products"),
        form("/products/new", products.create, "product_new"),
        get("/products/{id:int}", products.show, "product"),
        form("/products/{id:int}/edit", products.edit, "product_edit"),
        post("/products/{id:int}/archiving", products.archive, "product_archiving"),
        post("/products/{id:int}/restoring", products.restore, "product_restoring"),
        # commission: statements, months, policies
        get("/commission", commission.index, "commission"),
        get("/commission/team", commission.team, "commission_team"),
        get("/commission/statements", commission.look_up, "statements"),
        get("/commission/statements/{month}/{person:int}", statements.show, "statement"),
        post(
            "/commission/statements/{id:int}/acknowledgement",
            statements.acknowledge,
            "statement_acknowledgement",
        ),
        form("/commission/statements/{id:int}/disputes/new", disputes.create, "dispute_new"),
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
        Mount("/static", StaticFiles(directory=ROOT / "static"), name="static"),
    ]
