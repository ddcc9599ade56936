"""The look keeps its promises: readable colours in both themes, icons that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette

from portal import i18n

ROOT = Path(__file__).parents[1]
CSS = (ROOT / "static/css/portal.css").read_text(encoding="utf-8")
TOKENS = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS)
COLOURS = {name: pair for name, *pair in TOKENS}
TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "accent") for ground in ("paper", "surface", "raised")],
    *[
        (f"{tone}-ink", f"{tone}-wash")
        for tone in ("neutral", "info", "success", "warning", "danger", "gold")
    ],
    ("ink", "sunken"),
    ("ink-soft", "sunken"),
    ("ink", "marked"),
    ("ink", "accent-wash"),
    ("accent", "accent-wash"),
    ("ink-soft", "accent-wash"),
    ("danger-ink", "surface"),
    ("danger-ink", "paper"),
]
LINES = [("line-firm", "surface"), ("line-firm", "paper"), ("accent-fill", "surface")]
FILLS = ["accent-fill", "accent-deep", "danger-fill", "seal"]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it: 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_words_can_be_read(ink: str, ground: str, theme: int) -> None:
    assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), LINES)
def test_edges_of_controls_can_be_seen(line: str, ground: str, theme: int) -> None:
    assert contrast(COLOURS[line][theme], COLOURS[ground][theme]) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("fill", FILLS)
def test_white_on_filled_buttons_can_be_read(fill: str, theme: int) -> None:
    assert contrast("#ffffff", COLOURS[fill][theme]) >= 4.5


def test_every_icon_named_in_a_template_is_vendored() -> None:
    (folder,) = (ROOT / "static/vendor").glob("tabler-icons-*")
    have = {path.stem for path in folder.glob("*.svg")}
    named: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"\b(?:icon|svg)\('([a-z0-9-]+)'\)", text))
        named |= set(re.findall(r"\bicon='([a-z0-9-]+)'", text))
    assert len(named) > 20
    assert named <= have


def test_a_small_button_has_a_size_that_the_style_knows() -> None:
    written = [
        path.name
        for path in (ROOT / "templates").rglob("*.html")
        for text in [path.read_text(encoding="utf-8")]
        for call in re.findall(r"\bui\.(?:link_)?button\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", text)
        if re.search(r"\bsize='(?!(?:small|wide)')", call)
    ]
    assert written == []


def test_the_list_of_parts_names_every_macro() -> None:
    text = (ROOT / "templates/ui.html").read_text(encoding="utf-8")
    listed = text[: text.index("#}")]
    inner = {"attributes", "field_foot", "field_mark"}
    macros = set(re.findall(r"macro (\w+)\(", text)) - inner
    assert len(macros) > 30
    assert [name for name in sorted(macros) if not re.search(rf"\b{name}\(", listed)] == []


def test_every_macro_is_used() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]
    texts = [re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL) for text in texts]
    parts = {name for text in texts for name in re.findall(r"\bui\.(\w+)\(", text)}
    for text in texts:
        used = parts | set(re.findall(r"(?<!macro )\b(\w+)\(", text)) | set(re.findall(r"=(\w+)\)", text))
        assert set(re.findall(r"macro (\w+)\(", text)) - used == set()


def test_every_template_is_extended_included_or_rendered() -> None:
    templates = {
        path.relative_to(ROOT / "templates").as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "templates").rglob("*.html")
    }
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "portal").rglob("*.py"))
    named = set(re.findall(r"""["']([\w/]+\.html)["']""", code + "".join(templates.values())))
    assert set(templates) - named == set()


def test_macros_speak_the_language_of_the_moment(app: Starlette) -> None:
    page = app.state.templates.from_string("{% call ui.why() %}{% endcall %}")
    with i18n.speaking("zh"):
        assert "为什么" in page.render()
    with i18n.speaking("en"):
        assert "Why?" in page.render()


def test_a_job_is_shown_in_the_language_of_the_moment() -> None:
    """By `|job`: a person's title is the Chinese one."""
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(person|colleague|author|owner)\.title\b(?!\|urlencode)", text), path


def test_motion_stays_under_150_ms_and_stops_on_request() -> None:
    durations = [float(n) for n in re.findall(r"--quick: (\d+)ms", CSS)]
    assert durations == [120]
    assert "prefers-reduced-motion: reduce" in CSS
