"""The forms of what goes on the help site, and of the site itself."""

from __future__ import annotations

from portal.forms.base import Flag, Form, TextArea, TextLine, Version
from portal.i18n import Phrase


class HelpPageForm(Form):
    """Which sections of an article go on the help site: its boxes are the text's own headings."""

    is_act = True


class HelpAnswerForm(Form):
    """What a second person says of what is asked for."""

    is_act = True
    reason = TextLine(Phrase("Reason"), longest=500)


class HelpMessageForm(Form):
    """What a visitor writes. Whoever fills the field that nobody sees is a machine."""

    is_act = True
    name = TextLine(Phrase("Your name"), longest=120)
    reach = TextLine(Phrase("E-mail or phone, so that we can answer"), required=True, longest=200)
    text = TextArea(Phrase("What is it about?"), required=True, longest=2000, rows=6)
    website = TextLine(Phrase("Leave this empty"), longest=200)


class HelpSiteForm(Form):
    """Whether the help site is open, and how it looks."""

    is_of_settings = True
    is_open = Flag(Phrase("Open to everyone"))
    title = TextLine(Phrase("Title"), longest=60)
    title_en = TextLine(Phrase("Title in English"), longest=60)
    welcome = TextArea(Phrase("Welcome"), longest=500, rows=2)
    welcome_en = TextArea(Phrase("Welcome in English"), longest=500, rows=2)
    logo = Flag(Phrase("Show the company’s logo"))
    names = Flag(Phrase("Show who wrote it"))
    contact = Flag(Phrase("Visitors may write to us"))
    version = Version()
