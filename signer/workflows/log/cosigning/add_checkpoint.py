"""Asking a witness to cosign a head: ``add-checkpoint`` of C2SP tlog-witness."""

from __future__ import annotations

import http.client
import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Sequence

from signer import clock
from signer.errors import NoteRefused, WitnessRefused
from signer.http.request import Answer, NoAnswer, post_to
from signer.ledger.cosignatures import Cosignature, read_cosignatures
from signer.workflows.log.cosigning.servers import WitnessServer

LARGEST = 64 * 1024
"""Bytes of an answer that are read; a cosignature has less than 300."""

MOST_TRIES = 3
"""How often a witness may name another size before the next round asks it again."""

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_OK, _FORBIDDEN, _UNKNOWN, _CONFLICT, _UNPROVED = 200, 403, 404, 409, 422


def cosigned_by(
    server: WitnessServer,
    note: str,
    *,
    known: int,
    prove: Callable[[int], Sequence[bytes]],
    seconds: float,
) -> Cosignature:
    """The cosignature of a witness on a head.

    Args:
        server: the witness.
        note: the head, signed by the log.
        known: how many entries the head covers that it cosigned last, as far as is
            known; it says so where it was another one.
        prove: gives the proof that the head's log begins with so many entries.
        seconds: how long one answer may take.

    Raises:
        WitnessRefused: it gave none.
    """
    size = int(note.split("\n")[1])
    for _ in range(MOST_TRIES):
        answer = _asked(server, note, known, prove(known), seconds)
        if answer.status != _CONFLICT:
            return _cosignature(server, note, answer)
        before, known = known, _size_in(answer)
        if known > size:
            raise WitnessRefused(
                f"holds a signed head of {known} entries, and the newest here has "
                f"{size}",
                contradicts=True,
            )
        if known == before:
            raise WitnessRefused(
                f"holds another head of the same {known} entries", contradicts=True
            )
    raise WitnessRefused("names another size each time that it is asked")


def _asked(
    server: WitnessServer, note: str, known: int, proof: Sequence[bytes], limit: float
) -> Answer:
    lines = [f"old {known}", *(b64encode(one).decode() for one in proof), "", note]
    try:
        return post_to(
            _connection(server, limit),
            server.path,
            "\n".join(lines).encode(),
            {"Content-Type": "text/plain; charset=utf-8"},
            seconds=limit,
            largest=LARGEST,
        )
    except NoAnswer as error:
        raise WitnessRefused(f"gave {error}") from error


def _connection(server: WitnessServer, limit: float) -> http.client.HTTPConnection:
    if not server.https:
        return http.client.HTTPConnection(server.host, server.port, timeout=limit)
    return http.client.HTTPSConnection(
        server.host, server.port, timeout=limit, context=ssl.create_default_context()
    )


def _size_in(answer: Answer) -> int:
    found = _SIZE.fullmatch(answer.body)
    if found is None:
        raise WitnessRefused("holds another head, and does not say of what size")
    return int(found[1])


def _cosignature(server: WitnessServer, note: str, answer: Answer) -> Cosignature:
    if answer.status == _UNPROVED:
        raise WitnessRefused(
            "holds a signed head that the log does not begin with", contradicts=True
        )
    if answer.status in {_FORBIDDEN, _UNKNOWN}:
        raise WitnessRefused(
            f"does not know this log or its key (the answer was {answer.status})"
        )
    if answer.status != _OK:
        raise WitnessRefused(f"gave the answer {answer.status}")
    try:
        # Only what its own lines say: what else the note bears is none of its doing.
        signed = note.rpartition("\n\n")[0] + "\n\n" + answer.body.decode()
        found = read_cosignatures(signed, [server.key], clock.now())
    except (NoteRefused, UnicodeDecodeError) as error:
        raise WitnessRefused(f"gave what is no cosignature ({error})") from error
    if not found:
        raise WitnessRefused("gave none under the key that the settings name")
    return found[0]
