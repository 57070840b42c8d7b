"""What a machine that watches over the service asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from signer.errors import StoreError
from signer.web.visits import house
from signer.workflows.house import check_ready
from signer.workflows.key_warnings import key_warnings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "alive"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers too, and has the schema of this release.

    What ends soon is told beside it, and keeps the service from nothing.
    """
    try:
        check_ready(house())
    except StoreError:
        return {"status": "the database cannot be used"}, 503
    warnings = [one.problem for one in key_warnings(house())]
    return {"status": "ready", "warnings": warnings}
