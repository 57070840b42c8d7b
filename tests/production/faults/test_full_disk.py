"""The records' disk is full, or the temporary folder's: small ones, for the test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.production.harness.disks import small_disk
from tests.production.harness.launching import until
from tests.production.harness.rehearsal import Rehearsal, rehearsal
from tests.production.harness.visitor import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signer.pki.make_keys import KeyFiles

PARENTS = range(6)
BYTES = 8 * 1024 * 1024


@pytest.fixture
def school(tmp_path: Path, key_files_of_today: KeyFiles) -> Iterator[Rehearsal]:
    """A school whose instance and temporary folders are disks of eight megabytes."""
    disk, temporary = tmp_path / "disk", tmp_path / "temporary"
    disk.mkdir()
    temporary.mkdir()
    with (
        small_disk(disk, BYTES),
        small_disk(temporary, BYTES),
        rehearsal(tmp_path / "school", instance=disk / "instance") as school,
    ):
        school.variables["TMPDIR"] = str(temporary)
        school.furnish(key_files_of_today.seal_key.parent)
        school.import_register(PARENTS)
        school.open(workers=1)
        school.well("ask", "--yes")
        yield school


def fill(path: Path) -> None:
    """Take every byte that is left."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_a_full_disk_confirms_nothing_and_loses_nothing(school: Rehearsal) -> None:
    """Whoever signs sees the page for 503; with room again, all goes on by itself.

    With no room for temporary files, signing goes on, and a seal may have to wait.
    """
    links = [school.link(number) for number in PARENTS]
    assert all(links)
    signed = [school.sign(0), school.sign(1)]
    filler = school.settings.instance_path / "filler"
    fill(filler)
    refused = 0
    for number in (2, 3, 4):
        try:
            signed.append(school.sign(number))
        except Refused as page:
            assert page.status == 503, page  # noqa: PT017 - some may find room
            refused += 1
    assert refused
    assert school.answers(), "no process ends for it"
    filler.unlink()
    signed += [school.sign(number) for number in PARENTS[:-1]]
    filler = Path(school.variables["TMPDIR"]) / "filler"
    fill(filler)
    late = school.sign(PARENTS[-1])
    # Where memory was enough, it is sealed at once; the seal may as well have to wait.
    assert school.answers(), "no process ends for it"
    filler.unlink()
    signed.append(late)
    references = {one.reference for one in signed}
    assert len(references) == len(PARENTS)
    until(lambda: references <= {one.declaration for one in school.mail.kept()})
    assert school.problems(sorted(references)) == []
    school.well("log", "check")
