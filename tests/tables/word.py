"""Word files made by hand, part by part, as Word writes them."""

from __future__ import annotations

import io
import zipfile

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
STYLES = (
    '<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="a5"><w:name w:val="标题 2"/></w:style>'
    '<w:style w:styleId="own"><w:name w:val="Chapter"/><w:basedOn w:val="1"/></w:style>'
    '<w:style w:styleId="o3"><w:name w:val="x"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    '<w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:styleId="li"><w:name w:val="List"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
)
LISTS = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)
LINKS = (
    '<Relationship Id="r1" Target="https://bank.example/rates?a=1&amp;b=2" TargetMode="External"/>'
    '<Relationship Id="r2" Target="media/image1.png"/><Relationship Id="r3" Target="报价.docx" TargetMode="External"/>'
    '<Relationship Id="r4" Target="javascript:alert(1)" TargetMode="External"/>'
    '<Relationship Id="r5" Target="../../../etc/passwd"/>'
)


def paragraph(text: str = "", *, style: str = "", more: str = "", runs: str = "") -> str:
    about = f'<w:pStyle w:val="{style}"/>' if style else ""
    said = f"<w:r><w:t>{text}</w:t></w:r>" if text else ""
    return f"<w:p><w:pPr>{about}{more}</w:pPr>{said}{runs}</w:p>"


def listed(text: str, level: int = 0) -> str:
    return paragraph(text, more=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>')


def run(text: str, *marks: str) -> str:
    return f"<w:r><w:rPr>{''.join(f'<w:{mark}/>' for mark in marks)}</w:rPr><w:t>{text}</w:t></w:r>"


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def picture(link: str = "r2", words: str = "门口") -> str:
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="{words}"/>'
        f'<a:blip r:embed="{link}"/></wp:inline></w:drawing></w:r>'
    )


def word(body: str, *, media: bytes = b"", parts: dict[str, str] | None = None) -> bytes:
    """A Word file of this body."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        if media:
            archive.writestr("word/media/image1.png", media)
        archive.writestr(
            "word/document.xml", f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"
        )
        archive.writestr("word/styles.xml", f"<w:styles {NAMESPACES}>{STYLES}</w:styles>")
        archive.writestr("word/numbering.xml", f"<w:numbering {NAMESPACES}>{LISTS}</w:numbering>")
        archive.writestr("word/_rels/document.xml.rels", f"<Relationships>{LINKS}</Relationships>")
        for path, text in (parts or {}).items():
            archive.writestr(path, text)
    return made.getvalue()
