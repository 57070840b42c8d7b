"""The public page on which anybody checks a declaration."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.declaration.verify import NAMES
from signer.errors import LogBroken
from signer.mail.kinds import Kind
from signer.pki.make_keys import make_keys
from signer.pki.rotation import AuthorityKey, publish_list
from signer.store.tables import Declaration, Outbox, SealedPdf
from signer.web import create_app
from signer.web.verify.pool import VerificationPool
from signer.web.verify.presenter import TITLES
from signer.web.verify.views import MOST_BYTES
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.mailing.alarms import alarm_letter
from tests.conftest import MOMENT, PASSPHRASE
from tests.declaration.forgery import genuine, key_folder, with_a_page_appended
from tests.declaration.hostile import with_a_number_of, with_cross_reference_bomb
from tests.web.browsing import ADDRESS, Browser, Page
from tests.workflows.conftest import snapshot
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.pki.make_keys import KeyFiles
    from signer.workflows.context import AppContext
from tests.web.verify.sending import NAME, form_of

BUTTON = "Check this file"


def answers(page: Page) -> list[str]:
    """What stands beside each check."""
    found = page.tree.xpath("//ol[@class='checks']/li//span[@class='answer']")
    return [one.text_content().strip() for one in found]


def test_the_form_asks_for_a_file(stranger: Browser) -> None:
    """It is the same for everybody: no cookie, no script, and it may be kept."""
    page = stranger.open("/verify")
    assert page.status == 200
    assert page.heading == "Check a declaration"
    assert page.buttons == [BUTTON]
    assert "Set-Cookie" not in page.headers
    assert page.tree.xpath("//script") == []
    for field in page.tree.xpath("//input[@type='file']"):
        assert page.tree.xpath("//label[@for=$id]", id=field.get("id"))
        assert page.tree.xpath("//*[@id=$id]", id=field.get("aria-describedby"))
    assert stranger.open("/verify/").heading == page.heading


def test_a_genuine_declaration_is_told_with_who_and_when(
    send: Callable[..., Page], pdf: bytes
) -> None:
    """In words, with what to do next, and each of the fourteen checks."""
    page = send(pdf)
    assert page.status == 200
    assert page.heading == "This declaration is genuine"
    assert page.title.startswith(page.heading)
    for said in ("You can rely on it", NAME, "version 2", "is the one in force"):
        assert said in page.text
    assert len(answers(page)) == len(NAMES)
    assert "No" not in answers(page)
    assert page.text.count("Not checked") == 3
    assert "as the school's own record holds it" in page.text
    assert "which you trust" not in page.text
    assert hashlib.sha256(pdf).hexdigest() in page.text


def test_a_changed_one_is_not_genuine(send: Callable[..., Page], pdf: bytes) -> None:
    """The reason stands at the top, and nobody is named."""
    page = send(with_a_page_appended(pdf))
    assert page.status == 200
    assert page.heading == "This is not genuine"
    assert "Do not rely on it" in page.text
    assert "The seal does not cover the whole file" in page.text
    assert "No" in answers(page)
    assert NAME not in page.text


def test_the_seal_of_a_stranger_names_nobody(
    send: Callable[..., Page], tmp_path: Path
) -> None:
    """Anybody can write the school's name and a parent's into a file."""
    other = make_keys(
        tmp_path / "other",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=MOMENT,
    )
    page = send(genuine(key_folder(other)))
    assert page.heading == "We do not know who sealed this"
    assert "it is not a seal of this school" in page.text
    assert "Do not rely on it" in page.text
    assert NAME not in page.text
    assert "D-7K3M" not in page.text


def test_a_declaration_that_the_record_keeps_otherwise_is_not_genuine(
    send: Callable[..., Page], pdf: bytes, app_context: AppContext
) -> None:
    """However well it is sealed."""
    with app_context.sessions.writing() as session:
        declaration = session.scalars(select(Declaration)).one()
        session.add(SealedPdf(sha256="0" * 64, kept=b""))
        session.flush()
        declaration.pdf_sha256 = "0" * 64
    page = send(pdf)
    assert page.heading == "This is not genuine"
    assert "not, byte for byte, the file in the school's record" in page.text
    assert NAME not in page.text


def test_what_the_record_does_not_have_leaves_it_open(
    send: Callable[..., Page], key_files: KeyFiles
) -> None:
    """A stolen key seals in the school's name what no parent ever signed."""
    page = send(genuine(key_files.seal_key.parent))
    assert page.heading == "We cannot tell"
    assert "The school's record has no such declaration." in page.text
    assert "Do not rely on it until the school office has looked into it" in page.text
    assert NAME not in page.text
    assert "D-7K3M" not in page.text.replace("SHA-256", "")


