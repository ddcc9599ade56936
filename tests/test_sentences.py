"""Chinese sentences follow one another without a blank, however the lines of a template are broken."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment

from portal.i18n import speaking
from portal.settings import Settings
from tests.company import Walked
from tests.wiring import wired

INLINE = "(?:a|abbr|b|bdi|code|del|em|i|ins|kbd|mark|q|s|span|strong|sub|sup|time|u)"
TAG = rf"(?:</{INLINE}>|<{INLINE}\b(?![^<>]*\bclass=)[^<>]*>)"
"""A class may make a box of what has it."""
TYPED = re.compile(r"<(textarea|pre|script|style)\b.*?</\1>", re.DOTALL)
ROW = re.compile(r"</span>\s+<span>")
"""Two beside one another, with the room between them that the row gives."""
BLANK = re.compile(rf"[。，：；！？、](?:{TAG})*(?!\n\n)\s(?:\s|{TAG})*[一-龥“（]")


def strays(html: str) -> list[str]:
    """Where a page shows a blank between a mark as wide as a character and the Chinese after it."""
    text = ROW.sub("</span><span>", TYPED.sub("", html))
    return [text[max(0, each.start() - 20) : each.end() + 20] for each in BLANK.finditer(text)]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What compiles templates: no database has a part in it."""
    folder = tmp_path_factory.mktemp("sentences")
    made: Environment = wired(
        Settings(data=folder, secret="a secret for tests", worker=False)
    ).state.templates
    return made


SAYS = "{{ _('You may leave this page: the work goes on.') }}"
TOLD = {"zh": "你可以离开此页，计算会继续。", "en": "You may leave this page: the work goes on."}


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        (f"{SAYS} {SAYS}", "{0}{0}", "{0} {0}"),
        (f"{SAYS}\n    {SAYS}\n", "{0}{0}", "{0} {0}"),
        (f"{SAYS} <a>x</a>", "{0}<a>x</a>", "{0} <a>x</a>"),
        (f"<strong>{SAYS}</strong> x", "<strong>{0}</strong>x", "<strong>{0}</strong> x"),
        (f"{SAYS} {{{{ 'x' }}}}", "{0}x", "{0} x"),
        (f"{SAYS}{{% if true %}} {SAYS}{{% endif %}}", "{0}{0}", "{0} {0}"),
        (f"{SAYS} {{% if true %}}{SAYS}{{% endif %}}", "{0}{0}", "{0} {0}"),
        (f"{{% if true %}}{SAYS}{{% else %}}x{{% endif %}} y", "{0}y", "{0} y"),
        (f"{{% for n in [1, 2] %}}{SAYS} {{{{ n }}}}{{% endfor %}}", "{0}1{0}2", "{0} 1{0} 2"),
        ("{{ _('You may leave this page: the work goes on.') ~ ' ' ~ 'x' }}", "{0}x", "{0} x"),
        (f"{SAYS}{{% set n = 1 %}} {{{{ n }}}}", "{0}1", "{0} 1"),
        (f"{SAYS}{{% filter upper %}}a{{% endfilter %}} x", "{0}A x", "{0}A x"),
        (f"a {SAYS}", "a {0}", "a {0}"),
        (f"{{{{ 'x.' }}}} {SAYS}", "x. {0}", "x. {0}"),
        (f"{SAYS}x y", "{0}x y", "{0}x y"),
        (f"<p>{SAYS}</p> <p>x</p>", "<p>{0}</p> <p>x</p>", "<p>{0}</p> <p>x</p>"),
    ],
)
def test_a_blank_after_a_sentence_is_of_english(
    templates: Environment, written: str, zh: str, en: str
) -> None:
    template = templates.from_string(written)
    for locale, shown in (("zh", zh), ("en", en)):
        with speaking(locale):
            assert template.render() == shown.format(TOLD[locale]), locale


def test_what_says_nothing_whole_keeps_its_blank(templates: Environment) -> None:
    with speaking("zh"):
        assert templates.from_string("{{ _('Page') }} {{ 2 }}").render().endswith(" 2")


def test_strays_are_seen() -> None:
    shown = (
        "读完了。 还有",
        "读完了：\n  <strong>还有</strong>",
        "<strong>读完了。</strong> 还有",
        "甲， 乙",
    )
    assert [text for text in shown if not strays(f"<p>{text}</p>")] == []
    assert not strays("<p>读完了。还有</p> <p>读完了。</p>\n<p>还有</p><textarea>甲。 乙</textarea>")


def test_no_page_of_the_portal_has_a_blank_after_a_chinese_sentence(walked: dict[str, list[Walked]]) -> None:
    pages = {page.path: page for seen in walked.values() for page in seen}
    assert len(pages) > 100
    found = {f"{page.path}: {each}" for page in pages.values() for each in strays(page.html)}
    assert not found, "\n".join(sorted(found))
