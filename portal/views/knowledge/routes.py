"""Articles, questions, and who knows what: every URL."""

from __future__ import annotations

from portal.views.knowledge import articles, erasing, people, questions, topics, votes
from portal.web import form, get, post

ROUTES = [
    get("/articles", articles.index, "articles"),
    post("/articles/export", articles.export, "articles_export"),
    form("/articles/new", articles.create, "article_new"),
    get("/articles/of-experience/{id:int}", articles.of_experience, "article_of_experience"),
    get("/articles/{id:int}", articles.show, "article"),
    form("/articles/{id:int}/edit", articles.edit, "article_edit"),
    post("/articles/{id:int}/publication", articles.publish, "article_publication"),
    post("/articles/{id:int}/use", articles.use, "article_use"),
    post("/articles/{id:int}/archiving", articles.archive, "article_archiving"),
    post("/articles/{id:int}/restoring", articles.restore, "article_restoring"),
    get("/articles/{id:int}/versions", articles.versions, "article_versions"),
    get("/articles/{id:int}/versions/{number:int}", articles.version, "article_version"),
    post("/articles/{id:int}/review", articles.review, "article_review"),
    post("/articles/{id:int}/minor-change", articles.minor, "article_minor_change"),
    post(
        "/articles/{id:int}/versions/{version:int}/restoration",
        articles.restore_version,
        "article_version_restoration",
    ),
    form("/articles/{id:int}/erasing", erasing.article, "article_erasing"),
    get("/questions", questions.index, "questions"),
    post("/questions/export", questions.export, "questions_export"),
    form("/questions/new", questions.create, "question_new"),
    get("/questions/{id:int}", questions.show, "question"),
    form("/questions/{id:int}/edit", questions.edit, "question_edit"),
    form("/questions/{id:int}/answers", questions.answer, "question_answers"),
    post("/questions/{id:int}/best", questions.choose_best, "question_best"),
    post("/questions/{id:int}/best/withdrawal", questions.unchoose_best, "question_best_withdrawal"),
    post("/questions/{id:int}/archiving", questions.archive, "question_archiving"),
    post("/questions/{id:int}/restoring", questions.restore, "question_restoring"),
    form("/experiences/{id:int}/erasing", erasing.experience, "experience_erasing"),
    form("/questions/{id:int}/erasing", erasing.question, "question_erasing"),
    get("/answers/{id:int}", questions.show_answer, "answer"),
    form("/answers/{id:int}/edit", questions.edit_answer, "answer_edit"),
    get("/people", people.index, "people"),
    post("/people/export", people.export, "people_export"),
    get("/people/{id:int}", people.show, "person"),
    get("/people/{id:int}/points", people.points, "person_points"),
    post("/people/{id:int}/endorsements", people.endorse, "endorsements"),
    post("/people/{id:int}/endorsements/withdrawal", people.take_back, "endorsement_withdrawal"),
    get("/admin/votes", votes.index, "held_votes"),
    post("/admin/votes/{id:int}/decision", votes.decide, "held_vote_decision"),
    get("/topics", topics.index, "topics"),
    get("/topics/{id:int}", topics.show, "topic"),
]
