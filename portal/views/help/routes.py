"""The help site, and what goes on it: every URL."""

from __future__ import annotations

from portal.views.help import messages, pages, public, site
from portal.web import form, get, post

ROUTES = [
    get("/help", public.index, "help"),
    get("/help/articles/{slug}", public.article, "help_article"),
    post("/help/articles/{slug}/voice", public.say, "help_voice"),
    form("/help/contact", public.write, "help_contact"),
    get("/help/search", public.search, "help_search"),
    get("/help/topics/{id:int}", public.topic, "help_topic"),
    get("/help/files/{id:int}", public.file, "help_file"),
    get("/help/feed.xml", public.feed, "help_feed"),
    get("/help/sitemap.xml", public.sitemap, "help_sitemap"),
    get("/help/{rest:path}", public.elsewhere, "help_elsewhere"),
    get("/robots.txt", public.robots, "robots"),
    form("/articles/{id:int}/help-page", pages.propose, "article_help_page"),
    get("/help-pages", pages.index, "help_pages"),
    post("/help-pages/export", pages.export, "help_pages_export"),
    get("/help-pages/{id:int}", pages.show, "help_page"),
    post("/help-pages/{id:int}/confirmation", pages.confirm, "help_page_confirmation"),
    post("/help-pages/{id:int}/refusal", pages.refuse, "help_page_refusal"),
    post("/help-pages/{id:int}/taking-back", pages.take_back, "help_page_taking_back"),
    post("/help-pages/{id:int}/withdrawal", pages.withdraw, "help_page_withdrawal"),
    get("/help-messages", messages.index, "help_messages"),
    get("/help-messages/{id:int}", messages.show, "help_message"),
    post("/help-messages/{id:int}/taking", messages.take, "help_message_taking"),
    post("/help-messages/{id:int}/closing", messages.close, "help_message_closing"),
    form("/admin/help-site", site.edit, "help_site"),
]
