"""The forms of what the company is called, what it asks for, and what it keeps."""

from __future__ import annotations

from portal.forms.base import Choice, Flag, Form, TextLine, Upload, Version, Whole
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.company.logos import LARGEST, bare
from portal.models.company.words import DEMANDS


class CompanyForm(Form):
    """What the company is called, and in which language new people begin."""

    is_of_settings = True
    name = TextLine(Phrase("Company name"), required=True, longest=60)
    name_en = TextLine(Phrase("Company name in English"), required=True, longest=60)
    language = Choice(
        Phrase("Language of new people"), choices=[("zh", "中文"), ("en", "English")], required=True
    )
    version = Version()


class LogoForm(Form):
    """A picture to stand beside the name."""

    is_act = True
    file = Upload(Phrase("Picture"), render_kw={"accept": "image/png,image/jpeg,image/webp"})

    def read(self) -> bytes | None:
        """The picture alone of what was sent; None with what is wrong beside the field."""
        file = getattr(self.file.data, "file", None)
        try:
            return bare(bytes(file.read(LARGEST + 1)) if file is not None else b"")
        except Invalid as invalid:
            self.status = 422
            self._add(invalid.errors)
            return None


class SignInRuleForm(Form):
    """When the company asks for a second factor."""

    is_of_settings = True
    second_factor = Choice(Phrase("Second factor"), choices=DEMANDS.items(), required=True)
    version = Version()


class RetentionForm(Form):
    """After how many days what is forgotten."""

    is_of_settings = True
    notices = Whole(Phrase("Notices that were read, in days"), required=True, least=30, most=3650)
    searches = Whole(Phrase("Who looked for what, in days"), required=True, least=30, most=3650)
    uploads = Whole(Phrase("Files whose import was never run, in days"), required=True, least=1, most=365)
    recordings = Whole(
        Phrase("What somebody spoke before writing it, in days"), required=True, least=30, most=365
    )
    jobs = Whole(Phrase("Finished background jobs, in days"), required=True, least=7, most=3650)
    known = Flag(Phrase("I know how many recordings go, and when"))
    version = Version()
