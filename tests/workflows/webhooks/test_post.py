"""A post goes to the public internet alone, and never where a redirect leads."""

from __future__ import annotations

import socket
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.config import Settings
from signer.errors import SettingsError, WebhookFailed
from signer.workflows.webhooks.endpoints import endpoints_of
from signer.workflows.webhooks.post import is_public, post
from tests.workflows.webhooks.receiver import receiving

if TYPE_CHECKING:
    from typing import Any

SECRET = "whsec_" + b64encode(bytes(24)).decode()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("0.1.2.3", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:0a00:0001::", "2001:0:1:2:3:4:5:6"),
    ],
)
def test_no_address_within_a_network_is_public(address: str) -> None:
    """However it is wrapped."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    """And can be told."""
    assert is_public(address)


def test_a_name_is_looked_at_when_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it led to before: one private address among several is enough."""
    with receiving() as receiver:
        port = int(receiver.address.rpartition(":")[2])
        given = Settings(
            webhooks=(f"http://hook.example:{port}/ {SECRET}",), webhooks_private=True
        )
        (endpoint,) = endpoints_of(given)

        def leads(*_: object, **__: object) -> list[Any]:
            kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            return [
                (*kind, ("93.184.215.14", port)),
                (*kind, ("127.0.0.1", port)),
            ][::-1]

        monkeypatch.setattr(socket, "getaddrinfo", leads)
        with pytest.raises(WebhookFailed, match="not public"):
            post(endpoint, b"{}", {}, private=False)
        assert receiver.got == []
        post(endpoint, b"{}", {}, private=True)
        assert receiver.got[0][1]["host"] == f"hook.example:{port}"


@pytest.mark.parametrize(
    "given",
    [
        "https://a.example/hook",
        f"http://a.example/hook {SECRET}",
        f"ftp://a.example/hook {SECRET}",
        f"https://user:word@a.example/hook {SECRET}",
        f"https:///hook {SECRET}",
        f"https://a.example:99999/hook {SECRET}",
        "https://a.example/hook whsec_c2hvcnQ=",
        "https://a.example/hook secret",
    ],
)
def test_what_is_no_address_with_a_secret_is_refused(given: str) -> None:
    """When a process starts; the message holds no secret."""
    with pytest.raises(SettingsError, match="SIGNER_WEBHOOKS") as refused:
        endpoints_of(Settings(webhooks=(given,)))
    assert "word" not in str(refused.value).replace("password", "")
    assert SECRET not in str(refused.value)


def test_an_address_stands_there_once() -> None:
    """Twice would be told twice, under two secrets."""
    one = Settings(webhooks=(f"https://a.example/hook {SECRET}",))
    (endpoint,) = endpoints_of(one)
    assert (endpoint.host, endpoint.port, endpoint.path) == ("a.example", 443, "/hook")
    with pytest.raises(SettingsError, match="twice"):
        endpoints_of(replace(one, webhooks=one.webhooks * 2))
