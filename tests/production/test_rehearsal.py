"""A small school lives through a year, as an operator runs it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from tests.production.harness.launching import until
from tests.production.harness.rehearsal import Rehearsal, address_of, rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.production.harness.visitor import Signature

PARENTS = range(6)


@pytest.fixture
def school(tmp_path: Path, database_url: str) -> Iterator[Rehearsal]:
    """A school that makes its own keys, and whose processes start as typed."""
    with rehearsal(tmp_path / "school", database_url, typed=True) as school:
        school.furnish()
        yield school


def all_sign(school: Rehearsal) -> dict[int, Signature]:
    """Everybody signs at once."""
    with ThreadPoolExecutor(len(PARENTS)) as parents:
        signed = parents.map(school.sign, PARENTS)
        return dict(zip(PARENTS, signed, strict=True))


def check_receipts(school: Rehearsal, signed: dict[int, Signature]) -> None:
    """Each has one receipt, with the PDF that the page offered."""
    references = {one.reference for one in signed.values()}
    assert len(references) == len(PARENTS)
    until(lambda: references <= {one.declaration for one in school.mail.kept()})
    for number, signature in signed.items():
        (receipt,) = [
            one for one in school.mail.kept() if one.declaration == signature.reference
        ]
        assert receipt.to == address_of(number)
        assert signature.pdf
        attached = next(iter(receipt.message.iter_attachments())).get_content()
        assert attached == signature.pdf


def test_a_year_of_a_small_school(school: Rehearsal) -> None:
    """Import, ask, sign, release, sign again, and every check is content."""
    assert school.import_register(PARENTS).exit_code == 0
    school.open(workers=2)
    assert "6 asked now" in school.well("ask", "--yes")
    first = all_sign(school)
    check_receipts(school, first)
    assert school.document("status")["versions"][-1]["signed_by_link"] == len(PARENTS)
    school.release()
    assert "6 asked now" in school.well("ask", "--yes")
    until(lambda: sum(one.link is not None for one in school.mail.kept()) == 12)
    second = all_sign(school)
    check_receipts(school, second)
    versions = school.document("status")["versions"]
    assert [one["signed_by_link"] for one in versions] == [6, 6]
    school.well("log", "checkpoint")
    school.well("log", "check")
    bundle = str(school.folder / "audit.zip")
    school.well("audit", "export", bundle)
    log_key = school.folder / "log.vkey"
    with urlopen(f"{school.settings.base_url}/keys/log.vkey", timeout=60) as answer:
        log_key.write_bytes(answer.read())
    trust = ("--trust", str(school.settings.trust_path), "--log-key", str(log_key))
    assert "WHOLE." in school.well("audit", "check", *trust, bundle)
    for number, signature in second.items():
        (school.folder / f"{number}.pdf").write_bytes(signature.pdf or b"")
    school.well("verify", *(f"{number}.pdf" for number in second))
    for name in list(school.running):
        assert school.stop(name) == 0, school.log_of(name).read_text("utf-8")
    logs = "".join(path.read_text("utf-8") for path in school.folder.glob("*.log"))
    assert "Traceback" not in logs, logs
    assert "families.example" not in logs
