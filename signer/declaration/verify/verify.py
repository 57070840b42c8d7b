"""The answer of a verification: every step made, and what follows from them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.x509 import Certificate, CertificateRevocationList

from signer import clock
from signer.declaration.verify.checks.document import MALFORMED
from signer.declaration.verify.inputs import Rendered, VerificationInputs
from signer.declaration.verify.report import (
    ARCHIVED,
    DECIDED,
    FURTHER_STEPS,
    Check,
    Outcome,
    Report,
    Result,
)
from signer.declaration.verify.steps import (
    FILE,
    SIGNER,
    STEPS,
    Evidence,
    Step,
)
from signer.errors import CheckFailed, InDoubt, NotChecked, SealedInDoubt
from signer.pki.certificates import common_name

TOO_MUCH_MEMORY = (
    "It takes far more memory to open than any declaration, so it was not looked at "
    "further."
)


def verify(  # noqa: PLR0913 - all that may be at hand, by name
    pdf: bytes,
    *,
    trust_roots: Sequence[Certificate],
    released: Mapping[int, bytes],
    tsa_roots: Sequence[Certificate] = (),
    revocation_lists: Sequence[CertificateRevocationList] = (),
    rendered: Mapping[int, Rendered] | None = None,
    at: datetime | None = None,
) -> Report:
    """Check a PDF that claims to be a sealed declaration.

    Whatever the bytes are, there is an answer; nothing is fetched from a network.
    It holds the steps that the file itself answers; `completed` adds the others.

    Args:
        pdf: the whole file.
        trust_roots: the certificates of the authorities to trust; with none, the
            best result is `Result.UNKNOWN_SIGNER`.
        released: the whole file of each released version, by its number.
        tsa_roots: the certificates to trust for timestamps. With none, a timestamp
            confirms nothing, and the time is the signer's word.
        revocation_lists: lists of revoked certificates, besides those that the file
            itself holds.
        rendered: the blocks of each of those versions, to typeset the pages again
            and compare them; None leaves that step out.
        at: the time of the check; now by default.
    """
    evidence = Evidence(
        pdf=pdf,
        trust_roots=trust_roots,
        tsa_roots=tsa_roots,
        revocation_lists=revocation_lists,
        released=released,
        rendered=rendered,
        now=at or clock.now(),
        sha256=hashlib.sha256(pdf).hexdigest(),
    )
    made = _made_in_order(evidence)
    report = Report(
        result=_result(evidence, made),
        checks=tuple(made.values()),
        size=len(pdf),
        sha256=evidence.sha256,
        sealed_sha256=hashlib.sha256(evidence.pdf).hexdigest(),
        statement=evidence.statement,
    )
    if evidence.signed is None:
        return report
    certificate = evidence.signed.certificate
    reach = evidence.archive_time
    *_, authority = evidence.signed.chain or (None,)
    return replace(
        report,
        sealed_by=common_name(certificate.subject),
        certificate_sha256=_sha256(certificate),
        authority=common_name(authority.subject) if authority else None,
        authority_sha256=_sha256(authority) if authority else None,
        sealed_at=evidence.signed.stated,
        timestamped_at=evidence.signed.confirmed,
        level=ARCHIVED if evidence.archive else evidence.signed.level,
        archived_until=reach.ends if reach else None,
    )


def verify_with(
    inputs: VerificationInputs, pdf: bytes, at: datetime | None = None
) -> Report:
    """Return the report on a file by what is at hand for every file alike.

    Args:
        inputs: what is at hand.
        pdf: the whole file.
        at: the time of the check; now by default.
    """
    return verify(
        pdf,
        trust_roots=inputs.trust_roots,
        tsa_roots=inputs.tsa_roots,
        revocation_lists=inputs.revocation_lists,
        released=inputs.released,
        rendered=inputs.rendered,
        at=at,
    )


def _sha256(certificate: Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def _made_in_order(evidence: Evidence) -> dict[Step, Check]:
    made: dict[Step, Check] = {}
    stopped = False
    for number, step in enumerate(STEPS, start=1):
        if stopped:
            made[step] = Check(number, step.name, Outcome.NOT_CHECKED, DECIDED)
            continue
        outcome, sentence, doubt = _made(step, evidence)
        made[step] = Check(
            number,
            step.name,
            outcome,
            sentence,
            doubtful=doubt is not None,
            within_seal=isinstance(doubt, SealedInDoubt),
        )
        goes_on = step.outlasts_doubt and isinstance(doubt, InDoubt)
        stopped = outcome is not Outcome.PASSED and step.decides and not goes_on
    return made


def _made(step: Step, evidence: Evidence) -> tuple[Outcome, str, Exception | None]:
    """What came of a step, its sentence, and what speaks against the file."""
    try:
        return Outcome.PASSED, step.make(evidence), None
    except CheckFailed as no:
        return Outcome.FAILED, no.sentence, None
    except NotChecked as reason:
        doubt = reason if isinstance(reason, InDoubt) else None
        return Outcome.NOT_CHECKED, reason.sentence, doubt
    except MALFORMED:
        return Outcome.FAILED, "This part of the file is damaged or made up.", None
    except MemoryError as error:
        return Outcome.NOT_CHECKED, TOO_MUCH_MEMORY, error
    except Exception as error:  # noqa: BLE001  (hostile bytes get an answer, whatever breaks)
        return Outcome.NOT_CHECKED, "This could not be checked.", error


def _result(evidence: Evidence, made: Mapping[Step, Check]) -> Result:
    if made[FILE].outcome is not Outcome.PASSED:
        return Result.CANNOT_TELL
    unknown = evidence.signed is not None and not evidence.signed.known
    outcomes = {
        check.outcome
        for step, check in made.items()
        if not (unknown and step is SIGNER)
        and not (step.name in FURTHER_STEPS and check.outcome is Outcome.NOT_CHECKED)
    }
    if Outcome.FAILED in outcomes:
        return Result.NOT_GENUINE
    # Of a version's own PDF the steps on a declaration are not made.
    lacking = Outcome.NOT_CHECKED in outcomes and not evidence.sealed_text
    if lacking or any(check.doubtful for check in made.values()):
        return Result.CANNOT_TELL
    if unknown:
        return Result.UNKNOWN_SIGNER
    return Result.SEALED_TEXT if evidence.sealed_text else Result.GENUINE
