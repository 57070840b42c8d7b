"""One bench for each process of tests; each file is made when its test wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.sandbox.pool import Examiners
from tests.corpus.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 2.0
"""What a file may take here; `Examiners` gives it ten."""


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Where forgeries are made."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    yield bench
    bench.close()


@pytest.fixture(scope="session")
def examiners(bench: Bench) -> Iterator[Examiners]:
    """Verification in a process of its own, as whoever opens files of strangers."""
    with Examiners(VerificationInputs(**bench.at_hand()), seconds=SECONDS) as examiners:
        yield examiners
