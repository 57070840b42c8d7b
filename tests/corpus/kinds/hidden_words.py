"""Sealed with the school's key, with words where no page shows them."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils import generic

from tests.conftest import MOMENT
from tests.corpus.case import OPEN, REFUSED, Room
from tests.corpus.raw import resealed, swapped
from tests.corpus.sealing import carrying, hand_sealed
from tests.declaration.forgery import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from tests.corpus.bench import Bench

case = Room()

NOTE = generic.pdf_string("I do not agree.")
WORDS = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "I do not agree.")])
WORDS_KEY = ec.derive_private_key(1, ec.SECP256R1())


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


def words_as_a_certificate() -> bytes:
    """A certificate that somebody made for the words in it (DER)."""
    made = (
        x509.CertificateBuilder(WORDS, WORDS, WORDS_KEY.public_key(), 1)
        .not_valid_before(MOMENT)
        .not_valid_after(MOMENT)
        .sign(WORDS_KEY, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


def words_for_a_known_key(known: x509.Certificate) -> bytes:
    """A certificate of somebody's own for the name and key of another (DER)."""
    made = (
        x509.CertificateBuilder(WORDS, known.subject, known.public_key(), 1)
        .not_valid_before(MOMENT)
        .not_valid_after(MOMENT)
        .sign(WORDS_KEY, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)


def words_as_a_list() -> bytes:
    """A revocation list that somebody made for the words in it (DER)."""
    made = x509.CertificateRevocationListBuilder(WORDS, MOMENT, MOMENT)
    return made.sign(WORDS_KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def words_as_an_answer() -> bytes:
    """An answer of a responder that is called by some words (DER)."""
    one = x509.load_der_x509_certificate(words_as_a_certificate())
    made = ocsp.OCSPResponseBuilder().add_response(
        one, one, hashes.SHA256(), ocsp.OCSPCertStatus.GOOD, MOMENT, MOMENT, None, None
    )
    by_name = made.responder_id(ocsp.OCSPResponderEncoding.NAME, one)
    return by_name.sign(WORDS_KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def compressed(content: bytes, behind: bytes = b"") -> generic.StreamObject:
    """A compressed stream, and what stands behind the end of what it holds."""
    name = generic.pdf_name
    return generic.StreamObject(
        {name("/Filter"): name("/FlateDecode")},
        encoded_data=zlib.compress(content) + behind,
    )


def compressed_in_parts(content: bytes) -> generic.StreamObject:
    """A compressed stream with empty parts, whose unused bits spell words."""
    words = (bytes([(one & 0x1F) << 3]) + b"\0\0\xff\xff" for one in b"I do not agree.")
    whole = zlib.compress(content)
    made = compressed(content)
    made._encoded_data = whole[:2] + b"".join(words) + whole[2:]  # noqa: SLF001
    return made


def compressed_with_a_note(content: bytes) -> generic.StreamObject:
    """A compressed stream that says how it was, and more."""
    made = compressed(content)
    noted = generic.DictionaryObject({generic.pdf_name("/Note"): NOTE})
    made[generic.pdf_name("/DecodeParms")] = noted
    return made


def uncompressed(content: bytes) -> generic.StreamObject:
    """A stream as it is."""
    return generic.StreamObject(stream_data=content)


@case(
    "A certificate by an authority that is words, for the key of the school's own.",
    OPEN,
    "changes",
)
def words_as_the_authority_s_authority(bench: Bench) -> bytes:
    made = words_for_a_known_key(bench.school.files.authority), words_as_a_certificate()
    return carrying(bench.key, "/Certs", *map(uncompressed, made))


@case(
    "A certificate for an authority that is words, issued by the seal itself.",
    OPEN,
    "changes",
)
def words_as_an_authority_of_the_seal(bench: Bench) -> bytes:
    private, own = bench.key.private_key, bench.key.certificate
    assert isinstance(private, rsa.RSAPrivateKey)
    made = (
        x509.CertificateBuilder(own.subject, WORDS, WORDS_KEY.public_key(), 1)
        .not_valid_before(MOMENT)
        .not_valid_after(MOMENT)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    return _carrying(
        bench, "/Certs", lambda _: uncompressed(made.public_bytes(Encoding.DER))
    )


def _former_list(bench: Bench, extension: x509.ExtensionType) -> bytes:
    made = (
        x509.CertificateRevocationListBuilder(
            bench.school.files.authority.subject, MOMENT, MOMENT
        )
        .add_extension(extension, critical=False)
        .sign(WORDS_KEY, hashes.SHA256())
    )
    return _carrying(
        bench, "/CRLs", lambda _: uncompressed(made.public_bytes(Encoding.DER))
    )


FORMER: dict[str, tuple[str, x509.ExtensionType]] = {
    "in": (
        "in",
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"I do not."),
    ),
    "for-the-authority-of": (
        "for the authority that made",
        x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(WORDS)], 1),
    ),
    "for-the-key-of": (
        "for the key that made",
        x509.AuthorityKeyIdentifier(b"I do not agree to any of this.", None, None),
    ),
}
for _name, (_where, _extension) in FORMER.items():
    case.add(
        f"words-{_name}-a-former-list",
        f"Words {_where} a list under the name of the school's authority.",
        OPEN,
        "changes",
        partial(_former_list, extension=_extension),
    )


Made = tuple[str, str, "Callable[[Bench], generic.StreamObject]"]


def _carrying(
    bench: Bench, key: str, make: Callable[[Bench], generic.StreamObject]
) -> bytes:
    """Sealed with one thing among the validation data."""
    return carrying(bench.key, key, make(bench))


def _authority(bench: Bench) -> bytes:
    return bench.school.files.authority.public_bytes(Encoding.DER)


CARRIED: dict[str, Made] = {
    "a-certificate-of-words": (
        "A certificate that is words",
        "/Certs",
        lambda _: uncompressed(words_as_a_certificate()),
    ),
    "a-list-of-words": (
        "A revocation list that is words",
        "/CRLs",
        lambda _: uncompressed(words_as_a_list()),
    ),
    "an-answer-of-words": (
        "An answer of a responder that is words",
        "/OCSPs",
        lambda _: uncompressed(words_as_an_answer()),
    ),
    "words-for-an-answer": (
        "Words in the place of a responder's answer",
        "/OCSPs",
        lambda _: uncompressed(b"I do not agree."),
    ),
    "words-behind-a-certificate": (
        "Words behind the end of the authority's compressed certificate",
        "/Certs",
        lambda bench: compressed(_authority(bench), b"I do not agree."),
    ),
    "words-on-how-it-is-compressed": (
        "Words beside how the authority's certificate is compressed",
        "/Certs",
        lambda bench: compressed_with_a_note(_authority(bench)),
    ),
}
for _name, (_done, _key, _make) in CARRIED.items():
    case.add(
        _name,
        f"{_done}, among what the seal carries for later years.",
        REFUSED,
        "changes",
        partial(_carrying, key=_key, make=_make),
    )
