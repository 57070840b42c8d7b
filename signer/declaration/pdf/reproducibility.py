"""A document whose bytes are known: it tells whether pages are set here as elsewhere.

The template and Typst are named in each statement. Fonts of another edition, or another
processor, may still set the same statement otherwise; this finds it out.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from typing import Any

from signer.declaration.pdf.declaration_pdf import (
    TEMPLATE_VERSION,
    typeset,
    typst_version,
)
from signer.declaration.statement import Child, Statement, to_json
from signer.errors import TypesetError

KNOWN = {
    ("4", "0.15.2"): (
        "d9cf291c7b8c50ca98f8091a957e6dba6193244ba7d937b37737eee10fcee565"
    ),
    ("3", "0.15.2"): (
        "975d972ab53b61dd07d4456dcb9ff96ee100df01b5726fe9a8354277a9ff1676"
    ),
    ("2", "0.15.2"): (
        "0271fb9907c5e4c7423b59be400f4ce2024f6faa35ff869bb3badbe34f3d5d9f"
    ),
}
"""SHA-256 (hex) of the document, by the versions of the template and of Typst."""

_NAMES = (
    "Siân O'Brien",
    "Łukasz Żółć",
    "Ωμέγα Ивановна",
    "أميرة خان",
    "נועה",
    "王小明",
    "अमीरा",
    "அமீரா",
    "อมีรา",
)
_SOURCE = b"---\nversion: 1\n---\n\n## Specimen\n"
_MOMENT = datetime(2022, 9, 2, 18, 10, 11, tzinfo=UTC)


def is_set_as_known(template: str = TEMPLATE_VERSION) -> bool:
    """Whether this machine sets the specimen as it was set when it became known.

    Args:
        template: the version of the template to set it with.
    """
    try:
        found = _digest(template)
    except TypesetError:
        return False
    return found == KNOWN.get((template, typst_version()))


@cache
def _digest(template: str) -> str:
    statement = Statement(
        declaration_id="D-0000-0000-0000",
        school="Specimen School",
        policy_title="Specimen",
        policy_version=1,
        policy_label="September 2022",
        policy_sha256=hashlib.sha256(_SOURCE).hexdigest(),
        policy_address="https://policy.example/versions/1/",
        parent_name=_NAMES[0],
        parent_email="parent@example.org",
        typed_name=_NAMES[0],
        capacity="Parent",
        children=tuple(Child(name=name, year_group="Year 8") for name in _NAMES),
        statements=("I have read it.", "I agree to follow it."),
        invited_at=_MOMENT,
        opened_at=_MOMENT,
        confirmed_at=_MOMENT,
        reached_by="emailed link",
        replaces=None,
        template=template,
        typst=typst_version(),
    )
    pdf = typeset(to_json(statement), _blocks(), _SOURCE, "1.md")
    return hashlib.sha256(pdf).hexdigest()


def _blocks() -> list[dict[str, Any]]:
    def paragraph(words: str) -> dict[str, Any]:
        return {"kind": "paragraph", "spans": [{"text": words}]}

    styled = [
        {"text": "Bold", "strong": True},
        {"text": ", italic", "emphasis": True},
        {"text": " and a link", "href": "https://policy.example/"},
        {"text": "."},
    ]
    return [
        {"kind": "heading", "level": 2, "spans": [{"text": "Specimen"}]},
        {"kind": "paragraph", "spans": styled},
        {"kind": "list", "ordered": True, "items": [[paragraph("One.")]]},
        {"kind": "quote", "blocks": [paragraph("Said elsewhere.")]},
        {
            "kind": "table",
            "header": [[{"text": "Platform"}], [{"text": "From"}]],
            "rows": [[[{"text": "A"}], [{"text": "16 years"}]]],
        },
    ]
