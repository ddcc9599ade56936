"""Texts on their way to the readers: read beside what they change, approved, sent back, written on."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.forms.base import Form
from portal.forms.knowledge.comments import CommentForm, CommentReplyForm
from portal.forms.knowledge.proposals import ProposalForm, ProposalRefusalForm, SuggestionForm, TopicRuleForm
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.knowledge import proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.comments import Comment, answers_in, commentable_by, placed
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.topic_rules import TopicRule
from portal.text.markdown import render_markdown
from portal.views.base.undoing import acts_on
from portal.web import Request, find, form_page, go, permit, view


@view
def show(request: Request, id: int) -> Response:
    return _page(request, find(Proposal.visible_to(request.user), id), ProposalRefusalForm(None))


def _page(request: Request, proposal: Proposal, form: ProposalRefusalForm) -> Response:
    facts = {"asked": None, "refusal": form, **_reading(request, proposal)}
    return form_page(request, "knowledge/proposals/show.html", form, **facts)


def commented_page(
    request: Request, proposal: Proposal, form: Form, asked: Comment | None = None
) -> Response:
    """The page of a proposed text with what is wrong in a comment, or in the answer to one."""
    facts = _reading(request, proposal) | {"asked": asked, "refusal": ProposalRefusalForm(None)}
    facts |= {"comment_form": form} if isinstance(form, CommentForm) else {"reply_form": form}
    return form_page(request, "knowledge/proposals/show.html", form, **facts)


def _reading(request: Request, proposal: Proposal) -> dict[str, Any]:
    me, article = request.user, proposal.article
    waits_for = proposal.waits_for
    asked = proposal.answerable_by(me) if proposal.step == "author" else me in waits_for
    comments = Comment.of(proposal)
    html, gone = placed(comments, render_markdown(proposal.body))
    return {
        "proposal": proposal,
        "article": article,
        "is_open": article.is_read or article.author_id == me.id,
        "html": html,
        "comments": comments,
        "gone": gone,
        "answers": any(one.by_id != me.id for one in comments) and answers_in(proposal, me),
        "commentable": commentable_by(proposal, me),
        "comment_form": CommentForm(data={"edition": proposal.edition}),
        "reply_form": CommentReplyForm(),
        "acts": acts_on(request, proposal)
        if any(me.id in (one.by_id, one.settled_by_id) for one in comments)
        else [],
        "rows": proposal.beside() if proposal.sort != "first" else [],
        "meanwhile": proposal.meanwhile() if proposal.has_moved else [],
        "waits_for": waits_for,
        "answerable": asked and proposal.is_waiting,
        "topics": list(Topic.select().where(Topic.id.in_(proposal.topics))) if proposal.topics else [],
        "rule": TopicRule.of(proposal.topic_id) if proposal.topic_id else None,
    }


@view
def approve(request: Request, id: int) -> Response:
    proposal = find(Proposal.visible_to(request.user), id)
    permit(proposal.answerable_by(request.user) or proposal.answered_by_them(request.user))
    try:
        edition = number_of(str(request.form.get("edition")))
        proposal.approve(by=request.user, edition=edition, minor="minor" in request.form)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, proposal.url)
    return go(request, proposal.url, note=_said(proposal))


def _said(proposal: Proposal) -> Phrase:
    if proposal.is_waiting:
        return Phrase("Approved. It goes on to the next person.")
    if not proposal.article.is_read:
        return Phrase("Approved. Everyone reads it on its day.")
    return Phrase("Approved. Everyone reads it now.")


@view
def refuse(request: Request, id: int) -> Response:
    proposal, form = find(Proposal.visible_to(request.user), id), ProposalRefusalForm(request.form)
    permit(proposal.answerable_by(request.user) or proposal.answered_by_them(request.user))
    edition = number_of(str(request.form.get("edition")))
    if form.accepts(proposal.refuse, by=request.user, edition=edition):
        return go(request, proposal.url, note=Phrase("Sent back with your reason."))
    return _page(request, proposal, form)


@view
def withdraw(request: Request, id: int) -> Response:
    proposal = find(Proposal.visible_to(request.user), id)
    permit(proposal.by_id == request.user.id)
    proposal.withdraw(by=request.user)
    return go(request, proposal.url, note=Phrase("Withdrawn. Nobody is asked any more."))


@view
def edit(request: Request, id: int) -> Response:
    proposal = find(Proposal.visible_to(request.user), id)
    permit(proposal.editable_by(request.user))
    read = {"number": proposal.article.text_number}
    return _written_on(request, proposal, ProposalForm(request.form, obj=proposal, data=read))


def beside_waiting(request: Request, proposal: Proposal) -> Response:
    """What somebody wrote on an article for which another text of theirs waits: that one is written on, and
    where both changed the same, both are shown.
    """
    form = ProposalForm(request.form, obj=proposal)
    form.version.data = 0  # its page knew of no text that waits
    form.note.data = form.note.data or proposal.note
    return _written_on(request, proposal, form)


def _written_on(request: Request, proposal: Proposal, form: ProposalForm) -> Response:
    if form.accepts(proposal.revise, by=request.user):
        return go(request, proposal.url, note=Phrase("Saved. Who answers reads the newest text."))
    facts = {"proposal": proposal, "meanwhile": proposal.meanwhile() if proposal.has_moved else []}
    return form_page(request, "knowledge/proposals/edit.html", form, article=proposal.article, **facts)


@view
def suggest(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(proposals.suggestable_by(article, request.user))
    if (mine := proposals.waiting_of(article, request.user)) is not None and not request.form:
        return go(request, f"{mine.url}/edit")
    given = {"title": article.title, "body": article.body, "number": article.text_number}
    form = SuggestionForm(request.form, data=given)
    if form.accepts(proposals.suggest, article, by=request.user):
        return go(request, form.result.url, note=Phrase("Suggested. The author is asked."))
    if mine is not None:
        return beside_waiting(request, mine)
    return form_page(request, "knowledge/proposals/suggest.html", form, article=article)


@view
def choose_rule(request: Request, id: int) -> Response:
    topic = find(Topic.visible_to(request.user), id)
    permit(request.user.is_administrator)
    held = TopicRule.get_or_none(TopicRule.topic == topic)
    form = TopicRuleForm(request.form, obj=held).offering()
    if form.accepts(TopicRule.choose, topic, by=request.user):
        return go(request, topic.url, note=Phrase("Saved."))
    return form_page(request, "knowledge/topics/rule.html", form, topic=topic)
