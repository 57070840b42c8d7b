"""The public page on which anybody checks a declaration.

Nothing of it is kept but the head in a proof that contradicts the log, which names no
one.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from io import BytesIO
from typing import IO, cast

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    current_app,
    g,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from signer.audit.inclusion import said_by
from signer.declaration.verify import LOG, Outcome, Report
from signer.errors import (
    CheckFailed,
    EntryLost,
    LogContradicted,
    NotChecked,
    ProofRefused,
    SignerError,
)
from signer.i18n import ENGLISH
from signer.ledger.commitments import SALT_BYTES
from signer.ledger.proof_files import HEADER, LARGEST_FILE, as_it_was, read_proof
from signer.web.evidence.public_pages import page
from signer.web.proxies.client_network import client_network
from signer.web.session import settings
from signer.web.verify.pool import VerificationPool
from signer.web.verify.presenter import verdict_on

blueprint = Blueprint("verify", __name__, url_prefix="/verify")

MOST_BYTES = 10_000_000
"""The largest file that is taken; a declaration has a hundredth of that."""

COME_AGAIN_SECONDS = 10

LARGEST_BODY = MOST_BYTES + LARGEST_FILE + 100_000
"""The longest form that is read: both files, and what stands around them."""

_PARTS = 10
_FIELD_BYTES = 2 * MultiPartParser().buffer_size
"""The longest part that is no file. Werkzeug also holds each chunk that it reads to
this, together with what it keeps of the one before: a chunk alone would be too little
wherever a line of the file ends shortly before its chunk does."""
# A browser shows no answer before it has sent everything, or a moment's patience ends.
_DRAINED_BYTES = 100_000_000
_DRAIN_SECONDS = 20
_DRAINED_AT_ONCE = 2**16

_NONE = "Choose the PDF file of a declaration."
_EMPTY = "This file is empty. Choose the PDF as it was sent to you."
_NO_PDF = (
    "This file is not a PDF. Choose the PDF as it was sent to you: a photo, a print or "
    "a copy in another form cannot be checked."
)
_LARGE = (
    f"This file is larger than {MOST_BYTES // 1_000_000} MB, which no declaration is. "
    "Choose the PDF as it was sent to you."
)
_NO_PROOF = (
    "This file is not a proof. The name of a proof ends in .tlog-proof. Choose the "
    "declaration again, with its proof or without one: we have not kept either file."
)


class InMemory(Request):
    """A request whose files never touch a disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        return BytesIO()


@dataclass(slots=True)
class Choice:
    """A file to choose.

    Attributes:
        id: of the field on the page.
        errors: what is wrong with what was chosen.
    """

    id: str
    errors: tuple[str, ...] = ()


class VerifyForm:
    """The two files, and what is wrong with them."""

    unproven = False

    def __init__(self) -> None:
        self.pdf = Choice("pdf")
        self.proof = Choice("proof")

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The id of each field at fault, and what to do about it."""
        both = (self.pdf, self.proof)
        return [(one.id, said) for one in both for said in one.errors]


def install(app: Flask) -> None:
    """Let files be checked."""
    app.request_class = InMemory
    app.extensions["verification_pool"] = VerificationPool(
        context=app.extensions["context"]
    )


@blueprint.get("", strict_slashes=False)
def ask() -> ResponseReturnValue:
    """The form."""
    return page("verify/ask.html", form=VerifyForm())


@blueprint.post("", strict_slashes=False)
def check() -> ResponseReturnValue:
    """Check a file, and answer at once; what was sent is gone with the answer.

    Of a proof that contradicts the log its signed head is kept, which names no one.
    """
    form = VerifyForm()
    client = client_network(request.environ, settings().proxy_hops)
    if refusal := _refusal(client):
        return refusal
    # Each before anything of the body is read.
    request.max_content_length = LARGEST_BODY
    request.max_form_parts = _PARTS
    request.max_form_memory_size = _FIELD_BYTES
    try:
        pdf, proof = _file("pdf", MOST_BYTES), _file("proof", LARGEST_FILE)
    except RequestEntityTooLarge:
        _drain()
        form.pdf.errors = (_LARGE,)
        return _shown("verify/ask.html", 413, form=form)
    form.pdf.errors = _problems(pdf)
    proof_text = as_it_was(proof.decode(errors="replace")) if proof else None
    if proof_text and not proof_text.startswith(HEADER):
        form.proof.errors = (_NO_PROOF,)
    if pdf is None and proof_text and not form.proof.errors:
        return _proof_alone(proof_text)
    if pdf is None or form.problems:
        return _shown("verify/ask.html", 422, form=form)
    return _checked(pdf, proof_text, client)


def _checked(pdf: bytes, proof_text: str | None, client: str | None) -> Response:
    try:
        report = _desk().check(pdf, proof_text, client)
    except SignerError:
        current_app.logger.critical("no file can be checked", exc_info=True)
        return _later("verify/unable.html")
    if report is None:
        return _later("verify/busy.html")
    today = None
    if report.genuine and proof_text and _log_is(report, Outcome.PASSED):
        today = _desk().stands(read_proof(proof_text))
    return _shown(
        "verify/verdict.html",
        200,
        verdict=verdict_on(report),
        today=today,
        contradicted=_contradicts(proof_text, report),
    )


def _contradicts(proof_text: str | None, report: Report) -> bool:
    """Whether today's log does not fit a proof, so that the head in it is kept."""
    if proof_text is None or _log_is(report, Outcome.PASSED):
        return False
    try:
        _desk().stands(read_proof(proof_text))
    except (LogContradicted, EntryLost):
        return True
    except (CheckFailed, NotChecked, ProofRefused):
        return False
    return False