def test_what_cannot_be_read_leaves_it_open(
    send: Callable[..., Page], pdf: bytes
) -> None:
    """A download that stopped is not called a forgery."""
    page = send(pdf[: len(pdf) // 2])
    assert page.heading == "We cannot tell"
    assert "fetch it again" in page.text
    assert "not a printout, a photo" in page.text


def test_a_proof_is_checked_too(
    send: Callable[..., Page], pdf: bytes, app_context: AppContext
) -> None:
    """With the log's own key; one that was altered makes a "no"."""
    sign_checkpoint(app_context)
    with app_context.sessions.reading() as session:
        named = session.scalars(select(Declaration.id)).one()
        proof = str(proof_of_declaration(app_context, session, named))
    page = send(pdf, proof=(proof.encode(), f"{named}.tlog-proof"))
    assert page.heading == "This declaration is genuine"
    assert "when its head was signed" in page.text
    assert "It is still in the school" in page.text
    bad = (proof.replace("index ", "index 1").encode(), "x.tlog-proof")
    page = send(pdf, proof=bad)
    assert page.heading == "This is not genuine"
    assert "We have not kept your file" in page.text
    assert send(pdf, proof=(b"", "")).heading == "This declaration is genuine"
    photo = send(pdf, proof=(b"\xff\xd8\xff", "photo.jpg"))
    assert photo.status == 422
    [problem] = photo.problems
    assert problem.startswith("This file is not a proof.")
    # The browser has forgotten both files, and so have we.
    assert "Choose the declaration again" in problem


@pytest.mark.usefixtures("pdf")
def test_a_proof_alone_says_whether_it_still_stands(
    send: Callable[..., Page], app_context: AppContext
) -> None:
    """In plain words, with the day from which a checkpoint covers it; then no more."""
    sign_checkpoint(app_context)
    with app_context.sessions.reading() as session:
        named = session.scalars(select(Declaration.id)).one()
        proof = str(proof_of_declaration(app_context, session, named)).encode()
    page = send(b"", proof=(proof, f"{named}.tlog-proof"), name="")
    assert page.heading == "What the log says today"
    assert f"the declaration {named}" in page.text
    assert "It is still in the school" in page.text
    assert "A checkpoint first covered it on 22 November 2026" in page.text
    forged = proof.replace(b"index ", b"index 1")
    page = send(b"", proof=(forged, "x.tlog-proof"), name="")
    assert "does not lead to the log" in page.text
    logs.rewrite(app_context, 0)
    logs.regrow(app_context)
    page = send(b"", proof=(proof, f"{named}.tlog-proof"), name="")
    assert page.heading.endswith("log does not match this proof")
    # Nothing else here remembers, and nothing is signed all the same.
    logs.forget_heads(app_context)
    with pytest.raises(LogBroken, match="a proof that was shown"):
        sign_checkpoint(app_context)


def test_a_proof_that_contradicts_the_log_sounds_an_alarm(
    send: Callable[..., Page], pdf: bytes, app_context: AppContext
) -> None:
    """Once a day, to the headteacher's address, however often it is sent."""
    sign_checkpoint(app_context)
    with app_context.sessions.reading() as session:
        named = session.scalars(select(Declaration.id)).one()
        proof = str(proof_of_declaration(app_context, session, named))
    logs.rewrite(app_context, 0)
    logs.regrow(app_context)
    for _ in range(2):
        page = send(pdf, proof=(proof.encode(), f"{named}.tlog-proof"))
        assert page.heading == "This is not genuine"
        assert "Today's log is not the one that this proof was made from" in page.text
        assert "We have kept the checkpoint in the proof" in page.text
        assert "We have not kept your file" not in page.text
    with app_context.sessions.reading() as session:
        query = select(Outbox).where(Outbox.kind == Kind.HEAD_ALARM.value)
        [alarm] = session.scalars(query)
        assert alarm.occasion.startswith("alarm:contradicted:")
        letter = alarm_letter(app_context, session, alarm)
    assert letter
    assert "contradicts today's log" in str(letter.values["problem"])


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "", "Choose the PDF file of a declaration."),
        (b"", "declaration.pdf", "This file is empty."),
        (b"\xff\xd8\xff\xe0", "photo.jpg", "This file is not a PDF."),
        (b"PK\x03\x04", "declaration.pdf", "This file is not a PDF."),
    ],
)
def test_a_wrong_file_comes_back_with_what_to_do(
    content: bytes, name: str, said: str, send: Callable[..., Page]
) -> None:
    """The form again: the problem is in a summary, beside the field, in the title."""
    page = send(content, name)
    assert page.status == 422
    assert page.title.startswith("Error: ")
    [problem] = page.problems
    assert problem.startswith(said)
    field = page.tree.get_element_by_id("pdf")
    assert field.get("aria-invalid") == "true"
    assert "pdf-error" in field.attrib["aria-describedby"]


def test_a_post_without_any_file_comes_back_as_well(stranger: Browser) -> None:
    """Whatever was sent in its place."""
    for data in ({}, {"pdf": "words"}, b"nothing"):
        page = stranger.post("/verify", data)
        assert page.status == 422
        assert page.problems == ["Choose the PDF file of a declaration."]


