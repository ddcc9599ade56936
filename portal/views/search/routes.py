"""Search, saved searches, gaps, and the index: every URL."""

from __future__ import annotations

from portal.views.search import administration, search
from portal.web import form, get, post

ROUTES = [
    get("/search", search.results, "search"),
    get("/search/suggest", search.suggest, "search_suggest"),
    get("/search/offers", search.offers, "search_offers"),
    get("/search/answers", search.answers, "search_answers"),
    get("/search/similar", search.similar, "search_similar"),
    post("/search/clicks", search.click, "search_clicks"),
    get("/search/saved", search.saved, "saved_searches"),
    post("/search/saved", search.save, "search_save"),
    post("/search/saved/{id:int}/removal", search.forget, "saved_search_removal"),
    get("/search/gaps", search.gaps, "search_gaps"),
    post("/search/gaps/question", search.gap_question, "gap_question"),
    post("/search/gaps/article", search.gap_article, "gap_article"),
    post("/search/gaps/dismissal", search.gap_dismissal, "gap_dismissal"),
    get("/admin/search", administration.index, "admin_search"),
    get("/admin/search/rebuild", administration.progress, "admin_search_progress"),
    post("/admin/search/rebuild", administration.rebuild, "admin_search_rebuild"),
    post("/admin/search/failures/{id:int}/retry", administration.retry, "search_failure_retry"),
    form("/admin/search/words", administration.words, "search_words"),
    form("/admin/search/words/sets", administration.word_sets, "search_word_sets"),
    post("/admin/search/words/proposals/{id:int}/acceptance", administration.accept_word, "word_acceptance"),
    post("/admin/search/words/proposals/{id:int}/dismissal", administration.drop_word, "word_dismissal"),
    form("/admin/search/words/{id:int}", administration.word, "search_word"),
    post("/admin/search/words/{id:int}/removal", administration.remove_word, "search_word_removal"),
]
