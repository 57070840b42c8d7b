"""What a dishonest operator does to the log is noticed by each who looks.

The operator has the log's key and the whole record, and signs what was made of it: only
what somebody outside has seen can tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.audit.bundled.follow import ContradictionError, Key, follow
from signer.errors import CheckFailed
from signer.store.tables import Outbox
from signer.workflows.declarations.still_stands import still_stands
from signer.workflows.log.check import check_log
from signer.workflows.log.cosigning.cosign import cosign_head
from signer.workflows.log.cosigning.standing import witness_standings
from signer.workflows.log.inclusion_proofs import proof_of_leaf
from signer.workflows.log.mirror import mirror_log
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.audit.mirrored_log import served
from tests.workflows.log import logs
from tests.workflows.log.cosigning.witness import naming, witnessing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext


def rewritten(app_context: AppContext) -> None:
    """One entry says something else, and the tree above it fits."""
    logs.rewrite(app_context, 3)
    logs.regrow(app_context)


def rolled_back(app_context: AppContext) -> None:
    """The newest entries are gone."""
    logs.truncate(app_context, 7)


def forked(app_context: AppContext) -> None:
    """Others came in the place of the newest, and more of them."""
    logs.truncate(app_context, 7)
    logs.append(app_context.sessions, 20)


DEEDS = [rewritten, rolled_back, forked]


@pytest.fixture(params=DEEDS, ids=lambda one: str(one.__name__))
def deed(request: pytest.FixtureRequest) -> Callable[[AppContext], None]:
    """Does it, and signs what is there then as if nothing else had ever been."""

    def do(app_context: AppContext) -> None:
        request.param(app_context)
        logs.forget_heads(app_context)
        sign_checkpoint(app_context)

    return do


def test_a_witness_notices(
    logged: AppContext, deed: Callable[[AppContext], None]
) -> None:
    """It cosigns nothing more, and the headteacher's address has an alarm."""
    with witnessing() as witness:
        naming(logged, witness)
        cosign_head(logged)
        deed(logged)
        assert cosign_head(logged) == 0
    [standing] = witness_standings(logged)
    assert standing.contradicts
    with logged.sessions.reading() as session:
        [alarm] = session.scalars(select(Outbox.occasion))
    assert alarm.startswith("alarm:witness:")


def test_a_monitor_notices(
    logged: AppContext, deed: Callable[[AppContext], None], tmp_path: Path
) -> None:
    """Whoever follows the log from outside is told, and has both signed heads."""
    folder, state = tmp_path / "served", tmp_path / "state"
    mirror_log(logged, folder)
    key = Key.read(str(verifiers(logged)[0]))
    with served(folder) as address:
        follow(address, key, state)
        deed(logged)
        mirror_log(logged, folder)
        with pytest.raises(ContradictionError):
            follow(address, key, state)
    assert len(list(state.glob("*"))) == 2


def test_a_held_checkpoint_notices(
    logged: AppContext, deed: Callable[[AppContext], None]
) -> None:
    """Whoever kept a head in any file compares it with signer log check --held."""
    note = sign_checkpoint(logged)
    assert note
    deed(logged)
    report = check_log(logged, [("kept", note)])
    assert report.problems == ()
    [answer] = report.held
    assert answer.problem
    assert not report.is_whole


def test_a_parents_proof_notices(
    logged: AppContext, deed: Callable[[AppContext], None]
) -> None:
    """The proof that came with a receipt tells that the log is another one."""
    with logged.sessions.reading() as session:
        proof = proof_of_leaf(session, 9)
    assert proof
    known = verifiers(logged)
    assert still_stands(logged.sessions, proof, known).entry == 9
    deed(logged)
    with pytest.raises(CheckFailed, match="not the one that this proof"):
        still_stands(logged.sessions, proof, known)