def test_a_file_that_is_too_large_is_refused_in_words(
    send: Callable[..., Page], stranger: Browser
) -> None:
    """By a little, by a lot, and where nobody said beforehand how much would come."""
    for size in (MOST_BYTES + 1, 3 * MOST_BYTES):
        page = send(b"%PDF-" + bytes(size))
        assert page.status == 413
        assert page.heading == "Check a declaration"
        assert "larger than 10 MB" in page.problems[0]
    sent = form_of({"pdf": (b"%PDF-" + bytes(2 * MOST_BYTES), "a.pdf")})
    answer = stranger.client.post(
        "/verify",
        input_stream=BytesIO(sent["data"]),
        content_type=sent["content_type"],
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
        base_url=ADDRESS,
    )
    assert answer.status_code == 413
    assert "larger than 10 MB" in answer.text


@pytest.mark.parametrize("size", [200_000, MOST_BYTES])
def test_no_file_is_too_large_for_the_places_of_its_line_ends(
    send: Callable[..., Page], size: int
) -> None:
    """However they lie to the chunks in which it is read."""
    page = send(b"%PDF-1.7".ljust(size, b"\n"))
    assert (page.status, page.problems) == (200, [])


def test_many_small_parts_are_refused(stranger: Browser) -> None:
    """What no form of ours sends is not read to its end."""
    fields = {f"field{number}": "x" for number in range(500)}
    page = stranger.post("/verify", fields, content_type="multipart/form-data")
    assert page.status == 413
    words = form_of({"words": (b"x" * 10**6, "")})
    words["data"] = words["data"].replace(b'; filename=""', b"")
    assert stranger.post("/verify", **words).status == 413


@pytest.mark.parametrize("make", [with_cross_reference_bomb, with_a_number_of])
def test_a_file_that_is_made_to_harm_gets_an_answer(
    make: Callable[[int], bytes],
    app: Flask,
    app_context: AppContext,
    send: Callable[..., Page],
    pdf: bytes,
) -> None:
    """It is stopped, and whoever comes next is answered as ever."""
    app.extensions["verification_pool"].close()
    app.extensions["verification_pool"] = VerificationPool(app_context, seconds=2.0)
    page = send(make(1024 if make is with_cross_reference_bomb else 3_000_000))
    assert page.status == 200
    assert page.heading == "We cannot tell"
    assert send(pdf).heading == "This declaration is genuine"


def test_nothing_is_kept(  # noqa: PLR0917 - fixtures
    send: Callable[..., Page],
    pdf: bytes,
    app_context: AppContext,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No table, no file, no line of a log tells that anybody was here."""
    send(pdf)
    # From here on, no temporary file can be made, not even one without a name.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))

    def files() -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for path in sorted(tmp_path.rglob("*"))
            if path.is_file() and not path.name.endswith(("-shm", "-wal"))
        }

    files_before, rows_before = files(), snapshot(app_context)
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        for content in (pdf, pdf[:-1], b"%PDF-" + bytes(3_000_000), b"no"):
            page = send(content, "Amira Khan's declaration.pdf")
            assert page.status in {200, 422}
            assert page.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in page.headers
    assert files() == files_before
    assert snapshot(app_context) == rows_before
    own = [one.getMessage() for one in caplog.records if one.name.startswith("signer")]
    assert own
    for word in ("Amira", "declaration.pdf", hashlib.sha256(pdf).hexdigest()):
        assert not [one for one in own if word in one]


def test_without_the_school_s_certificate_nothing_is_judged(
    settings: Settings, app_context: AppContext, pdf: bytes, tmp_path: Path
) -> None:
    """A fault of ours never makes a declaration seem a stranger's."""
    app_context.settings = replace(settings, trust_file=tmp_path / "gone.pem")
    app = create_app(settings, app_context)
    page = Browser(app).post("/verify", **form_of({"pdf": (pdf, "a.pdf")}))
    assert page.status == 503
    assert page.heading == "We cannot check files at the moment"
    assert "Retry-After" in page.headers
    app.extensions["verification_pool"].close()


def test_the_revocation_list_is_read_anew(
    settings: Settings,
    app_context: AppContext,
    pdf: bytes,
    key_files: KeyFiles,
    tmp_path: Path,
) -> None:
    """A key that is revoked while the service runs is heeded at the next file."""
    path = tmp_path / "fresh.crl"
    app_context.settings = replace(settings, crl_file=path)
    app = create_app(settings, app_context)
    browser = Browser(app)

    def heading() -> str:
        return browser.post("/verify", **form_of({"pdf": (pdf, "a.pdf")})).heading

    assert heading() == "This declaration is genuine"
    held = AuthorityKey.load(key_files.authority_key, PASSPHRASE, at=MOMENT)
    publish_list(path, held, at=MOMENT - timedelta(days=1), revoke=[key_files.seal])
    assert heading() == "This is not genuine"
    app.extensions["verification_pool"].close()


def test_every_check_has_a_title() -> None:
    """In the order in which they are numbered."""
    assert tuple(TITLES) == NAMES
