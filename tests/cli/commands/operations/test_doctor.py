"""signer doctor, as somebody types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from signer.workflows.operations.doctor import examination
from tests.cli.invoking import signer
from tests.ports import free_port

if TYPE_CHECKING:
    from signer.config import Settings
    from signer.workflows.context import AppContext

# Nothing here depends on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_doctor_tells_people_and_programs(
    settings: Settings, app_context: AppContext
) -> None:
    """A table or a document, and exit code 1 while there is a problem."""
    del app_context
    told = signer(settings, "doctor")
    assert told.exit_code == 1
    assert "SIGNER_MAIL_URL" in told.output
    done = signer(settings, "doctor", "--json")
    assert done.exit_code == 1
    document = json.loads(done.stdout)
    problems = [one for one in document["checks"] if one["outcome"] == "problem"]
    assert document["problems"] == len(problems) > 0
    # The settings of the tests lead nowhere else, and nobody serves them.
    assert "public address" in {one["about"] for one in problems}
    assert all(one["what_to_do"] for one in problems)
    assert settings.secret_keys[0] not in done.stdout
    assert settings.seal_passphrase not in done.stdout


@pytest.mark.parametrize("address", ["nobody", "a@x.test,b@x.test", "A <a@x.test>"])
def test_a_test_mail_goes_to_one_address(settings: Settings, address: str) -> None:
    """Anything else is wrong usage."""
    done = signer(settings, "doctor", "--mail-to", address)
    assert done.exit_code == 2


def test_without_secrets_the_rest_is_still_checked(settings: Settings) -> None:
    """What keeps the service from starting is one line among the others."""
    done = signer(settings, "doctor", "--json", SIGNER_SECRET_KEYS="")
    document = json.loads(done.stdout)
    about = {one["about"] for one in document["checks"]}
    assert {"secrets", "site's version", "instance folder"} <= about


def test_what_one_check_finds_wrong_no_other_calls_well(
    settings: Settings, app_context: AppContext
) -> None:
    """A mail server that cannot be reached is not among what readiness praises."""
    del app_context
    unreachable = f"smtp://127.0.0.1:{free_port()}"
    done = signer(settings, "doctor", "--json", SIGNER_MAIL_URL=unreachable)
    document = json.loads(done.stdout)
    outcomes = {one["about"]: one for one in document["checks"]}
    assert outcomes["mail server"]["outcome"] == "problem"
    assert "mail" not in outcomes["readiness"]["found"]


def test_a_check_that_fails_itself_ends_no_other(
    settings: Settings, app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a problem like others, by the name of the error alone."""
    del app_context

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(examination, "check_mail_server", fail)
    monkeypatch.setattr(examination, "check_site", fail)
    outcomes = {one.about: one for one in examination.examine_all(settings)}
    for about in ("mail server", "site's version"):
        assert outcomes[about].outcome == "problem"
        assert "ZeroDivisionError" in outcomes[about].found
    assert "database and versions" in outcomes
