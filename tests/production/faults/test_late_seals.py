"""The timestamp authority talks nonsense, and the queue's file is damaged."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signer import clock
from signer.worker_queue import QUEUE_FILE
from tests.declaration.authorities import ARCHITECTURE, Authorities
from tests.production.harness.launching import until
from tests.production.harness.rehearsal import Rehearsal, rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

STAMPS = f"/{ARCHITECTURE}/tsa/tsa"
PARENTS = range(2)


@pytest.fixture
def authorities(tmp_path: Path) -> Iterator[Authorities]:
    """A timestamp authority that knows what time it is."""
    folder = tmp_path / "authorities"
    folder.mkdir()
    with closing(Authorities(folder, clock.now())) as running:
        yield running


@pytest.fixture
def school(
    tmp_path: Path, key_files_of_today: KeyFiles, authorities: Authorities
) -> Iterator[Rehearsal]:
    """A school whose seals are stamped, and whose parents have been asked."""
    root = tmp_path / "tsa.pem"
    root.write_bytes(authorities.certificate("root").public_bytes(Encoding.PEM))
    with rehearsal(
        tmp_path / "school",
        tsa_url=f"{authorities.address}{STAMPS}",
        tsa_trust_file=root,
    ) as school:
        school.furnish(key_files_of_today.seal_key.parent)
        school.import_register(PARENTS)
        school.open(workers=1, processes=1)
        school.well("ask", "--yes")
        yield school


def has_receipt(school: Rehearsal, reference: str) -> bool:
    """Whether a receipt with the sealed PDF has come."""
    return any(one.declaration == reference for one in school.mail.kept())


def unsealed(school: Rehearsal) -> int:
    """How many declarations wait for their seal."""
    return sum(one["unsealed"] for one in school.document("status")["versions"])


def test_seals_wait_for_the_authority_and_for_no_queue(
    school: Rehearsal, authorities: Authorities
) -> None:
    """Parents sign as always, and each has one receipt in the end, with a stamp."""
    authorities.instead[STAMPS] = f"/chatting{STAMPS}"
    links = [school.link(number) for number in PARENTS]
    assert all(links)
    first = school.sign(0)
    until(lambda: "sealing failed" in school.log_of("worker-0").read_text("utf-8"))
    assert STAMPS in authorities.asked
    assert first.pdf is None
    assert (unsealed(school), has_receipt(school, first.reference)) == (1, False)
    authorities.instead.clear()
    # Every process has it open.
    queue = school.settings.instance_path / QUEUE_FILE
    queue.write_bytes(b"Dear parents\n" * 5000)
    second = school.sign(1)
    references = {first.reference, second.reference}
    until(lambda: all(has_receipt(school, one) for one in references))
    assert list(queue.parent.glob(f"{QUEUE_FILE}.damaged-*"))
    logs = "".join(school.log_of(name).read_text("utf-8") for name in school.running)
    assert "the queue's file was damaged and is put aside" in logs
    assert unsealed(school) == 0
    assert school.answers(), "no process ends for it"
    for name in list(school.running):
        school.stop(name)
    assert school.problems(sorted(references), quiet=True) == []
    school.well("log", "check")
