"""A process that upgrades a database when it is told to.

Its argument is the database's address. It says ``ready``, and begins at the first line
of its input.
"""

from __future__ import annotations

import sys

from signer.store import schema
from signer.store.engine import connect

sessions = connect(sys.argv[1])
sys.stdout.write("ready\n")
sys.stdout.flush()
sys.stdin.readline()
schema.upgrade(sessions.engine)
schema.check(sessions.engine)
