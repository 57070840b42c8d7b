"""Settings that contradict each other are found, each by its own sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from signer.config import Settings
from signer.workflows.operations.doctor.outcomes import Outcome
from signer.workflows.operations.doctor.setting_checks import check_settings

FINE = Settings(
    base_url="https://policies.school.test",
    proxy_hops=1,
    mail_url="smtp://mail.school.test",
    mail_from="School <policies@school.test>",
    office_email="office@school.test",
    head_email="head@school.test",
)


def test_settings_that_fit_together_are_fine() -> None:
    """One line says so."""
    (check,) = check_settings(FINE)
    assert check.outcome is Outcome.OK


@pytest.mark.parametrize(
    ("changed", "outcome", "words"),
    [
        ({"base_url": "http://127.0.0.1:8000"}, Outcome.PROBLEM, "own machine"),
        ({"base_url": "https://[::1]"}, Outcome.PROBLEM, "own machine"),
        ({"base_url": "http://policies.school.test"}, Outcome.PROBLEM, "not https"),
        ({"proxy_hops": 0}, Outcome.WARNING, "SIGNER_PROXY_HOPS"),
        ({"origin": FINE.base_url}, Outcome.WARNING, "SIGNER_ORIGIN is"),
        (
            {"origin": "https://x.test", "site_dir": Path("site")},
            Outcome.WARNING,
            "two hosts",
        ),
        ({"proxy_secret": "x" * 32}, Outcome.WARNING, "without SIGNER_ORIGIN"),
        ({"mail_url": ""}, Outcome.PROBLEM, "reaches nobody"),
        ({"mail_url": "folder:/x"}, Outcome.PROBLEM, "reaches nobody"),
        ({"mail_from": "A <a@school.example>"}, Outcome.PROBLEM, "SIGNER_MAIL_FROM"),
        ({"office_email": "a@x.school.example"}, Outcome.PROBLEM, "SIGNER_OFFICE_EM"),
        ({"head_email": "a@example"}, Outcome.PROBLEM, "SIGNER_HEAD_EMAIL"),
        ({"demo": True}, Outcome.PROBLEM, "SIGNER_DEMO is on"),
    ],
)
def test_a_contradiction_is_named(
    changed: dict[str, Any], outcome: Outcome, words: str
) -> None:
    """Each by itself, with what to do about it."""
    (check,) = check_settings(replace(FINE, **changed))
    assert check.outcome is outcome
    assert words in check.found
    assert check.what_to_do
