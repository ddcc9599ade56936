"""Forms for signing in and for one's own account."""

from __future__ import annotations

from wtforms import fields

from portal.forms.base import Choice, Form, Needed, TextLine
from portal.i18n import Phrase


class SignInForm(Form):
    """E-mail and password."""

    email = TextLine(Phrase("E-mail"), required=True, render_kw={"type": "email", "autocomplete": "username"})
    password = fields.PasswordField(
        Phrase("Password"),
        [Needed()],
        render_kw={"autocomplete": "current-password"},
    )
    next = fields.HiddenField()


class CodeForm(Form):
    """The code that the app shows, or a spare one."""

    code = TextLine(
        Phrase("Verification code"),
        required=True,
        longest=40,
        render_kw={"autocomplete": "one-time-code", "inputmode": "text"},
    )
    next = fields.HiddenField()
    offer = fields.HiddenField()


class PasskeyForm(Form):
    """A passkey that was made, and what its owner calls it."""

    name = TextLine(Phrase("Name of the passkey"), required=True, longest=60)
    answer = fields.HiddenField()
    token = fields.HiddenField()
    next = fields.HiddenField()


class ForgottenForm(Form):
    """Where to send the reset link."""

    email = TextLine(Phrase("E-mail"), required=True, render_kw={"type": "email", "autocomplete": "username"})


class NewPasswordForm(Form):
    """A new password."""

    password = fields.PasswordField(
        Phrase("New password"),
        [Needed()],
        render_kw={"autocomplete": "new-password", "minlength": 10},
    )


class ChangePasswordForm(NewPasswordForm):
    """The old password and a new one."""

    current_password = fields.PasswordField(
        Phrase("Current password"),
        [Needed()],
        render_kw={"autocomplete": "current-password"},
    )


class PreferencesForm(Form):
    """Language and theme."""

    locale = Choice(Phrase("Language"), choices=[("zh", "中文"), ("en", "English")], required=True)
    theme = Choice(
        Phrase("Theme"),
        choices=[("auto", Phrase("Auto")), ("light", Phrase("Light")), ("dark", Phrase("Dark"))],
        required=True,
    )
