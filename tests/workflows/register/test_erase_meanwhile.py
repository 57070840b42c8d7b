"""A parent is erased while the worker is busy with them, and nobody fails."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from signer.register.rows import read_register
from signer.store.log.append import append_leaf
from signer.workflows.declarations import seal
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.mailing.send import send_mail
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.requests import sign
from tests.conftest import PEOPLE
from tests.workflows.conftest import answers, snapshot

if TYPE_CHECKING:
    from email.message import EmailMessage

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

AMIRA = "amira@example.org"


@pytest.fixture
def unsealed(
    app_context: AppContext, amira: Followed, monkeypatch: pytest.MonkeyPatch
) -> AppContext:
    """Amira signed, has no seal yet, and has left."""
    assert amira.request_ref
    assert amira.link_fingerprint
    with monkeypatch.context() as patched:
        patched.setattr(sign, "seal_statement", lambda *_: None)
        sign.sign_declaration(
            app_context,
            amira.request_ref,
            link_fingerprint=amira.link_fingerprint,
            answers=answers(app_context),
        )
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    return app_context


def test_who_is_erased_while_the_pdf_is_made_gets_none(
    unsealed: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The PDF is thrown away, and the others' turn comes."""
    made = seal.seal_as_asked

    def erased_meanwhile(app_context: AppContext, pdf: bytes) -> Any:
        erase_parent(app_context, AMIRA)
        return made(app_context, pdf)

    monkeypatch.setattr(seal, "seal_as_asked", erased_meanwhile)
    seal_outstanding(unsealed)
    assert "amira" not in repr(snapshot(unsealed)).casefold()


def test_who_is_erased_while_sealing_fails_is_forgotten(
    unsealed: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nobody left to record the failure with."""

    def erased_meanwhile(app_context: AppContext, _pdf: bytes) -> None:
        erase_parent(app_context, AMIRA)
        raise OSError

    monkeypatch.setattr(seal, "seal_as_asked", erased_meanwhile)
    assert seal_outstanding(unsealed) == 0


def test_erasing_waits_for_the_seal_that_is_being_stored(
    unsealed: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both want the declaration before the log, so that neither has to give way."""
    sealing = threading.Event()

    def slow(*arguments: Any, **evidence: Any) -> int:
        if arguments[1] == "declaration:sealed":
            sealing.set()
            time.sleep(1)
        return append_leaf(*arguments, **evidence)

    monkeypatch.setattr(seal, "append_leaf", slow)
    failed = []

    def work() -> None:
        try:
            seal_outstanding(unsealed)
        except Exception as error:  # noqa: BLE001 - it is looked at below
            failed.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    assert sealing.wait(30)
    erased = erase_parent(unsealed, AMIRA)
    worker.join()
    assert failed == []
    # Signed and sealed.
    assert len(erased.entries) == 2


def test_who_is_erased_while_a_mail_goes_out_stops_no_worker(
    unsealed: AppContext,
) -> None:
    """The mail was on its way; what came of it is noted nowhere."""
    seal_outstanding(unsealed)
    went: list[str] = []

    class Slow:
        def send(self, message: EmailMessage) -> str:
            went.append(message["To"])
            if AMIRA in message["To"]:
                erase_parent(unsealed, AMIRA)
            return "250 ok"

    send_mail(unsealed, Slow())
    assert any(AMIRA in one for one in went)
    assert "amira" not in repr(snapshot(unsealed)).casefold()
