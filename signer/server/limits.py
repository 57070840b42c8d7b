"""What a connection may take: seconds, bytes, places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MIB = 2**20


def _peer(environ: Mapping[str, str]) -> str | None:
    """The address at the other end of the connection."""
    return environ.get("REMOTE_ADDR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a connection may take. Seconds are counted by a clock that nobody sets."""

    head_seconds: float = 15.0
    """From a connection's opening, or from a further request's first byte, to the end
    of the request's head."""

    body_seconds: float = 20.0
    """How long a body may come in at any pace. From then on it must have come in at
    `body_rate` on average."""

    body_rate: int = 4096
    """Bytes a second: what a bad mobile line still manages."""

    longest_body_seconds: float = 300.0
    """The most that any body may take."""

    answer_seconds: float = 180.0
    """How long a visitor may take to read an answer."""

    idle_seconds: float = 75.0
    """How long a connection may wait for a further request. Proxies reuse theirs for
    up to a minute; the end that closes first must not be this one, or a form that was
    sent at that moment would be lost."""

    connections: int = 500
    """Connections of one child. The one that has been waiting longest makes way for a
    further one."""

    head_bytes: int = 16 * 1024
    """The longest head of a request."""

    body_bytes: int = 64 * 1024
    """The longest body of a request, for all paths but those of `large_bodies`.

    What is longer is taken in and forgotten, so that a browser gets to see the
    application's answer."""

    large_bodies: Mapping[str, int] = field(default_factory=dict)
    """Paths that take more than `body_bytes`, and how much each takes."""

    large_at_once: int = 8
    """Bodies longer than `body_bytes` that one child holds in memory at once."""

    large_of_one_client: int = 2
    """How many of those may come from one client, so that no single one, however slow,
    keeps the others out."""

    client: Callable[[Mapping[str, str]], str | None] = _peer
    """Names the client that a request comes from, by its WSGI environment before the
    body: ``REMOTE_ADDR`` and the headers. None where it cannot be told from others,
    and only `large_at_once` counts."""

    forgotten_bytes: int = 100 * MIB
    """The longest body that is taken in only to be forgotten. What is longer is
    answered at once."""

    linger_seconds: float = 30.0
    """How long what still comes in after such an answer is thrown away. A connection
    that is closed on a browser that sends shows an error in place of the answer."""

    shutdown_seconds: float = 30.0
    """How long answers that are under way may take when the server stops."""

    def body_limit(self, path: str) -> int:
        """The longest body that is kept for a path."""
        return self.large_bodies.get("/" + path.strip("/"), self.body_bytes)
