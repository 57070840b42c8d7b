"""The host's build hook: called once, told of by its host alone, tried again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from signer.config import load
from signer.errors import HookRefused, SettingsError
from signer.workflows.release import build_hook
from signer.workflows.release.build_hook import call_build_hook
from tests.workflows.release.hook_server import SECRET, HookServer, hook_server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def hook() -> Iterator[HookServer]:
    """The host's build hook."""
    with hook_server() as server:
        yield server


def test_the_hook_is_posted_to(hook: HookServer) -> None:
    """It gets one POST, and the answer is told by the host's name."""
    assert call_build_hook(hook.address) == "127.0.0.1 answered 200 OK."
    assert hook.asked == [("POST", SECRET, b"{}")]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_no_other_answer_is_a_yes(hook: HookServer, status: int) -> None:
    """A redirect is not followed; what the host said is told, and its secret is not."""
    hook.status = status
    with pytest.raises(HookRefused, match=f"answered {status}") as caught:
        call_build_hook(hook.address)
    assert SECRET not in str(caught.value)
    assert len(hook.asked) == 1


def test_a_slow_host_is_not_waited_for(
    hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the time is over, that is told."""
    monkeypatch.setattr(build_hook, "HOOK_SECONDS", 0.2)
    hook.let_go = threading.Event()
    with pytest.raises(HookRefused, match=r"did not answer|could not be reached"):
        call_build_hook(hook.address)


def test_a_host_that_is_not_there_is_told() -> None:
    """Nothing listens: the reason is told, and the secret is not."""
    with hook_server() as gone:
        address = gone.address
    with pytest.raises(HookRefused, match="Connection refused") as caught:
        call_build_hook(address)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.netlify.com/build_hooks/1",
        "ftp://127.0.0.1/hook",
        "https://user:word@host.example/hook",
        "https://host.example:port/hook",
        "http://127.0.0.1.host.example/hook",
        "https:///hook",
    ],
)
def test_the_hook_is_at_https_or_on_this_machine(address: str) -> None:
    """Anything else is refused, without repeating it."""
    with pytest.raises(SettingsError, match="SIGNER_BUILD_HOOK") as caught:
        load({"SIGNER_BUILD_HOOK": address})
    assert address not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["https://api.netlify.com/build_hooks/1", "http://127.0.0.1:8080/hook"]
)
def test_settings_do_not_show_the_hook(address: str) -> None:
    """It is a secret: whoever knows it can call it."""
    settings = load({"SIGNER_BUILD_HOOK": address})
    assert settings.build_hook == address
    assert address not in repr(settings)
