"""Looking into the PDFs of a bundle: apart, on all cores, a few at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

from signer.audit.archive import Archive
from signer.audit.findings import Findings
from signer.declaration.verify import Report
from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.sandbox.pool import Examiners

WORTH_A_PROCESS = 32
"""From so many files on, one more process saves more than it costs."""

_WAITING = 2
"""How many files wait in memory for each process that looks at them."""


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
    with ExitStack() as stack:
        quick = stack.enter_context(Examiners(replace(known, rendered=None), most=most))
        deep = stack.enter_context(Examiners(known, most=most))
        threads = stack.enter_context(ThreadPoolExecutor(most))
        waiting: deque[tuple[str, Future[Report]]] = deque()
        for name in names:
            examiners = deep if name in sample else quick
            with findings.refusals(name):
                pdf = archive.read(name)
                waiting.append((name, threads.submit(examiners.verify, pdf)))
            if len(waiting) > _WAITING * most:
                yield _finished(waiting.popleft())
        while waiting:
            yield _finished(waiting.popleft())


def _finished(examine: tuple[str, Future[Report]]) -> tuple[str, Report]:
    name, future = examine
    return name, future.result()
