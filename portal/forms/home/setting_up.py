"""The form of the set-up: whose topics to begin with."""

from __future__ import annotations

from wtforms import fields

from portal.forms.base import Form


class TradeForm(Form):
    """A trade, by key."""

    trade = fields.HiddenField()
