"""Few files are checked at the same time; the others wait, or are told to come back."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from signer.web.overload.admission import LEAST_SECONDS, SAVED_SECONDS, Admission
from signer.web.proxies.client_network import client_network
from signer.web.verify.pool import VerificationPool
from tests.web.browsing import ADDRESS, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from flask import Flask

from tests.web.verify.sending import form_of

CLIENT = "11.0.0.1"


def sent_from(app: Flask, address: str, pdf: bytes, **environ: str) -> Page:
    """What somebody at an address is answered."""
    answer = app.test_client().post(
        "/verify",
        base_url=ADDRESS,
        environ_overrides={"REMOTE_ADDR": address, **environ},
        **form_of({"pdf": (pdf, "declaration.pdf")}),
    )
    return Page("", answer)


def test_when_two_are_being_checked_a_third_is_asked_to_wait(
    app: Flask, send: Callable[..., Page], pdf: bytes
) -> None:
    """Calmly, with when to come again; afterwards there is room."""
    admission = app.extensions["verification_pool"].admission
    with admission.place(None):
        assert send(pdf).heading == "This declaration is genuine"
        with admission.place(None):
            page = send(pdf)
    assert page.status == 503
    assert page.heading == "Wait a moment"
    assert page.headers["Retry-After"] == "10"
    assert "Set-Cookie" not in page.headers
    assert send(pdf).heading == "This declaration is genuine"


def test_one_file_waits_for_its_turn(
    app: Flask, send: Callable[..., Page], pdf: bytes
) -> None:
    """A further one is told at once: whoever waits holds a thread."""
    desk = app.extensions["verification_pool"]
    desk.patience = 10_000.0
    admission = desk.admission
    with admission.place(None), admission.place(None), admission.queue:
        page = send(pdf)
    assert page.status == 503
    assert page.heading == "Wait a moment"


def test_a_second_file_of_one_client_waits_while_another_is_served(
    app: Flask, pdf: bytes
) -> None:
    """A place is left to others, whoever sends however many files."""
    admission = app.extensions["verification_pool"].admission
    client = client_network({"REMOTE_ADDR": CLIENT}, 0)
    with admission.place(client), admission.queue:
        refused = sent_from(app, CLIENT, pdf)
        other = sent_from(app, "11.0.0.2", pdf)
    assert (refused.status, refused.heading) == (503, "Wait a moment")
    assert other.heading == "This declaration is genuine"
    assert sent_from(app, CLIENT, pdf).heading == "This declaration is genuine"


def test_whoever_has_sent_many_files_is_told_when_to_come_back(
    app: Flask, pdf: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """By the address that the trusted proxy tells, which no log holds."""
    app.extensions["settings"] = replace(app.extensions["settings"], proxy_hops=1)
    desk = app.extensions["verification_pool"] = VerificationPool(
        app.extensions["context"], admission=Admission()
    )
    caplog.set_level(logging.DEBUG)
    for _ in range(round(SAVED_SECONDS / LEAST_SECONDS) + 1):
        with desk.admission.place(CLIENT) as admitted:
            assert admitted
    chain = f"11.0.0.9, {CLIENT}"
    page = sent_from(app, "127.0.0.1", pdf, HTTP_X_FORWARDED_FOR=chain)
    assert (page.status, page.heading) == (429, "Come back in a few minutes")
    assert "Wait 1 minute, then" in page.text
    assert page.headers["Retry-After"] == "60"
    assert page.headers["Cache-Control"] == "no-store"
    turned = f"{CLIENT}, 11.0.0.9"
    page = sent_from(app, "127.0.0.1", pdf, HTTP_X_FORWARDED_FOR=turned)
    assert page.heading == "This declaration is genuine"
    assert CLIENT not in caplog.text


def test_a_file_that_the_server_could_not_hold_is_asked_for_later(
    app: Flask, pdf: bytes
) -> None:
    """It holds a few long forms, and forgets what comes beside them."""
    sent = form_of({"pdf": (pdf, "declaration.pdf")})
    crowded = {"signer.crowded": True}
    answer = app.test_client().post(
        "/verify", base_url=ADDRESS, environ_overrides=crowded, **sent
    )
    page = Page("", answer)
    assert (page.status, page.heading) == (503, "Wait a moment")


def test_three_at_once_are_all_answered(app: Flask, pdf: bytes) -> None:
    """One of them waits for its turn, which is soon."""
    app.extensions["verification_pool"].patience = 60.0

    def check(_: int) -> str:
        return sent_from(app, "127.0.0.1", pdf).heading

    with ThreadPoolExecutor(3) as threads:
        found = set(threads.map(check, range(8)))
    assert found == {"This declaration is genuine"}
