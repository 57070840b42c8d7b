"""Typesetting in a process of its own, for one that cannot do it itself.

Typst lays out on threads that its first document starts. A fork takes none of them
along, and the child's next document would wait for them for ever. So a process that
was forked after its parent had typeset asks a fresh one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from typing import Any

from signer.errors import TypesetError

MOST_SECONDS = 120
"""Far longer than any declaration takes, so that no worker waits for ever."""


def typeset_elsewhere(
    statement_json: bytes,
    policy_blocks: list[dict[str, Any]],
    policy_source: bytes,
    policy_filename: str,
) -> bytes:
    """What `typeset` gives, from a process of its own.

    Raises:
        TypesetError: that process failed.
    """
    asked = json.dumps(
        {
            "statement_json": b64encode(statement_json).decode(),
            "policy_blocks": policy_blocks,
            "policy_source": b64encode(policy_source).decode(),
            "policy_filename": policy_filename,
        }
    )
    try:
        done = subprocess.run(
            [sys.executable, "-m", "signer.declaration"],
            input=asked.encode(),
            capture_output=True,
            check=True,
            timeout=MOST_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise TypesetError(said[-1] if said else "no reason given") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TypesetError(f"no process to typeset in: {error}") from error
    return done.stdout
