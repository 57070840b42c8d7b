"""signer retention, as the office types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from signer.errors import ParentHeld
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import AppContext
from signer.workflows.register.erase import erase_parent
from tests.cli.invoking import signer
from tests.workflows.retention.leaving import YEAR, leave

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def gone(app_context: AppContext, frozen: Callable[[timedelta], None]) -> AppContext:
    """Wang was asked, did not sign, and left on 22 November 2026."""
    ask_parents(app_context)
    leave(app_context, "王")
    frozen(YEAR - timedelta(days=31))
    return app_context


def test_what_will_be_deleted_is_shown_before(gone: AppContext) -> None:
    """Whose, what, and on which day; further ahead where asked for."""
    done = signer(gone.settings, "retention", "--json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["years"]["declarations"] == 6
    assert [(it["kind"], it["due_on"], it["past"]) for it in document["due"]] == [
        ("unsigned", "2027-11-22", False),
        ("parents", "2027-11-22", False),
    ]
    assert {it["email"] for it in document["due"]} == {"wang@example.org"}
    done = signer(gone.settings, "retention", "--until", "2027-11-21")
    assert "Nothing is due to be deleted up to 2027-11-21." in done.stdout
    done = signer(gone.settings, "retention", COLUMNS="200")
    assert "wang@example.org" in done.stdout
    assert "at least 14 days before" in done.stdout


def test_a_hold_keeps_a_parent_from_being_erased(gone: AppContext) -> None:
    """By age or by command; ending it is said, and ending none is a no."""
    wang = "wang@example.org"
    done = signer(gone.settings, "retention", "hold", wang, "--reason", "A complaint")
    assert "nothing of this parent is deleted" in done.stdout
    with pytest.raises(ParentHeld):
        erase_parent(gone, wang)
    done = signer(gone.settings, "parent", "erase", wang, "--yes")
    assert done.exit_code == 1
    assert "signer retention release" in done.stderr
    done = signer(gone.settings, "retention", COLUMNS="200")
    assert "held" in done.stdout
    assert signer(gone.settings, "retention", "release", wang).exit_code == 0
    done = signer(gone.settings, "retention", "release", wang)
    assert (done.exit_code, "was not held" in done.stderr) == (1, True)
