"""Seals of level B-LT, with a real timestamp authority: made whole, or not at all."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from signer import clock
from signer.declaration.seal.levels import Authority
from signer.declaration.verify import Outcome, Report, Result
from signer.declaration.verify.checks.validation_data import validation_data
from signer.declaration.verify.verify import verify
from signer.errors import SealError
from signer.pki.certificates import as_asn1
from signer.pki.tsa_client import TimestampAuthority
from tests.conftest import MOMENT, run
from tests.declaration.authorities import HONEST_PATIENCE, PATIENCE, Authorities
from tests.declaration.forgery import RELEASED, Gap, typeset_declaration
from tests.declaration.school import School, step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("frozen")

AN_HOUR = timedelta(hours=1)


def test_the_level_reached_is_stated(school: School, authorities: Authorities) -> None:
    """With an authority a seal is B-LT, and says so in the answer and in a report."""
    made = school.sealed(authorities.stamps())
    assert made.level == "B-LT"
    report = verify(made.pdf, trust_roots=[school.files.authority], released=RELEASED)
    assert report.level == "B-LT"


def test_everything_is_in_one_revision(stamped: bytes) -> None:
    """One update holds signature, timestamp and validation data, and all is signed."""
    assert stamped.startswith(typeset_declaration())
    reader = PdfFileReader(BytesIO(stamped))
    assert reader.xrefs.total_revisions == 2
    (signature,) = reader.embedded_signatures
    begin, _, end, rest = map(int, signature.byte_range)
    assert (begin, end + rest) == (0, len(stamped))
    store = reader.root["/DSS"]
    assert "/VRI" not in store
    assert len(store["/CRLs"]) + len(store.get("/OCSPs", ())) == 2
    assert len(store["/Certs"]) >= 4


def test_a_genuine_one_passes_every_check(
    stamped: bytes, judged: Callable[..., Report]
) -> None:
    """Timestamp and revocation are both confirmed from what the file holds."""
    report = judged(stamped)
    assert report.result is Result.GENUINE
    made = [one for one in report.checks if one.name != "typesetting"]
    assert {one.outcome for one in made} == {Outcome.PASSED}
    assert report.timestamped_at == MOMENT
    assert report.as_json()["timestamped_at"] == clock.iso(MOMENT)
    assert "“Testing tsa”, which you trust" in step(report, "timestamp")[1]


@pytest.mark.tool("pdfsig")
@pytest.mark.tool("mutool")
@pytest.mark.tool("qpdf")
def test_independent_programs_agree(stamped: bytes, tmp_path: Path) -> None:
    """Valid over the total document, unchanged, and sound, as at level B-B."""
    path = tmp_path / "declaration.pdf"
    path.write_bytes(stamped)
    printed = run("pdfsig", path)
    assert printed.count("Signature #") == 1
    assert "Total document signed" in printed
    assert "Signature Validation: Signature is Valid." in printed
    assert "unchanged since signing" in run("mutool", "sign", "-v", path)
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", path)


@pytest.mark.tool("openssl")
def test_openssl_verifies_the_timestamp(
    stamped: bytes, authorities: Authorities, tmp_path: Path
) -> None:
    """An independent program finds the token good over the seal's own value."""
    (signature,) = PdfFileReader(BytesIO(stamped)).embedded_signatures
    signer = signature.signer_info
    (attribute,) = signer["unsigned_attrs"]
    (token,) = attribute["values"]
    (tmp_path / "token").write_bytes(token.dump())
    (tmp_path / "value").write_bytes(signer["signature"].native)
    root = authorities.certificate("root").public_bytes(Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(root)
    printed = run(
        *("openssl", "ts", "-verify", "-token_in", "-in", tmp_path / "token"),
        *("-data", tmp_path / "value", "-CAfile", tmp_path / "root.pem"),
        *("-attime", str(int(MOMENT.timestamp()))),
    )
    assert "Verification: OK" in printed


def test_accessibility_survives(stamped: bytes) -> None:
    """The order of tabs, the tags and the metadata are as they were typeset."""
    before = PdfFileReader(BytesIO(typeset_declaration()))
    after = PdfFileReader(BytesIO(stamped))
    for key in ("/Lang", "/MarkInfo", "/ViewerPreferences", "/OutputIntents"):
        assert repr(after.root[key]) == repr(before.root[key])
    assert after.root["/Metadata"].data == before.root["/Metadata"].data
    page = after.root["/Pages"]["/Kids"][0]
    while "/Kids" in page:
        page = page["/Kids"][0]
    assert page["/Tabs"] == "/S"


def test_the_room_is_that_of_a_real_token(stamped: bytes) -> None:
    """Hardly anything is reserved in vain: the token was measured, not guessed."""
    value = Gap.of(stamped).value(stamped)
    spare = len(value) - len(value.rstrip(b"\0"))
    assert 0 < spare <= 256


def test_the_authority_is_measured_once(
    school: School, authorities: Authorities
) -> None:
    """One token for the measure, then one for each seal; revocation is asked once."""
    stamps = authorities.stamps()
    authorities.asked.clear()
    for _ in range(3):
        school.sealed(stamps)
    asked = [path.split("/")[2] for path in authorities.asked]
    assert asked.count("tsa") == 4
    assert asked.count("ocsp") == 1


def test_a_new_certificate_of_the_authority_is_measured_anew(
    school: School, authorities: Authorities, judged: Callable[..., Report]
) -> None:
    """When its tokens come from another certificate, seals go on and are whole."""
    stamps = authorities.stamps()
    school.sealed(stamps)
    authorities.instead["/stamps/tsa/tsa"] = "/stamps/tsa/tsa-listed"
    try:
        report = judged(school.sealed(stamps).pdf)
    finally:
        authorities.instead.clear()
    assert report.result is Result.GENUINE
    assert step(report, "timestamp")[0] is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "manner", "problem"),
    [
        ("tsa", "slow", f"timed out|within {PATIENCE:g} seconds"),
        ("tsa", "dripping", f"within {PATIENCE:g} seconds|too long"),
        ("tsa", "broken", "500"),
        ("tsa", "chatting", "answers no timestamp"),
        ("tsa", "refusing", "refuses: rejection"),
        ("tsa", "nonce", "wrong nonce"),
        ("tsa", "imprint", "wrong imprint"),
        ("tsa-expired", "", "expired"),
        ("tsa-revoked", "", "revoked"),
        ("tsa-revoked-listed", "", "revoked"),
        ("tsa-alone", "", "names neither a responder nor a list"),
    ],
)
def test_an_authority_that_fails_or_lies_leaves_no_seal(
    school: School, authorities: Authorities, name: str, manner: str, problem: str
) -> None:
    """There is an error that says why, in time, and never a lower level."""
    patience = PATIENCE if manner in {"slow", "dripping"} else HONEST_PATIENCE
    with pytest.raises(SealError, match=problem):
        school.sealed(authorities.stamps(name, manner, seconds=patience))


