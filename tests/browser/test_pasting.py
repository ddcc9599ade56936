"""What is copied elsewhere and pasted into a text: as Word, WPS, Excel, Google and web pages put it on the clipboard."""

from __future__ import annotations

import base64
import re
import time

from playwright.sync_api import Page, Route, expect

from portal.models.files.attachments import Attachment
from portal.models.people.people import Person
from tests.browser.conftest import OpenPage
from tests.browser.test_knowledge import PASTE
from tests.models.files.test_enclosures import photo
from tests.parts import timed

ITEM = "<p class={css} style='margin-left:{left}pt;mso-list:l0 level{level} lfo1'><![if !supportLists]>{mark}<![endif]>{text}</p>"
MARK = (
    "<span lang=EN-US style='font-family:Symbol'><span style='mso-list:Ignore'>{sign}"
    "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span></span></span>"
)


def item(sign: str, text: str, level: int = 1, css: str = "MsoListParagraph") -> str:
    mark = MARK.format(sign=sign)
    return ITEM.format(css=css, left=21 * level, level=level, mark=mark, text=text)


FROM_WORD = f"""<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->
<style><!-- p.MsoNormal {{ margin:0cm }} @list l0 {{ mso-list-id:1 }} --></style></head>
<body lang=ZH-CN><!--StartFragment-->
<p class=MsoTitle>签约手册<o:p></o:p></p>
<h1 style='mso-list:l1 level1 lfo2'><![if !supportLists]>{MARK.format(sign="1.")}<![endif]><a name="_Toc1"></a><b>准备</b></h1>
{item("1.", "问清<b>预算</b>")}
{item("a)", "首付", 2)}
{item("b)", "月供", 2)}
{item("2.", "查学区")}
<p class=MsoNormal>写法 style="x" 照旧，见<a href="https://example.com/a_b?x=1" title="去看">说明</a>
和<a href="#_Toc1">上文</a>、<a href="file:///C:/a.docx">文件</a>。</p>
{item("3.", "约时间")}
{item("·", "带证件", 1)}
{item("o", "身份证", 2)}
<p class=MsoNormal><span style='display:none;mso-hide:all'>隐藏</span><![if !vml]>
<img width=10 height=10 src="file:///C:/Users/x/clip_image002.png" alt="流程图"><![endif]></p>
<table class=MsoTableGrid border=1><tr><td colspan=3><p class=MsoNormal>利率表</p></td></tr>
<tr><td rowspan=2><p>建设银行</p></td><td><p>首套</p><p>（五年）</p></td><td><p>3.5%<o:p></o:p></p></td></tr>
<tr><td><p><a href="https://example.com/two">二套</a></p></td><td><p>a_b | <b>3.9%</b></p></td></tr></table>
<!--EndFragment--></body></html>"""

WORD_SAYS = """# 签约手册

# 1. 准备

1. 问清**预算**
    1. 首付
    2. 月供
2. 查学区

写法 style="x" 照旧，见[说明](https://example.com/a_b?x=1) 和上文、文件。

3. 约时间

- 带证件
    - 身份证

流程图

| 利率表 | | |
| --- | --- | --- |
| 建设银行 | 首套 （五年） | 3.5% |
| 建设银行 | [二套](https://example.com/two) | a\\_b ｜ **3.9%** |"""

FROM_WPS = f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=ProgId content="Word.Document">
<meta name=Generator content="Microsoft Word 14"><style>@font-face{{font-family:"宋体"}}</style></head>
<body style="tab-interval:21pt;"><!--StartFragment--><h2 >带看<o:p></o:p></h2>
{item("一、", "见业主", css="MsoNormal")}{item("二、", "看房", css="MsoNormal")}{item("（1）", "采光", 2, css="MsoNormal")}
<p class=MsoNormal ><b><span style="font-weight:bold;">当天</span></b><span style="font-style:italic">回复</span></p><!--EndFragment--></body></html>"""

FROM_SHEETS = """<meta charset='utf-8'><google-sheets-html-origin><style type="text/css"><!--td {border: 1px}--></style>
<table xmlns="http://www.w3.org/1999/xhtml" cellspacing="0" dir="ltr" data-sheets-root="1"><colgroup><col width="100"/><col width="90"/>
</colgroup><tbody><tr><td style="font-weight:bold">楼盘</td><td>单价</td></tr>
<tr><td>湖畔<br/>一期</td><td data-sheets-value="{}">5.2</td></tr><tr style="display:none"><td>藏</td><td>1</td></tr>
<tr><td></td><td></td></tr></tbody></table></google-sheets-html-origin>"""

FROM_DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr"><span style="font-weight:400">先</span>
<span style="font-weight:700">听</span></p><ul><li><p dir="ltr"><span>甲</span></p></li><ul><li><p>乙</p></li><li><p>丙</p></li></ul>
<li><p>丁</p></li></ul></b>"""

