"""Small `.docx` files, put together as Word does."""

from __future__ import annotations

import zipfile
from io import BytesIO

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

RELATIONSHIPS = (
    f'<Relationships {_R}><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
OF_DOCUMENT = (
    f"<Relationships {_R}>"
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/numbering" Target="numbering.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/hyperlink" '
    'Target="https://school.example/" TargetMode="External"/>'
    f'<Relationship Id="rId4" Type="{_OFFICE}/image" '
    'Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
)
STYLES = (
    f"<w:styles {W}>"
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/><w:pPr>'
    '<w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/>'
    '<w:basedOn w:val="H"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr>'
    "</w:style></w:styles>"
)


def _level(at: int, kind: str, text: str, start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


NUMBERING = (
    f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">'
    f"{_level(0, 'decimal', '%1.', 3)}{_level(1, 'lowerLetter', '(%2)')}"
    '</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    f"{_level(0, 'decimal', '%1')}{_level(1, 'decimal', '%1.%2')}"
    '</w:abstractNum><w:abstractNum w:abstractNumId="2">'
    f"{_level(0, 'bullet', '&#xF0B7;')}{_level(1, 'bullet', 'o')}</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>'
    '<w:num w:numId="4"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
    '<w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>'
)


def p(words: str, style: str = "", number: int = 0, level: int = 0) -> str:
    """A paragraph; words that begin with ``<`` are its content as it is."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if number:
        properties += (
            f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        )
    run = words if words.startswith("<") else f"<w:r><w:t>{words}</w:t></w:r>"
    return f"<w:p><w:pPr>{properties}</w:pPr>{run}</w:p>"


def docx(body: str, **parts: str | bytes) -> bytes:
    """A file with a body.

    Args:
        body: the paragraphs, or a whole part where it begins with ``<?xml``.
        parts: further parts of the folder ``word``, by name, with ``_`` for the dot.
    """
    whole = body.startswith("<?xml")
    named = {name.replace("_", ".", 1): part for name, part in parts.items()}
    package = BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("_rels/.rels", RELATIONSHIPS)
        made.writestr("word/_rels/document.xml.rels", OF_DOCUMENT)
        made.writestr("word/styles.xml", STYLES)
        made.writestr("word/numbering.xml", NUMBERING)
        made.writestr(
            "word/document.xml",
            body
            if whole
            else f"<w:document {W} xmlns:r='{_OFFICE}'><w:body>{body}</w:body>"
            "</w:document>",
        )
        for name, part in named.items():
            made.writestr(f"word/{name}", part)
    return package.getvalue()
