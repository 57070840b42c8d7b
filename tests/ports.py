"""Ports for servers that a test starts a moment later."""

import random
import socket

HOST = "127.0.0.1"

# Below those that the system hands out for outgoing connections and for port 0: a
# port of theirs may be gone by the time the server starts.
_PORTS = range(15_000, 32_000)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    while True:
        # The system's own randomness: tests seed the other one alike.
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
