"""Which network a request comes from."""

from __future__ import annotations

import pytest

from signer.web.proxies.client_network import client_network

PEER = "11.0.0.1"


@pytest.mark.parametrize(
    ("peer", "chain", "hops", "expected"),
    [
        (PEER, None, 0, PEER),
        (PEER, "11.9.9.9", 0, PEER),
        (PEER, "11.9.9.9", 1, "11.9.9.9"),
        (PEER, "11.1.1.1, 11.9.9.9", 1, "11.9.9.9"),
        (PEER, "11.1.1.1,11.8.8.8 , 11.9.9.9", 2, "11.8.8.8"),
        ("::ffff:11.0.0.1", None, 0, PEER),
        ("2a00:1450:1:2:3:4:5:6", None, 0, "2a00:1450:1:2::/64"),
        (PEER, "2a00:1450:1:2::1", 1, "2a00:1450:1:2::/64"),
    ],
)
def test_what_the_trusted_proxy_saw_counts(
    peer: str, chain: str | None, hops: int, expected: str
) -> None:
    """Nothing that the client itself may have written; of IPv6, a household's part."""
    environ = {"REMOTE_ADDR": peer}
    if chain is not None:
        environ["HTTP_X_FORWARDED_FOR"] = chain
    assert client_network(environ, hops) == expected


@pytest.mark.parametrize(
    ("peer", "chain", "hops"),
    [
        ("127.0.0.1", "", 0),
        ("::1", "", 0),
        ("::ffff:127.0.0.1", "", 0),
        ("172.18.0.2", "11.9.9.9", 0),
        ("fe80::1%eth0", "", 0),
        ("", "", 0),
        ("localhost", "", 0),
        (PEER, "", 1),
        (PEER, "11.9.9.9", 2),
        (PEER, "11.9.9.9, 100.64.0.7", 1),
        (PEER, "unknown", 1),
        (PEER, "11.9.9.9,", 1),
    ],
)
def test_whoever_is_not_told_apart_is_nobody(peer: str, chain: str, hops: int) -> None:
    """All who come by a proxy would share one limit."""
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": chain}
    assert client_network(environ, hops) is None
