"""Typesetting in a process of its own, for one that cannot do it itself.

Typst lays out on threads that its first document starts. A fork takes none of them
along, and the child's next document would wait for them for ever. So a process that
was forked after its parent had typeset asks a fresh one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from typing import Any

from signer.errors import TypesetError

MOST_SECONDS = 120
"""Far longer than any document takes, so that no worker waits for ever."""

DECLARATION, VERSION = "declaration", "version"
"""What may be asked for."""

_BYTES = "base64"


def ask_subprocess(what: str, **arguments: object) -> bytes:
    """A PDF from a process of its own.

    Args:
        what: `DECLARATION` or `VERSION`.
        arguments: for the function that makes it; values of JSON, and bytes.

    Raises:
        TypesetError: that process failed.
    """
    asked = json.dumps({"what": what, "arguments": arguments}, default=_in_json)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "signer.declaration.pdf"],
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


def what_was_asked(raw: bytes) -> tuple[str, dict[str, Any]]:
    """What `ask_subprocess` wrote: what to make, and the arguments for it."""
    asked = json.loads(raw, object_hook=_from_json)
    return asked["what"], asked["arguments"]


def _in_json(value: object) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise TypesetError(f"{type(value).__name__} cannot be passed on")
    return {_BYTES: b64encode(value).decode()}


def _from_json(value: dict[str, Any]) -> Any:  # noqa: ANN401 - any value of JSON
    return b64decode(value[_BYTES]) if value.keys() == {_BYTES} else value
