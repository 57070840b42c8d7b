"""Sealed with the school's key, and not true: what no signature can show."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import SigAppearanceSetup
from pyhanko.stamp import TextStampStyle

from signer.declaration.pdf.fonts import FIRST_FONTS
from signer.declaration.seal.seal import seal
from signer.declaration.statement import Child
from tests.conftest import MOMENT
from tests.corpus.bench import AN_HOUR
from tests.corpus.case import OPEN, REFUSED, Room
from tests.corpus.raw import (
    body_of,
    first_page,
    size_of,
    stream,
    updated,
    with_entry,
)
from tests.corpus.sealing import hand_sealed
from tests.declaration.forgery import (
    STATEMENT,
    as_one,
    typeset_declaration,
)

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from signer.declaration.verify import Result
    from tests.corpus.bench import Bench

case = Room()

WHOLE_PAGE = (0, 0, 595, 842)
STATEMENTS = STATEMENT.statements


@case("The seal's own field painted over the first page.", REFUSED, "changes")
def seal_painted_over_the_page(bench: Bench) -> bytes:
    words = TextStampStyle(stamp_text="I do not agree.", background_opacity=1)
    return hand_sealed(
        bench.key,
        field=SigFieldSpec("Seal", box=WHOLE_PAGE),
        appearance=SigAppearanceSetup(words, MOMENT, "School"),
    )


@case(
    "The seal's own field over the first page, without a picture.", REFUSED, "changes"
)
def seal_over_the_page(bench: Bench) -> bytes:
    return hand_sealed(bench.key, field=SigFieldSpec("Seal", box=WHOLE_PAGE))


def _saying(bench: Bench, said: dict[str, str]) -> bytes:
    return hand_sealed(bench.key, said=said)


WORDS = {
    "a-reason": {"reason": "I do not agree."},
    "a-place": {"location": "Signed under protest"},
    "a-name": {"name": "Tom O'Brien"},
    "a-telephone-number": {"contact_info": "+44 20 7946 0000"},
}
for _name, _said in WORDS.items():
    case.add(
        f"seal-with-{_name}",
        f"The seal itself states {_name.replace('-', ' ')}.",
        REFUSED,
        "changes",
        partial(_saying, said=_said),
    )


def _with_store(bench: Bench, *, inside: bool) -> bytes:
    """Sealed together with a store of validation data that holds words."""

    def before(writer: IncrementalPdfFileWriter) -> None:
        name, words = generic.pdf_name, generic.pdf_string("I do not agree.")
        store = generic.DictionaryObject({name("/Type"): name("/DSS")})
        if inside:
            raw = bench.school.listed().public_bytes(Encoding.DER)
            listed = generic.StreamObject({name("/Note"): words}, stream_data=raw)
            lists = generic.ArrayObject([writer.add_object(listed)])
            store[name("/CRLs")] = lists
        else:
            store[name("/Note")] = words
        writer.root[name("/DSS")] = writer.add_object(store)
        writer.update_root()

    return hand_sealed(bench.key, before=before)


case.add(
    "words-in-the-validation-data",
    "Words in the list of what the seal carries for later years.",
    REFUSED,
    "changes",
    partial(_with_store, inside=False),
)
case.add(
    "words-beside-a-revocation-list",
    "Words beside a revocation list that the seal carries.",
    REFUSED,
    "changes",
    partial(_with_store, inside=True),
)


@case("A file attached to a page.", REFUSED, "changes")
def file_attached_to_a_page(bench: Bench) -> bytes:
    page, first = first_page(bench.typeset), size_of(bench.typeset)
    file = b"<</Type/Filespec/F(note.txt)/UF(note.txt)/EF<</F %d 0 R>>>>" % first
    body = with_entry(body_of(bench.typeset, page), b"/AF[%s]" % file)
    note = stream(b"I do not agree.", b"/Type/EmbeddedFile")
    pdf = as_one(updated(bench.typeset, {page: body, first: note}))
    return seal(pdf, bench.key, at=MOMENT).pdf


@case(
    "Words that its description points to in the step that seals it.",
    REFUSED,
    "changes",
)
def description_replaced(bench: Bench) -> bytes:
    def before(writer: IncrementalPdfFileWriter) -> None:
        words = generic.pdf_string("I do not agree.")
        said = generic.DictionaryObject({generic.pdf_name("/Subject"): words})
        writer.set_info(writer.add_object(said))

    return hand_sealed(bench.key, before=before)


def _stating(bench: Bench, **other: Any) -> bytes:
    """Another statement, typeset and sealed as every other."""
    pdf = typeset_declaration(replace(STATEMENT, **other))
    return seal(pdf, bench.key, at=MOMENT).pdf


UNTRUE: dict[str, tuple[str, Result, str, dict[str, Any]]] = {
    "template-to-come": (
        "A template of a later release",
        OPEN,
        "typesetting",
        {"template": "99"},
    ),
    "template-of-nobody": (
        "A template that no release had",
        REFUSED,
        "typesetting",
        {"template": "2b"},
    ),
    "typst-of-nobody": (
        "A Typst that no release set pages with",
        REFUSED,
        "typesetting",
        {"typst": "0.1.0"},
    ),
    "fonts-to-come": (
        "Fonts of a later release",
        OPEN,
        "typesetting",
        {"fonts": "0" * 64},
    ),
    "fonts-of-nobody": (
        "Fonts that no release had, with a template of before",
        REFUSED,
        "typesetting",
        {"fonts": "0" * 64, "template": "3"},
    ),
    "fonts-before-they-were-named": (
        "Fonts, with a template from when nobody named them",
        REFUSED,
        "typesetting",
        {"fonts": FIRST_FONTS, "template": "1"},
    ),
    "statement-left-out": (
        "One statement left out",
        REFUSED,
        "policy",
        {"statements": STATEMENTS[:-1]},
    ),
    "statement-put-in": (
        "One more statement",
        REFUSED,
        "policy",
        {"statements": (*STATEMENTS, "I owe £500.")},
    ),
    "statement-reworded": (
        "One statement in other words",
        REFUSED,
        "policy",
        {"statements": ("I have seen it.", *STATEMENTS[1:])},
    ),
    "statements-in-another-order": (
        "The statements in another order",
        REFUSED,
        "policy",
        {"statements": STATEMENTS[::-1]},
    ),
    "another-title": (
        "The policy under another title",
        REFUSED,
        "policy",
        {"policy_title": "Uniform Policy"},
    ),
    "another-label": (
        "The version under another label",
        REFUSED,
        "policy",
        {"policy_label": "May 1999"},
    ),
    "another-address": (
        "The address of another version",
        REFUSED,
        "policy",
        {"policy_address": "https://policies.example/versions/1/"},
    ),
    "an-address-of-no-site": (
        "An address that runs a script",
        REFUSED,
        "policy",
        {"policy_address": "javascript:alert(1)//policies.example/versions/2/"},
    ),
    "an-address-behind-a-name": (
        "An address whose site is named behind another's",
        REFUSED,
        "policy",
        {"policy_address": "https://policies.example@evil.example/versions/2/"},
    ),
    "another-school": (
        "The name of another school",
        OPEN,
        "policy",
        {"school": "Another School"},
    ),
    "opened-before-invited": (
        "Opened before anybody was invited",
        OPEN,
        "policy",
        {"opened_at": STATEMENT.invited_at - 2 * AN_HOUR},
    ),
    "confirmed-before-opened": (
        "Confirmed before it was opened",
        OPEN,
        "policy",
        {"opened_at": MOMENT + 2 * AN_HOUR},
    ),
    "sealed-before-confirmed": (
        "Sealed before it was confirmed",
        OPEN,
        "policy",
        {"confirmed_at": MOMENT + 2 * AN_HOUR},
    ),
    "label-turned-around": (
        "A label that turns its direction",
        REFUSED,
        "policy",
        {"policy_label": f"August \u202e{STATEMENT.policy_label[:6]}"},
    ),
    "address-turned-around": (
        "An email address that turns its direction",
        OPEN,
        "policy",
        {"parent_email": "amira@\u202egro.elpmaxe"},
    ),
    "role-turned-around": (
        "A role that turns its direction",
        OPEN,
        "policy",
        {"capacity": "\u202etnerap"},
    ),
    "way-with-an-unseen-letter": (
        "A way of reaching the parent with a letter that nobody sees",
        OPEN,
        "policy",
        {"reached_by": "emailed\u200b link"},
    ),
    "year-group-turned-around": (
        "A year group that turns its direction",
        OPEN,
        "policy",
        {"children": (Child(name="Yusuf Khan", year_group="Year \u202e21"),)},
    ),
    "name-turned-around": (
        "A name that turns its direction",
        REFUSED,
        "statement",
        {"parent_name": "Amira \u202enahK"},
    ),
    "name-with-a-letter-that-shows-nothing": (
        "A name with a letter that shows nothing",
        OPEN,
        "policy",
        {"parent_name": "Amira\u3164Khan"},
    ),
    "name-with-an-unseen-letter": (
        "A name with a letter that nobody sees",
        REFUSED,
        "statement",
        {"typed_name": "Amira\u200b Khan"},
    ),
}
for _name, (_done, _answer, _step, _other) in UNTRUE.items():
    case.add(
        _name,
        f"{_done}, in a declaration that the school's key sealed.",
        _answer,
        _step,
        partial(_stating, **_other),
    )


@case(
    "The address of another site than the one in the seal's certificate.",
    OPEN,
    "policy",
)
def address_on_another_site(bench: Bench) -> bytes:
    elsewhere = replace(STATEMENT, policy_address="https://evil.example/versions/2/")
    return seal(typeset_declaration(elsewhere), bench.named, at=MOMENT).pdf


PLACES = {
    "at-another-port": "https://policies.example:8443/versions/2/",
    "in-another-folder": "https://policies.example/another/versions/2/",
    "without-encryption": "http://policies.example/versions/2/",
}


def _at(bench: Bench, address: str) -> bytes:
    statement = replace(STATEMENT, policy_address=address)
    return seal(typeset_declaration(statement), bench.named, at=MOMENT).pdf


for _name, _address in PLACES.items():
    case.add(
        f"address-{_name}",
        "The address of another place on the host in the seal's certificate.",
        OPEN,
        "policy",
        partial(_at, address=_address),
    )