@pytest.mark.parametrize("manner", ["nonce", "imprint", "broken", "slow"])
def test_an_authority_that_turns_bad_leaves_no_seal(
    school: School, authorities: Authorities, manner: str
) -> None:
    """What was measured while it was good does not vouch for what comes later."""
    stamps = authorities.stamps(seconds=PATIENCE)
    school.sealed(stamps)
    authorities.instead["/stamps/tsa/tsa"] = f"/{manner}/stamps/tsa/tsa"
    try:
        with pytest.raises(SealError):
            school.sealed(stamps)
    finally:
        authorities.instead.clear()
    assert school.sealed(stamps).level == "B-LT"


def test_an_authority_that_is_down_leaves_no_seal(
    school: School, authorities: Authorities
) -> None:
    """Nobody answers at that address."""
    stamps = authorities.stamps()
    stamps._url = "http://127.0.0.1:9/tsa"  # noqa: SLF001 - the port of none
    with pytest.raises(SealError, match="cannot be asked"):
        school.sealed(stamps)


def test_an_authority_whose_clock_is_wrong_leaves_no_seal(
    school: School, authorities: Authorities
) -> None:
    """Its time and ours must agree to the hour, or one of them is lying."""
    later = MOMENT + timedelta(minutes=90)
    with clock.frozen(later), pytest.raises(SealError, match="the clock here"):
        school.sealed(authorities.stamps("tsa-listed"), at=later)


def test_an_authority_of_strangers_leaves_no_seal(
    school: School, authorities: Authorities
) -> None:
    """Its certificate must lead to the one that the operator named."""
    stamps = authorities.stamps()
    stamps._roots = (school.files.authority,)  # noqa: SLF001 - trust in another
    with pytest.raises(SealError, match="SIGNER_TSA_TRUST_FILE"):
        school.sealed(stamps)


def test_what_an_authority_sends_along_is_left_out(
    school: School,
    authorities: Authorities,
    judged: Callable[..., Report],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A former root's certificate for its key is none of the chain, and is no doubt."""
    stamps, own = authorities.stamps(), TimestampAuthority._ask  # noqa: SLF001
    root, key = (
        authorities.certificate("root"),
        ec.derive_private_key(1, ec.SECP256R1()),
    )
    former = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A former root")])
    crossed = (
        x509.CertificateBuilder(former, root.subject, root.public_key(), 1)
        .not_valid_before(MOMENT)
        .not_valid_after(MOMENT)
        .sign(key, hashes.SHA256())
    )

    def asked(self: TimestampAuthority, message: bytes) -> Any:
        token = own(self, message)
        found = [one.chosen for one in token["content"]["certificates"]]
        token["content"]["certificates"] = cms.CertificateSet(
            cms.CertificateChoices("certificate", one)
            for one in (*found, as_asn1(crossed))
        )
        return token

    monkeypatch.setattr(TimestampAuthority, "_ask", asked)
    pdf = school.sealed(stamps).pdf
    assert judged(pdf).result is Result.GENUINE
    assert crossed not in validation_data(PdfFileReader(BytesIO(pdf))).certificates


def test_a_list_by_a_former_key_of_the_authority_is_left_out(
    school: School, authorities: Authorities
) -> None:
    """It bears the authority's name, and nothing in the file leads to that key."""
    subject, later = school.files.authority.subject, MOMENT + timedelta(days=1)
    builder = x509.CertificateRevocationListBuilder(subject, MOMENT, later)
    former = builder.sign(ec.derive_private_key(1, ec.SECP256R1()), hashes.SHA256())
    own, stamps = school.listed(), authorities.stamps("tsa")
    authority = school.with_time_from(stamps, own, former)
    made = school.sealed(stamps, authority=authority)
    lists = validation_data(PdfFileReader(BytesIO(made.pdf))).lists
    assert own in lists
    assert former not in lists


def test_without_a_list_of_the_seal_s_authority_there_is_no_seal(
    school: School, authorities: Authorities
) -> None:
    """A missing, foreign, outdated or revoking list stops the seal."""
    old = school.listed(at=MOMENT - timedelta(days=500))
    revoking = school.listed(at=MOMENT - AN_HOUR, revoked=True)
    for lists, problem in (
        ((), "no revocation list"),
        ((old,), "ran out"),
        ((revoking,), "is revoked"),
    ):
        authority = Authority(authorities.stamps(), (school.files.authority,), lists)
        with pytest.raises(SealError, match=problem):
            school.sealed(authorities.stamps(), authority=authority)
