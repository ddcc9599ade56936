"""Files in texts: brought, opened, taken out."""

from __future__ import annotations

from functools import partial

from starlette.responses import FileResponse, Response

from portal.forms.files.attachments import AttachmentForm
from portal.models.base.database import transact
from portal.models.base.listing import number_of
from portal.models.files.attachments import Attachment
from portal.web import Request, find, form_page, go, permit, view


@view(upload=True, transaction=False)
def create(request: Request) -> Response:
    """A picture is opened in a process of its own: nobody who writes waits for that."""
    permit(not request.user.is_auditor)
    form, brought = AttachmentForm(request.form), None
    arrived = form.read() if form.sent else None
    if arrived and transact(partial(form.accept, Attachment.bring, arrived, by=request.user)):
        if not request.wants_fragment:
            return go(request, f"/files/new?brought={form.result.id}")
        brought = form.result
    elif known := number_of(request.query.get("brought", "")):
        brought = Attachment.visible_to(request.user).where(Attachment.id == known).first()
    page = "files/attachments/_new.html" if request.wants_fragment else "files/attachments/new.html"
    return form_page(request, page, form, brought=brought)


@view
def show(request: Request, id: int) -> Response:
    attachment = find(Attachment.visible_to(request.user), id)
    headers = {"ETag": f'"{attachment.sha256}"', "Cache-Control": "private, no-cache"}
    if request.http.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    kind = attachment.kind_of
    return FileResponse(
        attachment.file,
        media_type=attachment.media,
        filename=attachment.name,
        content_disposition_type="inline" if kind.is_picture or kind.played else "attachment",
        headers=headers,
    )
