"""Looking into the PDFs of a bundle: apart, on all cores, a few at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from signer.audit.archive import Archive
from signer.audit.findings import Findings
from signer.declaration.verify import Report
from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.sandbox.pool import Examiners, in_order

WORTH_A_PROCESS = 32
"""From so many files on, one more process saves more than it costs."""


def examined(
    archive: Archive,
    names: Sequence[str],
    known: VerificationInputs,
    sample: Collection[str],
    findings: Findings,
) -> Iterator[tuple[str, Report]]:
    """The report on each PDF, in the order of their names as given.

    Args:
        archive: the bundle.
        names: the PDFs in it.
        known: what each is judged by; its pages are typeset again for those of the
            sample alone.
        sample: some of the names.
        findings: gets a gap for each that cannot be taken out of the ZIP.
    """
    # Each process takes longer to start than many files take to look at.
    most = min(os.cpu_count() or 1, 1 + len(names) // WORTH_A_PROCESS)
    with (
        Examiners(replace(known, rendered=None), most=most) as quick,
        Examiners(known, most=most) as deep,
    ):

        def tasks() -> Iterator[tuple[str, Callable[[], Report]]]:
            for name in names:
                examiners = deep if name in sample else quick
                with findings.refusals(name):
                    yield name, partial(examiners.verify, archive.read(name))

        yield from in_order(tasks(), threads=most)
