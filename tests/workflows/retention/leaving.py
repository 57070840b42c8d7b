"""Families who leave the school."""

from __future__ import annotations

from datetime import timedelta

from signer.register.rows import read_register
from signer.workflows.context import AppContext
from signer.workflows.register.import_register import import_register
from tests.conftest import PEOPLE

YEAR = timedelta(days=366)


def leave(app_context: AppContext, *names: str) -> None:
    """Bring the register to what it is without the rows of some parents."""
    rest = [line for line in PEOPLE.splitlines() if not line.startswith(names)]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
