"""Whether the help site is open, and how it looks."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.help.pages import HelpSiteForm
from portal.i18n import Phrase
from portal.models.help.pages import HelpPage
from portal.models.help.site import Site
from portal.views.company.about import about
from portal.web import Request, form_page, go, permit, view


@view(confirmed=True)
def edit(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = HelpSiteForm(request.form, data=Site.chosen())
    if form.accepts(Site.choose, by=request.user):
        return go(request, "/admin/help-site", note=Phrase("Saved."))
    count, is_open = HelpPage.in_the_open().count(), Site.is_open()
    return form_page(request, "help/pages/site.html", form, count=count, is_open=is_open, **about("help"))
