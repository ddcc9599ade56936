"""Languages by the short tags of folders, files and front matter (RFC 5646), and their own names."""

from __future__ import annotations

import re

OWN_NAMES = {
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "en": "English",
    "ja": "日本語",
    "ko": "한국어",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "pt": "Português",
    "ru": "Русский",
    "vi": "Tiếng Việt",
    "th": "ไทย",
    "ar": "العربية",
}
"""Of the languages that a company here may write in: a folder `it`, `hr` or `id` is about something else."""
_TAG = re.compile(r"([a-z]{2})(?:[-_]([a-z]{2,4}))?(?:[-_]([a-z]{2}))?", re.IGNORECASE)
_TRADITIONAL = ("hant", "tw", "hk", "mo")


def tag_of(text: str) -> str:
    """The tag of a language, however it is written: `zh_CN` is zh-Hans; '' for what is none."""
    found = _TAG.fullmatch(text.strip())
    if found is None:
        return ""
    base, *more = (part.lower() for part in found.groups(default=""))
    if base == "zh":
        return "zh-Hant" if set(more) & {*_TRADITIONAL} else "zh-Hans"
    return base if base in OWN_NAMES else ""


def language_in(text: str) -> str:
    """The tag of the language of a text that nothing else tells."""
    if re.search("[\u3040-\u30ff]", text):
        return "ja"
    if re.search("[\uac00-\ud7af]", text):
        return "ko"
    return "zh-Hans" if re.search("[\u3400-\u9fff]", text) else "en"
