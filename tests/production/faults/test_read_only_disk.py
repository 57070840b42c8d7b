"""The disk that the records are on can only be read, all at once, as after a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.workflows.mailing.claim import LEASE
from tests.production.harness.disks import FailingDisk
from tests.production.harness.launching import PATIENCE, until
from tests.production.harness.rehearsal import rehearsal
from tests.production.harness.visitor import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

PARENTS = range(6)

pytestmark = pytest.mark.tool("mkfs.ext4")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[FailingDisk]:
    """A disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with FailingDisk(tmp_path / "disk.image", folder).mounted() as disk:
        yield disk


def test_nothing_is_confirmed_and_nothing_lost(
    tmp_path: Path, disk: FailingDisk, key_files_of_today: KeyFiles
) -> None:
    """Whoever signs sees the page for 503; mounted anew, all is there and goes on.

    What the system had not written to the disk by then is gone, as after a power cut.
    """
    instance = tmp_path / "disk" / "instance"
    with rehearsal(tmp_path / "school", instance=instance) as school:
        school.furnish(key_files_of_today.seal_key.parent)
        # What the tests copied themselves; from here on each process sees to its own.
        disk.sync()
        school.import_register(PARENTS)
        school.open(workers=1)
        school.well("ask", "--yes")
        for number in PARENTS:
            school.link(number)
        signed = [school.sign(0), school.sign(1)]
        disk.fail()
        for number in (2, 3):
            with pytest.raises(Refused) as refused:
                school.sign(number)
            assert refused.value.status == 503, refused.value
        visitor = school.visitor()
        assert visitor.open("/s/" + school.link(4).rpartition("/s/")[2]).status == 200
        visitor.close()
        assert school.answers(), "no process ends for it"
        school.kill()
        disk.mend()
        school.open(workers=1)
        signed += [school.sign(number) for number in PARENTS]
        references = {one.reference for one in signed}
        assert len(references) == len(PARENTS)
        # A claim of the outbox whose commit the disk refused may have reached it all
        # the same: that mail goes when the claim ends.
        until(
            lambda: references <= {one.declaration for one in school.mail.kept()},
            LEASE.total_seconds() + PATIENCE,
        )
        assert school.problems(sorted(references)) == []
        school.well("log", "check")
