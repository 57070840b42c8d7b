"""Verification of seals of level B-LT: when they were made, and by what that held."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    NoEncryption,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    serialize_key_and_certificates,
)
from pyhanko.pdf_utils.reader import PdfFileReader

from signer import clock
from signer.declaration.seal.levels import Authority
from signer.declaration.seal.seal import seal
from signer.declaration.verify import Outcome, Report, Result
from signer.declaration.verify.verify import verify
from signer.pki.http import exchange
from signer.pki.make_keys import SealKey
from tests.conftest import MOMENT
from tests.declaration.forgery import NO, RELEASED, Gap, flipped, typeset_declaration
from tests.declaration.school import School, step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.declaration.authorities import Authorities

pytestmark = pytest.mark.usefixtures("frozen")

YEARS = timedelta(days=10 * 365)
AN_HOUR = timedelta(hours=1)


def test_years_later_it_is_genuine_without_asking_anybody(
    stamped: bytes, authorities: Authorities, judged: Callable[..., Report]
) -> None:
    """All certificates have ended since; no authority is asked again."""
    authorities.asked.clear()
    with clock.frozen(MOMENT + YEARS):
        report = judged(stamped)
    assert report.result is Result.GENUINE
    assert step(report, "signer")[0] is Outcome.PASSED
    assert authorities.asked == []


def test_a_timestamp_by_a_stranger_confirms_nothing(
    stamped: bytes, judged: Callable[..., Report]
) -> None:
    """Without the authority's certificate the time stays the school's word."""
    report = judged(stamped, tsa_roots=[])
    assert report.result is Result.GENUINE
    assert report.timestamped_at is None
    outcome, sentence = step(report, "timestamp")
    assert outcome is Outcome.NOT_CHECKED
    assert "“Testing tsa”, but no certificate that you trust confirms" in sentence


def test_a_certificate_revoked_later_does_not_spoil_what_a_timestamp_confirms(
    stamped: bytes, school: School, judged: Callable[..., Report]
) -> None:
    """The seal is older than the revocation, and the timestamp proves it."""
    later = school.listed(at=MOMENT + YEARS / 10, revoked=True)
    report = judged(stamped, revocation_lists=[later])
    assert report.result is Result.GENUINE
    assert "after this seal was made" in step(report, "revocation")[1]


def test_a_certificate_revoked_before_makes_it_not_genuine(
    school: School, judged: Callable[..., Report]
) -> None:
    """A stolen key that was revoked seals nothing any more."""
    earlier = school.listed(at=MOMENT - AN_HOUR, revoked=True)
    pdf = seal(typeset_declaration(), school.key, at=MOMENT).pdf
    report = judged(pdf, revocation_lists=[earlier])
    assert report.result is Result.NOT_GENUINE
    assert "before the seal was made" in step(report, "revocation")[1]


def test_without_a_timestamp_a_revoked_certificate_leaves_the_answer_open(
    sealed: bytes, stamped: bytes, school: School, judged: Callable[..., Report]
) -> None:
    """Whoever stole the key could state any time; only a timestamp tells."""
    later = school.listed(at=MOMENT + YEARS / 10, revoked=True)
    untrusted: dict[str, Any] = {"tsa_roots": []}
    for pdf, more in ((sealed, {}), (stamped, untrusted)):
        report = judged(pdf, revocation_lists=[later], **more)
        assert report.result is Result.CANNOT_TELL
        assert step(report, "revocation")[0] is Outcome.NOT_CHECKED


def test_an_ended_certificate_without_a_timestamp_says_what_it_can(
    sealed: bytes, judged: Callable[..., Report]
) -> None:
    """The report says that nothing from outside confirms the time."""
    with clock.frozen(MOMENT + YEARS):
        report = judged(sealed)
    assert "nothing from outside shows" in step(report, "timestamp")[1]


def test_a_backdated_seal_is_found_by_its_timestamp(
    school: School, authorities: Authorities, judged: Callable[..., Report]
) -> None:
    """A time that the seal states and its timestamp does not is refused."""
    made = school.sealed(authorities.stamps(), at=MOMENT - 3 * AN_HOUR)
    # The list at hand must speak of that time as well.
    report = judged(made.pdf)
    assert report.result is Result.NOT_GENUINE
    assert "but its timestamp" in step(report, "timestamp")[1]


def test_the_timestamp_of_another_seal_is_refused(
    school: School,
    authorities: Authorities,
    kept: dict[str, bytes],
    judged: Callable[..., Report],
) -> None:
    """A token moved from one seal to another was not made over it."""
    one, two = (
        school.sealed(authorities.stamps(), at=MOMENT + timedelta(seconds=later)).pdf
        for later in (0, 1)
    )
    tokens = []
    for pdf in (one, two):
        (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
        tokens.append(signature.signer_info["unsigned_attrs"].dump())
    gap = Gap.of(one)
    moved = gap.filled(one, gap.value(one).replace(tokens[0], tokens[1]))
    report = judged(moved)
    assert report.result is Result.NOT_GENUINE
    assert "not made over this seal" in step(report, "timestamp")[1]


def test_flips_in_what_was_added_are_caught(
    stamped: bytes, judged: Callable[..., Report]
) -> None:
    """Validation data are under the seal: no bit of them changes unseen."""
    gap = Gap.of(stamped)
    places = range(len(typeset_declaration()), len(stamped), 211)
    for place in places:
        if not gap.start <= place < gap.end:
            assert judged(flipped(stamped, place, place % 8)).result in NO


def test_a_bought_certificate_drops_in(
    authorities: Authorities, tmp_path: Path
) -> None:
    """A file whose chain has a certificate in between seals, and is traced back."""
    private = load_pem_private_key(
        (authorities.folder / "school-seal.pem").read_bytes(), None
    )
    assert isinstance(private, RSAPrivateKey)
    own, between, root = (
        authorities.certificate(f"school-{name}") for name in ("seal", "between", "ca")
    )
    path = tmp_path / "bought.p12"
    path.write_bytes(
        serialize_key_and_certificates(b"b", private, own, [between], NoEncryption())
    )
    lists = tuple(
        x509.load_der_x509_crl(
            exchange(
                f"{authorities.address}/stamps/crls/school-{name}/latest.crl", seconds=5
            )
        )
        for name in ("between", "ca")
    )
    key = SealKey.load(path, "")
    made = seal(
        typeset_declaration(),
        key,
        at=MOMENT,
        authority=Authority(authorities.stamps(), (root,), lists),
    )
    report = verify(
        made.pdf,
        trust_roots=[root],
        tsa_roots=[authorities.certificate("root")],
        released=RELEASED,
    )
    assert report.result is Result.GENUINE
    assert step(report, "revocation")[0] is Outcome.PASSED
    sentence = step(report, "revocation")[1]
    assert "“Testing school-seal”" in sentence
    assert "“Testing school-between”" in sentence
