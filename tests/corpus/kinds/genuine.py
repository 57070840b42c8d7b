"""Genuine declarations: whatever else is refused, these are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic

from signer.declaration.seal.seal import seal
from tests.conftest import MOMENT
from tests.corpus.bench import A_YEAR, Bench
from tests.corpus.case import GENUINE, OPEN, UNKNOWN, Room
from tests.corpus.sealing import (
    carrying,
    hand_sealed,
    plain,
    rewritten,
    with_the_other_value,
)
from tests.declaration.forgery import STATEMENT, typeset_declaration

if TYPE_CHECKING:
    from typing import Any


case = Room()


def stamps(bench: Bench) -> dict[str, Any]:
    return bench.with_stamps()


@case("The declaration as the school sealed it, without a timestamp.", GENUINE)
def genuine(bench: Bench) -> bytes:
    return bench.sealed


@case("The same, and its pages are typeset again.", GENUINE, deep=True)
def genuine_typeset_again(bench: Bench) -> bytes:
    return bench.sealed


@case("The declaration sealed with a timestamp.", GENUINE, given=stamps, deep=True)
def genuine_with_a_timestamp(bench: Bench) -> bytes:
    return bench.stamped


@case(
    "The same, checked when every certificate in it has ended.",
    GENUINE,
    given=stamps,
    after=10 * A_YEAR,
)
def genuine_years_later(bench: Bench) -> bytes:
    return bench.stamped


@case("The same, by somebody who trusts no timestamp authority.", GENUINE)
def genuine_with_an_unknown_timestamp(bench: Bench) -> bytes:
    return bench.stamped


@case("A name in four scripts, sealed by the school.", GENUINE, deep=True)
def genuine_in_every_script(bench: Bench) -> bytes:
    name = "محمد O'Brien 王小明 अनिल"
    statement = replace(STATEMENT, parent_name=name, typed_name=name)
    return seal(typeset_declaration(statement), bench.key, at=MOMENT).pdf


@case("Signed by the school's key with RSA-PSS, which is as good.", GENUINE)
def genuine_with_another_padding(bench: Bench) -> bytes:
    return hand_sealed(bench.key, sign=plain(bench.key, pss=True))


@case("Signed by the school's key over a SHA-512.", GENUINE)
def genuine_with_another_digest(bench: Bench) -> bytes:
    return hand_sealed(bench.key, digest="sha512", room=400)


@case("Sealed under a certificate that names the school's site.", GENUINE)
def genuine_with_its_site_named(bench: Bench) -> bytes:
    return seal(bench.typeset, bench.named, at=MOMENT).pdf


@case(
    "Sealed with a key on a curve.",
    GENUINE,
    given=lambda bench: {"trust_roots": [bench.curved.files.authority]},
)
def genuine_on_a_curve(bench: Bench) -> bytes:
    return seal(bench.typeset, bench.curved.key, at=MOMENT).pdf


@case(
    "The same with the other of its two values, as earlier releases may have written.",
    GENUINE,
    given=lambda bench: {"trust_roots": [bench.curved.files.authority]},
)
def genuine_on_a_curve_from_before(bench: Bench) -> bytes:
    return rewritten(genuine_on_a_curve(bench), with_the_other_value)


@case(
    "The same in the pages of an earlier release that went on being used.",
    GENUINE,
    given=lambda bench: {"trust_roots": [bench.curved.files.authority]},
    after=A_YEAR,
)
def genuine_on_a_curve_by_an_earlier_release(bench: Bench) -> bytes:
    typeset = typeset_declaration(replace(STATEMENT, template="3"))
    sealed = seal(typeset, bench.curved.key, at=MOMENT + A_YEAR / 2).pdf
    return rewritten(sealed, with_the_other_value)


@case(
    "Sealed with a key on a curve by a release that writes one value.",
    GENUINE,
    given=lambda bench: {"trust_roots": [bench.curved.files.authority]},
    after=A_YEAR,
)
def genuine_on_a_curve_today(bench: Bench) -> bytes:
    return seal(bench.typeset, bench.curved.key, at=MOMENT + A_YEAR / 2).pdf


@case(
    "With a list by a former key of the authority too, as earlier releases took it in.",
    GENUINE,
)
def genuine_with_a_former_list(bench: Bench) -> bytes:
    lists = (bench.school.listed(), bench.stranger.listed())
    raw = (one.public_bytes(Encoding.DER) for one in lists)
    streams = (generic.StreamObject(stream_data=one) for one in raw)
    return carrying(bench.key, "/CRLs", *streams)


@case(
    "Genuine, and the reader trusts nobody.",
    UNKNOWN,
    "signer",
    given=lambda _: {"trust_roots": []},
)
def genuine_without_trust(bench: Bench) -> bytes:
    return bench.sealed


@case(
    "Genuine, and the reader has not the version of the policy.",
    OPEN,
    "policy",
    given=lambda _: {"released": {}},
)
def genuine_without_the_version(bench: Bench) -> bytes:
    return bench.sealed
