"""What the people of the company are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said

PERSON = Noun(
    "person",
    Phrase("Person"),
    Phrase("People"),
    icon="user",
    path="/people/{id}",
    events={
        "joined": Said(Phrase("joined"), "user-plus", "info"),
        "invited": Said(Phrase("invited"), "mail", "info"),
        "deactivated": Said(Phrase("closed the account"), "lock"),
        "handed on": Said(Phrase("handed on what they held"), "arrow-right"),
        "reactivated": Said(Phrase("opened the account again"), "user-check"),
        "granted": Said(Phrase("gave a role")),
        "withdrawn": Said(Phrase("took back a role")),
        "signed in": Said(Phrase("signed in"), "login"),
        "sign-in failed": Said(Phrase("could not sign in"), "lock", "warning"),
        "sign-ins refused": Said(Phrase("was refused: too many tries to sign in"), "ban", "danger"),
        "second factor added": Said(Phrase("added a second factor"), "shield-check", "success"),
        "second factor removed": Said(Phrase("took off the second factor"), "shield", "warning"),
        "passkey added": Said(Phrase("added a passkey"), "key", "success"),
        "passkey removed": Said(Phrase("removed a passkey"), "key", "warning"),
        "passkey used": Said(Phrase("used a passkey"), "key"),
        "passkey refused": Said(Phrase("was refused with a passkey"), "key", "danger"),
        "sessions ended": Said(Phrase("ended all sessions"), "logout", "warning"),
        "password changed": Said(Phrase("changed the password")),
        "reset link shown": Said(Phrase("saw the link for a new password")),
        "endorsed": Said(Phrase("endorsed")),
        "vote held": Said(Phrase("was given a vote that is held"), "hourglass", "warning"),
        "vote released": Said(Phrase("let a held vote count"), "check"),
        "vote dropped": Said(Phrase("dropped a held vote"), "x"),
        "unnamed vote held": Said(
            Phrase("was given a vote that is held"), "hourglass", "warning", auditors_only=True
        ),
        "unnamed vote released": Said(Phrase("let a held vote count"), "check", auditors_only=True),
        "unnamed vote dropped": Said(Phrase("dropped a held vote"), "x", auditors_only=True),
        "left the ranking": Said(Phrase("takes no part in the ranking"), auditors_only=True),
        "joined the ranking": Said(Phrase("takes part in the ranking again"), auditors_only=True),
        "topic hidden": Said(Phrase("hid a topic of their own"), "eye-off", auditors_only=True),
        "topic shown": Said(Phrase("showed a hidden topic again"), "eye", auditors_only=True),
        "absence noted": Said(Phrase("noted an absence"), "calendar-event"),
        "late leave counts": Said(Phrase("let leave count for a closed month"), "calendar-event"),
        "late leave refused": Said(Phrase("did not let leave count for a closed month"), "calendar-event"),
        "absence taken back": Said(Phrase("took back an absence"), "calendar-event"),
        "endorsement taken back": Said(Phrase("took back an endorsement")),
        "called so": Said(Phrase("said what a colleague is like")),
        "soft word taken back": Said(Phrase("took back what they said of a colleague")),
        "soft trait hidden": Said(
            Phrase("hides a trait that colleagues see in them"), "eye-off", auditors_only=True
        ),
        "soft trait shown": Said(
            Phrase("shows a trait again that colleagues see in them"), "eye", auditors_only=True
        ),
    },
)

ROLES: dict[str, Phrase] = {
    "reviewer": Phrase("Reviewer"),
    "manager": Phrase("Manager"),
    "finance": Phrase("Finance"),
    "administrator": Phrase("Administrator"),
    "auditor": Phrase("Auditor"),
    "approver": Phrase("Approves policies"),
    "closer": Phrase("Closes months"),
    "payer": Phrase("Pays months"),
    "adjuster": Phrase("Adjusts by hand"),
    "payments": Phrase("Confirms payments"),
}
"""What roles and duties are called."""

LANGUAGES: dict[str, Phrase] = {
    "zh": Phrase("Mandarin"),
    "yue": Phrase("Cantonese"),
    "wuu": Phrase("Shanghainese"),
    "nan": Phrase("Hokkien"),
    "hak": Phrase("Hakka"),
    "en": Phrase("English"),
    "ja": Phrase("Japanese"),
    "ko": Phrase("Korean"),
    "fr": Phrase("French"),
    "de": Phrase("German"),
    "es": Phrase("Spanish"),
    "pt": Phrase("Portuguese"),
    "ru": Phrase("Russian"),
    "ar": Phrase("Arabic"),
    "th": Phrase("Thai"),
    "vi": Phrase("Vietnamese"),
    "sign": Phrase("Sign language"),
}
"""The languages that a person may say they speak, by code."""
