"""Declarations drawn at random and verified as `/verify` does, and the log's state."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import StopValidation

from signer.web.desk.record.room import blueprint
from signer.web.desk.session import act
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm
from signer.web.session import context, settings
from signer.web.verify.pool import VerificationPool
from signer.web.verify.presenter import Verdict, verdict_on
from signer.workflows.desk.actions import record_action
from signer.workflows.log.cosigning.standing import witness_standings
from signer.workflows.log.publish import signed_log
from signer.workflows.record.sample import MOST, Drawn, draw_sample

MOST_SECONDS = 20.0
"""How long one sample is verified: those left then are told as not checked."""

_SEED = re.compile(r"[A-Za-z0-9-]{1,64}")


class SampleForm(PlainForm):
    """How many, and what chance begins with."""

    count = StringField()
    seed = StringField()

    @property
    def number(self) -> int:
        """How many are wanted."""
        return number_in(self.count.data or "") or 0

    def validate_count(self, field: StringField) -> None:
        """A number that can be verified while somebody waits."""
        if not 1 <= self.number <= MOST:
            raise StopValidation(f"Enter a number from 1 to {MOST}.")
        del field

    def validate_seed(self, field: StringField) -> None:
        """Letters and digits, so that it can be written down."""
        if not _SEED.fullmatch(field.data or ""):
            raise StopValidation("Enter up to 64 letters, digits and hyphens.")


@blueprint.get("/sample")
def sample() -> ResponseReturnValue:
    """The form, with a seed that nobody has chosen."""
    form = SampleForm()
    form.count.data, form.seed.data = "5", secrets.token_hex(8)
    return render_template("desk/record/sample.html", form=form, most=MOST, drawn=None)


@blueprint.post("/sample")
def draw() -> ResponseReturnValue:
    """Draw them and verify each; that this was done is recorded."""
    form, drawn = SampleForm(), None
    if form.validate():
        seed = form.seed.data or ""
        with act("record:sample", details=f"{form.number} by seed {seed}"):
            record_action(context())
        drawn = list(_verified(draw_sample(context(), form.number, seed)))
    page = render_template("desk/record/sample.html", form=form, most=MOST, drawn=drawn)
    return page, form.status if drawn is None else 200


@blueprint.get("/log")
def log() -> ResponseReturnValue:
    """The log's newest signed head, and how many witnesses keep it."""
    return render_template(
        "desk/record/log.html",
        log=signed_log(context()),
        servers=witness_standings(context()),
        witnesses=len(settings().witnesses),
    )


def _verified(drawn: tuple[Drawn, ...]) -> Iterator[tuple[Drawn, Verdict | None]]:
    """Each with its verdict; None where others are being checked, or time is over."""
    pool: VerificationPool = current_app.extensions["verification_pool"]
    until = time.monotonic() + MOST_SECONDS
    for one in drawn:
        report = None
        if time.monotonic() < until:
            report = pool.check(one.pdf, None, None)
        yield one, verdict_on(report) if report else None
