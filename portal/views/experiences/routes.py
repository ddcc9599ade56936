"""Experiences and their reviews: every URL."""

from __future__ import annotations

from portal.views.experiences import anchors, experiences, interviews, panels, reviews, rules, stories, voice
from portal.web import form, get, post

ROUTES = [
    get("/experiences", experiences.index, "experiences"),
    post("/experiences/export", experiences.export, "experiences_export"),
    post("/experiences/selection", experiences.select, "experiences_selection"),
    post("/experiences/selection/topic", experiences.select_topic, "experiences_selection_topic"),
    form("/experiences/new", experiences.new, "experience_new"),
    get("/experiences/{id:int}", experiences.show, "experience"),
    form("/experiences/{id:int}/edit", experiences.edit, "experience_edit"),
    post("/experiences/{id:int}/draft", experiences.draft, "experience_draft"),
    form("/experiences/{id:int}/voice", voice.show, "experience_voice"),
    post("/voice-notes/{id:int}/withdrawal", voice.take_out, "voice_note_withdrawal"),
    post("/experiences/{id:int}/contact", experiences.contact, "experience_contact"),
    post("/experiences/{id:int}/submission", experiences.submission, "experience_submission"),
    post("/experiences/{id:int}/withdrawal", experiences.withdrawal, "experience_withdrawal"),
    form("/experiences/{id:int}/co-author", experiences.co_author, "experience_co_author"),
    post("/experiences/{id:int}/appeal", experiences.appeal, "experience_appeal"),
    form("/experiences/{id:int}/revocation", experiences.revocation, "experience_revocation"),
    form("/deals/{id:int}/interview", interviews.ask, "deal_interview"),
    form("/interviews/{id:int}", interviews.show, "interview"),
    post("/interviews/{id:int}/end", interviews.end, "interview_end"),
    get("/deals/{id:int}/story", stories.show, "deal_story"),
    post("/deals/{id:int}/story", stories.begin, "deal_story_begin"),
    get("/reviews", reviews.index, "reviews"),
    form("/reviews/{id:int}", reviews.show, "review"),
    get("/reviews/{id:int}/known", reviews.known, "review_known"),
    post("/reviews/{id:int}/decline", reviews.decline, "review_decline"),
    form("/admin/review-rules", rules.edit, "review_rules"),
    form("/admin/anchors/new", anchors.new, "anchor_new"),
    form("/admin/anchors/{id:int}", anchors.show, "anchor"),
    get("/admin/reviews", panels.index, "review_log"),
    post("/admin/reviews/export", panels.export, "review_log_export"),
]
