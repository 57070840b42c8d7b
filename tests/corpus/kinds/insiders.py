"""Files that act or hide, sealed by whoever holds the school's key.

Nothing in a declaration acts by itself, and nothing in it can be switched on or off.
Whatever does is none of ours, whoever sealed it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from signer.declaration.seal.seal import seal
from tests.conftest import MOMENT
from tests.corpus.case import REFUSED, Room
from tests.corpus.raw import (
    body_of,
    catalogue_with,
    first_page,
    size_of,
    stream,
    updated,
    with_entry,
)
from tests.declaration.forgery import as_one

if TYPE_CHECKING:
    from tests.corpus.bench import Bench

case = Room()

SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"


def _sealed(bench: Bench, entry: bytes, **objects: bytes) -> bytes:
    """Sealed with one more entry in the catalogue; ``@`` names the first object."""
    first = size_of(bench.typeset)
    bodies = {first + place: body for place, body in enumerate(objects.values())}
    entry = entry.replace(b"@", b"%d 0 R" % first)
    pdf = catalogue_with(bench.typeset, entry, bodies)
    return seal(as_one(pdf), bench.key, at=MOMENT).pdf


def _on_a_page(bench: Bench, entry: bytes) -> bytes:
    page = first_page(bench.typeset)
    body = with_entry(body_of(bench.typeset, page), entry)
    pdf = as_one(updated(bench.typeset, {page: body}))
    return seal(pdf, bench.key, at=MOMENT).pdf


ENTRIES = {
    "a-script-when-opened": (b"/OpenAction @", SCRIPT),
    "a-script-when-printed": (b"/AA<</WP @>>", SCRIPT),
    "a-program-to-start": (b"/OpenAction @", b"<</S/Launch/F(calc.exe)>>"),
    "an-address-to-open": (b"/OpenAction @", b"<</S/URI/URI(http://example.org)>>"),
    "a-form-to-send": (b"/OpenAction @", b"<</S/SubmitForm/F(http://example.org)>>"),
    "another-file-to-open": (b"/OpenAction @", b"<</S/GoToR/F(other.pdf)/D[0/Fit]>>"),
    "layers": (
        b"/OCProperties<</OCGs[@]/D<</OFF[@]/Order[@]>>>>",
        b"<</Type/OCG/Name(Hidden)>>",
    ),
    "an-xfa-form": (b"/AcroForm<</Fields[]/XFA @>>", stream(b"<xdp/>")),
    "a-portfolio": (b"/Collection @", b"<</Type/Collection/View/D/D(note.txt)>>"),
}
for _name, (_entry, _body) in ENTRIES.items():
    case.add(
        f"sealed-with-{_name}",
        f"Sealed by the school's key with {_name.replace('-', ' ')}.",
        REFUSED,
        "changes",
        partial(_sealed, entry=_entry, x=_body),
    )

PAGES = {
    "a-script-on-a-page": b"/AA<</O %s>>" % SCRIPT,
    "a-note-over-a-page": (
        b"/Annots[<</Type/Annot/Subtype/FreeText/Contents(I do not agree)"
        b"/DA(/Helv 40 Tf)/Rect[0 0 500 700]>>]"
    ),
    "a-link-that-starts-a-program": (
        b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 500 700]"
        b"/A<</S/Launch/F(calc.exe)>>>>]"
    ),
    "a-film-on-a-page": (
        b"/Annots[<</Type/Annot/Subtype/RichMedia/Rect[0 0 500 700]>>]"
    ),
}
for _name, _entry in PAGES.items():
    case.add(
        f"sealed-with-{_name}",
        f"Sealed by the school's key with {_name.replace('-', ' ')}.",
        REFUSED,
        "changes",
        partial(_on_a_page, entry=_entry),
    )
