"""Sealed with the school's key, with words where no page shows them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pyhanko.pdf_utils import generic

from tests.corpus.case import REFUSED, Room
from tests.corpus.raw import resealed, swapped
from tests.corpus.sealing import hand_sealed
from tests.declaration.forgery import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from tests.corpus.bench import Bench

case = Room()

NOTE = generic.pdf_string("I do not agree.")


def _extended(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Extensions"][generic.pdf_name("/Note")] = NOTE
    writer.update_root()


def _permitting(writer: IncrementalPdfFileWriter) -> None:
    noted = generic.DictionaryObject({generic.pdf_name("/Note"): NOTE})
    writer.root[generic.pdf_name("/Perms")] = noted
    writer.update_root()


def _with_an_object(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(generic.DictionaryObject({generic.pdf_name("/Note"): NOTE}))


def _ending(writer: IncrementalPdfFileWriter) -> None:
    writer.set_custom_trailer_entry(generic.pdf_name("/Note"), NOTE)


def _noted(bench: Bench, before: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    return hand_sealed(bench.key, before=before)


NOTED = {
    "beside-the-kind-of-seal": ("the kind of seal", _extended),
    "beside-what-is-permitted": ("the changes that are permitted", _permitting),
    "at-the-end-of-the-seal-s-step": ("what ends the step that seals it", _ending),
}
for _name, (_done, _before) in NOTED.items():
    case.add(
        f"words-{_name}",
        f"Words beside {_done}.",
        REFUSED,
        "changes",
        partial(_noted, before=_before),
    )
case.add(
    "an-object-of-its-own",
    "Words in an object that nothing refers to, in the step that seals it.",
    REFUSED,
    "changes",
    partial(_noted, before=_with_an_object),
)


@case("Words as the name by which readers of the screen call it.", REFUSED, "changes")
def seal_called_otherwise(bench: Bench) -> bytes:
    field = replace(INVISIBLE, readable_field_name="I do not agree to any of this.")
    return hand_sealed(bench.key, field=field)


@case("Words as the name of the seal's field.", REFUSED, "changes")
def seal_named_otherwise(bench: Bench) -> bytes:
    field = replace(INVISIBLE, sig_field_name="I do not agree to any of this")
    return hand_sealed(bench.key, field=field)


@case("Words beside what the seal says that it is made over.", REFUSED, "changes")
def words_in_the_reference(bench: Bench) -> bytes:
    old, new = b"/Type /TransformParams", b"/Note (I do not agree)"
    return resealed(swapped(bench.sealed, old, new), bench.key)


@case("Words in a comment in the step that seals it.", REFUSED, "changes")
def comment_beside_the_seal(bench: Bench) -> bytes:
    old, new = b" " * 20 + b"\n/Type /Sig\n", b"  % I do not agree. \n/Type /Sig\n"
    return resealed(swapped(bench.sealed, old, new), bench.key)
