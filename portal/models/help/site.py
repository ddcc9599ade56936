"""The help site as a whole: whether it is open, and how it looks."""

from __future__ import annotations

from typing import Any, NamedTuple

from portal.models.company.settings import Setting

PARTS = ("is_open", "title", "title_en", "welcome", "welcome_en", "logo", "names", "contact")
"""Its settings, as its form calls them."""


class Site(NamedTuple):
    """How it looks in one language. What is not written in that language is as in the other."""

    title: str
    welcome: str
    logo: str
    """The address of the company's logo; '' for none."""
    names: bool
    """Whether it says who wrote what."""
    contact: bool
    """Whether visitors may write."""

    @classmethod
    def of(cls, locale: str) -> Site:
        """As it is chosen."""
        company = Setting.read("company.name_en" if locale == "en" else "company.name")
        logo = Setting.read("company.logo") if Setting.read("help.logo") else ""
        return cls(
            _in(locale, "title") or company,
            _in(locale, "welcome"),
            f"/logo/{logo}" if logo else "",
            Setting.read("help.names"),
            Setting.read("help.contact"),
        )

    @staticmethod
    def is_open() -> bool:
        """Whether anybody outside reads anything. Until somebody opens it, nobody does."""
        return bool(Setting.read("help.is_open"))

    @staticmethod
    def chosen() -> dict[str, Any]:
        """Its settings, for the form that changes them."""
        return {part: Setting.read(f"help.{part}") for part in PARTS}

    @staticmethod
    def choose(*, by: Any, **values: Any) -> bool:
        """Choose whether it is open, and how it looks."""
        for part, value in values.items():
            Setting.choose(f"help.{part}", value, by=by)
        return True


def _in(locale: str, part: str) -> str:
    own, other = (
        (f"help.{part}_en", f"help.{part}") if locale == "en" else (f"help.{part}", f"help.{part}_en")
    )
    return str(Setting.read(own) or Setting.read(other))
