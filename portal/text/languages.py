"""Languages by the short tags of folders, files and front matter (RFC 5646), and their own names."""

from __future__ import annotations

import re

from portal.text.scripts import SIMPLIFIED

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
_KANA, _HANGUL = re.compile("[\u3041-\u3096\u30a1-\u30fa]"), re.compile("[\uac00-\ud7af]")
_HAN, _WORD = re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z]{2,}")
_SIGN = re.compile(f"[{''.join(each.pattern[1:-1] for each in (_KANA, _HANGUL, _HAN))}]")
_SELDOM = 8
"""One of so many signs shows the language: in Japanese every few are kana, in Traditional script as few are
other than in Simplified.
"""
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


def is_spelled(text: str) -> bool:
    """Whether a text has more words of Latin letters than characters of Chinese, Japanese and Korean: English
    may name what its readers hear in Chinese, and the other way round.
    """
    return text.isascii() or len(_SIGN.findall(text)) < len(_WORD.findall(text))


def language_in(text: str) -> str:
    """The tag of the language of a text that nothing else tells: that of most of it."""
    if is_spelled(text):
        return "en"
    kana, hangul, han = (len(each.findall(text)) for each in (_KANA, _HANGUL, _HAN))
    if kana * _SELDOM >= han and kana >= hangul and kana:
        return "ja"
    if hangul > han:
        return "ko"
    if not han:
        return "en"
    traditional = sum(each in SIMPLIFIED for each in _HAN.findall(text))
    return "zh-Hant" if traditional * _SELDOM >= han else "zh-Hans"
