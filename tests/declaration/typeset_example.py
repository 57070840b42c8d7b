"""A statement and a policy that hold everything, as a PDF."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from signer.declaration.pdf.declaration_pdf import typeset
from signer.declaration.statement import Child, Statement, to_json

# Every kind of block that a policy may hold, nested, with text that would be markup.
BLOCKS: list[dict[str, Any]] = [
    {"kind": "heading", "level": 2, "spans": [{"text": "Purpose #panic()"}]},
    {
        "kind": "paragraph",
        "spans": [
            {"text": "Parents "},
            {"text": "must not", "strong": True},
            {"text": " post "},
            {"text": "anything *x* <b> $y$", "emphasis": True},
            {"text": " read at ", "strong": True, "emphasis": True},
            {"text": "the school's site", "href": "https://school.example/a?b=c#d"},
            {"text": "."},
        ],
    },
    {"kind": "heading", "level": 4, "spans": [{"text": "A level was left out"}]},
    {
        "kind": "list",
        "ordered": False,
        "items": [
            [{"kind": "paragraph", "spans": [{"text": "First of the outer"}]}],
            [
                {"kind": "paragraph", "spans": [{"text": "Second of the outer"}]},
                {
                    "kind": "list",
                    "ordered": True,
                    "start": 3,
                    "items": [
                        [{"kind": "paragraph", "spans": [{"text": "Inner three"}]}],
                        [{"kind": "paragraph", "spans": [{"text": "Inner four"}]}],
                    ],
                },
            ],
        ],
    },
    {
        "kind": "quote",
        "blocks": [{"kind": "paragraph", "spans": [{"text": "Said elsewhere."}]}],
    },
    {
        "kind": "table",
        "header": [[{"text": "Platform"}], [{"text": "From"}]],
        "rows": [
            [[{"text": "WhatsApp"}], [{"text": "16 years", "strong": True}]],
            [[{"text": "Ragged row"}]],
        ],
    },
]
SOURCE = b"---\nversion: 2\n---\n\n## Purpose\n"

EXAMPLE = Statement(
    declaration_id="D-7K3M-9QXF-2B4T",
    school="My Online Schooling",
    policy_title="Social Media Code of Conduct for Parents and Carers",
    policy_version=2,
    policy_label="August 2022",
    policy_sha256=hashlib.sha256(SOURCE).hexdigest(),
    policy_address="https://policy.example/versions/2/",
    parent_name="Siân O'Brien",
    parent_email="sian@example.org",
    typed_name="Sian O'Brien",
    capacity="parent",
    children=(
        Child(name="Ioan O'Brien", year_group="Year 8"),
        Child(name="Mared O'Brien", year_group="Year 4"),
    ),
    statements=("I have read it.", "I agree to follow it."),
    invited_at=datetime(2022, 3, 1, 8, 0, 0, tzinfo=UTC),
    opened_at=datetime(2022, 9, 2, 18, 0, 0, tzinfo=UTC),
    confirmed_at=datetime(2022, 9, 2, 18, 10, 11, tzinfo=UTC),
    reached_by="emailed link",
    replaces="D-0000-0000-0000",
    template="1",
    typst="0.15.2",
)


def pdf_of(**changes: Any) -> bytes:
    return typeset(to_json(replace(EXAMPLE, **changes)), BLOCKS, SOURCE, "2.md")


def squeezed(text: str) -> str:
    """Without white space: where lines break is not what is asked."""
    return "".join(text.split())