FROM_THE_WEB = """<div onclick="alert(1)"><script>alert("script")</script><noscript>ns</noscript><iframe src="https://evil.example"></iframe>
<svg><script>alert(2)</script></svg><h3>条款<button>复制</button></h3><p>见<a href="javascript:alert(3)">这里</a>、
<a href="data:text/html,x">那里</a>、<a href="//evil.example/x">别处</a>、<a href="/admin">后台</a></p>
<img src=x onerror="alert(4)"><img src="https://example.com/pic/plan.png?x=1" alt="户型图">
<table><tr><td><table><tr><th>甲</th><th>乙</th></tr><tr><td>1</td><td>2</td></tr></table></td><td><p>旁注</p></td></tr></table></div>"""


def pasted(page: Page, html: str) -> str:
    page.fill("#body", "")
    page.focus("#body")
    page.evaluate(PASTE, [html, "plain"])
    expect(page.locator("#body")).not_to_have_value("")
    return "\n".join(line.rstrip() for line in page.input_value("#body").splitlines())


def same(found: str, expected: str) -> None:
    """But for the spaces in the cells of a table, and how wide its rule is."""

    def bare(text: str) -> str:
        return re.sub(r"-{3,}", "---", re.sub(r"(?<=\S) +", " ", text))

    assert bare(found) == bare(expected)


def test_word_keeps_headings_nested_and_interrupted_lists_links_and_merged_cells(
    open_page: OpenPage, ada: Person
) -> None:
    page = open_page(ada, "/articles/new")
    same(pasted(page, FROM_WORD), WORD_SAYS)
    expect(page.locator("#passing")).to_contain_text("Pictures that did not come along: 1.")
    preview = page.locator("#body-preview")
    expect(preview.locator("ol ol li")).to_have_text(["首付", "月供"])
    expect(preview.locator("ol[start='3'] li")).to_have_text("约时间")
    expect(preview.locator("ul ul li")).to_have_text("身份证")
    expect(preview.locator("tbody tr").nth(1).locator("td")).to_have_text(["建设银行", "二套", "a_b ｜ 3.9%"])


