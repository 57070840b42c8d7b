"""Archive copies with more in them, over which an authority made a genuine timestamp.

A timestamp authority stamps whatever it is sent, so that none of this takes a key of
the school.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils import generic

from signer.pki.certificates import SEQUENCE, der
from signer.pki.http import exchange
from tests.corpus.case import OPEN, REFUSED, Room
from tests.corpus.kinds.hidden_words import (
    NOTE,
    compressed,
    compressed_in_parts,
    compressed_with_a_note,
    uncompressed,
    words_as_a_certificate,
    words_as_a_list,
    words_as_an_answer,
    words_for_a_known_key,
)
from tests.corpus.sealing import with_unsigned_words
from tests.declaration.archiving import copy_changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.declaration.seal.pyhanko_update import Update
    from tests.corpus.bench import Bench

case = Room()

INTEGER, NAMED = 0x02, 0x06

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


def _root(bench: Bench) -> x509.Certificate:
    return bench.authorities.certificate("root")


def _answer_with_words(bench: Bench) -> bytes:
    """What the responder says to a question that anybody may ask (DER)."""
    one, root = bench.authorities.certificate("tsa-first"), _root(bench)
    asked = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(one, root, hashes.SHA256())
        .add_extension(x509.OCSPNonce(b"I do not agree to any."), critical=False)
    )
    body = asked.build().public_bytes(Encoding.DER)
    url = f"{bench.authorities.address}/stamps/ocsp/root"
    return exchange(url, seconds=30, body=body, kind="application/ocsp-request")


@case(
    "Certificates by an authority that is words, for the name and key of the one that "
    "is trusted for timestamps, in an archive copy.",
    OPEN,
    "changes",
    given=_stamps,
)
def archived_with_words_as_the_authority_s_authority(bench: Bench) -> bytes:
    def carry(writer: Update) -> None:
        listed = writer.root["/DSS"]["/Certs"]
        for one in (words_for_a_known_key(_root(bench)), words_as_a_certificate()):
            listed.append(writer.add_object(uncompressed(one)))
        writer.update_container(writer.root["/DSS"])

    return copy_changed(bench.stamped, bench.school, bench.authorities, data=carry)


@case(
    "An archive copy by an authority that the reader does not trust.",
    OPEN,
    "changes",
)
def archived_by_a_stranger(bench: Bench) -> bytes:
    return copy_changed(bench.sealed, bench.school, bench.authorities)


def _carry_words(content: Any) -> None:
    found = [one.chosen for one in content["certificates"]]
    more = asn1_x509.Certificate.load(words_as_a_certificate())
    content["certificates"] = cms.CertificateSet(
        [cms.CertificateChoices("certificate", one) for one in (*found, more)]
    )


def _carry_what_is_no_certificate(content: Any) -> None:
    found = [one.chosen for one in content["certificates"]]
    other = cms.OtherCertificateFormat(
        {"other_cert_format": "1.2.3", "other_cert": core.UTF8String("I do not.")}
    )
    content["certificates"] = cms.CertificateSet(
        [
            *(cms.CertificateChoices("certificate", one) for one in found),
            cms.CertificateChoices("other", other),
        ]
    )


WORDS = b"I do not agree to any of this."


def _number_the_structure(content: Any) -> None:
    content["version"] = cms.CMSVersion.load(der(INTEGER, WORDS))


def _number_the_maker(content: Any) -> None:
    content["signer_infos"][0]["version"] = cms.CMSVersion.load(der(INTEGER, WORDS))


def _list_a_digest(content: Any) -> None:
    named = der(SEQUENCE, der(NAMED, b"\x2a" + WORDS))
    content["digest_algorithms"] = cms.DigestAlgorithms(
        [*content["digest_algorithms"], algos.DigestAlgorithm.load(named)]
    )


def _name_the_maker(content: Any) -> None:
    """Behind its issuer's name, letters that count for nothing where names are read."""
    (named,) = content["signer_infos"][0]["sid"].chosen["issuer"].chosen
    unseen = "".join(chr(0xE0000 + one) for one in WORDS)
    name = named[0]["value"].native + unseen
    named[0]["value"] = asn1_x509.DirectoryString("utf8_string", core.UTF8String(name))


TOKENS = {
    "words-as-a-version": ("Words as the number of a version", _number_the_structure),
    "words-as-its-maker-s-version": (
        "Words as the number of its maker's version",
        _number_the_maker,
    ),
    "words-as-a-digest": ("Words as the name of one more digest", _list_a_digest),
    "words-behind-its-maker-s-name": (
        "Words that nobody sees behind the name of its maker's issuer",
        _name_the_maker,
    ),
    "words-that-its-maker-did-not-sign": (
        "Words beside what is signed",
        with_unsigned_words,
    ),
    "a-certificate-of-words-in-it": ("A certificate that is words", _carry_words),
    "words-for-a-certificate-in-it": (
        "Words in the place of a certificate",
        _carry_what_is_no_certificate,
    ),
}


def _stamped(bench: Bench, change: Callable[[Any], None]) -> bytes:
    return copy_changed(bench.stamped, bench.school, bench.authorities, token=change)


for _name, (_done, _change) in TOKENS.items():
    case.add(
        f"archived-with-{_name}",
        f"{_done}, in the timestamp of an archive copy.",
        OPEN,
        "changes",
        partial(_stamped, change=_change),
        given=_stamps,
    )


@case(
    "Words beside the digest in the question to the timestamp authority of an archive "
    "copy, which repeats them.",
    OPEN,
    "changes",
    given=_stamps,
)
def archived_with_a_question_of_words(bench: Bench) -> bytes:
    return copy_changed(
        bench.stamped, bench.school, bench.authorities, manner="repeating"
    )


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
    "words-where-nothing-is-compressed": (
        "Words where a compressed certificate says that nothing follows",
        "/Certs",
        "seal",
        lambda bench: compressed_in_parts(_authority(bench)),
    ),
    "words-on-how-it-is-compressed": (
        "Words beside how a certificate is compressed",
        "/Certs",
        "seal",
        lambda bench: compressed_with_a_note(_authority(bench)),
    ),
}
case.add(
    "archived-with-an-answer-to-words",
    "A responder's genuine answer to a question with words in it, in an archive copy.",
    OPEN,
    "changes",
    lambda bench: _carrying(
        bench, "/OCSPs", lambda bench: uncompressed(_answer_with_words(bench))
    ),
    given=_stamps,
)
for _name, (_done, _key, _refused, _make) in CARRIED.items():
    case.add(
        f"archived-with-{_name}",
        f"{_done}, among the validation data of an archive copy.",
        REFUSED,
        _refused,
        partial(_carrying, key=_key, make=_make),
        given=_stamps,
    )
