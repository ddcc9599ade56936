"""Markdown as it will look, while it is written."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from portal.text.markdown import render_markdown
from portal.text.writing import clean
from portal.web import Request, view


@view(reading=True)
def preview(request: Request) -> Response:
    part = request.query.get("part", "body")
    return HTMLResponse(render_markdown(clean(str(request.form.get(part, "")))))