def test_wps_sheets_and_docs_keep_what_they_mean(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    same(pasted(page, FROM_WPS), "## 带看\n\n1. 见业主\n2. 看房\n    1. 采光\n\n**当天***回复*")
    same(pasted(page, FROM_SHEETS), "| 楼盘 | 单价 |\n| --- | --- |\n| 湖畔 一期 | 5.2 |")
    same(pasted(page, FROM_DOCS), "先 **听**\n\n- 甲\n    - 乙\n    - 丙\n- 丁")
    same(pasted(page, "<table><tr><td>一格 a|b</td></tr></table>"), "一格 a｜b")


def test_nothing_of_a_page_but_its_words_comes_along(open_page: OpenPage, ada: Person) -> None:
    """No script, frame or address that is none; a picture of the web is a link to it."""
    page = open_page(ada, "/articles/new")
    found = pasted(page, FROM_THE_WEB)
    for word in ("alert", "script", "evil", "ns", "复制", "/admin", "onclick", "data:"):
        assert word not in found, word
    assert found.startswith("### 条款\n\n见这里、 那里、别处、后台")
    assert "[户型图](https://example.com/pic/plan.png?x=1)" in found
    same(found[found.index("| 甲") :], "| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |\n\n旁注")


def test_a_page_of_the_portal_is_linked_by_its_path(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    here = page.evaluate("location.origin")
    assert (
        pasted(page, f'<p>见<a href="{here}/articles/3#part-1">前文</a></p>')
        == "见[前文](/articles/3#part-1)"
    )


def test_pictures_within_the_clipboard_come_along_where_they_stood(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    picture = base64.b64encode(photo((60, 60), format="PNG")).decode()
    html = f'<p>前<img alt="户[型]图" src="data:image/png;base64,{picture}"></p><p>后</p>'
    page.focus("#body")
    page.evaluate(PASTE, [html, "前后"])
    expect(page.locator("#body")).to_have_value(re.compile(r"^前!\[.*\]\(/files/[^)]*\)\n\n后$"))
    assert Attachment.select().count() == 1
    expect(page.locator("#body-preview img")).to_have_count(1)


def test_what_is_raised_or_lowered_stays_another_number(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    html = (
        "<p>10<sup>6</sup> m<sup>2</sup>, 10<sup>−3</sup>, H<sub>2</sub>O, <b>5<sup>a+1</sup></b>, x<sub>max</sub>, 1<sup>st</sup>, so"
        "<sup>[4]</sup>, <span style='vertical-align:super'>9</span></p>"
    )
    assert pasted(page, html) == "10⁶ m², 10⁻³, H₂O, **5^(a+1)**, x\\_(max), 1st, so\\[4\\], ⁹"


def test_words_that_look_like_a_character_stay_words(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    assert pasted(page, "<p><b>a</b> &amp;lt; b, &amp;#65; AT&amp;T &lt;script&gt;</p>") == (
        "**a** \\&lt; b, \\&#65; AT&T <script>"
    )
    expect(page.locator("#body-preview p")).to_have_text("a &lt; b, &#65; AT&T <script>")


def test_a_picture_that_leads_somewhere_is_a_link_with_words_and_what_is_left_is_counted(
    open_page: OpenPage, ada: Person
) -> None:
    page = open_page(ada, "/articles/new")
    html = (
        '<p><a href="https://e.example/"><img src="https://e.example/a/plan.png?x=1"></a></p>'
        '<p><a href="https://f.example/"><img src="cid:1"></a></p><p><textarea>words</textarea></p>'
        '<video src="https://e.example/v.mp4"></video><canvas></canvas><svg aria-hidden="true"></svg>'
    )
    assert (
        pasted(page, html)
        == "[plan.png](https://e.example/)\n\n[https://f.example/](https://f.example/)\n\nwords"
    )
    expect(page.locator("#passing")).to_contain_text("Pictures that did not come along: 3.")


def test_a_broken_picture_takes_nothing_else_away(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    picture = base64.b64encode(photo((60, 60), format="PNG")).decode()
    good, broken = f"data:image/png;base64,{picture}", "data:image/png;base64,abc%3D=="
    page.focus("#body")
    page.evaluate(PASTE, [f'<h2>Head</h2><p>a<img src="{good}"></p><p>b<img src="{broken}"></p>', "plain"])
    expect(page.locator("#body")).to_have_value(re.compile(r"^## Head\n\na!\[.*\]\(/files/[^)]*\)\n\nb$"))
    expect(page.locator("#passing")).to_contain_text("Pictures that did not come along: 1.")
    assert Attachment.select().count() == 1


def test_two_pastes_keep_each_its_own_picture(open_page: OpenPage, ada: Person) -> None:
    """The second is put before the first while both are on their way."""
    page, held = open_page(ada, "/articles/new"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**{page.get_attribute('[data-enclose]', 'data-enclose')}", hold)
    page.focus("#body")
    for words, size in (("TWO", (60, 60)), ("ONE", (61, 61))):
        picture = base64.b64encode(photo(size, format="PNG")).decode()
        page.evaluate("document.getElementById('body').setSelectionRange(0, 0)")
        page.evaluate(PASTE, [f'<p><b>{words}</b><img src="data:image/png;base64,{picture}"></p>', "plain"])
        expect(page.locator("#body")).to_have_value(re.compile(f"^\\*\\*{words}"))
    for route in held:
        route.continue_()
    expect(page.locator("#body")).to_have_value(
        re.compile(r"^(\*\*(ONE|TWO)\*\*!\[[^\]]*\]\(/files/\d+\)){2}$")
    )
    named = dict(re.findall(r"(ONE|TWO)\*\*!\[[^\]]*\]\(/files/(\d+)\)", page.input_value("#body")))
    widths = {
        words: page.evaluate(
            "async (id) => { const i = new Image(); i.src = `/files/${id}`; await i.decode(); return i.width; }",
            number,
        )
        for words, number in named.items()
    }
    assert widths == {"ONE": 61, "TWO": 60}


@timed
def test_a_long_sheet_is_pasted_at_once(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    rows = "".join(
        f"<tr><td>row {n}</td><td>what it costs in that month</td><td>{n}</td></tr>" for n in range(1000)
    )
    began = time.monotonic()
    text = pasted(page, f"<table>{rows}</table>")
    assert text.count("\n") >= 1000
    pasted(
        page, "<a " * 60_000 + "<table><tr><td rowspan=1000 colspan=100>1</td></tr></table>" + "<b>end</b>"
    )
    assert time.monotonic() - began < 6


@timed
def test_what_would_take_long_comes_as_its_words_at_once_and_says_so(
    open_page: OpenPage, ada: Person
) -> None:
    """A browser takes a minute to parse so deep a text alone: nobody could use the page meanwhile."""
    page = open_page(ada, "/articles/new")
    for long in (
        "<ul><li>" * 40_000,
        "<div>" * 40_000 + "<b>x</b>",
        "<tr><td>a</td><td>b</td></tr>" * 60_000,
    ):
        began = time.monotonic()
        assert pasted(page, f"<table>{long}") == "plain"
        assert time.monotonic() - began < 3
        expect(page.locator("#passing")).to_contain_text("Paste it in parts")
    assert pasted(page, "<div>" * 90 + "<p>x<b>y</b>" * 300 + "</div>" * 90).count("**y**") == 300


def test_what_is_said_beside_a_text_of_word_and_what_was_struck_out_stays_behind(
    open_page: OpenPage, ada: Person
) -> None:
    """A comment is for those who write the text; of a change that is tracked the new words hold."""
    page = open_page(ada, "/articles/new")
    tracked = (
        "<p class=MsoNormal>月租<s><del cite='mailto:a' datetime='2026-05-12T09:00'>500</del></s>"
        "<ins cite='mailto:a' datetime='2026-05-12T09:01'>600</ins> 元，<s>含税</s>不含税</p>"
    )
    assert pasted(page, tracked) == "月租600 元，~~含税~~不含税"
    remarked = """<p class=MsoNormal><a style='mso-comment-reference:Z_1'>这个价格</a><span class=MsoCommentReference>
<![if !supportAnnotations]><a class=msocomanchor href="#_msocom_1" name="_msoanchor_1">[Z1]</a><![endif]></span>可以谈。</p>
<div style='mso-element:comment-list'><hr class=msocomoff><div style='mso-element:comment'><div id="_com_1" class=msocomtxt>
<p class=MsoCommentText><span class=MsoCommentReference><a class=msocomoff href="#_msoanchor_1">[Z1]</a></span>底价别外传</p></div></div></div>"""
    assert pasted(page, remarked) == "这个价格可以谈。"


def test_headings_that_are_told_by_their_level_alone_are_headings(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/articles/new")
    own = "<p class=1 style='mso-outline-level:3;text-indent:0'>收费标准</p><p class=MsoNormal>　　ＡＢＣ 按月收。</p>"
    assert pasted(page, own) == "### 收费标准\n\n　　ＡＢＣ 按月收。"


def test_word_in_a_browser_keeps_headings_and_how_deep_an_item_stands(
    open_page: OpenPage, ada: Person
) -> None:
    page = open_page(ada, "/articles/new")

    def one(text: str, level: int, place: int, tag: str = "ul") -> str:
        return (
            f'<div class="ListContainerWrapper"><{tag} role="list"><li data-aria-posinset="{place}" data-aria-level="{level}">'
            f'<p class="Paragraph"><span class="TextRun">{text}</span><span class="EOP">&nbsp;</span></p></li></{tag}></div>'
        )

    items = (
        one("甲", 1, 1) + one("甲一", 2, 1) + one("乙", 1, 2) + one("先", 1, 1, "ol") + one("后", 1, 2, "ol")
    )
    head = '<p class="Paragraph" role="heading" aria-level="2"><span>带看</span></p>'
    assert pasted(page, head + items) == "## 带看\n\n- 甲\n    - 甲一\n- 乙\n\n1. 先\n2. 后"


def test_a_heading_or_table_stands_on_a_line_of_its_own_and_is_taken_back_by_a_key(
    open_page: OpenPage, ada: Person
) -> None:
    """Else it would be none: what is pasted within a line parts it."""
    page = open_page(ada, "/articles/new")
    page.fill("#body", "前文后文")
    page.focus("#body")
    page.evaluate("document.querySelector('#body').setSelectionRange(2, 2)")
    page.evaluate(PASTE, ["<h2>节</h2><table><tr><td>甲<td>乙<tr><td>1<td>2</table>", "节"])
    expect(page.locator("#body")).to_have_value(re.compile(r"^前文\n\n## 节\n\n\| 甲[\s\S]*\|\n\n后文$"))
    expect(page.locator("#body-preview h2")).to_have_text("节")
    expect(page.locator("#body-preview td")).to_have_text(["1", "2"])
    page.keyboard.press("Control+z")
    expect(page.locator("#body")).to_have_value("前文后文")
    page.evaluate(PASTE, ["<b>粗</b>", "粗"])
    expect(page.locator("#body")).to_have_value("前文**粗**后文")
