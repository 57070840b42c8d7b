"""Verifies what it reads, confined: the other side of `apart`."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from signer import clock
from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.sandbox.framing import read_frame, write_frame
from signer.declaration.verify.sandbox.isolation import isolate
from signer.declaration.verify.sandbox.limits import allow, confine, grown
from signer.declaration.verify.sandbox.pool import (
    LONGEST_MESSAGE,
    MOMENT_BYTES,
    WALL_SECONDS,
)
from signer.declaration.verify.verify import verify_with


def main(seconds: float) -> None:
    """Answer until nobody asks any more.

    Args:
        seconds: the most of a processor that one file may take.
    """
    # First of all: it holds for threads that start later, and for no earlier one.
    isolation = isolate(Path(os.environ["TMPDIR"]))
    # What a library prints must not get between the frames.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    questions = sys.stdin.buffer
    known = VerificationInputs.from_json(read_frame(questions, LONGEST_MESSAGE))
    confined = confine(writes=known.rendered is not None)
    began = {"confined": confined} | asdict(isolation)
    write_frame(answers, json.dumps(began).encode())
    while not grown():
        asked = read_frame(questions, LONGEST_MESSAGE)
        allow(seconds, wall_seconds=2 * WALL_SECONDS)
        at, pdf = asked[:MOMENT_BYTES].decode(), asked[MOMENT_BYTES:]
        report = verify_with(known, pdf, clock.parse(at))
        write_frame(answers, json.dumps(report.as_json()).encode())
        allow(0, wall_seconds=0)
        del asked, pdf, report


with suppress(EOFError, OSError):
    main(float(sys.argv[1]))
