"""Archive copies with more in them, over which an authority made a genuine timestamp.

A timestamp authority stamps whatever it is sent, so that none of this takes a key of
the school.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic

from tests.corpus.case import REFUSED, Room
from tests.corpus.kinds.hidden_words import (
    NOTE,
    compressed,
    compressed_with_a_note,
    uncompressed,
    words_as_a_certificate,
    words_as_a_list,
    words_as_an_answer,
)
from tests.declaration.archiving import copy_changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.declaration.seal.pyhanko_update import Update
    from tests.corpus.bench import Bench

case = Room()

COMMENT = b"\n% I do not agree."
OBJECT = b"\n1 0 obj\n<<\n/Type /Catalog\n/Note (I do not agree.)\n>>\nendobj"


def _stamps(bench: Bench) -> dict[str, Any]:
    return bench.with_stamps()


def _put_in(pdf: bytes, words: bytes) -> bytes:
    """A file with words before the last table of its objects, which stays right."""
    place = pdf.rindex(b"\nxref\n")
    before, after = (b"startxref\n%d\n" % (place + 1 + n) for n in (0, len(words)))
    return pdf[:place] + words + pdf[place:].replace(before, after)


def _between(bench: Bench, words: bytes) -> bytes:
    put = partial(_put_in, words=words)
    return copy_changed(bench.stamped, bench.school, bench.authorities, between=put)


case.add(
    "archived-with-a-comment",
    "A comment among the objects of an archive copy.",
    REFUSED,
    "seal",
    partial(_between, words=COMMENT),
    given=_stamps,
)
case.add(
    "archived-with-an-object-that-no-table-lists",
    "An object that no table lists, for programs that look for lost ones.",
    REFUSED,
    "seal",
    partial(_between, words=OBJECT),
    given=_stamps,
)


def _ending(writer: Update) -> None:
    writer.set_custom_trailer_entry(generic.pdf_name("/Note"), NOTE)


def _ended(bench: Bench, step: str) -> bytes:
    return copy_changed(
        bench.stamped,
        bench.school,
        bench.authorities,
        data=_ending if step == "data" else None,
        stamp=_ending if step == "stamp" else None,
    )


for _step, _of in {"data": "the validation data", "stamp": "the timestamp"}.items():
    case.add(
        f"archived-with-words-behind-the-{_step}",
        f"Words in what ends the step with {_of} of an archive copy.",
        REFUSED,
        "seal",
        partial(_ended, step=_step),
        given=_stamps,
    )


def _carrying(
    bench: Bench, key: str, make: Callable[[Bench], generic.StreamObject]
) -> bytes:
    def carry(writer: Update) -> None:
        store = writer.root["/DSS"]
        store[generic.pdf_name(key)].append(writer.add_object(make(bench)))
        writer.update_container(store)

    return copy_changed(bench.stamped, bench.school, bench.authorities, data=carry)


def _authority(bench: Bench) -> bytes:
    return bench.school.files.authority.public_bytes(Encoding.DER)


CARRIED: dict[str, tuple[str, str, str, Callable[[Bench], generic.StreamObject]]] = {
    "a-certificate-of-words": (
        "A certificate that is words",
        "/Certs",
        "changes",
        lambda _: uncompressed(words_as_a_certificate()),
    ),
    "a-stranger-s-certificate": (
        "A stranger's certificate with the name of the school's authority",
        "/Certs",
        "changes",
        lambda bench: uncompressed(
            bench.stranger.files.authority.public_bytes(Encoding.DER)
        ),
    ),
    "a-list-of-words": (
        "A revocation list that is words",
        "/CRLs",
        "changes",
        lambda _: uncompressed(words_as_a_list()),
    ),
    "a-stranger-s-list": (
        "A stranger's revocation list under the name of the school's authority",
        "/CRLs",
        "changes",
        lambda bench: uncompressed(bench.stranger.listed().public_bytes(Encoding.DER)),
    ),
    "an-answer-of-words": (
        "An answer of a responder that is words",
        "/OCSPs",
        "changes",
        lambda _: uncompressed(words_as_an_answer()),
    ),
    "words-behind-a-certificate": (
        "Words behind the end of a compressed certificate",
        "/Certs",
        "seal",
        lambda bench: compressed(_authority(bench), b"I do not agree."),
    ),
    "words-on-how-it-is-compressed": (
        "Words beside how a certificate is compressed",
        "/Certs",
        "seal",
        lambda bench: compressed_with_a_note(_authority(bench)),
    ),
}
for _name, (_done, _key, _refused, _make) in CARRIED.items():
    case.add(
        f"archived-with-{_name}",
        f"{_done}, among the validation data of an archive copy.",
        REFUSED,
        _refused,
        partial(_carrying, key=_key, make=_make),
        given=_stamps,
    )
