"""The set-up of a company: what is there, what is not, and where each is seen to."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.home.setting_up import TradeForm
from portal.i18n import Phrase
from portal.models.company.settings import Setting
from portal.models.company.trades import trades
from portal.models.home import setting_up
from portal.web import Request, form_page, go, permit, render, view


@view
def show(request: Request) -> Response:
    permit(request.user.is_administrator)
    zone = (request.settings.time_zone, request.settings.currency)
    later = Setting.read(setting_up.LATER)
    return render(request, "home/setting_up.html", steps=setting_up.steps(), zone=zone, later=later)


@view
def topics(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = TradeForm(request.form)
    if form.accepts(setting_up.plant, by=request.user):
        return go(request, "/set-up", note=Phrase("%(count)s topics were added.", count=form.result))
    return form_page(request, "home/trades.html", form, trades=trades().values())


@view
def later(request: Request) -> Response:
    permit(request.user.is_administrator)
    setting_up.put_off(by=request.user)
    return go(request, "/", note=Phrase("You find the set-up under Admin."))
