"""Comments at passages of a proposed text: said, answered, settled on its page."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.knowledge.comments import CommentForm, CommentReplyForm
from portal.i18n import Phrase
from portal.models.knowledge.comments import Comment, commentable_by
from portal.models.knowledge.proposals import Proposal
from portal.views.knowledge.proposals import commented_page
from portal.web import Request, find, go, permit, view


@view
def say(request: Request, id: int) -> Response:
    proposal, form = find(Proposal.visible_to(request.user), id), CommentForm(request.form)
    permit(commentable_by(proposal, request.user))
    if form.accepts(Comment.say, proposal, by=request.user):
        return go(request, f"{proposal.url}#comments", note=Phrase("Said. Whoever wrote the text is told."))
    return commented_page(request, proposal, form)


@view
def reply(request: Request, id: int) -> Response:
    comment, form = find(Comment.visible_to(request.user), id), CommentReplyForm(request.form)
    permit(comment.answerable_by(request.user))
    if form.accepts(comment.reply, by=request.user):
        return go(request, comment.url, note=Phrase("Answered."))
    return commented_page(request, comment.proposal, form, asked=comment)


@view
def settle(request: Request, id: int) -> Response:
    comment = find(Comment.visible_to(request.user), id)
    permit(comment.settleable_by(request.user))
    comment.settle(by=request.user)
    return go(request, f"{comment.proposal.url}#comments", note=Phrase("Dealt with. It stays here, folded."))