def _log_is(report: Report, outcome: Outcome) -> bool:
    return any(one.name == LOG and one.outcome is outcome for one in report.checks)


def _proof_alone(text: str) -> Response:
    """Whether what a proof vouches for still stands, with nothing said of any file."""
    today, reference, contradicted, lost, reason = None, "", False, False, ""
    try:
        proof = read_proof(text)
        today = _desk().stands(proof)
        reference = str(said_by(proof.extra[SALT_BYTES:]).get("declaration", ""))
    except ProofRefused:
        reason = "This file cannot be read as a proof: it is damaged."
    except CheckFailed as no:
        contradicted, reason = isinstance(no, LogContradicted), no.sentence
    except NotChecked as unknown:
        lost, reason = isinstance(unknown, EntryLost), unknown.sentence
    return _shown(
        "verify/proof.html",
        200,
        today=today,
        reference=reference,
        contradicted=contradicted,
        lost=lost,
        reason=reason,
    )


def _refusal(client: str | None) -> Response | None:
    """The answer to a file that is not looked at now, before it is read."""
    if seconds := _desk().admission.wait(client):
        minutes = math.ceil(seconds / 60)
        return _later("verify/often.html", 429, 60 * minutes, minutes=minutes)
    if request.environ.get("signer.crowded"):
        # The server holds too many long forms already, and has forgotten this one.
        return _later("verify/busy.html")
    return None


def _file(name: str, most: int) -> bytes | None:
    """A file that was sent; None where none was chosen.

    Raises:
        RequestEntityTooLarge: it, or all of it together, is too large.
    """
    sent: FileStorage | None = request.files.get(name)
    if sent is None:
        return None
    content = sent.stream.read(most + 1)
    if len(content) > most:
        raise RequestEntityTooLarge
    # A browser sends a file without a name where none was chosen.
    return content if content or sent.filename else None


def _problems(pdf: bytes | None) -> tuple[str, ...]:
    if pdf is None:
        return (_NONE,)
    if not pdf:
        return (_EMPTY,)
    return () if pdf.startswith(b"%PDF-") else (_NO_PDF,)


def _drain() -> None:
    """Take in and forget what is still to come, so that the answer can be seen."""
    stream = cast("IO[bytes]", request.environ["wsgi.input"])
    left = min(request.content_length or 0, _DRAINED_BYTES)
    until = time.monotonic() + _DRAIN_SECONDS
    try:
        while left > 0 and time.monotonic() < until:
            taken = len(stream.read(min(left, _DRAINED_AT_ONCE)))
            left = left - taken if taken else 0
    except OSError:
        return


def _shown(template: str, status: int, **values: object) -> Response:
    g.language = ENGLISH
    answer = current_app.make_response(
        (render_template(template, languages=(), **values), status)
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _later(
    template: str,
    status: int = 503,
    seconds: int = COME_AGAIN_SECONDS,
    **values: object,
) -> Response:
    answer = _shown(template, status, **values)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _desk() -> VerificationPool:
    desk: VerificationPool = current_app.extensions["verification_pool"]
    return desk
