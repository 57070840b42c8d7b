"""A witness that others wrote cosigns the log, and notices what is done to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.ledger.cosignatures import WitnessKey, read_cosignatures
from signer.workflows.log.cosigning.cosign import cosign_head
from signer.workflows.log.cosigning.standing import witness_standings
from signer.workflows.log.origins import verifiers
from signer.workflows.log.publish import signed_log
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.judges.litewitness import NAME, lite_witness
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = [
    pytest.mark.tool("go"),
    pytest.mark.tool("ssh-agent"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def test_litewitness_cosigns_the_log_as_it_grows(
    app_context: AppContext, frozen: Callable[[timedelta], None], tmp_path: Path
) -> None:
    """From nothing to 13, 14 and 30; then the log is rewritten, and it does no more."""
    # Its clock is nobody's here to hold.
    frozen(max(timedelta(), datetime.now(UTC) - clock.now()))
    logs.append(app_context.sessions, 13)
    sign_checkpoint(app_context)
    with lite_witness(tmp_path, *verifiers(app_context)) as witness:
        key = WitnessKey.parse(witness.key)
        assert (str(key), key.name) == (witness.key, NAME)
        app_context.settings = replace(
            app_context.settings, witness_servers=(f"{witness.address} {key}",)
        )
        for more in (0, 1, 16):
            logs.append(app_context.sessions, more)
            sign_checkpoint(app_context)
            assert cosign_head(app_context) == 1
            log = signed_log(app_context)
            assert log
            later = clock.now() + timedelta(hours=1)
            [line] = read_cosignatures(log.note, [key], later)
            assert line.witness == key
        logs.rewrite(app_context, 3)
        logs.regrow(app_context)
        logs.forget_heads(app_context)
        logs.append(app_context.sessions, 1)
        sign_checkpoint(app_context)
        assert cosign_head(app_context) == 0
        [standing] = witness_standings(app_context)
        assert standing.contradicts
