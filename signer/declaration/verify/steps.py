"""The steps that a file itself answers, in the order in which they are made.

Each either holds, and then says what was found, or says no. A step that rests on
one that said no is not made, but a seal by an unknown signer is looked into all the
same. What others keep of the file is asked by the steps after these: see `outside`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from cryptography.x509 import Certificate, CertificateRevocationList
from pyhanko.pdf_utils.reader import PdfFileReader

from signer import clock
from signer.declaration.statement import Statement, from_json
from signer.declaration.verify.belonging import Signatures, check_belongs
from signer.declaration.verify.checks.active_content import check_nothing_acts
from signer.declaration.verify.checks.archive_copy import ArchiveCopy, archive_copy
from signer.declaration.verify.checks.archive_timestamps import (
    ArchiveTime,
    check_archive_timestamps,
)
from signer.declaration.verify.checks.attachments import attachments
from signer.declaration.verify.checks.declared import (
    check_names,
    check_order,
    check_school,
    check_seen,
    check_site,
    check_text,
)
from signer.declaration.verify.checks.document import (
    Seal,
    find_seal,
    read_document,
)
from signer.declaration.verify.checks.retypeset import (
    check_made_with,
    check_pages,
)
from signer.declaration.verify.checks.revision import check_revision
from signer.declaration.verify.checks.seal_time import (
    AHEAD,
    CLOCKS,
    check_revocation,
    check_time,
)
from signer.declaration.verify.checks.signature import (
    Signed,
    check_digest,
    check_signature,
)
from signer.declaration.verify.checks.signature_form import (
    check_value_of_release,
    is_the_larger_value,
)
from signer.declaration.verify.checks.validation_data import tokens_of
from signer.declaration.verify.inputs import Rendered
from signer.declaration.verify.report import NOT_ASKED
from signer.errors import CheckFailed, InDoubt, NotChecked, StatementError
from signer.pki.certificates import as_x509, common_name

STATEMENT_FILE = "declaration.json"
"""The name of the attachment that holds the statement."""

_VERSION_FILE = re.compile(r"([1-9][0-9]{0,5})\.md", re.ASCII)

_FITS = "The seal's signature fits its certificate."
_EITHER = (
    "It is the larger of the two numbers that fit, and anybody can write the one for "
    "the other without changing what the file says. Releases before December 2026 "
    "wrote either; whether this is the file as it was sealed, the school's record "
    "tells."
)

_Found = TypeVar("_Found")


@dataclass(slots=True, kw_only=True)
class Evidence:
    """What is at hand, and what the steps so far have found."""

    pdf: bytes
    """The whole file; of an archive copy, the sealed file in it once that is found."""
    trust_roots: Sequence[Certificate]
    tsa_roots: Sequence[Certificate]
    revocation_lists: Sequence[CertificateRevocationList]
    released: Mapping[int, bytes]
    rendered: Mapping[int, Rendered] | None
    now: datetime
    sha256: str
    archive: ArchiveCopy | None = None
    """Where the file is one."""
    archive_time: ArchiveTime | None = None
    reader: PdfFileReader = field(init=False)
    seal: Seal = field(init=False)
    signed: Signed | None = None
    attached: dict[str, bytes] = field(default_factory=dict)
    statement: Statement | None = None
    sealed_text: bool = False
    """Whether it is the text of a version, sealed by itself."""


def _file(evidence: Evidence) -> str:
    evidence.reader = read_document(evidence.pdf)
    return f"The file is a PDF of {len(evidence.pdf):,} bytes."


def _seal(evidence: Evidence) -> str:
    evidence.archive = archive_copy(evidence.reader, evidence.pdf)
    if evidence.archive is None:
        evidence.seal = find_seal(evidence.reader, evidence.pdf)
        return "It has one seal, which covers the whole file."
    evidence.pdf = evidence.archive.sealed
    evidence.reader = read_document(evidence.pdf)
    evidence.seal = find_seal(evidence.reader, evidence.pdf)
    return (
        f"It is an archive copy: its first {len(evidence.pdf):,} bytes are a file with "
        "one seal over all of it, and only validation data and timestamps follow."
    )


def _digest(evidence: Evidence) -> str:
    check_digest(evidence.seal)
    return "Every byte under the seal is as it was when it was sealed."


def _signature(evidence: Evidence) -> str:
    evidence.signed = check_signature(
        evidence.seal, evidence.trust_roots, evidence.tsa_roots
    )
    key = evidence.signed.certificate.public_key()
    if is_the_larger_value(evidence.seal.signature, key):
        return f"{_FITS} {_EITHER}"
    return _FITS


def _signer(evidence: Evidence) -> str:
    signed = _found(evidence.signed)
    name = common_name(signed.certificate.subject)
    when = clock.in_school_time(signed.at)
    if not signed.known:
        raise CheckFailed(
            f"The seal says “{name}”, but no certificate that you trust confirms it. "
            "Anybody can write that name: get the school's certificate from the "
            "school itself and check again with it."
        )
    if not signed.trusted:
        whose = "its timestamp" if signed.confirmed else "the seal"
        raise CheckFailed(
            f"The certificate of “{name}” did not hold on {when}, when {whose} says "
            "it was made, or is not one for signing documents."
        )
    if signed.at > evidence.now + AHEAD:
        # A clock was wrong, the sealing one or the one here. No forger gains by it.
        raise InDoubt(f"The seal states a time that has not come yet: {when}. {CLOCKS}")
    issuer = common_name(signed.certificate.issuer)
    return (
        f"It is the seal of “{name}”, confirmed by “{issuer}”, which you trust. "
        f"It states {clock.in_school_time(signed.stated)}."
    )


def _timestamp(evidence: Evidence) -> str:
    signed = _found(evidence.signed)
    if evidence.archive is None:
        return check_time(signed, evidence.now)
    # A seal without a timestamp of its own has its time from the copy's.
    own = check_time(signed, evidence.now) if signed.timestamp else ""
    evidence.archive_time = check_archive_timestamps(
        evidence.archive, evidence.tsa_roots, evidence.now, since=signed.confirmed
    )
    return f"{own} {evidence.archive_time.sentence}".lstrip()


def _revocation(evidence: Evidence) -> str:
    return check_revocation(_found(evidence.signed), evidence.revocation_lists)


def _changes(evidence: Evidence) -> str:
    if not _found(evidence.signed).unchanged:
        raise CheckFailed("The seal allows changes, and a declaration's never does.")
    check_revision(evidence.reader, evidence.seal.field)
    check_nothing_acts(evidence.reader)
    whole = evidence.archive.reader if evidence.archive else evidence.reader
    signatures = _signatures(evidence)
    if "/DSS" in whole.root or signatures.tokens:
        check_belongs(whole, evidence.reader, signatures)
    return "The seal allows no changes, and there are none."


def _signatures(evidence: Evidence) -> Signatures:
    """The seal and the timestamps, and whom to trust."""
    signature = evidence.seal.signature
    stamps = evidence.archive.timestamps if evidence.archive else ()
    return Signatures(
        signer=_found(evidence.signed).certificate,
        embedded=tuple(map(as_x509, signature.other_embedded_certs)),
        tokens=tuple(tokens_of(signature)),
        stamps=tuple(one.token for one in stamps),
        roots=(*evidence.trust_roots, *evidence.tsa_roots),
    )


def _statement(evidence: Evidence) -> str:
    evidence.attached = attachments(evidence.reader)
    if STATEMENT_FILE not in evidence.attached:
        raise _no_declaration(evidence)
    try:
        statement = from_json(evidence.attached[STATEMENT_FILE])
    except StatementError as error:
        raise CheckFailed(
            "The declaration that is attached is not one of ours, or of a later kind."
        ) from error
    signed = _found(evidence.signed)
    check_value_of_release(
        evidence.seal.signature,
        signed.certificate.public_key(),
        statement.template,
        signed.stated,
    )
    check_names(statement)
    evidence.statement = statement
    return (
        f"It holds declaration {statement.declaration_id} by {statement.parent_name}, "
        f"confirmed on {clock.in_school_time(statement.confirmed_at)}."
    )


def _no_declaration(evidence: Evidence) -> CheckFailed | NotChecked:
    """What to say of a file without a statement: a version's own PDF has none."""
    names = list(evidence.attached)
    found = _VERSION_FILE.fullmatch(names[0]) if len(names) == 1 else None
    if found is None:
        return CheckFailed("No declaration is attached to the file.")
    number = int(found[1])
    if number not in evidence.released:
        return NotChecked(
            "It is not a declaration. It may be the text of version "
            f"{number}, which is not here to compare it with."
        )
    if evidence.attached[names[0]] != evidence.released[number]:
        return CheckFailed(
            "No declaration is attached to the file, and the text that is attached is "
            f"not version {number} as the school released it."
        )
    evidence.sealed_text = True
    return NotChecked(
        "It is not a declaration: nobody signed it. The text attached is version "
        f"{number}, word for word as the school released it. Whether the pages say the "
        "same, the school's record tells."
    )


def _typesetting(evidence: Evidence) -> str:
    check_made_with(_found(evidence.statement))
    if evidence.rendered is None:
        raise NotChecked(NOT_ASKED)
    return check_pages(
        evidence.pdf,
        evidence.attached[STATEMENT_FILE],
        released=evidence.released,
        rendered=evidence.rendered,
    )


def _policy(evidence: Evidence) -> str:
    statement = _found(evidence.statement)
    number = statement.policy_version
    texts = {k: v for k, v in evidence.attached.items() if k != STATEMENT_FILE}
    if list(texts) != [f"{number}.md"]:
        raise CheckFailed("The text that was agreed to is not attached to the file.")
    attached = texts[f"{number}.md"]
    if hashlib.sha256(attached).hexdigest() != statement.policy_sha256:
        raise CheckFailed(
            "The text attached is not the one that the declaration names."
        )
    if number not in evidence.released:
        raise NotChecked(
            f"Version {number} of the policy is not here, so the text could not be "
            "compared with it."
        )
    if attached != evidence.released[number]:
        raise CheckFailed(
            f"The text attached is not version {number} as the school released it."
        )
    check_text(statement, attached)
    check_order(statement, _found(evidence.signed))
    check_school(statement, _found(evidence.signed).certificate)
    check_seen(statement)
    site = check_site(statement, _found(evidence.signed).certificate)
    return (
        f"The text is version {number} ({statement.policy_label}), word for word as "
        "the school released it, and all of its statements were confirmed. Its "
        f"address is on {site}: see that this is the school's site."
    )


def _found(value: _Found | None) -> _Found:
    if value is None:
        raise NotChecked("An earlier check found nothing to go on.")
    return value


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is called, and how it is made."""

    name: str
    make: Callable[[Evidence], str]
    """Gives the sentence of a check that passed; raises `CheckFailed` for a "no" and
    `NotChecked` where it cannot be made."""
    decides: bool = True
    """Whether a "no" leaves the later steps without meaning."""
    outlasts_doubt: bool = False
    """Whether a doubt leaves them their meaning, though a "no" does not."""


FILE = Step("file", _file)
SIGNER = Step("signer", _signer, decides=False)
STEPS = (
    FILE,
    Step("seal", _seal),
    Step("digest", _digest),
    Step("signature", _signature),
    SIGNER,
    Step("timestamp", _timestamp, decides=False),
    Step("revocation", _revocation, decides=False),
    Step("changes", _changes, outlasts_doubt=True),
    Step("statement", _statement),
    Step("typesetting", _typesetting, decides=False),
    Step("policy", _policy, decides=False),
)
